"""Orders paid at the door that lack pieces: the sum to collect follows, shelves hold, silence cancels."""

from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.parts import Parts
from orders.models import Order, OrderLine
from orders.services import cancel_order, pack_order
from orders.services.auditing import goods_not_kept
from orders.services.door.placing import end_unpacked
from orders.services.post import contents_of
from orders.services.returns import return_lines
from orders.services.short import Lack, answer_short, tell_short, turn_shorts, withdraw_short
from orders.short_models import Shortage
from orders.states import OrderState, ShortState
from payments.models import PaymentState, Refund
from tests.conftest import Browser
from tests.doors import Doors, doors
from tests.factories import HOA, pay_order, person
from vendors.models import Listing
from vendors.services.auditing import wrong_shelves

pytestmark = pytest.mark.usefixtures("books")
WHY = "Mưa lớn, hái không đủ."
CARRIER = 51


@pytest.fixture
async def stall(books: None, parts: Parts, clock: StoppedClock) -> Doors:
    """A seller who takes orders that are paid at the door, with ten pieces on the shelf."""
    return await doors(parts, clock)


async def lacking(stall: Doors, order: Order, packed: int) -> Shortage:
    [line] = await OrderLine.filter(order_id=order.id)
    return await tell_short(order.id, Lack({line.id: packed}, WHY), person_id=9, now=stall.clock.now())


async def answered(stall: Doors, order: Order, *, accepts: bool) -> Order:
    await answer_short(order.id, accepts=accepts, person_id=None, now=stall.clock.now())
    return await stall.now(order)


async def shelf(stall: Doors) -> tuple[int, int, int]:
    row = await Listing.get(id=stall.goods.id)
    return row.stock, row.reserved, row.sold


async def holds() -> bool:
    """Whether the auditors find nothing."""
    return not await wrong_shelves() and not await goods_not_kept()


async def test_the_buyer_takes_the_rest_and_pays_less_at_the_door(stall: Doors) -> None:
    """Asked, collected and booked is what is left; the lacking pieces are gone once it is sent, not before."""
    order = await stall.placed(pieces=3)
    whole_dong, price_dong = order.total_dong, stall.goods.price_dong
    row = await lacking(stall, order, 1)
    assert row.due_at <= order.expires_at
    with pytest.raises(Conflict):
        await pack_order(order.id, person_id=9, now=stall.clock.now())
    order = await answered(stall, order, accepts=True)
    assert order.total_dong == whole_dong - 2 * price_dong
    assert (await stall.money(order)).rest_dong == order.total_dong
    assert not await Refund.exists()
    assert await shelf(stall) == (7, 3, 0) and await holds()
    order = await stall.packed(order)
    sent = await stall.parcel(order)
    assert sent.cod_dong == order.total_dong
    order = await stall.out(CARRIER, order)
    assert await shelf(stall) == (7, 0, 1) and await holds()
    await stall.gives(order, CARRIER)
    order = await stall.now(order)
    money = await stall.money(order)
    assert (order.state, money.received_dong) == (OrderState.DELIVERED, order.total_dong)
    [left] = await return_lines(order)
    assert left.left_dong == price_dong
    [line] = await OrderLine.filter(order_id=order.id)
    assert contents_of([line]).startswith("1 × ")


async def test_the_buyer_cancels_and_only_what_is_there_goes_to_the_shelf(stall: Doors) -> None:
    order = await stall.placed(pieces=3)
    await lacking(stall, order, 1)
    order = await answered(stall, order, accepts=False)
    assert order.state is OrderState.CANCELLED and await shelf(stall) == (8, 0, 0) and await holds()
    assert (await stall.money(order)).state == PaymentState.CANCELLED
    assert (await Shortage.get(order_id=order.id)).state is ShortState.CANCELLED
    with pytest.raises(Conflict):
        await answered(stall, order, accepts=True)


async def test_nothing_there_cancels_at_once(stall: Doors) -> None:
    order = await stall.placed(pieces=3)
    row = await lacking(stall, order, 0)
    assert row.state is ShortState.CANCELLED and (await stall.now(order)).state is OrderState.CANCELLED
    assert await shelf(stall) == (7, 0, 0) and await holds()


async def test_found_again_nothing_changes(stall: Doors) -> None:
    order = await stall.placed(pieces=3)
    await lacking(stall, order, 1)
    await withdraw_short(order.id, person_id=9, now=stall.clock.now())
    order = await stall.packed(order)
    assert order.packed_at and await shelf(stall) == (7, 3, 0) and await holds()


async def test_silence_cancels(stall: Doors) -> None:
    order = await stall.placed(pieces=2)
    await lacking(stall, order, 1)
    stall.clock.forward(hours=25)
    assert await turn_shorts(now=stall.clock.now()) == 1
    assert (await stall.now(order)).state is OrderState.CANCELLED
    assert await shelf(stall) == (9, 0, 0) and await holds()


async def test_called_off_by_its_buyer_or_unpacked_the_shortage_ends_with_it(stall: Doors) -> None:
    """Asked or answered: the lacking pieces never go back to the shelf, and no round stumbles over it."""
    first, second = await stall.placed(pieces=3), await stall.placed(pieces=3, device="e" * 22)
    await lacking(stall, first, 1)
    await lacking(stall, second, 2)
    await answered(stall, second, accepts=True)
    await cancel_order(first.id, person_id=None, now=stall.clock.now())
    assert (await Shortage.get(order_id=first.id)).state is ShortState.CANCELLED
    assert await shelf(stall) == (5, 3, 0) and await holds()
    stall.clock.forward(hours=49)
    assert await end_unpacked(now=stall.clock.now()) == 1
    assert await turn_shorts(now=stall.clock.now()) == 0
    assert (await stall.now(second)).state is OrderState.CANCELLED
    assert await shelf(stall) == (7, 0, 0) and await holds()


async def test_paid_by_transfer_after_all_the_lower_sum_is_all_and_what_lacks_is_gone(
    stall: Doors, clock: StoppedClock
) -> None:
    order = await stall.placed(pieces=3)
    await lacking(stall, order, 1)
    order = await answered(stall, order, accepts=True)
    await pay_order(order, now=clock.now())
    order = await stall.now(order)
    assert order.state is OrderState.PAID and order.paid_at
    order = await stall.packed(order)
    await stall.out(CARRIER, order)
    assert await shelf(stall) == (7, 0, 1) and await holds()


async def test_more_time_to_pack_after_a_late_answer(stall: Doors) -> None:
    order = await stall.placed(pieces=3)
    stall.clock.forward(hours=47)
    row = await lacking(stall, order, 1)
    assert row.due_at == order.expires_at
    order = await answered(stall, order, accepts=True)
    assert order.expires_at == stall.clock.now() + timedelta(hours=24)


async def test_the_buyer_reads_that_nothing_is_paid_before_the_door(
    stall: Doors, client: Browser, sign_in_as: Any
) -> None:
    """orders:short_answer of what is paid at the door."""
    order, hoa = await stall.placed(pieces=3), await person()
    await lacking(stall, order, 1)
    await Order.filter(id=order.id).update(person_id=hoa.id)
    await sign_in_as(client, HOA)
    page = (await client.get(f"/orders/{order.code}")).text
    assert "bạn không phải trả gì" in page and "trả ít đi" in page and "hoàn đủ tiền" not in page
    where = f"/orders/{order.code}/shortage"
    assert (await client.submit(where, {"choice": "accept"})).status_code == 303
    page = (await client.get(f"/orders/{order.code}")).text
    assert "Bạn nhận phần còn lại, trả" in page and "Thiếu 2, bớt" in page
