"""The embedded engine: tantivy, in process, over a folder that several processes share.

Readers look at two small files before each search (`Generations.stamp`), so they follow commits and swaps at once.
Measured on two cores: a search takes 0.5 ms at 63 listings, 1.2 ms at 2,000, 2 ms (at most 9) at 20,000. So it is
called directly while the index is small, and from a few thousand listings on in a thread (tantivy lets go of the
interpreter lock). Writing always goes to a thread.
"""

import json
import os
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import tantivy
from anyio import CapacityLimiter, to_thread
from tantivy import Occur

from search.attempts import attempts
from search.documents import CODED_FIELDS, FACETS, FIELDS, ListingDoc, restored
from search.engine import EngineAway, EngineBroken, Hits, Query, Sort, Stats, feed
from search.flat import COUNTED, FILTERS, flat, nearest_first, read_card
from search.generations import Generations
from search.matching import Best, Match, Node, Sum, merits, wanted
from search.reading import Reading
from search.synonyms import synonyms
from search.vocabulary import Vocabulary

FORM = "6"  # raise it when the schema or the searched fields change: the index is then built anew
_ORDERS = ("order_cheapest", "order_dearest", "order_newest")
_NUMBERS = ("price_dong", "stars", "in_stock", "adult", *_ORDERS)
_KNOWN_BY = FIELDS[:-1]  # the text of a listing is too long to spell by
_IN_STOCK = 200.0
_DIRECTLY_BELOW = 3000
_WRITER_BYTES = 20_000_000
_NEAREST_OF = 10_000


@dataclass(frozen=True)
class _View:
    """One state of the index, as one search sees it."""

    stamp: tuple[int, ...]
    generation: Path
    index: tantivy.Index
    searcher: tantivy.Searcher
    vocabulary: Vocabulary


class TantivyEngine:
    """`Engine` over the index in a folder; any number of processes may have it open.

    A write waits `patience_seconds` for another process that writes, then raises EngineAway.
    """

    def __init__(self, folder: Path, patience_seconds: float = 20.0) -> None:
        self._patience_seconds = patience_seconds
        self._generations = Generations(folder, FORM)
        self._view: _View | None = None
        self._one_writer = CapacityLimiter(1)
        self._one_look = Lock()
        self._readers = CapacityLimiter(os.cpu_count() or 1)

    async def start(self) -> bool:
        """Makes an empty index where there is none; True when it must be filled by `rebuild`."""
        return await to_thread.run_sync(self._start, limiter=self._one_writer)

    async def put(self, docs: Sequence[ListingDoc]) -> None:
        """Adds or replaces listings by id."""
        await to_thread.run_sync(self._write, list(docs), [], limiter=self._one_writer)

    async def drop(self, ids: Sequence[int]) -> None:
        """Takes listings out."""
        await to_thread.run_sync(self._write, [], list(ids), limiter=self._one_writer)

    async def search(self, query: Query) -> Hits:
        """One page of results."""
        if self._view is None or self._view.searcher.num_docs >= _DIRECTLY_BELOW:
            return await to_thread.run_sync(self._found_now, query, limiter=self._readers)
        return self._found_now(query)

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Builds a new generation and swaps to it; raises EngineAway when a rebuild is under way."""
        with self._generations.rebuilding():
            await to_thread.run_sync(self._begin_late)
            generation = self._generations.new()
            index = _made(generation)
            writer = index.writer(3 * _WRITER_BYTES, 1)
            await feed(docs, lambda batch: to_thread.run_sync(_add, writer, index.schema, batch))
            await to_thread.run_sync(_finish, writer)
            await to_thread.run_sync(self._swap, generation, limiter=self._one_writer)
        return (await self.stats()).listings

    async def ids(self) -> frozenset[int]:
        """The ids of all listings held."""
        return await to_thread.run_sync(self._ids, limiter=self._readers)

    async def stats(self) -> Stats:
        """How many listings there are."""
        with _breakage():
            return Stats(self._seen().searcher.num_docs, f"tantivy {version('tantivy')}")

    async def healthy(self) -> bool:
        """Whether the index can be read."""
        try:
            await self.search(Query(limit=1))
        except (EngineBroken, EngineAway):
            return False
        return True

    def stamp(self) -> object:
        """The state of the files: changes with every commit and swap of any process."""
        return self._generations.stamp_now()

    async def close(self) -> None:
        """Lets go of the files."""
        self._view = None

    def _found_now(self, query: Query) -> Hits:
        with _breakage():
            view = self._seen()
        return _found(view, query)

    def _ids(self) -> frozenset[int]:
        with _breakage():
            searcher = self._seen().searcher
            found = searcher.search(tantivy.Query.all_query(), max(searcher.num_docs, 1)).hits
            values = searcher.fast_field_values("id", [at for _, at in found])
            return frozenset(int(value or 0) for value in values)

    def _seen(self) -> _View:
        """The index as it is on disk now. A swap between two looks is met by looking once more."""
        generation = self._generations.current()
        if generation is None or not self._generations.fits(generation):
            raise EngineBroken("there is no index of this form yet")
        try:
            with self._one_look:
                return self._looked_at(generation)
        except (ValueError, OSError):
            if self._generations.current() == generation:
                raise
            return self._seen()

    def _looked_at(self, generation: Path) -> _View:
        stamp, view = self._generations.stamp(generation), self._view
        if not view or view.stamp != stamp:
            index = view.index if view and view.generation == generation else _opened(generation)
            index.reload()
            searcher = index.searcher()
            self._view = view = _View(stamp, generation, index, searcher, _vocabulary(searcher, view))
        return view

    def _start(self) -> bool:
        with self._generations.writing(self._patience_seconds):
            generation = self._generations.current()
            if generation is None:
                fresh = self._generations.new()
                _made(fresh)
                self._generations.use(fresh)
                return True
        try:
            with _breakage():
                return self._seen().searcher.num_docs == 0
        except EngineBroken:
            return True

    def _write(self, docs: list[ListingDoc], ids: list[int]) -> None:
        with self._generations.writing(self._patience_seconds), _breakage():
            if self._generations.under_rebuild():
                self._generations.note_late({"put": [asdict(doc) for doc in docs], "drop": ids})
            _replace(self._seen().index, docs, ids)

    def _begin_late(self) -> None:
        with self._generations.writing(self._patience_seconds):
            self._generations.forget_late()

    def _swap(self, generation: Path) -> None:
        with self._generations.writing(self._patience_seconds), _breakage():
            index = _opened(generation)
            for entry in self._generations.late():
                _replace(index, [restored(doc) for doc in entry["put"]], entry["drop"])
            self._generations.use(generation)
            self._generations.forget_late()


@contextmanager
def _breakage() -> Iterator[None]:
    """What tantivy and the file system say of a spoilt index becomes EngineBroken; its panics are no Exception."""
    try:
        yield
    except (ValueError, OSError, json.JSONDecodeError) as wrong:
        raise EngineBroken(str(wrong)) from wrong
    except BaseException as wrong:
        if type(wrong).__name__ != "PanicException":
            raise
        raise EngineBroken(str(wrong)) from wrong


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_text_field("card", stored=True, tokenizer_name="raw", index_option="basic")
    for name in (*FIELDS, *CODED_FIELDS):
        builder.add_text_field(name, tokenizer_name="words")
    for name in (*FILTERS, *COUNTED, "place_names"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in _NUMBERS:
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in ("merit", "latitude", "longitude"):
        builder.add_float_field(name, fast=True)
    return builder.build()


def _made(generation: Path) -> tantivy.Index:
    return _taught(tantivy.Index(_schema(), str(generation)))


def _opened(generation: Path) -> tantivy.Index:
    index = _taught(tantivy.Index.open(str(generation)))
    index.config_reader("manual")
    return index


def _taught(index: tantivy.Index) -> tantivy.Index:
    """The fields come folded: a word ends at a blank, and nothing else is done to it."""
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def _vocabulary(searcher: tantivy.Searcher, before: _View | None) -> Vocabulary:
    counts: dict[str, int] = dict.fromkeys(synonyms().words, 0)
    for name in _KNOWN_BY:
        for word, count in searcher.terms_with_prefix(name, ""):
            counts[word] = counts.get(word, 0) + count
    for sign in "^$":
        counts.pop(sign, None)
    places = (name for name, _ in searcher.terms_with_prefix("place_names", ""))
    return Vocabulary(counts, before.vocabulary if before else None, places)


def _replace(index: tantivy.Index, docs: list[ListingDoc], ids: list[int]) -> None:
    writer = index.writer(_WRITER_BYTES, 1)
    for gone in (*ids, *(doc.id for doc in docs)):
        writer.delete_documents_by_query(
            _term(index.schema, "id", gone)
        )  # by term, unsigned numbers are not met
    _add(writer, index.schema, docs)
    _finish(writer)


def _add(writer: tantivy.IndexWriter, schema: tantivy.Schema, docs: Iterable[ListingDoc]) -> None:
    with _breakage():
        for doc in docs:
            writer.add_document(tantivy.Document.from_dict(flat(doc), schema))


def _finish(writer: tantivy.IndexWriter) -> None:
    with _breakage():
        writer.commit()
        writer.wait_merging_threads()


def _found(view: _View, query: Query) -> Hits:
    """The first of the attempts that finds anything."""
    with _breakage():
        for reading in attempts(query.text, view.vocabulary, synonyms()):
            hits = _page(view, query, reading)
            if hits.total:
                return hits
    return Hits()


def _wanted(schema: tantivy.Schema, query: Query, reading: Reading, *, ranked: bool = True) -> tantivy.Query:
    """What must match; `ranked`, also what makes one match better than another."""
    must = [_const(only, 0.0) for only in _filters(schema, query)]
    better = [_const(_term(schema, "in_stock", 1), _IN_STOCK)] if ranked else []
    if reading.parts:
        must.append(_said(schema, wanted(reading)))
        better += [_said(schema, merit) for merit in merits(reading)] if ranked else []
    else:
        must.append(tantivy.Query.all_query())
    return tantivy.Query.boolean_query(
        [(Occur.Must, one) for one in must] + [(Occur.Should, one) for one in better]
    )


def _said(schema: tantivy.Schema, node: Node) -> tantivy.Query:
    """A tree of matches in tantivy's words."""
    match node:
        case Match(field, words, worth, begun):
            return _const(_phrase(schema, field, words, begun), worth)
        case Best(of):
            return tantivy.Query.disjunction_max_query([_said(schema, one) for one in of])
        case Sum(of, enough):
            occur = Occur.Must if enough is None else Occur.Should
            parts = [(occur, _said(schema, one)) for one in of]
            return tantivy.Query.boolean_query(parts, minimum_number_should_match=enough or None)


def _filters(schema: tantivy.Schema, query: Query) -> Iterator[tantivy.Query]:
    for name in FILTERS:
        if getattr(query, name) is not None:
            yield _term(schema, name, getattr(query, name))
    if query.in_season:
        yield _term(schema, "season", "now")
    if query.way is not None:
        yield _term(schema, "ways", query.way)
    if query.in_stock:
        yield _term(schema, "in_stock", 1)
    if not query.adult:
        yield _term(schema, "adult", 0)
    if query.stars is not None:
        yield _range(schema, "stars", query.stars, None)
    if query.price_from_dong is not None or query.price_to_dong is not None:
        yield _range(schema, "price_dong", query.price_from_dong, query.price_to_dong)


def _page(view: _View, query: Query, reading: Reading) -> Hits:
    matching = _wanted(view.index.schema, query, reading, ranked=query.sort in (Sort.BEST, Sort.NEAREST))
    if query.sort is Sort.NEAREST and query.near:
        places, total = _nearest(view.searcher, matching, query, query.near)
    else:
        places, total = _ordered(view.searcher, matching, query)
    docs = tuple(read_card(str(view.searcher.doc(at).get_first("card"))) for at in places)
    if not query.facets:
        return Hits(docs, total, reading.mended, loose=reading.loose)
    counted = _wanted(view.index.schema, query, reading, ranked=False)
    return Hits(docs, total, reading.mended, loose=reading.loose, facets=_facets(view.searcher, counted))


def _ordered(searcher: tantivy.Searcher, matching: tantivy.Query, query: Query) -> tuple[list[Any], int]:
    """Where the documents of the page lie, and how many there are in all."""
    field = f"order_{query.sort}"
    found = searcher.search(
        matching,
        query.limit,
        offset=query.offset,
        order_by_field=field if field in _ORDERS else None,
        order=tantivy.Order.Asc if query.sort is Sort.CHEAPEST else tantivy.Order.Desc,
        weight_by_field=None if field in _ORDERS else "merit",
    )
    return [at for _, at in found.hits], found.count or 0  # type: ignore[attr-defined]


def _nearest(
    searcher: tantivy.Searcher, matching: tantivy.Query, query: Query, near: tuple[float, float]
) -> tuple[list[Any], int]:
    """The same by distance, which the engine cannot sort by: among the best 10,000, worked out here."""
    found = searcher.search(matching, _NEAREST_OF)
    places = [at for _, at in found.hits]
    columns = (
        searcher.fast_field_values(name, places) for name in ("latitude", "longitude", "in_stock", "id")
    )
    ranked = nearest_first(near, zip(*columns, places, strict=True))
    return ranked[query.offset : query.offset + query.limit], found.count or 0  # type: ignore[attr-defined]


def _facets(searcher: tantivy.Searcher, matching: tantivy.Query) -> dict[str, dict[str, int]]:
    asked = {name: {"terms": {"field": name, "size": 200}} for name in FACETS}
    answer = searcher.aggregate(matching, asked)
    return {
        name: {_plain(row["key"]): row["doc_count"] for row in answer[name]["buckets"] if row["key"] != ""}
        for name in FACETS
    }


def _plain(key: object) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)


def _const(query: tantivy.Query, score: float) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, score)


def _term(schema: tantivy.Schema, name: str, value: str | int) -> tantivy.Query:
    return tantivy.Query.term_query(schema, name, value)


def _phrase(schema: tantivy.Schema, name: str, words: tuple[str, ...], begun: bool) -> tantivy.Query:
    if len(words) == 1 and begun:
        return tantivy.Query.fuzzy_term_query(schema, name, words[0], distance=0, prefix=True)
    if len(words) == 1:
        return _term(schema, name, words[0])
    phrase = tantivy.Query.phrase_prefix_query if begun else tantivy.Query.phrase_query
    return phrase(schema, name, list(words))


def _range(schema: tantivy.Schema, name: str, low: int | None, high: int | None) -> tantivy.Query:
    return tantivy.Query.range_query(schema, name, tantivy.FieldType.Unsigned, max(low or 0, 0), high)
