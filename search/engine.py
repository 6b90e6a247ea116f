"""The port of the search engines: what is asked, what comes back, and what may go wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from search.documents import ListingDoc

MOST_A_PAGE = 100
DEEPEST = 10_000


class EngineBroken(Exception):
    """The index cannot be read or refuses what it is given; `rebuild` makes a new one."""


class EngineAway(Exception):
    """The engine does not answer, or another process holds it too long; try again later."""


class Sort(StrEnum):
    """Orders of a page of results; `BEST` puts goods in stock first, then the best fitting words.

    `NEAREST` goes by the distance to Query.near; goods without a place come last.
    """

    BEST = "best"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NEWEST = "newest"
    NEAREST = "nearest"


@dataclass(frozen=True)
class Query:
    """What a shopper looks for. `text` is as typed, its last word perhaps unfinished; empty text shows all.

    `stars` means at least so many; `near` is latitude and longitude. Raises ValueError when a page is larger
    than 100 or deeper than 10,000, and for Sort.NEAREST without a place.
    """

    text: str = ""
    kind: str | None = None
    commune_code: str | None = None
    market_code: str | None = None
    seller_code: str | None = None
    seller_kind: str | None = None
    in_season: bool = False
    way: str | None = None
    near: tuple[float, float] | None = None
    stars: int | None = None
    price_from_dong: int | None = None
    price_to_dong: int | None = None
    in_stock: bool = False
    adult: bool = True
    sort: Sort = Sort.BEST
    offset: int = 0
    limit: int = 24
    facets: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_A_PAGE or not 0 <= self.offset <= DEEPEST:
            raise ValueError(f"no such page: offset {self.offset}, limit {self.limit}")
        if self.sort is Sort.NEAREST and self.near is None:
            raise ValueError("nearest to what?")


@dataclass(frozen=True)
class Hits:
    """A page of results.

    `meant` is the nearest spelling, searched instead of what was typed; `loose` says that nothing held all the
    words and one was let go; `old` that the engine is away and this comes from memory or the database.
    `facets` counts listings by each of search.documents.FACETS.
    """

    docs: tuple[ListingDoc, ...] = ()
    total: int = 0
    meant: str | None = None
    loose: bool = False
    old: bool = False
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Stats:
    """The index as it stands: how many listings, the name of the engine with its version, what went wrong lately."""

    listings: int
    engine: str
    troubles: tuple[str, ...] = ()


class Engine(Protocol):
    """An index of listings.

    Every call but `healthy` may raise EngineAway, and EngineBroken when the index is spoilt.
    """

    async def start(self) -> bool:
        """Makes an empty index where there is none.

        True when it is empty, spoilt or of an older form: call `rebuild`.
        """

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Adds or replaces listings by id; they are found by every process once this returns."""

    async def drop(self, ids: Sequence[int]) -> None:
        """Takes listings out; unknown ids are no mistake."""

    async def search(self, query: Query) -> Hits:
        """One page of results, best first; equal ones always in the same order."""

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Builds a new index beside the old one and swaps them at once; gives the number of listings.

        Until then the old one answers; what is put or dropped meanwhile is in the new one too. A spoilt index is
        mended by it. One rebuild at a time: the caller sees to that.
        """

    async def ids(self) -> frozenset[int]:
        """The ids of all listings held, to find drift against the database."""

    async def stats(self) -> Stats:
        """The index as it stands."""

    async def healthy(self) -> bool:
        """Whether the engine answers; raises nothing."""

    def stamp(self) -> object:
        """Changes whenever answers may; None when that cannot be told. Raises nothing and waits for nothing."""

    async def close(self) -> None:
        """Lets go of files and connections."""


async def feed(
    docs: AsyncIterator[ListingDoc], take: Callable[[list[ListingDoc]], Awaitable[None]], size: int = 1000
) -> None:
    """Gives listings on in lists of at most `size`, none of them empty, and reads the next list meanwhile."""
    source = _lists(docs, size)
    batch = await anext(source, None)
    while batch is not None:
        batch, _ = await asyncio.gather(anext(source, None), take(batch))


async def _lists(docs: AsyncIterator[ListingDoc], size: int) -> AsyncIterator[list[ListingDoc]]:
    batch: list[ListingDoc] = []
    async for doc in docs:
        batch.append(doc)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
