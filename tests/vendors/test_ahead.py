"""Goods ordered ahead of their harvest: taken between two days, promised for a window, ordinary once it begins."""

from datetime import timedelta
from typing import Any

import pytest

from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.roles import Role
from tests.factories import listing, vendor
from tests.vendors.test_listings import SELLER
from vendors.models import Listing
from vendors.services import goods_for_sale, reserve
from vendors.services.ahead import Window, set_window, turn_windows


def window(today: Any, *offsets: int) -> Window:
    """The four days, counted from today."""
    return Window(*(today + timedelta(days=one) for one in offsets))


async def test_a_window_opens_closes_and_ends_with_the_harvest(db: None, clock: Any) -> None:
    goods, today = await listing(), vietnam_date(clock.now())
    await set_window(goods.id, window(today, 1, 3, 10, 20), person_id=1, today=today)
    seen = []
    for day in (0, 1, 3, 4, 10):
        await turn_windows(today=today + timedelta(days=day))
        one = (await goods_for_sale([goods.id]))[goods.id]
        seen.append((one.takes_orders, one.ships_from is not None))
    assert seen == [(False, True), (True, True), (True, True), (False, True), (True, False)]


async def test_outside_its_window_nothing_is_reserved(db: None, clock: Any) -> None:
    goods, today = await listing(), vietnam_date(clock.now())
    await set_window(goods.id, window(today, 1, 3, 10, 20), person_id=1, today=today)
    with pytest.raises(Refusal):
        await reserve({goods.id: 1}, "order:1")
    await turn_windows(today=today + timedelta(days=1))
    await reserve({goods.id: 10}, "order:1")
    with pytest.raises(Refusal):
        await reserve({goods.id: 1}, "order:2")


async def test_a_seller_sets_and_ends_a_window(client: Any, db: None, sign_in_as: Any, clock: Any) -> None:
    seller, today = await vendor(), vietnam_date(clock.now())
    await sign_in_as(client, SELLER, (Role.VENDOR, str(seller.id)))
    goods = await listing(seller)
    path = f"/sell/listings/{goods.code}/window"
    days = {name: str(day) for name, day in vars(window(today, 0, 5, 30, 40)).items()}
    assert (await client.submit(path, days)).status_code == 303
    page = (await client.get(f"/goods/{goods.code}")).text
    assert "Đặt trước, gửi từ" in page and "https://schema.org/PreOrder" in page
    wrong = {
        "preorder_from": "31/02/2026",
        "preorder_to": str(today - timedelta(days=1)),
        "ships_from": str(today + timedelta(days=2)),
        "ships_to": str(today + timedelta(days=900)),
    }
    for name, value in wrong.items():
        answer = await client.submit(path, {**days, name: value})
        assert answer.status_code == 422 and f"f-{name}-error" in answer.text, name
    assert (await client.submit(f"{path}/end")).status_code == 303
    row = await Listing.get(id=goods.id)
    assert row.ships_from is None and row.takes_orders
