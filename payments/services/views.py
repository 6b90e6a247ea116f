"""A payment as pages, the API and other packages see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.gates.names import NAMES
from payments.ledger import balances_of, owed_by, owed_to_buyer
from payments.models import Payment, PaymentState
from payments.qr import vietqr

# What has to go back to a buyer, with the accounts of owing() as $2.
OWED_TO_BUYER = (
    "(SELECT coalesce(-sum(e.amount_dong), 0)::bigint FROM ledger_entry e WHERE e.account = ANY($2))"
)


@dataclass(frozen=True)
class PaymentView:
    """A payment. All sums are whole đồng; `rest_dong` is still to come, `extra_dong` came beyond what was asked.

    `qr_text` asks for the rest and is empty when nothing may be paid any more. `through` names the provider that
    collected the money, "" when it went straight to the seller. Times are UTC.
    """

    id: int
    code: str
    reference: str
    vendor_id: int
    state: PaymentState
    asked_dong: int
    received_dong: int
    rest_dong: int
    extra_dong: int
    bank_name: str
    account_number: str
    account_tail: str
    account_holder: str
    qr_text: str
    qr_svg_url: str
    qr_png_url: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    needs_review: bool
    is_paid_late: bool
    through: str = ""


async def view_of(payment: Payment) -> PaymentView:
    """The view of one payment."""
    return (await views_of([payment]))[0]


def view_of_new(payment: Payment) -> PaymentView:
    """The view of a payment that was made this moment: nothing can have come for it."""
    return view_with(payment, 0)


async def views_of(payments: Sequence[Payment]) -> list[PaymentView]:
    """The views of payments, in their order; one query for all."""
    accounts = {one.reference: owing(one.reference) for one in payments}
    owed = await balances_of([name for names in accounts.values() for name in names]) if payments else {}
    return [view_with(one, -sum(owed.get(name, 0) for name in accounts[one.reference])) for one in payments]


def owing(reference: str) -> list[str]:
    """The accounts of what must go back to a buyer: from the seller, or the way it came through a provider."""
    return [owed_to_buyer(reference), *(owed_by(reference, gate) for gate in NAMES)]


def view_with(payment: Payment, extra_dong: int) -> PaymentView:
    """The view of a payment for which so much came beyond what was asked."""
    rest_dong = payment.asked_dong - payment.received_dong
    # The sum stands in the address, so that a browser never shows a kept picture of another sum.
    picture = f"/payments/{payment.code}/qr.{{kind}}?dong={rest_dong}"
    return PaymentView(
        id=payment.id,
        code=payment.code,
        reference=payment.reference,
        vendor_id=payment.vendor_id,
        state=payment.state,
        asked_dong=payment.asked_dong,
        received_dong=payment.received_dong,
        rest_dong=rest_dong,
        extra_dong=extra_dong,
        bank_name=payment.bank_name,
        account_number=payment.account_number,
        account_tail=payment.account_number[-4:],
        account_holder=payment.account_holder,
        qr_text=_qr_text(payment, rest_dong),
        qr_svg_url=picture.format(kind="svg"),
        qr_png_url=picture.format(kind="png"),
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
        needs_review=payment.needs_review,
        is_paid_late=payment.is_paid_late,
        through=next((name for name in NAMES if payment.confirmed_by.startswith(f"{name}:")), ""),
    )


def _qr_text(payment: Payment, rest_dong: int) -> str:
    if payment.state is not PaymentState.PENDING:
        return ""
    if rest_dong == payment.asked_dong:
        return payment.qr_text
    return vietqr(payment.bin, payment.account_number, amount_dong=rest_dong, purpose=payment.code)
