"""Goods sold by weight: a portion's price from the kilogram's, and a band that cannot be left."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.roles import Role
from tests.factories import listing, vendor
from tests.vendors.conftest import Communes
from tests.vendors.test_listings import GOOD, SELLER, as_typed
from vendors.by_weight import band_of, price_of
from vendors.models import Listing, Vendor
from vendors.services import change_shelf

CHICKEN = {
    **GOOD,
    "name": "Gà đồi",
    "unit": "con",
    "price_dong": "150000",
    "by_weight": "1",
    "portion_g": "1800",
}


@given(st.integers(1, 10**9), st.integers(1, 30_000))
def test_a_price_is_the_weights_share_of_a_kilogram_to_half_a_dong(price_dong: int, weight_g: int) -> None:
    assert abs(price_of(price_dong, weight_g) * 1000 - price_dong * weight_g) <= 500


@given(st.integers(50, 3_000_000), st.sampled_from([5, 10, 15, 20]))
def test_the_band_holds_the_estimate_and_no_gram_outside(estimate_g: int, percent: int) -> None:
    least, most = band_of(estimate_g, percent)
    assert least <= estimate_g <= most
    assert least * 100 >= estimate_g * (100 - percent) > (least - 1) * 100
    assert most * 100 <= estimate_g * (100 + percent) < (most + 1) * 100


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A vendor whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


async def test_the_price_on_the_form_is_that_of_a_kilogram(client: Any, seller: Vendor) -> None:
    assert (await client.submit("/sell/listings", CHICKEN)).status_code == 303
    made = await Listing.get(vendor_id=seller.id)
    assert (made.price_dong, made.price_per_kg_dong, made.portion_g, made.band_percent) == (
        270_000,
        150_000,
        1_800,
        10,
    )
    led = await client.get(f"/sell/listings/{made.code}")
    assert led.headers["location"] == f"/sell/listings/{made.code}/edit", "where notices about goods lead"
    page = (await client.get(f"/sell/listings/{made.code}/edit")).text
    assert 'value="150000"' in page and 'value="1800"' in page
    await change_shelf(made.id, price_dong=160_000, stock=25, stock_seen=25, person_id=1)
    assert (await Listing.get(id=made.id)).price_dong == 288_000
    assert "160.000\u00a0₫/kg" in (await client.get(f"/goods/{made.code}")).text
    plain = as_typed(made, price_dong="270000", commune="Xã La Hiên, Thái Nguyên")
    await client.submit(f"/sell/listings/{made.code}", plain)
    row = await Listing.get(id=made.id)
    assert (row.price_dong, row.price_per_kg_dong, row.portion_g) == (270_000, None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"portion_g": ""}, "portion_g"),
        ({"portion_g": "49"}, "portion_g"),
        ({"portion_g": "nửa cân"}, "portion_g"),
        ({"price_dong": "600", "portion_g": "500"}, "portion_g"),
        ({"band_percent": "60"}, "band_percent"),
        ({"variant_name": "loại 1"}, "variant_name"),
    ],
)
async def test_wrong_weights_are_told_at_their_field(
    client: Any, seller: Vendor, changes: dict[str, str], field: str
) -> None:
    answer = await client.submit("/sell/listings", {**CHICKEN, **changes})
    assert answer.status_code == 422 and f'id="f-{field}-error"' in answer.text
    assert not await Listing.exists()


async def test_what_leaps_per_kilogram_is_looked_at_first(db: None) -> None:
    goods = await listing(
        price_dong=270_000,
        price_per_kg_dong=150_000,
        portion_g=1_800,
        band_percent=10,
        approved_price_dong=270_000,
    )
    changed = await change_shelf(goods.id, price_dong=450_000, stock=10, stock_seen=10, person_id=1)
    assert changed.state == "submitted"
