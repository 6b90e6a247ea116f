"""Asking for money: a code, the seller's own account, a QR text, an end."""

from dataclasses import dataclass
from datetime import datetime

from kit.codes import is_code, new_code
from kit.db import sql
from kit.errors import Refusal
from payments.models import Payment
from payments.qr import vietqr
from payments.services.views import PaymentView, view_of, view_of_new
from vendors.services import PayTo, pay_to

CODE_PREFIX = "DH"
TRIES_MAX = 5
# The columns of _WRITE, in its order.
_WRITTEN = (
    "code",
    "reference",
    "vendor_id",
    "market_id",
    "bin",
    "account_number",
    "account_holder",
    "bank_name",
    "asked_dong",
    "qr_text",
    "created_at",
    "expires_at",
)
_BEFORE = "SELECT id FROM payment WHERE reference = $1"
_WRITE = """
    WITH made AS (
        INSERT INTO payment (code, reference, vendor_id, market_id, bin, account_number, account_holder, bank_name,
            asked_dong, qr_text, created_at, expires_at, received_dong, state, needs_review, is_paid_late,
            is_disputed, confirmed_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 'pending', false, false, false, '')
        ON CONFLICT DO NOTHING RETURNING id, asked_dong, created_at
    )
    INSERT INTO payment_event (payment_id, kind, amount_dong, at)
    SELECT id, 'asked', asked_dong, created_at FROM made RETURNING payment_id
"""


@dataclass(frozen=True)
class MarketPayee:
    """A market that asks for a fee, and the account it goes to."""

    id: int
    account: PayTo


async def ask(
    reference: str,
    *,
    vendor_id: int,
    amount_dong: int,
    now: datetime,
    expires_at: datetime,
    code: str | None = None,
    market: MarketPayee | None = None,
    payee: PayTo | None = None,
) -> PaymentView:
    """Asks a buyer for money that goes straight to the vendor's account; `reference` is what it is for ("order:17").

    With a `market` the money goes to that market's account, and `vendor_id` is 0; `payee` is the vendor's account when
    the caller has just read it.
    The code, given (kit.codes) or made here, is the transfer's content and finds the payment again. Asked a second
    time alike, the first payment is given back. Raises ValueError when it was asked otherwise or the code is none,
    and what vendors.services.pay_to raises when the vendor has no account.
    """
    if code is not None and not is_code(code):
        raise ValueError(f"no code: {code!r}")
    to = market.account if market else payee
    made = await _asked(
        reference, vendor_id, market.id if market else None, amount_dong, now, expires_at, code, to
    )
    if made is not None:
        return view_of_new(made)
    before = await Payment.get(reference=reference)
    if (before.vendor_id, before.asked_dong) != (vendor_id, amount_dong):
        raise ValueError(f"{reference} was asked {before.asked_dong} đồng for vendor {before.vendor_id}")
    return await view_of(before)


async def _asked(
    reference: str,
    vendor_id: int,
    market_id: int | None,
    amount_dong: int,
    now: datetime,
    expires_at: datetime,
    code: str | None,
    to: PayTo | None,
) -> Payment | None:
    """The payment as it was made now; None when there was one of this reference before."""
    try:
        to = to or await pay_to(vendor_id)
    except Refusal:
        if await sql(_BEFORE, [reference]):
            return None
        raise
    for _ in range(TRIES_MAX):
        tried = code or new_code(CODE_PREFIX)
        payment = Payment(
            code=tried,
            reference=reference,
            vendor_id=vendor_id,
            market_id=market_id,
            bin=to.bin,
            account_number=to.number,
            account_holder=to.holder,
            bank_name=to.bank_name,
            asked_dong=amount_dong,
            qr_text=vietqr(to.bin, to.number, amount_dong=amount_dong, purpose=tried),
            created_at=now,
            expires_at=expires_at,
        )
        if await _is_written(payment):
            return payment
        if await sql(_BEFORE, [reference]):
            return None
        if code:
            raise ValueError(f"the code {code} is taken")
    raise RuntimeError(f"{TRIES_MAX} codes in a row were taken")


def qr_of(payment: Payment, dong: int) -> str:
    """The QR text that asks for a sum of a payment."""
    return vietqr(payment.bin, payment.account_number, amount_dong=dong, purpose=payment.code)


async def _is_written(payment: Payment) -> bool:
    """Writes the payment and that it was asked, in one statement; False when its code or reference is taken."""
    values: list[object] = [getattr(payment, name) for name in _WRITTEN]
    rows = await sql(_WRITE, values)
    if rows:
        payment.id = int(str(rows[0]["payment_id"]))
    return bool(rows)
