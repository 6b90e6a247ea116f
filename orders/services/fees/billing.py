"""Billing a market's traders for a month: stall, power, cleaning; each stall once; taken back while nothing came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tortoise.exceptions import IntegrityError
from tortoise.functions import Count, Sum

from accounts.services import names_of, record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import Sentence, say
from kit.outbox import announce
from kit.sheets_out import Cell
from orders.models import MarketFee
from orders.services.names import fee_reference, fees_channel
from orders.states import FeeState
from payments.services import cancel, payment_for
from vendors.services.cards import PAGE, Leaf
from vendors.services.markets.accounts import fee_account
from vendors.services.markets.holders import (
    StallHolder,
    holders_of,
    market_names,
    stall_holders,
    vendor_names,
)

FEE_MOST_DONG = 99_999_999
HEADS = [
    "Ô",
    "Tiểu thương",
    "Tháng",
    "Thuê ô",
    "Điện",
    "Vệ sinh",
    "Tổng",
    "Đã nhận",
    "Trong đó tiền mặt",
    "Thừa",
    "Trạng thái",
    "Ngày trả",
]
STATE_WORDS: dict[FeeState, tuple[Sentence, str]] = {
    FeeState.OPEN: (say("Chưa trả"), "waiting"),
    FeeState.PAID: (say("Đã trả"), "good"),
    FeeState.VOID: (say("Đã bỏ"), "quiet"),
}


@dataclass(frozen=True)
class FeeLine:
    """What one stall shall pay, in đồng."""

    stall_dong: int
    power_dong: int
    cleaning_dong: int

    @property
    def total_dong(self) -> int:
        """All of it."""
        return self.stall_dong + self.power_dong + self.cleaning_dong


@dataclass(frozen=True)
class FeeRow:
    """A fee in a list; `name` is the trader for the board, the market for the trader; `cash_by` who noted cash."""

    fee: MarketFee
    name: str
    state: Sentence
    tone: str
    cash_by: str = ""


@dataclass(frozen=True)
class MonthSums:
    """A market's month: how many bills and đồng, how many of them unpaid, what has come, of it in cash."""

    bills: int
    asked_dong: int
    received_dong: int
    cash_dong: int
    unpaid: int
    unpaid_dong: int


@dataclass(frozen=True)
class Billable:
    """A stall without a bill for the month; `last` is what its newest bill asked."""

    holder: StallHolder
    last: FeeLine | None


async def billable(market_id: int, month: date, page: int) -> Leaf[Billable]:
    """A page of a market's stalls, those left out that have a bill for the month. Three queries."""
    leaf = await stall_holders(market_id, page)
    numbers = [one.number for one in leaf.items]
    fees = await MarketFee.filter(market_id=market_id, stall__in=numbers).exclude(state=FeeState.VOID)
    billed = {(one.vendor_id, one.stall) for one in fees if one.month == month}
    last = {(one.vendor_id, one.stall): _line(one) for one in sorted(fees, key=lambda fee: fee.month)}
    rows = [
        Billable(one, last.get((one.vendor_id, one.number)))
        for one in leaf.items
        if (one.vendor_id, one.number) not in billed
    ]
    return Leaf(rows, leaf.page, leaf.has_more)


async def bill(
    market_id: int, month: date, lines: Mapping[int, FeeLine], *, due_on: date, by: int, now: datetime
) -> int:
    """Bills these stalls (stall's row → sums) of a market; how many are new. Who has a bill already gets no second.

    Raises Refusal when the market has no account that fees could go to.
    """
    await fee_account(market_id)
    holders = await holders_of(market_id, lines)
    new = 0
    async with transaction():
        for stall_id, holder in sorted(holders.items()):
            if lines[stall_id].total_dong:
                fee = _fee(market_id, holder, month, lines[stall_id], due_on, by, now)
                new += await _is_new(fee)
        await record(by, "fees_billed", "market", market_id, month=month.isoformat(), bills=new)
    return new


async def void_fee(fee_id: int, market_id: int, because: str, *, by: int, now: datetime) -> None:
    """The board takes a fee back. NotFound when it is not the market's; Conflict once money has come."""
    async with transaction():
        reference = fee_reference(fee_id)
        asked = await payment_for(reference)
        was_open = await cancel(reference, now=now)
        fee = (await locked(MarketFee, [fee_id])).get(fee_id)
        if fee is None or fee.market_id != market_id:
            raise NotFound()
        if fee.state is FeeState.VOID:
            return
        if fee.state is FeeState.PAID or (asked is not None and not was_open):
            raise Conflict(say("Khoản phí này đã có tiền vào nên không bỏ được."))
        fee.state, fee.voided_at, fee.voided_because = FeeState.VOID, now, because
        await fee.save(update_fields=["state", "voided_at", "voided_because"])
        await record(by, "fee_voided", "market_fee", fee.id, because=because)
        await announce(fees_channel(fee.vendor_id))


async def fees_of_market(market_id: int, month: date, page: int, *, unpaid_only: bool) -> Leaf[FeeRow]:
    """A page of a market's bills for a month, by stall. Three queries."""
    rows = MarketFee.filter(market_id=market_id, month=month).order_by("stall", "id")
    if unpaid_only:
        rows = rows.filter(state=FeeState.OPEN)
    found = await rows.offset((page - 1) * PAGE).limit(PAGE + 1)
    names = await vendor_names(one.vendor_id for one in found)
    noted_by = await names_of({one.cash_by for one in found if one.cash_by})
    items = [
        replace(_row(one, names.get(one.vendor_id, "")), cash_by=noted_by.get(one.cash_by or 0, ""))
        for one in found[:PAGE]
    ]
    return Leaf(items, page, len(found) > PAGE)


async def month_sums(market_id: int, month: date) -> MonthSums:
    """What a market's month sums to. One query."""
    rows = (
        await MarketFee.filter(market_id=market_id, month=month)
        .exclude(state=FeeState.VOID)
        .annotate(n=Count("id"), asked=Sum("total_dong"), came=Sum("received_dong"), cash=Sum("cash_dong"))
        .group_by("state")
        .values("state", "n", "asked", "came", "cash")
    )
    unpaid = [row for row in rows if row["state"] == FeeState.OPEN]
    return MonthSums(
        bills=sum(int(row["n"]) for row in rows),
        asked_dong=sum(int(row["asked"]) for row in rows),
        received_dong=sum(int(row["came"]) for row in rows),
        cash_dong=sum(int(row["cash"]) for row in rows),
        unpaid=sum(int(row["n"]) for row in unpaid),
        unpaid_dong=sum(int(row["asked"]) - int(row["came"]) for row in unpaid),
    )


async def fees_table(market_id: int, month: date) -> tuple[list[str], list[list[Cell]]]:
    """Heads and rows of a market's month as a sheet. Two queries."""
    fees = await MarketFee.filter(market_id=market_id, month=month).order_by("stall", "id")
    names = await vendor_names(one.vendor_id for one in fees)
    return HEADS, [_cells(one, names.get(one.vendor_id, "")) for one in fees]


async def fees_of_trader(vendor_ids: Sequence[int], page: int) -> Leaf[FeeRow]:
    """A page of what markets ask of these vendors: unpaid first, then newest. Two queries."""
    rows = MarketFee.filter(vendor_id__in=list(vendor_ids)).exclude(state=FeeState.VOID)
    found = await rows.order_by("state", "-month", "-id").offset((page - 1) * PAGE).limit(PAGE + 1)
    names = await market_names(one.market_id for one in found)
    items = [_row(one, names.get(one.market_id, "")) for one in found[:PAGE]]
    return Leaf(items, page, len(found) > PAGE)


async def unpaid_fees(vendor_ids: Sequence[int]) -> int:
    """How many fees wait for these vendors. One query."""
    return await MarketFee.filter(vendor_id__in=list(vendor_ids), state=FeeState.OPEN).count()


def _fee(
    market_id: int, holder: StallHolder, month: date, line: FeeLine, due_on: date, by: int, now: datetime
) -> MarketFee:
    return MarketFee(
        market_id=market_id,
        vendor_id=holder.vendor_id,
        stall=holder.number,
        month=month,
        stall_dong=line.stall_dong,
        power_dong=line.power_dong,
        cleaning_dong=line.cleaning_dong,
        total_dong=line.total_dong,
        due_on=due_on,
        billed_by=by,
        billed_at=now,
    )


async def _is_new(fee: MarketFee) -> bool:
    try:
        async with transaction():
            await fee.save()
            await announce(fees_channel(fee.vendor_id))
    except IntegrityError:
        return False
    return True


def _row(fee: MarketFee, name: str) -> FeeRow:
    words, tone = STATE_WORDS[fee.state]
    if fee.extra_dong:
        words, tone = say("Trả thừa"), "bad"
    elif fee.state is FeeState.OPEN and fee.received_dong:
        words, tone = say("Trả thiếu"), "bad"
    return FeeRow(fee, name, words, tone)


def _line(fee: MarketFee) -> FeeLine:
    return FeeLine(fee.stall_dong, fee.power_dong, fee.cleaning_dong)


def _cells(fee: MarketFee, name: str) -> list[Cell]:
    return [
        fee.stall,
        name,
        f"{fee.month:%m/%Y}",
        fee.stall_dong,
        fee.power_dong,
        fee.cleaning_dong,
        fee.total_dong,
        fee.received_dong,
        fee.cash_dong,
        fee.extra_dong,
        str(_row(fee, "").state),
        f"{fee.paid_at:%d/%m/%Y}" if fee.paid_at else "",
    ]
