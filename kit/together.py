"""Several queries in one round trip, each of fixed text and of the package whose tables it reads.

What one answers must not be needed to ask another. Rows come as JSON: numbers, texts, lists; times and dates as texts.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from kit.db import sql

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
Row = dict[str, Any]
_PLACE = re.compile(r"\$(\d+)")


@dataclass(frozen=True)
class Asking(Generic[A]):
    """A query, and what is made of its rows."""

    text: str
    values: Sequence[object]
    read: Callable[[list[Row]], A]


async def ask(one: Asking[A]) -> A:
    """What one query gives."""
    [rows] = await _rows(one)
    return one.read(rows)


async def ask_four(
    one: Asking[A], other: Asking[B], third: Asking[C], fourth: Asking[D]
) -> tuple[A, B, C, D]:
    """What four queries give, of one moment."""
    rows = await _rows(one, other, third, fourth)
    return one.read(rows[0]), other.read(rows[1]), third.read(rows[2]), fourth.read(rows[3])


async def _rows(*asked: Asking[Any]) -> list[list[Row]]:
    query = _joined(tuple((one.text, len(one.values)) for one in asked))
    [found] = await sql(query, [value for one in asked for value in one.values])
    return [json.loads(str(rows)) if rows else [] for rows in found.values()]


@lru_cache(maxsize=100)
def _joined(texts: tuple[tuple[str, int], ...]) -> str:
    parts, before = [], 0
    for number, (text, values) in enumerate(texts):
        moved = _PLACE.sub(lambda place, before=before: f"${int(place[1]) + before}", text)  # type: ignore[misc]
        parts.append(f"(SELECT json_agg(found) FROM ({moved}) found) AS asked{number}")  # noqa: S608  texts of ours
        before += values
    return f"SELECT {', '.join(parts)}"
