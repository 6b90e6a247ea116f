"""What sends goods on sale back to an administrator: the rules of it, in one place.

An administrator has seen what is on sale; a change that shows shoppers something else is looked at first.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from kit.i18n import Sentence, say
from kit.money import show_dong
from vendors.claims import as_text, claims_in
from vendors.models import Listing, ListingState

SEEN_WORDS = frozenset(
    {"name", "kind", "about", "commune_code", "commune", "province", "is_adult_only", "variants"}
)
PRICE_TIMES = 3  # three times what was approved, or a third of it


def must_be_seen(listing: Listing, *, changed: Collection[str] = (), photos_changed: bool = False) -> bool:
    """Whether goods that are on sale have to wait, given which words or photos changed; the price is the new one."""
    if listing.state != ListingState.ON_SALE:
        return False
    return bool(SEEN_WORDS & set(changed)) or photos_changed or price_leapt(listing)


def price_leapt(listing: Listing) -> bool:
    """Whether the price is three times the approved one or more, or a third or less; many small steps add up."""
    return leapt(listing.price_dong, listing.approved_price_dong)


def leapt(price_dong: int, seen_dong: int | None) -> bool:
    """The same for any price and the one that was approved."""
    return seen_dong is not None and not seen_dong < price_dong * PRICE_TIMES < seen_dong * PRICE_TIMES**2


class Priced(Protocol):
    """A variant: its name, its price, and the price that was approved."""

    @property
    def name(self) -> str: ...
    @property
    def price_dong(self) -> int: ...
    @property
    def approved_price_dong(self) -> int | None: ...


def reasons_to_look(listing: Listing, *, stars: int = 0, variants: Sequence[Priced] = ()) -> list[Sentence]:
    """What an administrator should look at in goods that wait, for the list of them and for their seller."""
    words = " · ".join((listing.name, *(one.name for one in variants)))
    claims = claims_in(words, listing.about, stars=stars)
    groups = dict.fromkeys(claim.group for claim in claims)
    reasons = [
        say(
            "Có chữ {words}: {because}.",
            words=as_text(claim for claim in claims if claim.group == group),
            because=next(claim.because for claim in claims if claim.group == group),
        )
        for group in groups
    ]
    if price_leapt(listing) and listing.approved_price_dong is not None:
        was = show_dong(listing.approved_price_dong)
        reasons.append(say("Giá đổi từ {was} thành {now}.", was=was, now=show_dong(listing.price_dong)))
    reasons += [
        say(
            "Giá «{name}» đổi từ {was} thành {now}.",
            name=one.name,
            was=show_dong(one.approved_price_dong or 0),
            now=show_dong(one.price_dong),
        )
        for one in variants
        if leapt(one.price_dong, one.approved_price_dong)
    ]
    return reasons
