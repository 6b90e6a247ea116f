"""Search's jobs: listings brought in step, what the index is owed, and the index built anew when it must be."""

import logging

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.outbox import Every, Task, every
from kit.parts import Parts
from search import services
from search.builder import IndexBuilder
from search.engine import Engine, EngineAway, EngineBroken
from search.tally import Tally
from search.wanted import forget_old, keep_counts

log = logging.getLogger("search")


async def index_listing(parts: Parts, listing_id: int) -> None:
    """Puts a listing into the index as it stands now, or takes it out; noted as owed when the index is in trouble."""
    today = vietnam_date(parts[Clock].now())
    try:
        await services.index_listing(parts[Engine], listing_id, today=today)
    except (EngineAway, EngineBroken) as trouble:
        log.warning("listing %s is owed to the index: %s", listing_id, trouble)
        await services.owe(listing_id)


async def pay_index(parts: Parts) -> None:
    """Gives the index what it is owed, once it is back. However long it was away, nothing is lost."""
    if not await services.owed():
        return
    try:
        paid = await services.pay_debts(parts[Engine], today=vietnam_date(parts[Clock].now()))
        log.info("%s listings that were owed to the index are in it now", paid)
    except (EngineAway, EngineBroken) as trouble:
        log.warning("the index still waits: %s", trouble)


async def keep_index(parts: Parts) -> None:
    """Has the index built when it is spoilt, empty or of an older form, and writes down how it stands."""
    engine, now = parts[Engine], parts[Clock].now()
    try:
        must = await services.must_be_built(engine)
        await services.note_standing(engine, now=now)
    except EngineAway as away:
        log.warning("the search engine does not answer: %s", away)
        await services.note_standing(engine, now=now, trouble=f"does not answer: {away}")
        return
    except EngineBroken as broken:
        log.warning("the index is spoilt: %s", broken)
        await services.note_standing(engine, now=now, trouble=f"spoilt: {broken}")
        must = True
    if must:
        await build_index(parts)


async def mend_index(parts: Parts) -> None:
    """Each night: what drifted is mended at once; then all is built anew, as stars and seasons lapse at midnight."""
    await mend_drift(parts)
    await build_index(parts)


async def mend_drift(parts: Parts) -> None:
    """Mends what stands only in the index or only in the database; an index in trouble is left to `keep_index`."""
    try:
        drift = await services.mend_drift(parts[Engine], today=vietnam_date(parts[Clock].now()))
    except (EngineAway, EngineBroken) as trouble:
        log.warning("drift cannot be looked for: %s", trouble)
        return
    if drift:
        log.warning("%s listings had drifted between database and index", drift)


async def build_index(parts: Parts) -> None:
    """Builds the index anew, in a process of its own where there is a builder."""
    if parts.has(IndexBuilder):
        await parts[IndexBuilder].begin()
    else:
        await services.rebuild(parts[Engine], today=vietnam_date(parts[Clock].now()))


async def keep_searches(parts: Parts) -> None:
    """Empties the counts of searches into PostgreSQL each minute."""
    await keep_counts(parts[Tally], today=vietnam_date(parts[Clock].now()))


async def forget_searches(parts: Parts) -> None:
    """Drops counts that are older than a year and a bit."""
    await forget_old(today=vietnam_date(parts[Clock].now()))


TASKS: list[Task] = [index_listing]
CRONS: list[Every] = [
    every(10, pay_index),
    every(60, keep_index),
    every(86400, mend_index),
    every(60, keep_searches),
    every(86400, forget_searches),
]
