"""A round's stops in the order of the road: from commune to the nearest next, in a commune along its addresses."""

import re
from collections.abc import Callable, Iterable, Sequence
from math import hypot
from typing import TypeVar

from kit.points import Point, offset_km, points
from kit.text import fold

S = TypeVar("S")
_NUMBER = re.compile(r"(\d+)")


def in_order(
    stops: Sequence[S], *, commune_of: Callable[[S], str], line_of: Callable[[S], str], start: str
) -> list[S]:
    """The stops from the commune `start` on, always to the nearest commune that is left; unknown communes come last.

    Addresses of one commune stand by their words, numbers in them counted as numbers: «Số 9» before «Số 10».
    """
    left: dict[str, list[S]] = {}
    for one in sorted(stops, key=lambda one: address_key(line_of(one))):
        left.setdefault(commune_of(one), []).append(one)
    way = _nearest_next(list(left), start)
    return [one for code in way for one in left[code]]


def address_key(line: str) -> tuple[tuple[int, str], ...]:
    """A sort key of an address line without marks: figures before words, figures by their worth."""
    pieces: Iterable[str] = filter(None, (piece.strip() for piece in _NUMBER.split(fold(line))))
    return tuple(
        (int(piece), "") if piece.isascii() and piece.isdecimal() else (10**9, piece) for piece in pieces
    )


def _nearest_next(codes: list[str], start: str) -> list[str]:
    known = [code for code in codes if code in points()]
    here, way = points().get(start), list[str]()
    while known:
        nearest = min(known, key=lambda code: (_km(here, points()[code]), code))
        known.remove(nearest)
        way.append(nearest)
        here = points()[nearest]
    return way + sorted(code for code in codes if code not in points())


def _km(here: Point | None, there: Point) -> float:
    return hypot(*offset_km(here, there)) if here else 0.0
