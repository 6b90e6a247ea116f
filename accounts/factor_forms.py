"""Forms about second factors: what is typed as one, a passkey's name, and how an administrator looked at somebody."""

from enum import StrEnum

from accounts.factor_kinds import Shown
from accounts.passkeys import ANSWER_MAX
from kit.forms import Form, choice, text
from kit.i18n import Sentence, say

CODE_MAX = 40


class FactorForm(Form):
    """What somebody shows: a code of the app or of the list, or a passkey's answer, which the page's script puts in."""

    code: str = text(max_length=CODE_MAX, required=False)
    passkey: str = text(max_length=ANSWER_MAX, required=False)

    def check(self) -> None:
        """One of the two."""
        if not (self.code or self.passkey):
            self.wrong("code", say("Hãy nhập mã."))

    def shown(self, subject: str) -> Shown:
        """As services take it."""
        return Shown(self.code or "", self.passkey or "", subject)


class AppCodeForm(Form):
    """The first code of an app, from a program of the market's own pages."""

    code: str = text(max_length=CODE_MAX, missing=say("Hãy nhập mã."))


class PasskeyForm(Form):
    """A passkey that the browser made, and what its owner calls it."""

    label: str = text(max_length=60, required=False)
    passkey: str = text(max_length=ANSWER_MAX, missing=say("Máy chưa tạo được khoá. Hãy bấm lại."))


class HowLooked(StrEnum):
    """How an administrator made sure who somebody is."""

    FACE = "face"
    CALL = "call"
    CHIEF = "chief"


HOW_WORDS: dict[HowLooked, Sentence] = {
    HowLooked.FACE: say("Gặp mặt, xem căn cước"),
    HowLooked.CALL: say("Gọi hình, đối chiếu căn cước"),
    HowLooked.CHIEF: say("Thủ trưởng đơn vị xác nhận bằng văn bản"),
}


class ResetForm(Form):
    """How the person was looked at before their factors are taken off."""

    how: HowLooked = choice(HowLooked, missing=say("Hãy chọn cách đã xem người này là ai."))
