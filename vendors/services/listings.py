"""Listings as their sellers write them: put up, changed, counted, put away and offered again."""

from collections.abc import Mapping, Sequence
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
from vendors.by_weight import Portion, price_of
from vendors.kinds import kind_of
from vendors.models import Listing, ListingState, Photo, StockMove, StockMoveKind, Vendor, VendorState
from vendors.review_rules import must_be_seen
from vendors.services.labels import keep_label
from vendors.services.photos import PHOTOS_MAX, ReadyPhoto, too_many
from vendors.services.sendings import Sending, sent_before
from vendors.services.stock.lots import fit_lots
from vendors.services.variants import VariantContent, kept, variants_of, write_variants
from vendors.states import become

PRICE_LEAST, PRICE_MOST = 500, 1_000_000_000
STOCK_MAX = 100_000
WEIGHT_MOST_G = 30_000  # what the post takes in one parcel
_BY_WEIGHT = ("price_per_kg_dong", "portion_g", "band_percent", "is_heavier_charged")
_PRICES = ("price_dong", *_BY_WEIGHT, "unit", "weight_g")
_SHELF = ("price_to_dong", "stock", *_PRICES)
_DAYS = ("harvested_on", "best_before")


@dataclass(frozen=True)
class ListingContent:
    """What a seller writes about goods. `art` names another drawing than the kind's; weight as it goes by post.

    `label` holds the label's words by part (vendors/labels.py); None leaves those that stand.
    With `portion` the goods are sold by weight and `price_dong` is for a kilogram.
    With `variants` their prices and shelves count and not the listing's own; None leaves standing ones as they are.
    """

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
    label: Mapping[str, str] | None = None
    variants: tuple[VariantContent, ...] | None = None
    portion: Portion | None = None


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
        if content.variants:
            await write_variants(listing, content.variants)
            await listing.save(update_fields=[*_SHELF])
        else:
            await _count(listing, content.stock)
        await _hang(listing, photos)
        await keep_label(listing, content.label)
        await _done(listing, person_id, "listing_put_up")
    return listing


def fresh_listing(vendor: Vendor, content: ListingContent) -> Listing:
    """A listing that waits for approval, not yet saved."""
    words = {**_words(content), "art": content.art or kind_of(content.kind).art}
    return Listing(
        code=new_code("H"),
        vendor=vendor,
        stock=content.stock,
        **_prices(content),
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
        if await keep_label(listing, content.label):
            changed.append("label")
        dropped = await _drop_photos(listing, dropped_photo_ids)
        hung = await _hang(listing, photos)
        photos_changed = bool(dropped or hung)
        if await _restock(listing, content, stock_seen):
            changed.append("variants")
        listing.update_from_dict({name: getattr(content, name) for name in _DAYS})
        if listing.state == ListingState.RETURNED or must_be_seen(
            listing, changed=changed, photos_changed=photos_changed
        ):
            become(listing, ListingState.SUBMITTED)
        listing.own_code = content.own_code or listing.own_code
        listing.update_from_dict(words)
        await listing.save(update_fields=[*words, *_SHELF, *_DAYS, "state", "own_code", "changed_at"])
        await _done(listing, person_id, "listing_changed")
    return listing


async def change_shelf(
    listing_id: int, *, price_dong: int, stock: int, stock_seen: int, person_id: int
) -> Listing:
    """Price (of a kilogram, for goods sold by weight) and stock alone, whatever the state.

    At once, but for a price that leaps, which is looked at first.
    """
    async with transaction():
        listing = await _locked(listing_id)
        if listing.price_to_dong is not None:
            raise _by_variant(listing)
        listing.price_dong = price_dong
        if listing.portion_g is not None:
            listing.price_per_kg_dong, listing.price_dong = (
                price_dong,
                price_of(price_dong, listing.portion_g),
            )
        if must_be_seen(listing):
            become(listing, ListingState.SUBMITTED)
        await _recount(listing, stock, stock_seen)
        await listing.save(update_fields=["price_dong", "price_per_kg_dong", "state", "changed_at"])
        await _done(listing, person_id, "shelf_changed", price_dong=price_dong, stock=listing.stock)
    return listing


async def put_variant(listing_id: int, content: VariantContent, *, person_id: int) -> Listing:
    """Adds a variant to goods that have some, or changes the one of that name; a new one is looked at first.

    Raises Conflict when the goods are sold as one thing.
    """
    async with transaction():
        listing = await _locked(listing_id)
        standing = (await variants_of([listing])).get(listing.id)
        if not standing:
            raise Conflict(say("Món này chưa chia loại. Hãy đặt tên cho loại đang bán trước."))
        contents = {one.name: kept(one) for one in standing} | {content.name: content}
        must_look = await write_variants(listing, tuple(contents.values()))
        if must_be_seen(listing, changed=["variants"] if must_look else ()):
            become(listing, ListingState.SUBMITTED)
        await listing.save(update_fields=[*_SHELF, "state", "changed_at"])
        await _done(listing, person_id, "listing_changed", variant=content.name)
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


def words_changed(listing: Listing, content: ListingContent) -> dict[str, object]:
    """The words of a content that differ from the listing's; the drawing and the age only follow another kind."""
    words = {name: value for name, value in _words(content).items() if getattr(listing, name) != value}
    if "kind" not in words:
        words = {name: value for name, value in words.items() if name not in ("art", "is_adult_only")}
    return words


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
    if listing.state == ListingState.TAKEN_DOWN:
        raise Conflict(
            say("Hàng này đã bị gỡ nên chưa sửa được. Mời xem lý do và khiếu nại ở mục «Hàng của tôi».")
        )
    return listing


async def _move(listing_id: int, state: ListingState, person_id: int, action: str) -> Listing:
    async with transaction():
        listing = await _locked(listing_id)
        become(listing, state)
        await listing.save(update_fields=["state", "changed_at"])
        await _done(listing, person_id, action)
    return listing


async def _restock(listing: Listing, content: ListingContent, seen: int | None) -> bool:
    """Writes prices, units and stock, of the goods or of their variants; whether that has to be looked at first."""
    had = listing.price_to_dong is not None
    if had and content.variants is None:
        same = content.stock == (listing.stock if seen is None else seen)
        if content.price_dong != listing.price_dong or not same:
            raise _by_variant(listing)
        return False
    if listing.portion_g is not None and content.variants is None:
        if content.price_dong != listing.price_dong:
            raise _by_kilogram(listing)
        await _recount(listing, content.stock, seen)
        return False
    if not had and not content.variants:
        was_portion_g = listing.portion_g
        listing.update_from_dict(_prices(content))
        await _recount(listing, content.stock, seen)
        return listing.portion_g != was_portion_g
    if not had:
        listing.update_from_dict(dict.fromkeys(_BY_WEIGHT[:3]) | {"is_heavier_charged": False})
        await _recount(listing, 0, None)
    must_look = await write_variants(listing, content.variants or ())
    if not content.variants:
        listing.update_from_dict(_prices(content))
        listing.stock = 0
        await _recount(listing, content.stock, None)
    return must_look


def _prices(content: ListingContent) -> dict[str, object]:
    """What a piece costs and weighs; sold by weight, a piece is a portion."""
    portion = content.portion
    return {
        "price_dong": price_of(content.price_dong, portion.portion_g) if portion else content.price_dong,
        "price_per_kg_dong": content.price_dong if portion else None,
        "portion_g": portion.portion_g if portion else None,
        "band_percent": portion.band_percent if portion else None,
        "is_heavier_charged": bool(portion and portion.is_heavier_charged),
        "unit": content.unit,
        "weight_g": content.weight_g,
    }


def _by_kilogram(listing: Listing) -> Refusal:
    return Refusal(
        say("«{name}» bán theo cân. Giá một kg sửa ở trang sửa hàng.", name=listing.name), field="price_dong"
    )


def _by_variant(listing: Listing) -> Refusal:
    return Refusal(
        say("«{name}» có nhiều loại. Giá và số lượng sửa theo từng loại ở trang sửa hàng.", name=listing.name)
    )


async def _recount(listing: Listing, stock: int, seen: int | None) -> None:
    """Adds what the seller added since they saw the page; never below nothing."""
    wanted = stock if seen is None else max(0, listing.stock + stock - seen)
    change, listing.stock = wanted - listing.stock, wanted
    if change:
        await listing.save(update_fields=["stock"])
        await _count(listing, change)
    if change < 0:
        await fit_lots(listing.id, None, wanted)


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
