"""Listings: written, approved or returned, changed, counted, put away; only by their own seller."""

from datetime import timedelta
from typing import Any

import pytest

from kit.codes import is_code
from kit.dates import show_day, vietnam_date
from kit.models import Job
from kit.roles import Role
from tests.factories import LA_HIEN, listing, photo_bytes, vendor
from tests.vendors.conftest import Communes
from vendors.models import Listing, ListingState, Photo, StockMove, StockMoveKind, Vendor, VendorState
from vendors.services import reserve

SELLER, OTHER, ADMIN = "+84912345678", "+84987654321", "+84973111222"
GOOD = {
    "name": "Na La Hiên",
    "kind": "custard_apple",
    "price_dong": "60.000",
    "unit": "kg",
    "weight_g": "",
    "stock": "25",
    "commune": "la hien",
    "about": "Na dai chín cây.\r\nHái buổi sáng.",
}


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A vendor whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


def as_typed(goods: Listing, **changes: str) -> dict[str, str]:
    """What the edit page would send for these goods."""
    sent = {
        "name": goods.name,
        "kind": goods.kind,
        "price_dong": str(goods.price_dong),
        "unit": goods.unit,
        "weight_g": str(goods.weight_g),
        "stock": str(goods.stock),
        "stock_seen": str(goods.stock),
        "commune": "Xã Tân Cương, Thái Nguyên",
        "commune_code": goods.commune_code,
        "about": goods.about,
    }
    return {**sent, **changes}


async def test_a_listing_with_photos_waits_for_approval(client: Any, seller: Vendor) -> None:
    files = [
        ("photos", ("a.jpg", photo_bytes(), "image/jpeg")),
        ("photos", ("b.jpg", photo_bytes((200, 0, 0)))),
    ]
    answer = await client.submit("/sell/listings", GOOD, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sell/listings?told=put_up")
    made = await Listing.get(vendor_id=seller.id)
    assert is_code(made.code, "H")
    assert (made.state, made.price_dong, made.stock, made.weight_g) == (
        ListingState.SUBMITTED,
        60_000,
        25,
        1_200,
    )
    assert (made.commune_code, made.province, made.art) == (LA_HIEN, "Tỉnh Thái Nguyên", "custard_apple")
    assert made.about == "Na dai chín cây.\nHái buổi sáng."
    photos = await Photo.filter(listing_id=made.id).order_by("position")
    assert [(one.position, one.width_px, one.height_px) for one in photos] == [(0, 640, 480), (1, 640, 480)]
    move = await StockMove.get(listing_id=made.id)
    assert (move.kind, move.quantity) == (StockMoveKind.STOCKED, 25)
    assert await Job.filter(name="index_listing", subject_id=made.id).exists()
    page = await client.get("/sell/listings?told=put_up")
    assert "Đã gửi duyệt." in page.text and "Chờ duyệt" in page.text


async def test_wine_is_for_grown_ups_by_its_kind(client: Any, seller: Vendor) -> None:
    await client.submit("/sell/listings", {**GOOD, "kind": "wine"})
    assert (await Listing.get(vendor_id=seller.id)).is_adult_only


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Cần tên hàng"),
        ({"name": "n" * 121}, "Nhiều nhất 120 chữ. Bạn vừa nhập 121."),
        ({"kind": ""}, "Hãy chọn loại hàng."),
        ({"kind": "gold"}, "Hãy chọn loại hàng."),
        ({"price_dong": "nhiều"}, "Số tiền cần là số đồng"),
        ({"price_dong": "0"}, "Số tiền từ 500\xa0₫"),
        ({"price_dong": "-5"}, "Số tiền cần là số đồng"),
        ({"price_dong": "2 tỷ"}, "đến 1.000.000.000\xa0₫"),
        ({"unit": ""}, "Cần đơn vị bán"),
        ({"weight_g": "30001"}, "Số từ 1 đến 30000. Bạn vừa nhập 30001."),
        ({"weight_g": "nặng"}, "Ô này cần một số nguyên"),
        ({"stock": ""}, "Ô này cần được điền."),
        ({"stock": "-1"}, "Số từ 0 đến 100000. Bạn vừa nhập -1."),
        ({"stock": "1,5"}, "Ô này cần một số nguyên"),
        ({"commune": ""}, "Cần tên xã hoặc phường"),
        ({"commune": "tan thanh"}, "Có nhiều nơi tên như vậy."),
        ({"about": "a" * 4001}, "Nhiều nhất 4000 chữ."),
        ({"harvested_on": "hôm qua"}, "Ngày cần viết như 21/11/2026."),
        ({"best_before": "31/02/2027"}, "Ngày cần viết như 21/11/2026."),
        ({"harvested_on": "2999-01-01"}, "Hãy xem lại năm. Bạn vừa nhập 2999."),
        ({"best_before": "0026-01-01"}, "Hãy xem lại năm. Bạn vừa nhập 26."),
    ],
)
async def test_a_mistake_is_told_at_its_field(
    client: Any, seller: Vendor, change: dict[str, str], sentence: str
) -> None:
    answer = await client.submit("/sell/listings", {**GOOD, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ("Na La Hiên" if "name" not in change else "Na dai chín cây.") in answer.text
    assert not await Listing.all().exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"GIF89a not a picture we take", "Ảnh thứ 1: Ảnh cần là JPEG, PNG, WebP, AVIF hoặc HEIC."),
        (photo_bytes()[:300], "Ảnh thứ 1: Ảnh bị hỏng"),
        (photo_bytes() + b"x" * (12 * 1024 * 1024), "Ảnh thứ 1: Mỗi ảnh nhiều nhất 12 MB."),
    ],
)
async def test_a_bad_photo_is_told_at_its_field(
    client: Any, seller: Vendor, content: bytes, sentence: str
) -> None:
    answer = await client.submit("/sell/listings", GOOD, files=[("photos", ("a.jpg", content))])
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not await Listing.all().exists()


async def test_more_than_eight_photos_are_refused(client: Any, seller: Vendor) -> None:
    files = [("photos", (f"{n}.jpg", photo_bytes((n, 0, 0), (8, 8)))) for n in range(9)]
    answer = await client.submit("/sell/listings", GOOD, files=files)
    assert answer.status_code == 422
    assert "Nhiều nhất 8 ảnh. Bạn vừa gửi 9." in answer.text


async def test_photos_of_a_refused_form_are_kept_for_the_next_try(client: Any, seller: Vendor) -> None:
    first = await client.submit(
        "/sell/listings", {**GOOD, "price_dong": ""}, files=[("photos", ("a.jpg", photo_bytes()))]
    )
    assert first.status_code == 422
    token = first.text.split('name="kept_photo" value="')[1].split('"')[0]
    forged = "0" * 40 + ".640.480"
    answer = await client.submit(
        "/sell/listings", {**GOOD, "kept_photo": [token, forged, "../../etc/passwd"]}
    )
    assert answer.status_code == 303
    assert [one.key for one in await Photo.all()] == [token.split(".")[0]]


async def test_photos_tell_nothing_but_their_pixels_and_may_be_kept_for_ever(
    client: Any, seller: Vendor
) -> None:
    await client.submit("/sell/listings", GOOD, files=[("photos", ("a.jpg", photo_bytes(size=(4000, 3000))))])
    photo = await Photo.get()
    assert (photo.width_px, photo.height_px) == (1280, 960)
    for name in [f"{photo.key}-{variant}.webp" for variant in (320, 640, 1280, "blur")]:
        answer = await client.get(f"/media/{name}")
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert b"camera" not in answer.content
    for wrong in (
        "0" * 40 + "-320.webp",
        f"{photo.key}-321.webp",
        f"{photo.key}-320.webp.txt",
        "..%2F..%2Fetc%2Fpasswd",
    ):
        assert (await client.get(f"/media/{wrong}")).status_code == 404


async def test_price_and_stock_of_goods_on_sale_change_at_once(client: Any, seller: Vendor) -> None:
    goods = await listing(seller)
    answer = await client.submit(
        f"/sell/listings/{goods.code}", as_typed(goods, price_dong="250000", stock="4")
    )
    assert answer.headers["location"] == "/sell/listings?told=changed"
    await goods.refresh_from_db()
    assert (goods.state, goods.price_dong, goods.stock) == (ListingState.ON_SALE, 250_000, 4)


@pytest.mark.parametrize(
    "change",
    [{"name": "Chè đinh"}, {"kind": "herb_tea"}, {"about": "Chữa bách bệnh"}, {"commune": "la hien"}],
)
async def test_new_words_are_looked_at_before_they_are_shown(
    client: Any, seller: Vendor, change: dict[str, str]
) -> None:
    goods = await listing(seller)
    await client.submit(f"/sell/listings/{goods.code}", as_typed(goods, **change))
    await goods.refresh_from_db()
    assert goods.state == ListingState.SUBMITTED


async def test_a_new_photo_is_looked_at_and_a_dropped_one_too(client: Any, seller: Vendor) -> None:
    goods = await listing(seller)
    path = f"/sell/listings/{goods.code}"
    await client.submit(path, as_typed(goods), files=[("photos", ("a.jpg", photo_bytes()))])
    assert (await Listing.get(id=goods.id)).state == ListingState.SUBMITTED
    await Listing.filter(id=goods.id).update(state=ListingState.ON_SALE)
    photo = await Photo.get(listing_id=goods.id)
    await client.submit(path, as_typed(goods, drop_photo=str(photo.id)))
    assert (await Listing.get(id=goods.id)).state == ListingState.SUBMITTED
    assert not await Photo.filter(listing_id=goods.id).exists()


async def test_a_drawing_chosen_for_the_goods_stays_when_the_price_changes(
    client: Any, seller: Vendor
) -> None:
    goods = await listing(seller, art="tea_bud")
    await client.submit(f"/sell/listings/{goods.code}", as_typed(goods, price_dong="1000"))
    await goods.refresh_from_db()
    assert (goods.art, goods.state) == ("tea_bud", ListingState.ON_SALE)


async def test_what_was_sold_while_the_page_was_open_stays_sold(client: Any, seller: Vendor) -> None:
    goods = await listing(seller, stock=10)
    await reserve({goods.id: 4}, "order:1")
    await client.submit(
        f"/sell/listings/{goods.code}/shelf", {"price_dong": "1000", "stock": "12", "stock_seen": "10"}
    )
    assert (await Listing.get(id=goods.id)).stock == 8
    await client.submit(
        f"/sell/listings/{goods.code}/shelf", {"price_dong": "1000", "stock": "0", "stock_seen": "10"}
    )
    row = await Listing.get(id=goods.id)
    assert (row.stock, row.reserved) == (0, 4)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"price_dong": "", "stock": "3", "stock_seen": "10"}, "Ô này cần được điền."),
        ({"price_dong": "1000", "stock": "nhiều", "stock_seen": "10"}, "Ô này cần một số nguyên"),
    ],
)
async def test_a_quick_change_that_is_wrong_is_told_in_its_row(
    client: Any, seller: Vendor, typed: dict[str, str], sentence: str
) -> None:
    goods = await listing(seller)
    answer = await client.submit(f"/sell/listings/{goods.code}/shelf", typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    row = await Listing.get(id=goods.id)
    assert (row.price_dong, row.stock) == (220_000, 10)


async def test_goods_put_away_come_back_through_approval(client: Any, seller: Vendor) -> None:
    goods = await listing(seller)
    await client.submit(f"/sell/listings/{goods.code}/hiding")
    assert (await Listing.get(id=goods.id)).state == ListingState.HIDDEN
    assert (await client.submit(f"/sell/listings/{goods.code}/hiding")).status_code == 409
    await client.submit(f"/sell/listings/{goods.code}/submission")
    assert (await Listing.get(id=goods.id)).state == ListingState.SUBMITTED


async def test_somebody_elses_goods_are_not_there(client: Any, seller: Vendor) -> None:
    other = await vendor("Miến Việt Cường", "mien-viet-cuong", phone=OTHER)
    goods = await listing(other)
    assert (await client.get(f"/sell/listings/{goods.code}/edit")).status_code == 404
    for path, typed in (
        ("", as_typed(goods, name="Của tôi")),
        ("/shelf", {"price_dong": "1000", "stock": "1", "stock_seen": "1"}),
        ("/hiding", {}),
        ("/submission", {}),
    ):
        assert (await client.submit(f"/sell/listings/{goods.code}{path}", typed)).status_code == 404
    assert goods.code not in (await client.get("/sell/listings")).text
    row = await Listing.get(id=goods.id)
    assert (row.name, row.state, row.price_dong) == (goods.name, ListingState.ON_SALE, 220_000)


async def test_a_suspended_vendor_puts_up_nothing(client: Any, seller: Vendor) -> None:
    await Vendor.filter(id=seller.id).update(state=VendorState.SUSPENDED)
    answer = await client.submit("/sell/listings", GOOD)
    assert answer.status_code == 403
    assert "tạm dừng bán" in answer.text
    assert not await Listing.all().exists()


async def test_shoppers_do_not_reach_the_sellers_pages(client: Any, db: None, sign_in_as: Any) -> None:
    await sign_in_as(client, OTHER)
    for path in ("/sell/listings", "/sell/listings/new", "/admin/listings", "/admin/vendors"):
        assert (await client.get(path)).status_code == 403


async def test_the_list_of_goods_asks_few_questions(client: Any, seller: Vendor, queries: Any) -> None:
    for number in range(30):
        await listing(seller, f"Chè số {number}")
    with queries.at_most(6):
        page = await client.get("/sell/listings")
    assert page.text.count('class="shelf-row"') == 24
    assert (await client.get("/sell/listings?page=2")).text.count('class="shelf-row"') == 6
    for odd in ("0", "-1", "abc", "99999", "²"):
        assert (await client.get("/sell/listings", params={"page": odd})).status_code == 200


@pytest.fixture
async def admin(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Any:
    """A signed-in administrator."""
    return await sign_in_as(client, ADMIN, Role.ADMIN)


async def test_one_tap_puts_a_waiting_listing_on_sale(client: Any, admin: Any) -> None:
    goods = await listing(state=ListingState.SUBMITTED)
    page = await client.get("/admin/listings")
    assert goods.name in page.text
    seen = goods.changed_at.isoformat()
    assert (await client.submit(f"/admin/listings/{goods.code}/approval", {"seen": seen})).status_code == 303
    assert (await Listing.get(id=goods.id)).state == ListingState.ON_SALE
    assert (await client.submit(f"/admin/listings/{goods.code}/approval")).status_code == 409, "only once"


async def test_what_changed_since_it_was_seen_is_not_approved(client: Any, admin: Any) -> None:
    goods = await listing(state=ListingState.SUBMITTED)
    seen = goods.changed_at.isoformat()
    goods.name = "Thuốc tiên"
    await goods.save()
    answer = await client.submit(f"/admin/listings/{goods.code}/approval", {"seen": seen})
    assert answer.status_code == 409
    assert (await Listing.get(id=goods.id)).state == ListingState.SUBMITTED


async def test_a_returned_listing_shows_its_reason_and_saving_it_sends_it_again(
    client: Any, admin: Any, sign_in_as: Any
) -> None:
    goods = await listing(state=ListingState.SUBMITTED)
    short = await client.submit(f"/admin/listings/{goods.code}/return", {"because": "mờ"})
    assert short.status_code == 422
    assert "Cần ít nhất 5 chữ" in short.text
    because = "Ảnh mờ, cô chụp lại giúp."
    assert (
        await client.submit(f"/admin/listings/{goods.code}/return", {"because": because})
    ).status_code == 303
    await sign_in_as(client, SELLER, (Role.VENDOR, str(goods.vendor_id)))
    for path in ("/sell/listings", f"/sell/listings/{goods.code}/edit"):
        assert because in (await client.get(path)).text
    await client.submit(f"/sell/listings/{goods.code}", as_typed(goods))
    assert (await Listing.get(id=goods.id)).state == ListingState.SUBMITTED


async def test_goods_on_sale_can_be_taken_down_with_a_reason(client: Any, admin: Any) -> None:
    goods = await listing()
    await client.submit(f"/admin/listings/{goods.code}/return", {"because": "Chưa có giấy công bố."})
    assert (await Listing.get(id=goods.id)).state == ListingState.RETURNED
    assert await Job.filter(name="index_listing", subject_id=goods.id).exists()


async def test_unknown_codes_are_not_found(client: Any, admin: Any) -> None:
    for path in ("approval", "return"):
        answer = await client.submit(f"/admin/listings/HKHONGCO99/{path}", {"because": "không có gì"})
        assert answer.status_code == 404


async def test_the_lists_of_administrators_ask_few_questions(client: Any, admin: Any, queries: Any) -> None:
    for number in range(26):
        seller = await vendor(f"Nhà {number}", f"nha-{number}", phone=f"+849000000{number:02}")
        await listing(seller, state=ListingState.SUBMITTED)
    with queries.at_most(6):
        page = await client.get("/admin/listings")
    assert page.text.count('class="shelf-row"') == 24
    with queries.at_most(5):
        page = await client.get("/admin/vendors")
    assert page.text.count("<tr>") == 25


async def test_days_of_harvest_and_best_before_stand_on_the_page(
    client: Any, seller: Vendor, clock: Any, sign_in_as: Any
) -> None:
    today = vietnam_date(clock.now())
    days = {
        "harvested_on": today.isoformat(),
        "best_before": (today + timedelta(days=3)).strftime("%d/%m/%Y"),
    }
    assert (await client.submit("/sell/listings", {**GOOD, **days})).status_code == 303
    goods = await Listing.get(vendor_id=seller.id)
    assert (goods.harvested_on, goods.best_before) == (today, today + timedelta(days=3))
    page = (await client.get(f"/goods/{goods.code}")).text
    assert show_day(today) in page and show_day(today + timedelta(days=3)) in page
    edit = (await client.get(f"/sell/listings/{goods.code}/edit")).text
    assert f'value="{today.isoformat()}"' in edit
    await Listing.filter(id=goods.id).update(state=ListingState.ON_SALE)
    assert "Bỏ vào giỏ" in (await client.get(f"/goods/{goods.code}")).text
    clock.forward(days=4)
    await sign_in_as(client, SELLER)
    late = (await client.get(f"/goods/{goods.code}")).text
    assert "Đã quá hạn dùng" in late and "Bỏ vào giỏ" not in late


async def test_new_days_hold_at_once(client: Any, seller: Vendor, clock: Any) -> None:
    goods = await listing(seller)
    today = vietnam_date(clock.now())
    await client.submit(f"/sell/listings/{goods.code}", as_typed(goods, harvested_on=today.isoformat()))
    row = await Listing.get(id=goods.id)
    assert (row.state, row.harvested_on) == (ListingState.ON_SALE, today)


@pytest.mark.parametrize(
    ("harvested", "best", "sentence"),
    [
        (1, None, "Ngày này chưa tới."),
        (None, -1, "Hạn dùng này đã qua"),
        (0, 0, ""),
        (-2, -3, "Hạn dùng"),
    ],
)
async def test_days_are_compared_with_today(
    client: Any, seller: Vendor, clock: Any, harvested: int | None, best: int | None, sentence: str
) -> None:
    today = vietnam_date(clock.now())
    typed = {
        name: (today + timedelta(days=ahead)).isoformat()
        for name, ahead in (("harvested_on", harvested), ("best_before", best))
        if ahead is not None
    }
    answer = await client.submit("/sell/listings", {**GOOD, **typed})
    assert answer.status_code == (422 if sentence else 303)
    assert sentence in answer.text
    assert await Listing.all().exists() is not bool(sentence)
