"""What visitors may set on any page: the language and the size of letters, and where to go back to."""

from datetime import date

from kit.forms import Form, choice, day, matching, text
from kit.i18n import LANGUAGES, say
from kit.web.asked import BACK_MAX


class LanguageForm(Form):
    """The switch of languages."""

    to: str = choice(LANGUAGES, missing=say("Chợ có tiếng Việt và tiếng Anh. Hãy chọn một trong hai."))
    back: str = text(max_length=BACK_MAX, required=False)


class TextSizeForm(Form):
    """The switch of the size of letters: sent again, it goes back."""

    back: str = text(max_length=BACK_MAX, required=False)


class RuleForm(Form):
    """A dated rule's value from a day on; `because` when the day has come."""

    name: str = matching(r"[a-z_]{2,60}", say("Hãy chọn một quy định."))
    valid_from: date = day(missing=say("Hãy ghi từ ngày nào."))
    value: str = text(max_length=200, missing=say("Hãy ghi giá trị."))
    source: str = text(max_length=300, min_length=5, missing=say("Hãy ghi căn cứ, ví dụ số nghị định."))
    because: str = text(max_length=300, required=False)
