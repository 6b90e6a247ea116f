"""A carrier that works by files in the demo: it takes a parcel over, loses it, and agrees to pay for it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from kit.outbox import due_jobs, work
from kit.parts import Parts
from market.jobs import TASKS
from postal.gates.by_file import ByFile
from postal.gates.names import BY_FILE
from postal.gates.register import Carriers
from postal.services.batches import make_batch, take_statuses
from postal.services.claims.claiming import answer_claim, open_claim
from postal.services.claims.shown import claim_of, claims
from postal.services.views import ParcelView
from postal.states import ClaimState
from postal.status_sheet import StatusRow

TAKEN, LOST = "da lay hang", "that lac"
BY_FILE_STEPS = {"carrier_takes": TAKEN, "carrier_loses": LOST}
WAYBILL, FEE_DONG = "HX26{id:06}VN", 31_000
CLAIMED = "Gửi công văn kèm phiếu gửi và hoá đơn hàng."
AGREED = "Hãng nhận lỗi, trả theo giá trị hàng ghi trên phiếu gửi."


def carriers_at(now: Callable[[], datetime]) -> Carriers:
    """The carriers that answer within this process."""
    return Carriers(now, {BY_FILE: ByFile(now)})


async def hand_over(parcel: ParcelView, parts: Parts, *, clerk_id: int, now: datetime) -> None:
    """The parcel is booked with the carrier and stands on the list that goes to it."""
    for job in await due_jobs():
        if job.name == "submit_parcel" and job.subject_id == parcel.id:
            await work(parts, TASKS[job.name], job.id, job.attempts)
    await make_batch(person_id=clerk_id, now=now)


async def carrier_tells(parcel: ParcelView, status: str, *, clerk_id: int, now: datetime) -> None:
    """A row of a file that came back from the carrier; the job that reads it is left."""
    row = StatusRow(1, parcel.code, WAYBILL.format(id=parcel.id), status, now, "", FEE_DONG)
    await take_statuses([row], name="tin tu hang.csv", person_id=clerk_id, now=now)


async def tell_carrier_claim(*, clerk_id: int, now: datetime) -> None:
    """The clerk claims what the carrier lost, and it agrees to what it was worth; the money has not come."""
    for one in (await claims(now=now)).unclaimed:
        asked_at = now - timedelta(hours=20)
        may = (await claim_of(one.parcel.code, now=asked_at)).may
        assert may is not None
        await open_claim(one.parcel.code, may.sum_dong, CLAIMED, person_id=clerk_id, now=asked_at)
        said, answered_at = (ClaimState.ANSWERED, may.sum_dong, AGREED), now - timedelta(hours=2)
        await answer_claim(one.parcel.code, *said, person_id=clerk_id, now=answered_at)
