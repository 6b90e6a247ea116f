"""What sellers type about who they are before the law, and administrators about that."""

from datetime import date
from typing import Any

from kit.dates import parse_day
from kit.errors import Refusal
from kit.forms import BadField, Field, Form, text
from kit.i18n import Sentence, say
from kit.identifiers import BadIdentifier, Fault, check_personal_id, normal_tax_code
from vendors.models import VendorKind
from vendors.services.identity.confirming import Told

PERSONS = (VendorKind.HOUSEHOLD, VendorKind.GROWER)
OLDEST_YEAR = 1900
FAULTS: dict[Fault, Sentence] = {
    Fault.PERSONAL_ID_EMPTY: say("Cần số định danh cá nhân, 12 chữ số."),
    Fault.PERSONAL_ID_NOT_DIGITS: say("Số định danh chỉ có chữ số, như trên thẻ căn cước."),
    Fault.PERSONAL_ID_LENGTH: say("Số định danh có đúng 12 chữ số. Bạn vừa nhập {n}."),
    Fault.PERSONAL_ID_OLD_NINE_DIGITS: say(
        "Số chứng minh 9 chữ số đã hết hiệu lực từ cuối năm 2024. Hãy nhập số 12 chữ số trên thẻ căn cước."
    ),
    Fault.PERSONAL_ID_FUTURE_YEAR: say("Số này chỉ một năm sinh chưa tới. Hãy so lại với thẻ căn cước."),
    Fault.PERSONAL_ID_OTHER_YEAR: say("Số này không khớp với năm sinh đã ghi. Hãy so lại cả hai."),
    Fault.TAX_CODE_EMPTY: say("Cần mã số thuế, 10 hoặc 13 chữ số."),
    Fault.TAX_CODE_NOT_DIGITS: say("Mã số thuế chỉ có chữ số, ví dụ 0100109106."),
    Fault.TAX_CODE_LENGTH: say("Mã số thuế có 10 hoặc 13 chữ số. Bạn vừa nhập {n}."),
    Fault.TAX_CODE_CHECK_DIGIT: say("Mã số thuế này có chữ số gõ nhầm. Hãy so lại với giấy đăng ký."),
    Fault.TAX_CODE_ZEROS: say("Không có mã số thuế nào như vậy. Hãy so lại với giấy đăng ký."),
    Fault.TAX_CODE_BRANCH: say("Ba số cuối của chi nhánh không thể là 000."),
}


def day(*, required: bool = True, missing: Sentence | None = None) -> Any:
    """A day as people write it: 21/11/1965."""

    def read(typed: str) -> date:
        try:
            found = parse_day(typed)
        except ValueError:
            raise BadField(say("Ngày viết như 21/11/1965. Bạn vừa nhập «{typed}».", typed=typed)) from None
        if found.year < OLDEST_YEAR:
            raise BadField(say("Năm sinh cần từ {n} trở đi.", n=OLDEST_YEAR))
        return found

    return Field(read, {"type": "string", "examples": ["21/11/1965"]}, required=required, missing=missing)


class PersonForm(Form):
    """A person who sells: full name, birth date and personal number (Law 122/2025/QH15, Art. 17.1c)."""

    full_name: str = text(max_length=120, min_length=2, missing=say("Cần họ tên đúng như trên thẻ căn cước."))
    birth_date: date = day(missing=say("Cần ngày sinh, ví dụ 21/11/1965."))
    personal_number: str = text(max_length=30, required=False)

    def told(self, today: date, *, has_number: bool) -> Told | None:
        """What was said in stored form; None with mistakes noted. A number that is kept may be left empty."""
        if not self.ok:
            return None
        if self.birth_date > today:
            self.wrong("birth_date", say("Ngày sinh không thể sau hôm nay."))
            return None
        if not self.personal_number and has_number:
            return Told(self.full_name, self.birth_date)
        check = check_personal_id(self.personal_number, today=today, birth_year=self.birth_date.year)
        if check.errors:
            words = FAULTS[check.errors[0]]
            self.wrong("personal_number", say(words.text, n=len(check.number)))
            return None
        return Told(
            self.full_name, self.birth_date, check.number, doubts=tuple(str(one) for one in check.warnings)
        )


class HouseholdForm(PersonForm):
    """A household business: its person, whose number is also its tax and registration number, name and place.

    Decree 168/2025/NĐ-CP and Circular 86/2024/TT-BTC, from 01/07/2025.
    """

    registered_name: str = text(
        max_length=160, min_length=2, missing=say("Cần tên hộ kinh doanh như trên giấy đăng ký.")
    )
    address: str = text(max_length=300, min_length=5, missing=say("Cần địa chỉ như trên giấy đăng ký."))
    registration_no: str = text(max_length=40, required=False)

    def told(self, today: date, *, has_number: bool) -> Told | None:
        """The person's, with the household's own name and place."""
        said = super().told(today, has_number=has_number)
        if said is None:
            return None
        return Told(
            said.full_name,
            said.birth_date,
            said.personal_number,
            registered_name=self.registered_name,
            registration_no=self.registration_no,
            address=self.address,
            doubts=said.doubts,
        )


class OrganisationForm(Form):
    """An organisation: name, tax code of 10 or 13 digits, registration number, address, representative."""

    registered_name: str = text(
        max_length=160, min_length=2, missing=say("Cần tên đơn vị như trên giấy đăng ký.")
    )
    tax_code: str = text(max_length=30, missing=FAULTS[Fault.TAX_CODE_EMPTY])
    registration_no: str = text(
        max_length=40, missing=say("Cần số đăng ký kinh doanh hoặc đăng ký hợp tác xã.")
    )
    address: str = text(max_length=300, min_length=5, missing=say("Cần địa chỉ như trên giấy đăng ký."))
    full_name: str = text(max_length=120, min_length=2, missing=say("Cần họ tên người đại diện."))

    def told(self, today: date, *, has_number: bool) -> Told | None:
        """What was said in stored form; None with mistakes noted."""
        if not self.ok:
            return None
        try:
            code = normal_tax_code(self.tax_code, today=today)
        except BadIdentifier as bad:
            words = FAULTS.get(bad.reason, FAULTS[Fault.TAX_CODE_LENGTH])
            self.wrong("tax_code", say(words.text, n=bad.found))
            return None
        if len(code) == 12:
            self.wrong("tax_code", say(FAULTS[Fault.TAX_CODE_LENGTH].text, n=12))
            return None
        return Told(
            self.full_name,
            registered_name=self.registered_name,
            tax_code=code,
            registration_no=self.registration_no,
            address=self.address,
        )


class ReasonForm(Form):
    """Why something is done to an identity."""

    because: str = text(max_length=300, min_length=5, missing=say("Hãy ghi lý do."))


IdentityForm = PersonForm | OrganisationForm


def identity_form(kind: VendorKind) -> type[PersonForm] | type[OrganisationForm]:
    """The form that this kind of vendor fills in."""
    if kind == VendorKind.HOUSEHOLD:
        return HouseholdForm
    return PersonForm if kind in PERSONS else OrganisationForm


def note(form: Form, refusal: Refusal) -> None:
    """A refusal at its field, or above the form."""
    form.wrong(refusal.field or "", refusal.sentence)
