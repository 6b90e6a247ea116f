"""What a buyer claims, and what the others answer."""

from kit.forms import Form, choice, dong, flag, text
from kit.i18n import say
from orders.claims import ClaimKind, ClaimWish


class ClaimForm(Form):
    """What is wrong and what is asked for."""

    kind: ClaimKind = choice(ClaimKind, missing=say("Hãy chọn điều không đúng."))
    wish: ClaimWish = choice(ClaimWish, missing=say("Hãy chọn điều bạn muốn."))
    words: str = text(min_length=10, max_length=1000, missing=say("Hãy kể rõ, người bán sẽ đọc."))


class ClaimActForm(Form):
    """Words to the other side; with an agreement whether the goods come back, with a settlement what was paid back."""

    words: str = text(max_length=1000, required=False)
    takes_back: bool = flag()
    refund_dong: int | None = dong(least=0, most=10**11, required=False)
