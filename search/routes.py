"""The search page and what the search box shows while somebody types."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.i18n import say
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get
from search.chips import Chip, Group, chosen_of, groups_of, sorts_of
from search.documents import ListingDoc
from search.engine import Engine, Hits, Query
from search.forms import PAGE, Asked, asked_of
from search.services import results
from vendors.kinds import kind_of

BOX_ROWS = 6


@dataclass
class Wider:
    """What is offered when nothing was found: the same words without filters, or the kinds that are on sale."""

    without_filters: Chip | None
    kinds: list[Chip]


@dataclass
class SearchPage:
    """What the search page shows."""

    asked: Asked
    q: str
    cards: tuple[ListingDoc, ...]
    total: int
    meant: str | None
    is_loose: bool
    groups: list[Group]
    chosen: list[Chip]
    sorts: list[Chip]
    newer: str
    older: str
    wider: Wider | None = None


@dataclass
class BoxPage:
    """The rows under the search box."""

    q: str
    cards: tuple[ListingDoc, ...]
    total: int
    all_url: str


async def search_show(request: Request) -> Response:
    """GET /search: results for the words and filters of the address; only the results for a script that asks."""
    asked = asked_of(request.query_params)
    hits = await results(parts_of(request)[Engine], asked.query(adult=True))
    part = request.headers.get("x-part") == "results"
    if not hits.docs and asked.page > 1:
        return RedirectResponse(asked.address(), 303)
    page = search_page(asked, hits)
    if not hits.total:
        page.wider = await _wider(parts_of(request)[Engine], asked)
    answer = render(request, "search/_results.html" if part else "search/search_show.html", page)
    answer.headers["vary"] = "cookie, x-part"
    return answer


async def box_show(request: Request) -> Response:
    """GET /search/box: the first results as rows under the search box."""
    asked = asked_of(request.query_params)
    query = asked.query(adult=True, limit=BOX_ROWS, facets=False)
    hits = await results(parts_of(request)[Engine], query) if asked.q else Hits()
    return render(request, "search/_box.html", BoxPage(asked.q, hits.docs, hits.total, asked.address()))


async def _wider(engine: Engine, asked: Asked) -> Wider:
    """Nothing was found: how much there is without the filters, else what there is at all."""
    bare = asked.unfiltered
    if bare != asked and bare.q:
        total = (await results(engine, bare.query(adult=True, limit=1, facets=False))).total
        if total:
            return Wider(Chip(say("Bỏ hết bộ lọc"), total, bare.address(), False), [])
    counts = (await results(engine, Query(limit=1, adult=False, facets=True))).facets.get("kind", {})
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Wider(None, [Chip(kind_of(code).name, n, Asked(kind=code).address(), False) for code, n in ranked])


def search_page(asked: Asked, hits: Hits) -> SearchPage:
    """The page's parts from what was asked and found."""
    return SearchPage(
        asked=asked,
        q=asked.q,
        cards=hits.docs,
        total=hits.total,
        meant=hits.meant,
        is_loose=hits.loose,
        groups=groups_of(asked, hits),
        chosen=chosen_of(asked, hits),
        sorts=sorts_of(asked),
        newer=asked.address(page=asked.page - 1) if asked.page > 1 else "",
        older=asked.address(page=asked.page + 1) if hits.total > asked.page * PAGE else "",
    )


ROUTES: list[BaseRoute] = [
    get("/search", search_show, who=ANYONE, name="search:search_show"),
    get("/search/box", box_show, who=ANYONE, name="search:box_show"),
]
