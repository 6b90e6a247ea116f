"""What an administrator decides about a lost order whose parcel was found."""

from kit.forms import Form, text
from kit.forms import choice as one_of
from kit.i18n import say

MONEY = ("taken", "unpaid")


class FoundForm(Form):
    """Whether the order follows its parcel, whether money was taken at the door, and why."""

    choice: str = one_of(("follow", "stay"), missing=say("Chọn theo bưu gửi hay giữ là thất lạc."))
    money: str = one_of(MONEY, required=False)
    words: str = text(
        max_length=300,
        min_length=5,
        missing=say("Ghi vì sao quyết định vậy, ví dụ đã gọi cho khách và khách nói gì."),
    )

    @property
    def is_taken(self) -> bool | None:
        """Whether our own staff took the money at the door; None when that was not said."""
        return self.money == "taken" if self.money else None
