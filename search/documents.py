"""What the index holds of a listing: all that a result card shows, and the words it is found by."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from search.words import coded_words, folded_words
from vendors.services import ListingFacts


@dataclass(frozen=True)
class ListingDoc:
    """One listing as a result card shows it; a page of results reads nothing else. Times are Unix seconds.

    `price_to_dong` is the dearest variant's price; above `price_dong` the card says «from». `names` are protected names
    it carries by right, `ways` how it comes to a buyer (vendors.services.WAYS).
    `rated` buyers gave it `rated_tenths` tenths of a star on average; no order of results follows from it.
    """

    id: int
    code: str
    url: str
    name: str
    kind: str
    kind_name: str
    price_dong: int
    unit: str
    seller: str
    commune: str = ""
    commune_code: str = ""
    province: str = ""
    seller_code: str = ""
    seller_url: str = ""
    market: str = ""
    market_code: str = ""
    stars: int = 0
    picture_url: str = ""
    sold_out: bool = False
    age_restricted: bool = False
    listed_at: int = 0
    updated_at: int = 0
    keywords: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    text: str = ""
    picture_srcset: str = ""
    blur_url: str = ""
    price_to_dong: int = 0
    seller_kind: str = ""
    in_season: bool = False
    latitude: float | None = None
    longitude: float | None = None
    names: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    rated: int = 0
    rated_tenths: int = 0

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude of where it is sold, as far as that is known."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


_CARD_FIELDS = tuple(
    field.name for field in fields(ListingDoc) if field.name not in ("keywords", "places", "text")
)

FACETS = ("kind", "stars", "commune_label", "market_label", "seller_kind", "price_band", "season", "ways")

# The folded fields by rank: a word in the name says more than one in the seller's name.
FIELDS = ("title", "terms", "seller_words", "place_words", "kind_words", "body")
CODED_FIELDS = ("title_coded", "rest_coded")


_TYPE = re.compile(
    r"^(?:tỉnh|thành phố|tp\.?|thị xã|tx\.?|thị trấn|tt\.?|huyện|quận|phường|p\.|ph\.|xã|đặc khu)\s+", re.I
)

# The upper ends of the price bands, in đồng; the last band has none.
PRICE_BANDS = (50_000, 100_000, 200_000, 500_000)


def price_band(price_dong: int) -> int:
    """Which price band a price is in, from 0."""
    return bisect_right(PRICE_BANDS, price_dong)


def counted(doc: ListingDoc) -> dict[str, str | list[str]]:
    """What filters count: a commune and a market carry their names, so that no table is asked for them."""
    return {
        "commune_label": f"{doc.commune_code}|{doc.commune}" if doc.commune_code else "",
        "market_label": f"{doc.market_code}|{doc.market}" if doc.market_code else "",
        "price_band": str(price_band(doc.price_dong)),
        "season": "now" if doc.in_season else "",
        "ways": list(doc.ways),
    }


def card(doc: ListingDoc) -> dict[str, Any]:
    """The part of a listing that comes back with a hit, as plain JSON values."""
    whole = asdict(doc)
    return {name: whole[name] for name in _CARD_FIELDS}


def from_card(kept: Mapping[str, Any]) -> ListingDoc:
    """The listing of a hit; its keywords, further places and text are not kept and come back empty."""
    whole: dict[str, Any] = {name: kept[name] for name in _CARD_FIELDS if name in kept}
    return ListingDoc(**whole | {name: tuple(kept.get(name, ())) for name in ("names", "ways")})


def searched(doc: ListingDoc) -> dict[str, str]:
    """The searchable fields of a listing, ready folded or coded, alike for every engine.

    `keywords` are other names of the goods; `places` are further places, like an old commune or district.
    """
    stars = f"ocop {doc.stars} sao" if doc.stars else ""
    terms = " ".join((*doc.keywords, stars))
    unit = doc.unit if any(map(str.isdigit, doc.unit)) else f"1 {doc.unit}"
    place = " ".join((doc.commune, *doc.places, doc.market, doc.province))
    return {
        "title": folded_words(doc.name),
        "terms": folded_words(terms),
        "seller_words": folded_words(doc.seller),
        "place_words": folded_words(place),
        "kind_words": folded_words(f"{doc.kind_name} {unit}"),
        "body": folded_words(doc.text),
        "title_coded": coded_words(doc.name),
        "rest_coded": coded_words(" ".join((terms, doc.seller, place, doc.kind_name, unit))),
    }


def place_names(doc: ListingDoc) -> list[str]:
    """The places of a listing by their short names of two words or more, in small letters: «tân cương», «chợ thái»."""
    names = (*(_TYPE.sub("", name) for name in (doc.commune, *doc.places, doc.province)), doc.market)
    return sorted({name.strip().lower() for name in names if " " in name.strip()})


def restored(kept: Mapping[str, Any]) -> ListingDoc:
    """A whole listing back from `dataclasses.asdict` and JSON."""
    lists = {name: tuple(kept.get(name, ())) for name in ("keywords", "places", "names", "ways")}
    return ListingDoc(**{**kept, **lists})


def document(facts: ListingFacts) -> ListingDoc:
    """A listing as the index holds it: the same facts under the same names."""
    return ListingDoc(**{one.name: getattr(facts, one.name) for one in fields(ListingDoc)})
