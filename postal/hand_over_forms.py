"""What is sent about hand-over lists and the evening's count."""

from datetime import date

from kit.forms import Form, choice, day, dong, flag, text, whole
from kit.i18n import say
from postal.models import HandOverKind

CASH_MOST_DONG = 10**12


class HandOverForm(Form):
    """A new list: between whom, and for a transfer where to."""

    kind: HandOverKind = choice(HandOverKind, missing=say("Chọn bàn giao cho ai."))
    place: str = text(max_length=120, required=False)

    def check(self) -> None:
        """A transfer goes somewhere."""
        if self.kind is HandOverKind.TRANSFER and not self.place:
            self.wrong("place", say("Ghi tên bưu cục nhận."))


class LineForm(Form):
    """One scan on a list; `damaged` when the taker sees harm."""

    code: str = text(max_length=200, missing=say("Quét hoặc gõ mã trên nhãn."))
    damaged: bool = flag()


class ReceiptForm(Form):
    """The taker's word on what differs."""

    note: str = text(max_length=300, required=False)


class DebriefForm(Form):
    """The cash that was counted with a carrier, and a word when it differs."""

    person_id: int = whole(least=1, most=2**53)
    day: date = day()
    cash: int | None = dong(least=0, most=CASH_MOST_DONG, required=False)
    note: str = text(max_length=300, required=False)
