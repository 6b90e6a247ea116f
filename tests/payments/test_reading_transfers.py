"""What a notice's text pays: a code with a slip only where all else fits, several orders only to the đồng."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from payments.services import Settled, assert_balanced, balances, cancel
from tests.factories import after, kinds, payment, told, vendor


@pytest.fixture
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


pytestmark = pytest.mark.usefixtures("books")


def mistyped(code: str) -> str:
    """The code with its fifth character changed."""
    return code[:4] + ("7" if code[4] != "7" else "8") + code[5:]


async def test_a_slip_pays_when_the_sum_the_account_and_the_time_fit(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), content=f"ck {mistyped(asked.code).lower()} che")
    assert settled == Settled("order:1", "matched", True, asked.id)
    assert await kinds(asked) == ["asked", "matched"]


async def test_a_cut_code_pays_too(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    settled = await told(asked, now=clock.now(), content=f"IBFT {asked.code[:8]}")
    assert settled is not None and settled.became_paid


@pytest.mark.parametrize("wrong", ["sum", "account", "late", "closed", "alike", "too much lost"])
async def test_a_slip_is_for_a_person_when_anything_speaks_against_it(
    clock: StoppedClock, wrong: str
) -> None:
    seller = await vendor()
    asked = await payment(now=clock.now(), vendor_id=seller.id)
    changes: dict[str, object] = {"content": mistyped(asked.code)}
    if wrong == "sum":
        changes["amount_dong"] = 34_999
    elif wrong == "account":
        changes["account_number"] = "99999999"
    elif wrong == "late":
        clock.forward(minutes=16)
    elif wrong == "closed":
        assert await cancel("order:1", now=clock.now())
    elif wrong == "alike":
        other = await payment("order:2", now=clock.now(), vendor_id=seller.id)
        changes["content"] = f"{mistyped(asked.code)} {mistyped(other.code)}"
    else:
        changes["content"] = asked.code[:7]
    settled = await told(asked, now=clock.now(), **changes)
    assert settled == Settled("", "none", False, None)
    assert (await after(asked)).received_dong == 0


async def test_an_old_payment_is_not_meant_by_a_slip(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now(), minutes=60 * 24 * 30)
    settled = await told(asked, now=clock.now() + timedelta(days=8), content=mistyped(asked.code))
    assert settled is not None and settled.verdict == "none"


async def test_one_transfer_pays_several_orders_to_the_dong(clock: StoppedClock) -> None:
    seller = await vendor()
    one = await payment("order:1", now=clock.now(), vendor_id=seller.id)
    two = await payment("order:2", now=clock.now(), vendor_id=seller.id, amount_dong=15_000)
    await told(two, 1, now=clock.now(), amount_dong=5_000)
    settled = await told(one, 2, now=clock.now(), content=f"{two.code} va {one.code}", amount_dong=45_000)
    assert settled is not None and settled.became_paid
    assert {settled.reference, *(other.reference for other in settled.others)} == {"order:1", "order:2"}
    assert [(await after(each)).state for each in (one, two)] == ["paid", "paid"]
    assert await balances("order:") == {"order:1:paid": -35_000, "order:2:paid": -15_000}
    assert await balances("seller:") == {f"seller:{seller.id}:bank": 50_000}


@pytest.mark.parametrize("wrong", ["sum", "paid", "late", "seller", "account"])
async def test_several_orders_are_for_a_person_when_the_sum_does_not_pay_all(
    clock: StoppedClock, wrong: str
) -> None:
    seller = await vendor()
    one = await payment("order:1", now=clock.now(), vendor_id=seller.id)
    other_seller = None if wrong == "seller" else seller.id
    two = await payment("order:2", now=clock.now(), vendor_id=other_seller, amount_dong=15_000)
    amount_dong = 50_001 if wrong == "sum" else 50_000
    if wrong == "paid":
        await told(two, 1, now=clock.now())
    if wrong == "late":
        clock.forward(minutes=16)
    changes: dict[str, object] = {"content": f"{one.code} {two.code}", "amount_dong": amount_dong}
    if wrong == "account":
        changes["account_number"] = "99999999"
    settled = await told(one, 2, now=clock.now(), **changes)
    assert settled == Settled("", "ambiguous", False, None)
    assert (await after(one)).received_dong == 0
