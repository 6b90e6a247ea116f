"""Orders that are paid at the door, for the tests of their money: placed, packed, carried, and what the books say."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from kit.clock import StoppedClock
from kit.parts import Parts
from market.worker import work_all_due
from orders.models import Order
from orders.services import Buyer, pack_order, place_orders, put_in_basket, reference_of
from orders.services.door.offering import offer_at_door
from payments.ledger import balance
from payments.services import PaymentView, payment_for
from postal.models import Parcel, ProofKind, TwinParcel
from postal.services.door import Heard, Told, hear
from postal.services.proofs import KeptProof
from postal.staff_carrier import Act
from postal.twins.parcels import push
from tests.factories import SECRET, carried, listing, to_la_hien, vendor, wish
from vendors.models import Listing, Vendor

DELIVERED = {"viettel_post": "501", "vnpost": "14", "ghn": "delivered", "ghtk": "5"}
PACKER, BUYER_DEVICE = 9, "d" * 22
PROOF = (KeptProof(ProofKind.PHOTO, "proof/one"),)
TO_THE_DOOR = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT)


@dataclass
class Doors:
    """A seller who takes orders that are paid at the door, with jobs worked by hand."""

    parts: Parts
    clock: StoppedClock
    seller: Vendor
    goods: Listing

    async def placed(self, *, pieces: int = 1, device: str = BUYER_DEVICE, **to: Any) -> Order:
        """An order of the seller's goods that is paid at the door."""
        buyer = Buyer(None, device)
        await put_in_basket(buyer.owner, self.goods.code, pieces)
        agreed = replace(await wish(buyer), at_door=frozenset({self.seller.id}))
        now = self.clock.now()
        [code] = await place_orders(buyer, await to_la_hien(**to), agreed, now=now, payment_minutes=15)
        return await Order.get(code=code)

    async def packed(self, order: Order | None = None, **more: Any) -> Order:
        """The same packed, and its parcel booked."""
        order = order or await self.placed(**more)
        await pack_order(order.id, person_id=PACKER, now=self.clock.now())
        await self.works()
        return await Order.get(id=order.id)

    async def sent_by(self, carrier: str, **more: Any) -> Order:
        """An order packed and booked with a carrier outside the house."""
        order = await self.placed(**more)
        await Order.filter(id=order.id).update(carrier=carrier)
        return await self.packed(await Order.get(id=order.id))

    async def arrived(self, order: Order) -> Order:
        """The pretend carrier has delivered it and says so."""
        row = await TwinParcel.get(reference=order.parcel_code)
        self.clock.forward(hours=5)
        await push(row.id, DELIVERED[row.carrier], now=self.clock.now())
        await self.works()
        return await Order.get(id=order.id)

    async def out(self, person_id: int, order: Order | None = None, **more: Any) -> Order:
        """The same out for delivery with a carrier of the staff."""
        order = await self.packed(order, **more)
        self.clock.forward(hours=1)
        await carried(order.parcel_code, *TO_THE_DOOR, person_id=person_id, now=self.clock.now())
        await self.works()
        self.clock.forward(minutes=30)
        return await Order.get(id=order.id)

    async def gives(
        self, order: Order, person_id: int, *, collected_dong: int | None = None, key: str = "", **more: Any
    ) -> Heard:
        """The parcel is given to its buyer, who pays what is asked unless told otherwise."""
        taken = order.total_dong if collected_dong is None else collected_dong
        told = Told(Act.DELIVER, self.clock.now(), **{"proofs": PROOF, "collected_dong": taken, **more})
        heard = await hear(
            order.parcel_code,
            told,
            person_id=person_id,
            event_key=key or f"door:{order.id}",
            secret=SECRET,
            now=self.clock.now(),
        )
        await self.works()
        return heard

    async def works(self) -> None:
        """Works every job that is due."""
        await work_all_due(self.parts)

    async def now(self, order: Order) -> Order:
        """The order as it is."""
        return await Order.get(id=order.id)

    async def parcel(self, order: Order) -> Parcel:
        """Its parcel as it is."""
        return await Parcel.get(reference=reference_of(order.id))

    async def money(self, order: Order) -> PaymentView:
        """Its payment as it is."""
        found = await payment_for(reference_of(order.id))
        assert found
        return found

    async def books(self, *accounts: str) -> list[int]:
        """What these accounts say, in đồng."""
        return [await balance(one) for one in accounts]


async def doors(parts: Parts, clock: StoppedClock, **goods: Any) -> Doors:
    """A seller with goods who takes orders that are paid at the door."""
    seller = await vendor()
    made = Doors(parts, clock, seller, await listing(seller, **goods))
    await offer_at_door(seller.id, is_on=True, person_id=PACKER, now=clock.now() - timedelta(days=1))
    return made
