"""Who may pay at the door: the seller offers it, sum and goods allow it, and the buyer takes what they order."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import record
from kit.dates import vietnam_date
from kit.db import sql, transaction
from kit.errors import Conflict
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.rules import rule_on
from orders.door_models import DoorOffer
from orders.services.basket import Buyer
from orders.services.checkout import Review
from orders.services.offers import Offer
from orders.states import Handing
from postal.gates.names import collects

LIMIT_RULE, REFUSALS_RULE, PACK_RULE = "door_limit_dong", "door_refusals_most", "door_pack_hours"
LIMIT_DONG, REFUSALS_MOST, PACK_HOURS = 3_000_000, 2, 48
_KEEP = """
    INSERT INTO door_offer (vendor_id, is_on, changed_by, changed_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (vendor_id) DO UPDATE SET is_on = $2, changed_by = $3, changed_at = $4
"""
_REFUSED = """
    SELECT count(*) AS n FROM customer_order WHERE refused_at_door
    AND (recipient_phone = $1 OR ($2::bigint IS NOT NULL AND person_id = $2::bigint)
        OR ($3 <> '' AND person_id IS NULL AND device = $3))
"""


@dataclass(frozen=True)
class Terms:
    """The rules of a day: the most that is paid at a door, how many refusals are forgiven, hours to pack."""

    limit_dong: int
    refusals_most: int
    pack_for: timedelta


@dataclass(frozen=True)
class DoorWord:
    """Whether one seller's part may be paid at the door; `why_not` where the seller offers it and it may not be."""

    can_be: bool
    why_not: Sentence | None = None


async def terms_on(now: datetime) -> Terms:
    """The dated rules in force."""
    day = vietnam_date(now)
    limit, most, hours = [await rule_on(name, day) for name in (LIMIT_RULE, REFUSALS_RULE, PACK_RULE)]
    return Terms(
        int(limit or LIMIT_DONG), int(most or REFUSALS_MOST), timedelta(hours=int(hours or PACK_HOURS))
    )


async def takes_at_door(vendor_id: int) -> bool:
    """Whether a seller offers it; off until they say so."""
    row = await DoorOffer.get_or_none(vendor_id=vendor_id)
    return row is not None and row.is_on


async def offer_at_door(vendor_id: int, *, is_on: bool, person_id: int, now: datetime) -> None:
    """A seller takes orders that are paid at the door from now on, or no more; those that stand stay."""
    async with transaction():
        await sql(_KEEP, [vendor_id, is_on, person_id, now])
        await record(person_id, "door_offer_set", "vendor", str(vendor_id), is_on=is_on)


async def door_words(
    review: Review, buyer: Buyer, recipient_phone: str, *, now: datetime
) -> dict[int, DoorWord]:
    """By seller whether their part may be paid at the door. At most four queries, none where no seller offers it."""
    offering = review.taken_at_door
    if not offering:
        return {one.vendor.id: DoorWord(False) for one in review.offers}
    terms = await terms_on(now)
    is_refuser = await times_refused(buyer, recipient_phone) >= terms.refusals_most
    return {
        one.vendor.id: _word(one, terms, is_refuser) if one.vendor.id in offering else DoorWord(False)
        for one in review.offers
    }


def refuse_at_door(words: dict[int, DoorWord], chosen: Collection[int]) -> None:
    """Raises Conflict when somebody wants to pay at the door where that is not to be had (any more)."""
    for vendor_id in chosen:
        word = words.get(vendor_id)
        if word is None or not word.can_be:
            raise Conflict(
                (word and word.why_not)
                or say("Người bán không nhận trả tiền khi giao cho đơn này. Mời bạn chọn lại cách trả.")
            )


async def times_refused(buyer: Buyer, recipient_phone: str) -> int:
    """How many orders this person, device or phone number would not take at the door. One query."""
    rows = await sql(_REFUSED, [recipient_phone, buyer.person_id, buyer.device])
    return int(str(rows[0]["n"]))


def _word(offer: Offer, terms: Terms, is_refuser: bool) -> DoorWord:
    """Alcohol is paid without cash only (Decree 24/2020/NĐ-CP, Article 6)."""
    if any(one.is_adult_only for one in offer.things):
        return DoorWord(False, say("Đơn có rượu chỉ trả không dùng tiền mặt, theo luật."))
    if offer.way.handing is not Handing.DOOR:
        return DoorWord(False, say("Chỉ hàng giao tận nhà, một gói riêng, mới trả khi nhận."))
    if any(one.ships_from for one in offer.things):
        return DoorWord(False, say("Hàng đặt trước thì trả trước."))
    if not collects(offer.way.carrier, offer.total_dong + offer.more_most_dong):
        return DoorWord(False, say("Nơi giao bạn chọn không thu hộ tiền."))
    if offer.total_dong + offer.more_most_dong > terms.limit_dong:
        limit = show_dong(terms.limit_dong)
        return DoorWord(False, say("Chỉ trả khi nhận được đơn đến {limit}.", limit=limit))
    if is_refuser:
        return DoorWord(False, say("Có đơn giao đến mà không nhận, nên lần này bạn trả trước."))
    return DoorWord(True)
