"""How an order comes to its buyer, as its pages show it: where it is fetched, or whose goods come along."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.db import select
from orders.handing_models import Fetch, JointParcel, JointPart
from orders.models import Order
from orders.services.handing.ready import ready_by
from orders.services.handing.unfetched import can_be_ended
from orders.states import BY_PEOPLE, Handing, JointState


@dataclass(frozen=True)
class FetchFacts:
    """Where and when an order is fetched; `ready_by` is when its seller is to have it ready, while that is ahead."""

    handing: Handing
    place: str
    address: str
    hours: str
    ready_by: datetime | None
    kept_until: date | None
    can_be_ended: bool


@dataclass(frozen=True)
class JointPartFacts:
    """One stall's part of a joint parcel."""

    code: str
    seller: str
    is_brought: bool


@dataclass(frozen=True)
class JointFacts:
    """The parcel an order shares: whose goods travel in it, and what that saved. `is_apart`: this order goes alone."""

    state: JointState
    saved_dong: int
    parts: tuple[JointPartFacts, ...]
    is_apart: bool


@dataclass(frozen=True)
class HandingFacts:
    """What is not a parcel of its own to the door; both None for that."""

    fetch: FetchFacts | None = None
    joint: JointFacts | None = None

    @property
    def mark(self) -> str:
        """Changes whenever this would look different."""
        return repr(self)


async def handing_of(order: Order, *, now: datetime) -> HandingFacts:
    """How an order comes. One query for what comes to the door by itself, three at most."""
    if order.handing in (*BY_PEOPLE, Handing.POINT):
        return HandingFacts(fetch=await _fetch_of(order, now))
    return HandingFacts(joint=await _joint_of(order))


async def _fetch_of(order: Order, now: datetime) -> FetchFacts:
    row = await Fetch.get(order_id=order.id)
    by = await ready_by(order) if row.ready_at is None and order.handing in BY_PEOPLE else None
    return FetchFacts(
        handing=order.handing,
        place=row.place,
        address=row.address,
        hours=row.hours,
        ready_by=by,
        kept_until=row.kept_until,
        can_be_ended=can_be_ended(order, row, now=now),
    )


async def _joint_of(order: Order) -> JointFacts | None:
    mine = await select(JointPart, "WHERE order_id = $1", [order.id])
    if not mine:
        return None
    joint = await JointParcel.get(id=mine[0].joint_id)
    parts = await select(JointPart, "WHERE joint_id = $1 ORDER BY id", [joint.id])
    orders = await select(Order, "WHERE id = ANY($1)", [[one.order_id for one in parts]])
    named = {one.id: one for one in orders}
    shown = tuple(
        JointPartFacts(named[one.order_id].code, named[one.order_id].vendor_name, one.brought_at is not None)
        for one in parts
        if one.left_at is None
    )
    return JointFacts(joint.state, joint.saved_dong, shown, mine[0].left_at is not None)
