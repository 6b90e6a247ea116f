"""Sizes and qualities of goods: each with its own price and shelf, and the goods' own numbers are their sums."""

from typing import Any

import pytest

from kit.errors import Refusal
from kit.roles import Role
from tests.conftest import Queries
from tests.factories import boxes, listing, vendor
from tests.vendors.conftest import Communes
from tests.vendors.test_listings import GOOD, SELLER, as_typed
from vendors.models import Listing, ListingState, StockMove, StockMoveKind, Variant, Vendor
from vendors.services import change_shelf, goods_for_sale, listing_documents, release, reserve, sell
from vendors.services.listings import put_variant
from vendors.services.variants import VARIANTS_MAX, VariantContent

REFERENCE = "order:1"
TWO = {
    "variant_name": "loại 1",
    "variant_2_name": "loại 2",
    "variant_2_price_dong": "45.000",
    "variant_2_stock": "8",
}


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A vendor whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


async def shelf(variant_id: int) -> tuple[int, int, int]:
    row = await Variant.get(id=variant_id)
    return row.stock, row.reserved, row.sold


async def assert_sums(goods: Listing) -> Listing:
    """The goods' stock is the sum over what is offered, and the moves add up to every shelf."""
    row = await Listing.get(id=goods.id)
    offered = await Variant.filter(listing_id=goods.id, is_offered=True)
    assert row.stock == sum(one.stock for one in offered)
    assert (row.price_dong, row.price_to_dong) == (
        min(one.price_dong for one in offered),
        max(one.price_dong for one in offered),
    )
    return row


async def test_goods_are_put_up_with_their_variants(client: Any, seller: Vendor) -> None:
    answer = await client.submit("/sell/listings", {**GOOD, **TWO})
    assert answer.status_code == 303
    made = await assert_sums(await Listing.get(vendor_id=seller.id))
    assert (made.price_dong, made.price_to_dong, made.stock) == (45_000, 60_000, 33)
    first, second = await Variant.filter(listing_id=made.id).order_by("position")
    assert (first.name, first.price_dong, first.unit, first.stock) == ("loại 1", 60_000, "kg", 25)
    assert (second.name, second.unit, second.weight_g) == ("loại 2", "kg", first.weight_g)
    moves = await StockMove.filter(listing_id=made.id, kind=StockMoveKind.STOCKED)
    assert {(move.variant_id, move.quantity) for move in moves} == {(first.id, 25), (second.id, 8)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"variant_name": ""}, "variant_name"),
        ({"variant_2_name": ""}, "variant_2_name"),
        ({"variant_2_name": "Loại 1"}, "variant_name"),
        ({"variant_2_name": "x" * 61}, "variant_2_name"),
        ({"variant_2_price_dong": "1.5e9"}, "variant_2_price_dong"),
        ({"variant_2_price_dong": ""}, "variant_2_price_dong"),
        ({"variant_2_stock": "-3"}, "variant_2_stock"),
        ({"variant_2_weight_g": "0"}, "variant_2_weight_g"),
        ({"variant_8_name": "loại 8"}, "variant_8_price_dong"),
    ],
)
async def test_a_wrong_row_is_told_at_its_field_and_nothing_is_kept(
    client: Any, seller: Vendor, changes: dict[str, str], field: str
) -> None:
    answer = await client.submit("/sell/listings", {**GOOD, **TWO, **changes})
    assert answer.status_code == 422 and f'id="f-{field}-error"' in answer.text
    assert (
        'value="Na La Hiên"' in answer.text
        and f'value="{changes.get("variant_2_stock", "8")}"' in answer.text
    )
    assert not await Listing.exists() and not await Variant.exists()


async def test_the_edit_page_shows_every_row_and_saving_changes_nothing(client: Any, seller: Vendor) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3), seller=seller)
    page = await client.get(f"/sell/listings/{goods.code}/edit")
    for value in ("200 g", "500 g", "90000", "200000"):
        assert f'value="{value}"' in page.text
    again = {"variant_name": "200 g", "variant_2_name": "500 g", "variant_2_price_dong": "200000"}
    again |= {"variant_2_stock": "3", "variant_2_stock_seen": "3", "variant_2_unit": "hộp"}
    sent = as_typed(goods, price_dong="90000", stock="5", stock_seen="5", unit="hộp", weight_g="300", **again)
    assert (await client.submit(f"/sell/listings/{goods.code}", sent)).headers["location"].endswith("changed")
    row = await assert_sums(goods)
    assert (row.state, row.stock) == (ListingState.ON_SALE, 8)
    assert {name: await shelf(id) for name, id in ids.items()} == {"200 g": (5, 0, 0), "500 g": (3, 0, 0)}


async def test_what_was_sold_while_the_seller_counted_stays_sold(client: Any, seller: Vendor) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3), seller=seller)
    await reserve({}, REFERENCE, of_variants={ids["200 g"]: 2})
    counted = VariantContent("200 g", 90_000, "hộp", 300, 10, stock_seen=5)
    await put_variant(goods.id, counted, person_id=1)
    assert await shelf(ids["200 g"]) == (8, 2, 0)
    await assert_sums(goods)


async def test_a_new_variant_and_a_price_that_leaps_are_looked_at_first(db: None) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    plain = VariantContent("500 g", 220_000, "hộp", 300, 3)
    assert (await put_variant(goods.id, plain, person_id=1)).state == ListingState.ON_SALE
    leap = VariantContent("500 g", 660_000, "hộp", 300, 3)
    assert (await put_variant(goods.id, leap, person_id=1)).state == ListingState.SUBMITTED
    await Listing.filter(id=goods.id).update(state=ListingState.ON_SALE)
    fresh = VariantContent("1 kg", 390_000, "hộp", 1_100, 3)
    assert (await put_variant(goods.id, fresh, person_id=1)).state == ListingState.SUBMITTED
    await assert_sums(goods)


async def test_the_desk_reads_the_variants_and_why_they_wait(client: Any, db: None, sign_in_as: Any) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5), ("chữa khỏi ho", 200_000, 3))
    leap = VariantContent("200 g", 300_000, "hộp", 300, 3)
    await put_variant(goods.id, leap, person_id=1)
    await sign_in_as(client, "+84973111222", Role.ADMIN)
    page = (await client.get("/admin/listings")).text
    assert "200 g: 300.000" in page and "Giá «200 g» đổi từ 90.000" in page and "chữa khỏi" in page


async def test_pieces_are_reserved_released_and_sold_by_variant(db: None) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    for number in (1, 2):
        await reserve({}, f"order:{number}", of_variants={ids["200 g"]: 2, ids["500 g"]: 1})
    assert await shelf(ids["200 g"]) == (1, 4, 0)
    with pytest.raises(Refusal, match="«Chè móc câu, 200 g» chỉ còn 1"):
        await reserve({}, "order:3", of_variants={ids["200 g"]: 2})
    assert [await sell("order:1"), await release("order:2"), await release("order:2")] == [True, True, False]
    assert await shelf(ids["200 g"]) == (3, 0, 2)
    row = await assert_sums(goods)
    assert (row.stock, row.reserved, row.sold) == (5, 0, 3)


async def test_goods_with_variants_are_reserved_by_variant_only(db: None) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5))
    with pytest.raises(Refusal, match="Không còn đủ hàng"):
        await reserve({goods.id: 1}, REFERENCE)
    with pytest.raises(Refusal, match="không còn trong chợ"):
        await reserve({}, REFERENCE, of_variants={999_999: 1})


async def test_what_comes_back_to_a_variant_taken_away_is_not_on_sale(client: Any, seller: Vendor) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3), seller=seller)
    await reserve({}, REFERENCE, of_variants={ids["500 g"]: 2})
    sent = as_typed(goods, price_dong="90000", stock="5", stock_seen="5", unit="hộp", variant_name="200 g")
    await client.submit(f"/sell/listings/{goods.code}", sent)
    assert (await assert_sums(goods)).stock == 5
    await release(REFERENCE)
    row = await assert_sums(goods)
    assert (row.stock, row.reserved) == (5, 0)


async def test_goods_become_one_thing_again_and_back(client: Any, seller: Vendor) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3), seller=seller)
    plain = as_typed(goods, price_dong="95000", stock="7", stock_seen="5", unit="hộp")
    await client.submit(f"/sell/listings/{goods.code}", plain)
    row = await Listing.get(id=goods.id)
    assert (row.price_dong, row.price_to_dong, row.stock, row.state) == (95_000, None, 7, "submitted")
    assert not await Variant.filter(is_offered=True).exists()
    await client.submit(f"/sell/listings/{goods.code}", {**plain, **TWO})
    assert (await assert_sums(goods)).stock == 15
    moves = await StockMove.filter(listing_id=goods.id, kind=StockMoveKind.STOCKED)
    assert sum(move.quantity for move in moves) == 15, "the moves add up to what stands there"


async def test_price_and_stock_of_goods_with_variants_change_on_their_page_only(db: None) -> None:
    goods, _ = await boxes(("200 g", 90_000, 5))
    with pytest.raises(Refusal, match="nhiều loại"):
        await change_shelf(goods.id, price_dong=1_000, stock=1, stock_seen=5, person_id=1)


async def test_more_than_eight_variants_are_refused(db: None) -> None:
    goods, _ = await boxes(*((f"cỡ {n}", 90_000, 1) for n in range(VARIANTS_MAX)))
    with pytest.raises(Refusal, match="nhiều nhất 8 loại"):
        await put_variant(goods.id, VariantContent("cỡ 9", 9_000, "hộp", 300, 1), person_id=1)


async def test_pages_cards_and_the_index_say_from_which_price(client: Any, db: None, clock: Any) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 0))
    page = (await client.get(f"/goods/{goods.code}")).text
    assert f'value="{ids["200 g"]}" required' in page and f'value="{ids["500 g"]}" required disabled' in page
    [facts] = await listing_documents([goods.id], today=clock.now().date())
    assert (facts.price_dong, facts.price_to_dong) == (90_000, 200_000)
    seller = await client.get("/sellers/che-hao-dat")
    assert '<span class="product-unit">từ</span>' in seller.text
    told = (await client.get(f"/api/v1/goods/{goods.code}")).json()
    assert [(one["name"], one["stock"]) for one in told["variants"]] == [("200 g", 5), ("500 g", 0)]


async def test_goods_for_a_basket_take_three_queries(db: None, queries: Queries) -> None:
    goods, ids = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3))
    plain = await listing(await Vendor.first(), "Mật ong")
    with queries.at_most(3):
        found = await goods_for_sale([goods.id, plain.id])
    assert found[plain.id].chosen(None) is found[plain.id] and found[plain.id].chosen(1) is None
    chosen = found[goods.id].chosen(ids["500 g"])
    assert chosen is not None and (chosen.name, chosen.price_dong, chosen.stock) == (
        "Chè móc câu, 500 g",
        200_000,
        3,
    )
    assert found[goods.id].chosen(None) is None
