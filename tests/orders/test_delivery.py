"""What delivery costs and takes, told on the page of goods before anything is ordered."""

from typing import Any

import pytest

from kit.clock import StoppedClock
from orders.services import Buyer
from postal.services import quote
from tests.conftest import Browser, Queries
from tests.factories import LA_HIEN, TAN_CUONG, boxes, listing, placed
from vendors.models import ListingState, Vendor

pytestmark = pytest.mark.usefixtures("books")
PART = {"x-part": "part"}


async def test_without_a_commune_the_page_asks_and_remembers_the_answer(client: Browser) -> None:
    goods = await listing()
    path = f"/goods/{goods.code}/delivery"
    asked = await client.get(path)
    assert asked.status_code == 200 and "Giao về xã, phường nào?" in asked.text
    price = (await quote(TAN_CUONG, LA_HIEN, goods.weight_g)).price_dong
    told = await client.get(path, params={"commune": "Xã La Hiên, Thái Nguyên", "commune_code": LA_HIEN})
    assert f"{price:,}".replace(",", ".") in told.text
    part = await client.get(path, headers=PART)
    assert "Xã La Hiên, Thái Nguyên" in part.text and "<html" not in part.text


async def test_the_newest_address_is_taken_when_none_was_chosen(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    goods = await listing()
    person = await sign_in_as(client, "+84912345678")
    await placed((goods, 1), now=clock.now(), buyer=Buyer(person.id, "d" * 22))
    assert "Xã La Hiên" in (await client.get(f"/goods/{goods.code}/delivery", headers=PART)).text


@pytest.mark.parametrize("typed", ["Xã Không Có", "x" * 161])
async def test_an_unknown_commune_is_told_at_its_field(client: Browser, typed: str) -> None:
    goods = await listing()
    answer = await client.get(f"/goods/{goods.code}/delivery", params={"commune": typed})
    assert answer.status_code == 422 and "f-commune-error" in answer.text


async def test_the_lightest_variant_counts_and_too_heavy_is_said(client: Browser) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5))
    heavy = await listing(await Vendor.first(), "Bao thóc", weight_g=60_000)
    asked = {"commune_code": LA_HIEN}
    assert "ngày" in (await client.get(f"/goods/{goods.code}/delivery", params=asked)).text
    assert "nặng nhất" in (await client.get(f"/goods/{heavy.code}/delivery", params=asked)).text


async def test_goods_that_are_not_on_sale_are_not_brought(client: Browser) -> None:
    hidden = await listing(state=ListingState.HIDDEN)
    assert (await client.get(f"/goods/{hidden.code}/delivery")).status_code == 404


async def test_the_estimate_takes_a_bounded_number_of_queries(client: Browser, queries: Queries) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5))
    with queries.at_most(9):
        await client.get(f"/goods/{goods.code}/delivery", params={"commune_code": LA_HIEN})
