"""Asking for money: a code, the seller's own account, a QR text, an end."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from kit.codes import is_code, new_code
from kit.db import transaction
from payments.models import Payment, PaymentEvent
from payments.qr import vietqr
from payments.services.views import PaymentView, view_of
from vendors.services import PayTo, pay_to

CODE_PREFIX = "DH"
TRIES_MAX = 5


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
) -> PaymentView:
    """Asks a buyer for money that goes straight to the vendor's account; `reference` is what it is for ("order:17").

    With a `market` the money goes to that market's account, and `vendor_id` is 0.
    The code, given (kit.codes) or made here, is the transfer's content and finds the payment again. Asked a second
    time alike, the first payment is given back. Raises ValueError when it was asked otherwise or the code is none,
    and what vendors.services.pay_to raises when the vendor has no account.
    """
    if code is not None and not is_code(code):
        raise ValueError(f"no code: {code!r}")
    before = await Payment.get_or_none(reference=reference)
    if before is None:
        before = await _asked(reference, vendor_id, amount_dong, now, expires_at, code, market)
    if (before.vendor_id, before.asked_dong) != (vendor_id, amount_dong):
        raise ValueError(f"{reference} was asked {before.asked_dong} đồng for vendor {before.vendor_id}")
    return await view_of(before)


async def _asked(
    reference: str,
    vendor_id: int,
    amount_dong: int,
    now: datetime,
    expires_at: datetime,
    code: str | None,
    market: MarketPayee | None,
) -> Payment:
    to = market.account if market else await pay_to(vendor_id)
    for _ in range(TRIES_MAX):
        tried = code or new_code(CODE_PREFIX)
        payment = Payment(
            code=tried,
            reference=reference,
            vendor_id=vendor_id,
            market_id=market.id if market else None,
            bin=to.bin,
            account_number=to.number,
            account_holder=to.holder,
            bank_name=to.bank_name,
            asked_dong=amount_dong,
            qr_text=vietqr(to.bin, to.number, amount_dong=amount_dong, purpose=tried),
            created_at=now,
            expires_at=expires_at,
        )
        try:
            return await _written(payment)
        except IntegrityError:
            if before := await Payment.get_or_none(reference=reference):
                return before
            if code or not await Payment.exists(code=tried):
                raise
    raise RuntimeError(f"{TRIES_MAX} codes in a row were taken")


async def _written(payment: Payment) -> Payment:
    async with transaction():
        await payment.save()
        await PaymentEvent.create(
            payment=payment, kind="asked", amount_dong=payment.asked_dong, at=payment.created_at
        )
    return payment
