"""Goods sold by weight: paid for an estimate, weighed when packed; less is given back, more costs nothing."""

from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from kit.roles import Role
from orders.models import Order, OrderLine
from orders.services import note_given_back, pack_order, sellers_day
from tests.conftest import Browser
from tests.factories import listing, pay_order, placed
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("books")


async def chicken_order(clock: StoppedClock) -> tuple[Order, OrderLine]:
    """Two chickens of about 1.8 kg at 150.000 ₫ a kilogram, paid."""
    goods: Listing = await listing(
        name="Gà đồi", price_dong=270_000, price_per_kg_dong=150_000, portion_g=1_800, band_percent=10
    )
    [order] = await placed((goods, 2), now=clock.now())
    await pay_order(order, now=clock.now())
    return order, await OrderLine.get(order_id=order.id)


async def test_the_line_keeps_the_estimate_and_the_price_of_a_kilogram(clock: StoppedClock) -> None:
    _, line = await chicken_order(clock)
    assert (line.estimate_g, line.price_per_kg_dong, line.band_percent, line.sum_dong) == (
        3_600,
        150_000,
        10,
        540_000,
    )


@pytest.mark.parametrize(("weight_g", "less_dong"), [(3_240, 54_000), (3_599, 150), (3_600, 0), (3_960, 0)])
async def test_only_what_weighs_less_is_given_back(
    clock: StoppedClock, weight_g: int, less_dong: int
) -> None:
    order, line = await chicken_order(clock)
    await pack_order(order.id, person_id=1, now=clock.now(), weights_g={line.id: weight_g})
    line, order = await OrderLine.get(id=line.id), await Order.get(id=order.id)
    assert (line.final_weight_g, line.less_dong, order.give_back_dong) == (weight_g, less_dong, less_dong)
    assert order.total_dong == 540_000 + order.delivery_dong, "what was paid stays what was paid"


@pytest.mark.parametrize("weight_g", [None, 3_239, 3_961])
async def test_nothing_is_packed_outside_the_band(clock: StoppedClock, weight_g: int | None) -> None:
    order, line = await chicken_order(clock)
    with pytest.raises(Refusal) as refused:
        await pack_order(
            order.id,
            person_id=1,
            now=clock.now(),
            weights_g={} if weight_g is None else {line.id: weight_g},
        )
    assert refused.value.field == f"final_{line.id}"
    assert (await Order.get(id=order.id)).packed_at is None


async def test_the_seller_weighs_gives_back_and_both_see_it(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    order, line = await chicken_order(clock)
    await sign_in_as(client, "+84912000111", (Role.VENDOR, str(order.vendor_id)))
    path = f"/sell/orders/{order.code}"
    for typed in ("", "ba cân", "5000"):
        answer = await client.submit(f"{path}/packing", {f"final_{line.id}": typed})
        assert answer.status_code == 422 and f"f-final_{line.id}-error" in answer.text
    assert (await client.submit(f"{path}/packing", {f"final_{line.id}": "3400"})).status_code == 303
    page = (await client.get(path)).text
    assert "30.000\u00a0₫" in page and "Đã trả lại khách" in page
    [row] = (await sellers_day((order.vendor_id,), now=clock.now())).to_give_back
    assert (row.code, row.give_back_dong) == (order.code, 30_000)
    for _ in range(2):
        assert (await client.submit(f"{path}/giving-back")).status_code == 303
    assert (await sellers_day((order.vendor_id,), now=clock.now())).to_give_back == []
    assert "Đã trả lại lúc" in (await client.get(path)).text


async def test_nothing_is_given_back_for_what_was_not_owed(clock: StoppedClock) -> None:
    order, _ = await chicken_order(clock)
    with pytest.raises(Conflict):
        await note_given_back(order.id, person_id=1, now=clock.now())
