"""Carriers without an interface: parcels go out in a sheet, their numbers and steps come back in one.

A booking makes nothing outside; it waits in the list that a clerk sends (services/sheets.py).
"""

from postal.carrier import Booked, Capability, OffersNothing, ParcelRequest
from postal.gates.names import FILE
from postal.states import ParcelState


class ByFile(OffersNothing):
    """The gate to whoever takes a sheet."""

    @property
    def code(self) -> str:
        """`file`."""
        return FILE

    def capabilities(self) -> frozenset[Capability]:
        """A booking may be repeated: nothing leaves the house with it."""
        return frozenset({Capability.REPEATABLE_CREATE})

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """Waits for the next sheet; the carrier's number comes back with it."""
        return Booked(None, ParcelState.CREATED)
