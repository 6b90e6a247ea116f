"""What sellers and administrators type of an OCOP certificate."""

from datetime import date
from decimal import Decimal
from typing import Any

from kit.dates import parse_day, show_day
from kit.forms import BadField, Field, Form, choice, text
from kit.i18n import Sentence, say
from kit.identifiers import BadIdentifier, normal_decision_number
from kit.money import parse_quantity
from vendors.models import Certificate
from vendors.ocop import LEVELS, STARS, era_of, faults_of, shown_points, usual_end
from vendors.services.certificates.confirming import CertificateContent


def day(*, required: bool = True, missing: Sentence | None = None) -> Any:
    """A day, day before month."""

    def read(typed: str) -> date:
        try:
            return parse_day(typed)
        except ValueError:
            raise BadField(
                say("Ngày cần viết là ngày/tháng/năm, ví dụ 21/11/2026. Bạn vừa nhập «{typed}».", typed=typed)
            ) from None

    return Field(read, {"type": "string", "examples": ["21/11/2026"]}, required=required, missing=missing)


def points() -> Any:
    """Points of an evaluation, 0 to 100 with at most two decimals; may be left out."""

    def read(typed: str) -> Decimal:
        wrong = say("Điểm là số từ 0 đến 100, ví dụ 72,5. Bạn vừa nhập «{typed}».", typed=typed)
        try:
            found = parse_quantity(typed)
        except ValueError:
            raise BadField(wrong) from None
        if found > 100 or -int(found.as_tuple().exponent) > 2:
            raise BadField(wrong)
        return found

    return Field(read, {"type": "string", "examples": ["72,5"]}, required=False)


def decision_number() -> Any:
    """The number of the decision, put into its one form."""

    def read(typed: str) -> str:
        try:
            number = normal_decision_number(typed)
        except BadIdentifier:
            number = ""
        if not number or len(number) > 60:
            raise BadField(
                say("Số quyết định viết như 2890/QĐ-BNN-VPĐP. Bạn vừa nhập «{typed}».", typed=typed)
            )
        return number

    missing = say("Cần số quyết định, ví dụ 2890/QĐ-UBND.")
    return Field(read, {"type": "string", "examples": ["2890/QĐ-UBND"]}, missing=missing)


class SubmitForm(Form):
    """A certificate as its seller sends it in; the rules of the day it was decided on are checked."""

    listing: str = text(max_length=16, missing=say("Hãy chọn món hàng được chứng nhận."))
    product: str = text(
        max_length=160, min_length=2, missing=say("Cần tên sản phẩm như trên giấy chứng nhận.")
    )
    stars: str = choice([str(one) for one in STARS], missing=say("Hãy chọn số sao trên giấy: 3, 4 hoặc 5."))
    points: Decimal | None = points()
    decision_no: str = decision_number()
    decided_on: date = day(missing=say("Cần ngày ký quyết định."))
    issuer_level: str = choice(tuple(LEVELS), missing=say("Hãy chọn cấp ký quyết định."))

    def settle(self, today: date) -> None:
        """Compares what was typed with the rules, noting mistakes at their fields."""
        if not self.ok:
            return
        faults = faults_of(
            stars=int(self.stars),
            points=self.points,
            decided_on=self.decided_on,
            issuer_level=self.issuer_level,
            today=today,
        )
        for name, sentence in faults.items():
            self.wrong(name, sentence)

    def content(self) -> CertificateContent:
        """The form as the service takes it, valid for 36 months."""
        return CertificateContent(
            product=self.product,
            stars=int(self.stars),
            points=self.points,
            decision_no=self.decision_no,
            decided_on=self.decided_on,
            valid_to=usual_end(self.decided_on),
            issuer_level=self.issuer_level,
            criteria=era_of(self.decided_on).criteria,
        )


class CertificateForm(SubmitForm):
    """A certificate as an administrator keeps it; an end other than after 36 months needs its reason."""

    criteria: str = text(max_length=40, required=False)
    valid_to: date | None = day(required=False)
    valid_because: str = text(max_length=300, required=False)

    def settle(self, today: date) -> None:
        """The seller's rules, and that of the end."""
        super().settle(today)
        if not self.ok or self.valid_to is None:
            return
        if self.valid_to < self.decided_on:
            self.wrong("valid_to", say("Ngày hết hạn phải sau ngày quyết định."))
        elif self.valid_to != usual_end(self.decided_on) and not self.valid_because:
            self.wrong(
                "valid_because",
                say(
                    "Ngày hết hạn khác 36 tháng ({day}). Hãy ghi lý do.",
                    day=show_day(usual_end(self.decided_on)),
                ),
            )

    def content(self) -> CertificateContent:
        """The form as the service takes it."""
        usual = usual_end(self.decided_on)
        return CertificateContent(
            product=self.product,
            stars=int(self.stars),
            points=self.points,
            decision_no=self.decision_no,
            decided_on=self.decided_on,
            valid_to=self.valid_to or usual,
            issuer_level=self.issuer_level,
            criteria=self.criteria or era_of(self.decided_on).criteria,
            valid_because=self.valid_because if self.valid_to not in (None, usual) else "",
        )


class BecauseForm(Form):
    """Why a certificate is sent back or ended."""

    because: str = text(max_length=300, min_length=5, missing=say("Hãy ghi lý do, người bán sẽ đọc."))


def filled(row: Certificate) -> CertificateForm:
    """The administrator's form with what is kept of a certificate."""
    return CertificateForm.filled(
        listing=row.listing.code,
        product=row.product or row.listing.name,
        stars=row.stars,
        points=shown_points(row.points) if row.points is not None else "",
        decision_no=row.decision_no,
        decided_on=show_day(row.decided_on) if row.decided_on else "",
        issuer_level=row.issuer_level,
        criteria=row.criteria,
        valid_to=show_day(row.valid_to) if row.valid_to else "",
        valid_because=row.valid_because,
    )
