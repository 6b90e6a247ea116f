"""Harvest lots: what was picked when and where, how much of the shelf comes from it, and who was served from it.

All under the lock of the listing that a lot belongs to. The lot that expires first is served first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.services import record
from kit.codes import new_code, tidy_code
from kit.db import locked, select, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.outbox import later
from vendors.models import HarvestLot, Listing, LotUse, StockMove, StockMoveKind, Variant

CODE_PREFIX = "ME"  # mẻ, a batch
LOTS_SHOWN = 24
_NEWEST = "WHERE listing_id = $1 ORDER BY id DESC LIMIT $2"
ENDS_AT_ONCE = 200
_ON_SHELVES = "WHERE listing_id = ANY($1) AND on_shelf > 0"
Shelf = tuple[int, int | None]  # listing and variant, None for goods without variants


@dataclass(frozen=True)
class LotContent:
    """What a seller writes about a lot; `plot` is the field, hill or house, in their words."""

    harvested_on: date
    best_before: date | None
    plot: str
    quantity: int
    variant_id: int | None = None


async def add_lot(listing_id: int, content: LotContent, *, person_id: int, now: datetime) -> HarvestLot:
    """A new lot, put on the shelf. Refusal at `variant` when the goods have variants and none of them was chosen."""
    async with transaction():
        listing = (await locked(Listing, [listing_id])).get(listing_id)
        if listing is None:
            raise NotFound()
        variant = await _chosen(listing, content.variant_id)
        lot = await HarvestLot.create(
            code=new_code(CODE_PREFIX),
            listing=listing,
            variant=variant,
            harvested_on=content.harvested_on,
            best_before=content.best_before,
            plot=content.plot,
            quantity=content.quantity,
            on_shelf=content.quantity,
            created_at=now,
        )
        await _shelve(listing, variant, content.quantity, f"lot:{lot.code}")
        await record(person_id, "lot_added", "listing", listing.code, lot=lot.code, quantity=lot.quantity)
    return lot


async def serve_from_lots(wanted: Mapping[Shelf, int], reference: str) -> dict[Shelf, list[str]]:
    """Takes what was reserved from the lots on those shelves; by shelf the codes of the lots that served it.

    Pieces that came from no lot are served last, and named by nothing.
    """
    served: dict[Shelf, list[str]] = {}
    lots = await _on_shelves({listing_id for listing_id, _ in wanted})
    for shelf, pieces in wanted.items():
        for lot in lots[shelf]:
            taken = min(pieces, lot.on_shelf)
            if not taken:
                break
            pieces -= taken
            lot.on_shelf -= taken
            await lot.save(update_fields=["on_shelf"])
            await LotUse.create(lot=lot, reference=reference, quantity=taken)
            served.setdefault(shelf, []).append(lot.code)
    return served


async def give_back_to_lots(reference: str) -> None:
    """Puts what a released reference was served with back into its lots."""
    for use in await LotUse.filter(reference=reference, is_back=False).select_related("lot").order_by("id"):
        use.lot.on_shelf += use.quantity
        await use.lot.save(update_fields=["on_shelf"])
        use.is_back = True
        await use.save(update_fields=["is_back"])


async def fit_lots(listing_id: int, variant_id: int | None, stock: int) -> None:
    """After a shelf was counted: its lots hold no more than stands there; the one that expires first lost first."""
    lots = (await _on_shelves({listing_id}))[(listing_id, variant_id)]
    surplus = sum(lot.on_shelf for lot in lots) - stock
    for lot in lots:
        lost = min(max(surplus, 0), lot.on_shelf)
        if lost:
            surplus -= lost
            lot.on_shelf -= lost
            await lot.save(update_fields=["on_shelf"])


async def with_lots(listing_ids: Sequence[int]) -> list[int]:
    """Those of these goods of which lots lie on the shelf, ascending; one query, none for none."""
    lots = HarvestLot.filter(listing_id__in=list(listing_ids), on_shelf__gt=0).order_by("listing_id")
    ids = await lots.distinct().values_list("listing_id", flat=True) if listing_ids else []
    return [int(str(one)) for one in ids]


async def end_lots(*, today: date) -> None:
    """Takes what is past its best off the shelves, a lot in a transaction of its own."""
    past = HarvestLot.filter(on_shelf__gt=0, best_before__lt=today).order_by("best_before", "id")
    for lot_id, listing_id in await past.limit(ENDS_AT_ONCE).values_list("id", "listing_id"):
        await _end(int(str(lot_id)), int(str(listing_id)))


async def lots_of(listing_id: int) -> list[HarvestLot]:
    """The newest lots of goods, those still on the shelf first, variants fetched. One query, two with lots."""
    lots = await select(HarvestLot, _NEWEST, [listing_id, LOTS_SHOWN])
    if lots:
        await HarvestLot.fetch_for_list(lots, "variant")
    return sorted(lots, key=lambda lot: lot.on_shelf == 0)


async def lot_by_code(code: str) -> HarvestLot:
    """A lot with its goods, their seller and its variant. NotFound when there is none."""
    lot = (
        await HarvestLot.filter(code=tidy_code(code))
        .select_related("listing", "listing__vendor", "variant")
        .first()
    )
    if lot is None:
        raise NotFound()
    return lot


async def _end(lot_id: int, listing_id: int) -> None:
    async with transaction():
        listing = (await locked(Listing, [listing_id]))[listing_id]
        lot = await HarvestLot.get(id=lot_id).select_related("variant")
        lost, lot.on_shelf = lot.on_shelf, 0
        if lost:
            await lot.save(update_fields=["on_shelf"])
            await _shelve(listing, lot.variant, -lost, f"lot-ended:{lot.code}")


async def _chosen(listing: Listing, variant_id: int | None) -> Variant | None:
    if listing.price_to_dong is None:
        return None
    variant = await Variant.get_or_none(id=variant_id or 0, listing_id=listing.id, is_offered=True)
    if variant is None:
        raise Refusal(say("Hãy chọn lô này là của loại nào."), field="variant")
    return variant


async def _shelve(listing: Listing, variant: Variant | None, change: int, reference: str) -> None:
    """Changes the stock of locked goods, and of a variant still offered, by what a lot brought or lost."""
    is_counted = variant.is_offered if variant else listing.price_to_dong is None
    was = listing.stock
    if variant is not None and is_counted:
        change = max(change, -variant.stock)
        variant.stock += change
        await variant.save(update_fields=["stock"])
    if not is_counted:
        return
    change = max(change, -listing.stock)
    listing.stock += change
    await listing.save(update_fields=["stock"])
    await StockMove.create(
        listing=listing, variant=variant, kind=StockMoveKind.STOCKED, quantity=change, reference=reference
    )
    if (was > 0) != (listing.stock > 0):
        await later("index_listing", listing.id)


async def _on_shelves(listing_ids: set[int]) -> dict[Shelf, list[HarvestLot]]:
    """The lots with pieces left by shelf, the one that expires first in front; those that never expire by harvest."""
    found: dict[Shelf, list[HarvestLot]] = defaultdict(list)
    for lot in await select(HarvestLot, _ON_SHELVES, [sorted(listing_ids)]):
        found[(lot.listing_id, lot.variant_id)].append(lot)
    for lots in found.values():
        lots.sort(key=lambda lot: (lot.best_before or date.max, lot.harvested_on, lot.id))
    return found
