"""A person's data: asked for with the clock of the law, copied whole for them alone, erased but for what law keeps."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, Grant, Person, PrivacyRequest, RequestKind, RequestState, Session
from accounts.services.requests import (
    answer,
    ask,
    extend,
    open_requests,
    request_queue,
    requests_of,
    take_back,
)
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.errors import Conflict, NotFound
from kit.media import Media
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from market.copies import as_csv, drop_past_copies, tables_of
from market.erasing import erase_due, forget_old_orders
from orders.models import BasketLine, Order
from orders.services import Buyer, put_in_basket
from payments.models import BankKey
from payments.services import assert_balanced
from postal.models import Parcel
from tests import factories
from tests.conftest import Browser
from tests.factories import HOA, LAN, TUAN, code_sent_to, person
from vendors.models import HelpedHousehold, HelpVisit, Listing, ListingState, Vendor, VendorState

pytestmark = pytest.mark.usefixtures("db")


async def bought(person_id: int, now: datetime, *, is_over: bool = True) -> Order:
    """An order of a person; paid, posted and delivered, or still waiting for money."""
    await factories.units(*factories.COMMUNES_OF_ORDERS)
    goods = await factories.listing(stock=5)
    buyer = Buyer(person_id, "d" * 22)
    [order] = await factories.placed((goods, 1), now=now, buyer=buyer)
    if is_over:
        await factories.pay_order(order, now=now)
        await Order.filter(id=order.id).update(state="delivered")
    return await Order.get(id=order.id)


# --- the clock ---


@pytest.mark.parametrize(
    ("kind", "days"), [(RequestKind.COPY, 10), (RequestKind.CORRECT, 10), (RequestKind.ERASE, 20)]
)
async def test_a_request_is_received_at_once_and_due_by_law(
    clock: StoppedClock, kind: RequestKind, days: int
) -> None:
    hoa = await person()
    request_id = await ask(hoa.id, kind, words="tên tôi là Hoà", now=clock.now())
    row = await PrivacyRequest.get(id=request_id)
    assert row.told_at == clock.now()
    due_on = vietnam_date(row.due_at - timedelta(seconds=1))
    assert due_on == vietnam_date(clock.now()) + timedelta(days=days)
    [line] = await requests_of(hoa.id, now=clock.now())
    assert line.days_left == days and line.told_due_on > vietnam_date(clock.now())
    [late] = await requests_of(hoa.id, now=row.due_at + timedelta(hours=1))
    assert late.days_left == -1


async def test_one_of_a_kind_at_a_time_and_minds_may_change(clock: StoppedClock) -> None:
    hoa, tuan = await person(), await person("Tuấn", TUAN)
    request_id = await ask(hoa.id, RequestKind.ERASE, now=clock.now())
    with pytest.raises(Conflict):
        await ask(hoa.id, RequestKind.ERASE, now=clock.now())
    with pytest.raises(NotFound):
        await take_back(request_id, person_id=tuan.id, now=clock.now())
    await take_back(request_id, person_id=hoa.id, now=clock.now())
    with pytest.raises(Conflict):
        await take_back(request_id, person_id=hoa.id, now=clock.now())
    assert await erase_due(now=clock.now() + timedelta(days=30)) == 0
    assert (await Person.get(id=hoa.id)).phone == HOA
    await ask(hoa.id, RequestKind.ERASE, now=clock.now())


async def test_an_answer_has_words_and_an_extension_is_one(clock: StoppedClock) -> None:
    hoa, admin = await person(), await person("Sơn", LAN)
    request_id = await ask(hoa.id, RequestKind.CORRECT, words="sai tên", now=clock.now())
    before = (await PrivacyRequest.get(id=request_id)).due_at
    await extend(request_id, "chờ giấy tờ", by=admin.id, now=clock.now())
    assert (await PrivacyRequest.get(id=request_id)).due_at == before + timedelta(days=10)
    with pytest.raises(Conflict):
        await extend(request_id, "lại chờ", by=admin.id, now=clock.now())
    await answer(request_id, "Đã sửa tên", is_refused=False, by=admin.id, now=clock.now())
    with pytest.raises(Conflict):
        await answer(request_id, "lần nữa", is_refused=True, by=admin.id, now=clock.now())
    acts = (
        await AuditEntry.filter(subject_kind="privacy_request")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert acts == ["privacy_asked", "privacy_extended", "privacy_answered"]


async def test_the_queue_shows_what_is_due_first(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, queries: Any
) -> None:
    start = clock.now()
    for number, kind in enumerate((RequestKind.ERASE, RequestKind.CORRECT, RequestKind.COPY)):
        one = await person(f"Người {number}", f"+8498765432{number}")
        await ask(one.id, kind, words="sai tên", now=start + timedelta(hours=number))
    lines, more = await request_queue(1, is_open=True, now=start)
    assert [one.kind for one in lines][-1] == RequestKind.ERASE and not more
    assert await open_requests() == 3
    await sign_in_as(client, "0973111222", Role.ADMIN)
    with queries.at_most(4):
        page = await client.get("/admin/requests")
    assert page.text.index("Xin sửa") < page.text.index("Xin xoá")
    clock.forward(days=12)
    assert "Quá hạn" in (await client.get("/admin/requests")).text


async def test_an_administrator_answers_refuses_and_extends_on_the_page(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    hoa = await person()
    first = await ask(hoa.id, RequestKind.CORRECT, words="sai tên", now=clock.now())
    second = await ask(hoa.id, RequestKind.ERASE, now=clock.now())
    await sign_in_as(client, "0973111222", Role.ADMIN)
    empty = await client.submit(f"/admin/requests/{first}/answer", {"words": ""})
    assert empty.status_code == 422 and "Hãy ghi câu trả lời" in empty.text
    assert (
        await client.submit(f"/admin/requests/{first}/answer", {"words": "Đã sửa xong"})
    ).status_code == 303
    assert (await client.submit(f"/admin/requests/{second}/answer", {"words": "Đã xong"})).status_code == 409
    because = {"because": "đang có khiếu nại"}
    assert (await client.submit(f"/admin/requests/{second}/extension", because)).status_code == 303
    assert (await client.submit(f"/admin/requests/{second}/extension", because)).status_code == 409
    refusal = {"words": "Toà án yêu cầu giữ"}
    assert (await client.submit(f"/admin/requests/{second}/refusal", refusal)).status_code == 303
    assert (await PrivacyRequest.get(id=second)).state is RequestState.REFUSED
    assert (await client.submit("/admin/requests/999/answer", {"words": "Đã sửa xong"})).status_code == 404
    assert "Toà án yêu cầu giữ" in (await client.get("/admin/requests?state=closed")).text


async def test_a_mind_is_changed_on_the_page(client: Browser, sign_in_as: Callable[..., Any]) -> None:
    hoa = await sign_in_as(client, HOA)
    short = await client.submit("/me/data", {"kind": "correct", "words": "sai"})
    assert short.status_code == 422 and "điều gì sai" in short.text and not await PrivacyRequest.exists()
    assert (await client.submit("/me/data", {"kind": "everything"})).status_code == 422
    await client.submit("/me/data", {"kind": "correct", "words": "sai tên xã"})
    assert (await client.submit("/me/data", {"kind": "correct", "words": "sai tên xã"})).status_code == 409
    row = await PrivacyRequest.get(person_id=hoa.id)
    assert (await client.submit(f"/me/data/{row.id}/withdrawal")).status_code == 303
    assert "Bạn đã bỏ" in (await client.get("/me/data")).text


# --- the copy ---


async def test_a_copy_holds_everything_and_opens_with_a_fresh_code_only(
    client: Browser,
    browser: Callable[[], Browser],
    sign_in_as: Callable[..., Any],
    clock: StoppedClock,
    run_jobs: Any,
) -> None:
    hoa = await sign_in_as(client, HOA)
    order = await bought(hoa.id, clock.now())
    assert (await client.submit("/me/data", {"kind": "copy"})).status_code == 303
    await run_jobs()
    page = await client.get("/me/data")
    request_id = (await PrivacyRequest.get(person_id=hoa.id)).id
    assert f"/me/data/{request_id}/code" in page.text
    assert (await client.submit(f"/me/data/{request_id}/copy", {"code": "000000"})).status_code == 422
    clock.forward(seconds=61)
    asked = await client.submit(f"/me/data/{request_id}/code")
    assert asked.status_code == 200 and "Mã trong tin nhắn" in asked.text
    code = await code_sent_to(HOA)
    wrong = await client.submit(f"/me/data/{request_id}/copy", {"code": factories.wrong_code(code)})
    assert wrong.status_code == 422
    got = await client.submit(f"/me/data/{request_id}/copy", {"code": code})
    assert got.headers["content-type"] == "application/zip" and got.headers["cache-control"] == "no-store"
    file = zipfile.ZipFile(io.BytesIO(got.content))
    tables = json.loads(file.read("copy.json"))
    assert tables["accounts/person"][0]["phone"] == HOA
    assert tables["orders/orders"][0]["code"] == order.code
    assert tables["payments/payments"] and "session" not in str(
        tables["accounts/sessions"][0].get("token_hash")
    )
    lines = file.read("orders/order_lines.csv").decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(lines)))["name"] == "Chè móc câu"
    assert (await client.submit(f"/me/data/{request_id}/copy", {"code": code})).status_code == 422
    async with browser() as other:
        await sign_in_as(other, TUAN)
        assert (await other.submit(f"/me/data/{request_id}/code")).status_code == 404
        assert (await other.submit(f"/me/data/{request_id}/copy", {"code": code})).status_code == 404


async def test_a_copy_is_sealed_in_the_store_and_goes_when_its_days_are_over(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    request_id = await ask(hoa.id, RequestKind.COPY, now=clock.now())
    await run_jobs()
    row = await PrivacyRequest.get(id=request_id)
    kept = await parts[Media].get(row.file_key)
    assert kept is not None and b"PK\x03\x04" not in kept[:64]
    assert await drop_past_copies(parts[Media], now=clock.now() + timedelta(days=6)) == 0
    assert await drop_past_copies(parts[Media], now=clock.now() + timedelta(days=8)) == 1
    assert await parts[Media].get(row.file_key) is None
    [line] = await requests_of(hoa.id, now=clock.now())
    assert not line.has_file


async def test_a_copy_shows_a_sellers_number_to_its_owner_only(
    settings: Settings, clock: StoppedClock
) -> None:
    seller = await factories.vendor(phone=HOA)
    hoa, tuan = await person(), await person("Tuấn", TUAN)
    for one in (hoa, tuan):
        await Grant.create(person=one, role=Role.VENDOR, scope=str(seller.id))
    tables = await tables_of(tuan.id, keys=seal_keys(settings))
    assert tables["vendors/vendors"][0]["name"] == seller.name
    assert set(tables) >= {"accounts/person", "orders/orders", "payments/payments", "postal/parcels"}
    assert "number_sealed" not in str(tables)


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    assert "'=1+1" in as_csv([{"name": "=1+1", "sum": -5, "list": ["a"]}])


# --- the erasure ---


async def test_an_erasure_waits_then_takes_the_person_and_leaves_the_books(
    parts: Parts, clock: StoppedClock, browser: Callable[[], Browser], sign_in_as: Callable[..., Any]
) -> None:
    async with browser() as client:
        hoa = await sign_in_as(client, HOA)
        order = await bought(hoa.id, clock.now())
        await factories.booked_parcel(f"order:{order.id}", now=clock.now())
        await put_in_basket(Buyer(hoa.id, "").owner, (await Listing.all().first()).code, 1)  # type: ignore[union-attr]
        box = await client.submit("/me/data", {"kind": "erase"})
        assert box.status_code == 422 and "chắc muốn xoá" in box.text
        assert (await client.submit("/me/data", {"kind": "erase", "is_sure": "yes"})).status_code == 303
        assert await erase_due(now=clock.now() + timedelta(days=14)) == 0
        clock.forward(days=15, minutes=1)
        assert await erase_due(now=clock.now()) == 1
        assert (await client.get("/me")).status_code == 303
    gone = await Person.get(id=hoa.id)
    assert (gone.phone, gone.name, gone.is_blocked) == (f"-{hoa.id}", "", True)
    assert not await Session.filter(person_id=hoa.id).exists()
    assert not await BasketLine.filter(owner=f"person:{hoa.id}").exists()
    kept = await Order.get(id=order.id)
    assert (kept.recipient_name, kept.recipient_phone, kept.recipient_line) == ("—", "", "")
    assert (kept.total_dong, kept.person_id) == (order.total_dong, hoa.id)
    parcel = await Parcel.get(reference=f"order:{order.id}")
    assert (parcel.recipient_name, parcel.recipient_phone) == ("—", "")
    row = await PrivacyRequest.get(person_id=hoa.id)
    assert row.state is RequestState.ANSWERED and "5 năm" in row.answer
    assert await erase_due(now=clock.now()) == 0
    await assert_balanced()
    async with browser() as again:
        assert (await sign_in_as(again, HOA)).id != hoa.id


async def test_who_has_an_order_on_the_way_waits_with_the_clock_extended_once(clock: StoppedClock) -> None:
    hoa = await person()
    order = await bought(hoa.id, clock.now(), is_over=False)
    request_id = await ask(hoa.id, RequestKind.ERASE, now=clock.now())
    before = (await PrivacyRequest.get(id=request_id)).due_at
    for day in (15, 16, 17):
        assert await erase_due(now=clock.now() + timedelta(days=day, minutes=1)) == 0
    row = await PrivacyRequest.get(id=request_id)
    assert order.code in row.extended_because and row.due_at == before + timedelta(days=20)
    await Order.filter(id=order.id).update(state="cancelled")
    assert await erase_due(now=clock.now() + timedelta(days=19)) == 1


async def test_a_seller_leaves_the_market_and_a_shared_stall_stays(clock: StoppedClock) -> None:
    hoa, tuan = await person(), await person("Tuấn", TUAN)
    alone = await factories.vendor(phone=HOA)
    shared = await factories.vendor("Chè chung", "che-chung")
    goods, other = await factories.listing(alone), await factories.listing(shared)
    for one, seller in ((hoa, alone), (hoa, shared), (tuan, shared)):
        await Grant.create(person=one, role=Role.VENDOR, scope=str(seller.id))
    await ask(hoa.id, RequestKind.ERASE, now=clock.now())
    assert await erase_due(now=clock.now() + timedelta(days=16)) == 1
    left = await Vendor.get(id=alone.id)
    assert left.state is VendorState.SUSPENDED and left.contact_name == ""
    assert (await Listing.get(id=goods.id)).state is ListingState.HIDDEN
    assert (await Vendor.get(id=shared.id)).state is VendorState.CAN_SELL
    assert (await Listing.get(id=other.id)).state is ListingState.ON_SALE


async def test_an_administrator_may_hasten_an_erasure(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    hoa = await person()
    request_id = await ask(hoa.id, RequestKind.ERASE, now=clock.now())
    other = await ask(hoa.id, RequestKind.CORRECT, words="sai tên", now=clock.now())
    await sign_in_as(client, "0973111222", Role.ADMIN)
    assert (await client.submit(f"/admin/requests/{other}/erasure")).status_code == 404
    assert (await client.submit(f"/admin/requests/{request_id}/erasure")).status_code == 303
    assert await erase_due(now=clock.now()) == 1
    page = await client.get("/admin/requests?state=closed")
    assert HOA not in page.text and "0912" not in page.text


async def test_old_orders_lose_their_buyers_after_the_laws_term(clock: StoppedClock) -> None:
    hoa = await person()
    order = await bought(hoa.id, clock.now())
    assert await forget_old_orders(now=clock.now() + timedelta(days=365 * 5 - 10)) == 0
    assert await forget_old_orders(now=clock.now() + timedelta(days=366 * 5 + 1)) == 1
    assert (await Order.get(id=order.id)).recipient_phone == ""
    assert await forget_old_orders(now=clock.now() + timedelta(days=366 * 5 + 1)) == 0


async def test_a_helped_household_loses_its_name_and_its_bank_key_is_wiped(
    settings: Settings, clock: StoppedClock
) -> None:
    """What the digital team and the bank's gate know goes too; the visit itself stays counted."""
    hoa, now = await person(), clock.now()
    seller = await factories.vendor(phone=HOA)
    await Grant.create(person=hoa, role=Role.VENDOR, scope=str(seller.id))
    household = await HelpedHousehold.create(
        phone=HOA,
        name="Nguyễn Thị Hoa",
        line="Xóm Cây Bòng",
        commune_code="05740",
        commune="Xã La Hiên",
        province="Tỉnh Thái Nguyên",
        vendor=seller,
        source="team",
        note="nhà cạnh đình",
        created_at=now,
    )
    await HelpVisit.create(
        household=household, person_id=9, visited_on=now.date(), minutes=30, created_at=now
    )
    await BankKey.create(
        vendor_id=seller.id,
        provider="sepay",
        place="p" * 43,
        secret="sealed",
        secret_tail="abcd",
        created_at=now,
        created_by=hoa.id,
    )
    tables = await tables_of(hoa.id, keys=seal_keys(settings))
    assert tables["vendors/households"][0]["note"] == "nhà cạnh đình" and tables["vendors/household_visits"]
    assert tables["payments/bank_keys"][0]["secret_tail"] == "abcd" and "sealed" not in str(tables)
    await ask(hoa.id, RequestKind.ERASE, now=now)
    assert await erase_due(now=now + timedelta(days=16)) == 1
    left = await HelpedHousehold.get(id=household.id)
    assert (left.name, left.note, left.line, left.phone) == ("—", "", "", f"-{household.id}")
    assert await HelpVisit.filter(household_id=household.id).count() == 1
    key = await BankKey.get(vendor_id=seller.id)
    assert key.secret == "" and key.closed_at is not None
