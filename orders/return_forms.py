"""Forms of money back: what a buyer asks, what a seller gives or answers, the account to return to."""

from collections.abc import Mapping

from kit.forms import Form, choice, dong, matching, text
from kit.i18n import say
from orders.services.returns import Choice, ReturnLine
from payments.services import PayerAccount
from vendors.services import account_number, bank_of, holder_name
from vendors.services.banks import BadAccount

OTHER, MOST_DONG = "other", 500_000_000
_WHAT = ("all", "lines", "sum")


class ReturnForm(Form):
    """All that is left, chosen lines, or a sum; with a reason."""

    what: str = choice(_WHAT, missing=say("Chọn hoàn cả đơn, vài món hay một số tiền."))
    amount_dong: int | None = dong(least=1, most=MOST_DONG, required=False)
    reason: str = text(
        max_length=300, min_length=2, missing=say("Ghi vài chữ vì sao, ví dụ: hàng hỏng khi giao.")
    )
    key: str = matching("[1-9A-HJKMNP-TV-Z]{10}", say("Trang này đã cũ. Hãy mở lại."), required=False)

    def check(self) -> None:
        """A sum needs its figure."""
        if self.what == "sum" and self.amount_dong is None:
            self.wrong("amount_dong", say("Ghi số tiền muốn hoàn."))


def read_return(values: Mapping[str, object], lines: list[ReturnLine]) -> tuple[ReturnForm, Choice]:
    """The form and what it chooses; lines are ticked as `line_{id}`."""
    form = ReturnForm.read(values)
    chosen = tuple(one.id for one in lines if values.get(f"line_{one.id}"))
    form.typed |= {f"line_{id}": "yes" for id in chosen}
    if form.ok and form.what == "lines" and not chosen:
        form.wrong("lines", say("Đánh dấu ít nhất một món."))
    if not form.ok or form.what == "all":
        return form, Choice()
    return form, Choice(chosen) if form.what == "lines" else Choice((), form.amount_dong)


class ProgramReturnForm(ReturnForm):
    """The same as a program sends it: `lines` are numbers with commas between them."""

    lines: str = matching(
        "[0-9]{1,18}(,[0-9]{1,18}){0,99}", say("Ghi số của các món, cách nhau bằng dấu phẩy."), required=False
    )

    def check(self) -> None:
        """Chosen lines need their numbers, a sum its figure."""
        super().check()
        if self.what == "lines" and not self.lines:
            self.wrong("lines", say("Đánh dấu ít nhất một món."))

    @property
    def choice(self) -> Choice:
        """What it chooses."""
        if self.what == "lines":
            return Choice(tuple(int(one) for one in self.lines.split(",")))
        return Choice((), self.amount_dong if self.what == "sum" else None)


class AnswerForm(Form):
    """The seller's answer to a buyer who asks money back."""

    agrees: str = choice(("yes", "no"), missing=say("Chọn đồng ý hay không."))
    answer: str = text(max_length=300, required=False)

    def check(self) -> None:
        """A no needs its reason: the buyer reads it."""
        if self.agrees == "no" and len(self.answer or "") < 3:
            self.wrong("answer", say("Ghi vì sao không hoàn, khách sẽ đọc."))


class LateForm(Form):
    """Why late money goes back."""

    words: str = text(max_length=300, required=False)


class ReturnAccountForm(Form):
    """Where a buyer wants money back."""

    bin: str = matching(f"[0-9]{{6}}|{OTHER}", say("Hãy chọn ngân hàng hoặc Mobile Money."))
    other_bin: str = matching("[0-9]{6}", say("Mã BIN có đúng 6 chữ số, ví dụ 970436."), required=False)
    account: str = text(max_length=40, missing=say("Cần số tài khoản của bạn."))
    holder: str = text(
        max_length=120, missing=say("Cần tên chủ tài khoản, đúng như trên ứng dụng ngân hàng.")
    )

    def check(self) -> None:
        """Another bank needs its BIN; the holder must have letters that banks can write."""
        if self.bin == OTHER and not self.other_bin:
            self.wrong("other_bin", say("Mã BIN có đúng 6 chữ số, ví dụ 970436."))
        if not holder_name(self.holder):
            self.wrong("holder", say("Tên chủ tài khoản cần viết bằng chữ cái, ví dụ NGUYEN THI HOA."))


async def settle_return_account(form: ReturnAccountForm) -> PayerAccount | None:
    """The account in the bank's own form; None with the mistake noted at its field."""
    if not form.ok:
        return None
    bin = form.other_bin if form.bin == OTHER else form.bin
    bank = await bank_of(bin)
    try:
        number = account_number(form.account, bank.kind if bank else "bank")
    except BadAccount as bad:
        form.wrong("account", bad.sentence)
        return None
    return PayerAccount(bin, number, holder_name(form.holder))
