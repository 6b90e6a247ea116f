"""What sends goods on sale back to an administrator: the rules of it, in one place.

An administrator has seen what is on sale; a change that shows shoppers something else is looked at first.
"""

from collections.abc import Collection, Sequence

from kit.i18n import Sentence, say
from kit.money import show_dong
from vendors.claims import as_text, claims_in
from vendors.models import Listing, ListingState
from vendors.name_rules import NameRule, names_said

SEEN_WORDS = frozenset({"name", "kind", "about", "commune_code", "commune", "province", "is_adult_only"})
PRICE_TIMES = 3  # three times what was approved, or a third of it


def must_be_seen(listing: Listing, *, changed: Collection[str] = (), photos_changed: bool = False) -> bool:
    """Whether goods that are on sale have to wait, given which words or photos changed; the price is the new one."""
    if listing.state != ListingState.ON_SALE:
        return False
    return bool(SEEN_WORDS & set(changed)) or photos_changed or price_leapt(listing)


def price_leapt(listing: Listing) -> bool:
    """Whether the price is three times the approved one or more, or a third or less; many small steps add up."""
    seen = listing.approved_price_dong
    return seen is not None and not seen < listing.price_dong * PRICE_TIMES < seen * PRICE_TIMES**2


def reasons_to_look(
    listing: Listing, *, stars: int = 0, names_without_right: Sequence[NameRule] = ()
) -> list[Sentence]:
    """What an administrator should look at in goods that wait, for the list of them and for their seller.

    `names_without_right` are the protected names that the seller may not use for these goods.
    """
    claims = claims_in(listing.name, listing.about, stars=stars)
    groups = dict.fromkeys(claim.group for claim in claims)
    reasons = [
        say(
            "Có chữ {words}: {because}.",
            words=as_text(claim for claim in claims if claim.group == group),
            because=next(claim.because for claim in claims if claim.group == group),
        )
        for group in groups
    ]
    reasons += [
        say(
            "Có chữ «{words}» là tên được bảo hộ ({name}), người bán chưa có quyền dùng cho món này.",
            words=said.words,
            name=said.rule.name,
        )
        for said in names_said(listing.kind, (listing.name, listing.about), names_without_right)
    ]
    if price_leapt(listing) and listing.approved_price_dong is not None:
        was = show_dong(listing.approved_price_dong)
        reasons.append(say("Giá đổi từ {was} thành {now}.", was=was, now=show_dong(listing.price_dong)))
    return reasons
