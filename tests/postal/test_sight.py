"""Who sees a parcel: the desk all, a carrier what is theirs, the label of what waits or is scanned, else nothing."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.services import person_of
from kit.clock import StoppedClock
from kit.errors import NotFound
from kit.roles import Role
from postal.models import HandOverKind, Parcel
from postal.services import deliveries, pickups
from postal.services.hand_overs import open_list, scan_into
from postal.services.reading import row_of
from postal.services.sight import Sight, Viewer, refuse_unseen, seen_by, sight_of
from postal.staff_carrier import Act
from tests.factories import booked_parcel, carried

SignIn = Callable[..., Awaitable[Any]]
TUAN, SON, THAO = 51, 52, 41
PHONE, MASKED = "0987 654 321", "0987 *** 321"


@pytest.fixture
def now(db: None, clock: StoppedClock) -> datetime:
    return clock.now()


async def made(now: datetime, *acts: Act, by: int = TUAN, key: str = "1", **changes: Any) -> str:
    code = str((await booked_parcel(f"order:{key}", now=now)).code)
    await carried(code, *acts, person_id=by, now=now)
    await Parcel.filter(code=code).update(**changes) if changes else None
    return code


@pytest.mark.parametrize(
    ("acts", "changes", "sight"),
    [
        ((), {}, Sight.LABEL),
        ((), {"holder_id": TUAN}, Sight.NOTHING),
        ((), {"holder_id": SON}, Sight.WHOLE),
        ((Act.ACCEPT,), {}, Sight.LABEL),
        ((Act.ACCEPT, Act.TAKE_OUT), {}, Sight.NOTHING),
        ((Act.ACCEPT, Act.TAKE_OUT, Act.FAIL), {}, Sight.LABEL),
        ((Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER), {}, Sight.NOTHING),
        ((Act.ACCEPT,), {"carrier": "ghn"}, Sight.NOTHING),
        ((Act.ACCEPT,), {"state": "lost", "holder_id": SON}, Sight.NOTHING),
    ],
    ids=["waits", "another's", "one's own", "at the office", "out", "failed", "delivered", "outside", "lost"],
)
async def test_what_another_carrier_sees(
    now: datetime, acts: tuple[Act, ...], changes: dict[str, Any], sight: Sight
) -> None:
    row = await row_of(await made(now, *acts, **changes))
    assert await sight_of(row, Viewer(SON, False, now)) is sight
    assert await sight_of(row, Viewer(SON, True, now)) is Sight.WHOLE
    if acts:
        assert await sight_of(row, Viewer(TUAN, False, now)) is Sight.WHOLE
        later = now + timedelta(days=32)
        assert await sight_of(row, Viewer(SON, False, later)) is sight


async def test_what_one_did_with_it_opens_it_for_a_month(now: datetime) -> None:
    row = await row_of(await made(now, Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER))
    for days, sight in ((30, Sight.WHOLE), (32, Sight.NOTHING)):
        assert await sight_of(row, Viewer(TUAN, False, now + timedelta(days=days))) is sight


async def test_a_list_opens_it_for_both_sides(now: datetime) -> None:
    code = await made(now, Act.ACCEPT, Act.TAKE_OUT)
    row, viewer = await row_of(code), Viewer(SON, False, now)
    with pytest.raises(NotFound):
        await refuse_unseen(code, viewer)
    number = await open_list(HandOverKind.TRANSFER, place="Chợ Đình Cả", person_id=SON, now=now)
    await scan_into(number, code, person_id=SON, now=now)
    assert await sight_of(row, viewer) is Sight.WHOLE


async def test_it_is_said_in_the_same_words_as_of_no_parcel(now: datetime) -> None:
    code = await made(now, Act.ACCEPT, Act.TAKE_OUT)
    with pytest.raises(NotFound) as hidden:
        await seen_by(code, Viewer(SON, False, now))
    await Parcel.filter(code=code).update(code="C40000000000X")
    with pytest.raises(NotFound) as none:
        await seen_by(code, Viewer(SON, False, now))
    assert str(hidden.value.sentence) == str(none.value.sentence)
    assert not await AuditEntry.filter(action="parcel_read").exists()


async def test_lists_hold_nothing_that_another_has_in_hand(now: datetime) -> None:
    free, theirs = await made(now, key="1"), await made(now, key="2", holder_id=TUAN)
    office = await made(now, Act.ACCEPT, key="3")
    out, own = (
        await made(now, Act.ACCEPT, Act.TAKE_OUT, key="4"),
        await made(now, Act.ACCEPT, Act.TAKE_OUT, by=SON, key="5"),
    )
    son, desk = Viewer(SON, False, now), Viewer(THAO, True, now)
    assert [one.code for one in (await pickups(viewer=son)).parcels] == [free]
    assert {one.code for one in (await deliveries(viewer=son)).parcels} == {office, own}
    assert {one.code for one in (await pickups(viewer=desk)).parcels} == {free, theirs}
    assert {one.code for one in (await deliveries(viewer=desk)).parcels} == {office, out, own}


async def test_a_scan_shows_the_label_and_a_page_nothing(
    client: Any, sign_in_as: SignIn, now: datetime
) -> None:
    await sign_in_as(client, "0912000222", Role.CARRIER)
    code = await made(now, Act.ACCEPT, Act.TAKE_OUT)
    for path in ("", "/acts/new?act=fail", "/door", "/label", "/label.pdf"):
        assert (await client.get(f"/post/parcels/{code}{path}")).status_code == 404, path
    sent = await client.submit(f"/post/parcels/{code}/acts", {"act": "hand_over", "event_key": "press-0001"})
    assert sent.status_code == 404
    scanned = await client.submit("/post/scan", {"code": code, "event_key": "press-0002"})
    assert scanned.status_code == 200 and MASKED in scanned.text and PHONE not in scanned.text
    assert "chỉ hiện những gì có trên nhãn" in scanned.text and f"{code}/label" not in scanned.text
    assert await AuditEntry.filter(action="parcel_scanned", subject_id=code).exists()
    refused = await client.submit("/post/round/acts", {"code": code, "act": "deliver", "sent_id": "x" * 20})
    assert refused.status_code in (404, 422) and PHONE not in refused.text


async def test_it_opens_once_it_is_taken(client: Any, sign_in_as: SignIn, now: datetime) -> None:
    await sign_in_as(client, "0912000222", Role.CARRIER)
    me = (await person_of("0912000222")).id
    code = await made(now, Act.ACCEPT)
    waiting = (await client.get(f"/post/parcels/{code}")).text
    assert MASKED in waiting and PHONE not in waiting
    assert (await client.get(f"/post/parcels/{code}/label")).status_code == 404
    assert (await client.submit("/post/labels", {"codes": code})).status_code == 404
    taken = await client.submit("/post/scan", {"code": code, "act": "take_out", "event_key": "press-0001"})
    assert taken.status_code == 303 and (await Parcel.get(code=code)).holder_id == me
    assert PHONE in (await client.get(f"/post/parcels/{code}")).text
    assert (await client.get(f"/post/parcels/{code}/label")).status_code == 200
