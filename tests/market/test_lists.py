"""Every list of the market, filled with the demo's rows, asks a bounded number of queries."""

from typing import Any

import pytest

from kit.roles import Role
from kit.settings import Settings
from kit.web.routing import PageRoute
from market.app import all_routes
from market.demo.people import BY_KEY
from tests.conftest import Browser, Queries
from vendors.models import Listing, Market

MOST = 25
WHO = {Role.VENDOR: "hien", Role.TEAM: "lan", Role.CLERK: "thao", Role.CARRIER: "tuan", Role.BOARD: "binh"}


def lists(settings: Settings) -> list[PageRoute]:
    """The pages that are lists, by their names."""
    pages = (one for one in all_routes(settings) if isinstance(one, PageRoute))
    return [one for one in pages if (one.name or "").endswith("_index") and "twin" not in one.path]


@pytest.mark.usefixtures("demo")
async def test_every_list_asks_a_bounded_number_of_queries(
    client: Browser, sign_in_as: Any, queries: Queries, settings: Settings
) -> None:
    """As somebody of the demo who has rows there; a page that asked once for each row would be found here."""
    goods = await Listing.filter(vendor__phone=BY_KEY["hien"].phone).first()
    market = await Market.all().order_by("id").first()
    assert goods is not None and market is not None
    places = {"slug": market.slug, "code": goods.code}
    asked: dict[str, int] = {}
    for route in lists(settings):
        if any(name not in places for name in route.param_convertors):
            continue
        role = next((one for one in WHO if one in route.who.roles), None)
        await sign_in_as(client, BY_KEY[WHO[role] if role else "son"].phone)
        address = route.path.format(**places)
        with queries.at_most(MOST):
            answer = await client.get(address, follow_redirects=True)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        asked[address] = queries.count
    assert len(asked) > 30
    assert sum(asked.values()) > len(asked), "lists read something"
