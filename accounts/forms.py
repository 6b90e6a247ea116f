"""Forms of accounts: the phone, the code, the profile, tokens, roles, and what administrators look for."""

from kit.forms import Form, choice, matching, one_time_code, phone, text, whole
from kit.i18n import LANGUAGES, say
from kit.identifiers import PhoneKind, phone_kind
from kit.roles import Role

ROW_MAX = 10**15 - 1
NEEDS_SCOPE = {
    Role.VENDOR: say("Quyền bán hàng cần số của gian hàng."),
    Role.BOARD: say("Quyền ban quản lý cần số của chợ."),
}


class PhoneForm(Form):
    """Whose phone the code goes to."""

    phone: str = phone()

    def check(self) -> None:
        """Only mobile numbers get texts."""
        if phone_kind(self.phone) is not PhoneKind.MOBILE:
            self.wrong(
                "phone", say("Số này không nhận được tin nhắn. Hãy nhập số di động, ví dụ 0912 345 678.")
            )


class SignInForm(PhoneForm):
    """A phone and the code it was sent, as programs send them; `factor` from people who have a second one."""

    code: str = one_time_code()
    factor: str = text(max_length=20, required=False)


class CodeForm(Form):
    """The code; the phone travels by itself."""

    code: str = one_time_code()


class ProfileForm(Form):
    """What a person says about themselves."""

    name: str = text(min_length=2, max_length=120, missing=say("Hãy cho biết tên bạn."))
    language: str = choice(LANGUAGES, missing=say("Hãy chọn tiếng Việt hoặc tiếng Anh."))


class TokenForm(Form):
    """What an API token is for."""

    label: str = text(max_length=80, missing=say("Hãy ghi mã này dùng cho phần mềm nào."))


class RoleForm(Form):
    """A role to give or to take, and over what."""

    role: Role = choice(Role, missing=say("Hãy chọn một quyền."))
    scope: str = matching(
        r"[0-9]{1,15}",
        say("Phạm vi là số của gian hàng, số của chợ hoặc mã xã; để trống là tất cả."),
        required=False,
    )

    def check(self) -> None:
        """A seller or a board member is one of something."""
        self.scope = self.scope or ""
        if not self.scope and self.role in NEEDS_SCOPE:
            self.wrong("scope", NEEDS_SCOPE[self.role])


class PeopleForm(Form):
    """Whom an administrator looks for: a phone number or a part of it, or a name."""

    q: str = text(max_length=60, required=False)


class AuditForm(Form):
    """Which acts an administrator looks at."""

    person: int | None = whole(least=1, most=ROW_MAX, required=False)
    kind: str = text(max_length=40, required=False)
    subject: str = text(max_length=60, required=False)
    before: int | None = whole(least=1, most=ROW_MAX, required=False)
