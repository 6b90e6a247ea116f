"""Ratings of delivered lines: whether the buyer may still rate, and their word against a take-down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.db import select
from kit.errors import Conflict, NotAllowed, NotFound
from kit.i18n import say
from kit.roles import Caller, Role
from kit.rules import rule_on
from orders.models import Order, OrderLine
from vendors.services.ratings.moderated import appeal_rating
from vendors.services.ratings.shown import RatingView, ratings_of_lines
from vendors.services.ratings.writing import Bought, RatingContent, rate

RATING_RULE, RATING_DAYS = "rating_days", 90


@dataclass(frozen=True)
class RatableLine:
    """A delivered line with its rating, if it has one; `until` is the last moment to write one."""

    line: OrderLine
    rating: RatingView | None
    until: datetime
    can_be_rated: bool


async def ratable_lines(order: Order, *, now: datetime) -> list[RatableLine]:
    """The lines of a delivered order; none before the delivery. Five queries at most."""
    until = await rated_until(order, now=now)
    if until is None:
        return []
    lines = await select(OrderLine, "WHERE order_id = $1 ORDER BY id", [order.id])
    ratings = await ratings_of_lines([one.id for one in lines])
    return [
        RatableLine(one, ratings.get(one.id), until, one.id not in ratings and now <= until) for one in lines
    ]


async def ratable_line(order: Order, line_id: int, *, now: datetime) -> RatableLine:
    """One of them. NotFound before the delivery and for what is none of this order's."""
    for one in await ratable_lines(order, now=now):
        if one.line.id == line_id:
            return one
    raise NotFound()


async def rated_until(order: Order, *, now: datetime) -> datetime | None:
    """Until when an order's goods may be rated; None when they were not delivered."""
    if order.delivered_at is None:
        return None
    days = int(await rule_on(RATING_RULE, vietnam_date(order.delivered_at)) or RATING_DAYS)
    return order.delivered_at + timedelta(days=days)


async def rate_line(order: Order, line_id: int, said: RatingContent, caller: Caller, *, now: datetime) -> int:
    """The buyer rates a delivered line, once; the same one sent again is the same. Gives the rating's number.

    NotFound before the delivery, NotAllowed for who sells these goods, Conflict when the time is over or the line was
    rated otherwise. The caller has made sure that the order is theirs.
    """
    found = await ratable_line(order, line_id, now=now)
    if order.vendor_id in caller.scope_ids(Role.VENDOR):
        raise NotAllowed(say("Cô bác không tự đánh giá hàng của mình."))
    if found.rating is None and now > found.until:
        raise Conflict(say("Đã quá hạn đánh giá món này."))
    bought = Bought(
        found.line.id, found.line.listing_id, order.code, order.person_id, caller.name or order.recipient_name
    )
    return await rate(bought, said, now=now)


async def appeal_line(order: Order, line_id: int, words: str, *, now: datetime) -> None:
    """The buyer says something against their rating's take-down, once. NotFound, Conflict."""
    await ratable_line(order, line_id, now=now)
    await appeal_rating(line_id, words, person_id=order.person_id, now=now)
