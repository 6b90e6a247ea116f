"""Payments' forms: settling what needs a person, and the pretend bank."""

from kit.forms import Form, choice, dong, flag, matching, text, whole
from kit.i18n import say
from payments.qr import AMOUNT_MAX_DONG

TRANSFER_MAX_DONG = 500_000_000  # one NAPAS 247 instant transfer
assert TRANSFER_MAX_DONG <= AMOUNT_MAX_DONG


class AttachForm(Form):
    """Which payment a notice was for."""

    code: str = text(max_length=20, missing=say("Cần mã của khoản tiền, ví dụ DH7K2M9QXA."))


class ResolveForm(Form):
    """What was done about it."""

    note: str = text(max_length=500, min_length=5, missing=say("Cần ghi đã làm gì, để người sau đọc hiểu."))
    is_returned: bool = flag()


class DifferenceForm(Form):
    """What a difference was."""

    state: str = choice(("explained", "settled"))
    note: str = text(max_length=500, min_length=5, missing=say("Cần ghi đã làm gì, để người sau đọc hiểu."))


_LINK_KEY = "[!-~]{8,100}"
_LINK_WORDS = say("Mã này là một dãy liền 8 đến 100 chữ và số, dán nguyên.")


class BankKeyForm(Form):
    """A seller's own key at a provider of bank notices."""

    provider: str = choice(("sepay", "casso", "payos"))
    secret: str = matching(
        "[!-~]{8,200}", say("Khoá là một dãy liền 8 đến 200 chữ và số, dán nguyên."), required=False
    )
    list_key: str = matching(
        "[!-~]{8,400}", say("Khoá đọc là một dãy liền 8 đến 400 chữ và số, dán nguyên."), required=False
    )

    client_id: str = matching(_LINK_KEY, _LINK_WORDS, required=False)
    api_key: str = matching(_LINK_KEY, _LINK_WORDS, required=False)

    @property
    def link_key(self) -> str:
        """What opens payOS's links; "" when none was given."""
        return f"{self.client_id} {self.api_key}" if self.client_id and self.api_key else ""

    def check(self) -> None:
        """Links are payOS's, and need both keys."""
        if not (self.client_id or self.api_key):
            return
        if self.provider != "payos":
            self.wrong("client_id", say("Chỉ payOS có link trả tiền. Với nơi khác hãy bỏ trống hai ô này."))
        elif not self.link_key:
            missing = "api_key" if self.client_id else "client_id"
            self.wrong(missing, say("Link trả tiền cần đủ Client ID và API Key của payOS."))

    def refuse_missing(self) -> None:
        """Casso and payOS make the key themselves; only for SePay we may."""
        if self.ok and not self.secret and self.provider != "sepay":
            self.wrong("secret", say("Cần khoá ở trang của họ: mở mục webhook, chép khoá rồi dán vào đây."))


class QrForm(Form):
    """The text of a QR code, pasted."""

    qr: str = text(max_length=512, required=False)


class TransferForm(Form):
    """A transfer at the pretend bank."""

    bin: str = matching("[0-9]{6}", say("Mã ngân hàng cần 6 chữ số."))
    account_number: str = matching("[0-9A-Za-z]{1,19}", say("Số tài khoản có 1 đến 19 chữ số hoặc chữ cái."))
    from_account: str = matching(
        "[0-9A-Za-z]{1,19}", say("Số tài khoản có 1 đến 19 chữ số hoặc chữ cái."), required=False
    )
    amount_dong: int = dong(least=1, most=TRANSFER_MAX_DONG)
    content: str = text(max_length=120, required=False)
    provider: str = choice(("sepay", "casso", "payos"), required=False)
    mangling: str = choice(("as_is", "wrapped", "loose", "slipped", "lost"))
    delay_seconds: int = whole(least=0, most=3600)
    is_twice: bool = flag()
    is_forged: bool = flag()
    is_untold: bool = flag()


class TwinDecisionForm(Form):
    """What somebody does on a pretend provider's page, and how the provider behaves afterwards."""

    decision: str = choice(("pay", "refuse", "leave"))
    manner: str = choice(("as_is", "twice", "late", "lost", "less", "forged", "misordered"))
