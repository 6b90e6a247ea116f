"""A carrier without an interface: booked by handing it a list, heard of by files that come back. Nothing goes out.

Its prices are the own staff's rate sheet. A booking is a place on the next hand-over list; its waybill comes back with
the first news. What its words for a parcel's way mean stands in data/carrier_statuses.csv as for every other carrier.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from kit.clock import VIETNAM
from kit.gates import Malformed, RawRequest
from kit.text import fold
from kit.wire import json_object
from postal.carrier import (
    Booked,
    Capability,
    CarrierEvent,
    CarrierRejected,
    MappedStatus,
    OffersNothing,
    ParcelRequest,
    Quote,
)
from postal.gates.names import BY_FILE
from postal.gates.statuses import mapped
from postal.staff_carrier import MAX_WEIGHT_G, quote_on
from postal.states import ParcelState


class ByFile(OffersNothing):
    """A carrier by files behind the Carrier protocol. It keeps nothing: the parcel rows are its memory."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    @property
    def code(self) -> str:
        """`file`."""
        return BY_FILE

    def capabilities(self) -> frozenset[Capability]:
        """A booking may be repeated; files are brought by staff who are signed in, so what they say is believed."""
        return frozenset({Capability.QUOTE, Capability.REPEATABLE_CREATE, Capability.SIGNED_NEWS})

    async def quote(self, request: ParcelRequest) -> Sequence[Quote]:
        """One offer. Raises CarrierRejected over 30 kg."""
        return [quote_on(request, self._now().astimezone(VIETNAM).date())]

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """Waits for the next list. Raises CarrierRejected over 30 kg."""
        if request.weight_g > MAX_WEIGHT_G:
            raise CarrierRejected("weight_g", "too_heavy")
        return Booked(tracking_code=None, state=ParcelState.CREATED)

    def parse_webhook(self, request: RawRequest) -> Sequence[CarrierEvent]:
        """The fact of one row of a file, as `written` wrote it down. Raises Malformed."""
        row = json_object(request.body)
        try:
            at, reference = datetime.fromisoformat(str(row["at"])), str(row["reference"])
            return [
                CarrierEvent(
                    tracking_code=str(row["waybill"]) or reference,
                    code=fold(str(row["status"])),
                    at=at,
                    reference=reference,
                    note=str(row["note"]),
                    fee_dong=int(row["fee_dong"]) or None,
                    raw=request.body.decode(),
                )
            ]
        except (KeyError, ValueError) as fault:
            raise Malformed(f"no row of a file: {fault}") from fault

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """From carrier_statuses.csv, in folded words."""
        return mapped(BY_FILE, code, is_returning=is_returning, reason=reason)


def written(*, reference: str, waybill: str, status: str, at: datetime, note: str, fee_dong: int) -> str:
    """One row of a file as it is kept: the same row is the same text, whatever the file around it."""
    row = {
        "reference": reference,
        "waybill": waybill,
        "status": status,
        "at": at.isoformat(),
        "note": note,
        "fee_dong": fee_dong,
    }
    return json.dumps(row, ensure_ascii=False, sort_keys=True)
