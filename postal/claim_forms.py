"""What the office sends about compensation by carriers."""

from kit.forms import Form, choice, dong, text
from kit.i18n import say
from postal.services.claims.claiming import ANSWERS, PaidTo

CLAIM_MOST_DONG = 2_000_000_000


class ClaimForm(Form):
    """How much is claimed, and where it was sent."""

    dong: int = dong(least=1_000, most=CLAIM_MOST_DONG)
    words: str = text(max_length=300, required=False)


class ClaimAnswerForm(Form):
    """What the carrier answered; `dong` is what it agrees to."""

    answer: str = choice(ANSWERS, missing=say("Chọn hãng trả lời ra sao."))
    dong: int | None = dong(least=1_000, most=CLAIM_MOST_DONG, required=False)
    words: str = text(max_length=300, min_length=3, missing=say("Cần ghi vài chữ để người sau đọc hiểu."))


class CompensationForm(Form):
    """What arrived, and in whose account."""

    dong: int = dong(least=1_000, most=CLAIM_MOST_DONG)
    to: PaidTo = choice(PaidTo, missing=say("Chọn tiền về tài khoản của ai."))
    words: str = text(max_length=300, required=False)
