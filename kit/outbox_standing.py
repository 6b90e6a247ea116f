"""How the outbox stands, for figures: what waits, for how long, and what was given up, by kind of job."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from kit.db import sql

_STANDING = """
    SELECT name, state, count(*) AS count, min(due_at) AS oldest FROM outbox_job
    WHERE state = 'waiting' GROUP BY name, state
    UNION ALL
    SELECT name, state, count(*), min(due_at) FROM outbox_job WHERE state = 'dead' GROUP BY name, state
"""


@dataclass(frozen=True)
class KindStanding:
    """Jobs of one kind: how many wait, for how long the oldest has been due (in seconds), how many are dead."""

    name: str
    waiting: int
    oldest_seconds: float
    dead: int


async def outbox_standing() -> list[KindStanding]:
    """Every kind that has a job waiting or dead, by name. One query over two partial indexes."""
    now, found = datetime.now(UTC), dict[str, KindStanding]()
    for row in await sql(_STANDING):
        name, count = str(row["name"]), int(str(row["count"]))
        before = found.get(name, KindStanding(name, 0, 0.0, 0))
        if row["state"] == "dead":
            found[name] = KindStanding(name, before.waiting, before.oldest_seconds, count)
        else:
            age = max(0.0, (now - cast(datetime, row["oldest"])).total_seconds())
            found[name] = KindStanding(name, count, age, before.dead)
    return sorted(found.values(), key=lambda one: one.name)
