"""A listing as the flat fields of the embedded engine, and its results by distance."""

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from search.documents import ListingDoc, card, counted, from_card, place_names, searched

FILTERS = ("kind", "commune_code", "market_code", "seller_code", "seller_kind")
COUNTED = ("commune_label", "market_label", "price_band", "season", "ways")
CARDS_KEPT = 4096
LAST = 2**50  # more than any price or time


def flat(doc: ListingDoc) -> dict[str, Any]:
    """The fields of a listing by name, ready for the index; `card` is what comes back with a hit, as JSON."""
    fields: dict[str, Any] = dict(searched(doc))
    for name in ("title", "title_coded"):
        fields[name] = f"^ {fields[name]} $"  # its ends as words, so that a phrase can begin or fill it
    fields |= {name: getattr(doc, name) for name in (*FILTERS, "id", "price_dong", "stars", "listed_at")}
    fields |= counted(doc) | {"place_names": place_names(doc)}
    if doc.point:
        fields |= {"latitude": doc.point[0], "longitude": doc.point[1]}
    fields |= {"in_stock": int(not doc.sold_out), "adult": int(doc.age_restricted)}
    # What is sold out comes after everything else, whichever way a page is sorted.
    fields |= {
        "order_cheapest": doc.price_dong + LAST * doc.sold_out,
        "order_dearest": doc.price_dong + LAST * (not doc.sold_out),
        "order_newest": doc.listed_at + LAST * (not doc.sold_out),
    }
    # Among equals: more stars, then by id; small enough never to outweigh a word.
    fields["merit"] = 4e-4 * doc.stars + 3e-7 * (doc.id % 1000)
    return fields | {"card": json.dumps(card(doc), ensure_ascii=False)}


@lru_cache(CARDS_KEPT)
def read_card(card: str) -> ListingDoc:
    """The listing of a card's text; the same text is always the same listing."""
    return from_card(json.loads(card))


def nearest_first(near: tuple[float, float], rows: Iterable[tuple[Any, Any, Any, Any, Any]]) -> list[Any]:
    """The last value of each (latitude, longitude, in stock, id, value), nearest first.

    What is sold out comes last, what has no place before it, equal ones by id.
    """
    ranked = sorted(rows, key=lambda row: (not row[2], _distance(near, row[0], row[1]), -int(row[3] or 0)))
    return [row[4] for row in ranked]


def _distance(near: tuple[float, float], latitude: float | None, longitude: float | None) -> float:
    """How far, in degrees of latitude; flat enough within a country. Infinite where the place is unknown."""
    if latitude is None or longitude is None:
        return math.inf
    return math.hypot(latitude - near[0], (longitude - near[1]) * math.cos(math.radians(near[0])))
