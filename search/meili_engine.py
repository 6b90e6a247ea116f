"""The engine for many processes and machines: Meilisearch, through its official client.

The client blocks and its headers are not safe to share, so every call runs in a thread with a client of its own.
Meilisearch gets what the embedded engine gets: the same folded and coded fields, and queries already understood
by `search.reading`. Its own typo tolerance is off, or it would take every short syllable for every other.
"""

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, NamedTuple, TypeVar

import meilisearch
from anyio import CapacityLimiter, to_thread
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchTimeoutError
from meilisearch.index import Index
from meilisearch.models.task import TaskInfo

from search.attempts import attempts
from search.documents import (
    CODED_FIELDS,
    FACETS,
    FIELDS,
    ListingDoc,
    card,
    counted,
    from_card,
    place_names,
    restored,
    searched,
)
from search.engine import EngineAway, EngineBroken, Hits, Query, Sort, Stats, batches, names_of
from search.reading import Choice, Reading
from search.synonyms import synonyms
from search.vocabulary import Vocabulary

FORM = "3"  # raise it when the settings or the searched fields change: `start` then asks for a rebuild
_FILTERS = ("kind", "commune_code", "market_code", "seller_code", "seller_kind")
_KNOWN_BY = FIELDS[:-1]
_VARIANTS = 6
_FOLDED_WEIGHT = 0.1  # even a name counts less so than a kind with the right marks
_VOCABULARY_SECONDS = 15.0
_ANSWER_SECONDS = 5
_TASK_MS = 60_000
T = TypeVar("T")


def settings() -> dict[str, Any]:
    """The settings of the index in this form, in Meilisearch's own terms."""
    return {
        "searchableAttributes": [FIELDS[0], CODED_FIELDS[0], *FIELDS[1:-1], CODED_FIELDS[1], FIELDS[-1]],
        "filterableAttributes": [
            *dict.fromkeys((*_FILTERS, *FACETS)),
            "in_season",
            "price_dong",
            "sold_out",
            "age_restricted",
            "words",
            "place_names",
            "id",
        ],
        "sortableAttributes": ["price_dong", "listed_at", "sold_out", "stars", "id", "_geo"],
        "rankingRules": [
            "sort",
            "sold_out:asc",
            "words",
            "proximity",
            "attribute",
            "exactness",
            "stars:desc",
            "id:desc",
        ],
        "typoTolerance": {"enabled": False},
        "faceting": {"maxValuesPerFacet": 20_000, "sortFacetValuesBy": {"words": "count"}},
        "pagination": {"maxTotalHits": 11_000},
    }


class MeiliEngine:
    """`Engine` over one Meilisearch server; `name` is the index, with `name_next`, `name_late` and `name_form`.

    `name_late` is there while a rebuild runs: what is put or dropped meanwhile is noted in it and repeated.
    """

    def __init__(self, url: str, key: str = "", name: str = "listings", threads: int = 16) -> None:
        self._url, self._key, self._name = url, key, name
        self._threads = CapacityLimiter(threads)
        self._local = threading.local()
        self._vocabulary = Vocabulary({})
        self._looked_at = float("-inf")
        self._writes = 0

    async def start(self) -> bool:
        """Makes the index with its settings where there is none; True when it must be filled by `rebuild`."""
        return await self._threaded(self._start)

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Adds or replaces listings by id and waits until they are found."""
        await self._threaded(lambda: self._write(list(docs), []))

    async def drop(self, ids: Sequence[int]) -> None:
        """Takes listings out and waits until they are gone."""
        await self._threaded(lambda: self._write([], list(ids)))

    async def search(self, query: Query) -> Hits:
        """One page of results."""
        return await self._threaded(lambda: self._search(query))

    async def suggest(self, text: str, limit: int = 6) -> tuple[str, ...]:
        """Names of goods that what is typed so far may become."""
        return (
            names_of(await self.search(Query(text, limit=min(3 * limit, 100))), limit) if text.strip() else ()
        )

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Builds a new index and swaps it in. One at a time: the caller sees to that."""
        await self._threaded(self._begin)
        async for batch in batches(docs):
            await self._threaded(partial(self._add, self._next, batch))
        await self._threaded(self._swap)
        return (await self.stats()).listings

    async def ids(self) -> frozenset[int]:
        """The ids of all listings held."""
        return await self._threaded(
            lambda: frozenset(doc["id"] for doc in self._all(self._name, fields=["id"]))
        )

    async def stats(self) -> Stats:
        """How many listings there are."""
        return await self._threaded(self._stats)

    async def healthy(self) -> bool:
        """Whether the server answers and has the index."""
        try:
            await self.stats()
        except (EngineAway, EngineBroken):
            return False
        return True

    def stamp(self) -> object:
        """The second it is and what this process wrote: other processes' writes are seen a second late."""
        return int(time.monotonic()), self._writes

    async def close(self) -> None:
        """Nothing is kept open."""

    @property
    def _next(self) -> str:
        return f"{self._name}_next"

    @property
    def _late(self) -> str:
        return f"{self._name}_late"

    async def _threaded(self, call: Callable[[], T]) -> T:
        def spoken() -> T:
            with _trouble():
                return call()

        return await to_thread.run_sync(spoken, limiter=self._threads)

    @property
    def _client(self) -> meilisearch.Client:
        if not hasattr(self._local, "client"):
            self._local.client = meilisearch.Client(self._url, self._key or None, timeout=_ANSWER_SECONDS)
        client: meilisearch.Client = self._local.client
        return client

    def _done(self, task: TaskInfo) -> None:
        """Waits for a task; raises EngineBroken with Meilisearch's own words when it failed."""
        ended = self._client.wait_for_task(task.task_uid, timeout_in_ms=_TASK_MS, interval_in_ms=10)
        if ended.status != "succeeded":
            raise EngineBroken(f"{ended.type}: {ended.error}")

    def _there(self, name: str) -> bool:
        listed: Any = self._client.get_raw_indexes({"limit": 1000})  # a mapping, whatever its type says
        return any(index["uid"] == name for index in listed["results"])

    def _made(self, name: str) -> Index:
        """The index with its settings, made when it is missing."""
        if not self._there(name):
            self._done(self._client.create_index(name, {"primaryKey": "id"}))
            self._done(self._client.index(name).update_settings(settings()))
        return self._client.index(name)

    def _gone(self, name: str) -> None:
        if self._there(name):
            self._done(self._client.delete_index(name))

    def _start(self) -> bool:
        count = self._made(self._name).get_stats().number_of_documents
        return count == 0 or self._form() != FORM

    def _form(self) -> str:
        kept = self._all(f"{self._name}_form") if self._there(f"{self._name}_form") else []
        return str(kept[0]["form"]) if kept else ""

    def _write(self, docs: list[ListingDoc], ids: list[int]) -> None:
        """The note for a rebuild goes first: what is written before the swap is then noted when the swap is done."""
        if self._there(self._late):
            notes = [{"id": doc.id, "listing": asdict(doc)} for doc in docs] + [
                {"id": gone, "listing": None} for gone in ids
            ]
            self._done(self._client.index(self._late).add_documents(notes, "id"))
        if ids:
            self._drop(self._name, ids)
        self._add(self._name, docs)
        self._looked_at = float("-inf")
        self._writes += 1

    def _add(self, name: str, docs: list[ListingDoc]) -> None:
        if docs and not self._there(name):
            raise EngineBroken(f"there is no index {name}")
        if docs:
            self._done(self._client.index(name).add_documents([_document(doc) for doc in docs], "id"))

    def _drop(self, name: str, ids: list[int]) -> None:
        self._done(self._client.index(name).delete_documents(filter=f"id IN {[int(gone) for gone in ids]}"))

    def _begin(self) -> None:
        self._gone(self._next)
        self._gone(self._late)
        self._done(self._client.create_index(self._late, {"primaryKey": "id"}))
        self._made(self._next)

    def _swap(self) -> None:
        self._made(self._name)
        self._repeat_late(self._next)
        self._done(self._client.swap_indexes([{"indexes": [self._name, self._next]}]))
        self._repeat_late(self._name)
        self._gone(self._late)
        self._gone(self._next)
        self._done(self._client.index(f"{self._name}_form").add_documents([{"id": 1, "form": FORM}], "id"))
        self._looked_at = float("-inf")

    def _repeat_late(self, name: str) -> None:
        notes = self._all(self._late)
        gone = [note["id"] for note in notes if note["listing"] is None]
        if gone:
            self._drop(name, gone)
        self._add(name, [restored(note["listing"]) for note in notes if note["listing"] is not None])

    def _all(self, name: str, **wanted: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._client.index(name).get_documents({"offset": len(found), "limit": 1000, **wanted})
            found += [dict(iter(doc)) for doc in page.results]
            if not page.results or len(found) >= page.total:
                return found

    def _stats(self) -> Stats:
        count = self._client.index(self._name).get_stats().number_of_documents
        return Stats(count, f"Meilisearch {self._client.get_version()['pkgVersion']}")

    def _known(self) -> Vocabulary:
        """The words of the index, looked at anew after an own write or when they have grown old."""
        if time.monotonic() - self._looked_at > _VOCABULARY_SECONDS:
            asked = {"facets": ["words", "place_names"], "limit": 0}
            found = self._client.index(self._name).search("", asked)["facetDistribution"]
            counts = dict.fromkeys(synonyms().words, 0) | found.get("words", {})
            self._vocabulary = Vocabulary(counts, self._vocabulary, found.get("place_names", {}))
            self._looked_at = time.monotonic()
        return self._vocabulary

    def _search(self, query: Query) -> Hits:
        for reading in attempts(query.text, self._known(), synonyms()):
            hits = self._page(query, reading)
            if hits.total:
                return hits
        return Hits()

    def _page(self, query: Query, reading: Reading) -> Hits:
        shared: dict[str, Any] = {
            "indexUid": self._name,
            "matchingStrategy": "all",
            "attributesToRetrieve": ["card"],
            "filter": _filters(query),
        }
        if query.sort is not Sort.BEST:
            shared["sort"] = [_order(query)]
        said = sorted((one for whole in _wholes(reading) for one in _said(whole)), key=lambda one: one.weight)
        asked = [
            {
                **shared,
                "q": text,
                "filter": [*shared["filter"], *only],
                "federationOptions": {"weight": weight},
            }
            for (text, only), weight in {(one.text, one.only): one.weight for one in said}.items()
        ]
        federation: dict[str, Any] = {"limit": query.limit, "offset": query.offset}
        if query.facets:
            federation |= {
                "facetsByIndex": {self._name: list(FACETS)},
                "mergeFacets": {"maxValuesPerFacet": 200},
            }
        answer: dict[str, Any] = self._client.multi_search(asked, federation)
        facets = {
            name: {value: n for value, n in counts.items() if value}
            for name, counts in (answer.get("facetDistribution") or {}).items()
        }
        docs = tuple(from_card(hit["card"]) for hit in answer["hits"])
        return Hits(
            docs, int(answer["estimatedTotalHits"]), reading.mended, loose=reading.loose, facets=facets
        )


def _order(query: Query) -> str:
    """The one thing the page is sorted by, in Meilisearch's terms."""
    if query.sort is Sort.NEAREST and query.near:
        return f"_geoPoint({query.near[0]}, {query.near[1]}):asc"
    return {Sort.CHEAPEST: "price_dong:asc", Sort.DEAREST: "price_dong:desc"}.get(
        query.sort, "listed_at:desc"
    )


@contextmanager
def _trouble() -> Iterator[None]:
    """Meilisearch's mistakes in our two words: away (try again) or broken (rebuild, or mend the settings)."""
    try:
        yield
    except (MeilisearchCommunicationError, MeilisearchTimeoutError) as wrong:
        raise EngineAway(str(wrong)) from wrong
    except MeilisearchApiError as wrong:
        kind = EngineAway if (wrong.status_code or 500) >= 500 or wrong.status_code == 429 else EngineBroken
        raise kind(str(wrong)) from wrong


def _document(doc: ListingDoc) -> dict[str, Any]:
    fields = searched(doc)
    words = sorted({word for name in _KNOWN_BY for word in fields[name].split()})
    kept = ("id", "stars", "price_dong", "listed_at", "sold_out", "age_restricted", "in_season", *_FILTERS)
    told = {name: getattr(doc, name) for name in kept}
    place = {"_geo": {"lat": doc.point[0], "lng": doc.point[1]}} if doc.point else {}
    counts = {name: value for name, value in counted(doc).items() if value}
    return {
        **fields,
        **told,
        **counts,
        **place,
        "words": words,
        "place_names": place_names(doc),
        "card": card(doc),
    }


def _wholes(reading: Reading) -> list[Reading]:
    """Readings whose parts are all wanted: one, or one for each part that may be let go."""
    if reading.enough is None:
        return [reading]
    parts = reading.parts
    return [Reading((*parts[:place], *parts[place + 1 :])) for place in range(len(parts))]


class _Said(NamedTuple):
    """One way to say the whole query, for Meilisearch: its text, filters that hold for it alone, its weight."""

    text: str
    only: tuple[str, ...]
    weight: float


def _said(reading: Reading) -> Iterator[_Said]:
    """The likeliest ways to say the query: once as marked, once without marks for less."""
    going_on = bool(reading.parts) and reading.parts[-1].open
    for variant in reading.variants(_VARIANTS, near=False):
        weight = sum(choice.weight for choice in variant) / max(len(variant), 1)
        ending = "" if going_on and len(variant[-1].phrase) == 1 else " "  # after a blank no word goes on
        only = tuple(f"kind IN {json.dumps(choice.kinds)}" for choice in variant if choice.kinds)
        marked = any(word.marked for choice in variant for word in choice.phrase)
        only_exact = any(choice.exact for choice in variant)
        for exact in (True,) if marked and only_exact else (True, False) if marked else (False,):
            text = " ".join(_quoted(choice, exact=exact) for choice in variant) + ending
            yield _Said(text, only, weight * (1.0 if exact or not marked else _FOLDED_WEIGHT))


def _quoted(choice: Choice, *, exact: bool) -> str:
    text = " ".join(word.coded if exact else word.folded for word in choice.phrase)
    return f'"{text}"' if choice.near and len(choice.phrase) > 1 else text


def _filters(query: Query) -> list[str]:
    found = [
        f"{name} = {json.dumps(getattr(query, name))}"
        for name in _FILTERS
        if getattr(query, name) is not None
    ]
    found += ["in_season = true"] if query.in_season else []
    found += [f"ways = {json.dumps(query.way)}"] if query.way is not None else []
    found += ["sold_out = false"] if query.in_stock else []
    found += [] if query.adult else ["age_restricted = false"]
    found += [f"stars >= {query.stars:d}"] if query.stars is not None else []
    found += [f"price_dong >= {query.price_from_dong:d}"] if query.price_from_dong is not None else []
    found += [f"price_dong <= {query.price_to_dong:d}"] if query.price_to_dong is not None else []
    return found
