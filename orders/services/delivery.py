"""What bringing goods to somebody would cost and take, before anything is ordered."""

from dataclasses import dataclass

from kit.codes import tidy_code
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence
from kit.units import Unit
from orders.fresh import days_for
from orders.models import Order
from postal.services import own_way
from vendors.services import Goods, goods_by_code, vendor_card


@dataclass(frozen=True)
class Estimate:
    """Delivery of one piece of goods to a commune; `fault` instead of a price when the post does not take it."""

    goods: Goods
    seller_commune: str
    price_dong: int = 0
    days_min: int = 0
    days_max: int = 0
    fault: Sentence | None = None


async def goods_to_bring(code: str) -> Goods:
    """The goods with this code. NotFound when they are not on sale."""
    goods = await goods_by_code(tidy_code(code))
    if goods is None:
        raise NotFound()
    return goods


async def estimate(goods: Goods, commune: Unit) -> Estimate:
    """What one piece, the lightest variant of it, costs to a commune."""
    seller = await vendor_card(goods.vendor_id)
    weight_g = min((one.weight_g for one in goods.variants), default=goods.weight_g)
    try:
        way = await own_way(seller.commune_code, commune.code, weight_g, days_max=days_for([goods.kind]))
    except Refusal as refusal:
        return Estimate(goods, seller.commune, fault=refusal.sentence)
    asked = way.quote
    return Estimate(goods, seller.commune, asked.price_dong, asked.days_min, asked.days_max)


async def last_commune_code(person_id: int) -> str:
    """The commune that this person's newest order went to; empty without one."""
    codes = (
        await Order.filter(person_id=person_id)
        .exclude(recipient_line="")
        .order_by("-placed_at")
        .limit(1)
        .values_list("commune_code", flat=True)
    )
    return str(codes[0]) if codes else ""
