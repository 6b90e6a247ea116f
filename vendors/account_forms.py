"""What sellers type about receiving accounts, and administrators about banks."""

from kit.forms import Form, choice, flag, matching, one_time_code, text
from kit.i18n import say
from vendors.models import VendorKind
from vendors.services import NewAccount, account_number, bank_of, holder_name
from vendors.services.bank_desk import BANK_KINDS
from vendors.services.banks import PHONE_KINDS, BadAccount

OTHER = "other"
BIN = r"[0-9]{6}"
BIN_WORDS = say("Mã BIN có đúng 6 chữ số, ví dụ 970436.")


class AccountForm(Form):
    """A receiving account to be added; a bank outside the list by its BIN."""

    bin: str = matching(f"{BIN}|{OTHER}", say("Hãy chọn ngân hàng hoặc Mobile Money."))
    other_bin: str = matching(BIN, BIN_WORDS, required=False)
    account: str = text(max_length=40, missing=say("Cần số tài khoản nhận tiền."))
    holder: str = text(
        max_length=120, missing=say("Cần tên chủ tài khoản, đúng như trên ứng dụng ngân hàng.")
    )
    makes_default: bool = flag()

    def check(self) -> None:
        """Another bank needs its BIN; the holder must have letters that banks can write."""
        if self.bin == OTHER and not self.other_bin:
            self.wrong("other_bin", BIN_WORDS)
        if not holder_name(self.holder):
            self.wrong("holder", say("Tên chủ tài khoản cần viết bằng chữ cái, ví dụ NGUYEN THI HOA."))


class CodeForm(Form):
    """The one-time code for a change."""

    code: str = one_time_code()


class BankForm(Form):
    """An institution of the bank table."""

    name: str = text(max_length=120, min_length=2, missing=say("Cần tên ngân hàng."))
    code: str = matching(r"[0-9A-Za-z]{2,30}", say("Mã ngắn gồm 2 đến 30 chữ cái không dấu hoặc chữ số."))
    kind: str = choice(tuple(BANK_KINDS), missing=say("Hãy chọn loại."))
    is_shown: bool = flag()


class NewBankForm(BankForm):
    """An institution that the table lacks."""

    bin: str = matching(BIN, BIN_WORDS)


async def settle_new_account(form: AccountForm, kind: VendorKind) -> NewAccount | None:
    """The account in the bank's own form; None with the mistake noted at its field.

    A BIN that the table lacks is taken as a bank's: the page warns before the code is typed.
    """
    if not form.ok:
        return None
    bin = form.other_bin if form.bin == OTHER else form.bin
    bank = await bank_of(bin)
    if bank and bank.kind in PHONE_KINDS and kind in (VendorKind.COOPERATIVE, VendorKind.FIRM):
        form.wrong(
            "bin", say("Ví và Mobile Money chỉ dành cho cá nhân. Hãy chọn tài khoản ngân hàng của đơn vị.")
        )
        return None
    try:
        number = account_number(form.account, bank.kind if bank else "bank")
    except BadAccount as bad:
        form.wrong("account", bad.sentence)
        return None
    return NewAccount(bin, number, holder_name(form.holder), form.makes_default)
