"""What the scales come to: how much is given back, how much is paid on top, by when. Pure.

Over all lines of an order together, so that nobody pays and is paid back at once; never more on top than was agreed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kit.clock import VIETNAM
from vendors.services import price_of

SMALLEST_DONG = 2_000  # less than this on top is not worth a transfer: it is not asked
NIGHT_BEGINS, DAY_BEGINS = 21, 9


@dataclass(frozen=True)
class LineWeight:
    """A line as it was packed: what was paid for what is there, the most that was agreed on top, and the scales' word.

    `less_dong` and `more_dong` are what follows for it.
    """

    line_id: int
    paid_dong: int
    price_per_kg_dong: int
    more_most_dong: int
    weight_g: int
    less_dong: int = 0
    more_dong: int = 0


def settled(lines: Sequence[LineWeight], *, asks_small: bool = False) -> list[LineWeight]:
    """The lines with what each is given back or costs on top; an order has only one of the two.

    What some weigh less is first taken off what others weigh more. On top of less than `SMALLEST_DONG` is nothing,
    unless `asks_small` (money at the door is counted out to the đồng).
    """
    found = [_alone(one) for one in lines]
    less_dong, more_dong = _sums(found)
    if more_dong > less_dong:
        rest_dong = more_dong - less_dong
        if rest_dong < SMALLEST_DONG and not asks_small:
            rest_dong = 0
        return _shared([replace(one, less_dong=0) for one in found], "more_dong", rest_dong)
    return _shared([replace(one, more_dong=0) for one in found], "less_dong", less_dong - more_dong)


def _alone(line: LineWeight) -> LineWeight:
    worth_dong = price_of(line.price_per_kg_dong, line.weight_g)
    more_dong = min(line.more_most_dong, max(0, worth_dong - line.paid_dong))
    return replace(line, less_dong=max(0, line.paid_dong - worth_dong), more_dong=more_dong)


def _sums(lines: Sequence[LineWeight]) -> tuple[int, int]:
    return sum(one.less_dong for one in lines), sum(one.more_dong for one in lines)


def _shared(lines: Sequence[LineWeight], name: str, rest_dong: int) -> list[LineWeight]:
    """The lines with so much of their sums under this name as there is, the first of them first."""
    shared = []
    for one in lines:
        dong = min(getattr(one, name), rest_dong)
        rest_dong -= dong
        shared.append(replace(one, **{name: dong}))
    return shared


def due_after(now: datetime, hours: int) -> datetime:
    """The end of a buyer's time to pay: so many hours on, and never in the night, when nobody reads notices."""
    due = (now + timedelta(hours=hours)).astimezone(VIETNAM)
    if due.hour >= NIGHT_BEGINS:
        due = (due + timedelta(days=1)).replace(hour=DAY_BEGINS, minute=0, second=0, microsecond=0)
    elif due.hour < DAY_BEGINS:
        due = due.replace(hour=DAY_BEGINS, minute=0, second=0, microsecond=0)
    return due.astimezone(now.tzinfo)
