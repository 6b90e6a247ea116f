"""Search: keeping the index in step with the listings, and asking it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from kit.db import sql
from kit.errors import Refusal
from kit.i18n import say
from kit.rows import Row
from search.documents import ListingDoc, card, document, from_card
from search.engine import (
    DEEPEST,
    MOST_A_PAGE,
    Engine,
    EngineAway,
    EngineBroken,
    Hits,
    Query,
    Sort,
    Stats,
)
from search.models import IndexDebt, IndexStanding
from vendors.services import Goods, ids_on_sale, listing_documents

BATCH = 500
MORE_TO_CHOOSE = 3
TROUBLE_MAX = 1000


async def results(engine: Engine, query: Query) -> Hits:
    """One page of results. Raises Refusal (503) when the engine does not answer."""
    try:
        return await engine.search(query)
    except (EngineAway, EngineBroken) as away:
        raise Refusal(
            say("Ô tìm kiếm đang nghỉ ít phút. Bạn xem hàng ở trang đầu nhé."), status=503
        ) from away


async def suggested(engine: Engine, query: Query) -> Hits:
    """What is typed so far may become these goods: the best few of different names. Raises Refusal as `results`."""
    hits = await results(engine, replace(query, limit=MORE_TO_CHOOSE * query.limit))
    named = {doc.name: doc for doc in reversed(hits.docs)}
    different = [doc for doc in hits.docs if named[doc.name] is doc]
    return replace(hits, docs=tuple(different[: query.limit]))


async def similar(engine: Engine, goods: Goods, *, limit: int) -> tuple[ListingDoc, ...]:
    """Goods in stock like these: of their kind with words of their name first, then of their kind alone.

    Nothing for alcohol, and never alcohol: what is sold under an age limit is recommended to nobody (Law 44/2019 on
    alcohol, Article 5). Raises Refusal (503) when the engine does not answer.
    """
    if goods.is_adult_only:
        return ()
    named = await results(
        engine, Query(goods.name, kind=goods.kind, in_stock=True, adult=False, limit=limit + 1)
    )
    plain = await results(engine, Query("", kind=goods.kind, in_stock=True, adult=False, limit=limit + 1))
    found = {doc.id: doc for doc in (*named.docs, *plain.docs) if doc.id != goods.listing_id}
    return tuple(found.values())[:limit]


async def index_listing(engine: Engine, listing_id: int, *, today: date) -> None:
    """Brings one listing of the index in step with the database: put when on sale, dropped when not."""
    await _bring_in_step(engine, [listing_id], today=today)


async def _bring_in_step(engine: Engine, ids: Sequence[int], *, today: date) -> None:
    """Writes these listings as they stand, and looks at them again until nothing has changed.

    Several processes write: one that read earlier may write later than the others. It then sees what they saw, and
    writes that.
    """
    docs, written = await _documents(ids, today), None
    while docs != written:
        if docs:
            await engine.put(list(docs.values()))
        if gone := sorted(set(ids) - docs.keys()):
            await engine.drop(gone)
        docs, written = await _documents(ids, today), docs


async def _documents(ids: Sequence[int], today: date) -> dict[int, ListingDoc]:
    return {facts.id: document(facts) for facts in await listing_documents(ids, today=today)}


async def owe(listing_id: int) -> None:
    """Notes that the index does not know yet how a listing stands now."""
    await sql(
        "INSERT INTO index_debt (listing_id, noted_at) VALUES ($1, clock_timestamp())"
        " ON CONFLICT (listing_id) DO UPDATE SET noted_at = excluded.noted_at",
        [listing_id],
    )


async def owed() -> int:
    """How many listings wait for the index."""
    return await IndexDebt.all().count()


@dataclass(frozen=True)
class Standing:
    """The index as the worker last found it (never yet: `seen_at` None), and how many listings are owed to it."""

    seen_at: datetime | None
    engine: str
    listings: int
    trouble: str
    owed: int


async def note_standing(engine: Engine, *, now: datetime, trouble: str = "") -> None:
    """Writes down how the index stands; `trouble` when it could not even be asked."""
    stats = Stats(0, "", (trouble,)) if trouble else await engine.stats()
    values = {"seen_at": now, "trouble": "\n".join(stats.troubles)[:TROUBLE_MAX]}
    if not trouble:
        values |= {"engine": stats.engine, "listings": stats.listings}
    await IndexStanding.update_or_create(id=1, defaults=values)


async def standing() -> Standing:
    """How the index stands, from two small tables."""
    row = await IndexStanding.get_or_none(id=1)
    if row is None:
        return Standing(None, "", 0, "", await owed())
    return Standing(row.seen_at, row.engine, row.listings, row.trouble, await owed())


async def pay_debts(engine: Engine, *, today: date) -> int:
    """Brings the index in step with what it is owed, oldest first; gives how many listings.

    A debt noted again meanwhile stays. Raises EngineAway or EngineBroken, with the rest still owed.
    """
    paid = 0
    while rows := await IndexDebt.all().order_by("noted_at").limit(BATCH):
        ids = [row.listing_id for row in rows]
        await _bring_in_step(engine, ids, today=today)
        await IndexDebt.filter(listing_id__in=ids, noted_at__lte=rows[-1].noted_at).delete()
        paid += len(ids)
    return paid


async def rebuild(engine: Engine, *, today: date) -> int:
    """Builds the whole index anew and swaps it without a gap; gives the number of listings."""
    return await engine.rebuild(_all_documents(today))


async def must_be_built(engine: Engine) -> bool:
    """Whether the index is spoilt, of an older form, or empty while there are goods on sale."""
    return await engine.start() and bool(await ids_on_sale())


async def unlike_listings(engine: Engine, *, today: date, limit: int = 20) -> list[Row]:
    """Listings that stand only in the index or only in the database, and cards that say other than the database.

    Cards are looked at as deep as an engine gives pages. Raises EngineAway, EngineBroken.
    """
    wanted, held = set(await ids_on_sale()), await engine.ids()
    rows: list[Row] = [{"listing": id, "wrong": "only in the index"} for id in sorted(held - wanted)]
    rows += [{"listing": id, "wrong": "only in the database"} for id in sorted(wanted - held)]
    for offset in range(0, DEEPEST, MOST_A_PAGE):
        hits = await engine.search(Query(sort=Sort.NEWEST, offset=offset, limit=MOST_A_PAGE))
        shown = {doc.id: doc for doc in hits.docs}
        for facts in await listing_documents(list(shown), today=today):
            meant = from_card(card(document(facts)))
            differing = [
                name for name in card(meant) if getattr(meant, name) != getattr(shown[facts.id], name)
            ]
            if differing:
                rows.append({"listing": facts.id, "wrong": f"the card differs in {', '.join(differing)}"})
        if len(shown) < MOST_A_PAGE or len(rows) >= limit:
            break
    return rows[:limit]


async def mend_drift(engine: Engine, *, today: date) -> int:
    """Finds listings that stand only in the index or only in the database, and mends them; gives how many.

    Raises EngineBroken for an index that cannot be read: it must be built.
    """
    wanted = set(await ids_on_sale())
    held = await engine.ids()
    surplus, lacking = sorted(held - wanted), sorted(wanted - held)
    unlike = surplus + lacking
    for start in range(0, len(unlike), BATCH):
        await _bring_in_step(engine, unlike[start : start + BATCH], today=today)
    return len(unlike)


async def _all_documents(today: date) -> AsyncIterator[ListingDoc]:
    ids = await ids_on_sale()
    for start in range(0, len(ids), BATCH):
        for facts in await listing_documents(ids[start : start + BATCH], today=today):
            yield document(facts)
