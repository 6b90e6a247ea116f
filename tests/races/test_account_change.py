"""A seller changes the account while buyers order and pay: each order keeps one whole account, its money counts."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict
from kit.models import AdminUnit
from orders.models import Order
from orders.services import Buyer, place_orders, put_in_basket, settle_notice
from orders.states import OrderState
from payments.models import Payment
from payments.services import assert_balanced
from payments.services.views import view_of
from tests.factories import (
    COMMUNES_OF_ORDERS,
    HOA,
    SECRET,
    bank,
    bank_notice,
    code_sent_to,
    listing,
    recorded,
    to_la_hien,
    units,
    vendor,
    wish,
)
from vendors.models import ReceivingAccount
from vendors.services import Asker, NewAccount, ask_to_add, confirm_change

BY = Asker(1, HOA, "203.0.113.7", "vi")
OLD, NEW = ("970436", "0123456789"), ("970415", "110022003300")
BUYERS = 12


@pytest.fixture(autouse=True)
async def market(committed: None) -> AsyncIterator[None]:
    """Communes while the test runs, and books that hold at its end."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    await bank("970415", "VietinBank")
    yield
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()


@pytest.mark.parametrize("change_after", [0, 3, 8])
async def test_orders_and_a_change_at_once_leave_no_order_with_half_an_account(
    clock: StoppedClock, change_after: int
) -> None:
    """Old or new, number and bank and QR of one; the money of each comes to where its QR sent it, and is paid."""
    seller = await vendor()
    tea = await listing(seller, stock=BUYERS)
    everybody = [Buyer(None, f"{number:022}") for number in range(BUYERS)]
    for buyer in everybody:
        await put_in_basket(buyer.owner, tea.code, 1)
    wishes, to = [await wish(buyer) for buyer in everybody], await to_la_hien()
    new = NewAccount(*NEW, "DAO THANH HAO", True)
    change_id = await ask_to_add(seller.id, new, by=BY, now=clock.now(), secret=SECRET)
    code = await code_sent_to(HOA)
    acts = [
        place_orders(buyer, to, wishes[number], now=clock.now(), payment_minutes=15)
        for number, buyer in enumerate(everybody)
    ]
    change = confirm_change(change_id, seller.id, code, by=BY, now=clock.now(), secret=SECRET)
    acts.insert(change_after, change)  # type: ignore[arg-type]
    ends = await asyncio.gather(*acts, return_exceptions=True)
    assert not [one for one in ends if isinstance(one, BaseException)]
    payments = await Payment.all().order_by("id")
    assert len(payments) == BUYERS and {(one.bin, one.account_number) for one in payments} <= {OLD, NEW}
    for one in payments:
        assert one.bin in one.qr_text and one.account_number in one.qr_text
    notices = [
        await recorded(bank_notice(await view_of(one), one.id, at=clock.now()), now=clock.now())
        for one in payments
    ]
    await asyncio.gather(*(settle_notice(number, now=clock.now()) for number in notices))
    assert {one.state for one in await Order.all()} == {OrderState.PAID}


async def test_a_change_confirmed_on_eight_connections_changes_once(clock: StoppedClock) -> None:
    """One new account, one default; the rest are told what is so already, or that the code is used."""
    seller = await vendor()
    new = NewAccount(*NEW, "DAO THANH HAO", True)
    change_id = await ask_to_add(seller.id, new, by=BY, now=clock.now(), secret=SECRET)
    code = await code_sent_to(HOA)
    ends = await asyncio.gather(
        *(
            confirm_change(change_id, seller.id, code, by=BY, now=clock.now(), secret=SECRET)
            for _ in range(8)
        ),
        return_exceptions=True,
    )
    assert any(not isinstance(one, BaseException) for one in ends)
    assert not [one for one in ends if isinstance(one, BaseException) and not _is_told(one)], ends
    rows = await ReceivingAccount.filter(vendor_id=seller.id).order_by("id")
    assert [(one.number, one.is_default) for one in rows] == [(OLD[1], False), (NEW[1], True)]


def _is_told(fault: BaseException) -> bool:
    return isinstance(fault, Conflict) or hasattr(fault, "field")
