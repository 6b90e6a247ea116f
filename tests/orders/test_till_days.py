"""The end of a till's day: counted and compared, closed once, corrected only by adding; and notes sent later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import BaseORMException

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from orders.models import TillCorrection, TillDay, TillSale
from orders.services.till.days import Count, close_day, correct_day, day_shown
from orders.services.till.money import cancel_sale
from orders.services.till.selling import make_sale
from orders.states import SaleState, SaleWay
from tests.conftest import Browser
from tests.factories import vendor
from tests.orders.test_till import ME, bank_tells, plate_paid, typed
from tests.orders.test_till_pages import at_the_till
from vendors.models import Vendor

pytestmark = pytest.mark.usefixtures("books")


async def a_day(seller: Vendor, clock: StoppedClock) -> None:
    """50.000 in cash, 200.000 by QR, 35.000 on the plate."""
    await make_sale(seller.id, typed(50_000, SaleWay.CASH, "cash-0001"), person_id=ME, now=clock.now())
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock)
    await plate_paid(seller, 2, clock, 35_000)


async def close(seller: Vendor, clock: StoppedClock, counted: int, reason: str = "", **notes: int) -> TillDay:
    """Closes today, with 100.000 in the box in the morning."""
    count = Count(100_000, counted, {int(k[1:]): n for k, n in notes.items()}, reason)
    return await close_day(seller.id, vietnam_date(clock.now()), count, person_id=ME, now=clock.now())


async def test_a_day_that_agrees_needs_no_reason(clock: StoppedClock) -> None:
    seller = await vendor()
    await a_day(seller, clock)
    day = await close(seller, clock, 0, n100000=1, n50000=1)
    assert (day.counted_dong, day.cash_dong, day.difference_dong) == (150_000, 50_000, 0)
    assert (day.seen_dong, day.plate_dong, day.said_dong, day.sales) == (235_000, 35_000, 0, 3)


async def test_a_difference_asks_for_its_reason_and_a_day_closes_once(clock: StoppedClock) -> None:
    seller = await vendor()
    await a_day(seller, clock)
    with pytest.raises(Refusal) as refused:
        await close(seller, clock, 140_000)
    assert refused.value.field == "reason" and "thiếu 10.000" in str(refused.value.sentence)
    assert (await close(seller, clock, 140_000, "Thối nhầm")).difference_dong == -10_000
    with pytest.raises(Conflict):
        await close(seller, clock, 150_000)
    assert await TillDay.all().count() == 1


async def test_what_comes_after_the_close_is_a_correction(clock: StoppedClock) -> None:
    seller = await vendor()
    late = await make_sale(seller.id, typed(key="late-0001"), person_id=ME, now=clock.now())
    day = await close(seller, clock, 100_000)
    assert day.open_dong == 200_000
    await bank_tells(late, 1, clock)
    note = typed(20_000, SaleWay.CASH, "cash-0002", made_at=clock.now() - timedelta(minutes=1))
    cash = await make_sale(seller.id, note, person_id=ME, now=clock.now())
    await cancel_sale(cash.id, person_id=ME, now=clock.now())
    await correct_day(seller.id, day.day, -5_000, "Trả lại khách", person_id=ME, now=clock.now())
    shown = await day_shown(seller.id, day.day, 1)
    assert [one.amount_dong for one in shown.corrections] == [200_000, 20_000, -20_000, -5_000]
    assert shown.corrected_dong == 195_000
    assert shown.closed and shown.closed.seen_dong == 0
    with pytest.raises(NotFound):
        other = await vendor(slug="nguoi-khac")
        await correct_day(other.id, day.day, 1, "Không phải của tôi", person_id=ME, now=clock.now())


async def test_the_database_lets_nobody_change_a_closed_day(clock: StoppedClock) -> None:
    day = await close(await vendor(), clock, 100_000)
    for act in (TillDay.filter(id=day.id).update(cash_dong=1), TillDay.filter(id=day.id).delete()):
        with pytest.raises(BaseORMException):
            async with transaction():
                await act
    assert not await TillCorrection.exists()


async def test_the_pages_of_a_day(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    await a_day(seller, clock)
    place = f"/sell/till/days/{vietnam_date(clock.now())}"
    assert place in (await client.get("/sell/till/days")).text
    assert "235.000" in (await client.get(place)).text
    refused = await client.submit(place, {"float": "100.000", "note-100000": "1"})
    assert refused.status_code == 422 and "thiếu 50.000" in refused.text.replace("\u00a0", " ")
    assert (await client.submit(place, {"float": "rất nhiều"})).status_code == 422
    closed = await client.submit(place, {"float": "100.000", "note-100000": "1", "note-50000": "1"})
    assert closed.status_code == 303
    assert (await client.submit(place, {"counted": "50.000"})).status_code == 409
    shown = await client.get(place)
    assert "Đã chốt sổ" in shown.text and "Chốt sổ</span>" not in shown.text
    wrong = await client.submit(place + "/corrections", {"sign": "less", "amount": "5000"})
    assert wrong.status_code == 422 and "Ghi vì sao phải sửa." in wrong.text
    right = {"sign": "less", "amount": "5000", "reason": "Trả lại khách"}
    assert (await client.submit(place + "/corrections", right)).status_code == 303
    assert "Trả lại khách" in (await client.get(place)).text
    for none in ("2026-13-01", "1999-01-01", "2999-01-01", "yesterday"):
        assert (await client.get(f"/sell/till/days/{none}")).status_code == 404


async def test_a_note_from_the_phone_is_taken_once_in_json(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    await at_the_till(client, sign_in_as)
    page = await client.get("/sell/till/note")
    assert page.headers["x-kept-offline"] == "yes" and "0912" not in page.text
    made_at = (clock.now() - timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    sent = {"client_key": "11112222-3333-4444", "way": "cash", "amount": "35000", "made_at": made_at}
    asked = {"headers": {"accept": "application/json"}}
    answers = [await client.submit("/sell/till/sales", sent, **asked) for _ in range(3)]
    sale = await TillSale.get()
    assert [one.status_code for one in answers] == [201] * 3
    assert {one.json()["url"] for one in answers} == {f"/sell/till/sales/{sale.id}"}
    assert (sale.noted_dong, sale.settled_at) == (35_000, clock.now())
    assert sale.made_at == clock.now() - timedelta(hours=2) and sale.state is SaleState.PAID
    other = await client.submit("/sell/till/sales", {**sent, "amount": "36000"}, **asked)
    assert other.status_code == 409 and "nội dung khác" in other.json()["title"]
    bad = await client.submit("/sell/till/sales", {**sent, "amount": "nhiều"}, **asked)
    assert bad.status_code == 422 and set(bad.json()["errors"]) == {"amount"}
    far = {**sent, "client_key": "other-0001", "made_at": "2001-01-01T00:00:00Z"}
    assert (await client.submit("/sell/till/sales", far, **asked)).status_code == 422
    assert await TillSale.all().count() == 1
