"""What traders type at the till: a sale, a choice of speech, a day's close, a correction."""

from kit.forms import Form, choice, dong, matching, text
from kit.i18n import say
from kit.spoken import SPEECHES
from orders.services.till.selling import AMOUNT_LEAST_DONG, AMOUNT_MOST_DONG
from orders.states import SaleWay

KEY = r"[0-9A-Za-z-]{8,40}"
GOODS_MAX = 20
PIECES_MAX = 999
_OLD_PAGE = say("Trang này đã cũ. Hãy mở lại trang bán tại quầy.")


class SaleForm(Form):
    """A sale as the till's page sends it. Without an amount, goods must have been tapped."""

    client_key: str = matching(KEY, _OLD_PAGE)
    way: SaleWay = choice([SaleWay.QR, SaleWay.CASH, SaleWay.SEEN])
    amount: int = dong(least=AMOUNT_LEAST_DONG, most=AMOUNT_MOST_DONG, required=False)
    note: str = text(max_length=120, required=False)


class NotedForm(Form):
    """A sale as a phone notes it without signal; `made_at` is the phone's time (ISO 8601 with its zone)."""

    client_key: str = matching(KEY, say("«client_key» gồm 8 đến 40 chữ cái, chữ số hoặc dấu gạch."))
    way: SaleWay = choice([SaleWay.QR, SaleWay.CASH, SaleWay.SEEN])
    amount: int = dong(least=AMOUNT_LEAST_DONG, most=AMOUNT_MOST_DONG)
    note: str = text(max_length=120, required=False)
    made_at: str = matching(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)",
        say("Giờ ghi cần như 2026-11-22T09:30:00+07:00."),
        required=False,
    )


class SpeechForm(Form):
    """How a person wants numbers spoken."""

    speech: str = choice(tuple(SPEECHES))


class SaleActForm(Form):
    """What the seller says of an open sale's money."""

    by: str = choice(("bank", "cash"))


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
