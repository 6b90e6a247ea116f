"""Carriers' matters before a person: lost bookings, refusals, communes nobody knows."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import transaction
from kit.parts import Parts
from kit.roles import Role
from postal.models import CarrierAlert, CarrierArea, Parcel, TwinParcel
from postal.services.alerts import AlertKind, alert
from postal.states import BookingState, ParcelState
from tests.conftest import Browser, Queries
from tests.gates.carriers import SENDER, Post, post_office


@pytest.fixture
async def post(db: None, parts: Parts, clock: StoppedClock) -> Post:
    """The post with its four carriers."""
    return await post_office(parts, clock)


@pytest.fixture
async def clerk(client: Browser, sign_in_as: Callable[..., Any]) -> Browser:
    """A clerk's browser."""
    await sign_in_as(client, "0912345678", Role.CLERK)
    return client


async def lost(post: Post) -> Any:
    """A booking that Viettel Post took and never answered, looked for in vain."""
    parcel = await post.books("viettel_post", weight_g=1504)
    for _ in range(3):
        await post.books("viettel_post", key=parcel.reference)
    return parcel


async def test_a_clerk_types_the_waybill_that_the_carriers_site_shows(post: Post, clerk: Browser) -> None:
    parcel, row = await lost(post), await TwinParcel.get()
    page = await clerk.get("/post/problems")
    assert parcel.code in page.text and "Không rõ hãng đã nhận chưa" in page.text
    wrong = await clerk.submit(f"/post/parcels/{parcel.code}/waybill", {"tracking_code": "?"})
    assert wrong.status_code == 422 and "Mã vận đơn gồm" in wrong.text
    sent = await clerk.submit(f"/post/parcels/{parcel.code}/waybill", {"tracking_code": row.number})
    assert sent.status_code == 303
    now = await post.now(parcel)
    assert (now.booking, now.tracking_code) == (BookingState.BOOKED, row.number)
    assert "Không có việc nào chờ" in (await clerk.get("/post/problems")).text
    again = await clerk.submit(f"/post/parcels/{parcel.code}/waybill", {"tracking_code": "VTP1"})
    assert again.status_code == 409


async def test_one_waybill_is_one_parcel(post: Post, clerk: Browser) -> None:
    parcel, other = await lost(post), await post.books("viettel_post")
    taken = await clerk.submit(f"/post/parcels/{parcel.code}/waybill", {"tracking_code": other.tracking_code})
    assert taken.status_code >= 400 and "đã thuộc về bưu gửi khác" in taken.text
    assert (await post.now(parcel)).booking is BookingState.UNKNOWN


async def test_a_refused_parcel_goes_to_another_carrier(post: Post, clerk: Browser) -> None:
    parcel = await post.books("ghn", weight_g=55_000)
    assert "Hãng từ chối" in (await clerk.get("/post/problems")).text
    nobody = await clerk.submit(f"/post/parcels/{parcel.code}/carrier", {"carrier": "ems"})
    assert nobody.status_code >= 400 and "Chọn một hãng" in nobody.text
    assert (
        await clerk.submit(f"/post/parcels/{parcel.code}/carrier", {"carrier": "ghtk"})
    ).status_code == 303
    await post.works()
    now = await post.now(parcel)
    assert (now.carrier, now.booking, now.state) == ("ghtk", BookingState.BOOKED, ParcelState.CREATED)
    assert not await CarrierAlert.exists(kind="rejected", closed_at=None)


async def test_a_parcel_may_come_home_to_the_own_staff(post: Post, clerk: Browser) -> None:
    parcel = await post.books("ghn", sender=post_sender(), weight_g=25_000, recipient=post_sender(name=""))
    await Parcel.filter(id=parcel.id).update(booking=BookingState.REJECTED, tracking_code="")
    await clerk.submit(f"/post/parcels/{parcel.code}/carrier", {"carrier": "staff"})
    await post.works()
    now = await post.now(parcel)
    assert (now.carrier, now.booking, now.state) == (
        "staff",
        BookingState.BOOKED,
        ParcelState.AWAITING_PICKUP,
    )
    assert now.tracking_code == now.code


def post_sender(**changes: str) -> Any:
    """A seller in a known commune."""
    return type(SENDER)(**{**vars(SENDER), **changes})


async def test_a_matter_is_closed_once(post: Post, clerk: Browser) -> None:
    parcel = await post.books("ghn")
    await post.pushes(parcel, "9999")
    told = await CarrierAlert.get()
    assert (await clerk.submit(f"/post/problems/{told.id}", {})).status_code == 303
    assert (await clerk.submit(f"/post/problems/{told.id}", {})).status_code == 409
    assert (await clerk.submit("/post/problems/999999", {})).status_code == 404


async def test_the_queue_asks_a_fixed_number_of_questions(
    post: Post, clerk: Browser, queries: Queries
) -> None:
    parcel = await post.books("ghn")
    async with transaction():
        for number in range(30):
            subject = f"{number}"
            now = post.clock.now()
            await alert(AlertKind.UNKNOWN_CODE, "ghn", subject, now=now, parcel_id=parcel.id)
    with queries.at_most(6):
        page = await clerk.get("/post/problems")
    assert page.text.count("Mã trạng thái lạ") == 24 and "page=2" in page.text
    assert (await clerk.get("/post/problems?page=2")).text.count("Mã trạng thái lạ") == 6


async def test_a_person_says_which_commune_it_is(post: Post, clerk: Browser, queries: Queries) -> None:
    row = await CarrierArea.get(carrier="vnpost", unit_code="05740")
    await CarrierArea.filter(id=row.id).update(unit_code=None)
    with queries.at_most(6):
        page = await clerk.get("/post/areas")
    assert row.carrier_name in page.text
    wrong = await clerk.submit(f"/post/areas/{row.id}", {"commune": "Không đâu cả"})
    assert wrong.status_code == 422
    assert (await clerk.submit(f"/post/areas/{row.id}", {"commune_code": "05740"})).status_code == 303
    assert "Mọi xã, phường đều khớp" in (await clerk.get("/post/areas")).text


async def test_the_carriers_label_opens_or_ours_does(post: Post, clerk: Browser) -> None:
    shown = await clerk.get(f"/post/parcels/{(await post.books('ghn')).code}/carrier-label")
    assert shown.status_code == 303 and "token=" in shown.headers["location"]
    pdf = await clerk.get(f"/post/parcels/{(await post.books('vnpost')).code}/carrier-label")
    assert pdf.headers["content-type"] == "application/pdf"
    ours = await clerk.get(f"/post/parcels/{(await post.books('ghtk')).code}/carrier-label")
    assert ours.headers["location"].endswith("/label")
