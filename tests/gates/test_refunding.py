"""Refunds of orders paid at each provider: real gates to the twins, jobs, callbacks; lost answers, noes and doubts."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.rules import load_rules
from payments.gate import EventKind, GateAway, GateUnsure, Outcome, RefundState, VerifiedEvent
from payments.gates.register import Gates
from payments.ledger import balances
from payments.models import Notice, PaymentAttempt, Refund, RefundEvent, TwinOrder
from payments.services import RefundSource, Wish, ask_refund, decide_refund, record_event, returnable
from payments.services.refunds import through_gates
from payments.services.refunds.through_gates import leave_refund_looks, send_refund
from payments.twins.pages import TWINS
from tests.gates.conftest import Shopper

MakeShopper = Callable[..., Awaitable[Shopper]]
GATES = sorted(TWINS)
every_gate = pytest.mark.parametrize("gate", GATES)


async def paid(shopper: MakeShopper, gate: str) -> Shopper:
    shop = await shopper()
    await shop.pays(gate)
    await shop.works()
    return shop


async def asked_back(shop: Shopper, dong: int | None, key: str = "k") -> Refund:
    wish = Wish(key, RefundSource.PAID, dong, "hàng hỏng")
    [number] = await ask_refund((await shop.money()).id, wish, person_id=7, now=shop.clock.now())
    return await Refund.get(id=number)


async def waits(shop: Shopper, **time: float) -> None:
    """Time passes, and the round looks at refunds that are due."""
    shop.clock.forward(**time)
    await leave_refund_looks(now=shop.clock.now())
    await shop.works()


@every_gate
async def test_a_part_and_then_the_rest_go_back_the_way_they_came(shopper: MakeShopper, gate: str) -> None:
    shop = await paid(shopper, gate)
    total = shop.order.total_dong
    part = await asked_back(shop, 20_000)
    assert (part.way, part.state) == ("gate", "requested")
    assert await balances("seller:") == {f"seller:{shop.order.vendor_id}:payable": 20_000 - total}
    await shop.works()
    await waits(shop, minutes=1)
    await part.refresh_from_db()
    assert part.state == "succeeded" and part.confirmed_by.startswith(f"{gate}:")
    assert await balances("provider:") == {f"provider:{gate}:clearing": total - 20_000}
    shop.clock.forward(minutes=1)
    rest = await asked_back(shop, None, "rest")
    await shop.works()
    await waits(shop, minutes=2)
    await rest.refresh_from_db()
    assert (rest.state, rest.amount_dong) == ("succeeded", total - 20_000)
    assert not any((await balances("provider:")).values())
    assert not any((await balances("seller:")).values())


@every_gate
async def test_a_no_puts_the_money_back_and_asks_a_person(shopper: MakeShopper, gate: str) -> None:
    shop = await paid(shopper, gate)
    refund = await asked_back(shop, 20_001)
    await shop.works()
    await waits(shop, minutes=1)
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("failed", True)
    assert (await shop.money()).needs_review
    assert (await returnable((await shop.money()).id)).paid_dong == shop.order.total_dong
    assert await balances("seller:") == {f"seller:{shop.order.vendor_id}:payable": -shop.order.total_dong}


@every_gate
async def test_what_stays_under_way_goes_to_a_person_after_three_days(
    shopper: MakeShopper, gate: str
) -> None:
    shop = await paid(shopper, gate)
    refund = await asked_back(shop, 20_002)
    await shop.works()
    await waits(shop, minutes=5)
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("pending", False)
    await waits(shop, days=4)
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("pending", True)
    await decide_refund(refund.id, came=True, person_id=4, words="thấy ở trang của ví", now=shop.clock.now())
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review, refund.next_look_at) == ("succeeded", False, None)


class Losing:
    """A gate whose refund gets through, or does not, and whose answer is lost; all else is the real one's."""

    def __init__(self, gate: Any, *, gets_through: bool, fault: type[Exception] = GateUnsure) -> None:
        self._gate, self._gets_through, self._fault = gate, gets_through, fault
        self.name, self.caps, self.times = gate.name, gate.caps, 0

    async def refund(self, *args: Any, **names: Any) -> RefundState:
        """Sent, and no answer."""
        self.times += 1
        if self._gets_through:
            await self._gate.refund(*args, **names)
        raise self._fault("lost")

    async def query_refund(self, refund: Any) -> RefundState:
        """As the real one."""
        found: RefundState = await self._gate.query_refund(refund)
        return found


@every_gate
async def test_a_lost_answer_is_unknown_until_asked_and_never_sent_twice(
    shopper: MakeShopper, gate: str
) -> None:
    shop = await paid(shopper, gate)
    refund = await asked_back(shop, 20_000)
    losing: Any = Losing(shop.parts[Gates].by_name[gate], gets_through=True)
    await send_refund(refund.id, {gate: losing}, now=shop.clock.now())
    await refund.refresh_from_db()
    assert refund.state == "unknown"
    await send_refund(refund.id, {gate: losing}, now=shop.clock.now())
    assert losing.times == 1
    await waits(shop, minutes=2)
    await waits(shop, minutes=2)
    await refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert await TwinOrder.filter(gate=gate).exclude(of_reference="").count() == 1


@every_gate
async def test_one_that_never_arrived_is_sent_again_under_its_own_code(
    shopper: MakeShopper, gate: str
) -> None:
    shop = await paid(shopper, gate)
    refund = await asked_back(shop, 20_000)
    losing: Any = Losing(shop.parts[Gates].by_name[gate], gets_through=False)
    await send_refund(refund.id, {gate: losing}, now=shop.clock.now())
    for _ in range(3):
        await waits(shop, minutes=2)
    await refund.refresh_from_db()
    events = await RefundEvent.filter(refund_id=refund.id).order_by("id").values_list("kind", flat=True)
    if gate == "zalopay":  # its query says "failed" of what it does not know: a person asks anew
        assert (refund.state, refund.needs_review) == ("failed", True)
        return
    assert refund.state == "succeeded", events
    assert await TwinOrder.filter(gate=gate).exclude(of_reference="").count() == 1


async def test_a_crash_between_saying_and_sending_leads_to_a_question(shopper: MakeShopper) -> None:
    shop = await paid(shopper, "momo")
    refund = await asked_back(shop, 20_000)
    await through_gates._leaving(refund.id, shop.clock.now())
    await refund.refresh_from_db()
    assert refund.state == "sent"
    await shop.works()
    assert await TwinOrder.filter(gate="momo").exclude(of_reference="").count() == 0, "the job finds it sent"
    await waits(shop, minutes=2)
    await refund.refresh_from_db()
    assert refund.state == "succeeded"


async def test_a_provider_that_is_away_is_tried_again(shopper: MakeShopper) -> None:
    shop = await paid(shopper, "momo")
    refund = await asked_back(shop, 20_000)
    away: Any = Losing(shop.parts[Gates].by_name["momo"], gets_through=False, fault=GateAway)
    with pytest.raises(GateAway):
        await send_refund(refund.id, {"momo": away}, now=shop.clock.now())
    await refund.refresh_from_db()
    assert (refund.state, refund.result) == ("sent", "away")
    await send_refund(refund.id, shop.parts[Gates].by_name, now=shop.clock.now())
    await refund.refresh_from_db()
    assert refund.state == "succeeded"


def news(refund: Refund, clock: StoppedClock, outcome: Outcome, **changes: Any) -> VerifiedEvent:
    facts: dict[str, Any] = {
        "provider": "stripe",
        "event_key": f"evt_{outcome}",
        "kind": EventKind.REFUND,
        "our_ref": refund.code,
        "provider_ref": f"re_test_{refund.code}",
        "amount_dong": refund.amount_dong,
        "currency": "VND",
        "occurred_at": clock.now(),
        "outcome": outcome,
        "digest": "d",
    }
    return VerifiedEvent(**{**facts, **changes})


async def test_stripes_callbacks_end_a_refund_and_take_it_back(shopper: MakeShopper) -> None:
    """refund.updated says succeeded; weeks later refund.failed: the buyer's bank returned it."""
    shop = await paid(shopper, "stripe")
    refund = await asked_back(shop, 20_002)
    await shop.works()
    await refund.refresh_from_db()
    assert refund.state == "pending"
    for outcome, state in ((Outcome.SUCCEEDED, "succeeded"), (Outcome.FAILED, "reversed")):
        for _ in range(2):
            await record_event(news(refund, shop.clock, outcome), "{}", receiver="", now=shop.clock.now())
        await shop.works()
        await refund.refresh_from_db()
        assert refund.state == state
    assert refund.needs_review and (await shop.money()).needs_review
    total = shop.order.total_dong
    assert await balances("seller:") == {f"seller:{shop.order.vendor_id}:payable": -total}
    assert set(await Notice.filter(source="stripe").values_list("verdict", flat=True)) >= {"refund"}


async def test_a_callback_of_another_sum_goes_to_a_person(shopper: MakeShopper) -> None:
    shop = await paid(shopper, "stripe")
    refund = await asked_back(shop, 20_002)
    await shop.works()
    told = news(refund, shop.clock, Outcome.SUCCEEDED, amount_dong=19_000)
    await record_event(told, "{}", receiver="", now=shop.clock.now())
    await shop.works()
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("pending", True)


async def test_tax_withheld_goes_back_in_the_month_of_return(shopper: MakeShopper) -> None:
    """Withheld on the sale, given back with the return, part by part, to the đồng (Decree 117/2025/NĐ-CP)."""
    await load_rules()
    shop = await shopper(price_dong=1_000_000)
    await shop.chooses("momo")
    attempt = await shop.attempt()
    await PaymentAttempt.filter(id=attempt.id).update(tax_mode="withhold", sale_class="goods")
    await shop.decides(attempt.pay_url)
    await shop.works()
    vendor, total = shop.order.vendor_id, shop.order.total_dong
    vat, income = (total + 50) // 100, (total * 50 + 5_000) // 10_000
    assert await balances(f"seller:{vendor}:withheld") == {
        f"seller:{vendor}:withheld_vat": -vat,
        f"seller:{vendor}:withheld_income": -income,
    }
    backs = []
    for number, dong in enumerate((333_333, 100_000, None)):
        shop.clock.forward(days=20)
        refund = await asked_back(shop, dong, f"k{number}")
        await shop.works()
        await refund.refresh_from_db()
        assert refund.state == "succeeded"
        backs.append((refund.vat_back_dong, refund.income_back_dong))
    assert (sum(one for one, _ in backs), sum(one for _, one in backs)) == (vat, income)
    assert backs[0] == (333_333 * vat // total, 333_333 * income // total)
    assert not any((await balances(f"seller:{vendor}:")).values())
