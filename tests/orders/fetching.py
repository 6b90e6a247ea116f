"""Goods that are fetched or travel together, for tests: sellers that allow it, orders that were paid."""

from datetime import datetime
from typing import Any

from kit.codes import new_code
from orders.models import Order
from orders.services import Buyer, Courier, Wish, pack_order, place_orders, put_in_basket, review_basket
from orders.services.handing.ready import code_to_show
from postal.models import PostalPoint
from tests.factories import LA_HIEN, SECRET, TAN_CUONG, listing, market, pay_order, stall, to_la_hien, vendor
from vendors.models import Market, Vendor

HOURS = "6–11 giờ mỗi ngày"


async def market_with_desk(slug: str = "cho-thai") -> Market:
    """Chợ Thái, whose desk is open from six."""
    place = await market(slug=slug)
    place.desk_hours, place.commune_code, place.commune = HOURS, TAN_CUONG, "Xã Tân Cương"
    await place.save()
    return place


async def seller_at(place: Market | None, number: str = "A12", *at: str, name: str = "Chè Hảo Đạt") -> Vendor:
    """A seller with a stall there whose buyers may fetch at these kinds of places."""
    slug = f"che-{number.lower()}"
    seller = await vendor(name, slug=slug, fetch_at=list(at), fetch_hours=HOURS)
    if place is not None:
        await stall(seller, number, place)
    return seller


async def point(**changes: Any) -> PostalPoint:
    """The post office of La Hiên."""
    fields = {"name": "Bưu cục La Hiên", "commune_code": LA_HIEN, "commune": "Xã La Hiên", "hours": HOURS}
    return await PostalPoint.create(**{**fields, **changes})


async def ordered(
    buyer: Buyer, *sellers: Vendor, way: str = "", is_joint: bool = False, pieces: int = 1, now: datetime
) -> list[Order]:
    """So many packets of each seller ordered, fetched or brought this way."""
    for number, seller in enumerate(sellers):
        goods = await listing(seller, f"Chè búp số {number} của {seller.name}")
        await put_in_basket(buyer.owner, goods.code, pieces)
    ways = {seller.id: way for seller in sellers} if way else {}
    review = await review_basket(buyer.owner, LA_HIEN, Courier(now, None, ways, is_joint))
    wish = Wish(new_code("G"), review.seen, False, ways, is_joint)
    codes = await place_orders(buyer, await to_la_hien(), wish, now=now, payment_minutes=15)
    return [await Order.get(code=code) for code in codes]


async def paid(order: Order, key: int = 1, *, now: datetime) -> Order:
    """The order after its money came."""
    await pay_order(order, key, now=now)
    return await Order.get(id=order.id)


async def lying_ready(buyer: Buyer, seller: Vendor, *, key: int = 1, now: datetime) -> Order:
    """An order that waits at the stall."""
    [order] = await ordered(buyer, seller, way="stall", now=now)
    await paid(order, key, now=now)
    await pack_order(order.id, person_id=1, now=now)
    return await Order.get(id=order.id)


def digits_of(order: Order) -> str:
    """The six digits of its buyer."""
    return code_to_show(order, SECRET)
