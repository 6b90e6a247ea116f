"""The embedded engine: tantivy, in process, over a folder that several processes share.

Readers look at two small files before each search (`Generations.stamp`), so they follow commits and swaps at once.
A search is called directly, not in a thread: it takes less time than the thread would. Writing goes to a thread.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import tantivy
from anyio import CapacityLimiter, to_thread
from tantivy import Occur
from tantivy import Query as Q

from search.documents import CODED_FIELDS, FIELDS, ListingDoc, card, from_card, restored, searched
from search.engine import EngineAway, EngineBroken, Hits, Query, Sort, Stats, names_of
from search.generations import Generations
from search.reading import Choice, Part, Reading, lessened, read, widened
from search.synonyms import synonyms
from search.vocabulary import Vocabulary
from search.words import Word

FORM = "1"  # raise it when the schema or the searched fields change: the index is then built anew
_RAW = ("kind", "commune_code", "market_code", "seller_code")
_NUMBERS = ("price_dong", "stars", "in_stock", "adult", "listed_at")
_WORTH = tuple(zip(FIELDS, (10.0, 6.0, 4.0, 4.0, 3.0, 1.0), strict=True))
_CODED_WORTH = tuple(zip(CODED_FIELDS, (10.0, 4.5), strict=True))
_KNOWN_BY = FIELDS[:-1]  # the text of a listing is too long to spell by
_PREFIX, _REMARKED, _IN_STOCK = 0.75, 0.4, 200.0
_BATCH = 1000
_WRITER_BYTES = 20_000_000
_PATIENCE_SECONDS = 20.0
_FACETS = ("kind", "commune_code", "market_code", "stars")


@dataclass(frozen=True)
class _View:
    """One state of the index, as one search sees it."""

    stamp: tuple[int, ...]
    generation: Path
    index: tantivy.Index
    searcher: tantivy.Searcher
    vocabulary: Vocabulary


class TantivyEngine:
    """`Engine` over the index in a folder; any number of processes may have it open."""

    def __init__(self, folder: Path) -> None:
        self._generations = Generations(folder, FORM)
        self._view: _View | None = None
        self._one_writer = CapacityLimiter(1)

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
        with _breakage():
            view = self._seen()
            reading = read(query.text, view.vocabulary, synonyms())
            if query.text.strip() and not reading.parts:
                return Hits()
            for nearest in chain([reading], widened(reading, view.vocabulary)):
                hits = _page(view, query, nearest)
                if hits.total:
                    return hits
            pages = (replace(_page(view, query, less), loose=True) for less in lessened(reading))
            return next((hits for hits in pages if hits.total), Hits())

    async def suggest(self, text: str, limit: int = 6) -> tuple[str, ...]:
        """Names of goods that what is typed so far may become."""
        return (
            names_of(await self.search(Query(text, limit=min(3 * limit, 100))), limit) if text.strip() else ()
        )

    async def rebuild(self, docs: AsyncIterator[ListingDoc]) -> int:
        """Builds a new generation and swaps to it; raises EngineAway when a rebuild is under way."""
        with self._generations.rebuilding():
            await to_thread.run_sync(self._begin_late)
            generation = self._generations.new()
            index = _made(generation)
            writer = index.writer(3 * _WRITER_BYTES, 1)
            async for batch in _batches(docs):
                await to_thread.run_sync(_add, writer, index.schema, batch)
            await to_thread.run_sync(_finish, writer)
            await to_thread.run_sync(self._swap, generation, limiter=self._one_writer)
        return (await self.stats()).listings

    async def ids(self) -> frozenset[int]:
        """The ids of all listings held."""
        with _breakage():
            searcher = self._seen().searcher
            found = searcher.search(Q.all_query(), max(searcher.num_docs, 1)).hits
            return frozenset(
                int(value or 0) for value in searcher.fast_field_values("id", [at for _, at in found])
            )

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

    async def close(self) -> None:
        """Lets go of the files."""
        self._view = None

    def _seen(self) -> _View:
        """The index as it is on disk now. A swap between two looks is met by looking once more."""
        generation = self._generations.current()
        if generation is None or not self._generations.fits(generation):
            raise EngineBroken("there is no index of this form yet")
        try:
            return self._looked_at(generation)
        except (ValueError, OSError):
            if self._generations.current() == generation:
                raise
            return self._seen()

    def _looked_at(self, generation: Path) -> _View:
        stamp, view = self._generations.stamp(generation), self._view
        if view and view.stamp == stamp:
            return view
        index = view.index if view and view.generation == generation else _opened(generation)
        index.reload()
        searcher = index.searcher()
        self._view = _View(stamp, generation, index, searcher, _vocabulary(searcher, view))
        return self._view

    def _start(self) -> bool:
        with self._generations.writing(_PATIENCE_SECONDS):
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
        with self._generations.writing(_PATIENCE_SECONDS), _breakage():
            if self._generations.under_rebuild():
                self._generations.note_late({"put": [asdict(doc) for doc in docs], "drop": ids})
            _replace(self._seen().index, docs, ids)

    def _begin_late(self) -> None:
        with self._generations.writing(_PATIENCE_SECONDS):
            self._generations.forget_late()

    def _swap(self, generation: Path) -> None:
        with self._generations.writing(_PATIENCE_SECONDS), _breakage():
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
    for name in _RAW:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in _NUMBERS:
        builder.add_unsigned_field(name, indexed=True, fast=True)
    builder.add_float_field("merit", fast=True)
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
    counts: dict[str, int] = {}
    for name in _KNOWN_BY:
        for word, count in searcher.terms_with_prefix(name, ""):
            counts[word] = counts.get(word, 0) + count
    for sign in "^$":
        counts.pop(sign, None)
    return Vocabulary(counts, before.vocabulary if before else None)


def _replace(index: tantivy.Index, docs: list[ListingDoc], ids: list[int]) -> None:
    writer = index.writer(_WRITER_BYTES, 1)
    for gone in (*ids, *(doc.id for doc in docs)):
        writer.delete_documents_by_term("id", gone)
    _add(writer, index.schema, docs)
    _finish(writer)


def _add(writer: tantivy.IndexWriter, schema: tantivy.Schema, docs: Iterable[ListingDoc]) -> None:
    with _breakage():
        for doc in docs:
            writer.add_document(tantivy.Document.from_dict(_fields(doc), schema))


def _finish(writer: tantivy.IndexWriter) -> None:
    with _breakage():
        writer.commit()
        writer.wait_merging_threads()


def _fields(doc: ListingDoc) -> dict[str, Any]:
    fields: dict[str, Any] = dict(searched(doc))
    for name in ("title", "title_coded"):
        fields[name] = f"^ {fields[name]} $"  # its ends as words, so that a phrase can begin or fill it
    fields |= {name: getattr(doc, name) for name in (*_RAW, "id", "price_dong", "stars", "listed_at")}
    fields |= {"in_stock": int(not doc.sold_out), "adult": int(doc.age_restricted)}
    # Among equals: more stars, then by id; small enough never to outweigh a word.
    fields["merit"] = 4e-4 * doc.stars + 3e-7 * (doc.id % 1000)
    return fields | {"card": json.dumps(card(doc), ensure_ascii=False)}


async def _batches(docs: AsyncIterator[ListingDoc]) -> AsyncIterator[list[ListingDoc]]:
    batch: list[ListingDoc] = []
    async for doc in docs:
        batch.append(doc)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _wanted(schema: tantivy.Schema, query: Query, reading: Reading) -> Q:
    occur = Occur.Must if reading.enough is None else Occur.Should
    parts = [(occur, _part(schema, part)) for part in reading.parts] or [(Occur.Must, Q.all_query())]
    words = Q.boolean_query(parts, minimum_number_should_match=reading.enough)
    bonus = [
        *_spelling(schema, reading),
        *_order(schema, reading),
        _const(_term(schema, "in_stock", 1), _IN_STOCK),
    ]
    filters = [(Occur.Must, _const(only, 0.0)) for only in _filters(schema, query)]
    return Q.boolean_query([(Occur.Must, words), *((Occur.Should, more) for more in bonus), *filters])


def _part(schema: tantivy.Schema, part: Part) -> Q:
    """Any choice of the part in any field: the best of them counts, a phrase as much as its words."""
    found: list[Q] = []
    for choice in part.choices:
        if not choice.near:
            each = [
                Q.disjunction_max_query(_in_fields(schema, (word,), choice.weight)) for word in choice.phrase
            ]
            found.append(Q.boolean_query([(Occur.Must, word) for word in each]))
        else:
            found += _in_fields(schema, choice.phrase, choice.weight * len(part.typed))
        if part.open and len(choice.phrase) == 1:
            found += _going_on(schema, choice.phrase[0], choice.weight * _PREFIX)
    return Q.disjunction_max_query(found)


def _in_fields(schema: tantivy.Schema, phrase: tuple[Word, ...], weight: float) -> list[Q]:
    """A word typed with marks counts in full where it stands with these marks: «chè» before «chế»."""
    marked = any(word.marked for word in phrase)
    folded = [word.folded for word in phrase]
    found = [
        _const(_phrase(schema, name, folded), worth * weight * (_REMARKED if marked else 1.0))
        for name, worth in _WORTH
    ]
    if marked:
        exact = [word.coded for word in phrase]
        found += [_const(_phrase(schema, name, exact), worth * weight) for name, worth in _CODED_WORTH]
    return found


def _going_on(schema: tantivy.Schema, word: Word, weight: float) -> list[Q]:
    less = _REMARKED if word.marked else 1.0
    found = [_const(_begun(schema, name, word.folded), worth * weight * less) for name, worth in _WORTH]
    if word.marked:
        found += [_const(_begun(schema, name, word.coded), worth * weight) for name, worth in _CODED_WORTH]
    return found


def _spelling(schema: tantivy.Schema, reading: Reading) -> Iterator[Q]:
    """A word typed without marks may be one without marks: «na» before «nà», by a hair."""
    for part in reading.parts:
        for word in part.choices[0].phrase:
            if not word.marked:
                yield _const(_term(schema, "title_coded", word.folded), 0.3)


def _order(schema: tantivy.Schema, reading: Reading) -> list[Q]:
    """Words side by side and in order count more, most of all when they begin or fill the name."""
    going_on = bool(reading.parts) and reading.parts[-1].open
    said = [_said(schema, variant, going_on) for variant in reading.variants()]
    return [Q.disjunction_max_query(said)] if said else []


def _said(schema: tantivy.Schema, variant: tuple[Choice, ...], going_on: bool) -> Q:
    said = [word for choice in variant for word in choice.phrase]
    weight = min(choice.weight for choice in variant)
    folded, exact = [word.folded for word in said], [word.coded for word in said]
    found = list(_in_order(schema, "title", folded, going_on))
    for pair in zip(folded, folded[1:], strict=False):
        found += [
            (_phrase(schema, name, list(pair)), 4.0) for name in ("terms", "seller_words", "place_words")
        ]
    if exact != folded:
        found = [(query, worth * _REMARKED) for query, worth in found]
        found += _in_order(schema, "title_coded", exact, going_on)
        found += [
            (_phrase(schema, "rest_coded", list(pair)), 4.0) for pair in zip(exact, exact[1:], strict=False)
        ]
    return Q.boolean_query([(Occur.Should, _const(query, worth * weight)) for query, worth in found])


def _in_order(
    schema: tantivy.Schema, name: str, words: list[str], going_on: bool
) -> Iterator[tuple[Q, float]]:
    """Phrases in a name with their worth: it is just this, it begins so, it holds two words side by side."""
    yield _phrase(schema, name, ["^", *words, "$"]), 8.0
    yield _phrase(schema, name, ["^", *words]), 3.0
    for pair in zip(words, words[1:], strict=False):
        yield _phrase(schema, name, list(pair)), 6.0
    if going_on:
        yield Q.phrase_prefix_query(schema, name, ["^", *words]), 2.0
        if len(words) > 1:
            yield Q.phrase_prefix_query(schema, name, list(words[-2:])), 3.0


def _filters(schema: tantivy.Schema, query: Query) -> Iterator[Q]:
    for name in _RAW:
        if getattr(query, name) is not None:
            yield _term(schema, name, getattr(query, name))
    if query.in_stock:
        yield _term(schema, "in_stock", 1)
    if not query.adult:
        yield _term(schema, "adult", 0)
    if query.stars is not None:
        yield _range(schema, "stars", query.stars, None)
    if query.price_from_dong is not None or query.price_to_dong is not None:
        yield _range(schema, "price_dong", query.price_from_dong, query.price_to_dong)


def _page(view: _View, query: Query, reading: Reading) -> Hits:
    wanted = _wanted(view.index.schema, query, reading)
    field, order = {
        Sort.CHEAPEST: ("price_dong", tantivy.Order.Asc),
        Sort.DEAREST: ("price_dong", tantivy.Order.Desc),
        Sort.NEWEST: ("listed_at", tantivy.Order.Desc),
    }.get(query.sort, (None, tantivy.Order.Desc))
    found = view.searcher.search(
        wanted,
        query.limit,
        offset=query.offset,
        order_by_field=field,
        order=order,
        weight_by_field=None if field else "merit",
    )
    docs = tuple(from_card(json.loads(str(view.searcher.doc(at).get_first("card")))) for _, at in found.hits)
    facets = _facets(view.searcher, wanted) if query.facets else {}
    return Hits(docs, int(found.count or 0), reading.mended, facets=facets)


def _facets(searcher: tantivy.Searcher, wanted: Q) -> dict[str, dict[str, int]]:
    asked = {name: {"terms": {"field": name, "size": 200}} for name in _FACETS}
    answer = searcher.aggregate(wanted, asked)
    return {
        name: {_plain(row["key"]): row["doc_count"] for row in answer[name]["buckets"]} for name in _FACETS
    }


def _plain(key: object) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)


def _const(query: Q, score: float) -> Q:
    return Q.const_score_query(query, score)


def _term(schema: tantivy.Schema, name: str, value: str | int) -> Q:
    return Q.term_query(schema, name, value)


def _begun(schema: tantivy.Schema, name: str, start: str) -> Q:
    return Q.fuzzy_term_query(schema, name, start, distance=0, prefix=True)


def _phrase(schema: tantivy.Schema, name: str, words: list[str]) -> Q:
    return _term(schema, name, words[0]) if len(words) == 1 else Q.phrase_query(schema, name, list(words))


def _range(schema: tantivy.Schema, name: str, low: int | None, high: int | None) -> Q:
    return Q.range_query(schema, name, tantivy.FieldType.Unsigned, max(low or 0, 0), high)
