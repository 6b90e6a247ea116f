"""What sellers type into the revenue book: cash, an order of another floor, what a line should have said."""

from datetime import date

from kit.forms import Form, choice, day, dong, matching, text
from kit.i18n import say
from orders.services.book.noting import AMOUNT_MOST_DONG
from vendors.services import FLOOR_WORDS

KEY = r"[0-9A-Za-z-]{8,40}"
NUMBER = r"[^\s:]{1,40}"
_OLD_PAGE = say("Trang này đã cũ. Hãy mở lại sổ doanh thu.")


class CashForm(Form):
    """Cash that was taken, today unless another day is said."""

    client_key: str = matching(KEY, _OLD_PAGE)
    amount: int = dong(least=1_000, most=AMOUNT_MOST_DONG)
    words: str = text(max_length=120, required=False)
    day: date = day(required=False)


class FloorForm(Form):
    """One order of another floor, with what its buyer paid."""

    floor: str = choice(tuple(FLOOR_WORDS), missing=say("Hãy chọn sàn."))
    number: str = matching(NUMBER, say("Ghi mã đơn như trên sàn, không có dấu cách."))
    amount: int = dong(least=1, most=AMOUNT_MOST_DONG)
    day: date = day(missing=say("Cần ngày bán."))


class SheetForm(Form):
    """Which floor a sheet of orders is of; the file comes beside it."""

    floor: str = choice(tuple(FLOOR_WORDS), missing=say("Hãy chọn sàn."))


class MendForm(Form):
    """What a line should have said; 0 strikes it."""

    right: int = dong(least=0, most=AMOUNT_MOST_DONG)
    because: str = text(max_length=160, min_length=3, missing=say("Ghi vì sao phải sửa."))
