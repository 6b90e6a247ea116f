"""A seller's goods in the search index, when something about the seller changed that their cards or filters tell."""

from collections.abc import Sequence

from kit.outbox import later_each
from vendors.models import Listing, ListingState


async def index_goods_of(vendor_ids: Sequence[int]) -> None:
    """Leaves `index_listing` for all goods on sale of these sellers. Needs an open transaction()."""
    goods = Listing.filter(vendor_id__in=list(vendor_ids), state=ListingState.ON_SALE).order_by("id")
    await later_each("index_listing", [int(str(id)) for id in await goods.values_list("id", flat=True)])
