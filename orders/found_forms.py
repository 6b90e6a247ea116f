"""What an administrator decides about a lost order whose parcel was found."""

from kit.forms import Form, choice, text
from kit.i18n import say


class FoundForm(Form):
    """Whether the order follows its parcel, and why."""

    choice: str = choice(("follow", "stay"), missing=say("Chọn theo bưu gửi hay giữ là thất lạc."))
    words: str = text(
        max_length=300,
        min_length=5,
        missing=say("Ghi vì sao quyết định vậy, ví dụ đã gọi cho khách và khách nói gì."),
    )
