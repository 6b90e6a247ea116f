"""Whether a process can serve: its database answers and is migrated far enough, and nobody told it to end."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from arq.connections import ArqRedis

from kit import schema
from kit.db import sql
from kit.draining import is_draining
from kit.parts import Parts
from market.services import AWAY, OK, Check, database_answers, standing
from search.engine import Engine

NEEDED = ("database", "migrated", "serving")


@dataclass(frozen=True)
class Readiness:
    """What was found of each part, ok or away. Only database, migrated and serving are needed to serve people."""

    said: Mapping[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether people may be sent here."""
        return all(self.said[name] == OK for name in NEEDED)


async def readiness(parts: Parts) -> Readiness:
    """Asks every part, each for two seconds at most."""
    found = await standing(checks_of(parts) | {"migrated": is_migrated})
    return Readiness({**found, "serving": AWAY if is_draining() else OK})


def checks_of(parts: Parts) -> dict[str, Check]:
    """What is asked of each outside part."""
    checks: dict[str, Check] = {"database": database_answers, "engine": parts[Engine].healthy}
    if parts.has(ArqRedis):
        checks["redis"] = parts[ArqRedis].ping
    return checks


async def is_migrated() -> bool:
    """Whether the tables are at least as new as this code: a revision that it does not know is a newer one."""
    rows = await sql("SELECT version_num FROM alembic_version")
    return bool(rows) and str(rows[0]["version_num"]) not in _older_revisions()


@cache
def _older_revisions() -> frozenset[str]:
    return schema.revisions() - {schema.head() or ""}
