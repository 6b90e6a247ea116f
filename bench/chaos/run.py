"""One run: a market is started and stocked, shopped in while its parts are hurt, left to settle, and audited."""

import logging
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bench.chaos.around import busy, offer_carriers
from bench.chaos.buyers import BUYERS, Load, plan, shop
from bench.chaos.cast import engage
from bench.chaos.checks import ROWS_MAX, checked, waited
from bench.chaos.faults import OF_MEILI, Conductor, Fault, schedule
from bench.chaos.settling import moment_ago, settle
from bench.chaos.town import MEILI, TANTIVY, Town, last_words, running_town, wait_ready
from bench.results import FOLDER
from bench.shoppers import shoppers, stock_up
from kit.db import connect, disconnect, sql, transaction
from kit.outbox import later_one
from kit.settings import Settings
from market.audit import Audited, Span, audit
from market.parts import search_engine
from vendors.services.auditing import pieces_in_all

SCARCE, SCARCE_PIECES = 3, 12
AGAIN_WITHIN_SECONDS = 90.0
SETTLED_WITHIN_SECONDS, QUIET_WITHIN_SECONDS = 240.0, 60.0
ORDERS_A_SALE = 5
CONNECTIONS = 5


@dataclass
class Report:
    """What a run did and found."""

    seed: int
    orders: int
    faults: int
    engine: str = TANTIVY
    happened: list[dict[str, float | str]] = field(default_factory=list)
    load: Load = field(default_factory=Load)
    seconds: dict[str, float] = field(default_factory=dict)
    found: list[Audited] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    last_words: str = ""

    @property
    def is_well(self) -> bool:
        """Whether all auditors were asked, and found nothing."""
        return bool(self.found) and not any(one.rows for one in self.found)


async def chaos(seed: int, *, orders: int, faults: int, rate: float, engine: str = TANTIVY) -> Report:
    """Runs it; raises nothing for what the market did wrong: the report says it."""
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # that PostgreSQL goes away is no news here
    report = Report(seed, orders, faults, engine)
    due = schedule(seed, faults, OF_MEILI if engine == MEILI else ())
    began = time.monotonic()
    async with running_town(seed, engine=engine) as town:
        await connect(town.database_url, pool_max=CONNECTIONS)
        report.seconds["started"] = time.monotonic() - began
        try:
            await _run(town, report, due, rate)
        finally:
            await disconnect()
            report.last_words = last_words(town)
            if not report.is_well:
                _keep_log(town, seed)
    return report


async def _run(town: Town, report: Report, due: Sequence[Fault], rate: float) -> None:
    since, goods = datetime.now(UTC), await stock_up()
    scarce, plenty = goods[:SCARCE], goods[SCARCE:]
    await sql("UPDATE listing SET stock = $1 WHERE code = ANY($2)", [SCARCE_PIECES, scarce])
    await offer_carriers(goods)
    async with transaction():
        await later_one("sync_carrier_areas")
    people = await shoppers(min(BUYERS, report.orders))
    cast = await engage(report.seed, town.webs, people, goods)
    before, sales = await pieces_in_all(), report.orders // ORDERS_A_SALE
    plans = [plan(number, report.seed, plenty, scarce) for number in range(report.orders)]
    conductor = Conductor(town.var, town.wire, list(due))
    began = time.monotonic()
    async with busy(cast, goods, sales=sales, rate=rate / ORDERS_A_SALE) as bustle:
        report.load = await shop(town, people, plans, conductor, rate=rate)
        await conductor.finish()
        await bustle.quiet(QUIET_WITHIN_SECONDS)
    report.acts = cast.done + cast.refused
    report.load.accepted |= cast.accepted
    report.happened = conductor.happened
    report.seconds["shopped"] = time.monotonic() - began
    await wait_ready(town, AGAIN_WITHIN_SECONDS)
    try:
        report.seconds["settled"] = await settle(SETTLED_WITHIN_SECONDS)
    except TimeoutError as unsettled:
        report.found.append(Audited("everything settles", [{"wrong": str(unsettled)}]))
    report.seconds |= await waited(since)
    report.found += await _audited(town, since)
    report.found += await checked(report.load, (before, await pieces_in_all()))
    report.found.append(Audited("stall sales as paid", (await bustle.tills.unlike())[:ROWS_MAX]))
    report.found.append(Audited("refunds as told", (await bustle.tellers.unlike())[:ROWS_MAX]))


async def _audited(town: Town, since: datetime) -> list[Audited]:
    engine = search_engine(
        replace(Settings(), var=str(town.var), meili_url=town.meili[0], meili_key=town.meili[1]), writes=False
    )
    await engine.start()
    try:
        return await audit(Span(since, moment_ago()), engine)
    finally:
        await engine.close()


def _keep_log(town: Town, seed: int) -> None:
    kept = FOLDER.parent / "chaos"
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copy(town.log, kept / f"{seed}.log")
