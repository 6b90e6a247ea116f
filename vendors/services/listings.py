"""Listings as their sellers write them: put up, changed, counted, put away and offered again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.codes import new_code, tidy_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.outbox import later
from kit.text import slug
from kit.units import Unit
from vendors.kinds import kind_of
from vendors.models import Listing, ListingState, Photo, StockMove, StockMoveKind, Vendor, VendorState
from vendors.review_rules import must_be_seen
from vendors.services.photos import PHOTOS_MAX, ReadyPhoto, too_many
from vendors.states import become

STOCK_MAX = 100_000
_HOLD_AT_ONCE = ("price_dong", "unit", "weight_g", "harvested_on", "best_before")


@dataclass(frozen=True)
class ListingContent:
    """What a seller writes about goods. `art` names another drawing than the kind's; weight as it goes by post."""

    name: str
    kind: str
    price_dong: int
    unit: str
    weight_g: int
    stock: int
    commune: Unit
    about: str = ""
    art: str = ""
    harvested_on: date | None = None
    best_before: date | None = None
    own_code: str = ""


@dataclass(frozen=True)
class Sending:
    """One sending of a form: the id that its page or phone made, and a hash of what it says."""

    id: str
    hash: str


async def sent_before(vendor_id: int, sending: Sending) -> Listing | None:
    """The listing that this sending has made already. Conflict when its id came with something else."""
    listing = await Listing.get_or_none(vendor_id=vendor_id, sent_id=sending.id)
    if listing is not None and listing.sent_hash != sending.hash:
        raise Conflict(
            say(
                "Trang này đã đăng món «{name}» rồi. Muốn sửa món đó thì vào mục «Hàng». Muốn đăng thêm món khác thì"
                " gửi lại một lần nữa.",
                name=listing.name,
            )
        )
    return listing


async def put_up_listing(
    vendor_id: int,
    content: ListingContent,
    photos: Sequence[ReadyPhoto],
    *,
    person_id: int | None,
    sending: Sending | None = None,
) -> Listing:
    """A new listing, waiting for approval; the same `sending` again gives the listing that it made.

    Refusal when the vendor may not sell or there are too many photos; Conflict as in sent_before.
    """
    try:
        return await _put_up(vendor_id, content, photos, person_id, sending)
    except IntegrityError:
        made = await sent_before(vendor_id, sending) if sending else None
        if made is None:
            raise
        return made


async def _put_up(
    vendor_id: int,
    content: ListingContent,
    photos: Sequence[ReadyPhoto],
    person_id: int | None,
    sending: Sending | None,
) -> Listing:
    async with transaction():
        vendor = await Vendor.get_or_none(id=vendor_id)
        if vendor is not None and vendor.state == VendorState.DRAFT:
            raise Refusal(say("Cần xác minh người bán trước. Mời vào mục «Xác minh người bán»."), status=403)
        if vendor is None or vendor.state != VendorState.CAN_SELL:
            raise Refusal(say("Quầy này đang tạm dừng bán. Hãy gọi ban quản lý chợ."), status=403)
        listing = fresh_listing(vendor, content)
        if sending is not None:
            listing.sent_id, listing.sent_hash = sending.id, sending.hash
        await listing.save()
        await _count(listing, content.stock)
        await _hang(listing, photos)
        await _done(listing, person_id, "listing_put_up")
    return listing


def fresh_listing(vendor: Vendor, content: ListingContent) -> Listing:
    """A listing that waits for approval, not yet saved."""
    words = {**_words(content), "art": content.art or kind_of(content.kind).art}
    return Listing(
        code=new_code("H"),
        vendor=vendor,
        price_dong=content.price_dong,
        stock=content.stock,
        unit=content.unit,
        weight_g=content.weight_g,
        harvested_on=content.harvested_on,
        best_before=content.best_before,
        state=ListingState.SUBMITTED,
        is_demo=vendor.is_demo,
        own_code=content.own_code,
        **words,
    )


async def change_listing(
    listing_id: int,
    content: ListingContent,
    photos: Sequence[ReadyPhoto],
    *,
    person_id: int,
    dropped_photo_ids: Sequence[int] = (),
    stock_seen: int | None = None,
) -> Listing:
    """Rewrites a listing. Numbers, unit and days hold at once; what review_rules names is looked at first.

    `stock_seen` is the stock that stood on the page: only the difference to it is added, so what was sold meanwhile
    stays sold. Conflict when the state does not allow it.
    """
    async with transaction():
        listing = await _locked(listing_id)
        words = _words(content)
        changed = [name for name, value in words.items() if getattr(listing, name) != value]
        if "kind" not in changed:
            del words["art"], words["is_adult_only"]
        dropped = await _drop_photos(listing, dropped_photo_ids)
        hung = await _hang(listing, photos)
        photos_changed = bool(dropped or hung)
        plain = {name: getattr(content, name) for name in _HOLD_AT_ONCE}
        listing.update_from_dict(plain)
        if listing.state == ListingState.RETURNED or must_be_seen(
            listing, changed=changed, photos_changed=photos_changed
        ):
            become(listing, ListingState.SUBMITTED)
        listing.own_code = content.own_code or listing.own_code
        listing.update_from_dict(words)
        await _recount(listing, content.stock, stock_seen)
        await listing.save(update_fields=[*words, *plain, "state", "own_code", "changed_at"])
        await _done(listing, person_id, "listing_changed")
    return listing


async def change_shelf(
    listing_id: int, *, price_dong: int, stock: int, stock_seen: int, person_id: int
) -> Listing:
    """Price and stock alone, whatever the state; at once, but for a price that leaps, which is looked at first."""
    async with transaction():
        listing = await _locked(listing_id)
        listing.price_dong = price_dong
        if must_be_seen(listing):
            become(listing, ListingState.SUBMITTED)
        await _recount(listing, stock, stock_seen)
        await listing.save(update_fields=["price_dong", "state", "changed_at"])
        await _done(listing, person_id, "shelf_changed", price_dong=price_dong, stock=listing.stock)
    return listing


async def hide_listing(listing_id: int, *, person_id: int) -> Listing:
    """Takes goods off sale; what is reserved stays reserved. Conflict when they are put away already."""
    return await _move(listing_id, ListingState.HIDDEN, person_id, "listing_hidden")


async def offer_listing(listing_id: int, *, person_id: int) -> Listing:
    """Sends goods that were put away, or that came back, to the administrator again."""
    return await _move(listing_id, ListingState.SUBMITTED, person_id, "listing_offered")


async def add_photo(listing_id: int, photo: ReadyPhoto, *, person_id: int) -> Photo:
    """Hangs one more photo on a listing; the same photo again is the same row."""
    async with transaction():
        listing = await _locked(listing_id)
        if await _hang(listing, [photo]):
            if must_be_seen(listing, photos_changed=True):
                become(listing, ListingState.SUBMITTED)
            await listing.save(update_fields=["state", "changed_at"])
            await _done(listing, person_id, "photo_added")
        return await Photo.get(listing_id=listing.id, key=photo.key)


async def own_listing(code: str, vendor_ids: Sequence[int]) -> Listing:
    """The listing with this code if it belongs to one of these vendors. NotFound otherwise."""
    listing = await Listing.get_or_none(code=tidy_code(code), vendor_id__in=list(vendor_ids))
    if listing is None:
        raise NotFound()
    return listing


def _words(content: ListingContent) -> dict[str, object]:
    """What an administrator has to have seen before it is shown."""
    kind = kind_of(content.kind)
    return {
        "name": content.name,
        "slug": slug(content.name, 120) or kind.code,
        "kind": kind.code,
        "about": content.about,
        "commune_code": content.commune.code,
        "commune": content.commune.name,
        "province": content.commune.province,
        "art": kind.art,
        "is_adult_only": kind.adult_only,
    }


async def _locked(listing_id: int) -> Listing:
    listing = (await locked(Listing, [listing_id])).get(listing_id)
    if listing is None:
        raise NotFound()
    return listing


async def _move(listing_id: int, state: ListingState, person_id: int, action: str) -> Listing:
    async with transaction():
        listing = await _locked(listing_id)
        become(listing, state)
        await listing.save(update_fields=["state", "changed_at"])
        await _done(listing, person_id, action)
    return listing


async def _recount(listing: Listing, stock: int, seen: int | None) -> None:
    """Adds what the seller added since they saw the page; never below nothing."""
    wanted = stock if seen is None else max(0, listing.stock + stock - seen)
    change, listing.stock = wanted - listing.stock, wanted
    if change:
        await listing.save(update_fields=["stock"])
        await _count(listing, change)


async def _count(listing: Listing, change: int) -> None:
    if change:
        await StockMove.create(
            listing=listing,
            kind=StockMoveKind.STOCKED,
            quantity=change,
            reference=f"count:{new_code('C', length=12)}",
        )


async def _hang(listing: Listing, photos: Sequence[ReadyPhoto]) -> int:
    """Adds the photos that the listing does not have yet; the number of new ones."""
    if not photos:
        return 0
    there = {photo.key: photo for photo in await Photo.filter(listing_id=listing.id)}
    fresh = {photo.key: photo for photo in photos if photo.key not in there}
    if len(there) + len(fresh) > PHOTOS_MAX:
        raise too_many(len(there) + len(fresh))
    start = max((photo.position for photo in there.values()), default=-1) + 1
    for position, photo in enumerate(fresh.values(), start):
        await Photo.create(
            listing=listing,
            position=position,
            key=photo.key,
            width_px=photo.width_px,
            height_px=photo.height_px,
            blur_url=photo.blur_url,
        )
    return len(fresh)


async def _drop_photos(listing: Listing, photo_ids: Sequence[int]) -> int:
    return await Photo.filter(listing_id=listing.id, id__in=list(photo_ids)).delete() if photo_ids else 0


async def _done(listing: Listing, person_id: int | None, action: str, **details: object) -> None:
    await record(person_id, action, "listing", listing.code, **details)
    await later("index_listing", listing.id)
