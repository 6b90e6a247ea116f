"""Forms of refunds and payouts: words that go with an act, how one ended."""

from kit.forms import Form, choice, text, whole
from kit.i18n import say

_WHY = say("Cần ghi vài chữ để người sau đọc hiểu.")


class WordsForm(Form):
    """A few words with an act; none are needed."""

    words: str = text(max_length=300, required=False)


class ReasonForm(Form):
    """Why something is called off."""

    words: str = text(max_length=300, min_length=3, missing=_WHY)


class DecisionForm(Form):
    """How a refund that waits for a person ended."""

    came: str = choice(("yes", "no"), missing=say("Chọn tiền đã về hay chưa."))
    words: str = text(max_length=300, min_length=3, missing=_WHY)


class GatherForm(Form):
    """Whose money is gathered."""

    vendor_id: int = whole(least=1, most=2**53)


class PayoutEndForm(Form):
    """How a payout ended."""

    state: str = choice(
        ("succeeded", "failed", "returned", "cancelled"), missing=say("Chọn lần chuyển này ra sao.")
    )
    words: str = text(max_length=300, min_length=3, missing=_WHY)
