"""What people choose and ask about their own data, and what administrators answer."""

from accounts.models import RequestKind
from accounts.purposes import Purpose
from kit.forms import Form, choice, flag, text, whole
from kit.i18n import say


class ConsentForm(Form):
    """A yes or a no to the words of one version of one purpose."""

    purpose: Purpose = choice(Purpose, missing=say("Hãy chọn một việc trong danh sách."))
    version: int = whole(least=1, most=9999)
    is_given: bool = flag()


class AskForm(Form):
    """What somebody asks about their data; an erasure needs the box, a correction its words."""

    kind: RequestKind = choice(RequestKind, missing=say("Hãy chọn việc bạn muốn xin."))
    words: str = text(max_length=1000, required=False)
    is_sure: bool = flag()

    def check(self) -> None:
        """What to correct has to be said; nobody is erased by a slip."""
        if self.kind is RequestKind.CORRECT and len(self.words) < 5:
            self.wrong("words", say("Hãy ghi điều gì sai và sửa thành gì."))
        if self.kind is RequestKind.ERASE and not self.is_sure:
            self.wrong("is_sure", say("Hãy đánh dấu ô này nếu bạn chắc muốn xoá."))


class AnswerForm(Form):
    """An administrator's words to the person who asked."""

    words: str = text(max_length=600, min_length=5, missing=say("Hãy ghi câu trả lời, người xin sẽ đọc."))


class ExtendForm(Form):
    """Why a request needs more time."""

    because: str = text(max_length=300, min_length=5, missing=say("Hãy ghi vì sao cần thêm thời gian."))
