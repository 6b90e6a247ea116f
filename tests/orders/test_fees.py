"""Market fees: an account in force only by its code, bills once a stall and month, paid like anything else."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, NotFound, Refusal
from kit.identifiers import mask_phone
from kit.roles import Role
from orders.models import MarketFee
from orders.services import settle_notice
from orders.services.fees.billing import FeeLine, bill, month_sums, void_fee
from orders.services.fees.paying import payment_of_fee, take_fee_in_cash
from orders.services.names import fee_reference
from orders.states import FeeState
from payments.services import PaymentView, balances, payment_for
from tests.conftest import Browser, Queries
from tests.factories import bank_notice, code_sent_to, market, recorded, stall, vendor, wrong_code
from vendors.models import Market, MarketAccount, Stall

pytestmark = pytest.mark.usefixtures("books")
MONTH, DUE = date(2026, 11, 1), date(2026, 12, 10)
BINH, ACCOUNT = "0912345679", "1122334455"


async def market_paid_at(number: str = ACCOUNT) -> Market:
    """A market whose fees have an account."""
    place = await market()
    await MarketAccount.create(
        market=place,
        bin="970436",
        number=number,
        holder="BAN QUAN LY CHO",
        person_id=1,
        asked_at="2026-01-01T00:00:00Z",
        done_at="2026-01-01T00:00:00Z",
    )
    return place


async def billed(place: Market, of: Stall, clock: StoppedClock, dong: int = 150_000) -> MarketFee:
    """A bill for one stall."""
    lines = {of.id: FeeLine(dong, 30_000, 20_000)}
    assert await bill(place.id, MONTH, lines, due_on=DUE, by=1, now=clock.now()) == 1
    return await MarketFee.get(stall=of.number, state=FeeState.OPEN)


async def pay(fee: MarketFee, key: int, clock: StoppedClock, **changes: Any) -> PaymentView:
    """The trader transfers, all unless told otherwise."""
    asked = await payment_of_fee(fee, now=clock.now())
    notice = bank_notice(asked, key, **{"at": clock.now(), **changes})
    await settle_notice(await recorded(notice, now=clock.now()), now=clock.now())
    found = await payment_for(fee_reference(fee.id))
    assert found is not None
    return found


async def test_a_fee_goes_to_the_markets_account_and_both_see_it_paid(clock: StoppedClock) -> None:
    place = await market_paid_at()
    fee = await billed(place, await stall(place=place), clock)
    asked = await payment_of_fee(fee, now=clock.now())
    assert (asked.account_number, asked.asked_dong, asked.vendor_id) == (ACCOUNT, 200_000, 0)
    await pay(fee, 1, clock, amount_dong=150_000)
    half = await MarketFee.get(id=fee.id)
    assert (half.state, half.received_dong) == (FeeState.OPEN, 150_000)
    await pay(fee, 2, clock, amount_dong=60_000)
    paid = await MarketFee.get(id=fee.id)
    assert (paid.state, paid.received_dong, paid.extra_dong) == (FeeState.PAID, 200_000, 10_000)
    assert (await balances("market:"))[f"market:{place.id}:bank"] == 210_000
    assert not any((await balances("seller:")).values())
    sums = await month_sums(place.id, MONTH)
    assert (sums.bills, sums.received_dong, sums.unpaid) == (1, 200_000, 0)


async def test_the_board_takes_a_fee_in_cash(clock: StoppedClock) -> None:
    place = await market_paid_at()
    fee = await billed(place, await stall(place=place), clock)
    with pytest.raises(NotFound):
        await take_fee_in_cash(fee.id, place.id + 1, by=7, now=clock.now())
    for _ in range(2):
        await take_fee_in_cash(fee.id, place.id, by=7, now=clock.now())
    paid = await MarketFee.get(id=fee.id)
    assert (paid.state, paid.received_dong, paid.cash_dong, paid.cash_by) == (
        FeeState.PAID,
        200_000,
        200_000,
        7,
    )
    assert paid.paid_at == clock.now()
    with pytest.raises(Conflict):
        await payment_of_fee(paid, now=clock.now())
    sums = await month_sums(place.id, MONTH)
    assert (sums.received_dong, sums.cash_dong, sums.unpaid) == (200_000, 200_000, 0)


async def test_cash_makes_up_what_was_asked_by_qr_and_money_after_it_is_owed_back(
    clock: StoppedClock,
) -> None:
    place = await market_paid_at()
    fee = await billed(place, await stall(place=place), clock)
    await pay(fee, 1, clock, amount_dong=150_000)
    await take_fee_in_cash(fee.id, place.id, by=7, now=clock.now())
    paid = await MarketFee.get(id=fee.id)
    assert (paid.state, paid.received_dong, paid.cash_dong) == (FeeState.PAID, 200_000, 50_000)
    assert (await balances(f"fee:{fee.id}:"))[f"fee:{fee.id}:cash"] == 50_000
    await pay(fee, 2, clock, amount_dong=50_000)
    late = await MarketFee.get(id=fee.id)
    assert (late.received_dong, late.extra_dong, late.cash_dong) == (200_000, 50_000, 50_000)
    gone = await billed(place, await stall(await vendor(slug="o-b2"), "B2", place), clock)
    await void_fee(gone.id, place.id, "Ghi nhầm", by=1, now=clock.now())
    with pytest.raises(Conflict):
        await take_fee_in_cash(gone.id, place.id, by=7, now=clock.now())


async def test_a_stall_is_billed_once_a_month_unless_taken_back(clock: StoppedClock) -> None:
    place = await market_paid_at()
    here = await stall(place=place)
    fee = await billed(place, here, clock)
    again = {here.id: FeeLine(1, 1, 1)}
    assert await bill(place.id, MONTH, again, due_on=DUE, by=1, now=clock.now()) == 0
    await payment_of_fee(fee, now=clock.now())
    await void_fee(fee.id, place.id, "Ghi nhầm", by=1, now=clock.now())
    await void_fee(fee.id, place.id, "Ghi nhầm", by=1, now=clock.now())
    with pytest.raises(Conflict):
        await payment_of_fee(await MarketFee.get(id=fee.id), now=clock.now())
    second = await billed(place, here, clock, 90_000)
    assert second.total_dong == 140_000
    await pay(second, 1, clock, amount_dong=1_000)
    with pytest.raises(Conflict):
        await void_fee(second.id, place.id, "Muộn rồi", by=1, now=clock.now())
    with pytest.raises(NotFound):
        await void_fee(second.id, place.id + 1, "Chợ khác", by=1, now=clock.now())


async def test_without_an_account_nobody_is_billed(clock: StoppedClock) -> None:
    place = await market()
    here = await stall(place=place)
    with pytest.raises(Refusal):
        await bill(place.id, MONTH, {here.id: FeeLine(1, 1, 1)}, due_on=DUE, by=1, now=clock.now())
    assert not await MarketFee.exists()


async def test_stalls_of_another_market_are_left_out(clock: StoppedClock) -> None:
    place, other = await market_paid_at(), await market("Chợ Khác", "cho-khac")
    away = await stall(place=other)
    assert await bill(place.id, MONTH, {away.id: FeeLine(1, 1, 1)}, due_on=DUE, by=1, now=clock.now()) == 0


async def test_the_account_changes_only_with_its_code(
    client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    place = await market()
    await vendor()
    await sign_in_as(client, BINH, (Role.BOARD, str(place.id)))
    here = f"/board/markets/{place.slug}/fee-account"
    assert "Chưa khai tài khoản thu phí" in (await client.get(here)).text
    sent = {"bin": "970436", "account": "12345", "holder": "Ban quản lý chợ"}
    short = await client.submit(here, sent)
    assert short.status_code == 422 and "Bạn vừa nhập 5." in short.text
    asked = await client.submit(here, {**sent, "account": ACCOUNT})
    change = await MarketAccount.get()
    code_page = asked.headers["location"]
    assert code_page == f"/board/markets/{place.slug}/fee-account/{change.id}"
    assert "••4455" in (await client.get(code_page)).text
    code = await code_sent_to(BINH)
    assert (await client.submit(code_page, {"code": wrong_code(code)})).status_code == 422
    assert "Chưa khai" in (await client.get(here)).text
    assert (await client.submit(code_page, {"code": code})).headers["location"] == here
    assert "•••• 4455" in (await client.get(here)).text
    other = await market("Chợ Khác", "cho-khac")
    for end in ("/fee-account", "/fees", "/fees.csv", "/fees/new", code_page.removeprefix(here)):
        assert (await client.get(f"/board/markets/{other.slug}{end}")).status_code == 404


async def test_the_boards_page_notes_cash_with_who_and_when(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    place = await market_paid_at()
    fee = await billed(place, await stall(place=place), clock)
    binh = await sign_in_as(client, BINH, (Role.BOARD, str(place.id)))
    here = f"/board/markets/{place.slug}/fees"
    assert "Đã thu tiền mặt" in (await client.get(f"{here}?month=2026-11")).text
    other = await market("Chợ Khác", "cho-khac")
    assert (await client.submit(f"/board/markets/{other.slug}/fees/{fee.id}/cash")).status_code == 404
    taken = await client.submit(f"{here}/{fee.id}/cash?month=2026-11")
    assert taken.headers["location"].endswith("month=2026-11&told=cash")
    assert (await MarketFee.get(id=fee.id)).cash_by == binh.id
    page = (await client.get(f"{here}?month=2026-11&show=all")).text
    assert f"{mask_phone(binh.phone)} thu lúc" in page
    gone = await billed(place, await stall(await vendor(slug="o-b2"), "B2", place), clock)
    await void_fee(gone.id, place.id, "Ghi nhầm", by=1, now=clock.now())
    refused = await client.submit(f"{here}/{gone.id}/cash?month=2026-11")
    assert refused.status_code == 409 and "Khoản phí này đã bỏ." in refused.text
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(fee.vendor_id)))
    assert "Ban quản lý đã thu 200.000" in (await client.get(f"/sell/fees/{fee.id}")).text


async def test_the_board_bills_lists_exports_and_takes_back(
    client: Browser, sign_in_as: Callable[..., Any], queries: Queries
) -> None:
    place = await market_paid_at()
    seller = await vendor(name="=Cô Hiền")
    rows = [await stall(seller, f"A{number:02}", place) for number in range(1, 4)]
    await sign_in_as(client, BINH, (Role.BOARD, str(place.id)))
    here = f"/board/markets/{place.slug}/fees"
    form = await client.get(f"{here}/new?month=2026-11")
    assert form.text.count("data-money-field") == 9
    sums = {
        f"stall-{rows[0].id}": "150.000",
        f"power-{rows[0].id}": "30.000",
        f"cleaning-{rows[1].id}": "20k",
    }
    bad = await client.submit(
        f"{here}?month=2026-11", {**sums, f"power-{rows[2].id}": "ba chục", "due_on": "2026-12-10"}
    )
    assert bad.status_code == 422 and "ba chục" in bad.text and not await MarketFee.exists()
    assert (await client.submit(f"{here}?month=2026-11", sums)).status_code == 422
    good = await client.submit(f"{here}?month=2026-11", {**sums, "due_on": "2026-12-10"})
    assert good.headers["location"].endswith("told=2")
    with queries.at_most(8):
        month = await client.get(f"{here}?month=2026-11")
    assert "2/2" in month.text and "180.000" in month.text
    assert (await client.get(f"{here}/new?month=2026-11")).text.count("data-money-field") == 3
    assert 'value="150000"' in (await client.get(f"{here}/new?month=2026-12")).text
    sheet = await client.get(f"{here}.csv?month=2026-11")
    lines = sheet.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and not re.search(r'(^|[,;"])=', lines[1])
    fee = await MarketFee.get(stall="A01")
    void = f"{here}/{fee.id}/void?month=2026-11"
    assert (await client.submit(void, {"because": ""})).status_code == 422
    assert (await client.submit(void, {"because": "Ghi nhầm"})).status_code == 303
    assert (await MarketFee.get(id=fee.id)).state is FeeState.VOID
    assert (await client.submit(f"{here}/999/void", {"because": "Không có"})).status_code == 404


async def test_the_trader_sees_pays_and_sees_it_paid(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    place = await market_paid_at()
    here = await stall(place=place)
    fee = await billed(place, here, clock)
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(here.vendor_id)))
    assert "1 khoản phí chợ chưa trả" in (await client.get("/sell")).text
    assert f"/sell/fees/{fee.id}" in (await client.get("/sell/fees")).text
    asked = await client.get(f"/sell/fees/{fee.id}")
    assert "qr.svg" in asked.text and "BAN QUAN LY CHO" in asked.text
    await pay(fee, 1, clock)
    assert "Đã trả phí" in (await client.get(f"/sell/fees/{fee.id}/state")).text
    other = await vendor(slug="nguoi-khac")
    await sign_in_as(client, "0912345677", (Role.VENDOR, str(other.id)))
    for end in ("", "/state", "/events"):
        assert (await client.get(f"/sell/fees/{fee.id}{end}")).status_code == 404
