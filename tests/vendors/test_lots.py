"""Harvest lots: the one that expires first is served first, and anybody may read where it comes from."""

import re
from datetime import timedelta
from typing import Any

import pytest

from kit.dates import vietnam_date
from kit.roles import Role
from tests.factories import boxes, certificate, listing, vendor
from tests.vendors.test_listings import SELLER
from vendors.models import HarvestLot, Listing, ListingState, LotUse, StockMove, Vendor
from vendors.services import change_shelf, release, reserve
from vendors.services.stock.lots import LotContent, add_lot, end_lots


async def a_lot(
    goods: Listing, clock: Any, *, quantity: int, best_in: int | None = None, **more: Any
) -> HarvestLot:
    """Picked today, good for so many days."""
    today = vietnam_date(clock.now())
    best = today + timedelta(days=best_in) if best_in is not None else None
    content = LotContent(today, best, "đồi chè nhà, xóm Nam Đồng", quantity, **more)
    return await add_lot(goods.id, content, person_id=1, now=clock.now())


async def on_shelf(lot: HarvestLot) -> int:
    return int((await HarvestLot.get(id=lot.id)).on_shelf)


async def test_a_lot_adds_to_the_stock_and_is_booked(db: None, clock: Any) -> None:
    goods = await listing(stock=2)
    lot = await a_lot(goods, clock, quantity=8)
    assert (await Listing.get(id=goods.id)).stock == 10
    move = await StockMove.get(reference=f"lot:{lot.code}")
    assert (move.quantity, move.kind) == (8, "stocked")


async def test_the_lot_that_expires_first_is_served_first_and_gets_back_what_is_released(
    db: None, clock: Any
) -> None:
    goods = await listing(stock=1)
    never, late, soon = [await a_lot(goods, clock, quantity=3, best_in=days) for days in (None, 90, 30)]
    served = await reserve({goods.id: 5}, "order:1")
    assert served == {(goods.id, None): [soon.code, late.code]}
    assert [await on_shelf(one) for one in (soon, late, never)] == [0, 1, 3]
    assert await reserve({goods.id: 5}, "order:2") == {(goods.id, None): [late.code, never.code]}
    await release("order:1")
    await release("order:1")
    assert [await on_shelf(one) for one in (soon, late, never)] == [3, 2, 0]
    assert await LotUse.filter(is_back=True).count() == 2
    assert (await Listing.get(id=goods.id)).stock == 5


async def test_a_lot_of_a_variant_serves_that_variant_alone(db: None, clock: Any) -> None:
    goods, ids = await boxes(("200 g", 90_000, 0), ("500 g", 200_000, 2))
    with pytest.raises(Exception, match="loại nào"):
        await a_lot(goods, clock, quantity=4)
    lot = await a_lot(goods, clock, quantity=4, variant_id=ids["200 g"])
    served = await reserve({}, "order:1", of_variants={ids["200 g"]: 1, ids["500 g"]: 1})
    assert served == {(goods.id, ids["200 g"]): [lot.code]}
    assert (await Listing.get(id=goods.id)).stock == 4


async def test_lots_never_hold_more_than_was_counted(db: None, clock: Any) -> None:
    goods = await listing(stock=0)
    soon, late = (
        await a_lot(goods, clock, quantity=5, best_in=9),
        await a_lot(goods, clock, quantity=5, best_in=99),
    )
    await change_shelf(goods.id, price_dong=goods.price_dong, stock=7, stock_seen=10, person_id=1)
    assert [await on_shelf(soon), await on_shelf(late)] == [2, 5]


async def test_what_is_past_its_best_leaves_the_shelf_once(db: None, clock: Any) -> None:
    goods = await listing(stock=1)
    lot = await a_lot(goods, clock, quantity=5, best_in=3)
    day = vietnam_date(clock.now()) + timedelta(days=3)
    await end_lots(today=day)
    assert await on_shelf(lot) == 5
    for _ in range(2):
        await end_lots(today=day + timedelta(days=1))
    assert await on_shelf(lot) == 0 and (await Listing.get(id=goods.id)).stock == 1


async def test_the_trace_says_where_when_and_who(client: Any, db: None, clock: Any) -> None:
    goods = await listing(approved_price_dong=220_000)
    await certificate(goods, stars=4)
    lot = await a_lot(goods, clock, quantity=5, best_in=3)
    page = (await client.get(f"/lots/{lot.code.lower()}")).text
    for words in (lot.code, "đồi chè nhà, xóm Nam Đồng", "Chè Hảo Đạt", "Xóm Nam Đồng", "2890/QĐ-BNN-VPĐP"):
        assert words in page
    assert f"/lots/{lot.code}" in (await client.get(f"/goods/{goods.code}")).text
    drawn = await client.get(f"/lots/{lot.code}/qr.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml") and "<path" in drawn.text
    told = (await client.get(f"/api/v1/lots/{lot.code}")).json()
    assert (told["stars"], told["producer"], told["is_past_best"]) == (4, "Chè Hảo Đạt", False)
    await Listing.filter(id=goods.id).update(state=ListingState.HIDDEN)
    hidden = await client.get(f"/lots/{lot.code}")
    assert hidden.status_code == 200 and f"/goods/{goods.code}" not in hidden.text


async def test_a_lot_of_goods_nobody_approved_and_an_unknown_code_are_not_found(
    client: Any, db: None, clock: Any
) -> None:
    goods = await listing(state=ListingState.SUBMITTED)
    lot = await a_lot(goods, clock, quantity=5)
    for path in (
        f"/lots/{lot.code}",
        f"/lots/{lot.code}/qr.svg",
        "/lots/ME00000000",
        f"/api/v1/lots/{'x' * 40}",
    ):
        assert (await client.get(path)).status_code == 404


@pytest.fixture
async def seller(db: None, client: Any, sign_in_as: Any) -> Vendor:
    """A vendor whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


async def test_a_seller_adds_a_lot_on_a_page(client: Any, seller: Vendor, clock: Any) -> None:
    goods = await listing(seller, stock=0)
    path, today = f"/sell/listings/{goods.code}/lots", vietnam_date(clock.now())
    good = {"harvested_on": str(today), "plot": "vườn sau nhà", "quantity": "12"}
    assert (await client.submit(path, good)).headers["location"] == f"{path}?told=added"
    page = (await client.get(f"{path}?told=added")).text
    assert "vườn sau nhà" in page and "Còn 12 trên 12" in page
    bad = {
        "harvested_on": str(today + timedelta(days=1)),
        "plot": "",
        "quantity": "0",
        "best_before": str(today - timedelta(days=1)),
    }
    for name, value in bad.items():
        answer = await client.submit(path, {**good, name: value})
        assert answer.status_code == 422 and f"f-{name}-error" in answer.text, name
    assert await HarvestLot.all().count() == 1
    other = await listing(await vendor("Khác", "khac"))
    assert (await client.submit(f"/sell/listings/{other.code}/lots", good)).status_code == 404
    assert re.search(r"ME[0-9A-Z]{8}", page)
