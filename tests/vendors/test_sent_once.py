"""A form of goods that is sent twice makes one listing, with or without script, however its photos came."""

import re
from typing import Any
from uuid import uuid4

import pytest

from kit.models import Upload, UploadChunk
from kit.roles import Role
from tests.factories import photo_bytes, vendor
from tests.kit.test_uploads import Phone
from tests.vendors.conftest import Communes
from tests.vendors.test_listings import GOOD, SELLER
from vendors.models import Listing, Photo, StockMove, Vendor

JSON = {"accept": "application/json"}


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A vendor whose person is signed in."""
    made = await vendor()
    client.person = await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


@pytest.fixture
async def phone(client: Any, seller: Vendor) -> Phone:
    """The seller's phone."""
    return Phone(client, client.person.id, await client.token())


def sending(**changes: str) -> dict[str, str]:
    """A good form under a new id."""
    return {**GOOD, "sent_id": str(uuid4()), **changes}


async def test_every_page_names_its_form_anew(client: Any, seller: Vendor) -> None:
    pages = [(await client.get("/sell/listings/new")).text for _ in range(2)]
    ids = {re.search(r'name="sent_id" value="([0-9a-f-]{36})"', page)[1] for page in pages}  # type: ignore[index]
    assert len(ids) == 2


async def test_the_same_form_twice_is_one_listing(client: Any, seller: Vendor) -> None:
    values, files = sending(), [("photos", ("a.jpg", photo_bytes(), "image/jpeg"))]
    for _ in range(2):
        answer = await client.submit("/sell/listings", values, files=files)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sell/listings?told=put_up")
    assert await Listing.all().count() == await Photo.all().count() == await StockMove.all().count() == 1


async def test_something_else_under_the_same_id_is_refused_in_words(client: Any, seller: Vendor) -> None:
    values = sending()
    await client.submit("/sell/listings", values)
    for changes, files in (
        ({"price_dong": "61.000"}, None),
        ({}, [("photos", ("a.jpg", photo_bytes(), "image/jpeg"))]),
    ):
        page = await client.submit("/sell/listings", {**values, **changes}, files=files)
        assert page.status_code == 409 and "Trang này đã đăng món «Na La Hiên» rồi." in page.text
        assert 'value="Na La Hiên"' in page.text and values["sent_id"] not in page.text
        told = await client.submit("/sell/listings", {**values, **changes}, files=files, headers=JSON)
        assert told.status_code == 409 and "đã đăng món" in str(told.json()["errors"])
    assert await Listing.all().count() == 1


async def test_the_same_id_of_another_seller_is_another_sending(
    client: Any, seller: Vendor, browser: Any, sign_in_as: Any
) -> None:
    values = sending()
    await client.submit("/sell/listings", values)
    async with browser() as other:
        second = await vendor(name="Quầy khác", phone="+84987654321", slug="quay-khac")
        await sign_in_as(other, "0987654321", (Role.VENDOR, str(second.id)))
        assert (await other.submit("/sell/listings", values)).status_code == 303
    assert await Listing.all().count() == 2


async def test_a_mistake_does_not_use_the_id_up(client: Any, seller: Vendor) -> None:
    values = sending(name="")
    page = await client.submit("/sell/listings", values)
    assert page.status_code == 422 and f'value="{values["sent_id"]}"' in page.text
    assert (await client.submit("/sell/listings", {**values, "name": "Na"})).status_code == 303
    assert await Listing.all().count() == 1


@pytest.mark.parametrize("sent_id", ["x", "a" * 41, "có dấu không được đâu"])
async def test_an_id_that_is_none_is_told(client: Any, seller: Vendor, sent_id: str) -> None:
    answer = await client.submit("/sell/listings", sending(sent_id=sent_id))
    assert answer.status_code == 422 and "Trang này đã cũ." in answer.text
    assert not await Listing.all().exists()


async def test_a_form_without_an_id_is_taken_as_ever(client: Any, seller: Vendor) -> None:
    for _ in range(2):
        assert (await client.submit("/sell/listings", GOOD)).status_code == 303
    assert await Listing.all().count() == 2


async def test_photos_sent_in_pieces_hang_on_the_listing(client: Any, seller: Vendor, phone: Phone) -> None:
    ids = [await phone.whole(photo_bytes((shade, 0, 0))) for shade in (40, 120, 200)]
    values = {**sending(), "photos_upload": ids}
    for _ in range(2):
        answer = await client.submit("/sell/listings", values, headers=JSON)
        assert (answer.status_code, answer.json()) == (201, {"url": "/sell/listings?told=put_up"})
    assert await Photo.all().count() == 3 and await Listing.all().count() == 1
    assert not await UploadChunk.all().exists(), "their place is the media store now"


async def test_the_same_answer_also_when_the_uploads_are_long_gone(
    client: Any, seller: Vendor, phone: Phone
) -> None:
    values = {**sending(), "photos_upload": [await phone.whole(photo_bytes())]}
    await client.submit("/sell/listings", values, headers=JSON)
    await Upload.all().delete()
    assert (await client.submit("/sell/listings", values, headers=JSON)).status_code == 201
    assert await Listing.all().count() == 1


async def test_uploads_stay_when_the_form_has_a_mistake(client: Any, seller: Vendor, phone: Phone) -> None:
    values = {**sending(price_dong=""), "photos_upload": [await phone.whole(photo_bytes())]}
    told = await client.submit("/sell/listings", values, headers=JSON)
    assert told.status_code == 422 and list(told.json()["errors"]) == ["price_dong"]
    good = {**values, "price_dong": "60000"}
    assert (await client.submit("/sell/listings", good, headers=JSON)).status_code == 201
    assert await Photo.all().count() == 1


async def test_a_bad_picture_in_pieces_is_told_like_any_other(
    client: Any, seller: Vendor, phone: Phone
) -> None:
    ids = [await phone.whole(photo_bytes()), await phone.whole(b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
    told = await client.submit("/sell/listings", {**sending(), "photos_upload": ids}, headers=JSON)
    assert told.status_code == 422 and "Ảnh thứ 2: Ảnh cần là JPEG" in told.json()["errors"]["photos"]
    assert not await Listing.all().exists() and not await Photo.all().exists()


async def test_photos_that_are_not_whole_or_not_ones_own_are_refused(
    client: Any, seller: Vendor, phone: Phone, browser: Any, sign_in_as: Any
) -> None:
    half = str(uuid4())
    await phone.begin(half, photo_bytes())
    await phone.send(half, 0, photo_bytes()[:100])
    async with browser() as other:
        person = await sign_in_as(other, "0987654321")
        theirs = await Phone(other, person.id, await other.token()).whole(photo_bytes())
    used = await phone.whole(photo_bytes((1, 2, 3)))
    await client.submit("/sell/listings", {**sending(), "photos_upload": [used]})
    for one in (half, theirs, used, "nothing-like-this-0000"):
        answer = await client.submit("/sell/listings", {**sending(), "photos_upload": [one]})
        assert answer.status_code == 422 and "Ảnh chưa gửi xong hoặc đã để quá lâu." in answer.text
    assert await Listing.all().count() == 1


async def test_pieces_and_files_together_keep_the_limit(client: Any, seller: Vendor, phone: Phone) -> None:
    ids = [str(uuid4()) for _ in range(8)]
    files = [("photos", ("a.jpg", photo_bytes(), "image/jpeg"))]
    answer = await client.submit("/sell/listings", {**sending(), "photos_upload": ids}, files=files)
    assert answer.status_code == 422 and "Nhiều nhất 8 ảnh. Bạn vừa gửi 9." in answer.text


async def test_the_waiting_page_is_the_sellers(client: Any, seller: Vendor, browser: Any) -> None:
    page = await client.get("/sell/waiting")
    assert page.status_code == 200 and "Đang chờ gửi" in page.text and "<noscript>" in page.text
    async with browser() as stranger:
        assert (await stranger.get("/sell/waiting")).status_code == 303
