"""Forms of accounts: what is taken, and the sentence for what is not."""

import pytest

from accounts.forms import AuditForm, CodeForm, PhoneForm, ProfileForm, RoleForm, SignInForm, TokenForm
from kit.roles import Role


@pytest.mark.parametrize("typed", ["042917", "042 917", "04-29-17", " 042917 "])
def test_a_code_may_be_typed_with_gaps(typed: str) -> None:
    form = CodeForm.read({"code": typed})
    assert form.ok and form.code == "042917"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Hãy nhập mã 6 chữ số trong tin nhắn."),
        ("12345", "Mã có 6 chữ số. Bạn vừa nhập 5."),
        ("1234567", "Mã có 6 chữ số. Bạn vừa nhập 7."),
        ("12345a", "Mã chỉ có chữ số, như trong tin nhắn."),
        ("١٢٣٤٥٦", "Mã chỉ có chữ số, như trong tin nhắn."),
        (["123456"], "Mã chỉ có chữ số, như trong tin nhắn."),
    ],
)
def test_a_bad_code_says_what_is_wrong(typed: object, sentence: str) -> None:
    assert str(CodeForm.read({"code": typed}).errors["code"]) == sentence


def test_a_phone_becomes_e164() -> None:
    assert PhoneForm.read({"phone": "0912.345.678"}).phone == "+84912345678"


@pytest.mark.parametrize(
    "typed", ["", "abc", "091234567", "+1 202 555 0123", None, {"a": 1}, "0912345678" * 9]
)
def test_a_bad_phone_is_refused(typed: object) -> None:
    assert "phone" in PhoneForm.read({"phone": typed}).errors


def test_a_landline_gets_no_text() -> None:
    form = PhoneForm.read({"phone": "0208 385 5123"})
    assert "không nhận được tin nhắn" in str(form.errors["phone"])


def test_programs_hear_of_both_mistakes_at_once() -> None:
    assert set(SignInForm.read({"phone": "1", "code": "2"}).errors) == {"phone", "code"}


def test_a_profile_needs_a_name_and_a_known_language() -> None:
    assert set(ProfileForm.read({"name": " ", "language": "fr"}).errors) == {"name", "language"}
    assert set(ProfileForm.read({"name": "A" * 121, "language": "en"}).errors) == {"name"}


def test_a_token_needs_a_label() -> None:
    assert set(TokenForm.read({}).errors) == {"label"}


@pytest.mark.parametrize(
    ("role", "scope", "wrong"),
    [
        ("clerk", "", set()),
        ("clerk", "05443", set()),
        ("vendor", "17", set()),
        ("vendor", "", {"scope"}),
        ("board", "", {"scope"}),
        ("admin", "x", {"scope"}),
        ("admin", "-1", {"scope"}),
        ("king", "", {"role"}),
        ("", "", {"role"}),
    ],
)
def test_a_role_must_be_known_and_its_scope_fit(role: str, scope: str, wrong: set[str]) -> None:
    form = RoleForm.read({"role": role, "scope": scope})
    assert set(form.errors) == wrong
    if not wrong:
        assert (form.role, form.scope) == (Role(role), scope)


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 16, "1e3"])
def test_the_trail_refuses_numbers_no_row_has(before: str) -> None:
    assert set(AuditForm.read({"before": before}).errors) == {"before"}
