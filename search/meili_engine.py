"""The engine for many processes and machines: Meilisearch (`search.meili_server` speaks to it).

Meilisearch gets what the embedded engine gets: the same folded and coded fields, and queries already understood
by `search.reading`. Its own typo tolerance is off, or it would take every short syllable for every other.
"""

import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

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
from search.engine import EngineAway, EngineBroken, Hits, Query, Sort, Stats, feed
from search.meili_server import MeiliServer
from search.reading import Choice, Reading
from search.synonyms import synonyms
from search.vocabulary import Vocabulary

FORM = "5"  # raise it when the settings or the searched fields change: `start` then asks for a rebuild
_FILTERS = ("kind", "commune_code", "market_code", "seller_code", "seller_kind")
_KNOWN_BY = FIELDS[:-1]
_VARIANTS = 6
_FOLDED_WEIGHT = 0.1  # even a name counts less so than a kind with the right marks
_VOCABULARY_SECONDS = 15.0
OLDER_FORMS_KEPT = timedelta(days=1)
_SENT_TOGETHER = 5000


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
    """`Engine` over one Meilisearch server; `name` begins the names of its indexes.

    Each form has an index of its own, `name_v2`: processes of an older version go on with theirs while a newer one
    builds its own. `…_next` is one being built; `…_late` is there meanwhile: what is put or dropped is noted in it
    and repeated before and after the swap. With `search_key` alone a process searches and cannot write.
    """

    def __init__(self, url: str, key: str = "", name: str = "listings", *, search_key: str = "") -> None:
        self._server = MeiliServer(url, key, search_key)
        self._prefix, self._name = name, f"{name}_v{FORM}"
        self._next, self._late = f"{self._name}_next", f"{self._name}_late"
        self._vocabulary = Vocabulary({})
        self._looked_at = float("-inf")
        self._writes = 0

    async def start(self) -> bool:
        """Makes the index with its settings where there is none; True when it must be filled by `rebuild`.

        A process that may only search leaves that to others.
        """
        return await self._server.threaded(self._start)

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Adds or replaces listings by id and waits until they are found."""
        await self._server.threaded(lambda: self._write(list(docs), []))

    async def drop(self, ids: Sequence[int]) -> None:
        """Takes listings out and waits until they are gone."""
        await self._server.threaded(lambda: self._write([], list(ids)))

    async def search(self, query: Query) -> Hits:
        """One page of results."""
        return await self._server.threaded(lambda: self._search(query))

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Builds a new index and swaps it in. One at a time: the caller sees to that."""
        await self._server.threaded(self._begin)
        sent: list[int] = []

        async def send(batch: list[ListingDoc]) -> None:
            sent.append(await self._server.threaded(partial(self._sent, batch)))

        await feed(docs, send, size=_SENT_TOGETHER)
        await self._server.threaded(lambda: self._server.settled(sent))
        await self._server.threaded(self._swap)
        return (await self.stats()).listings

    async def ids(self) -> frozenset[int]:
        """The ids of all listings held."""
        listed = await self._server.threaded(lambda: self._server.all(self._name, fields=["id"]))
        return frozenset(doc["id"] for doc in listed)

    async def stats(self) -> Stats:
        """How many listings there are, and the tasks of the last day that failed."""
        return await self._server.threaded(self._stats)

    async def healthy(self) -> bool:
        """Whether the server answers and has the index."""
        try:
            await self._server.threaded(lambda: self._server.counts(self._name, "stars"))
        except (EngineAway, EngineBroken):
            return False
        return True

    def stamp(self) -> object:
        """The second it is and what this process wrote: other processes' writes are seen a second late."""
        return int(time.monotonic()), self._writes

    async def close(self) -> None:
        """Nothing is kept open."""

    def _start(self) -> bool:
        if not self._server.may_write:
            return False
        self._server.made(self._name, settings())
        return self._server.count(self._name) == 0

    def _stats(self) -> Stats:
        name = f"Meilisearch {self._server.version()}".strip()
        return Stats(self._server.count(self._name), name, self._server.failures(self._prefix))

    def _write(self, docs: list[ListingDoc], ids: list[int]) -> None:
        """The note for a rebuild goes first: what is written before the swap is then noted when the swap is done."""
        if self._server.there(self._late):
            notes = [{"id": doc.id, "listing": asdict(doc)} for doc in docs]
            self._server.add(self._late, notes + [{"id": gone, "listing": None} for gone in ids])
        self._server.drop(self._name, ids)
        self._add(self._name, docs)
        self._looked_at = float("-inf")
        self._writes += 1

    def _add(self, name: str, docs: list[ListingDoc]) -> None:
        if docs and not self._server.there(name):
            raise EngineBroken(f"there is no index {name}")
        self._server.add(name, [_document(doc) for doc in docs])

    def _sent(self, docs: list[ListingDoc]) -> int:
        return self._server.send(self._next, [_document(doc) for doc in docs])

    def _begin(self) -> None:
        self._server.gone(self._next)
        self._server.gone(self._late)
        self._server.made(self._late)
        self._server.made(self._next, settings())

    def _swap(self) -> None:
        self._server.made(self._name, settings())
        self._repeat_late(self._next)
        self._server.swap(self._name, self._next)
        self._repeat_late(self._name)
        self._server.gone(self._late)
        self._server.gone(self._next)
        self._drop_older()
        self._looked_at = float("-inf")

    def _drop_older(self) -> None:
        """Indexes of other forms go a day after they last changed: nobody works with them any more."""
        before = datetime.now(UTC) - OLDER_FORMS_KEPT
        for name, changed_at in self._server.names().items():
            is_ours = name == self._prefix or name.startswith((f"{self._prefix}_v", f"{self._prefix}_form"))
            if is_ours and not name.startswith(self._name) and changed_at < before:
                self._server.gone(name)

    def _repeat_late(self, name: str) -> None:
        notes = self._server.all(self._late)
        self._server.drop(name, [note["id"] for note in notes if note["listing"] is None])
        self._add(name, [restored(note["listing"]) for note in notes if note["listing"] is not None])

    def _known(self) -> Vocabulary:
        """The words of the index, looked at anew after an own write or when they have grown old."""
        if time.monotonic() - self._looked_at > _VOCABULARY_SECONDS:
            found = self._server.counts(self._name, "words", "place_names")
            counts = dict.fromkeys(synonyms().words, 0) | found["words"]
            self._vocabulary = Vocabulary(counts, self._vocabulary, found["place_names"])
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
            shared["sort"] = ["sold_out:asc", _order(query)]
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
        answer = self._server.search(asked, federation)
        facets = {
            name: {value: n for value, n in counts.items() if value}
            for name, counts in (answer.get("facetDistribution") or {}).items()
        }
        docs = tuple(from_card(hit["card"]) for hit in answer["hits"])
        return Hits(
            docs, int(answer["estimatedTotalHits"]), reading.mended, loose=reading.loose, facets=facets
        )


async def search_keys(url: str, master_key: str, name: str = "listings") -> tuple[str, str]:
    """The keys for searching and for writing the indexes whose names begin so; asked again, the same ones."""
    server = MeiliServer(url, master_key)
    return await server.threaded(lambda: server.keys_for(name))


def _order(query: Query) -> str:
    """The one thing the page is sorted by, in Meilisearch's terms."""
    if query.sort is Sort.NEAREST and query.near:
        return f"_geoPoint({query.near[0]}, {query.near[1]}):asc"
    return {Sort.CHEAPEST: "price_dong:asc", Sort.DEAREST: "price_dong:desc"}.get(
        query.sort, "listed_at:desc"
    )


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
