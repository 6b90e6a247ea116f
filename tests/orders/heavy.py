"""A charged kilo lot for tests: custard apples of about two kilograms, bought, paid and weighed."""

from dataclasses import dataclass

from accounts.services import grant
from kit.clock import StoppedClock
from kit.roles import Role
from orders.heavy_models import WeightDifference
from orders.models import Order, OrderLine
from orders.services import pack_order, settle_notice
from orders.services.names import difference_reference
from payments.services import PaymentView, payment_for
from tests.factories import TUAN, bank_notice, listing, pay_order, person, placed, recorded
from vendors.models import Listing

PER_KG_DONG, PORTION_G, BAND_PERCENT = 60_000, 2_000, 10
HEAVIER_G, PAID_G, LIGHTER_G = 2_150, 2_000, 1_900
MORE_DONG = 9_000  # what 150 g cost


async def apples(**changes: object) -> Listing:
    """Na dai, 60.000 ₫ a kilogram, sold by about two kilograms; heavier is charged."""
    fields: dict[str, object] = {
        "name": "Na dai theo cân",
        "kind": "tea",
        "price_dong": 120_000,
        "price_per_kg_dong": PER_KG_DONG,
        "portion_g": PORTION_G,
        "band_percent": BAND_PERCENT,
        "is_heavier_charged": True,
        "weight_g": PORTION_G,
    }
    return await listing(**{**fields, **changes})


@dataclass
class Lot:
    """A paid order of one lot, its line, and who sells it."""

    order: Order
    line: OrderLine
    seller_id: int
    clock: StoppedClock

    async def pack(self, weight_g: int) -> None:
        """The seller weighs."""
        weights = {self.line.id: weight_g}
        await pack_order(self.order.id, person_id=self.seller_id, now=self.clock.now(), weights_g=weights)

    async def row(self) -> WeightDifference:
        """The difference as it stands."""
        return await WeightDifference.get(order_id=self.order.id)

    async def now(self) -> Order:
        """The order as it stands."""
        return await Order.get(id=self.order.id)

    async def money(self) -> PaymentView:
        """The payment of the difference."""
        found = await payment_for(difference_reference(self.order.id))
        assert found is not None
        return found

    async def told(self, key: int, **changes: object) -> None:
        """The bank tells of a transfer for the difference, by default of all that is asked."""
        notice = bank_notice(await self.money(), key, **{"at": self.clock.now(), **changes})
        await settle_notice(await recorded(notice, now=self.clock.now()), now=self.clock.now())


async def lot(clock: StoppedClock, goods: Listing | None = None, pieces: int = 1) -> Lot:
    """An order of such goods, paid by a buyer who is known."""
    goods = goods or await apples()
    buyer, seller = await person(), await person("Tuấn", TUAN)
    await grant(seller.id, Role.VENDOR, str(goods.vendor_id))
    [order] = await placed((goods, pieces), now=clock.now())
    await pay_order(order, now=clock.now())
    await Order.filter(id=order.id).update(person_id=buyer.id)
    return Lot(await Order.get(id=order.id), await OrderLine.get(order_id=order.id), seller.id, clock)
