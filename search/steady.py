"""An engine that goes on answering: kept answers while nothing changed, the last good ones when the engine is away."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from kit.clock import Clock
from kit.dates import vietnam_date
from search.documents import ListingDoc, document, searched
from search.engine import Engine, EngineAway, EngineBroken, Hits, Query, Sort, Stats
from search.words import words
from vendors.services import listing_documents, newest_on_sale

KEPT_ANSWERS = 2_000
ANSWER_SECONDS = 2.0
REST_SECONDS = 3.0
LOOKED_THROUGH = 500
log = logging.getLogger("search")


class SteadyEngine:
    """`Engine` around another one.

    An answer is kept as long as the engine's stamp stays the same. An engine that does not answer within two
    seconds, or is spoilt, is left in peace for three; meanwhile the last good answer to the same question is given,
    else what the newest 500 listings of the database hold, both marked `old`.
    """

    def __init__(self, inner: Engine, clock: Clock) -> None:
        self.inner = inner
        self._clock = clock
        self._kept: OrderedDict[Query, tuple[object, Hits]] = OrderedDict()
        self._away_until = float("-inf")

    async def start(self) -> bool:
        """As the engine says; one that is away starts later, and searches are answered from the database."""
        try:
            return await self.inner.start()
        except EngineAway as away:
            log.warning("the search engine does not answer yet: %s", away)
            return False

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Adds or replaces listings; trouble is the caller's to repeat."""
        await self.inner.put(docs)

    async def drop(self, ids: Sequence[int]) -> None:
        """Takes listings out; trouble is the caller's to repeat."""
        await self.inner.drop(ids)

    async def search(self, query: Query) -> Hits:
        """One page of results; raises nothing while the database answers."""
        if time.monotonic() < self._away_until:
            return await self._without(query)
        try:
            return await self._asked(query)
        except (EngineAway, EngineBroken, TimeoutError) as trouble:
            log.warning("searching without the engine for a while: %s", trouble or type(trouble).__name__)
            self._away_until = time.monotonic() + REST_SECONDS
            return await self._without(query)

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Builds the index anew."""
        return await self.inner.rebuild(docs)

    async def ids(self) -> frozenset[int]:
        """The ids of all listings held."""
        return await self.inner.ids()

    async def stats(self) -> Stats:
        """The index as it stands."""
        return await self.inner.stats()

    async def healthy(self) -> bool:
        """Whether the engine itself answers."""
        return await self.inner.healthy()

    def stamp(self) -> object:
        """Changes whenever answers may; None while the engine is away."""
        return None if time.monotonic() < self._away_until else self.inner.stamp()

    async def close(self) -> None:
        """Lets go of files and connections."""
        await self.inner.close()

    async def _asked(self, query: Query) -> Hits:
        stamp = self.inner.stamp()
        kept = self._kept.get(query)
        if kept and stamp is not None and kept[0] == stamp:
            return kept[1]
        async with asyncio.timeout(ANSWER_SECONDS):
            hits = await self.inner.search(query)
        self._kept[query] = (stamp, hits)
        self._kept.move_to_end(query)
        if len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)
        return hits

    async def _without(self, query: Query) -> Hits:
        kept = self._kept.get(query)
        if kept:
            return replace(kept[1], old=True)
        today = vietnam_date(self._clock.now())
        newest = await listing_documents(await newest_on_sale(LOOKED_THROUGH), today=today)
        return looked_through([document(facts) for facts in newest], query)


def looked_through(docs: Sequence[ListingDoc], query: Query) -> Hits:
    """What holds all the words of a query and fits its filters, in its order: plain, but better than nothing."""
    wanted = [word.folded for word in words(query.text)]
    found = [doc for doc in docs if _fits(doc, query) and _holds(doc, wanted)]
    found.sort(key=lambda doc: (-doc.stars, -doc.id))
    if query.sort in _ORDERS:
        found.sort(key=_ORDERS[query.sort])
    found.sort(key=lambda doc: doc.sold_out)
    return Hits(tuple(found[query.offset : query.offset + query.limit]), len(found), old=True)


_ORDERS = {
    Sort.CHEAPEST: lambda doc: doc.price_dong,
    Sort.DEAREST: lambda doc: -doc.price_dong,
    Sort.NEWEST: lambda doc: -doc.listed_at,
}


def _holds(doc: ListingDoc, wanted: Sequence[str]) -> bool:
    held = " ".join(searched(doc).values()).split()
    return all(any(one.startswith(word) for one in held) for word in wanted)


def _fits(doc: ListingDoc, query: Query) -> bool:
    named = ("kind", "commune_code", "market_code", "seller_code", "seller_kind")
    return (
        all(getattr(query, name) in (None, getattr(doc, name)) for name in named)
        and (query.stars is None or doc.stars >= query.stars)
        and (query.price_from_dong or 0) <= doc.price_dong
        and (query.price_to_dong is None or doc.price_dong <= query.price_to_dong)
        and not (query.in_stock and doc.sold_out)
        and not (query.in_season and not doc.in_season)
        and (query.way is None or query.way in doc.ways)
        and (query.adult or not doc.age_restricted)
    )
