"""Parcels at pretend carriers for the tests of carriers' gates."""

from dataclasses import dataclass
from typing import Any

from kit.clock import StoppedClock
from kit.parts import Parts
from market.worker import work_all_due
from postal.gates.register import Carriers
from postal.models import Parcel, TwinParcel
from postal.services import ParcelView, book, parcel_for
from postal.services.areas import sync_areas
from postal.services.booking import submit
from postal.twins.parcels import push
from tests.factories import SECRET, parcel_request, recipient, sender, units

PLACES = ("19", "05503", "05740")
CODES = ("viettel_post", "vnpost", "ghn", "ghtk")
SENDER = sender()
RECIPIENT = recipient(commune_code="05740", commune="Xã La Hiên")


@dataclass
class Post:
    """The market's side of the carriers, with jobs worked by hand."""

    parts: Parts
    clock: StoppedClock
    booked: int = 0

    @property
    def carriers(self) -> Carriers:
        """The gates, to twins in the same application."""
        return self.parts[Carriers]

    async def books(self, carrier: str, *, key: str = "", **changes: Any) -> ParcelView:
        """A parcel booked with a carrier under a key of its own, the carrier asked as the job would."""
        self.booked += 1
        fields = {"sender": SENDER, "recipient": RECIPIENT, "carrier": carrier, "vendor_id": 1, **changes}
        key = key or f"order:{self.booked}"
        made = await book(parcel_request(**fields), key=key, now=self.clock.now(), secret=SECRET)
        await submit(made.id, self.carriers, now=self.clock.now())
        found = await parcel_for(key)
        assert found
        return found

    async def pushes(self, parcel: ParcelView, code: str, manner: str = "as_is", **more: Any) -> None:
        """The carrier moves the parcel and tells; jobs that are due are worked."""
        row = await TwinParcel.filter(reference=parcel.code).order_by("id").first()
        assert row, "the carrier has no such parcel"
        self.clock.forward(seconds=60)
        await push(row.id, code, now=self.clock.now(), manner=manner, **more)
        await self.works()

    async def works(self) -> None:
        """Works every job that is due."""
        await work_all_due(self.parts)

    async def now(self, parcel: ParcelView) -> Parcel:
        """The row as it is."""
        return await Parcel.get(id=parcel.id)

    async def made(self, parcel: ParcelView) -> int:
        """How many parcels the carriers have under our key."""
        return await TwinParcel.filter(reference=parcel.code).count()


async def post_office(parts: Parts, clock: StoppedClock) -> Post:
    """A market whose carriers' communes are known."""
    await units(*PLACES)
    await sync_areas(parts[Carriers], now=clock.now())
    return Post(parts, clock)
