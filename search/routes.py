"""The search page and what the search box shows while somebody types."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.codes import tidy_code
from kit.dates import vietnam_date
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.sheets_out import CSV_TYPE, csv_of
from kit.web.callers import parts_of
from kit.web.ready_made import whenever_given
from kit.web.render import render
from kit.web.routing import ANYONE, get, roles
from search.chips import Chip, Group, chosen_of, groups_of, sorts_of
from search.documents import ListingDoc
from search.engine import Engine, Hits
from search.forms import PAGE, Asked, asked_of
from search.services import results, similar, suggested
from search.tally import Tally
from search.wanted import WantedRow, note_search, wanted
from search.wider import Wider, wider
from vendors.services import Goods, goods_by_code

READY_SECONDS = 60
BOX_ROWS = 6
SIMILAR_CARDS = 6
WATCHERS = roles(Role.ADMIN, Role.BOARD)
CSV_NAME = 'attachment; filename="tim-kiem.csv"'


@dataclass
class SearchPage:
    """What the search page shows."""

    asked: Asked
    q: str
    cards: tuple[ListingDoc, ...]
    total: int
    meant: str | None
    is_loose: bool
    is_old: bool
    groups: list[Group]
    chosen: list[Chip]
    sorts: list[Chip]
    newer: str
    older: str
    wider: Wider | None = None
    heading: Sentence | None = None
    back: str = ""


@dataclass
class BoxPage:
    """The rows under the search box."""

    q: str
    cards: tuple[ListingDoc, ...]
    total: int
    all_url: str
    popular: list[str] = field(default_factory=list)


@dataclass
class WantedPage:
    """What people looked for over so many days; `only_missed` where nothing was found."""

    rows: list[WantedRow]
    days: int
    only_missed: bool


@dataclass
class SimilarPage:
    """Goods and others like them."""

    goods: Goods
    cards: tuple[ListingDoc, ...]


async def search_show(request: Request) -> Response:
    """GET /search: results for the words and filters of the address; only the results for a script that asks."""
    return await found_page(request, asked_of(request.query_params))


async def found_page(
    request: Request, asked: Asked, named: Callable[[Hits], Awaitable[Sentence]] | None = None, back: str = ""
) -> Response:
    """The results of a search; `named` gives the heading of a page of its own, `back` what it belongs to."""
    hits = await results(parts_of(request)[Engine], asked.query(adult=True))
    part = request.headers.get("x-part") == "results"
    if asked.q and asked.page == 1 and not part:
        await _counted(request, asked, found=bool(hits.total))
    if not hits.docs and asked.page > 1:
        return RedirectResponse(asked.address(), 303)
    page = search_page(asked, hits)
    page.heading, page.back = (await named(hits) if named else None), back
    if not hits.total:
        page.wider = await wider(parts_of(request)[Engine], asked)
    answer = render(request, "search/_results.html" if part else "search/search_show.html", page)
    answer.headers["vary"] = "cookie, x-part"
    return answer


async def _counted(request: Request, asked: Asked, *, found: bool) -> None:
    """Counts this search, and each later one that is given the same page."""
    tally, clock = parts_of(request)[Tally], parts_of(request)[Clock]

    async def count() -> None:
        await note_search(tally, asked.wish.text, found=found, today=vietnam_date(clock.now()))

    whenever_given(request, count)
    await count()


async def box_show(request: Request) -> Response:
    """GET /search/box: the first results as rows under the search box."""
    asked = asked_of(request.query_params)
    query = asked.query(adult=True, limit=BOX_ROWS, facets=False)
    hits = await suggested(parts_of(request)[Engine], query) if asked.q else Hits()
    popular = [] if asked.q else await parts_of(request)[Tally].popular()
    return render(
        request, "search/_box.html", BoxPage(asked.q, hits.docs, hits.total, asked.address(), popular)
    )


async def wanted_index(request: Request) -> Response:
    """GET /admin/searches: what people look for, and what they look for in vain."""
    return render(
        request,
        "search/wanted_index.html",
        WantedPage(await _wanted(request), _days(request), _missed(request)),
    )


async def wanted_csv(request: Request) -> Response:
    """GET /admin/searches.csv: the same for a spreadsheet."""
    rows = [(row.words, row.searches, row.misses) for row in await _wanted(request)]
    heads = [str(head) for head in (say("Từ tìm"), say("Lượt tìm"), say("Không thấy"))]
    return Response(csv_of(heads, rows), headers={"content-type": CSV_TYPE, "content-disposition": CSV_NAME})


async def _wanted(request: Request) -> list[WantedRow]:
    today = vietnam_date(parts_of(request)[Clock].now())
    return await wanted(since=today - timedelta(days=_days(request) - 1), only_missed=_missed(request))


def _days(request: Request) -> int:
    days = request.query_params.get("days", "")
    return int(days) if days in ("1", "7", "30", "365") else 30


def _missed(request: Request) -> bool:
    return request.query_params.get("only") == "missed"


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
        is_old=hits.old,
        groups=groups_of(asked, hits),
        chosen=chosen_of(asked, hits),
        sorts=sorts_of(asked),
        newer=asked.address(page=asked.page - 1) if asked.page > 1 else "",
        older=asked.address(page=asked.page + 1) if hits.total > asked.page * PAGE else "",
    )


ROUTES: list[BaseRoute] = [
    get("/search", search_show, who=ANYONE, name="search:search_show", ready_seconds=READY_SECONDS),
    get("/admin/searches", wanted_index, who=WATCHERS, name="search:wanted_index"),
    get("/admin/searches.csv", wanted_csv, who=WATCHERS, name="search:wanted_csv"),
    get("/search/box", box_show, who=ANYONE, name="search:box_show", ready_seconds=READY_SECONDS),
    get(
        "/goods/{code}/similar",
        similar_show,
        who=ANYONE,
        name="search:similar_show",
        ready_seconds=READY_SECONDS,
    ),
]
