"""Many listings at once: the same goods as from the form, put up or changed in a handful of queries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.services import record_each
from kit.codes import new_code
from kit.db import sql, transaction
from kit.errors import Refusal
from kit.i18n import say
from kit.outbox import later_each
from vendors.models import Listing, ListingState, StockMove, StockMoveKind, Vendor, VendorState
from vendors.review_rules import must_be_seen
from vendors.services.listings import ListingContent, fresh_listing, words_changed
from vendors.services.stock.lots import fit_lots, with_lots
from vendors.states import become

_COLUMNS = (
    *(
        "name",
        "slug",
        "kind",
        "about",
        "commune_code",
        "commune",
        "province",
        "art",
        "is_adult_only",
        "own_code",
    ),
    *("unit", "price_dong", "weight_g", "stock", "state"),
)
_CHANGE = (
    "UPDATE listing SET name = new.name, slug = new.slug, kind = new.kind, about = new.about,"
    " commune_code = new.commune_code, commune = new.commune, province = new.province, art = new.art,"
    " is_adult_only = new.is_adult_only, own_code = new.own_code, unit = new.unit, price_dong = new.price_dong,"
    " weight_g = new.weight_g, stock = new.stock, state = new.state, changed_at = now()"
    " FROM jsonb_to_recordset($1::jsonb) AS new(id bigint, name text, slug text, kind text, about text,"
    " commune_code text, commune text, province text, art text, is_adult_only boolean, own_code text, unit text,"
    " price_dong bigint, weight_g integer, stock integer, state text) WHERE listing.id = new.id"
)


@dataclass(frozen=True)
class Change:
    """What becomes of a standing listing, locked by the caller; `stock_seen` as in listings.change_listing."""

    listing: Listing
    content: ListingContent
    stock_seen: int | None


async def put_up_listings(
    vendor_id: int, contents: Sequence[ListingContent], *, person_id: int
) -> list[Listing]:
    """New listings in the order of their contents, waiting for approval; all of them or none. Six queries.

    Nothing is left for search: what was never on sale is not in the index, and approval puts it there. Refusal when
    the vendor may not sell.
    """
    async with transaction():
        vendor = await Vendor.get_or_none(id=vendor_id)
        if vendor is None or vendor.state != VendorState.CAN_SELL:
            raise Refusal(say("Quầy này đang tạm dừng bán. Hãy gọi ban quản lý chợ."), status=403)
        fresh = [fresh_listing(vendor, content) for content in contents]
        await Listing.bulk_create(fresh)
        rows = await Listing.filter(code__in=[one.code for one in fresh])
        by_code = {row.code: row for row in rows}
        listings = [by_code[one.code] for one in fresh]
        await _counted({one.id: one.stock for one in listings})
        await record_each(person_id, "listing_put_up", "listing", [one.code for one in listings])
    return listings


async def change_listings(changes: Sequence[Change], *, person_id: int) -> None:
    """What change_listing does to goods without variants and photos, for many at once; six queries.

    The days of harvest and best before stay, for a sheet does not tell them. IntegrityError when two own codes meet.
    """
    async with transaction():
        counted = {one.listing.id: _changed(one) for one in changes}
        stocks = {one.listing.id: one.listing.stock for one in changes}
        rows = [{"id": one.listing.id, **_row(one.listing)} for one in changes]
        await sql(_CHANGE, [json.dumps(rows)])
        await _counted(counted)
        for listing_id in await with_lots([id for id, change in counted.items() if change < 0]):
            await fit_lots(listing_id, None, stocks[listing_id])
        await record_each(person_id, "listing_changed", "listing", [one.listing.code for one in changes])
        await later_each("index_listing", [one.listing.id for one in changes])


def _changed(one: Change) -> int:
    """Rewrites a listing in memory; gives how its stock changed."""
    listing, content = one.listing, one.content
    words = words_changed(listing, content)
    listing.price_dong, listing.unit, listing.weight_g = content.price_dong, content.unit, content.weight_g
    if listing.state == ListingState.RETURNED or must_be_seen(listing, changed=list(words)):
        become(listing, ListingState.SUBMITTED)
    listing.update_from_dict(words)
    listing.own_code = content.own_code or listing.own_code
    added = content.stock - (listing.stock if one.stock_seen is None else one.stock_seen)
    wanted = max(0, listing.stock + added)
    change, listing.stock = wanted - listing.stock, wanted
    return change


def _row(listing: Listing) -> dict[str, object]:
    return {name: getattr(listing, name) for name in _COLUMNS}


async def _counted(changes: dict[int, int]) -> None:
    """Notes how much each listing's stock changed; one statement."""
    moves = [
        StockMove(
            listing_id=listing_id,
            kind=StockMoveKind.STOCKED,
            quantity=change,
            reference=f"count:{new_code('C', length=12)}",
        )
        for listing_id, change in changes.items()
        if change
    ]
    await StockMove.bulk_create(moves)
