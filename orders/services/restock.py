"""Goods of an order that nobody got and that are back with their seller: one answer puts pieces on sale again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.services import record
from kit.db import locked, select, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from orders.after_models import Restock
from orders.fresh import days_for
from orders.models import Order, OrderLine
from orders.services.unwind import unsell_lines
from orders.states import OrderState
from vendors.services.stock.unsold import kinds_of

REASON_LEAST = 5


@dataclass(frozen=True)
class BackLine:
    """A line whose `pieces` came back; `suggested` of them could be sold again, none of what spoils."""

    id: int
    name: str
    unit: str
    pieces: int
    suggested: int


@dataclass(frozen=True)
class GoodsBack:
    """What came back of an order, and what its seller did with it (None while that is asked)."""

    lines: tuple[BackLine, ...]
    done: Restock | None

    @property
    def suggested(self) -> dict[int, int]:
        """What one tap puts on sale again, by line."""
        return {one.id: one.suggested for one in self.lines}

    @property
    def suggested_pieces(self) -> int:
        """How many pieces that is."""
        return sum(self.suggested.values())


async def goods_back(order: Order) -> GoodsBack | None:
    """What came back of an order that was never delivered; None for all others. No query for these, else three."""
    if not _is_back(order):
        return None
    done = await select(Restock, "WHERE order_id = $1", [order.id])
    lines = await select(OrderLine, "WHERE order_id = $1 ORDER BY id", [order.id])
    kinds = await kinds_of([one.listing_id for one in lines])
    shown = (_back_line(one, kinds.get(one.listing_id, "")) for one in lines)
    return GoodsBack(tuple(one for one in shown if one.pieces), done[0] if done else None)


def _is_back(order: Order) -> bool:
    return order.state is OrderState.RETURNED and order.delivered_at is None


def _back_line(line: OrderLine, kind: str) -> BackLine:
    pieces = line.quantity - line.short_quantity
    return BackLine(line.id, line.name, line.unit, pieces, 0 if days_for([kind]) else pieces)


async def restock(
    order_id: int, back: Mapping[int, int] | None, reason: str, *, person_id: int, now: datetime
) -> Restock:
    """The seller puts so many pieces of each line (by id) on sale again, once; without numbers what is suggested.

    All pieces are unsold, those that are not put back are gone. Raises Conflict when nothing came back or it was
    answered before, Refusal at `back_{line}`, and at `reason` when less than came back is to be sold and nobody says
    why. Locks the order, then its listings.
    """
    async with transaction():
        order = (await locked(Order, [order_id]))[order_id]
        goods = await goods_back(order)
        if goods is None:
            raise Conflict(say("Đơn này không có hàng trả về."))
        if goods.done is not None:
            raise Conflict(say("Cô bác đã trả lời về hàng của đơn này rồi."))
        there = goods.suggested if back is None else _checked(goods.lines, back)
        row = await Restock.create(
            order_id=order.id,
            lines=[
                {"id": one.id, "name": one.name, "pieces": one.pieces, "back": there[one.id]}
                for one in goods.lines
            ],
            reason=_why(goods.lines, there, reason, is_suggested=back is None),
            decided_by=person_id,
            decided_at=now,
        )
        lines = await order.lines.all().order_by("id")
        gone = {one.id: one.pieces for one in goods.lines}
        await unsell_lines(order, lines, gone, there, mark="back")
        await record(person_id, "goods_restocked", "order", order.code, pieces=sum(there.values()))
        return row


def _checked(lines: Sequence[BackLine], back: Mapping[int, int]) -> dict[int, int]:
    there = {one.id: back.get(one.id, 0) for one in lines}
    for one in lines:
        if not 0 <= there[one.id] <= one.pieces:
            raise Refusal(say("Số từ 0 đến {n}.", n=one.pieces), field=f"back_{one.id}")
    return there


def _why(lines: Sequence[BackLine], there: Mapping[int, int], reason: str, *, is_suggested: bool) -> str:
    """Why not all are sold again: what spoils says it by itself."""
    if all(there[one.id] == one.pieces for one in lines):
        return ""
    if is_suggested:
        return "Hàng tươi, không bán lại"
    if len(reason.strip()) < REASON_LEAST:
        raise Refusal(say("Ghi vì sao không bán lại hết, ví dụ «hộp móp, rách»."), field="reason")
    return reason.strip()
