"""Sold pieces that nobody gets after all: they are unsold, and those that are there go back to shelf and lot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kit.db import locked, within_transaction
from kit.outbox import later
from vendors.models import Listing, LotUse, StockMove, StockMoveKind, Variant
from vendors.services.stock.lots import Shelf


@dataclass(frozen=True)
class Unsold:
    """Of one shelf: how many pieces are not sold after all, and how many of them are there to be sold again."""

    pieces: int
    to_shelf: int


async def kinds_of(listing_ids: Collection[int]) -> dict[int, str]:
    """The kinds of these goods by number, whether they are on sale or not; one query."""
    rows = await Listing.filter(id__in=list(listing_ids)).values_list("id", "kind")
    return {int(str(id)): str(kind) for id, kind in rows}


async def unsell(of: Mapping[Shelf, Unsold], reference: str, *, sold_as: Sequence[str]) -> None:
    """Takes pieces out of what was sold, once for a reference; what goes back to a shelf is to be had again.

    `sold_as` are the references they were sold under, for their lots. Locks the listings, then the variants.
    """
    async with within_transaction():
        listings = await locked(Listing, {listing_id for listing_id, _ in of})
        variants = await locked(Variant, {id for _, id in of if id is not None})
        if await StockMove.exists(reference=reference, kind=StockMoveKind.UNSOLD):
            return
        for shelf, one in sorted(of.items(), key=lambda pair: (pair[0][0], pair[0][1] or 0)):
            variant = variants.get(shelf[1]) if shelf[1] is not None else None
            await _unsell(listings[shelf[0]], variant, one, reference)
            await _into_lots(shelf, one.to_shelf, sold_as)


async def _unsell(listing: Listing, variant: Variant | None, one: Unsold, reference: str) -> None:
    is_offered = variant.is_offered if variant else listing.price_to_dong is None
    back, was = one.to_shelf if is_offered else 0, listing.stock
    for row in (listing, variant):
        if row is not None:
            row.sold, row.stock = row.sold - one.pieces, row.stock + back
            await row.save(update_fields=["sold", "stock"])
    await StockMove.create(
        listing=listing,
        variant=variant,
        kind=StockMoveKind.UNSOLD,
        quantity=one.pieces,
        reference=reference,
    )
    if (was > 0) != (listing.stock > 0):
        await later("index_listing", listing.id)


async def _into_lots(shelf: Shelf, pieces: int, sold_as: Sequence[str]) -> None:
    """Back into the lots that served them, the last one first."""
    uses = LotUse.filter(reference__in=list(sold_as), is_back=False, lot__listing_id=shelf[0])
    for use in await uses.filter(lot__variant_id=shelf[1]).order_by("-id").select_related("lot"):
        back = min(pieces, use.quantity)
        if back <= 0:
            return
        pieces -= back
        use.quantity -= back
        use.lot.on_shelf += back
        await use.lot.save(update_fields=["on_shelf"])
        use.is_back = use.quantity == 0
        await use.save(update_fields=["quantity", "is_back"])
