"""Parcels that carriers outside the house carry: nobody here acts on them; a named person sets right, with a reason."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, NotFound
from kit.parts import Parts
from kit.roles import Role
from postal.gates.statuses import reasons_of, statuses_of
from postal.models import CarrierAlert, HandOverKind, ParcelEvent, TwinParcel
from postal.services import ParcelView, act, timeline
from postal.services.correcting import correct
from postal.services.door import Told, hear
from postal.services.hand_overs import open_list, scan_into
from postal.services.looking import leave_looks
from postal.services.rounds import assign
from postal.services.watching import Trouble, troubles
from postal.shown import FLAG_WORDS
from postal.staff_carrier import REASONS, Act, Reason
from postal.states import Flag, ParcelState
from tests.conftest import Browser
from tests.gates.carriers import CODES, Post, post_office

S = ParcelState
FAILED = {"viettel_post": "505", "vnpost": "15", "ghn": "delivery_fail", "ghtk": "9"}
GONE = {"ghn": "lost", "ghtk": "13"}


@pytest.fixture
async def post(db: None, parts: Parts, clock: StoppedClock) -> Post:
    """The post with its four carriers."""
    return await post_office(parts, clock)


@pytest.fixture
async def clerk(client: Browser, sign_in_as: Callable[..., Any]) -> Browser:
    """A clerk's browser."""
    await sign_in_as(client, "0912345678", Role.CLERK)
    return client


async def corrected(post: Post, parcel: ParcelView, state: S, key: str = "press-0001") -> ParcelView:
    """A clerk sets a parcel's step right."""
    post.clock.forward(minutes=1)
    return await correct(
        parcel.code,
        state,
        words="Đã gọi tổng đài hãng",
        person_id=7,
        event_key=key,
        now=post.clock.now(),
    )


# --- codes and words ---


def test_every_code_that_carriers_are_known_to_send_is_in_the_tables() -> None:
    """As many as their documents and integrations name; an edit that drops one shows here."""
    states = {one: len(statuses_of(one)) for one in CODES}
    reasons = {one: len(reasons_of(one)) for one in CODES}
    assert states == {"viettel_post": 40, "vnpost": 38, "ghn": 23, "ghtk": 22}
    assert reasons == {"viettel_post": 18, "vnpost": 0, "ghn": 30, "ghtk": 36}


def test_every_reason_and_every_flag_has_words() -> None:
    told = {reason for one in CODES for reason in reasons_of(one).values()}
    assert told <= set(map(str, Reason)) and set(REASONS) == set(Reason)
    assert set(FLAG_WORDS) == set(Flag)


@pytest.mark.parametrize(
    ("carrier", "code", "reason", "words"),
    [
        ("viettel_post", "505", "24", "Người nhận muốn xem hàng mà không được"),
        ("ghn", "delivery_fail", "GHN-DCD0A7", "Sai số tiền thu hộ"),
        ("ghtk", "10", "120", "Hãng đang quá nhiều hàng"),
    ],
)
async def test_a_carriers_reason_is_read_in_words(
    post: Post, carrier: str, code: str, reason: str, words: str
) -> None:
    parcel = await post.books(carrier)
    await post.pushes(parcel, code, reason=reason)
    last = (await timeline(parcel.id, for_staff=True))[-1]
    assert str(last.because) == words and last.note.startswith(code)


# --- nobody here has it ---


@pytest.mark.parametrize("carrier", CODES)
async def test_staff_acts_on_a_carriers_parcel_are_refused(post: Post, carrier: str) -> None:
    parcel = await post.books(carrier)
    before = await ParcelEvent.filter(parcel_id=parcel.id).count()
    for one in (Act.ACCEPT, Act.LOSE, Act.CANCEL):
        with pytest.raises(Conflict, match="hãng báo đến đâu"):
            await act(
                parcel.code, one, person_id=1, event_key=f"press-{one}", now=post.clock.now(), note="thử"
            )
    told = Told(Act.ACCEPT, post.clock.now())
    with pytest.raises(Conflict):
        await hear(parcel.code, told, person_id=1, event_key="phone-0001", secret="", now=post.clock.now())
    taken = await open_list(HandOverKind.TRANSFER, place="Bưu cục", person_id=1, now=post.clock.now())
    with pytest.raises(Conflict):
        await scan_into(taken, parcel.code, person_id=1, now=post.clock.now())
    assert await ParcelEvent.filter(parcel_id=parcel.id).count() == before


async def test_collections_of_carriers_are_given_to_nobody(
    post: Post, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    carrier = await sign_in_as(client, "0912000333", Role.CARRIER)
    parcel = await post.books("ghn")
    assert await assign([parcel.code], carrier.id, person_id=1) == 0
    assert (await post.now(parcel)).holder_id is None


async def test_the_page_of_a_carriers_parcel_offers_no_act_of_ours(post: Post, clerk: Browser) -> None:
    parcel = await post.books("ghn")
    page = (await clerk.get(f"/post/parcels/{parcel.code}")).text
    assert parcel.tracking_code in page and "Giao Hàng Nhanh chở" in page
    assert "/acts" not in page and "Xin hãng dừng" in page
    asked = await clerk.get(f"/post/parcels/{parcel.code}/acts/new?act=fail_pickup")
    assert asked.status_code == 409 and "hãng báo đến đâu" in asked.text
    scanned = await clerk.submit(
        "/post/scan", {"code": parcel.code, "act": "accept", "event_key": "scan-0001"}
    )
    assert scanned.status_code == 409 and "hãng báo đến đâu" in scanned.text


# --- a named correction ---


@pytest.mark.parametrize("carrier", CODES)
async def test_a_correction_stands_until_the_carrier_tells_more(post: Post, carrier: str) -> None:
    """Out of an end too; the same press counts once, and what is told afterwards goes on from there."""
    done = {"viettel_post": "501", "vnpost": "14", "ghn": "delivered", "ghtk": "5"}[carrier]
    parcel = await post.books(carrier)
    await post.pushes(parcel, done)
    assert (await post.now(parcel)).state is S.DELIVERED
    for _ in range(2):
        assert (await corrected(post, parcel, S.IN_TRANSIT)).state is S.IN_TRANSIT
    await post.pushes(parcel, FAILED[carrier])
    row = await post.now(parcel)
    assert row.state is S.FAILED_ATTEMPT and "after_final" not in row.flags
    step = next(one for one in await timeline(parcel.id, for_staff=True) if one.note.startswith("Đã gọi"))
    assert str(step.words) == "Sửa thành «Đang chuyển đi»"
    assert all("Đã gọi" not in one.note for one in await timeline(parcel.id))


@pytest.mark.parametrize(("carrier", "code"), GONE.items())
async def test_what_a_carrier_lost_comes_before_a_person_until_it_is_found(
    post: Post, carrier: str, code: str
) -> None:
    parcel = await post.books(carrier)
    await post.pushes(parcel, code)
    assert (await post.now(parcel)).state is S.LOST
    assert (await CarrierAlert.get(kind="lost")).parcel_id == parcel.id
    await corrected(post, parcel, S.IN_TRANSIT)
    assert not await CarrierAlert.exists(kind="lost", closed_at=None)


@pytest.mark.parametrize("carrier", ["ghn", "ghtk"])
async def test_a_parcel_that_stands_still_shows_however_often_it_is_asked_about(
    post: Post, carrier: str
) -> None:
    """Asked every twelve hours, the carrier says the same: after 48 it stands still, until its next step."""
    moves = {"ghn": ("picked", "transporting"), "ghtk": ("3", "4")}[carrier]
    parcel = await post.books(carrier)
    await post.pushes(parcel, moves[0])
    for _ in range(5):
        post.clock.forward(hours=13)
        await leave_looks(post.carriers, now=post.clock.now())
        await post.works()
    assert (await post.now(parcel)).heard_at == post.clock.now()
    stuck = {one.kind: one for one in await troubles(now=post.clock.now())}[Trouble.STUCK]
    assert [one.code for one in stuck.parcels] == [parcel.code]
    await post.pushes(parcel, moves[1])
    stuck = {one.kind: one for one in await troubles(now=post.clock.now())}[Trouble.STUCK]
    assert not stuck.parcels


@pytest.mark.parametrize(("carrier", "code"), [("viettel_post", "101"), ("vnpost", "9"), ("ghtk", "7")])
async def test_what_a_carrier_stopped_comes_before_a_person(post: Post, carrier: str, code: str) -> None:
    parcel = await post.books(carrier)
    await post.pushes(parcel, code)
    assert (await CarrierAlert.get(kind="cancelled")).subject == parcel.code


async def test_a_correction_wants_a_reason_and_another_step(post: Post, clerk: Browser) -> None:
    parcel = await post.books("ghn")
    path = f"/post/parcels/{parcel.code}/correction"
    page = (await clerk.get(path)).text
    assert 'value="lost"' in page and 'value="awaiting_pickup"' not in page
    typed = {"state": "lost", "words": " ", "event_key": "press-0001"}
    wrong = await clerk.submit(path, typed)
    assert wrong.status_code == 422 and "Ghi vì sao sửa" in wrong.text and "press-0001" in wrong.text
    same = await clerk.submit(path, {**typed, "state": "awaiting_pickup", "words": "Gọi hãng"})
    assert same.status_code == 409 and "rồi." in same.text
    assert (await clerk.submit(path, {**typed, "state": "gone", "words": "x"})).status_code == 422
    assert (await post.now(parcel)).state is S.AWAITING_PICKUP
    sent = await clerk.submit(path, {**typed, "words": "Hãng báo mất qua điện thoại"})
    assert sent.status_code == 303 and (await post.now(parcel)).state is S.LOST
    with pytest.raises(NotFound):
        await correct("C4", S.LOST, words="x", person_id=1, event_key="press-0002", now=post.clock.now())


async def test_a_correction_is_the_desks(post: Post, client: Browser, sign_in_as: Callable[..., Any]) -> None:
    parcel = await post.books("ghn")
    await sign_in_as(client, "0912000333", Role.CARRIER)
    assert (await client.get(f"/post/parcels/{parcel.code}/correction")).status_code == 403
    assert "correction" not in (await client.get(f"/post/parcels/{parcel.code}")).text


# --- asked of the carrier ---


async def test_the_desk_asks_a_carrier_to_stop(post: Post, clerk: Browser) -> None:
    parcel, late = await post.books("ghn"), await post.books("ghn")
    await post.pushes(late, "transporting")
    path = f"/post/parcels/{parcel.code}/stop"
    assert (await clerk.submit(path, {"reason": ""})).status_code >= 400
    sent = await clerk.submit(path, {"reason": "Người mua đổi ý"})
    assert sent.status_code == 303 and "Hãng đã dừng" in (await clerk.get(sent.headers["location"])).text
    await post.works()
    assert (await post.now(parcel)).state is S.CANCELLED
    refused = await clerk.submit(f"/post/parcels/{late.code}/stop", {"reason": "Người mua đổi ý"})
    assert "không dừng được" in (await clerk.get(refused.headers["location"])).text


@pytest.mark.parametrize(
    ("carrier", "failed", "wish", "after"),
    [
        ("viettel_post", "505", "redeliver", S.AT_DELIVERY_OFFICE),
        ("viettel_post", "505", "send_back", S.RETURNING),
        ("ghn", "waiting_to_return", "redeliver", S.IN_TRANSIT),
        ("ghn", "waiting_to_return", "send_back", S.RETURNING),
    ],
)
async def test_the_desk_decides_in_the_sellers_place(
    post: Post, clerk: Browser, carrier: str, failed: str, wish: str, after: S
) -> None:
    parcel = await post.books(carrier)
    path = f"/post/parcels/{parcel.code}/wish"
    assert (await clerk.submit(path, {"wish": wish})).status_code == 409
    await post.pushes(parcel, failed)
    assert 'value="redeliver"' in (await clerk.get(f"/post/parcels/{parcel.code}")).text
    assert (await clerk.submit(path, {"wish": wish})).status_code == 303
    await post.works()
    assert (await post.now(parcel)).state is after


async def test_a_carrier_that_refuses_a_wish_is_put_before_a_person(post: Post, clerk: Browser) -> None:
    """It moved on by itself between the seller's word and ours."""
    parcel = await post.books("ghn")
    await post.pushes(parcel, "waiting_to_return")
    row = await TwinParcel.get()
    await TwinParcel.filter(id=row.id).update(steps=[*row.steps, {**row.steps[-1], "code": "delivering"}])
    await clerk.submit(f"/post/parcels/{parcel.code}/wish", {"wish": "redeliver"})
    await post.works()
    assert (await CarrierAlert.get(kind="rejected")).parcel_id == parcel.id
    assert not (await post.now(parcel)).wish
