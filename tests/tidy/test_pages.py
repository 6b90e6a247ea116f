"""Every page of every role, read as people read it: a title, names for what can be pressed, one language."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from kit.i18n import PACKAGES, catalogue
from kit.web.routing import PageRoute
from tests.conftest import Browser
from tests.market.conftest import demo, written  # noqa: F401  the demo market, as a fixture
from tests.tidy.leaves import Leaf
from tests.tidy.test_routes import method_of, routes
from tests.tidy.test_who_may import town, undone  # noqa: F401  the town, as a fixture
from tests.tidy.town import PEOPLE, ROLE_OF, Town
from tests.tidy.who_may import Row, table

NOBODY = "nobody"
# What no reader should meet: values of the program, its dates, its names, places that were left open.
RAW = {
    "True or False": re.compile(r"\b(True|False)\b"),
    "a date of machines": re.compile(r"\b\d{4}-\d\d-\d\d\b"),
    "a name of the program": re.compile(r"\b[a-z]+(_[a-z0-9]+)+\b"),
    "a place left open": re.compile(r"%\(\w+\)s|\{\w+\}"),
    "an object": re.compile(r"<[\w.]+ (object|at) |\bSentence\("),
}
# Pages for programmers and machines, and pretend banks and carriers, whose words are those of the real ones.
NOT_FOR_READERS = ("/twins/", "/api/", "/health", "/ready", "/robots", "/sw.js", "/favicon", "/metrics")
LEAST_LETTERS = 6


async def test_every_page_can_be_read_by_everybody(
    town: Town,  # noqa: F811
    browser: Callable[[], Browser],
    sign_in_as: Callable[..., Any],
) -> None:
    """One h1, a title, a label for each field, no id twice, nothing raw; in English nothing is left in Vietnamese."""
    visitors: dict[str, Browser] = {}
    for called in (*PEOPLE, NOBODY):
        visitors[called] = browser()
        if called != NOBODY:
            await sign_in_as(visitors[called], PEOPLE[called])
    faults, pages = [], 0
    for route, called, address in addresses(town):
        for language in ("vi", "en"):
            visitors[called].cookies.set("language", language)
            async with undone():
                answer = await visitors[called].get(address)
            if answer.status_code == 200 and "<html" in answer.text[:200]:
                pages += 1
                found = faults_of(Leaf(answer.text), language)
                faults += [f"{route} {address} ({language}, {called}): {fault}" for fault in found]
    assert pages > 250, f"only {pages} pages were met"
    assert not faults, f"{len(faults)} faults on {pages} pages:\n" + "\n".join(faults)


def addresses(of: Town) -> Iterator[tuple[str, str, str]]:
    """Every page's name, somebody who may see it, and its address with a thing of theirs in it."""
    rows = table()
    for route in routes():
        row = rows[str(route.name)]
        if not isinstance(route, PageRoute) or method_of(route) != "GET" or is_not_for_readers(route.path):
            continue
        thing = of.things.get(row.thing)
        if thing is None and "{" in route.path:
            continue
        called = thing.owner if thing and thing.owner in PEOPLE else somebody(row)
        yield row.route, called, filled(route.path, thing.places if thing else {})


def is_not_for_readers(path: str) -> bool:
    """Whether no reader comes there: streams, files, machines' pages."""
    return path.startswith(NOT_FOR_READERS) or path.endswith("/events")


def somebody(row: Row) -> str:
    """Whoever may call a route whose address names nobody's thing."""
    if row.who == "anyone":
        return NOBODY
    return next(
        called
        for called, role in (("buyer", ""), *ROLE_OF.items())
        if not row.roles or str(role) in row.roles
    )


def filled(path: str, places: dict[str, object]) -> str:
    """The address of a route with its places filled."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(places[found[1]]), path)


def faults_of(leaf: Leaf, language: str) -> list[str]:
    """What is wrong with a page that somebody reads in a language."""
    faults = []
    if len(leaf.titles) != 1 or not leaf.titles[0]:
        faults.append(f"h1: {leaf.titles}")
    if not re.fullmatch(r"\S.* · Chợ 4\.0", leaf.title):
        faults.append(f"title: {leaf.title!r}")
    if leaf.language != language:
        faults.append(f"lang: {leaf.language!r}")
    faults += [f"no name: {one}" for one in leaf.unnamed]
    faults += [f"id twice: {one}" for one in leaf.doubled]
    for text in leaf.texts:
        faults += [f"{what}: {text[:80]!r}" for what, pattern in RAW.items() if pattern.search(text)]
        if language == "vi" and re.search(r"\bNone\b", text):
            faults.append(f"None: {text[:80]!r}")
        if language == "en" and is_vietnamese(text):
            faults.append(f"not in English: {text[:80]!r}")
    return faults


@cache
def is_vietnamese(text: str) -> bool:
    """Whether a text is one of the market's own sentences that was left as it is written in the code."""
    plain, open_ones = sentences()
    return text in plain or open_ones.fullmatch(text) is not None


@cache
def sentences() -> tuple[frozenset[str], re.Pattern[str]]:
    """The Vietnamese sentences whose English differs: those without places, and a pattern of those with some."""
    plain, patterns = set(), []
    for package in PACKAGES:
        for message in catalogue(package, "en"):
            source = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            english = message.string if isinstance(message.string, str) else message.string[0]
            if not source or source == english:
                continue
            pieces = re.split(r"%\(\w+\)s|\{\w+\}", source.replace("%%", "%"))
            if len(pieces) == 1:
                plain.add(source)
            elif len(max(pieces, key=len)) > LEAST_LETTERS:
                patterns.append(".+".join(map(re.escape, pieces)))
    return frozenset(plain), re.compile("|".join(patterns))
