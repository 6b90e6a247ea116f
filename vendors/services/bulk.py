"""Many listings at once: the same goods as from the form, put up in a handful of queries."""

from collections.abc import Sequence

from accounts.services import record_each
from kit.codes import new_code
from kit.db import transaction
from kit.errors import Refusal
from kit.i18n import say
from vendors.models import Listing, StockMove, StockMoveKind, Vendor, VendorState
from vendors.services.listings import ListingContent, fresh_listing


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
        await StockMove.bulk_create(
            [
                StockMove(
                    listing_id=one.id,
                    kind=StockMoveKind.STOCKED,
                    quantity=one.stock,
                    reference=f"count:{new_code('C', length=12)}",
                )
                for one in listings
                if one.stock
            ]
        )
        await record_each(person_id, "listing_put_up", "listing", [one.code for one in listings])
    return listings
