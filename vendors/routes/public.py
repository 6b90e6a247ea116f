"""What shoppers look at: goods, sellers, markets, photos; and the question of age before goods for grown-ups."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import NotFound
from kit.i18n import Sentence
from kit.media import Media
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import page_number
from kit.web.callers import caller_of, parts_of
from kit.web.lagging import for_strangers
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from vendors.kinds import Group, kind_of
from vendors.models import Market
from vendors.origin_map import neighbours
from vendors.routes.board import board_markets
from vendors.services import Card, Leaf, VendorCard, listing_view, photo_file
from vendors.services.fetching import FetchSpot, fetch_spots
from vendors.services.labels import LabelView, label_view
from vendors.services.markets.kept import MarketFacts, market_facts
from vendors.services.pages import (
    ListingView,
    MarketRow,
    StallRow,
    market_index,
    market_page,
    seller_page,
)
from vendors.services.ratings.shown import NONE, Newest, newest_of_goods, newest_of_seller
from vendors.services.seller_facts import SellerFacts, seller_facts
from vendors.states import NAMES

AGE_COOKIE = "of_age"
AGE_COOKIE_SECONDS = 30 * 86400
READY_SECONDS = 1


@dataclass
class GoodsPage:
    """One thing on sale; `state_name` only while it is not, for its seller and administrators.

    Addresses of the page, its seller and its pictures are absolute, for those who read it elsewhere; `near` names the
    communes around the origin.
    """

    goods: ListingView
    state_name: Sentence | None
    absolute_url: str
    label: LabelView
    facts: SellerFacts
    seller_url: str
    picture_urls: list[str]
    share_url: str
    near: tuple[str, ...]
    newest: Newest
    fetching: tuple[FetchSpot, ...]


@dataclass
class AgePage:
    """The question before goods for grown-ups."""

    goods: ListingView


@dataclass
class SellerPage:
    """A seller and what they sell."""

    seller: VendorCard
    leaf: Leaf[Card]
    newest: Newest
    fetching: tuple[FetchSpot, ...]


@dataclass
class MarketPage:
    """A market, its days, and who sells there; `board_url` for those who run it."""

    market: Market
    facts: MarketFacts
    leaf: Leaf[StallRow]
    board_url: str


@dataclass
class MarketsPage:
    """All markets."""

    leaf: Leaf[MarketRow]


async def listing_show(request: Request) -> Response:
    """Goods; those for grown-ups only after the visitor has said their age."""
    caller = caller_of(request)
    goods = await listing_view(
        str(request.path_params["code"]),
        today=vietnam_date(parts_of(request)[Clock].now()),
        vendor_ids=caller.scope_ids(Role.VENDOR),
        is_admin=Role.ADMIN in caller.roles,
    )
    if goods.is_adult_only and not is_of_age(request):
        return render(request, "vendors/age_gate.html", AgePage(goods))
    return render(request, "vendors/listing_show.html", await _goods_page(request, goods))


async def age_create(request: Request) -> Response:
    """Remembers on this device that the visitor said to be 18 or older."""
    code = str(request.path_params["code"])
    goods = await listing_view(code, today=vietnam_date(parts_of(request)[Clock].now()))
    answer = RedirectResponse(goods.url, 303)
    secure = parts_of(request)[Settings].is_production
    answer.set_cookie(
        AGE_COOKIE, "yes", max_age=AGE_COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure
    )
    return answer


async def vendor_show(request: Request) -> Response:
    """A seller."""
    seller, leaf = await seller_page(
        str(request.path_params["slug"]),
        page_number(request),
        today=vietnam_date(parts_of(request)[Clock].now()),
        is_adult=is_of_age(request),
    )
    newest = await newest_of_seller(seller.id, is_adult=is_of_age(request))
    spots = fetch_spots(seller, now=parts_of(request)[Clock].now())
    return render(request, "vendors/vendor_show.html", SellerPage(seller, leaf, newest, spots))


async def market_show(request: Request) -> Response:
    """A market."""
    slug, number = str(request.path_params["slug"]), page_number(request)
    market, leaf = await for_strangers(request, lambda: market_page(slug, number))
    facts = market_facts(market, vietnam_date(parts_of(request)[Clock].now()))
    board_ids = board_markets(request)
    runs = board_ids is None or market.id in board_ids
    page = MarketPage(market, facts, leaf, f"/board/markets/{market.slug}" if runs else "")
    return render(request, "vendors/market_show.html", page)


async def market_list(request: Request) -> Response:
    """All markets."""
    today = vietnam_date(parts_of(request)[Clock].now())
    leaf = await for_strangers(request, lambda: market_index(page_number(request), today=today))
    return render(request, "vendors/market_index.html", MarketsPage(leaf))


async def photo_show(request: Request) -> Response:
    """A photo. Its address names its content, so browsers and proxies may keep it for ever."""
    content = await photo_file(str(request.path_params["file"]), parts_of(request)[Media])
    if content is None:
        raise NotFound()
    return Response(
        content, media_type="image/webp", headers={"cache-control": "public, max-age=31536000, immutable"}
    )


def is_of_age(request: Request) -> bool:
    """Whether the visitor said on this device to be 18 or older."""
    return request.cookies.get(AGE_COOKIE) == "yes"


async def _goods_page(request: Request, goods: ListingView) -> GoodsPage:
    site = parts_of(request)[Settings].base_url
    is_on_sale, now = goods.state == "on_sale", parts_of(request)[Clock].now()
    is_sent = kind_of(goods.kind).group is not Group.TOURISM
    absolute_url = site + goods.url
    return GoodsPage(
        goods=goods,
        state_name=None if is_on_sale else NAMES[goods.state],
        label=await label_view(goods.id, goods.kind),
        facts=await seller_facts(goods.seller.id, today=vietnam_date(now)),
        absolute_url=absolute_url,
        seller_url=site + goods.seller.url,
        picture_urls=[site + photo.url for photo in goods.photos],
        share_url=f"https://zalo.me/share?{urlencode({'url': absolute_url})}",
        near=neighbours(goods.commune_code),
        newest=await newest_of_goods(goods.id) if goods.rated else NONE,
        fetching=fetch_spots(goods.seller, now=now) if is_sent else (),
    )


ROUTES = [
    get("/goods/{code}", listing_show, who=ANYONE, name="vendors:listing_show", ready_seconds=READY_SECONDS),
    post("/goods/{code}/age", age_create, who=ANYONE, name="vendors:age_create"),
    get("/sellers/{slug}", vendor_show, who=ANYONE, name="vendors:vendor_show", ready_seconds=READY_SECONDS),
    get("/markets", market_list, who=ANYONE, name="vendors:market_index", ready_seconds=READY_SECONDS),
    get("/markets/{slug}", market_show, who=ANYONE, name="vendors:market_show", ready_seconds=READY_SECONDS),
    get("/media/{file}", photo_show, who=ANYONE, name="vendors:photo_show"),
]
