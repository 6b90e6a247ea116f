"""The filters of a search as chips to press: what can be chosen, with counts, and what is chosen, to take off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kit.i18n import Sentence, say
from kit.money import show_dong
from search.documents import PRICE_BANDS
from search.engine import Hits, Sort
from search.forms import Asked
from vendors.kinds import kind_of
from vendors.services import KIND_NAMES, VendorKind

MOST_A_GROUP = 24


@dataclass(frozen=True)
class Chip:
    """One filter that can be put on or taken off."""

    label: Sentence
    count: int
    url: str
    is_on: bool


@dataclass(frozen=True)
class Group:
    """Chips of one facet under its name."""

    label: Sentence
    chips: tuple[Chip, ...]


WAY_NAMES = {
    "post": say("Giao tận nhà"),
    "stall": say("Mua tại sạp ở chợ"),
    "fetch": say("Đặt rồi đến lấy"),
}
SORTS = (
    (Sort.BEST, say("Hợp nhất")),
    (Sort.CHEAPEST, say("Giá thấp trước")),
    (Sort.DEAREST, say("Giá cao trước")),
    (Sort.NEWEST, say("Mới đăng")),
    (Sort.NEAREST, say("Gần tôi")),
)


def groups_of(asked: Asked, hits: Hits) -> list[Group]:
    """What can still be chosen; a facet that tells nothing apart (fewer than two choices) is left out."""
    groups = [
        Group(say("Loại hàng"), _plain(asked, "kind", hits.facets.get("kind", {}))),
        Group(say("Giá"), _bands(asked, hits.facets.get("price_band", {}))),
        Group(say("OCOP"), _stars(asked, hits)),
        Group(say("Người bán"), _plain(asked, "by", hits.facets.get("seller_kind", {}))),
        Group(say("Cách nhận"), _ways(asked, hits)),
        Group(say("Chợ"), _places(asked, "market", hits.facets.get("market_label", {}))),
        Group(say("Xã, phường"), _places(asked, "commune", hits.facets.get("commune_label", {}))),
        Group(say("Mùa"), _season(asked, hits)),
    ]
    return [group for group in groups if group.chips]


def chosen_of(asked: Asked, hits: Hits) -> list[Chip]:
    """What is chosen or was spoken, each with the address that takes it off."""
    return [Chip(label, 0, url, True) for label, url in _chosen(asked, hits)]


def sorts_of(asked: Asked) -> list[Chip]:
    """The orders a page can be in; by distance only where a place is known."""
    return [
        Chip(label, 0, asked.address(sort=sort), asked.sort == sort)
        for sort, label in SORTS
        if sort != Sort.NEAREST or asked.near
    ]


def _chosen(asked: Asked, hits: Hits) -> Iterator[tuple[Sentence, str]]:
    for name in ("kind", "by"):
        if value := getattr(asked, name):
            yield _name(name, value), asked.address(**{name: ""})
    if asked.price:
        yield _band_name(int(asked.price)), asked.address(price="")
    elif asked.wish.price_from_dong or asked.wish.price_to_dong:
        yield (
            _limits_name(asked.wish.price_from_dong, asked.wish.price_to_dong),
            asked.address(q=asked.wish.text),
        )
    if asked.stars:
        yield _stars_name(asked.stars), asked.address(stars=0)
    for name in ("market", "commune"):
        if value := getattr(asked, name):
            yield _place_name(value, hits.facets.get(f"{name}_label", {})), asked.address(**{name: ""})
    if asked.seller:
        name = next((doc.seller for doc in hits.docs), asked.seller)
        yield say("{name}", name=name), asked.address(seller="")
    if asked.season:
        yield say("Đang mùa"), asked.address(season="")
    if asked.way:
        yield WAY_NAMES[asked.way], asked.address(way="")
    if asked.near:
        yield say("Gần tôi"), asked.address(near="", sort=Sort.BEST)


def _plain(asked: Asked, name: str, counts: Mapping[str, int]) -> tuple[Chip, ...]:
    if getattr(asked, name) or len(counts) < 2:
        return ()
    return tuple(
        Chip(_name(name, value), count, asked.address(**{name: value}), False)
        for value, count in _ranked(counts)
    )


def _places(asked: Asked, name: str, counts: Mapping[str, int]) -> tuple[Chip, ...]:
    if getattr(asked, name) or len(counts) < 2:
        return ()
    return tuple(
        Chip(_place_name(value, counts), count, asked.address(**{name: value}), False)
        for value, count in ((label.partition("|")[0], count) for label, count in _ranked(counts))
    )


def _bands(asked: Asked, counts: Mapping[str, int]) -> tuple[Chip, ...]:
    spoken = asked.wish.price_from_dong or asked.wish.price_to_dong
    if asked.price or spoken or len(counts) < 2:
        return ()
    return tuple(
        Chip(_band_name(int(band)), count, asked.address(price=band), False)
        for band, count in sorted(counts.items())
    )


def _stars(asked: Asked, hits: Hits) -> tuple[Chip, ...]:
    """One chip for each least number of stars that makes a difference."""
    counts = {int(stars): count for stars, count in hits.facets.get("stars", {}).items() if stars.isdecimal()}
    chips: list[Chip] = []
    for least in () if asked.stars else (5, 4, 3):
        count = sum(one for stars, one in counts.items() if stars >= least)
        if count and (not chips or count != chips[-1].count):
            chips.append(Chip(_stars_name(least), count, asked.address(stars=least), False))
    return tuple(chips)


def _season(asked: Asked, hits: Hits) -> tuple[Chip, ...]:
    count = hits.facets.get("season", {}).get("now", 0)
    if asked.season or not count or count == hits.total:
        return ()
    return (Chip(say("Đang mùa"), count, asked.address(season="now"), False),)


def _ways(asked: Asked, hits: Hits) -> tuple[Chip, ...]:
    """How goods come to the buyer, as far as it tells them apart."""
    counts = {} if asked.way else hits.facets.get("ways", {})
    return tuple(
        Chip(WAY_NAMES[way], count, asked.address(way=way), False)
        for way, count in _ranked(counts)
        if way in WAY_NAMES and count < hits.total
    )


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_A_GROUP]


def _name(name: str, value: str) -> Sentence:
    return kind_of(value).name if name == "kind" else KIND_NAMES[VendorKind(value)]


def _place_name(code: str, counts: Mapping[str, int]) -> Sentence:
    """The name that stands beside a code in the counts; the code itself where nothing was found there."""
    names = dict(label.split("|", 1) for label in counts)
    return say("{name}", name=names.get(code, code))


def _stars_name(least: int) -> Sentence:
    return say("OCOP {n} sao", n=5) if least == 5 else say("OCOP từ {n} sao", n=least)


def _band_name(band: int) -> Sentence:
    low, high = (0, *PRICE_BANDS)[band], PRICE_BANDS[band] if band < len(PRICE_BANDS) else None
    return _limits_name(low or None, high)


def _limits_name(low: int | None, high: int | None) -> Sentence:
    if low and high:
        return say("{low} – {high}", low=show_dong(low), high=show_dong(high))
    if high:
        return say("Dưới {high}", high=show_dong(high))
    return say("Từ {low}", low=show_dong(low or 0))
