"""Receiving accounts: changed only with a code meant for the change, announced, and orders keep theirs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, SignInCode, TextMessage
from kit.clock import StoppedClock
from kit.errors import Conflict, NotFound, Refusal, TooMany
from kit.roles import Role
from payments.services import ask as ask_for_money
from payments.services import assert_balanced
from tests.factories import HOA, SECRET, bank, code_sent_to, told, vendor, wrong_code
from vendors.models import AccountChange, ReceivingAccount, Vendor, VendorKind
from vendors.services import (
    Asker,
    NewAccount,
    accounts_of,
    ask_to_add,
    ask_to_make_default,
    ask_to_remove,
    confirm_change,
    forget_unconfirmed,
    pay_to,
    recent_changes,
)

BY = Asker(1, HOA, "203.0.113.7", "vi")
NEW = NewAccount("970415", "110022003300", "DAO THANH HAO", True)


@pytest.fixture
async def seller(db: None) -> Vendor:
    """A seller paid at Vietcombank."""
    await bank("970415", "VietinBank")
    return await vendor()


async def asked(seller: Vendor, clock: StoppedClock, new: NewAccount = NEW) -> tuple[int, str]:
    """A change that waits, and its code."""
    clock.forward(seconds=31)
    change_id = await ask_to_add(seller.id, new, by=BY, now=clock.now(), secret=SECRET)
    return change_id, await code_sent_to(HOA)


async def confirmed(seller: Vendor, clock: StoppedClock, change_id: int, code: str) -> None:
    await confirm_change(change_id, seller.id, code, by=BY, now=clock.now(), secret=SECRET)


async def test_nothing_changes_before_the_code_and_everything_after(
    seller: Vendor, clock: StoppedClock
) -> None:
    change_id, code = await asked(seller, clock)
    assert (await pay_to(seller.id)).number == "0123456789"
    await confirmed(seller, clock, change_id, code)
    assert (await pay_to(seller.id)).number == "110022003300"
    assert [one.is_default for one in await accounts_of(seller.id)] == [True, False]
    entry = await AuditEntry.get(action="account_added")
    assert entry.details == {"bin": "970415", "tail": "3300"}


async def test_a_done_change_keeps_only_the_end_of_the_number(seller: Vendor, clock: StoppedClock) -> None:
    change_id, code = await asked(seller, clock)
    await confirmed(seller, clock, change_id, code)
    assert (await AccountChange.get(id=change_id)).number == "3300"


async def test_the_code_of_one_change_is_wrong_for_another(seller: Vendor, clock: StoppedClock) -> None:
    first, _ = await asked(seller, clock)
    other = replace(NEW, number="999988887777")
    _, code = await asked(seller, clock, other)
    with pytest.raises(Refusal, match="Mã chưa đúng"):
        await confirmed(seller, clock, first, code)
    assert (await pay_to(seller.id)).number == "0123456789"


async def test_a_sign_in_code_changes_no_account(seller: Vendor, clock: StoppedClock) -> None:
    from accounts.services import request_code

    change_id, _ = await asked(seller, clock)
    clock.forward(seconds=31)
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    with pytest.raises(Refusal, match="Mã chưa đúng"):
        await confirmed(seller, clock, change_id, await code_sent_to(HOA))


async def test_five_wrong_tries_void_the_code(seller: Vendor, clock: StoppedClock) -> None:
    change_id, code = await asked(seller, clock)
    for _ in range(5):
        with pytest.raises(Refusal):
            await confirmed(seller, clock, change_id, wrong_code(code))
    with pytest.raises(Refusal, match="không còn dùng được"):
        await confirmed(seller, clock, change_id, code)
    assert (await SignInCode.get(purpose="account_change")).tries == 5


async def test_a_code_is_too_old_after_five_minutes(seller: Vendor, clock: StoppedClock) -> None:
    change_id, code = await asked(seller, clock)
    clock.forward(minutes=5)
    with pytest.raises(Refusal, match="không còn dùng được"):
        await confirmed(seller, clock, change_id, code)


async def test_confirming_twice_changes_once(seller: Vendor, clock: StoppedClock) -> None:
    change_id, code = await asked(seller, clock)
    await confirmed(seller, clock, change_id, code)
    await confirmed(seller, clock, change_id, code)
    assert await ReceivingAccount.filter(vendor_id=seller.id).count() == 2
    assert await AuditEntry.filter(action="account_added").count() == 1


async def test_codes_are_not_sent_faster_than_every_half_minute_and_nothing_is_half_saved(
    seller: Vendor, clock: StoppedClock
) -> None:
    await asked(seller, clock)
    with pytest.raises(TooMany):
        await ask_to_add(seller.id, NEW, by=BY, now=clock.now(), secret=SECRET)
    assert await AccountChange.all().count() == 1


async def test_the_vendor_is_told_by_text_and_for_seven_days_on_screen(
    seller: Vendor, clock: StoppedClock, run_jobs: Any, parts: Any
) -> None:
    change_id, code = await asked(seller, clock)
    await confirmed(seller, clock, change_id, code)
    texts = await TextMessage.filter(words__contains="VietinBank ••3300").order_by("phone")
    assert {text.phone for text in texts} == {seller.phone, HOA}
    assert all(text.expires_at == clock.now() + timedelta(days=3) for text in texts)
    await run_jobs()
    assert not await TextMessage.filter(sent_at__isnull=True).exists()
    assert len(await recent_changes([seller.id], now=clock.now())) == 1
    clock.forward(days=7)
    assert await recent_changes([seller.id], now=clock.now()) == []


async def test_the_default_account_cannot_be_removed_and_the_other_can(
    seller: Vendor, clock: StoppedClock
) -> None:
    change_id, code = await asked(seller, clock, replace(NEW, makes_default=False))
    await confirmed(seller, clock, change_id, code)
    default, other = await accounts_of(seller.id)
    clock.forward(seconds=31)
    with pytest.raises(Conflict, match="chọn tài khoản khác"):
        await ask_to_remove(seller.id, default.id, by=BY, now=clock.now(), secret=SECRET)
    removal = await ask_to_remove(seller.id, other.id, by=BY, now=clock.now(), secret=SECRET)
    await confirmed(seller, clock, removal, await code_sent_to(HOA))
    assert [one.id for one in await accounts_of(seller.id)] == [default.id]


async def test_a_removal_that_waits_does_not_take_what_became_the_default(
    seller: Vendor, clock: StoppedClock
) -> None:
    change_id, code = await asked(seller, clock, replace(NEW, makes_default=False))
    await confirmed(seller, clock, change_id, code)
    other = (await accounts_of(seller.id))[1]
    clock.forward(seconds=31)
    removal = await ask_to_remove(seller.id, other.id, by=BY, now=clock.now(), secret=SECRET)
    code = await code_sent_to(HOA)
    await ReceivingAccount.filter(vendor_id=seller.id).update(is_default=False)
    await ReceivingAccount.filter(id=other.id).update(is_default=True)
    with pytest.raises(Conflict):
        await confirmed(seller, clock, removal, code)
    assert await ReceivingAccount.exists(id=other.id)


async def test_the_same_account_twice_and_an_eleventh_are_refused(
    seller: Vendor, clock: StoppedClock
) -> None:
    again = NewAccount("970436", "0123456789", "DAO THANH HAO", False)
    with pytest.raises(Refusal, match="đã có trong danh sách"):
        await asked(seller, clock, again)
    for number in range(9):
        await ReceivingAccount.create(vendor=seller, bin="970436", number=f"55500{number}", holder="A")
    with pytest.raises(Refusal, match="Nhiều nhất 10 tài khoản"):
        await asked(seller, clock)


async def test_a_change_of_somebody_else_is_not_to_be_found(seller: Vendor, clock: StoppedClock) -> None:
    change_id, code = await asked(seller, clock)
    stranger = await vendor("Miến Việt Cường", "mien-viet-cuong", phone="+84912000222")
    for vendor_id, by in ((stranger.id, BY), (seller.id, replace(BY, person_id=2))):
        with pytest.raises(NotFound):
            await confirm_change(change_id, vendor_id, code, by=by, now=clock.now(), secret=SECRET)
    account = (await accounts_of(seller.id))[0]
    with pytest.raises(NotFound):
        await ask_to_make_default(stranger.id, account.id, by=BY, now=clock.now(), secret=SECRET)


async def test_orders_already_placed_keep_their_account(seller: Vendor, clock: StoppedClock) -> None:
    until = clock.now() + timedelta(minutes=15)
    money = {"vendor_id": seller.id, "amount_dong": 35_000, "expires_at": until}
    before = await ask_for_money("order:1", now=clock.now(), **money)
    change_id, code = await asked(seller, clock)
    await confirmed(seller, clock, change_id, code)
    again = await ask_for_money("order:1", now=clock.now(), **money)
    after = await ask_for_money("order:2", now=clock.now(), **money)
    assert (again.account_number, after.account_number) == ("0123456789", "110022003300")
    settled = await told(before, now=clock.now())
    assert settled is not None and settled.became_paid
    await assert_balanced()


async def test_unconfirmed_numbers_are_forgotten_after_a_day(seller: Vendor, clock: StoppedClock) -> None:
    await asked(seller, clock)
    assert await forget_unconfirmed(clock.now()) == 0
    clock.forward(days=1, minutes=1)
    assert await forget_unconfirmed(clock.now()) == 1


# --- pages ---


@pytest.fixture
async def at_the_desk(seller: Vendor, client: Any, sign_in_as: Any) -> Any:
    """The seller's browser."""
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    return client


GOOD = {"bin": "970415", "account": "1100 2200 3300", "holder": "Đào Thanh Hảo", "makes_default": "yes"}


async def test_a_seller_changes_the_account_on_three_pages(at_the_desk: Any, seller: Vendor) -> None:
    assert 'action="/sell/accounts"' in (await at_the_desk.get("/sell/accounts/new")).text
    answer = await at_the_desk.submit("/sell/accounts", GOOD)
    assert answer.status_code == 303
    place = answer.headers["location"]
    page = await at_the_desk.get(place)
    assert "VietinBank ••3300" in page.text and "không có trong bảng" not in page.text
    wrong = await at_the_desk.submit(place, {"code": "12"})
    assert wrong.status_code == 422 and "Mã có 6 chữ số" in wrong.text
    again = await at_the_desk.submit(place + "/again")
    assert again.status_code == 429 and "Mã vừa được gửi đi" in again.text
    answer = await at_the_desk.submit(place, {"code": await code_sent_to(HOA)})
    assert answer.headers["location"] == "/sell/accounts?told=done"
    page = await at_the_desk.get("/sell/accounts?told=done")
    assert "VietinBank ••3300" in page.text and "Đang nhận tiền" in page.text
    assert "110022003300" not in page.text
    assert "Tài khoản nhận tiền đã đổi lúc" in (await at_the_desk.get("/sell")).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"bin": ""}, "Hãy chọn ngân hàng"),
        ({"bin": "other"}, "Mã BIN có đúng 6 chữ số"),
        ({"bin": "other", "other_bin": "97"}, "Mã BIN có đúng 6 chữ số"),
        ({"account": "12345"}, "Bạn vừa nhập 5."),
        ({"account": "số <b>của tôi"}, "chữ cái không dấu"),
        ({"holder": "!!!"}, "Tên chủ tài khoản cần viết bằng chữ cái"),
        ({"bin": "971005", "account": "0912345678"}, "chỉ dành cho cá nhân"),
        ({"bin": "970436", "account": "0123456789"}, "đã có trong danh sách"),
    ],
)
async def test_each_mistake_stands_at_its_field_and_no_code_goes_out(
    at_the_desk: Any, change: dict[str, str], sentence: str
) -> None:
    await bank("971005", "Viettel Money", "mobile_money")
    answer = await at_the_desk.submit("/sell/accounts", {**GOOD, **change})
    assert answer.status_code == 422 and sentence in answer.text
    assert "Đào Thanh Hảo" in answer.text or "holder" in change
    assert not await AccountChange.exists() and not await SignInCode.exists()


async def test_an_unknown_bin_is_taken_with_a_warning(at_the_desk: Any, seller: Vendor) -> None:
    await Vendor.filter(id=seller.id).update(kind=VendorKind.HOUSEHOLD)
    answer = await at_the_desk.submit("/sell/accounts", {**GOOD, "bin": "other", "other_bin": "999123"})
    page = await at_the_desk.get(answer.headers["location"])
    assert "999123 không có trong bảng của chợ" in page.text
    await at_the_desk.submit(answer.headers["location"], {"code": await code_sent_to(HOA)})
    assert (await pay_to(seller.id)).bin == "999123"


async def test_buttons_ask_for_default_and_removal(
    at_the_desk: Any, seller: Vendor, clock: StoppedClock
) -> None:
    other = await ReceivingAccount.create(vendor=seller, bin="970415", number="5550001", holder="A")
    default = (await accounts_of(seller.id))[0]
    answer = await at_the_desk.submit(f"/sell/accounts/{default.id}/removal")
    assert answer.status_code == 409 and "Hãy chọn tài khoản khác" in answer.text
    answer = await at_the_desk.submit(f"/sell/accounts/{other.id}/default")
    page = await at_the_desk.get(answer.headers["location"])
    assert "Tiền bán hàng từ nay vào VietinBank ••0001" in page.text
    assert (await at_the_desk.submit(f"/sell/accounts/{other.id}/removal")).status_code == 429
    assert (await at_the_desk.submit("/sell/accounts/999/default")).status_code == 404


async def test_the_list_is_read_in_few_queries(at_the_desk: Any, seller: Vendor, queries: Any) -> None:
    for number in range(8):
        await ReceivingAccount.create(vendor=seller, bin="970415", number=f"55500{number}", holder="A")
    with queries.at_most(6):
        await at_the_desk.get("/sell/accounts")


# --- API ---


async def test_a_program_changes_the_account_with_the_code(
    at_the_desk: Any, seller: Vendor, clock: StoppedClock
) -> None:
    token = {"x-csrf-token": await at_the_desk.token(), "idempotency-key": "change-0001"}
    sent = {"bin": "970415", "account": "110022003300", "holder": "Dao Thanh Hao", "makes_default": True}
    answer = await at_the_desk.post("/api/v1/sell/accounts", json=sent, headers=token)
    assert answer.status_code == 201 and answer.json()["done_at"] is None, answer.text
    place = f"/api/v1/sell/account-changes/{answer.json()['id']}/confirmation"
    code = await code_sent_to(HOA)
    wrong = await at_the_desk.post(place, json={"code": wrong_code(code)}, headers=token)
    assert wrong.status_code == 422 and (await SignInCode.get()).tries == 1
    done = await at_the_desk.post(place, json={"code": code}, headers=token)
    assert done.status_code == 200 and done.json()["done_at"]
    listed = (await at_the_desk.get("/api/v1/sell/accounts")).json()["items"]
    assert [(one["tail"], one["is_default"]) for one in listed] == [("3300", True), ("6789", False)]
    assert "number" not in listed[0]
    bad = await at_the_desk.post(
        "/api/v1/sell/accounts",
        json={**sent, "account": "1"},
        headers={**token, "idempotency-key": "c-000002"},
    )
    assert bad.status_code == 422


@pytest.mark.parametrize("act", ["default", "removal"])
async def test_a_program_asks_for_default_and_removal(at_the_desk: Any, seller: Vendor, act: str) -> None:
    other = await ReceivingAccount.create(vendor=seller, bin="970415", number="5550001", holder="A")
    token = {"x-csrf-token": await at_the_desk.token(), "idempotency-key": "change-0002"}
    answer = await at_the_desk.post(f"/api/v1/sell/accounts/{other.id}/{act}", json={}, headers=token)
    assert answer.status_code == 201 and answer.json()["tail"] == "0001"


# --- banks ---


async def test_administrators_keep_the_bank_table(client: Any, sign_in_as: Any, seller: Vendor) -> None:
    await sign_in_as(client, "0912345678", Role.ADMIN)
    await ReceivingAccount.create(vendor=seller, bin="999123", number="5550001", holder="A")
    page = await client.get("/admin/banks")
    assert "?bin=999123" in page.text
    new = {"bin": "999123", "name": "Ngân hàng Mới", "code": "MOI", "kind": "bank", "is_shown": "yes"}
    assert (await client.submit("/admin/banks", new)).status_code == 303
    assert (await client.submit("/admin/banks", new)).status_code == 422
    bad = await client.submit("/admin/banks", {**new, "bin": "12", "name": ""})
    assert bad.status_code == 422 and "Cần tên ngân hàng." in bad.text
    assert "Ngân hàng Mới" in (await client.get("/admin/banks/999123")).text
    changed = await client.submit("/admin/banks/999123", {"name": "Mới hơn", "code": "MOI", "kind": "wallet"})
    assert changed.status_code == 303
    entry = await AuditEntry.get(action="bank_changed")
    assert entry.details["name"] == ["Ngân hàng Mới", "Mới hơn"] and entry.details["is_shown"] == [
        True,
        False,
    ]
    assert (await client.submit("/admin/banks/999123", {"name": ""})).status_code == 422
    assert (await client.get("/admin/banks/000000")).status_code == 404
