"""Paying a market's fee: the QR that asks for it, what a settled notice means for it, and cash that the board took."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.services import record
from kit.dates import day_start
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from kit.outbox import announce
from orders.models import MarketFee
from orders.services.names import fee_reference, fees_channel, number_in
from orders.states import FeeState
from payments.services import MarketPayee, PaymentView, Settled, ask, confirm_by_seller, payment_for
from vendors.services.markets.accounts import fee_account

PAYABLE_FOR = timedelta(days=365)
_PAY = "UPDATE market_fee SET received_dong = total_dong, state = 'paid', paid_at = $2 WHERE id = ANY($1)"


async def own_fee(fee_id: int, vendor_ids: tuple[int, ...]) -> MarketFee:
    """The fee if it was asked of one of these vendors. NotFound otherwise."""
    fee = await MarketFee.get_or_none(id=fee_id)
    if fee is None or fee.vendor_id not in vendor_ids:
        raise NotFound()
    return fee


async def payment_of_fee(fee: MarketFee, *, now: datetime) -> PaymentView:
    """What to pay: asked for the first time when somebody looks, later the same.

    Raises Refusal when the market has no account, Conflict for a fee that the board took back or was paid in cash.
    """
    if fee.state is FeeState.VOID:
        raise Conflict(say("Ban quản lý đã bỏ khoản phí này, cô bác không phải trả."))
    asked = await payment_for(fee_reference(fee.id))
    if asked is not None:
        return asked
    async with transaction():
        current = (await locked(MarketFee, [fee.id]))[fee.id]
        if current.state is FeeState.VOID:
            raise Conflict(say("Ban quản lý đã bỏ khoản phí này, cô bác không phải trả."))
        if current.state is FeeState.PAID:
            raise Conflict(say("Khoản phí này đã trả bằng tiền mặt, cô bác không phải trả nữa."))
        return await ask(
            fee_reference(fee.id),
            vendor_id=0,
            amount_dong=fee.total_dong,
            now=now,
            expires_at=day_start(fee.due_on) + PAYABLE_FOR,
            market=MarketPayee(fee.market_id, await fee_account(fee.market_id)),
        )


async def take_fee_in_cash(fee_id: int, market_id: int, *, by: int, now: datetime) -> None:
    """The board took the rest of a fee in cash: paid, with who and when. Twice is once.

    NotFound when the fee is not the market's, Conflict when it was taken back. What was asked by QR is closed by it:
    money that still comes is owed back. Locks the payment, then the fee.
    """
    async with transaction():
        await confirm_by_seller(fee_reference(fee_id), person_id=by, now=now, in_cash=True)
        fee = (await locked(MarketFee, [fee_id])).get(fee_id)
        if fee is None or fee.market_id != market_id:
            raise NotFound()
        if fee.state is FeeState.PAID:
            return
        if fee.state is FeeState.VOID:
            raise Conflict(say("Khoản phí này đã bỏ."))
        fee.cash_dong, fee.cash_by = fee.total_dong - fee.received_dong, by
        fee.received_dong, fee.state, fee.paid_at = fee.total_dong, FeeState.PAID, now
        await fee.save(update_fields=["cash_dong", "cash_by", "received_dong", "state", "paid_at"])
        await record(by, "fee_paid_in_cash", "market_fee", fee.id, dong=fee.cash_dong)
        await announce(fees_channel(fee.vendor_id))


async def pay_fees(fee_ids: Sequence[int], *, now: datetime) -> None:
    """Fees whose payments are paid in full by one notice each; within the open transaction(). Locks the fees."""
    fees = (await locked(MarketFee, fee_ids)).values()
    if fees:
        await sql(_PAY, [[one.id for one in fees], now])
        await announce(*(fees_channel(vendor_id) for vendor_id in sorted({one.vendor_id for one in fees})))


async def settle_fee(settled: Settled, *, now: datetime) -> bool:
    """Brings a fee to where its payment is, within the caller's open transaction(); False when it is none."""
    fee_id = number_in(settled.reference, "fee")
    fee = (await locked(MarketFee, [fee_id])).get(fee_id) if fee_id else None
    if fee is None:
        return False
    asked = await payment_for(settled.reference)
    assert asked is not None
    fee.received_dong, fee.extra_dong = asked.received_dong, asked.extra_dong
    if settled.became_paid:
        fee.state, fee.paid_at = FeeState.PAID, now
    await fee.save(update_fields=["received_dong", "extra_dong", "state", "paid_at"])
    await announce(fees_channel(fee.vendor_id))
    return True
