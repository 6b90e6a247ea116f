"""What a carrier's phone sends from the road, and the order of a round."""

from datetime import date

from kit.dates import MOMENT
from kit.forms import Form, choice, day, flag, matching, text, whole
from kit.i18n import say
from postal.delivery_code import is_delivery_code
from postal.services.door import PHONE_ACTS, Taker
from postal.staff_carrier import Reason

CASH_MOST_DONG = 100_000_000


class DoorForm(Form):
    """One act at a door; `sent_id` is the phone's own id for it, `made_at` its time (ISO 8601 with its zone).

    `collected` is the cash that was taken with a delivery, in đồng.
    """

    code: str = text(max_length=40)
    act: str = choice(PHONE_ACTS, missing=say("Chọn việc cần ghi."))
    sent_id: str = matching(r"[0-9A-Za-z-]{16,40}", say("Mã của lần gửi cần 16 đến 40 chữ cái hoặc chữ số."))
    made_at: str | None = matching(MOMENT, say("Giờ cần viết như 2026-11-21T14:05:00+07:00."), required=False)
    reason: str | None = choice(Reason, required=False, missing=say("Chọn một lý do trong danh sách."))
    note: str = text(max_length=300, required=False)
    received_by: str | None = choice(Taker, required=False)
    next_day: date | None = day(required=False)
    delivery_code: str = text(max_length=20, required=False)
    collected: int = whole(least=1, most=CASH_MOST_DONG, required=False, default=0)
    age_checked: bool = flag()

    def check(self) -> None:
        """A code with a slip in it is said at once."""
        self.delivery_code = "".join(filter(str.isdecimal, self.delivery_code))
        if self.typed.get("delivery_code") and not is_delivery_code(self.delivery_code):
            self.wrong("delivery_code", say("Mã nhận hàng có 6 chữ số, có số nghe nhầm. Hỏi lại người nhận."))


class OrderForm(Form):
    """The codes of a round in the order put by hand, with blanks between them."""

    codes: str = text(max_length=4000, required=False)
