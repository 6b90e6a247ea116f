"""Stock: reserved, released and sold, each once for each reference, rows locked in the order of their ids."""

from collections.abc import Mapping, Sequence

from tortoise.expressions import F

from kit.db import locked, sql, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import Sentence, say
from kit.outbox import later
from vendors.models import Listing, ListingState, StockMove, StockMoveKind

_LOCK_RESERVED = (
    "SELECT id FROM listing WHERE id IN"
    " (SELECT listing_id FROM stock_move WHERE reference = ANY($1) AND kind = 'reserved') ORDER BY id FOR UPDATE"
)
_SELL = (
    "WITH held AS (SELECT m.reference, m.listing_id, m.quantity FROM stock_move m"
    " WHERE m.reference = ANY($1) AND m.kind = 'reserved' AND NOT EXISTS (SELECT 1 FROM stock_move d"
    " WHERE d.reference = m.reference AND d.listing_id = m.listing_id AND d.kind IN ('released', 'sold'))),"
    " pieces AS (SELECT listing_id, sum(quantity) AS n FROM held GROUP BY listing_id),"
    " moved AS (UPDATE listing SET reserved = reserved - n, sold = sold + n FROM pieces WHERE id = listing_id),"
    " booked AS (INSERT INTO stock_move (listing_id, kind, quantity, reference, at)"
    " SELECT listing_id, 'sold', quantity, reference, now() FROM held RETURNING reference)"
    " SELECT reference FROM booked"
    " UNION SELECT reference FROM stock_move WHERE reference = ANY($1) AND kind = 'sold'"
)
RESERVED, RELEASED, SOLD = StockMoveKind.RESERVED, StockMoveKind.RELEASED, StockMoveKind.SOLD


async def reserve(quantities: Mapping[int, int], reference: str) -> None:
    """Takes pieces (listing id → how many, 1 or more) out of stock for a reference; all of them or none.

    Asking again with the same reference changes nothing. Refusal naming the goods that ran out; Conflict when the
    reference was reserved and settled before.
    """
    if min(quantities.values(), default=0) < 1:
        raise ValueError("reserve() needs quantities of 1 or more")
    async with transaction():
        listings = await locked(Listing, quantities)
        if await StockMove.filter(reference=reference, kind=RESERVED).exists():
            await _still_reserved(reference)
            return
        lacking = [id for id, wanted in sorted(quantities.items()) if not _has(listings.get(id), wanted)]
        if lacking:
            raise _ran_out(lacking, listings)
        for id, wanted in sorted(quantities.items()):
            await Listing.filter(id=id).update(stock=F("stock") - wanted, reserved=F("reserved") + wanted)
            await _news(listings[id], -wanted)
        await _book(quantities, RESERVED, reference)


async def release(reference: str) -> bool:
    """Gives back what a reference had reserved. False when there is nothing left to give back."""
    async with transaction():
        quantities, listings = await _held(reference)
        for id, held in quantities.items():
            await Listing.filter(id=id).update(stock=F("stock") + held, reserved=F("reserved") - held)
            await _news(listings[id], held)
        await _book(quantities, RELEASED, reference)
    return bool(quantities)


async def sell(reference: str) -> bool:
    """Turns what a reference had reserved into sold. True also when it was sold before; False when it is not held."""
    return reference in await sell_all([reference])


async def sell_all(references: Sequence[str]) -> set[str]:
    """Turns what several references had reserved into sold, once each; those sold now or before. Two statements."""
    if not references:
        return set()
    async with transaction():
        await sql(_LOCK_RESERVED, [list(references)])
        rows = await sql(_SELL, [list(references)])
    return {str(row["reference"]) for row in rows}


async def _held(reference: str) -> tuple[dict[int, int], dict[object, Listing]]:
    """What a reference still holds, by listing, with the rows locked; looked at again once they are locked."""
    ids = await StockMove.filter(reference=reference, kind=RESERVED).values_list("listing_id", flat=True)
    listings = await locked(Listing, ids)
    moves = await StockMove.filter(reference=reference)
    settled = {move.listing_id for move in moves if move.kind in (RELEASED, SOLD)}
    reserved = {move.listing_id: move.quantity for move in moves if move.kind == RESERVED}
    return {id: held for id, held in sorted(reserved.items()) if id not in settled}, listings


async def _still_reserved(reference: str) -> None:
    if await StockMove.filter(reference=reference, kind__in=[RELEASED, SOLD]).exists():
        raise Conflict(say("Đơn này đã xong hoặc đã hủy, không giữ hàng lại được."))


def _has(listing: Listing | None, wanted: int) -> bool:
    return listing is not None and listing.state == ListingState.ON_SALE and listing.stock >= wanted


def _ran_out(lacking: list[int], listings: Mapping[object, Listing]) -> Refusal:
    for id in lacking:
        if id not in listings:
            return Refusal(say("Có món hàng không còn trong chợ. Hãy bỏ món đó ra khỏi giỏ."), status=409)
    names = ", ".join(f"«{listings[id].name}»" for id in lacking)
    return Refusal(_sentence(names, [listings[id] for id in lacking]), status=409)


def _sentence(names: str, listings: list[Listing]) -> Sentence:
    if len(listings) == 1 and listings[0].state == ListingState.ON_SALE and listings[0].stock > 0:
        return say("{names} chỉ còn {n}. Hãy giảm số lượng.", names=names, n=listings[0].stock)
    return say("Không còn đủ hàng: {names}. Hãy giảm số lượng hoặc bỏ ra khỏi giỏ.", names=names)


async def _book(quantities: Mapping[int, int], kind: StockMoveKind, reference: str) -> None:
    await StockMove.bulk_create(
        [StockMove(listing_id=id, kind=kind, quantity=n, reference=reference) for id, n in quantities.items()]
    )


async def _news(listing: Listing, change: int) -> None:
    """The index only shows whether goods are to be had, so it hears of the first piece and the last."""
    if (listing.stock > 0) != (listing.stock + change > 0):
        await later("index_listing", listing.id)
