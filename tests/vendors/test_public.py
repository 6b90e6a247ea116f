"""What shoppers see: goods, stars only while they are valid, sellers, markets, and the question of age."""

from datetime import date
from typing import Any

import html5lib
import pytest

from kit.dates import vietnam_date
from kit.roles import Role
from tests.factories import boxes, certificate, listing, market, vendor
from vendors.models import Listing, ListingState, Photo, Stall, Vendor, VendorState
from vendors.services import (
    goods_by_code,
    goods_for_sale,
    ids_on_sale,
    listing_documents,
    newest_cards,
    pay_to,
)

TODAY = date(2026, 11, 21)


async def test_goods_show_price_seller_commune_and_can_be_put_into_the_basket(client: Any, db: None) -> None:
    goods = await listing()
    page = await client.get(f"/goods/{goods.code}")
    assert page.status_code == 200
    for words in (
        "220.000\xa0₫",
        "gói 500 g",
        "Chè Hảo Đạt",
        "Xã Tân Cương",
        "0912\u00a0000\u00a0111",
        "Bỏ vào giỏ",
        goods.code,
    ):
        assert words in page.text
    assert f'name="listing" value="{goods.code}"' in page.text
    assert "OCOP" not in page.text


async def test_a_code_is_found_as_people_type_it(client: Any, db: None) -> None:
    goods = await listing()
    assert (await client.get(f"/goods/{goods.code.lower()}")).status_code == 200
    assert (await client.get("/goods/HKHONGCO99")).status_code == 404


async def test_what_a_seller_writes_cannot_leave_its_place(client: Any, db: None) -> None:
    evil = '</script><script>alert(1)</script>"&\u2028'
    goods = await listing(name="<b>Chè</b>", about=evil)
    page = await client.get(f"/goods/{goods.code}")
    assert "<script>alert" not in page.text and "<b>Chè" not in page.text
    said = html5lib.parse(page.text, namespaceHTMLElements=False)
    description = said.find(".//*[@itemprop='description']")
    assert description is not None and "alert(1)" in "".join(description.itertext())
    assert said.find(".//*[@itemprop='price']").get("content") == "220000"


async def test_a_goods_page_says_what_other_sites_read(client: Any, db: None) -> None:
    """schema.org and Open Graph: price, stock, seller, absolute addresses."""
    goods = await listing(stock=0)
    page = await client.get(f"/goods/{goods.code}")
    said = html5lib.parse(page.text, namespaceHTMLElements=False)
    offer = said.find(".//*[@itemtype='https://schema.org/Offer']")
    told = {one.get("itemprop"): one.get("content") or one.get("href") for one in offer.iter()}
    assert told["price"] == "220000" and told["priceCurrency"] == "VND"
    assert told["availability"] == "https://schema.org/OutOfStock"
    assert (told["name"], told["url"]) == ("Chè Hảo Đạt", "http://test/sellers/che-hao-dat")
    opened = {one.get("property"): one.get("content") for one in said.iter("meta") if one.get("property")}
    assert opened["og:url"] == f"http://test/goods/{goods.code}"
    assert opened["product:availability"] == "out of stock" and opened["product:price:amount"] == "220000"
    assert f"https://zalo.me/share?url=http%3A%2F%2Ftest%2Fgoods%2F{goods.code}" in page.text
    sized, _ = await boxes(("200 g", 90_000, 5), ("500 g", 200_000, 3), seller=await Vendor.first())
    page = await client.get(f"/goods/{sized.code}")
    offer = html5lib.parse(page.text, namespaceHTMLElements=False).find(
        ".//*[@itemtype='https://schema.org/AggregateOffer']"
    )
    told = {one.get("itemprop"): one.get("content") for one in offer.iter()}
    assert (told["lowPrice"], told["highPrice"], told["offerCount"]) == ("90000", "200000", "2")


async def test_stars_only_while_the_certificate_is_valid(client: Any, clock: Any, db: None) -> None:
    goods = await listing()
    today = vietnam_date(clock.now())
    await certificate(goods, stars=4, valid_to=today)
    page = await client.get(f"/goods/{goods.code}")
    assert "Chứng nhận OCOP 4 sao, Quyết định 2890/QĐ-BNN-VPĐP ngày 30/06/2024" in page.text
    clock.forward(days=1)
    page = await client.get(f"/goods/{goods.code}")
    assert "Chứng nhận OCOP" not in page.text
    assert "đã hết hiệu lực" in page.text


@pytest.mark.parametrize("missing", [{"decided_on": None}, {"valid_to": None}])
async def test_a_certificate_without_its_dates_gives_no_stars(db: None, missing: dict[str, None]) -> None:
    goods = await listing()
    row = await certificate(goods)
    await row.update_from_dict(missing).save()
    [facts] = await listing_documents([goods.id], today=TODAY)
    assert facts.stars == 0


@pytest.mark.parametrize("state", [one for one in ListingState if one is not ListingState.ON_SALE])
async def test_goods_not_on_sale_are_seen_by_their_seller_and_administrators_only(
    client: Any, db: None, sign_in_as: Any, state: ListingState
) -> None:
    goods = await listing(state=state)
    path = f"/goods/{goods.code}"
    assert (await client.get(path)).status_code == 404
    await sign_in_as(client, "+84912345678", (Role.VENDOR, str(goods.vendor_id + 1)))
    assert (await client.get(path)).status_code == 404
    await sign_in_as(client, "+84987654321", (Role.VENDOR, str(goods.vendor_id)))
    page = await client.get(path)
    assert page.status_code == 200 and "Bỏ vào giỏ" not in page.text
    await sign_in_as(client, "+84973111222", Role.ADMIN)
    assert (await client.get(path)).status_code == 200


async def test_goods_of_a_suspended_vendor_are_gone(client: Any, db: None) -> None:
    goods = await listing()
    await Vendor.filter(id=goods.vendor_id).update(state=VendorState.SUSPENDED)
    assert (await client.get(f"/goods/{goods.code}")).status_code == 404
    assert await goods_for_sale([goods.id]) == {}
    assert await listing_documents([goods.id], today=TODAY) == []
    assert await ids_on_sale() == []


async def test_wine_asks_for_the_age_once_on_a_device(client: Any, db: None) -> None:
    wine = await listing(name="Rượu mơ", kind="wine", is_adult_only=True)
    asked = await client.get(f"/goods/{wine.code}")
    assert "Bạn đã đủ 18 tuổi chưa?" in asked.text
    assert "Rượu mơ" not in asked.text
    answer = await client.submit(f"/goods/{wine.code}/age")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/goods/{wine.code}")
    assert "Rượu mơ" in (await client.get(f"/goods/{wine.code}")).text


async def test_a_sellers_page_shows_goods_and_asks_few_questions(client: Any, db: None, queries: Any) -> None:
    seller = await vendor()
    for number in range(25):
        await certificate(await listing(seller, f"Chè số {number}"))
    await listing(seller, "Rượu men lá", kind="wine", is_adult_only=True)
    await listing(seller, "Chưa duyệt", state=ListingState.SUBMITTED)
    with queries.at_most(6):
        page = await client.get("/sellers/che-hao-dat")
    assert page.text.count('<article class="product-card') == 24
    assert "Rượu men lá" not in page.text and "Chưa duyệt" not in page.text
    assert (await client.get("/sellers/che-hao-dat?page=2")).text.count('<article class="product-card') == 1
    assert (await client.get("/sellers/khong-co")).status_code == 404


async def test_a_market_shows_who_sells_there_and_asks_few_questions(
    client: Any, db: None, queries: Any
) -> None:
    cho_thai = await market()
    for number in range(26):
        seller = await vendor(f"Nhà {number}", f"nha-{number}", phone=f"+849000000{number:02}")
        await Stall.create(market=cho_thai, vendor=seller, number=f"A{number:02}")
        await listing(seller)
    with queries.at_most(5):
        page = await client.get("/markets/cho-thai")
    assert page.text.count('class="list-row"') == 24
    assert "Chè, trà" in page.text
    with queries.at_most(3):
        markets = await client.get("/markets")
    assert "26 quầy" in markets.text
    assert (await client.get("/markets/cho-ma")).status_code == 404


async def test_goods_for_the_basket(db: None, queries: Any) -> None:
    goods = await listing()
    hidden = await listing(await Vendor.get(), "Chè cất", state=ListingState.HIDDEN)
    with queries.at_most(2):
        found = await goods_for_sale([goods.id, hidden.id, 999_999])
    assert list(found) == [goods.id]
    one = found[goods.id]
    assert (one.price_dong, one.unit, one.weight_g, one.stock) == (220_000, "gói 500 g", 550, 10)
    assert (one.url, one.picture_url) == (f"/goods/{goods.code}", "/static/img/goods/tea.svg")
    assert await goods_by_code(goods.code) == one
    assert await goods_by_code(hidden.code) is None


async def test_the_index_gets_all_that_a_card_shows(db: None, queries: Any) -> None:
    seller = await vendor()
    goods = await listing(seller, stock=0)
    await certificate(goods, stars=5)
    await certificate(goods, stars=3)
    for position, key in ((1, "b" * 40), (0, "a" * 40)):
        await Photo.create(
            listing=goods, position=position, key=key, width_px=960, height_px=1280, blur_url=f"data:{key}"
        )
    for name, slug in (("Chợ Thái", "cho-thai"), ("Chợ Đồng Quang", "cho-dong-quang")):
        await Stall.create(market=await market(name, slug), vendor=seller, number="A1")
    with queries.at_most(6):
        facts = (await listing_documents([goods.id, 999], today=TODAY))[0]
    assert (facts.stars, facts.sold_out, facts.kind_name) == (5, True, "Chè, trà")
    assert (facts.market, facts.market_code, facts.places) == ("Chợ Thái", "cho-thai", ("Chợ Đồng Quang",))
    assert (facts.names, facts.ways) == ((), ("post", "stall"))
    assert (facts.picture_url, facts.blur_url) == (f"/media/{'a' * 40}-320.webp", f"data:{'a' * 40}")
    assert facts.picture_srcset == f"/media/{'a' * 40}-320.webp 240w, /media/{'a' * 40}-640.webp 480w"
    assert (facts.province, facts.seller_url, facts.url) == (
        "Thái Nguyên",
        "/sellers/che-hao-dat",
        f"/goods/{goods.code}",
    )


async def test_the_first_page_shows_new_goods_that_can_be_had(db: None, queries: Any) -> None:
    seller = await vendor()
    await listing(seller, "Hết hàng", stock=0)
    await listing(seller, "Rượu", is_adult_only=True)
    await listing(seller, "Chè mới")
    with queries.at_most(3):
        cards = await newest_cards(today=TODAY)
    assert [card.name for card in cards] == ["Chè mới"]


async def test_buyers_pay_the_default_account(db: None) -> None:
    seller = await vendor()
    paid = await pay_to(seller.id)
    assert (paid.bin, paid.number, paid.holder, paid.bank_name) == (
        "970436",
        "0123456789",
        "DAO THANH HAO",
        "Vietcombank",
    )


async def test_no_page_of_vendors_is_lost_in_english(client: Any, db: None, sign_in_as: Any) -> None:
    goods = await listing()
    client.cookies.set("language", "en")
    assert "Add to basket" in (await client.get(f"/goods/{goods.code}")).text
    assert "Who sells here" in (await client.get(f"/markets/{(await market()).slug}")).text
    assert await Listing.all().count() == 1
