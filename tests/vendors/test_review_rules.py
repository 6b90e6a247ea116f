"""What sends goods to an administrator: claims with their words, leaps of price, changed words and photos."""

from typing import Any

import pytest

from kit.roles import Role
from tests.factories import certificate, listing
from vendors.claims import claims_in
from vendors.models import Listing, ListingState
from vendors.review_rules import must_be_seen, price_leapt

SELLER, ADMIN = "+84912345678", "+84973111222"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Trà giảo cổ lam CHỮA KHỎI tiểu đường", ["chữa khỏi"]),
        ("Tinh nghệ trị  bệnh dạ dày", ["trị bệnh"]),
        ("Thần-dược của núi rừng, chữa bệnh gan", ["chữa bệnh"]),
        ("chữa.bệnh", ["chữa bệnh"]),
        ("Chè đạt OCOP 5 sao", ["ocop 5 sao"]),
        ("Chè 4 sao OCOP", ["4 sao ocop"]),
        ("Mật gấu nguyên chất", ["mật gấu"]),
    ],
)
def test_claims_are_found_with_their_words(text: str, words: list[str]) -> None:
    found = [claim.words for claim in claims_in(text)]
    assert [one for one in words if one in found] == words


@pytest.mark.parametrize(
    "text",
    ["Chè ngon, sao tay", "Bánh gấu nhân mật", "trị giá 5 sao", "Chữa lành vết xước sơn", "Sao vàng 5 cánh"],
)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert claims_in(text) == []


def test_stars_may_be_named_by_those_who_have_them() -> None:
    assert claims_in("Chè OCOP 4 sao", stars=4) == []
    assert [one.words for one in claims_in("Chè OCOP 5 sao", stars=4)] == ["ocop 5 sao"]


@pytest.mark.parametrize(
    ("approved", "price", "leaps"),
    [
        (100_000, 299_999, False),
        (100_000, 300_000, True),
        (100_000, 33_334, False),
        (90_000, 30_000, True),
        (100_000, 100_000, False),
        (None, 999_000, False),
    ],
)
def test_a_price_leaps_at_three_times_or_a_third(approved: int | None, price: int, leaps: bool) -> None:
    goods = Listing(price_dong=price, approved_price_dong=approved, state=ListingState.ON_SALE)
    assert price_leapt(goods) is leaps
    assert must_be_seen(goods) is leaps


def test_goods_that_are_not_on_sale_do_not_go_to_review_by_a_change() -> None:
    hidden = Listing(price_dong=900_000, approved_price_dong=1_000, state=ListingState.HIDDEN)
    assert not must_be_seen(hidden, changed=["name"], photos_changed=True)


@pytest.fixture
async def goods(db: None, client: Any, sign_in_as: Any) -> Listing:
    """Tea on sale, approved at its price, its seller signed in."""
    made = await listing(approved_price_dong=220_000)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.vendor_id)))
    return made


async def test_a_leap_of_price_waits_for_an_administrator_who_sees_both_prices(
    client: Any, browser: Any, sign_in_as: Any, goods: Listing
) -> None:
    shelf = {"stock": "10", "stock_seen": "10"}
    answer = await client.submit(f"/sell/listings/{goods.code}/shelf", {**shelf, "price_dong": "400000"})
    assert answer.headers["location"].endswith("told=changed")
    answer = await client.submit(f"/sell/listings/{goods.code}/shelf", {**shelf, "price_dong": "700000"})
    assert answer.headers["location"].endswith("told=leapt")
    await goods.refresh_from_db()
    assert goods.state == ListingState.SUBMITTED
    assert (
        "Giá đổi nhiều nên ban quản lý xem lại trước." in (await client.get("/sell/listings?told=leapt")).text
    )
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        page = (await desk.get("/admin/listings")).text
        assert "Giá đổi từ 220.000\xa0₫ thành 700.000\xa0₫." in page
        await desk.submit(f"/admin/listings/{goods.code}/approval")
    await goods.refresh_from_db()
    assert (goods.state, goods.approved_price_dong) == (ListingState.ON_SALE, 700_000)


async def test_a_claim_is_shown_with_its_word_to_both_sides(
    client: Any, browser: Any, sign_in_as: Any, goods: Listing
) -> None:
    await certificate(goods, stars=4)
    about = "Trà chữa khỏi mất ngủ, thần dược. OCOP 5 sao."
    await Listing.filter(id=goods.id).update(state=ListingState.SUBMITTED, about=about)
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        for page in ((await desk.get("/admin/listings")).text, (await client.get("/sell/listings")).text):
            assert "Có chữ «chữa khỏi», «thần dược»: nói hàng chữa bệnh." in page
            assert "Có chữ «ocop 5 sao»: nhắc sao OCOP mà không có chứng nhận." in page
