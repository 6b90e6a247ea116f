"""Notices by verdict since the market began: a count that only grows, the same whichever process is asked."""

from datetime import datetime, timedelta

from kit.db import sql, transaction

# What was settled before then is committed or will never be: no statement and no lock waits as long.
CERTAIN_AFTER = timedelta(minutes=15)
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('notice_tally', 0))"
_SINCE = "coalesce((SELECT max(until) FROM notice_tally), '-infinity')"
_KEEP = f"""
    INSERT INTO notice_tally (verdict, count, until)
    SELECT verdict, count(*), $1 FROM notice WHERE handled_at > {_SINCE} AND handled_at <= $1 GROUP BY verdict
    ON CONFLICT (verdict) DO UPDATE SET count = notice_tally.count + excluded.count
"""  # noqa: S608  a piece of our own, no values
_MOVE_ON = "UPDATE notice_tally SET until = $1 WHERE until < $1"
_COUNTED = f"""
    SELECT verdict, sum(n)::bigint AS count FROM (
        SELECT verdict, count AS n FROM notice_tally
        UNION ALL SELECT verdict, count(*) FROM notice WHERE handled_at > {_SINCE} GROUP BY verdict
    ) counted GROUP BY verdict
"""  # noqa: S608  the same


async def tally_notices(*, now: datetime) -> None:
    """Round: adds what was settled since the last time, up to a moment that is certain. Twice is once."""
    until = now - CERTAIN_AFTER
    async with transaction():
        await sql(_ONE_AT_A_TIME)
        await sql(_KEEP, [until])
        await sql(_MOVE_ON, [until])


async def notices_in_all() -> dict[str, int]:
    """By verdict how many notices were ever settled: those tallied, and those since. One query."""
    return {str(row["verdict"]): int(str(row["count"])) for row in await sql(_COUNTED)}
