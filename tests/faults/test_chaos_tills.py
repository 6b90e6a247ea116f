"""What `make chaos` asks of stall sales: each found once, from the first second of a run, and missed when it lacks."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bench.chaos.cast import Cast
from bench.chaos.tills import Sale, Tills
from kit.clock import StoppedClock
from orders.services import settle_waiting
from payments.gate import StatementLine
from payments.services import Source, assert_balanced
from tests.factories import recorded, vendor

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize("tellers", [(), ("sepay",), ("sepay", "casso")], ids=["nobody", "one", "two"])
async def test_plate_money_of_the_first_second_is_one_sale(
    clock: StoppedClock, tellers: Sequence[str]
) -> None:
    """Banks tell in whole seconds: this money moved before the run began, as far as they say."""
    seller, began = await vendor(), clock.now() + timedelta(milliseconds=90)
    line = StatementLine(
        "1", "", 120_000, True, clock.now(), "0123456789", "chuyen tien", bank_reference="FT1"
    )
    told = [await recorded(line, now=began, source=Source(by)) for by in tellers]
    await settle_waiting(told, now=began + timedelta(milliseconds=50))
    sale = Sale(0, seller.id, "plate told by two", 120_000, random.Random(0))
    tills = Tills(Cast(7), {}, began, [(sale, [("paid", 120_000, 0, 0)])])
    assert [one["stands"] for one in await tills.unlike()] == ([] if tellers else [[]])
    await assert_balanced()
