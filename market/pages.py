"""The first page and the pages about the market."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.settings import Settings
from kit.web.callers import parts_of
from kit.web.lagging import for_strangers
from kit.web.render import render
from market.demo.people import PEOPLE, DemoPerson
from search.documents import ListingDoc
from search.engine import Engine, Query, Sort
from search.services import results
from vendors.kinds import KINDS, Kind
from vendors.services.pages import MarketRow, market_index

NEWEST_MAX = 12
NEWEST_LOOKED_AT = 60
NEWEST_OF_ONE_SELLER = 2
OCOP_MAX = 6
TILES_MAX = 16
MARKETS_MAX = 4


@dataclass
class Shelf:
    """What the index gives the first page; `trouble` says why there is nothing."""

    newest: tuple[ListingDoc, ...]
    with_stars: tuple[ListingDoc, ...]
    kinds: list[Kind]
    total: int
    trouble: Sentence | None = None


@dataclass
class HomePage:
    """What the first page shows."""

    shelf: Shelf
    markets: list[MarketRow]


@dataclass
class DemoPage:
    """What the page about the demo says."""

    people: tuple[DemoPerson, ...]
    codes_are_shown: bool
    has_bank: bool


@dataclass
class PrivacyPage:
    """What the page about personal data says."""

    now: datetime


async def home_show(request: Request) -> Response:
    """GET /: search, kinds of goods, what is new, what has stars, the markets. One query to the database."""
    shelf = await _shelf(parts_of(request)[Engine])
    today = vietnam_date(parts_of(request)[Clock].now())
    markets = (await for_strangers(request, lambda: market_index(1, today=today))).items[:MARKETS_MAX]
    return render(request, "market/home_show.html", HomePage(shelf, markets))


async def _shelf(engine: Engine) -> Shelf:
    """Goods for grown-ups stay out: nobody was asked their age on this page (Law 44/2019, article 16)."""
    try:
        new = await results(
            engine, Query(sort=Sort.NEWEST, limit=NEWEST_LOOKED_AT, in_stock=True, adult=False, facets=True)
        )
        starred = await results(engine, Query(stars=3, limit=OCOP_MAX, in_stock=True, adult=False))
    except Refusal as away:
        return Shelf((), (), _tiles(None), 0, away.sentence)
    return Shelf(varied(new.docs), starred.docs, _tiles(set(new.facets.get("kind", {}))), new.total)


def varied(docs: Sequence[ListingDoc]) -> tuple[ListingDoc, ...]:
    """The first twelve of these, at most two of one seller: somebody who puts up fifty does not fill the window."""
    shown: list[ListingDoc] = []
    sellers: Counter[str] = Counter()
    for doc in docs:
        sellers[doc.seller_code] += 1
        if sellers[doc.seller_code] <= NEWEST_OF_ONE_SELLER:
            shown.append(doc)
    return tuple(shown[:NEWEST_MAX])


def _tiles(sold: set[str] | None) -> list[Kind]:
    """The kinds that are on sale now (all of them when that is not known), without those for grown-ups."""
    shown = [kind for kind in KINDS if not kind.adult_only and (sold is None or kind.code in sold)]
    return shown[:TILES_MAX]


async def about_show(request: Request) -> Response:
    """GET /about: what the market is, and the way to its rules."""
    return render(request, "market/about/about_show.html")


async def demo_show(request: Request) -> Response:
    """GET /about/demo: what is invented here, who the demo people are, how to sign in."""
    settings = parts_of(request)[Settings]
    people = () if settings.is_production else PEOPLE
    page = DemoPage(people, settings.sms_gate == "twin", settings.bank_twin)
    return render(request, "market/about/demo_show.html", page)


async def ranking_show(request: Request) -> Response:
    """GET /about/ranking: how goods are put in order (Law 122/2025/QH15 asks to say so)."""
    return render(request, "market/about/ranking_show.html")


async def privacy_show(request: Request) -> Response:
    """GET /about/privacy: what is kept of a person, why, and for how long."""
    return render(request, "market/about/privacy_show.html", PrivacyPage(parts_of(request)[Clock].now()))


async def rules_show(request: Request) -> Response:
    """GET /about/rules: how selling, paying, returning and complaining work here."""
    return render(request, "market/about/rules_show.html")
