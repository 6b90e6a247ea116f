"""One parcel of several stalls: packed at the desk with what has come, booked once, and followed by all its orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify
from kit.dates import vietnam_date
from kit.db import locked, select, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.outbox import later, later_each
from orders.handing_models import JointParcel, JointPart, Spot
from orders.models import Order, OrderLine
from orders.services.moves import tell_screens
from orders.services.names import joint_reference
from orders.services.post import ADULT_ONLY, contents_of, request_to, weight_of
from orders.states import Handing, JointState, OrderState
from postal.carrier import ParcelRequest, Party
from postal.services import book, moved_on
from vendors.services import vendor_card

NEWS_LIFE = timedelta(hours=20)
_PARTS = "WHERE joint_id = ANY($1) ORDER BY id"
_OPEN = (OrderState.PLACED, OrderState.PAID)


class AlreadyPacked(Conflict):
    """Somebody packed this parcel before."""


@dataclass(frozen=True)
class Gathered:
    """The orders of a joint parcel: what goes with it, what is missing and may still come."""

    going: list[Order]
    missing: list[Order]

    @property
    def missing_names(self) -> str:
        """Whose parts are missing."""
        return ", ".join(one.vendor_name for one in self.missing)


async def pack_joint(
    joint_id: int, market_id: int, *, leaves_missing: bool, person_id: int, now: datetime
) -> None:
    """The desk has packed what has come; parts that are missing then go by themselves, and the buyer is told.

    Raises NotFound for another desk's, AlreadyPacked, Conflict when a part is missing and is not to be left, Refusal
    at `joint` when nothing has come. Locks the orders, then the parcel, then its parts.
    """
    order_ids = await _order_ids(joint_id, market_id)
    async with transaction():
        orders = await locked(Order, order_ids)
        joint = (await locked(JointParcel, [joint_id]))[joint_id]
        if joint.state is not JointState.GATHERING:
            raise AlreadyPacked(say("Bưu gửi gộp này đã đóng gói rồi."))
        parts = await select(JointPart, _PARTS, [[joint_id]])
        gathered = _gathered(parts, orders)
        if not gathered.going:
            raise Refusal(say("Chưa có phần nào nằm ở bàn, chưa đóng gói được."), field="joint")
        if gathered.missing and not leaves_missing:
            raise Conflict(say("Còn thiếu phần của {names}.", names=gathered.missing_names))
        await _leave(gathered, parts, person_id, now)
        joint.state, joint.packed_at, joint.packed_by = JointState.PACKED, now, person_id
        await joint.save(update_fields=["state", "packed_at", "packed_by"])
        await record(person_id, "joint_packed", "joint_parcel", joint_id, parts=len(gathered.going))
        await later("book_joint", joint_id)


async def _order_ids(joint_id: int, market_id: int) -> list[int]:
    if not await JointParcel.exists(id=joint_id, market_id=market_id):
        raise NotFound()
    return [one.order_id for one in await select(JointPart, _PARTS, [[joint_id]])]


def _gathered(parts: Sequence[JointPart], orders: Mapping[object, Order]) -> Gathered:
    here = [(one, orders[one.order_id]) for one in parts if one.left_at is None]
    return Gathered(
        [order for part, order in here if part.brought_at is not None and order.state is OrderState.PAID],
        [order for part, order in here if part.brought_at is None and order.state in _OPEN],
    )


async def _leave(gathered: Gathered, parts: Sequence[JointPart], person_id: int, now: datetime) -> None:
    """What does not go with the parcel goes by itself: collected at the stall, at no further cost to the buyer."""
    going = {one.id for one in gathered.going}
    for part in (one for one in parts if one.left_at is None and one.order_id not in going):
        part.left_at = now
        await part.save(update_fields=["left_at"])
    for order in gathered.missing:
        order.handing = Handing.DOOR
        await order.save(update_fields=["handing"])
        if order.state is OrderState.PAID:
            await later("book_parcel", order.id)
        await record(person_id, "joint_part_left", "order", order.code)
        await tell_screens(order)
    if gathered.missing:
        words = say(
            "Phần của {names} chưa đến bàn của chợ nên đi riêng sau, bạn không trả thêm phí.",
            names=gathered.missing_names,
        )
        await _tell(gathered.going[0], words, f"joint:{parts[0].joint_id}:left", now)


async def wait_for_missing(joint_id: int, market_id: int, *, now: datetime) -> None:
    """The desk waits for parts that are missing; the buyer is told, once a day. NotFound, Conflict when none is."""
    order_ids = await _order_ids(joint_id, market_id)
    async with transaction():
        orders = await locked(Order, order_ids)
        joint = (await locked(JointParcel, [joint_id]))[joint_id]
        gathered = _gathered(await select(JointPart, _PARTS, [[joint_id]]), orders)
        if joint.state is not JointState.GATHERING or not gathered.missing:
            raise Conflict(say("Bưu gửi gộp này không còn chờ phần nào."))
        words = say(
            "Bàn của chợ chờ phần của {names} rồi mới gửi cả gói cho bạn.", names=gathered.missing_names
        )
        told = next(iter([*gathered.going, *gathered.missing]))
        await _tell(told, words, f"joint:{joint_id}:waits:{vietnam_date(now)}", now)


async def _tell(order: Order, words: Sentence, key: str, now: datetime) -> None:
    if order.person_id is not None:
        title = say("Bưu gửi gộp của bạn")
        telling = Telling(NoticeKind.ORDER, title, words, f"/orders/{order.code}", NEWS_LIFE)
        await notify([order.person_id], telling, event_key=key, now=now)


async def book_joint(joint_id: int, *, now: datetime, secret: str) -> None:
    """Job: books the parcel of a packed joint, once, and writes it into all its orders."""
    joint = await JointParcel.get_or_none(id=joint_id)
    if joint is None or joint.state is not JointState.PACKED or joint.parcel_code:
        return
    parts = [one for one in await select(JointPart, _PARTS, [[joint_id]]) if one.left_at is None]
    orders = await select(Order, "WHERE id = ANY($1) ORDER BY id", [[one.order_id for one in parts]])
    if not orders:
        return
    parcel = await book(await _request(joint, orders), key=joint_reference(joint_id), now=now, secret=secret)
    async with transaction():
        rows = await locked(Order, [one.id for one in orders])
        row = (await locked(JointParcel, [joint_id]))[joint_id]
        row.parcel_id, row.parcel_code = parcel.id, parcel.code
        await row.save(update_fields=["parcel_id", "parcel_code"])
        for order in rows.values():
            order.parcel_id, order.parcel_code = parcel.id, parcel.code
            await order.save(update_fields=["parcel_id", "parcel_code"])
            await tell_screens(order)
        await later_each("follow_parcel", await moved_on([parcel.id]))


async def _request(joint: JointParcel, orders: Sequence[Order]) -> ParcelRequest:
    """What the post is asked: from the market's desk, all goods together."""
    card = await vendor_card(orders[0].vendor_id)
    desk = next(one.desk for one in card.stalls if one.desk.market_id == joint.market_id)
    lines = await select(OrderLine, "WHERE order_id = ANY($1) ORDER BY id", [[one.id for one in orders]])
    spot = await Spot.get_or_none(order_id=orders[0].id)
    sender = Party(desk.market, card.phone, desk.line, desk.commune_code, desk.commune, card.province)
    return ParcelRequest(
        reference=joint.group_code,
        sender=sender,
        recipient=request_to(orders[0], None),
        weight_g=weight_of(lines),
        value_dong=sum(one.goods_dong for one in orders),
        contents=(ADULT_ONLY if any(one.is_adult_only for one in orders) else "") + contents_of(lines),
        market=desk.market,
        is_adult_only=any(one.is_adult_only for one in orders),
        digital_address=spot.digital_address if spot else "",
        latitude=spot.latitude if spot else None,
        longitude=spot.longitude if spot else None,
    )
