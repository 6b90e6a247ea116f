"""Many hands tell of one door: each act once, one end, and whoever disagrees waits for a person."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from postal.models import DoubtfulAct, HandOverKind, HandOverLine, Parcel, ParcelEvent, ParcelProof, ProofKind
from postal.services.door import Heard, Told, hear
from postal.services.hand_overs import close_list, list_view, open_list, receive_list, scan_into
from postal.services.proofs import KeptProof
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import SECRET, booked_parcel, carried

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TUAN, MAI, THAO = 51, 52, 41


async def out(key: str, *more: Act) -> str:
    code = (await booked_parcel(key, now=NOW - timedelta(hours=9))).code
    acts = (Act.ACCEPT, *(more or (Act.TAKE_OUT,)))
    await carried(code, *acts, person_id=TUAN, now=NOW - timedelta(hours=8))
    return code


async def told(code: str, person_id: int, event_key: str) -> Heard:
    proof = KeptProof(ProofKind.PHOTO, f"proof/{event_key}")
    said = Told(Act.DELIVER, NOW - timedelta(hours=1), proofs=(proof,))
    return await hear(code, said, person_id=person_id, event_key=event_key, secret=SECRET, now=NOW)


async def test_one_act_told_by_twenty_pages_at_once_stands_once() -> None:
    code = await out("order:1")
    heard = await asyncio.gather(*(told(code, TUAN, "door:one") for _ in range(20)))
    assert sum(one.is_new for one in heard) == 1
    assert await ParcelEvent.filter(act="deliver").count() == 1
    assert await ParcelProof.all().count() == 1


async def test_two_carriers_at_one_door_make_one_delivery_and_one_doubt() -> None:
    codes = [await out(f"order:{number}") for number in range(8)]
    await asyncio.gather(
        *(told(code, person, f"door:{person}:{code}") for code in codes for person in (TUAN, MAI))
    )
    assert await ParcelEvent.filter(act="deliver").count() == len(codes)
    assert await DoubtfulAct.all().count() == len(codes)
    assert {row.state for row in await Parcel.all()} == {ParcelState.DELIVERED}


async def test_a_list_scanned_and_received_by_many_hands_is_received_once() -> None:
    codes = [await out(f"order:{number}", Act.ARRIVE) for number in range(6)]
    number = await open_list(HandOverKind.LOAD_OUT, place="", person_id=THAO, now=NOW)
    scans = [scan_into(number, code, person_id=THAO, now=NOW) for code in codes for _ in range(3)]
    await asyncio.gather(*scans, return_exceptions=True)
    assert await HandOverLine.all().count() == len(codes)
    await close_list(number, person_id=THAO, now=NOW)
    taken = [scan_into(number, code, person_id=TUAN, now=NOW) for code in reversed(codes)]
    await asyncio.gather(*taken)
    receipts = [receive_list(number, person_id=person, note="", now=NOW) for person in (TUAN, MAI) * 4]
    outcomes = await asyncio.gather(*receipts, return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in outcomes) == 1
    assert (await list_view(number)).differences == []
    assert await ParcelEvent.filter(act="take_out").count() == len(codes)
