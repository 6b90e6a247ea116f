"""What traders type at the till: a sale, a choice of speech, a day's close, a correction."""

from kit.dates import MOMENT
from kit.forms import Form, choice, dong, matching, text
from kit.i18n import say
from kit.spoken import SPEECHES
from orders.services.till.selling import AMOUNT_LEAST_DONG, AMOUNT_MOST_DONG
from orders.states import SaleWay

KEY = r"[0-9A-Za-z-]{8,40}"
GOODS_MAX = 20
TYPED_WAYS = (SaleWay.QR, SaleWay.CASH, SaleWay.SEEN)
BOX_MOST_DONG = 999_999_999
PIECES_MAX = 999
_MOMENT_WORDS = say("Giờ ghi cần như 2026-11-22T09:30:00+07:00.")
_OLD_PAGE = say("Trang này đã cũ. Hãy mở lại trang bán tại quầy.")


class SaleForm(Form):
    """A sale as the till's page sends it. Without an amount, goods must have been tapped."""

    client_key: str = matching(KEY, _OLD_PAGE)
    way: str = choice(TYPED_WAYS)
    amount: int = dong(least=AMOUNT_LEAST_DONG, most=AMOUNT_MOST_DONG, required=False)
    note: str = text(max_length=120, required=False)
    made_at: str = matching(MOMENT, _MOMENT_WORDS, required=False)


class NotedForm(SaleForm):
    """A sale as a program sends it; `made_at` is its own time (ISO 8601 with its zone) for one noted earlier."""

    amount: int = dong(least=AMOUNT_LEAST_DONG, most=AMOUNT_MOST_DONG)


class SpeechForm(Form):
    """How a person wants numbers spoken."""

    speech: str = choice(tuple(SPEECHES))


class SaleActForm(Form):
    """What the seller says of an open sale's money."""

    by: str = choice(("bank", "cash"))


class CloseForm(Form):
    """The end of a day: the money that was in the box in the morning, and what is there now, counted or by notes."""

    float: int = dong(least=0, most=BOX_MOST_DONG, required=False)
    counted: int = dong(least=0, most=BOX_MOST_DONG, required=False)
    reason: str = text(max_length=300, required=False)


class CorrectionForm(Form):
    """What a closed day should have said."""

    sign: str = choice(("more", "less"))
    amount: int = dong(least=1, most=BOX_MOST_DONG)
    reason: str = text(max_length=300, min_length=3, missing=say("Ghi vì sao phải sửa."))


def quantities_in(typed: dict[str, object]) -> dict[int, int]:
    """The goods that were tapped: fields named «goods-17» hold how many; nonsense counts as none."""
    found: dict[int, int] = {}
    for name, value in typed.items():
        number, said = name.removeprefix("goods-"), str(value).strip()
        if name.startswith("goods-") and number.isdecimal() and len(number) < 18:
            count = int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
            if 0 < count <= PIECES_MAX and len(found) < GOODS_MAX:
                found[int(number)] = count
    return found
