"""Who holds which stall of a market: for those who bill them."""

from collections.abc import Iterable
from dataclasses import dataclass

from vendors.models import Market, Stall, Vendor
from vendors.services.cards import Leaf, leaf_of


@dataclass(frozen=True)
class StallHolder:
    """A stall of a market and its seller."""

    stall_id: int
    number: str
    vendor_id: int
    name: str


async def stall_holders(market_id: int, page: int) -> Leaf[StallHolder]:
    """A page of a market's stalls in the order of their numbers. One query."""
    rows = Stall.filter(market_id=market_id).select_related("vendor").order_by("number", "id")
    leaf = await leaf_of(rows, page)
    return Leaf([_holder(one) for one in leaf.items], leaf.page, leaf.has_more)


async def holders_of(market_id: int, stall_ids: Iterable[int]) -> dict[int, StallHolder]:
    """Of these stalls the ones that are this market's, by number of the row. One query."""
    rows = await Stall.filter(market_id=market_id, id__in=list(stall_ids)).select_related("vendor")
    return {one.id: _holder(one) for one in rows}


async def vendor_names(vendor_ids: Iterable[int]) -> dict[int, str]:
    """What these vendors are called. One query."""
    rows = await Vendor.filter(id__in=list(set(vendor_ids))).values_list("id", "name")
    return {int(str(id)): str(name) for id, name in rows}


async def market_names(market_ids: Iterable[int]) -> dict[int, str]:
    """What these markets are called. One query."""
    rows = await Market.filter(id__in=list(set(market_ids))).values_list("id", "name")
    return {int(str(id)): str(name) for id, name in rows}


def _holder(stall: Stall) -> StallHolder:
    return StallHolder(stall.id, stall.number, stall.vendor_id, stall.vendor.name)
