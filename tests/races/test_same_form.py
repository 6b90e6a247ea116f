"""Ten hands send the same form at once: one listing stands, and all are answered with it."""

import asyncio

from kit.units import Unit
from tests.factories import TAN_CUONG, vendor
from vendors.models import Listing, StockMove
from vendors.services import ListingContent, Sending, put_up_listing

COMMUNE = Unit(TAN_CUONG, "commune", "Xã Tân Cương", "Tân Cương", "xã", "19", "Tỉnh Thái Nguyên")
GOODS = ListingContent("Chè móc câu", "tea", 200_000, "túi", 250, 7, COMMUNE)


async def test_ten_hands_send_one_form(committed: None) -> None:
    seller, sending = await vendor(), Sending("3f0c9a52-0000-4000-8000-000000000001", "0" * 64)
    made = await asyncio.gather(
        *[put_up_listing(seller.id, GOODS, [], person_id=None, sending=sending) for _ in range(10)]
    )
    assert len({listing.id for listing in made}) == 1
    assert await Listing.all().count() == await StockMove.all().count() == 1
