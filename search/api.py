"""The JSON API of search: the same results as the page."""

from dataclasses import dataclass

from starlette.requests import Request

from kit.errors import TooMany
from kit.i18n import say
from kit.limits import Limits
from kit.web.api import JsonRoute, api_get
from kit.web.callers import address_of, parts_of
from kit.web.routing import ANYONE
from search.documents import ListingDoc
from search.engine import Engine
from search.forms import asked_of
from search.services import results

ASKED_A_MINUTE = 300
READY_SECONDS = 60


@dataclass
class FoundJson:
    """One result; `price_to_dong` is that of the dearest size or quality, the price itself when there is one only.

    `names` are protected names (geographical indications, marks) that the goods carry by their seller's right. `rated`
    buyers gave it `rated_tenths` tenths of a star on average.
    """

    code: str
    url: str
    name: str
    kind: str
    price_dong: int
    price_to_dong: int
    unit: str
    seller: str
    commune: str
    stars: int
    names: list[str]
    picture_url: str
    sold_out: bool
    rated: int
    rated_tenths: int


@dataclass
class ResultsJson:
    """A page of results. `meant` is the spelling that was searched when it is not what was typed.

    `facets` counts what was found by kind, stars, commune and market («code|name»), kind of seller, price band,
    season and way to the buyer.
    """

    items: list[FoundJson]
    total: int
    page: int
    meant: str | None
    facets: dict[str, dict[str, int]]


async def search_index(request: Request) -> ResultsJson:
    """GET /api/v1/search."""
    limits = parts_of(request)[Limits]
    if not await limits.allows(f"search:{address_of(request)}", times=ASKED_A_MINUTE, seconds=60):
        raise TooMany(say("Bạn tìm nhanh quá, nghỉ một phút rồi tìm tiếp nhé."), wait_seconds=60)
    asked = asked_of(request.query_params)
    hits = await results(parts_of(request)[Engine], asked.query(adult=True))
    facets = {name: dict(counts) for name, counts in hits.facets.items()}
    return ResultsJson([found_json(doc) for doc in hits.docs], hits.total, asked.page, hits.meant, facets)


def found_json(doc: ListingDoc) -> FoundJson:
    """A result as the API says it."""
    return FoundJson(
        code=doc.code,
        url=doc.url,
        name=doc.name,
        kind=doc.kind,
        price_dong=doc.price_dong,
        price_to_dong=doc.price_to_dong or doc.price_dong,
        unit=doc.unit,
        seller=doc.seller,
        commune=doc.commune,
        stars=doc.stars,
        names=list(doc.names),
        picture_url=doc.picture_url,
        sold_out=doc.sold_out,
        rated=doc.rated,
        rated_tenths=doc.rated_tenths,
    )


API: list[JsonRoute] = [
    api_get(
        "/search",
        search_index,
        who=ANYONE,
        name="api:search_index",
        summary="Search goods on sale, marks optional; prices may stand among the words («dưới 200k»)",
        answer=ResultsJson,
        query={
            "q": "Words, with or without marks",
            "kind": "Code of a kind of goods",
            "commune": "Commune code",
            "market": "Slug of a market",
            "seller": "Slug of a seller",
            "by": "Kind of seller: household, grower, cooperative or firm",
            "price": "Price band: 0 under 50,000 đồng, 1 to 100,000, 2 to 200,000, 3 to 500,000, 4 above",
            "season": "now: harvested within 45 days",
            "way": "post: delivered; stall: sold at a stall of a market; fetch: ordered, then fetched there",
            "stars": "At least so many OCOP stars: 3, 4 or 5",
            "near": "Latitude,longitude; needed for sort=nearest",
            "sort": "best, cheapest, dearest, newest or nearest",
            "page": "From 1; 24 a page",
        },
        ready_seconds=READY_SECONDS,
    )
]
