"""An order paid at each provider: the real gate, the twin, the callback, the books; and everything that goes wrong."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from kit.models import Job
from kit.parts import Parts
from kit.roles import Role
from kit.rules import load_rules
from orders.services import expire_orders, settle_notice
from orders.states import OrderState
from payments.gates.register import Gates
from payments.ledger import balances
from payments.models import AttemptEvent, Notice, PaymentState, Refund, TwinCall
from payments.services import TaxMode, payment_for
from payments.services.refunds.through_gates import leave_refund_looks
from payments.twins.pages import TWINS
from tests.conftest import Browser
from tests.factories import bank_notice, kinds, recorded
from tests.gates.conftest import Shopper

MakeShopper = Callable[..., Awaitable[Shopper]]
GATES = sorted(TWINS)
TELLING = [name for name in GATES if TWINS[name].tells_failures]


@pytest.mark.parametrize("gate", GATES)
async def test_paying_pays_the_order_and_books_what_is_owed_on(shopper: MakeShopper, gate: str) -> None:
    """Callback → written down → settled: clearing, the order's money and the seller's payable, once."""
    shop = await shopper()
    page = await shop.pays(gate)
    assert f"/orders/{shop.order.code}" in str(page.url) or page.status_code == 303
    await shop.works()
    order, money, attempt = await shop.now(), await shop.money(), await shop.attempt()
    assert (order.state, money.state, attempt.state) == (OrderState.PAID, "paid", PaymentState.PAID)
    assert (money.extra_dong, money.needs_review) == (0, False)
    total = order.total_dong
    assert await balances("provider:") == {f"provider:{gate}:clearing": total}
    assert await balances("seller:") == {f"seller:{order.vendor_id}:payable": -total}
    assert attempt.provider_ref and attempt.next_query_at is None
    [call] = await TwinCall.all()
    assert (call.sends, call.sends_left) == (1, 0)


@pytest.mark.parametrize("gate", GATES)
async def test_told_twice_is_paid_once(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.pays(gate, manner="twice")
    await shop.works()
    [call] = await TwinCall.all()
    assert call.sends == 2 and call.sends_left == 0
    assert (await shop.money()).received_dong == shop.order.total_dong
    assert await Notice.all().count() == 1


@pytest.mark.parametrize("gate", GATES)
async def test_a_lost_callback_is_found_by_asking(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.pays(gate, manner="lost")
    assert await Notice.all().count() == 0 and (await shop.now()).state == OrderState.PLACED
    await shop.works()  # coming back has left a question
    assert (await shop.now()).state == OrderState.PAID


@pytest.mark.parametrize("gate", GATES)
async def test_without_coming_back_the_poller_asks_after_a_minute(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.pays(gate, manner="lost")
    await Job.filter(name="query_attempt").delete()  # the phone's battery died on the way
    await shop.waits(seconds=50)
    assert (await shop.now()).state == OrderState.PLACED
    await shop.waits(seconds=20)
    assert (await shop.now()).state == OrderState.PAID


@pytest.mark.parametrize("gate", GATES)
async def test_coming_back_by_itself_pays_nothing(shopper: MakeShopper, gate: str) -> None:
    """The browser brings signed success fields; the provider, when asked, says otherwise."""
    shop = await shopper()
    chosen = await shop.chooses(gate)
    assert chosen.status_code == 303
    await shop.client.get(f"/orders/{shop.order.code}/back?resultCode=0&vnp_ResponseCode=00&status=1")
    await shop.works()
    assert (await shop.now()).state == OrderState.PLACED
    assert (await shop.attempt()).state is PaymentState.PENDING


@pytest.mark.parametrize("gate", GATES)
async def test_a_forged_callback_changes_nothing(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.pays(gate, manner="forged")
    await Job.filter(name="query_attempt").delete()
    await shop.works()
    assert await Notice.all().count() == 0
    assert (await shop.now()).state == OrderState.PLACED


@pytest.mark.parametrize("gate", GATES)
async def test_a_lie_about_the_sum_is_flagged_and_the_truth_asked_for(
    shopper: MakeShopper, gate: str
) -> None:
    """1,000 đồng less in the callback never pays; what the provider says when asked does, and a person looks."""
    shop = await shopper()
    await shop.pays(gate, manner="less")
    await Job.filter(name="query_attempt").delete()
    call = await TwinCall.all().first()
    assert call
    await shop.works()
    money = await shop.money()
    assert money.needs_review and "mismatch" in await kinds(money)
    assert (await shop.now()).state == OrderState.PAID
    assert money.received_dong == shop.order.total_dong


@pytest.mark.parametrize("gate", TELLING)
async def test_old_news_after_new_takes_nothing_back(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.pays(gate, manner="misordered")
    await Job.all().update(due_at=datetime(2026, 1, 1, tzinfo=UTC))
    await shop.works()
    assert await Notice.all().count() == 2
    assert ((await shop.now()).state, (await shop.money()).state) == (OrderState.PAID, "paid")


@pytest.mark.parametrize("gate", GATES)
async def test_who_refuses_may_try_again(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.pays(gate, "refuse")
    await shop.works()
    first = await shop.attempt()
    assert first.state in (PaymentState.CANCELLED, PaymentState.FAILED, PaymentState.EXPIRED)
    assert (await shop.money()).state == "pending"
    await shop.pays(gate)
    await shop.works()
    second = await shop.attempt()
    assert second.id != first.id and second.state is PaymentState.PAID
    assert (await shop.now()).state == OrderState.PAID


@pytest.mark.parametrize("gate", GATES)
async def test_two_taps_are_one_try(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    one, two = await shop.chooses(gate), await shop.chooses(gate)
    assert one.headers["location"] == two.headers["location"]


@pytest.mark.parametrize("gate", GATES)
async def test_paid_by_two_means_the_second_goes_back_by_itself(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    asked = await shop.money()
    await shop.chooses(gate)
    notice = bank_notice(asked, at=shop.clock.now())
    await settle_notice(await recorded(notice, now=shop.clock.now()), now=shop.clock.now())
    attempt = await shop.attempt()
    await shop.decides(attempt.pay_url)
    await shop.works()
    for minutes in (1, 3):
        shop.clock.forward(minutes=minutes)
        await leave_refund_looks(now=shop.clock.now())
        await shop.works()
    money = await shop.money()
    assert (money.state, money.extra_dong, money.needs_review) == ("paid", 0, False)
    [refund] = await Refund.all()
    assert (refund.state, refund.way, refund.amount_dong) == ("succeeded", "gate", shop.order.total_dong)
    assert not any((await balances("provider:")).values())


@pytest.mark.parametrize("gate", GATES)
async def test_money_after_a_cancelled_order_is_owed_back(shopper: MakeShopper, gate: str) -> None:
    shop = await shopper()
    await shop.chooses(gate)
    attempt = await shop.attempt()
    answer = await shop.client.submit(f"/orders/{shop.order.code}/cancellation")
    assert answer.status_code == 303
    await shop.decides(attempt.pay_url)
    await shop.works()
    order, money = await shop.now(), await shop.money()
    assert order.state == OrderState.CANCELLED
    assert (money.state, money.is_paid_late, money.extra_dong) == ("cancelled", True, order.total_dong)


@pytest.mark.parametrize("gate", GATES)
async def test_an_open_try_keeps_the_order_until_the_provider_has_spoken(
    shopper: MakeShopper, gate: str
) -> None:
    """At its end the payment is unknown, not expired; asked once more it ends, and so does the order."""
    shop = await shopper()
    await shop.chooses(gate)
    shop.clock.forward(minutes=15, seconds=5)
    await expire_orders(now=shop.clock.now())
    assert ((await shop.money()).state, (await shop.now()).state) == ("unknown", OrderState.PLACED)
    await shop.waits(seconds=1)
    await shop.waits(minutes=2)
    assert (await shop.attempt()).state in (PaymentState.EXPIRED, PaymentState.FAILED)
    await expire_orders(now=shop.clock.now())
    assert ((await shop.money()).state, (await shop.now()).state) == ("expired", OrderState.EXPIRED)


@pytest.mark.parametrize("gate", GATES)
async def test_paid_in_the_last_moment_still_counts(shopper: MakeShopper, gate: str) -> None:
    """Paid in time, told of by nobody, found when asked after the end."""
    shop = await shopper()
    await shop.pays(gate, manner="lost")
    await Job.filter(name="query_attempt").delete()
    shop.clock.forward(minutes=15, seconds=5)
    await expire_orders(now=shop.clock.now())
    await shop.works()
    assert ((await shop.money()).state, (await shop.now()).state) == ("paid", OrderState.PAID)


async def test_what_happened_to_a_try_can_be_read(shopper: MakeShopper) -> None:
    shop = await shopper()
    await shop.pays("momo")
    await shop.works()
    told = await AttemptEvent.all().order_by("id").values_list("kind", flat=True)
    assert told[:2] == ["asked", "answered"] and "matched" in told


async def test_a_payment_of_nobody_is_not_asked_for(shopper: MakeShopper) -> None:
    """Another gate, another's order, an order that is paid: nothing is begun."""
    shop = await shopper()
    assert (await shop.chooses("bitcoin")).status_code == 404
    assert (await shop.client.submit("/orders/DH000000/attempts", {"gate": "momo"})).status_code == 404
    missing = await shop.client.get(f"/orders/{shop.order.code}/attempts/nothing")
    assert missing.status_code == 404
    await shop.pays("momo")
    await shop.works()
    refused = await shop.chooses("momo")
    assert refused.status_code == 409 and "không còn chờ tiền" in refused.text
    assert await payment_for("order:999999") is None


async def test_tax_is_kept_back_where_the_settings_say_so(shopper: MakeShopper, parts: Parts) -> None:
    """1 % and 0.5 % of goods: the seller's payable is less by both, and each has its account."""
    await load_rules()
    gates = parts[Gates]
    parts.put(Gates, Gates(gates.by_name, {"momo": TaxMode.WITHHOLD}))
    shop = await shopper(price_dong=1_000_000)
    await shop.pays("momo")
    await shop.works()
    total, seller = shop.order.total_dong, f"seller:{shop.order.vendor_id}"
    vat, income = round(total / 100), round(total / 200)
    assert await balances("seller:") == {
        f"{seller}:payable": vat + income - total,
        f"{seller}:withheld_vat": -vat,
        f"{seller}:withheld_income": -income,
    }


async def test_seller_and_administrator_read_who_holds_the_money(
    shopper: MakeShopper, sign_in_as: Callable[..., Awaitable[object]], browser: Callable[[], Browser]
) -> None:
    """The seller is not told that it lies on their account; the administrator sees the try and its references."""
    shop = await shopper()
    await shop.pays("momo", manner="less")
    await shop.works()
    attempt = await shop.attempt()
    async with browser() as seller, browser() as admin:
        await sign_in_as(seller, "0912000101", (Role.VENDOR, str(shop.order.vendor_id)))
        page = await seller.get(f"/sell/orders/{shop.order.code}")
        assert "bên ấy giữ hộ" in page.text and "Tiền đã vào tài khoản" not in page.text
        await sign_in_as(admin, "0912000104", Role.ADMIN)
        page = await admin.get(f"/admin/payments/{shop.order.code}")
        assert attempt.reference in page.text and attempt.provider_ref in page.text
        assert "Ví báo khác với khoản đã hỏi" in page.text
