"""Filling an empty market: banks, dated rules, administrative units, the demo market, and the search index."""

import logging

from kit.clock import SystemClock
from kit.dates import vietnam_date
from kit.db import connect, disconnect, sql
from kit.rules import load_rules
from kit.settings import Settings
from kit.units import load_units
from market.demo.load import load_demo
from market.parts import search_engine
from search.engine import EngineAway
from search.services import must_be_built, rebuild
from vendors.services import load_banks

log = logging.getLogger("search")


async def fill_empty(settings: Settings) -> None:
    """Fills what is empty and leaves the rest alone; again, it changes nothing. Rebuilds an empty index."""
    await connect(settings.database_url, pool_max=settings.database_pool_max)
    try:
        await load_units()
        await load_banks()
        await load_rules()
        is_new = not settings.is_production and await load_demo(settings, now=SystemClock().now())
        await sql("ANALYZE")  # so that the planner knows at once what was loaded
        await _index(settings, always=is_new)
    finally:
        await disconnect()


async def rebuild_index(settings: Settings) -> int:
    """Builds the search index anew from the database; gives the number of listings."""
    await connect(settings.database_url, pool_max=settings.database_pool_max)
    try:
        return await _index(settings, always=True)
    finally:
        await disconnect()


async def migrate_index(settings: Settings) -> int:
    """Builds the index of this version's form before its processes start; those of the older one go on with theirs.

    Nothing to do where the form is the same or nothing is on sale; an engine that is away is left to the worker.
    """
    await connect(settings.database_url, pool_max=settings.database_pool_max)
    engine = search_engine(settings)
    try:
        if not await must_be_built(engine):
            return 0
        return await rebuild(engine, today=vietnam_date(SystemClock().now()))
    except EngineAway as away:
        log.warning("the index is left to the worker: %s", away)
        return 0
    finally:
        await engine.close()
        await disconnect()


async def _index(settings: Settings, *, always: bool) -> int:
    engine = search_engine(settings)
    try:
        is_empty = await engine.start()
        if not (is_empty or always):
            return 0
        return await rebuild(engine, today=vietnam_date(SystemClock().now()))
    finally:
        await engine.close()
