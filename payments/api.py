"""The JSON API of payments."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.api import JsonRoute, api_get
from kit.web.asked import vendor_id_of
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, roles
from payments.services import VendorMoney, money_of_vendor, payment_by_code


@dataclass(frozen=True)
class PaymentAnswer:
    """A payment without anything personal. `qr_text` (VietQR) asks for the rest; empty when nothing may be paid."""

    code: str
    state: str
    asked_dong: int
    received_dong: int
    rest_dong: int
    extra_dong: int
    is_paid_late: bool
    expires_at: datetime
    paid_at: datetime | None
    qr_text: str


async def payment_show(request: Request) -> PaymentAnswer:
    """Where a payment stands."""
    payment = await payment_by_code(request.path_params["code"])
    return PaymentAnswer(
        code=payment.code,
        state=payment.state,
        asked_dong=payment.asked_dong,
        received_dong=payment.received_dong,
        rest_dong=payment.rest_dong,
        extra_dong=payment.extra_dong,
        is_paid_late=payment.is_paid_late,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
        qr_text=payment.qr_text,
    )


async def vendor_money_show(request: Request) -> VendorMoney:
    """What came in for the caller's own stall."""
    return await money_of_vendor(vendor_id_of(request), now=parts_of(request)[Clock].now())


API: list[JsonRoute] = [
    api_get(
        "/payments/{code}",
        payment_show,
        who=ANYONE,
        name="payments:api_payment_show",
        summary="Where a payment stands, and the QR text for what is left to pay",
        answer=PaymentAnswer,
    ),
    api_get(
        "/sell/money",
        vendor_money_show,
        who=roles(Role.VENDOR),
        name="payments:api_vendor_money_show",
        summary="What came in for the caller's own stall today and this week",
        answer=VendorMoney,
    ),
]
