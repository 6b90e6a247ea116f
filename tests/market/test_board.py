"""The figures for market boards: counted rightly, without names, for boards and administrators only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kit.clock import StoppedClock
from kit.roles import Role
from market.board import DAYS, board_page
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
    with queries.at_most(9):
        page = await client.get("/board")
    assert page.status_code == 200 and "Số liệu tỉnh" in page.text


async def test_shoppers_and_sellers_do_not_see_the_figures(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """403 for them."""
    await sign_in_as(client, "0912345678", (Role.VENDOR, "1"))
    assert (await client.get("/board")).status_code == 403
