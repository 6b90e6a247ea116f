"""The figures for market boards: counted rightly, without names, for boards and administrators only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from accounts.models import Consent
from accounts.services import Evidence, Purpose, choose
from kit.clock import StoppedClock
from kit.roles import Role
from market.board import DAYS, board_page
from orders.services import Buyer
from payments.services import assert_balanced
from tests import factories
from tests.conftest import Browser


async def test_the_figures_count_what_happened(db: None, clock: StoppedClock) -> None:
    """Placed is not yet paid, and nothing older than 30 days is counted."""
    now = clock.now()
    await factories.units(*factories.COMMUNES_OF_ORDERS)
    goods = await factories.listing(stock=5)
    [order] = await factories.placed((goods, 1), now=now)
    page = await board_page(now)
    assert (page.sales.placed, page.sales.paid, page.sales.paid_dong) == (1, 0, 0)
    await factories.pay_order(order, now=now)
    page = await board_page(now)
    assert (page.sales.paid, page.sales.paid_dong) == (1, order.total_dong)
    assert (page.sellers.sellers, page.sellers.sellers_with_goods, page.sellers.goods) == (1, 1, 1)
    assert (await board_page(now + timedelta(days=DAYS, minutes=1))).sales.placed == 0
    await assert_balanced()


async def test_a_board_member_sees_the_figures_in_few_queries(
    db: None, client: Browser, sign_in_as: Callable[..., Any], queries: Any
) -> None:
    """However many markets there are."""
    await sign_in_as(client, "0912345678", (Role.BOARD, "1"))
    with queries.at_most(11):
        page = await client.get("/board")
    assert page.status_code == 200 and "Số liệu tỉnh" in page.text


async def test_shoppers_and_sellers_do_not_see_the_figures(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """403 for them."""
    await sign_in_as(client, "0912345678", (Role.VENDOR, "1"))
    assert (await client.get("/board")).status_code == 403


async def test_only_who_agreed_is_counted_and_small_numbers_stay_unshown(
    db: None, clock: StoppedClock
) -> None:
    """Five of a commune are shown, four are not; who withdraws is out."""
    now = clock.now()
    await factories.units(*factories.COMMUNES_OF_ORDERS)
    goods = await factories.listing(stock=9)
    here = {"version": 1, "evidence": Evidence("/me/consents", "m" * 64, None), "now": now}
    for number in range(6):
        one = await factories.person(f"Người {number}", f"+8498765432{number}")
        [order] = await factories.placed((goods, 1), now=now, buyer=Buyer(one.id, "d" * 22))
        await factories.pay_order(order, number + 1, now=now)
        if number < 5:
            await choose(one.id, Purpose.STATISTICS, is_given=True, **here)
    [(commune, count)] = (await board_page(now)).buyers
    assert "La Hiên" in commune and count == 5
    first = await factories.person("Người 9", "+84987654329")
    await choose(first.id, Purpose.STATISTICS, is_given=True, **here)
    assert len((await board_page(now)).buyers) == 1
    [anyone, *_] = await Consent.all().order_by("id").limit(1)
    await choose(anyone.person_id, Purpose.STATISTICS, is_given=False, **here)
    assert (await board_page(now)).buyers == []
    await assert_balanced()
