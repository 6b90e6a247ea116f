"""Money back for orders: asked by buyers, answered and given by sellers, late money revived or returned; all pages."""

from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from kit.roles import Role
from orders.models import Order, OrderLine, ReturnAsk
from orders.services import Buyer, expire_orders, reference_of, revive_order
from orders.services.returns import return_late_money
from payments.models import Refund
from payments.services import payment_for
from tests.conftest import Browser
from tests.factories import listing, pay_order, placed
from vendors.models import Listing
from vendors.services import load_banks

pytestmark = pytest.mark.usefixtures("books")
SELLER = "+84912000111"
ACCOUNT = {"bin": "970436", "account": "1029384756", "holder": "Nguyễn Thị Hoa"}


async def device_of(client: Browser) -> Buyer:
    await client.get("/basket")
    device = client.cookies.get("device")
    assert device
    return Buyer(None, device)


async def bought(client: Browser, clock: StoppedClock, *, is_paid: bool = True, **goods: Any) -> Order:
    """Two kinds of goods from one seller, on this browser."""
    await load_banks()
    tea: Listing = await listing(**goods)
    noodles: Listing = await listing(await tea.vendor, name="Miến dong", price_dong=60_000)
    [order] = await placed((tea, 1), (noodles, 2), now=clock.now(), buyer=await device_of(client))
    if is_paid:
        await pay_order(order, now=clock.now())
    return await Order.get(id=order.id)


async def test_a_buyer_asks_for_a_line_the_seller_agrees_and_transfers(
    clock: StoppedClock, browser: Any, sign_in_as: Any, run_jobs: Any
) -> None:
    async with browser() as buyer, browser() as seller:
        order = await bought(buyer, clock)
        line = await OrderLine.get(order_id=order.id, name="Miến dong")
        page = f"/orders/{order.code}"
        assert "Xin hoàn tiền" in (await buyer.get(page)).text
        form = await buyer.get(f"{page}/returns")
        assert "120.000" in form.text
        wrong = await buyer.submit(f"{page}/returns", {"what": "lines", "reason": "mốc"})
        assert wrong.status_code == 422 and "Đánh dấu ít nhất một món" in wrong.text
        sent = await buyer.submit(
            f"{page}/returns", {"what": "lines", f"line_{line.id}": "yes", "reason": "Miến bị mốc"}
        )
        assert sent.status_code == 303
        assert (await buyer.submit(f"{page}/returns", {"what": "all", "reason": "nữa"})).status_code == 409
        assert "Chờ người bán trả lời" in (await buyer.get(page)).text

        await sign_in_as(seller, SELLER, (Role.VENDOR, str(order.vendor_id)))
        sale = f"/sell/orders/{order.code}"
        assert "Miến bị mốc" in (await seller.get(sale)).text
        assert (await seller.submit(f"{sale}/answer", {"agrees": "no"})).status_code == 422
        assert (await seller.submit(f"{sale}/answer", {"agrees": "yes"})).status_code == 303
        assert (await seller.submit(f"{sale}/answer", {"agrees": "yes"})).status_code == 409
        await run_jobs()
        refund = await Refund.get()
        assert (refund.amount_dong, refund.state, refund.key) == (
            120_000,
            "requested",
            f"ask:{(await ReturnAsk.get()).id}",
        )
        own = f"/sell/refunds/{refund.code}"
        assert "Chưa biết chuyển về đâu" in (await seller.get(own)).text
        assert (await seller.get(f"{own}/qr.svg")).status_code == 404

        assert "Bạn muốn nhận lại vào đâu" in (await buyer.get(page)).text
        bad = await buyer.submit(f"{page}/return-account", {**ACCOUNT, "account": "!"})
        assert bad.status_code == 422 and "f-account-error" in bad.text
        assert (await buyer.submit(f"{page}/return-account", ACCOUNT)).status_code == 303
        told = (await buyer.get(page)).text
        assert "…4756" in told and "1029384756" not in told

        shown = (await seller.get(own)).text
        assert "1029384756" in shown and "NGUYEN THI HOA" in shown
        assert (await seller.get(f"{own}/qr.svg")).headers["content-type"].startswith("image/svg")
        assert refund.code in (await seller.get("/sell/refunds")).text
        assert (await seller.submit(f"{own}/cancellation", {"words": "thôi"})).status_code == 404, "promised"
        assert (await seller.submit(f"{own}/confirmation", {"words": "đã chuyển"})).status_code == 303
        assert "Người bán nói đã hoàn" in (await buyer.get(page)).text
        assert refund.code not in (await seller.get("/sell/refunds")).text
        assert refund.code in (await seller.get("/sell/refunds?all=1")).text

        doubted = await buyer.submit(f"{page}/refunds/{refund.code}/doubt")
        assert doubted.status_code == 303
        assert "đang hỏi người bán" in (await buyer.get(page)).text


async def test_refunds_of_others_are_not_there(clock: StoppedClock, browser: Any, sign_in_as: Any) -> None:
    async with browser() as buyer, browser() as other:
        order = await bought(buyer, clock)
        await sign_in_as(other, "+84912000999", (Role.VENDOR, "999999"))
        for path in (f"/sell/orders/{order.code}/refunds", f"/orders/{order.code}/returns"):
            assert (await other.get(path)).status_code == 404
        assert (await other.submit(f"/orders/{order.code}/return-account", ACCOUNT)).status_code == 404
        await sign_in_as(buyer, SELLER, (Role.VENDOR, str(order.vendor_id)))
        given = await buyer.submit(
            f"/sell/orders/{order.code}/refunds", {"what": "sum", "amount_dong": "10.000", "reason": "bù"}
        )
        assert given.status_code == 303
        refund = await Refund.get()
        for path in ("", "/qr.svg"):
            assert (await other.get(f"/sell/refunds/{refund.code}{path}")).status_code == 404
        assert (await other.submit(f"/sell/refunds/{refund.code}/confirmation")).status_code == 404


async def test_the_seller_gives_back_once_for_one_form_and_may_call_it_off(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    order = await bought(client, clock)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(order.vendor_id)))
    path = f"/sell/orders/{order.code}/refunds"
    for typed, at in (
        ({"what": "sum"}, "amount_dong"),
        ({"what": "sum", "amount_dong": "9.999.999"}, "amount_dong"),
    ):
        answer = await client.submit(path, {**typed, "reason": "bù"})
        assert answer.status_code == 422 and f"f-{at}-error" in answer.text, answer.text[:3000]
    assert await Refund.all().count() == 0
    values = {"what": "all", "reason": "hết hàng", "key": "H123456789"}
    for _ in range(2):
        assert (await client.submit(path, values)).status_code == 303
    refund = await Refund.get()
    assert refund.amount_dong == order.total_dong
    assert "đã hoàn" in (await client.get(path)).text or "hoàn hết" in (await client.get(path)).text
    cancelled = await client.submit(f"/sell/refunds/{refund.code}/cancellation", {"words": "khách lấy hàng"})
    assert cancelled.status_code == 303
    await refund.refresh_from_db()
    assert refund.state == "cancelled"
    assert (await client.get(f"/sell/refunds/{refund.code}")).status_code == 200


async def late_order(client: Browser, clock: StoppedClock, **goods: Any) -> Order:
    """Expired; then the whole money comes."""
    order = await bought(client, clock, is_paid=False, **goods)
    clock.forward(minutes=20)
    await expire_orders(now=clock.now())
    await pay_order(order, now=clock.now())
    return await Order.get(id=order.id)


async def test_late_money_revives_an_order_whose_goods_are_there(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    order = await late_order(client, clock)
    assert order.state == "expired"
    assert "Tiền đến muộn" in (await client.get(f"/orders/{order.code}")).text
    await sign_in_as(client, SELLER, (Role.VENDOR, str(order.vendor_id)))
    sale = f"/sell/orders/{order.code}"
    assert "nhận lại đơn" in (await client.get(sale)).text
    assert (await client.submit(f"{sale}/revival")).status_code == 303
    order = await Order.get(id=order.id)
    payment = await payment_for(reference_of(order.id))
    assert payment is not None
    assert (order.state, payment.state, payment.received_dong, payment.extra_dong) == (
        "paid",
        "paid",
        order.total_dong,
        0,
    )
    assert not payment.needs_review
    tea = await Listing.get(name="Chè móc câu")
    assert (tea.stock, tea.reserved, tea.sold) == (9, 0, 1)
    assert (await client.submit(f"{sale}/revival")).status_code == 409
    assert "Gói xong" in (await client.get(sale)).text


async def test_goods_that_ran_out_are_not_revived_and_the_money_goes_back(
    clock: StoppedClock, client: Browser
) -> None:
    order = await late_order(client, clock)
    await Listing.filter(name="Chè móc câu").update(stock=0)
    with pytest.raises(Refusal) as refused:
        await revive_order(order.id, person_id=4, now=clock.now())
    assert "Chè móc câu" in str(refused.value.sentence)
    order = await Order.get(id=order.id)
    assert order.state == "expired"
    [number] = await return_late_money(order, person_id=4, reason="hết hàng", now=clock.now())
    assert (await Refund.get(id=number)).amount_dong == order.total_dong
    with pytest.raises(Conflict):
        await revive_order(order.id, person_id=4, now=clock.now())


async def test_the_seller_sends_late_money_back(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    order = await late_order(client, clock)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(order.vendor_id)))
    path = f"/sell/orders/{order.code}/late-return"
    for _ in range(2):
        assert (await client.submit(path)).status_code == 303
    refund = await Refund.get()
    assert (refund.source, refund.amount_dong) == ("owed", order.total_dong)
    assert "Tiền thừa hoặc đến muộn" in (await client.get(f"/sell/orders/{order.code}")).text


async def test_the_rest_of_a_part_that_comes_late_revives_what_was_held(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    order = await bought(client, clock, is_paid=False)
    await pay_order(order, 1, now=clock.now(), amount_dong=100_000)
    clock.forward(minutes=20)
    await expire_orders(now=clock.now())
    await pay_order(order, 2, now=clock.now(), amount_dong=order.total_dong - 100_000)
    assert (await Order.get(id=order.id)).state == "placed"
    await sign_in_as(client, "+84912000777", Role.ADMIN)
    page = f"/admin/orders/{order.code}/money"
    assert "nhận lại đơn" in (await client.get(page)).text
    assert (await client.submit(f"{page}/revival")).status_code == 303
    assert (await Order.get(id=order.id)).state == "paid"
    assert (await Listing.get(name="Chè móc câu")).sold == 1


async def test_a_part_that_is_not_completed_goes_back_and_the_order_ends(
    clock: StoppedClock, client: Browser, sign_in_as: Any
) -> None:
    order = await bought(client, clock, is_paid=False)
    await pay_order(order, 1, now=clock.now(), amount_dong=100_000)
    clock.forward(minutes=20)
    await expire_orders(now=clock.now())
    with pytest.raises(Conflict):
        await revive_order(order.id, person_id=4, now=clock.now())
    await sign_in_as(client, "+84912000777", Role.ADMIN)
    page = f"/admin/orders/{order.code}/money"
    assert (await client.submit(f"{page}/return", {"words": "khách không chuyển nốt"})).status_code == 303
    assert (await Refund.get()).amount_dong == 100_000
    await expire_orders(now=clock.now())
    assert (await Order.get(id=order.id)).state == "expired"
    assert (await Listing.get(name="Chè móc câu")).stock == 10


async def test_an_administrator_sees_the_queue_and_decides(
    clock: StoppedClock, client: Browser, sign_in_as: Any, queries: Any
) -> None:
    order = await bought(client, clock)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(order.vendor_id)), Role.ADMIN)
    for key in range(3):
        form = {"what": "sum", "amount_dong": "1.000", "reason": "bù", "key": f"H12345678{key + 1}"}
        await client.submit(f"/sell/orders/{order.code}/refunds", form)
    with queries.at_most(14):
        page = await client.get("/admin/refunds")
    refund = await Refund.all().order_by("id").first()
    assert refund is not None and refund.code in page.text
    own = f"/admin/refunds/{refund.code}"
    assert (await client.get(own)).status_code == 200
    await Refund.filter(id=refund.id).update(needs_review=True)
    assert (await client.submit(f"{own}/decision", {"came": "yes"})).status_code == 422
    decided = await client.submit(f"{own}/decision", {"came": "no", "words": "khách chưa nhận được"})
    assert decided.status_code == 303
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("cancelled", False)
    with queries.at_most(20):
        await client.get("/sell/refunds?all=1")
