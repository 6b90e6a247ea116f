"""Baskets of which everything can be fetched from its sellers or their markets: then nobody is asked for an address."""

from kit.units import Unit, commune
from orders.services.basket import Basket
from orders.services.handing.ways import fetch_ways
from vendors.services import vendor_cards


async def fetched_in(basket: Basket) -> Unit | None:
    """The first seller's commune when all of a basket may be fetched at stalls and desks; None when it may not.

    Who buys alcohol says an address all the same (Law 44/2019/QH14, Article 16). Two queries.
    """
    if basket.is_adult_only or not basket.sellers:
        return None
    vendors = await vendor_cards([one.vendor_id for one in basket.sellers])
    for vendor in vendors.values():
        if not await fetch_ways(vendor, None, "", days_max=None):
            return None
    return await commune(vendors[basket.sellers[0].vendor_id].commune_code)
