"""Variants of goods: sizes and qualities with prices and shelves of their own, always under their listing's lock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.codes import new_code
from kit.db import locked, select
from kit.errors import Refusal
from kit.i18n import say
from vendors.models import Listing, StockMove, StockMoveKind, Variant
from vendors.review_rules import leapt
from vendors.services.stock.lots import fit_lots

VARIANTS_MAX = 8
_OFFERED = "WHERE listing_id = ANY($1) AND is_offered ORDER BY position, id"


@dataclass(frozen=True)
class VariantContent:
    """What a seller writes about one variant; `stock_seen` is what stood on the page, None for a new one."""

    name: str
    price_dong: int
    unit: str
    weight_g: int
    stock: int
    stock_seen: int | None = None


@dataclass(frozen=True)
class VariantView:
    """A variant as it can be chosen; `stock` is what can be ordered now, weight as it goes by post."""

    id: int
    name: str
    price_dong: int
    unit: str
    weight_g: int
    stock: int
    approved_price_dong: int | None


async def variants_of(listings: Iterable[Listing]) -> dict[int, tuple[VariantView, ...]]:
    """By listing id the variants on offer in their order; one query, none when no listing has any."""
    return await variants_by_listing([one.id for one in listings if one.price_to_dong is not None])


async def variants_by_listing(ids: Sequence[int]) -> dict[int, tuple[VariantView, ...]]:
    """The same for listings that have variants, by their ids."""
    rows = await select(Variant, _OFFERED, [list(ids)]) if ids else []
    return {id: tuple(_view(row) for row in rows if row.listing_id == id) for id in ids}


async def write_variants(listing: Listing, contents: Sequence[VariantContent]) -> bool:
    """Makes these the variants of a locked, saved listing; whether an administrator has to see them first.

    A variant is known by its name. Sets the listing's sums in memory and books what was counted; the caller saves.
    Refusal when there are too many or two have one name.
    """
    _refuse_unclear(contents)
    ids = await Variant.filter(listing_id=listing.id).values_list("id", flat=True)
    standing = {row.name: row for row in (await locked(Variant, ids)).values()}
    offered = {name for name, row in standing.items() if row.is_offered}
    units = {name: row.unit for name, row in standing.items()}
    for name in offered - {one.name for one in contents}:
        await _take_away(standing[name])
    rows = [
        await _write(listing, standing.get(one.name), one, position) for position, one in enumerate(contents)
    ]
    sum_up(listing, rows)
    if offered != {row.name for row in rows} or any(units[row.name] != row.unit for row in rows):
        return True
    return any(leapt(row.price_dong, row.approved_price_dong) for row in rows)


def sum_up(listing: Listing, offered: Sequence[Variant]) -> None:
    """Sets what a listing says of its variants: the lowest and highest price, the cheapest one's unit, the stock."""
    if not offered:
        listing.price_to_dong = None
        return
    cheapest = min(offered, key=lambda one: (one.price_dong, one.position))
    listing.price_dong, listing.price_to_dong = (
        cheapest.price_dong,
        max(one.price_dong for one in offered),
    )
    listing.unit, listing.weight_g = cheapest.unit, cheapest.weight_g
    listing.stock = sum(one.stock for one in offered)


async def approve_variants(listing_id: int) -> None:
    """Notes the prices of a listing's variants as those an administrator has seen."""
    rows = await Variant.filter(listing_id=listing_id, is_offered=True)
    for row in rows:
        row.approved_price_dong = row.price_dong
    if rows:
        await Variant.bulk_update(rows, ["approved_price_dong"])


def kept(view: VariantView) -> VariantContent:
    """A standing variant as its seller would write it again, changing nothing."""
    return VariantContent(view.name, view.price_dong, view.unit, view.weight_g, view.stock, view.stock)


def full_name(name: str, variant: str) -> str:
    """Goods and the variant chosen, as baskets and orders call them."""
    return f"{name}, {variant}" if variant else name


def _refuse_unclear(contents: Sequence[VariantContent]) -> None:
    if len(contents) > VARIANTS_MAX:
        raise Refusal(say("Một món nhiều nhất {n} loại.", n=VARIANTS_MAX), field="variant_name")
    names = [one.name.casefold() for one in contents]
    if len(set(names)) < len(names):
        raise Refusal(say("Hai loại không được trùng tên."), field="variant_name")


async def _write(listing: Listing, row: Variant | None, content: VariantContent, position: int) -> Variant:
    if row is None:
        row = await Variant.create(
            listing=listing,
            position=position,
            name=content.name,
            price_dong=content.price_dong,
            unit=content.unit,
            weight_g=content.weight_g,
            stock=content.stock,
        )
        await _count(row, content.stock)
        return row
    held = row.stock if row.is_offered else 0
    seen = content.stock_seen
    wanted = content.stock if seen is None else max(0, held + content.stock - seen)
    change = wanted - row.stock
    words = {
        "position": position,
        "price_dong": content.price_dong,
        "unit": content.unit,
        "weight_g": content.weight_g,
        "stock": wanted,
        "is_offered": True,
    }
    row.update_from_dict(words)
    await row.save(update_fields=[*words])
    await _count(row, change)
    return row


async def _take_away(row: Variant) -> None:
    """What is reserved of it stays reserved."""
    left, row.stock, row.is_offered = row.stock, 0, False
    await row.save(update_fields=["stock", "is_offered"])
    await _count(row, -left)


async def _count(row: Variant, change: int) -> None:
    if change:
        await StockMove.create(
            listing_id=row.listing_id,
            variant=row,
            kind=StockMoveKind.STOCKED,
            quantity=change,
            reference=f"count:{new_code('C', length=12)}",
        )
    if change < 0:
        await fit_lots(row.listing_id, row.id, row.stock)


def _view(row: Variant) -> VariantView:
    return VariantView(
        row.id, row.name, row.price_dong, row.unit, row.weight_g, row.stock, row.approved_price_dong
    )
