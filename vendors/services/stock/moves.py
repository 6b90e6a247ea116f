"""Stock: reserved, released and sold, each once for each reference, rows locked in the order of their ids."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kit.db import locked, sql, transaction, within_transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.outbox import later
from vendors.models import Listing, ListingState, StockMove, StockMoveKind, Variant
from vendors.services.stock.lots import Shelf, give_back_to_lots, serve_from_lots
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
_RESERVED_BEFORE = "SELECT 1 FROM stock_move WHERE reference = $1 AND kind = 'reserved' LIMIT 1"
_MOVE = """
    WITH moved AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[])
            AS moved (listing_id, variant_id, pieces, to_stock)
    ), goods AS (
        UPDATE listing SET stock = stock + n, reserved = reserved + held
        FROM (SELECT listing_id, sum(to_stock) AS n, $5::int * sum(pieces) AS held FROM moved GROUP BY listing_id)
            AS counted
        WHERE id = listing_id
    ), chosen AS (
        UPDATE variant SET stock = stock + $5::int * -pieces, reserved = reserved + $5::int * pieces
        FROM moved WHERE id = variant_id
    )
    INSERT INTO stock_move (listing_id, variant_id, kind, quantity, reference, at)
    SELECT listing_id, variant_id, $6, pieces, $7, now() FROM moved
"""

_RESERVE_ONE = """
    WITH goods AS (
        UPDATE listing SET stock = stock - $2, reserved = reserved + $2
        WHERE id = $1 AND stock >= $2 AND state = 'on_sale' AND takes_orders AND price_to_dong IS NULL
        RETURNING id, stock
    ), moved AS (
        INSERT INTO stock_move (listing_id, kind, quantity, reference, at)
        SELECT id, 'reserved', $2, $3, now() FROM goods
    )
    SELECT stock FROM goods
"""


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

    def is_offered(self, shelf: Shelf) -> bool:
        """Whether pieces on this shelf are to be had by it."""
        if shelf[1] is not None:
            return bool(self.variants[shelf[1]].is_offered)
        return self.listings[shelf[0]].price_to_dong is None

    def name(self, shelf: Shelf) -> str:
        """The goods and the variant, as the buyer chose them."""
        name = self.listings[shelf[0]].name
        return full_name(name, self.variants[shelf[1]].name) if shelf[1] is not None else name


async def reserve(
    quantities: Mapping[int, int],
    reference: str,
    *,
    of_variants: Mapping[int, int] | None = None,
    is_new: bool = False,
) -> dict[Shelf, list[str]]:
    """Takes pieces out of stock for a reference, all of them or none; by shelf the codes of the lots they came from.

    `quantities` says how many (1 or more) by listing, of goods without variants; `of_variants` by variant.
    Asking again with the same reference changes nothing; `is_new` says that nobody can have asked by it before.
    Refusal naming the goods that ran out; Conflict when the
    reference was reserved and settled before.
    """
    variants = of_variants or {}
    if min((*quantities.values(), *variants.values()), default=0) < 1:
        raise ValueError("reserve() needs quantities of 1 or more")
    async with within_transaction():
        wanted = await _shelves(quantities, variants)
        if is_new and len(wanted) == 1 and not variants and await _reserve_one(quantities, reference):
            return await serve_from_lots(wanted, reference)
        stock = await _locked(wanted)
        if not is_new and await sql(_RESERVED_BEFORE, [reference]):
            await _still_reserved(reference)
            return {}
        lacking = [shelf for shelf, pieces in wanted.items() if not stock.has(shelf, pieces)]
        if lacking:
            raise _ran_out(lacking, stock)
        await _move(stock, wanted, RESERVED, reference)
        return await serve_from_lots(wanted, reference)


async def _reserve_one(quantities: Mapping[int, int], reference: str) -> bool:
    """Takes and books pieces of one thing without variants in one statement; False when they are not to be had."""
    [(listing_id, pieces)] = quantities.items()
    for row in await sql(_RESERVE_ONE, [listing_id, pieces, reference]):
        if row["stock"] == 0:
            await later("index_listing", listing_id)
        return True
    return False


async def release(reference: str) -> bool:
    """Gives back what a reference had reserved. False when there is nothing left to give back."""
    async with transaction():
        held, stock = await _held(reference)
        await _move(stock, held, RELEASED, reference)
        await give_back_to_lots(reference)
    return bool(held)


async def sell(reference: str) -> bool:
    """Turns what a reference had reserved into sold. True also when it was sold before; False when it is not held."""
    return reference in await sell_all([reference])


async def sell_all(references: Sequence[str]) -> set[str]:
    """Turns what several references had reserved into sold, once each; those sold now or before. Two statements."""
    if not references:
        return set()
    async with within_transaction():
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


async def _move(stock: Stock, shelves: Mapping[Shelf, int], kind: StockMoveKind, reference: str) -> None:
    """Reserves pieces of locked goods and their variants, or releases them, and books it; one statement.

    What comes back to a shelf that is offered no longer is not to be had: a variant taken away, or goods that have
    been split into variants since.
    """
    if not shelves:
        return
    sign = 1 if kind is RELEASED else -1
    to_stock = [sign * pieces * stock.is_offered(shelf) for shelf, pieces in shelves.items()]
    columns: list[object] = [
        [listing_id for listing_id, _ in shelves],
        [variant_id for _, variant_id in shelves],
        list(shelves.values()),
        to_stock,
    ]
    await sql(_MOVE, [*columns, -sign, str(kind), reference])
    for (listing_id, _), change in zip(shelves, to_stock, strict=True):
        await _news(stock.listings[listing_id], change)


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


async def _news(listing: Listing, change: int) -> None:
    """The index only shows whether goods are to be had, so it hears of the first piece and the last."""
    if (listing.stock > 0) != (listing.stock + change > 0):
        await later("index_listing", listing.id)
    listing.stock += change
