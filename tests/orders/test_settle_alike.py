"""Money settled together and one by one leaves the same: books, sales, events, orders, fees, closed days."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from orders.models import MarketFee, Order, OrderEvent, TillCorrection, TillEvent, TillSale
from orders.services import settle_notice, settle_waiting
from orders.services.fees.paying import payment_of_fee
from orders.services.names import reference_of, till_reference
from orders.services.till.days import Count, close_day
from orders.services.till.selling import SaleTyped, make_sale
from orders.states import SaleWay
from payments.gate import StatementLine
from payments.models import Notice, PaymentEvent
from payments.services import PaymentView, balances, payment_for
from tests.factories import bank, bank_notice, listing, placed, recorded, stall, vendor
from tests.orders.test_fees import billed, market_paid_at
from vendors.models import Listing, Market, ReceivingAccount, Vendor

pytestmark = pytest.mark.usefixtures("books")
ME = 7
Left = tuple[list[object], ...]


async def seller(letter: str) -> Vendor:
    """Somebody with an account of their own."""
    made = await vendor(f"Quầy {letter}", f"quay-{letter}")
    await ReceivingAccount.filter(vendor_id=made.id).update(number=f"5550{ord(letter)}")
    await bank()
    return made


async def asked(reference: str) -> PaymentView:
    """The payment of something."""
    found = await payment_for(reference)
    assert found is not None
    return found


async def told(letter: str, place: Market, clock: StoppedClock) -> list[StatementLine]:
    """One of each: orders, sales in full and in parts, plates, noted before, misspelt, a fee, a stranger's account."""
    trader, now = await seller(letter), clock.now()
    tea = await listing(trader, name=f"Chè {letter}", stock=20)
    [order] = await placed((tea, 2), now=now)
    goods = SaleTyped("with-goods", SaleWay.QR, 0, {tea.id: 3})
    sales = [
        await make_sale(trader.id, one, person_id=ME, now=now)
        for one in (goods, *(SaleTyped(f"sale-{n:04}", SaleWay.QR, 35_000) for n in range(4)))
    ]
    for n in range(2):
        await make_sale(trader.id, SaleTyped(f"seen-{n:04}", SaleWay.SEEN, 64_000), person_id=ME, now=now)
    fee = await billed(place, await stall(trader, letter, place), clock)
    await close_day(trader.id, vietnam_date(now), Count(0, 0, {}, ""), person_id=ME, now=now)
    in_full, parted, misspelt, over, late = [
        bank_notice(await asked(till_reference(one.id)), at=now) for one in sales
    ]
    plate = replace(in_full, content="chuyen tien mua hang", our_ref="", amount_dong=12_000)
    return [
        bank_notice(await asked(reference_of(order.id)), at=now),
        in_full,
        replace(parted, amount_dong=30_000),
        replace(parted, amount_dong=5_000),
        replace(misspelt, content=re.sub(r"(DH\w{3})\w", r"\1", misspelt.content)),
        replace(over, amount_dong=50_000),
        replace(late, at=now.replace(year=now.year + 1)),
        plate,
        replace(plate, amount_dong=64_000),
        replace(plate, amount_dong=12_000),
        replace(plate, account_number=f"9988{ord(letter)}"),
        replace(plate, is_incoming=False),
        bank_notice(await payment_of_fee(fee, now=now), at=now),
        bank_notice(await payment_of_fee(fee, now=now), at=now),
    ]


def sums_of(sale: TillSale) -> tuple[int, ...]:
    """What came for a sale, by its kinds."""
    return sale.received_dong, sale.extra_dong, sale.said_dong, sale.noted_dong


async def accounts() -> Counter[tuple[str, int]]:
    """How many accounts of the books stand at what, by their names without numbers."""
    found = Counter[tuple[str, int]]()
    for prefix in ("order:", "till:", "fee:", "bank:", "suspense:"):
        found.update((re.sub(r"\d+", "#", one), dong) for one, dong in (await balances(prefix)).items())
    return found


async def left(numbers: Sequence[int], letter: str, before: Counter[tuple[str, int]]) -> Left:
    """What there is afterwards of these notices and this seller, without the rows' numbers."""
    trader = await Vendor.get(slug=f"quay-{letter}")
    mine = {"vendor_id": trader.id}
    order = await Order.get(**mine)
    return (
        [one.verdict for one in await Notice.filter(id__in=numbers).order_by("id")],
        sorted(
            (
                str(one.way),
                str(one.state),
                one.amount_dong,
                *sums_of(one),
                bool(one.settled_at),
                bool(one.notice_id),
            )
            for one in await TillSale.filter(**mine)
        ),
        sorted((e.kind, e.amount_dong, e.other_dong) for e in await TillEvent.filter(**mine)),
        [one.seq for one in await TillEvent.filter(**mine).order_by("seq")],
        sorted((c.way, c.amount_dong) for c in await TillCorrection.filter(closed__vendor_id=trader.id)),
        [str(one.state) for one in await OrderEvent.filter(order_id=order.id).order_by("id")],
        [order.state, (await MarketFee.get(**mine)).state, (await MarketFee.get(**mine)).extra_dong],
        [(one.stock, one.reserved, one.sold) for one in await Listing.filter(**mine)],
        sorted((e.kind, e.amount_dong) for e in await PaymentEvent.filter(payment__vendor_id=trader.id)),
        sorted((await accounts() - before).items()),
    )


async def test_together_and_one_by_one_leave_the_same(
    clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The books are compared by what each way added to them; both use other accounts at the bank."""
    outcomes, place = [], await market_paid_at()
    for letter, first in (("a", 100), ("b", 200)):
        lines, before = await told(letter, place, clock), await accounts()
        numbers = [
            await recorded(replace(line, provider_ref=str(first + n)), now=clock.now())
            for n, line in enumerate(lines)
        ]
        if letter == "a":
            assert await settle_waiting(numbers, now=clock.now()) == {}
        else:
            for number in numbers:
                await settle_notice(number, now=clock.now())
        outcomes.append(await left(numbers, letter, before))
    together, alone = outcomes
    assert not caplog.records, "what stood against settling them together?"
    assert together == alone
