"""The goods of one seller, one market or one commune, each with an address of its own, from the same index."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.points import points
from kit.web.routing import ANYONE, get
from search.engine import Hits
from search.forms import Asked, asked_of
from search.routes import READY_SECONDS, found_page
from vendors.services import market_name, market_url, seller_name, seller_url


async def seller_goods_show(request: Request) -> Response:
    """GET /sellers/{slug}/goods: what a seller sells, to be filtered and searched."""
    seller = str(request.path_params["slug"])

    async def named(hits: Hits) -> Sentence:
        name = next((doc.seller for doc in hits.docs), None) or await seller_name(seller)
        return say("Hàng của {name}", name=_known(name))

    return await found_page(request, _asked(request, seller=seller), named, seller_url(seller))


async def market_goods_show(request: Request) -> Response:
    """GET /markets/{slug}/goods: what is sold at a market's stalls."""
    market = str(request.path_params["slug"])

    async def named(hits: Hits) -> Sentence:
        name = next((doc.market for doc in hits.docs), None) or await market_name(market)
        return say("Hàng bán ở {name}", name=_known(name))

    return await found_page(request, _asked(request, market=market), named, market_url(market))


async def commune_show(request: Request) -> Response:
    """GET /communes/{place}: goods of a commune in force; its code ends the address, its name is put right."""
    place = str(request.path_params["place"])
    commune = points().get(place.rpartition("-")[2])
    if commune is None:
        raise NotFound()
    asked = _asked(request, commune=commune.code)
    if not asked.address().startswith(f"/communes/{place}"):
        return RedirectResponse(asked.address(page=asked.page), 301)

    async def named(hits: Hits) -> Sentence:
        return say("Hàng ở {name}", name=next((doc.commune for doc in hits.docs), commune.name))

    return await found_page(request, asked, named)


def _asked(request: Request, **place: str) -> Asked:
    """What the address asks for, in one place; NotFound for a place that can be none."""
    query = {name: value for name, value in request.query_params.items() if name not in PLACES}
    asked = asked_of({**query, **place})
    if any(getattr(asked, name) != value for name, value in place.items()):
        raise NotFound()
    return asked


def _known(name: str | None) -> str:
    if name is None:
        raise NotFound()
    return name


PLACES = ("seller", "market", "commune")
ROUTES: list[BaseRoute] = [
    get(
        "/sellers/{slug}/goods",
        seller_goods_show,
        who=ANYONE,
        name="search:seller_goods_show",
        ready_seconds=READY_SECONDS,
    ),
    get(
        "/markets/{slug}/goods",
        market_goods_show,
        who=ANYONE,
        name="search:market_goods_show",
        ready_seconds=READY_SECONDS,
    ),
    get(
        "/communes/{place}", commune_show, who=ANYONE, name="search:commune_show", ready_seconds=READY_SECONDS
    ),
]
