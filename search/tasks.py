"""Search's jobs: one listing brought in step, and the nightly look for drift."""

import logging

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.outbox import Every, Task, TryAgain, every
from kit.parts import Parts
from search import services
from search.engine import Engine, EngineAway, EngineBroken
from search.tally import Tally
from search.wanted import forget_old, keep_counts

AWAY_SECONDS = 20
log = logging.getLogger("search")


async def index_listing(parts: Parts, listing_id: int) -> None:
    """Puts a listing into the index as it stands now, or takes it out."""
    today = vietnam_date(parts[Clock].now())
    try:
        await services.index_listing(parts[Engine], listing_id, today=today)
    except EngineAway as away:
        raise TryAgain(str(away), seconds=AWAY_SECONDS) from away
    except EngineBroken:
        await services.rebuild(parts[Engine], today=today)


async def mend_index(parts: Parts) -> None:
    """Builds the index anew each night: stars lapse at midnight, and whatever drifted is right again."""
    drift = await services.mend_drift(parts[Engine], today=vietnam_date(parts[Clock].now()))
    if drift:
        log.warning("%s listings had drifted between database and index", drift)
    await services.rebuild(parts[Engine], today=vietnam_date(parts[Clock].now()))


async def keep_searches(parts: Parts) -> None:
    """Empties the counts of searches into PostgreSQL each minute."""
    await keep_counts(parts[Tally], today=vietnam_date(parts[Clock].now()))


async def forget_searches(parts: Parts) -> None:
    """Drops counts that are older than a year and a bit."""
    await forget_old(today=vietnam_date(parts[Clock].now()))


TASKS: list[Task] = [index_listing]
CRONS: list[Every] = [every(86400, mend_index), every(60, keep_searches), every(86400, forget_searches)]
