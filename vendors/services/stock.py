"""Stock: reserved, released and sold, each once for each reference, rows locked in the order of their ids."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tortoise.expressions import F

from kit.db import locked, sql, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.outbox import later
from vendors.models import Listing, ListingState, StockMove, StockMoveKind, Variant
from vendors.services.lots import Shelf, give_back_to_lots, serve_from_lots
from vendors.services.variants import full_name

RESERVED, RELEASED, SOLD = StockMoveKind.RESERVED, StockMoveKind.RELEASED, StockMoveKind.SOLD
_LOCK_RESERVED = (
    "SELECT id FROM listing WHERE id IN"
    " (SELECT listing_id FROM stock_move WHERE reference = ANY($1) AND kind = 'reserved') ORDER BY id FOR UPDATE"
)
_SELL = (
    "WITH held AS (SELECT m.reference, m.listing_id, m.variant_id, m.quantity FROM stock_move m"
    " WHERE m.reference = ANY($1) AND m.kind = 'reserved' AND NOT EXISTS (SELECT 1 FROM stock_move d"
    " WHERE d.reference = m.reference AND d.listing_id = m.listing_id"
    " AND d.variant_id IS NOT DISTINCT FROM m.variant_id AND d.kind IN ('released', 'sold'))),"
    " pieces AS (SELECT listing_id, sum(quantity) AS n FROM held GROUP BY listing_id),"
    " moved AS (UPDATE listing SET reserved = reserved - n, sold = sold + n FROM pieces WHERE id = listing_id),"
    " chosen AS (SELECT variant_id, sum(quantity) AS n FROM held GROUP BY variant_id),"
    " gone AS (UPDATE variant SET reserved = reserved - n, sold = sold + n FROM chosen WHERE id = chosen.variant_id),"
    " booked AS (INSERT INTO stock_move (listing_id, variant_id, kind, quantity, reference, at)"
    " SELECT listing_id, variant_id, 'sold', quantity, reference, now() FROM held RETURNING reference)"
    " SELECT reference FROM booked"
    " UNION SELECT reference FROM stock_move WHERE reference = ANY($1) AND kind = 'sold'"
)


@dataclass(frozen=True)
class Stock:
    """Locked goods and their locked variants, by id."""

    listings: dict[object, Listing]
    variants: dict[object, Variant]

    def has(self, shelf: Shelf, pieces: int) -> bool:
        """Whether so many can be had; goods with variants are had by variant only."""
        return self.left(shelf) >= pieces

    def left(self, shelf: Shelf) -> int:
        """How many can be had of goods on sale, or of a variant on offer."""
        listing = self.listings.get(shelf[0])
        if listing is None or listing.state != ListingState.ON_SALE or not listing.takes_orders:
            return 0
        if shelf[1] is None:
            return 0 if listing.price_to_dong is not None else listing.stock
        variant = self.variants[shelf[1]]
        return variant.stock if variant.is_offered else 0

    def name(self, shelf: Shelf) -> str:
        """The goods and the variant, as the buyer chose them."""
        name = self.listings[shelf[0]].name
        return full_name(name, self.variants[shelf[1]].name) if shelf[1] is not None else name


async def reserve(
    quantities: Mapping[int, int], reference: str, *, of_variants: Mapping[int, int] | None = None
) -> dict[Shelf, list[str]]:
    """Takes pieces out of stock for a reference, all of them or none; by shelf the codes of the lots they came from.

    `quantities` says how many (1 or more) by listing, of goods without variants; `of_variants` by variant.
    Asking again with the same reference changes nothing. Refusal naming the goods that ran out; Conflict when the
    reference was reserved and settled before.
    """
    variants = of_variants or {}
    if min((*quantities.values(), *variants.values()), default=0) < 1:
        raise ValueError("reserve() needs quantities of 1 or more")
    async with transaction():
        wanted = await _shelves(quantities, variants)
        stock = await _locked(wanted)
        if await StockMove.filter(reference=reference, kind=RESERVED).exists():
            await _still_reserved(reference)
            return {}
        lacking = [shelf for shelf, pieces in wanted.items() if not stock.has(shelf, pieces)]
        if lacking:
            raise _ran_out(lacking, stock)
        for shelf, pieces in wanted.items():
            await _move(stock, shelf, {"stock": -pieces, "reserved": pieces})
        await _book(wanted, RESERVED, reference)
        return await serve_from_lots(wanted, reference)


async def release(reference: str) -> bool:
    """Gives back what a reference had reserved. False when there is nothing left to give back."""
    async with transaction():
        held, stock = await _held(reference)
        for shelf, pieces in held.items():
            await _move(stock, shelf, {"stock": pieces, "reserved": -pieces})
        await _book(held, RELEASED, reference)
        await give_back_to_lots(reference)
    return bool(held)


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


async def _shelves(quantities: Mapping[int, int], variants: Mapping[int, int]) -> dict[Shelf, int]:
    """What is wanted, by shelf, in the order of listings and variants. Refusal when a variant is unknown."""
    rows = await Variant.filter(id__in=list(variants)).values_list("id", "listing_id") if variants else []
    listing_of = {int(str(id)): int(str(listing_id)) for id, listing_id in rows}
    if len(listing_of) < len(variants):
        raise _gone()
    wanted: dict[Shelf, int] = {(id, None): pieces for id, pieces in quantities.items()}
    wanted |= {(listing_of[id], id): pieces for id, pieces in variants.items()}
    return dict(sorted(wanted.items(), key=lambda one: (one[0][0], one[0][1] or 0)))


async def _locked(shelves: Collection[Shelf]) -> Stock:
    listings = await locked(Listing, {listing_id for listing_id, _ in shelves})
    return Stock(listings, await locked(Variant, {id for _, id in shelves if id is not None}))


async def _move(stock: Stock, shelf: Shelf, change: Mapping[str, int]) -> None:
    """Changes the counts of goods and of their variant.

    What comes back to a shelf that is offered no longer is not to be had: a variant taken away, or goods that have
    been split into variants since.
    """
    listing_id, variant_id = shelf
    listing = stock.listings[listing_id]
    is_offered = listing.price_to_dong is None
    if variant_id is not None:
        is_offered = stock.variants[variant_id].is_offered
        await Variant.filter(id=variant_id).update(**{name: F(name) + n for name, n in change.items()})
    if not is_offered:
        change = {name: n for name, n in change.items() if name != "stock"}
    await Listing.filter(id=listing_id).update(**{name: F(name) + n for name, n in change.items()})
    await _news(listing, change.get("stock", 0))


async def _held(reference: str) -> tuple[dict[Shelf, int], Stock]:
    """What a reference still holds, by shelf, with the rows locked; looked at again once they are locked."""
    stock = await _locked({_shelf(one) for one in await StockMove.filter(reference=reference, kind=RESERVED)})
    moves = await StockMove.filter(reference=reference).order_by("listing_id", "variant_id")
    settled = {_shelf(move) for move in moves if move.kind in (RELEASED, SOLD)}
    reserved = {_shelf(move): move.quantity for move in moves if move.kind == RESERVED}
    return {shelf: pieces for shelf, pieces in reserved.items() if shelf not in settled}, stock


def _shelf(move: StockMove) -> Shelf:
    return move.listing_id, move.variant_id


async def _still_reserved(reference: str) -> None:
    if await StockMove.filter(reference=reference, kind__in=[RELEASED, SOLD]).exists():
        raise Conflict(say("Đơn này đã xong hoặc đã hủy, không giữ hàng lại được."))


def _ran_out(lacking: list[Shelf], stock: Stock) -> Refusal:
    if any(listing_id not in stock.listings for listing_id, _ in lacking):
        return _gone()
    names = ", ".join(f"«{stock.name(shelf)}»" for shelf in lacking)
    left = stock.left(lacking[0])
    if len(lacking) == 1 and left > 0:
        return Refusal(say("{names} chỉ còn {n}. Hãy giảm số lượng.", names=names, n=left), status=409)
    words = say("Không còn đủ hàng: {names}. Hãy giảm số lượng hoặc bỏ ra khỏi giỏ.", names=names)
    return Refusal(words, status=409)


def _gone() -> Refusal:
    return Refusal(say("Có món hàng không còn trong chợ. Hãy bỏ món đó ra khỏi giỏ."), status=409)


async def _book(quantities: Mapping[Shelf, int], kind: StockMoveKind, reference: str) -> None:
    await StockMove.bulk_create(
        [
            StockMove(
                listing_id=listing_id, variant_id=variant_id, kind=kind, quantity=n, reference=reference
            )
            for (listing_id, variant_id), n in quantities.items()
        ]
    )


async def _news(listing: Listing, change: int) -> None:
    """The index only shows whether goods are to be had, so it hears of the first piece and the last."""
    if (listing.stock > 0) != (listing.stock + change > 0):
        await later("index_listing", listing.id)
    listing.stock += change
