"""The search page and what the search box shows while somebody types."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kit.codes import tidy_code
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get
from search.documents import ListingDoc
from search.engine import Engine, Hits, Query, Sort
from search.forms import PAGE, Asked, asked_of
from search.services import results, similar
from vendors.kinds import kind_of
from vendors.services import Goods, goods_by_code

BOX_ROWS = 6
SIMILAR_CARDS = 6


@dataclass
class Chip:
    """One filter that can be put on or taken off."""

    label: Sentence
    count: int
    url: str
    is_on: bool


@dataclass
class SearchPage:
    """What the search page shows."""

    asked: Asked
    q: str
    cards: tuple[ListingDoc, ...]
    total: int
    meant: str | None
    is_loose: bool
    kinds: list[Chip]
    stars: list[Chip]
    sorts: list[Chip]
    newer: str
    older: str


@dataclass
class BoxPage:
    """The rows under the search box."""

    q: str
    cards: tuple[ListingDoc, ...]
    total: int
    all_url: str


@dataclass
class SimilarPage:
    """Goods and others like them."""

    goods: Goods
    cards: tuple[ListingDoc, ...]


async def search_show(request: Request) -> Response:
    """GET /search: results for the words and filters of the address; only the results for a script that asks."""
    asked = asked_of(request.query_params)
    hits = await results(parts_of(request)[Engine], asked.query(adult=True))
    part = request.headers.get("x-part") == "results"
    page = search_page(asked, hits)
    answer = render(request, "search/_results.html" if part else "search/search_show.html", page)
    answer.headers["vary"] = "cookie, x-part"
    return answer


async def box_show(request: Request) -> Response:
    """GET /search/box: the first results as rows under the search box."""
    asked = asked_of(request.query_params)
    hits = await results(parts_of(request)[Engine], Query(asked.q, limit=BOX_ROWS)) if asked.q else Hits()
    return render(request, "search/_box.html", BoxPage(asked.q, hits.docs, hits.total, asked.address()))


async def similar_show(request: Request) -> Response:
    """GET /goods/{code}/similar: goods like these, as a part of their page or as a page of its own."""
    goods = await goods_by_code(tidy_code(str(request.path_params["code"])))
    if goods is None:
        raise NotFound()
    cards = await similar(parts_of(request)[Engine], goods, limit=SIMILAR_CARDS)
    part = request.headers.get("x-part") == "part"
    template = "search/_similar.html" if part else "search/similar_show.html"
    answer = render(request, template, SimilarPage(goods, cards))
    answer.headers["vary"] = "cookie, x-part"
    return answer


def search_page(asked: Asked, hits: Hits) -> SearchPage:
    """The page's parts from what was asked and found."""
    return SearchPage(
        asked=asked,
        q=asked.q,
        cards=hits.docs,
        total=hits.total,
        meant=hits.meant,
        is_loose=hits.loose,
        kinds=_kind_chips(asked, hits),
        stars=_star_chips(asked, hits),
        sorts=[_sort_chip(asked, sort, label) for sort, label in _SORTS],
        newer=asked.address(page=asked.page - 1) if asked.page > 1 else "",
        older=asked.address(page=asked.page + 1) if hits.total > asked.page * PAGE else "",
    )


_SORTS = (
    (Sort.BEST, say("Hợp nhất")),
    (Sort.CHEAPEST, say("Giá thấp trước")),
    (Sort.DEAREST, say("Giá cao trước")),
    (Sort.NEWEST, say("Mới đăng")),
)


def _kind_chips(asked: Asked, hits: Hits) -> list[Chip]:
    counts = dict(hits.facets.get("kind", {}))
    if asked.kind:
        counts.setdefault(asked.kind, hits.total)
    by_count = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        Chip(
            kind_of(code).name,
            count,
            asked.address(kind="" if code == asked.kind else code),
            code == asked.kind,
        )
        for code, count in by_count
        if code == asked.kind or not asked.kind
    ]


def _star_chips(asked: Asked, hits: Hits) -> list[Chip]:
    """One chip for each least number of stars that makes a difference."""
    counts = {int(stars): count for stars, count in hits.facets.get("stars", {}).items() if stars.isdecimal()}
    chips: list[Chip] = []
    for least in (5, 4, 3):
        count = sum(one for stars, one in counts.items() if stars >= least)
        is_on = asked.stars == least
        if is_on or (count and (not chips or count != chips[-1].count)):
            label = say("OCOP {n} sao", n=5) if least == 5 else say("OCOP từ {n} sao", n=least)
            chips.append(Chip(label, count, asked.address(stars=0 if is_on else least), is_on))
    return chips


def _sort_chip(asked: Asked, sort: Sort, label: Sentence) -> Chip:
    return Chip(label, 0, asked.address(sort=sort), asked.sort == sort)


ROUTES: list[BaseRoute] = [
    get("/search", search_show, who=ANYONE, name="search:search_show"),
    get("/search/box", box_show, who=ANYONE, name="search:box_show"),
    get("/goods/{code}/similar", similar_show, who=ANYONE, name="search:similar_show"),
]
