"""What a shopper asks of the search page, read from the address; what makes no sense there is left out."""

import re
from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from urllib.parse import urlencode

from kit.points import points
from kit.text import nfc, slug
from search.documents import PRICE_BANDS
from search.engine import Query, Sort
from search.wishes import Wish, wish_of
from vendors.kinds import BY_CODE
from vendors.services import WAYS, VendorKind

PAGE = 24
TEXT_MAX = 100
PAGES_MAX = 100
BANDS = tuple(str(band) for band in range(len(PRICE_BANDS) + 1))
SLUG_MAX = 120


@dataclass(frozen=True)
class Asked:
    """The words and the filters of one search, as the address says them.

    `price` is the number of a price band (search.documents.PRICE_BANDS), `season` "now" for what is harvested these
    weeks, `way` how goods come to the buyer (vendors.services.WAYS), `near` "latitude,longitude" in whole hundredths
    of a degree.
    """

    q: str = ""
    kind: str = ""
    commune: str = ""
    market: str = ""
    seller: str = ""
    by: str = ""
    price: str = ""
    season: str = ""
    way: str = ""
    stars: int = 0
    near: str = ""
    sort: str = Sort.BEST
    page: int = 1

    @cached_property
    def wish(self) -> Wish:
        """The words, and the prices among them."""
        return wish_of(self.q)

    def query(self, *, adult: bool, limit: int = PAGE, facets: bool = True) -> Query:
        """What the engine is asked. A chosen price band goes before a price spoken in the words."""
        low, high = _band(self.price) if self.price else (self.wish.price_from_dong, self.wish.price_to_dong)
        return Query(
            self.wish.text,
            kind=self.kind or None,
            commune_code=self.commune or None,
            market_code=self.market or None,
            seller_code=self.seller or None,
            seller_kind=self.by or None,
            in_season=bool(self.season),
            way=self.way or None,
            stars=self.stars or None,
            price_from_dong=low,
            price_to_dong=high,
            adult=adult,
            near=_point(self.near),
            sort=Sort(self.sort),
            offset=(self.page - 1) * PAGE,
            limit=limit,
            facets=facets,
        )

    def address(self, **changed: object) -> str:
        """The address of this search with something changed; a change of filter goes back to page one.

        Goods of one seller, market or commune have a page of their own, whose address says so.
        """
        asked = {**asdict(self), "page": 1, **changed}
        path, said = _page_of(asked)
        usual = asdict(Asked())
        kept = {name: value for name, value in asked.items() if name != said and value != usual[name]}
        return path + (f"?{urlencode(kept)}" if kept else "")

    @property
    def path(self) -> str:
        """The page this search stands on, without its words and filters."""
        return _page_of(asdict(self))[0]

    @property
    def unfiltered(self) -> "Asked":
        """The same words without any filter."""
        return Asked(q=self.wish.text)


def asked_of(address: Mapping[str, str]) -> Asked:
    """The search an address asks for."""
    near = address.get("near", "") if _point(address.get("near", "")) else ""
    sort = _among(address.get("sort", ""), set(Sort)) or Sort.BEST
    return Asked(
        q=nfc(address.get("q", ""))[:TEXT_MAX],
        kind=_among(address.get("kind", ""), BY_CODE),
        commune=_digits(address.get("commune", "")),
        market=_slug(address.get("market", "")),
        seller=_slug(address.get("seller", "")),
        by=_among(address.get("by", ""), set(VendorKind)),
        price=_among(address.get("price", ""), BANDS),
        season=_among(address.get("season", ""), ("now",)),
        way=_among(address.get("way", ""), WAYS),
        stars=_number(address.get("stars", ""), least=3, most=5, otherwise=0),
        near=near,
        sort=Sort.BEST if sort == Sort.NEAREST and not near else sort,
        page=_number(address.get("page", ""), least=1, most=PAGES_MAX, otherwise=1),
    )


def _page_of(asked: Mapping[str, object]) -> tuple[str, str]:
    """The path of a search and the filter that it says, the narrowest first."""
    if asked["seller"]:
        return f"/sellers/{asked['seller']}/goods", "seller"
    if asked["market"]:
        return f"/markets/{asked['market']}/goods", "market"
    commune = points().get(str(asked["commune"]))
    if commune:
        return f"/communes/{slug(commune.name)}-{commune.code}", "commune"
    return "/search", ""


def _band(price: str) -> tuple[int | None, int | None]:
    """The least and the most đồng of a price band."""
    ends = (0, *PRICE_BANDS)
    band = int(price)
    return ends[band] or None, ends[band + 1] - 1 if band < len(PRICE_BANDS) else None


def _point(near: str) -> tuple[float, float] | None:
    """Latitude and longitude to a hundredth of a degree (about a kilometre: nearer is nobody's business)."""
    parts = near.split(",")
    if len(parts) != 2 or not all(re.fullmatch(r"-?\d{1,3}(\.\d{1,6})?", part) for part in parts):
        return None
    latitude, longitude = (round(float(part), 2) for part in parts)
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _among(text: str, allowed: Container[str]) -> str:
    return text if text in allowed else ""


def _slug(text: str) -> str:
    return text if len(text) <= SLUG_MAX and re.fullmatch(r"[a-z0-9-]+", text) else ""


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= 8 else ""


def _number(text: str, *, least: int, most: int, otherwise: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    return otherwise
