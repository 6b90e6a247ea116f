"""Approval: an administrator sees every listing before shoppers do."""

from datetime import datetime

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify_phone
from kit.codes import tidy_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from kit.outbox import later
from vendors.models import Listing, ListingState
from vendors.services.variants import approve_variants
from vendors.services.webhooks.endpoints import emit
from vendors.states import become


async def approve_listing(listing_id: int, *, by: int, seen: datetime | None = None) -> Listing:
    """Puts a waiting listing on sale. Conflict when it does not wait or was changed after `seen`."""
    async with transaction():
        listing = await _waiting(listing_id, seen)
        become(listing, ListingState.ON_SALE)
        listing.returned_because = ""
        listing.approved_price_dong = listing.price_dong
        await listing.save(update_fields=["state", "returned_because", "approved_price_dong", "changed_at"])
        await approve_variants(listing.id)
        await record(by, "listing_approved", "listing", listing.code)
        await later("index_listing", listing.id)
        await later("tell_of_review", listing.id)
    return listing


async def return_listing(listing_id: int, because: str, *, by: int, seen: datetime | None = None) -> Listing:
    """Sends a listing back to its seller with the reason; one that is on sale leaves the market at once."""
    async with transaction():
        listing = await _waiting(listing_id, seen)
        become(listing, ListingState.RETURNED)
        listing.returned_because = because
        await listing.save(update_fields=["state", "returned_because", "changed_at"])
        await record(by, "listing_returned", "listing", listing.code, because=because)
        await later("index_listing", listing.id)
        await later("tell_of_review", listing.id)
    return listing


async def tell_of_review(listing_id: int, *, now: datetime) -> None:
    """Tells a seller that goods were approved or sent back; nothing when they have moved on since."""
    listing = await Listing.get_or_none(id=listing_id).select_related("vendor")
    if listing is None or listing.state not in (ListingState.ON_SALE, ListingState.RETURNED):
        return
    if listing.state is ListingState.ON_SALE:
        title, words = (
            say("Hàng đã lên chợ"),
            say("«{name}» đã được duyệt, khách mua được rồi.", name=listing.name),
        )
    else:
        said = {"name": listing.name, "because": listing.returned_because}
        title, words = say("Hàng cần sửa"), say("«{name}» được trả về để sửa: {because}", **said)
    telling = Telling(NoticeKind.GOODS, title, words, f"/sell/listings/{listing.code}")
    key = f"review:{listing.id}:{listing.state}:{listing.changed_at:%Y%m%d%H%M%S%f}"
    async with transaction():
        await notify_phone(listing.vendor.phone, telling, event_key=key, now=now)
        event = "listing.approved" if listing.state is ListingState.ON_SALE else "listing.returned"
        content = {"listing": listing.code, "name": listing.name, "because": listing.returned_because}
        await emit(listing.vendor_id, event, content, event_key=key, at=listing.changed_at, now=now)


async def listing_id_of(code: str) -> int:
    """The number of a listing by its code, whatever its state. NotFound when there is none."""
    found = await Listing.filter(code=tidy_code(code)).values_list("id", flat=True)
    if not found:
        raise NotFound()
    return int(str(found[0]))


async def _waiting(listing_id: int, seen: datetime | None) -> Listing:
    listing = (await locked(Listing, [listing_id])).get(listing_id)
    if listing is None:
        raise NotFound()
    if seen is not None and listing.changed_at != seen:
        raise Conflict(say("Hàng này vừa được người bán sửa. Hãy xem lại rồi duyệt."))
    return listing
