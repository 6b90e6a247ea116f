"""What a cashier sends of cash that goes to the bank."""

from kit.forms import Form, choice, dong, matching, text, whole
from kit.i18n import say
from payments.services.cash_box.paying_in import Explanation

PAY_IN_MOST_DONG = 2_000_000_000
_WHY = say("Cần ghi vài chữ để người sau đọc hiểu.")


class PayInForm(Form):
    """How much is taken out of the box, in đồng."""

    amount: int = dong(least=1_000, most=PAY_IN_MOST_DONG)


class SlipForm(Form):
    """The number on the bank's slip; `photo` is the name of a picture that was sent before, for programs."""

    slip_number: str = matching(
        r"[0-9A-Za-z][0-9A-Za-z./-]{3,39}",
        say("Chép số trên giấy nộp tiền: 4 đến 40 chữ cái, chữ số, dấu chấm, gạch."),
    )
    photo: str = matching(
        r"slip/[0-9A-Za-z_-]{43}",
        say("Gửi ảnh giấy nộp tiền trước, rồi ghi tên ảnh vào đây."),
        required=False,
    )


class CancelForm(Form):
    """Why the cash came back into the box."""

    words: str = text(max_length=300, min_length=3, missing=_WHY)


class ExplainForm(CancelForm):
    """Where the difference is."""

    why: Explanation = choice(Explanation, missing=say("Chọn vì sao lệch."))


class FoundForm(Form):
    """Which notice is the pay-in."""

    notice: int = whole(least=1, most=2**53)
