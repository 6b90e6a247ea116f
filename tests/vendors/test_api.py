"""The JSON API of vendors: the same job as the pages, by a program with a token."""

from typing import Any

import pytest

from accounts.services import grant, make_api_token, person_of
from kit.roles import Role
from tests.factories import bank, listing, photo_bytes, vendor
from tests.vendors.conftest import Communes
from vendors.models import Listing, ListingState, Photo, Vendor

PHONE, ADMIN = "+84912345678", "+84973111222"
NEW_VENDOR = {
    "kind": "grower",
    "name": "Na nhà Hoa",
    "contact_name": "Hoa",
    "commune_code": "05740",
    "line": "Xóm Hiên Bình",
    "place": "home",
    "bin": "970436",
    "account": "0123456789",
    "holder": "Nguyễn Thị Hoa",
}
NEW_LISTING = {
    "name": "Na La Hiên",
    "kind": "custard_apple",
    "price_dong": 60_000,
    "unit": "kg",
    "stock": 20,
    "commune_code": "05740",
}


@pytest.fixture
async def headers(db: None, communes: Communes, clock: Any) -> Any:
    """Headers of a person's program; each call a new idempotency key."""
    await bank()
    count = iter(range(10_000))

    async def of(phone: str, *granted: tuple[Role, str]) -> dict[str, str]:
        person = await person_of(phone)
        for role, scope in granted:
            await grant(person.id, role, scope)
        token = await make_api_token(person.id, "tests", now=clock.now())
        return {"authorization": f"Bearer {token}", "idempotency-key": f"key-number-{next(count)}"}

    return of


async def test_the_whole_way_from_aboard_to_on_sale(client: Any, headers: Any) -> None:
    made = await client.post("/api/v1/vendors", json=NEW_VENDOR, headers=await headers(PHONE))
    assert (made.status_code, made.json()["state"]) == (201, "can_sell")
    put_up = await client.post("/api/v1/listings", json=NEW_LISTING, headers=await headers(PHONE))
    assert (put_up.status_code, put_up.json()["state"]) == (201, "submitted")
    code = put_up.json()["code"]
    path = f"/api/v1/listings/{code}"
    for _ in range(2):
        photo = await client.post(f"{path}/photos", content=photo_bytes(), headers=await headers(PHONE))
        assert photo.status_code == 200 and photo.json()["width_px"] == 640
    assert await Photo.all().count() == 1, "the same photo is one photo"
    assert (await client.get(photo.json()["url"])).status_code == 200
    assert (await client.get(f"/api/v1/goods/{code}")).status_code == 404, "not before approval"
    approved = await client.post(f"{path}/approval", headers=await headers(ADMIN, (Role.ADMIN, "")))
    assert approved.json() == {"code": code, "state": "on_sale"}
    goods = (await client.get(f"/api/v1/goods/{code}")).json()
    assert (goods["name"], goods["price_dong"], goods["seller_slug"]) == ("Na La Hiên", 60_000, "na-nha-hoa")
    assert goods["photos"] == [photo.json()["url"]]
    seller = (await client.get("/api/v1/vendors/na-nha-hoa")).json()
    assert [card["name"] for card in seller["goods"]] == ["Na La Hiên"]


async def test_the_same_request_twice_makes_one(client: Any, headers: Any) -> None:
    seller = await vendor()
    sent = await headers(PHONE, (Role.VENDOR, str(seller.id)))
    answers = [await client.post("/api/v1/listings", json=NEW_LISTING, headers=sent) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await Listing.all().count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "king"}, "kind"),
        ({"commune_code": "99999"}, "commune"),
        ({"account": "1"}, "account"),
        ({"bin": "12"}, "bin"),
        ({"holder": "!!"}, "holder"),
        ({"name": ["a"]}, "name"),
    ],
)
async def test_mistakes_are_named_by_field(client: Any, headers: Any, change: Any, field: str) -> None:
    answer = await client.post("/api/v1/vendors", json={**NEW_VENDOR, **change}, headers=await headers(PHONE))
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert field in answer.json()["errors"]
    assert not await Vendor.all().exists()


async def test_a_photo_that_is_none_is_refused(client: Any, headers: Any) -> None:
    goods = await listing()
    sent = await headers(PHONE, (Role.VENDOR, str(goods.vendor_id)))
    for content in (b"", b"not a picture"):
        answer = await client.post(f"/api/v1/listings/{goods.code}/photos", content=content, headers=sent)
        assert answer.status_code == 422 and "photos" in answer.json()["errors"]
    assert (await Listing.get(id=goods.id)).state == ListingState.ON_SALE


async def test_only_ones_own_listings_take_photos_and_only_administrators_approve(
    client: Any, headers: Any
) -> None:
    goods = await listing(state=ListingState.SUBMITTED)
    sent = await headers(PHONE, (Role.VENDOR, str(goods.vendor_id + 1)))
    path = f"/api/v1/listings/{goods.code}"
    assert (await client.post(f"{path}/photos", content=photo_bytes(), headers=sent)).status_code == 404
    assert (await client.post(f"{path}/approval", headers=sent)).status_code == 403
    assert (await client.post(f"{path}/approval")).status_code == 401
    assert (await Listing.get(id=goods.id)).state == ListingState.SUBMITTED


async def test_communes_and_banks_can_be_read_by_anyone(client: Any, headers: Any) -> None:
    assert (await client.get("/api/v1/communes?q=la hien")).json()["items"][0]["code"] == "05740"
    assert "Vietcombank" in [one["name"] for one in (await client.get("/api/v1/banks")).json()["items"]]


async def test_sellers_read_their_own_goods_wherever_they_stand(
    client: Any, headers: Any, queries: Any
) -> None:
    returned = await listing(state=ListingState.RETURNED, returned_because="Ảnh mờ quá.")
    await listing(await vendor("Chè nhà bên", "che-nha-ben", phone="+84912000112"))
    sent = await headers(PHONE, (Role.VENDOR, str(returned.vendor_id)))
    with queries.at_most(6):
        [own] = (await client.get("/api/v1/sell/listings", headers=sent)).json()["items"]
    assert (own["code"], own["state"], own["returned_because"]) == (returned.code, "returned", "Ảnh mờ quá.")
    assert (await client.get("/api/v1/sell/listings?page=2", headers=sent)).json() == {"items": []}
    assert (await client.get("/api/v1/sell/listings")).status_code == 401


async def test_administrators_read_what_waits(client: Any, headers: Any) -> None:
    waiting = await listing(state=ListingState.SUBMITTED)
    await listing(await vendor("Chè nhà bên", "che-nha-ben", phone="+84912000112"))
    found = await client.get("/api/v1/admin/listings", headers=await headers(ADMIN, (Role.ADMIN, "")))
    assert [one["code"] for one in found.json()["items"]] == [waiting.code]
    sent = await headers(PHONE, (Role.VENDOR, str(waiting.vendor_id)))
    assert (await client.get("/api/v1/admin/listings", headers=sent)).status_code == 403
