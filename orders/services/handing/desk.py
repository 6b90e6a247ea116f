"""A market's desk: what sellers bring to it, and what lies there for buyers and for parcels of several stalls."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.services import record
from kit.codes import tidy_code
from kit.dates import vietnam_date
from kit.db import locked, select, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from orders.handing_models import Fetch, JointParcel, JointPart
from orders.models import Order, OrderLine
from orders.services.handing.ready import Place, make_ready
from orders.services.moves import tell_screens
from orders.services.show import things_of
from orders.states import Handing, JointState, OrderState

PAGE_ROWS = 24
PAGES_MAX = 200
JOINTS_SHOWN = 24


class AlreadyBrought(Conflict):
    """The desk has these goods already."""


@dataclass(frozen=True)
class WaitingRow:
    """Goods that lie ready for a buyer; `is_over` when their last day has passed."""

    order_id: int
    code: str
    buyer: str
    phone: str
    things: str
    seller: str
    kept_until: date | None
    is_over: bool
    is_adult_only: bool


@dataclass(frozen=True)
class WaitingPage:
    """A page of what lies ready, the longest kept first."""

    rows: list[WaitingRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class PartRow:
    """One seller's part of a joint parcel; `is_packed`: its seller said so, `is_out` when it will not come."""

    order_id: int
    code: str
    seller: str
    things: str
    is_paid: bool
    is_packed: bool
    is_brought: bool
    is_out: bool


@dataclass(frozen=True)
class JointRow:
    """A parcel of several stalls, as the desk sees it."""

    id: int
    buyer: str
    place: str
    state: JointState
    opened_at: datetime
    parcel_code: str
    parts: list[PartRow]

    @property
    def brought(self) -> int:
        """How many parts lie on the desk."""
        return sum(one.is_brought for one in self.parts)

    @property
    def missing(self) -> list[PartRow]:
        """Parts that may still come."""
        return [one for one in self.parts if not one.is_brought and not one.is_out]


async def waiting_at(place: Place, *, now: datetime, page: int = 1) -> WaitingPage:
    """What lies ready at a desk or a seller's stalls. Three queries."""
    page = max(1, min(page, PAGES_MAX))
    here = Fetch.filter(is_waiting=True)
    here = (
        here.filter(market_id=place.market_id)
        if place.market_id is not None
        else here.filter(vendor_id__in=list(place.vendor_ids), handing=Handing.STALL)
    )
    found = await here.order_by("kept_until", "id").offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    orders = await _orders([one.order_id for one in found[:PAGE_ROWS]])
    today = vietnam_date(now)
    rows = [_waiting_row(one, *orders[one.order_id], today) for one in found[:PAGE_ROWS]]
    return WaitingPage(rows, page, len(found) > PAGE_ROWS)


def _waiting_row(fetch: Fetch, order: Order, lines: list[OrderLine], today: date) -> WaitingRow:
    return WaitingRow(
        order_id=order.id,
        code=order.code,
        buyer=order.recipient_name,
        phone=order.recipient_phone,
        things=things_of(lines),
        seller=order.vendor_name,
        kept_until=fetch.kept_until,
        is_over=fetch.kept_until is not None and today > fetch.kept_until,
        is_adult_only=order.is_adult_only,
    )


async def _orders(ids: Sequence[int]) -> dict[int, tuple[Order, list[OrderLine]]]:
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in await select(OrderLine, "WHERE order_id = ANY($1) ORDER BY id", [list(ids)]) if ids else ():
        lines[line.order_id].append(line)
    orders = await select(Order, "WHERE id = ANY($1)", [list(ids)]) if ids else []
    return {one.id: (one, lines[one.id]) for one in orders}


async def joints_at(market_id: int) -> list[JointRow]:
    """The parcels of several stalls that are gathered here or wait for the carrier, the oldest first. Four queries."""
    mine = JointParcel.filter(market_id=market_id, state=JointState.GATHERING)
    rows = await mine.order_by("opened_at", "id").limit(JOINTS_SHOWN)
    packed = JointParcel.filter(market_id=market_id, state=JointState.PACKED)
    rows += await packed.order_by("-packed_at").limit(JOINTS_SHOWN)
    return await _joint_rows(rows)


async def joint_at(joint_id: int, market_id: int) -> JointRow | None:
    """One of them; None when it is another desk's."""
    row = await JointParcel.get_or_none(id=joint_id, market_id=market_id)
    return (await _joint_rows([row]))[0] if row else None


async def _joint_rows(rows: Sequence[JointParcel]) -> list[JointRow]:
    ids = [one.id for one in rows]
    parts = await select(JointPart, "WHERE joint_id = ANY($1) ORDER BY id", [ids]) if ids else []
    orders = await _orders([one.order_id for one in parts])
    return [_joint_row(row, [one for one in parts if one.joint_id == row.id], orders) for row in rows]


def _joint_row(
    row: JointParcel, parts: Sequence[JointPart], orders: dict[int, tuple[Order, list[OrderLine]]]
) -> JointRow:
    first = orders[parts[0].order_id][0]
    return JointRow(
        id=row.id,
        buyer=first.recipient_name,
        place=f"{first.commune}, {first.province}",
        state=row.state,
        opened_at=row.opened_at,
        parcel_code=row.parcel_code,
        parts=[_part_row(one, *orders[one.order_id]) for one in parts],
    )


def _part_row(part: JointPart, order: Order, lines: list[OrderLine]) -> PartRow:
    return PartRow(
        order_id=order.id,
        code=order.code,
        seller=order.vendor_name,
        things=things_of(lines),
        is_paid=order.paid_at is not None,
        is_packed=order.packed_at is not None,
        is_brought=part.brought_at is not None and part.left_at is None,
        is_out=part.left_at is not None or order.state in (OrderState.EXPIRED, OrderState.CANCELLED),
    )


async def desk_of(code: str) -> int | None:
    """The market whose desk an order goes through: to be fetched there, or into a joint parcel; None for all others."""
    order = await Order.get(code=code)
    fetch = await Fetch.get_or_none(order_id=order.id)
    part = await JointPart.get_or_none(order_id=order.id).select_related("joint")
    return int(part.joint.market_id) if part else fetch.market_id if fetch else None


async def bring(text: str, market_id: int, *, person_id: int, now: datetime) -> Order:
    """A seller has brought an order's goods to the desk: the buyer is told, or its parcel has one part more.

    Raises Refusal at `order` for what does not come here or is not packed yet, AlreadyBrought the second time.
    """
    code = tidy_code(text)[:16]
    known = await Order.get_or_none(code=code)
    fetch = await Fetch.get_or_none(order_id=known.id, market_id=market_id) if known else None
    part = await JointPart.get_or_none(order_id=known.id, joint__market_id=market_id) if known else None
    if known is None or (fetch is None and part is None):
        raise Refusal(say("Không có đơn nào mang mã này đi qua bàn của chợ."), field="order")
    async with transaction():
        order = (await locked(Order, [known.id]))[known.id]
        if part is not None:
            await _bring_part(order, part.id, person_id, now)
        else:
            await _bring_ready(order, person_id, now)
        await record(person_id, "order_brought", "order", order.code, market=market_id)
        await tell_screens(order)
        return order


async def _bring_ready(order: Order, person_id: int, now: datetime) -> None:
    if order.state is OrderState.READY:
        raise AlreadyBrought(say("Bàn đã nhận đơn {code} rồi.", code=order.code))
    _refuse_unpacked(order)
    await make_ready(order, now=now, person_id=person_id)


async def _bring_part(order: Order, part_id: int, person_id: int, now: datetime) -> None:
    part = (await locked(JointPart, [part_id]))[part_id]
    if part.left_at is not None:
        raise Refusal(
            say("Đơn {code} đã tách ra đi riêng, bưu tá đến sạp lấy.", code=order.code), field="order"
        )
    if part.brought_at is not None:
        raise AlreadyBrought(say("Bàn đã nhận đơn {code} rồi.", code=order.code))
    _refuse_unpacked(order)
    part.brought_at, part.brought_to = now, person_id
    await part.save(update_fields=["brought_at", "brought_to"])


def _refuse_unpacked(order: Order) -> None:
    if order.state is not OrderState.PAID:
        raise Refusal(say("Đơn {code} chưa trả tiền hoặc đã kết thúc.", code=order.code), field="order")
    if order.packed_at is None:
        raise Refusal(
            say(
                "Người bán chưa bấm «Gói xong» cho đơn {code}. Nhờ người bán bấm rồi quét lại.",
                code=order.code,
            ),
            field="order",
        )
