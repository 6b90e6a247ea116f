"""What people look for, and what they look for in vain: kept by day, without anybody's name."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kit.db import sql, transaction
from kit.text import fold
from search.tally import Tally

WORDS_MAX = 80
POPULAR_DAYS, POPULAR_LEAST, POPULAR_MOST = 7, 3, 6
KEPT_DAYS = 400
ROWS_MAX = 200


@dataclass(frozen=True)
class WantedRow:
    """Words that were searched over some days, how often, and how often nothing was found."""

    words: str
    searches: int
    misses: int


async def note_search(tally: Tally, typed: str, *, found: bool, today: date) -> None:
    """Counts one search by its folded words. What may be somebody's number (seven digits or more) is not kept."""
    words = fold(typed)[:WORDS_MAX].strip()
    if words and not re.search(r"\d{7}", words.replace(" ", "")):
        await tally.note(today, words, found=found)


async def keep_counts(tally: Tally, *, today: date) -> int:
    """Empties the counts into PostgreSQL and works out what is popular; gives how many rows were written."""
    counts = await tally.take()
    async with transaction():
        for (day, words, found), times in counts.items():
            await sql(
                "INSERT INTO search_count (day, words, searches, misses) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (day, words) DO UPDATE SET searches = search_count.searches + excluded.searches,"
                " misses = search_count.misses + excluded.misses",
                [day, words, times, 0 if found else times],
            )
    await tally.forget()
    await tally.use_popular(await _popular(today))
    return len(counts)


async def wanted(*, since: date, only_missed: bool = False) -> list[WantedRow]:
    """The 200 most wanted words since a day, the most missed first when only those are asked for. One query."""
    rows = await sql(
        "SELECT words, sum(searches)::int AS searches, sum(misses)::int AS misses FROM search_count"
        " WHERE day >= $1 GROUP BY words HAVING NOT $2 OR sum(misses) > 0"
        " ORDER BY CASE WHEN $2 THEN sum(misses) ELSE sum(searches) END DESC, words LIMIT $3",
        [since, only_missed, ROWS_MAX],
    )
    return [WantedRow(str(row["words"]), int(str(row["searches"])), int(str(row["misses"]))) for row in rows]


async def forget_old(*, today: date) -> None:
    """Drops days older than 400 days."""
    await sql("DELETE FROM search_count WHERE day < $1", [today - timedelta(days=KEPT_DAYS)])


async def _popular(today: date) -> list[str]:
    """Words searched at least three times in a week that found something more often than not."""
    rows = await wanted(since=today - timedelta(days=POPULAR_DAYS))
    found = [row.words for row in rows if row.searches >= POPULAR_LEAST and 2 * row.misses < row.searches]
    return found[:POPULAR_MOST]
