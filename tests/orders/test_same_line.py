"""A stall's plate under two providers: one transfer is one sale, and what nobody can be sure of waits for a person."""

from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from orders.models import TillSale
from orders.services import settle_notice, settle_waiting
from orders.states import SaleWay
from payments.gate import StatementLine
from payments.models import Notice
from payments.services import Source, balances
from tests.factories import recorded, vendor

pytestmark = pytest.mark.usefixtures("books")
CASSO, SEPAY = Source("casso"), Source("sepay")


async def told(clock: StoppedClock, key: str, source: Source = SEPAY, **changes: Any) -> int:
    """A notice about money on the plate that waits to be settled."""
    fields: dict[str, Any] = {
        "provider_ref": key,
        "our_ref": "",
        "gateway": "Vietcombank",
        "account_number": "0123456789",
        "content": "NGUYEN THI HOA chuyen tien",
        "amount_dong": 35_000,
        "is_incoming": True,
        "at": clock.now(),
        "bank_reference": "FT1",
    }
    return await recorded(StatementLine(**{**fields, **changes}), now=clock.now(), source=source)


async def verdicts(*numbers: int) -> list[str]:
    """What became of these notices."""
    found = {one.id: one.verdict for one in await Notice.filter(id__in=numbers)}
    return [found[number] for number in numbers]


async def sales() -> int:
    return await TillSale.filter(way=SaleWay.PLATE).count()


@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
@pytest.mark.parametrize("backwards", [True, False], ids=["second first", "first first"])
async def test_one_transfer_told_twice_is_one_sale(
    clock: StoppedClock, together: bool, backwards: bool
) -> None:
    """Whichever is worked first, the one that was written down first counts."""
    await vendor()
    numbers = [await told(clock, "1"), await told(clock, "9", CASSO)]
    order = numbers[::-1] if backwards else numbers
    if together:
        assert await settle_waiting(order, now=clock.now()) == {}
    else:
        for number in order:
            await settle_notice(number, now=clock.now())
    assert (await sales(), await verdicts(*numbers)) == (1, ["stall", "told_twice"])
    assert not any((await balances("suspense:")).values())


@pytest.mark.parametrize(
    "other",
    [
        {"bank_reference": "FT2"},
        {"amount_dong": 36_000},
        {"at": timedelta(minutes=1)},
        {"account_number": "555566667777"},
    ],
)
async def test_two_transfers_are_two(clock: StoppedClock, other: dict[str, Any]) -> None:
    """Another reference, sum, time or account is another transfer."""
    await vendor()
    if isinstance(other.get("at"), timedelta):
        other = {"at": clock.now() + other["at"]}
    numbers = [await told(clock, "1"), await told(clock, "9", CASSO, **other)]
    await settle_waiting(numbers, now=clock.now())
    assert "told_twice" not in await verdicts(*numbers)
    assert await sales() == (1 if "account_number" in other else 2)


async def test_the_same_provider_tells_of_two(clock: StoppedClock) -> None:
    """Two buyers pay the same sum in the same second, and the bank names neither."""
    await vendor()
    numbers = [await told(clock, key, bank_reference="") for key in ("1", "2")]
    await settle_waiting(numbers, now=clock.now())
    assert (await sales(), await verdicts(*numbers)) == (2, ["stall", "stall"])


@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
@pytest.mark.parametrize(("seconds", "is_doubtful"), [(0, True), (110, True), (130, False)])
async def test_what_may_be_the_same_waits_for_a_person(
    clock: StoppedClock, together: bool, seconds: int, is_doubtful: bool
) -> None:
    """A provider that gives no reference: alike within two minutes is no sale until a person has looked."""
    await vendor()
    later = clock.now() + timedelta(seconds=seconds)
    numbers = [await told(clock, "1"), await told(clock, "9", CASSO, bank_reference="", at=later)]
    if together:
        await settle_waiting(numbers, now=clock.now())
    else:
        for number in numbers:
            await settle_notice(number, now=clock.now())
    expected = (1, ["stall", "none"]) if is_doubtful else (2, ["stall", "stall"])
    assert (await sales(), await verdicts(*numbers)) == expected
    assert bool(any((await balances("suspense:")).values())) is is_doubtful
