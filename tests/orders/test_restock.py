"""Goods that nobody got and that came back: on sale again with one tap, in part or not at all; the shelves hold."""

from typing import Any

import pytest

from accounts.services import grant
from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from kit.roles import Role
from orders.after_models import Restock
from orders.models import Order, OrderLine
from orders.services import Buyer, pack_order, sale_facts
from orders.services.auditing import goods_not_kept
from orders.services.handing.unfetched import end_unfetched
from orders.services.restock import goods_back, restock
from orders.services.short import Lack, answer_short, tell_short
from orders.states import OrderState
from postal.staff_carrier import Act
from tests.conftest import Browser, Queries
from tests.factories import TUAN, carried, listing, pay_order, person, placed
from tests.orders.fetching import lying_ready, market_with_desk, seller_at
from vendors.models import Listing, StockMove
from vendors.services.auditing import wrong_shelves

pytestmark = pytest.mark.usefixtures("books")
WHY = "Hộp móp, rách giấy."


async def returned(clock: StoppedClock, *things: tuple[Listing, int], key: int = 1, **seen: Any) -> Order:
    """An order of these goods that the post brought back."""
    [order] = await placed(*things, now=clock.now())
    await pay_order(order, key, now=clock.now())
    await seen["run_jobs"]()
    code = (await Order.get(id=order.id)).parcel_code
    await carried(code, Act.ACCEPT, Act.HAND_OVER, Act.SEND_BACK, Act.GIVE_BACK, person_id=5, now=clock.now())
    await seen["run_jobs"]()
    return await Order.get(id=order.id)


async def shelf(goods: Listing) -> tuple[int, int, int]:
    row = await Listing.get(id=goods.id)
    return row.stock, row.reserved, row.sold


async def asked(order: Order, back: dict[int, int] | None, clock: StoppedClock, reason: str = "") -> Restock:
    return await restock(order.id, back, reason, person_id=7, now=clock.now())


async def test_what_nobody_fetched_is_on_sale_again_with_one_tap(hoa: Buyer, clock: StoppedClock) -> None:
    order = await lying_ready(hoa, await seller_at(await market_with_desk(), "A12", "stall"), now=clock.now())
    assert await goods_back(order) is None
    with pytest.raises(Conflict, match="không có hàng trả về"):
        await asked(order, None, clock)
    clock.forward(days=4)
    await end_unfetched(order.id, person_id=7, now=clock.now())
    tea = await Listing.get()
    before = await shelf(tea)
    row = await asked(order, None, clock)
    assert (row.reason, [one["back"] for one in row.lines]) == ("", [1])
    assert await shelf(tea) == (before[0] + 1, 0, before[2] - 1)
    assert await StockMove.filter(kind="unsold", reference=f"order:{order.id}:back").count() == 1
    with pytest.raises(Conflict, match="đã trả lời"):
        await asked(order, None, clock)
    assert not await wrong_shelves() and not await goods_not_kept()


async def test_of_a_parcel_that_came_back_some_pieces_are_sold_again(
    clock: StoppedClock, run_jobs: Any
) -> None:
    """Numbers out of bounds and a missing why are refused at their place, and nothing is half done."""
    tea = await listing(stock=5)
    honey = await listing(await tea.vendor, "Mật ong", stock=4)
    order = await returned(clock, (tea, 3), (honey, 2), run_jobs=run_jobs)
    first, second = await OrderLine.filter(order_id=order.id).order_by("id")
    for back, reason, field in (
        ({first.id: 4, second.id: 2}, WHY, f"back_{first.id}"),
        ({first.id: -1}, WHY, f"back_{first.id}"),
        ({first.id: 1, second.id: 2}, "  x ", "reason"),
    ):
        with pytest.raises(Refusal) as refused:
            await asked(order, back, clock, reason)
        assert refused.value.field == field
    assert await shelf(tea) == (2, 0, 3) and not await Restock.exists()
    row = await asked(order, {first.id: 1, second.id: 2}, clock, WHY)
    assert row.reason == WHY
    assert await shelf(tea) == (3, 0, 0) and await shelf(honey) == (4, 0, 0)
    assert not await wrong_shelves() and not await goods_not_kept()


async def test_what_spoils_is_not_suggested(clock: StoppedClock, run_jobs: Any) -> None:
    tea = await listing(stock=5)
    fruit = await listing(await tea.vendor, "Na dai La Hiên", kind="custard_apple", stock=5)
    order = await returned(clock, (tea, 2), (fruit, 2), run_jobs=run_jobs)
    goods = await goods_back(order)
    assert goods and [one.suggested for one in goods.lines] == [2, 0] and goods.suggested_pieces == 2
    assert (await asked(order, None, clock)).reason == "Hàng tươi, không bán lại"
    assert await shelf(tea) == (5, 0, 0) and await shelf(fruit) == (3, 0, 0)
    assert not await wrong_shelves()


async def test_pieces_that_lacked_are_not_counted_twice(clock: StoppedClock, run_jobs: Any) -> None:
    tea = await listing(stock=6, name="Chè đinh")
    [order] = await placed((tea, 4), now=clock.now())
    await pay_order(order, now=clock.now())
    [line] = await OrderLine.filter(order_id=order.id)
    await tell_short(order.id, Lack({line.id: 3}, WHY), person_id=7, now=clock.now())
    await answer_short(order.id, accepts=True, person_id=None, now=clock.now())
    assert not await wrong_shelves() and not await goods_not_kept()
    await pack_order(order.id, person_id=7, now=clock.now())
    await run_jobs()
    code = (await Order.get(id=order.id)).parcel_code
    acts = (Act.ACCEPT, Act.HAND_OVER, Act.SEND_BACK, Act.GIVE_BACK)
    await carried(code, *acts, person_id=5, now=clock.now())
    await run_jobs()
    order = await Order.get(id=order.id)
    back = await goods_back(order)
    assert back and [one.pieces for one in back.lines] == [3]
    await asked(order, {line.id: 3}, clock)
    assert await shelf(tea) == (5, 0, 0)
    assert not await wrong_shelves() and not await goods_not_kept()


async def test_what_comes_back_after_a_delivery_is_a_claim_s(clock: StoppedClock) -> None:
    [order] = await placed((await listing(), 1), now=clock.now())
    await pay_order(order, now=clock.now())
    await Order.filter(id=order.id).update(state=OrderState.RETURNED, delivered_at=clock.now())
    assert await goods_back(await Order.get(id=order.id)) is None


async def test_the_seller_answers_on_the_page_and_by_program(
    client: Browser, sign_in_as: Any, clock: StoppedClock, run_jobs: Any, queries: Queries
) -> None:
    """orders:restock_new, orders:restock_create, orders:api_restock, orders:api_restock_decide."""
    tea = await listing(stock=9)
    order = await returned(clock, (tea, 3), run_jobs=run_jobs)
    other = await returned(clock, (tea, 2), key=2, run_jobs=run_jobs)
    [line], tuan = await OrderLine.filter(order_id=order.id), await person("Tuấn", TUAN)
    where, api = f"/sell/orders/{order.code}/restock", "/api/v1/sell/orders"
    await grant(tuan.id, Role.VENDOR, str(order.vendor_id + 1))
    await sign_in_as(client, TUAN)
    assert (await client.get(where)).status_code == 404
    await grant(tuan.id, Role.VENDOR, str(order.vendor_id))
    await sign_in_as(client, TUAN)
    with queries.at_most(3):
        assert await goods_back(order)
    assert "Bán lại 3 phần" in (await client.get(f"/sell/orders/{order.code}")).text
    assert (await client.submit(where, {f"back_{line.id}": "nhiều"})).status_code == 422
    wrong = await client.submit(where, {f"back_{line.id}": "1", "reason": ""})
    assert wrong.status_code == 422 and "Ghi vì sao không bán lại hết" in wrong.text
    assert (await client.submit(where, {f"back_{line.id}": "1", "reason": WHY})).status_code == 303
    shown = (await client.get(f"/sell/orders/{order.code}")).text
    assert "bán lại 1 trên 3" in shown and WHY in shown
    assert (await client.submit(where, {"as_suggested": "1"})).status_code == 409
    assert (await client.get(where)).status_code == 409
    token = {"x-csrf-token": await client.token()}
    read = (await client.get(f"{api}/{other.code}/restock")).json()
    assert (read["lines"][0]["suggested"], read["lines"][0]["back"], read["decided_at"]) == (2, None, None)
    for said in ({"back": "all"}, {"back": f"{read['lines'][0]['line']}=9"}):
        assert (await client.post(f"{api}/{other.code}/restock", json=said, headers=token)).status_code == 422
    done = await client.post(f"{api}/{other.code}/restock", json={"as_suggested": True}, headers=token)
    assert done.json()["lines"][0]["back"] == 2 and done.json()["decided_at"]
    facts = await sale_facts(await Order.get(id=other.id), now=clock.now())
    assert facts.goods_back and facts.goods_back.done and await shelf(tea) == (7, 0, 0)
