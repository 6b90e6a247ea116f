"""What is offered where nothing was found: the same words without filters, some of the words, the kinds on sale."""

from dataclasses import dataclass

from kit.i18n import say
from search.chips import Chip
from search.engine import Engine, Query
from search.forms import Asked
from search.services import results
from search.small_words import is_small
from search.words import coded_words, words
from vendors.kinds import kind_of

MOST_WORDS = 6
MOST_OFFERED = 4


@dataclass
class Wider:
    """Ways on from an empty page; `parts` are words of the query that find something, `kinds` what is on sale."""

    without_filters: Chip | None
    parts: list[Chip]
    kinds: list[Chip]


async def wider(engine: Engine, asked: Asked) -> Wider:
    """The ways on; at most a dozen questions to the engine. Raises Refusal (503) when it does not answer."""
    bare = asked.unfiltered
    if bare != asked and bare.q:
        total = (await results(engine, bare.query(adult=True, limit=1, facets=False))).total
        if total:
            return Wider(Chip(say("Bỏ hết bộ lọc"), total, bare.address(), False), [], [])
    parts = await _parts(engine, asked.wish.text.split()[:MOST_WORDS])
    counts = (await results(engine, Query(limit=1, adult=False, facets=True))).facets.get("kind", {})
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kinds = [Chip(kind_of(code).name, n, Asked(kind=code).address(), False) for code, n in ranked]
    return Wider(None, parts, kinds)


async def _parts(engine: Engine, typed: list[str]) -> list[Chip]:
    """Two neighbouring words that find something just so; where there are none, single ones."""
    for size in (2, 1):
        runs = [" ".join(typed[at : at + size]) for at in range(len(typed) - size + 1)]
        found = [chip for run in runs if size < len(typed) for chip in await _part(engine, run)]
        if found:
            return found[:MOST_OFFERED]
    return []


async def _part(engine: Engine, text: str) -> list[Chip]:
    hits = await results(engine, Query(text, adult=False, limit=1))
    if not hits.total or hits.meant or hits.loose or is_small(words(text)):
        return []
    doc = hits.docs[0]
    held = coded_words(" ".join((doc.name, doc.seller, doc.commune, doc.kind_name))).split()
    if any(word.marked and word.coded not in held for word in words(text)):
        return []
    return [Chip(say("«{words}»", words=text), hits.total, Asked(q=text).address(), False)]
