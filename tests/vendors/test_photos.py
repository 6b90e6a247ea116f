"""Photos of goods: what is kept and shown of good ones, what is said of bad ones, and that nothing half stays."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kit.media import Media
from kit.parts import Parts
from kit.roles import Role
from tests.factories import listing, photo_bytes, vendor
from tests.kit.test_pictures import png_of_size, saved
from tests.vendors.conftest import Communes
from tests.vendors.test_listings import GOOD, SELLER, as_typed
from vendors.models import Listing, ListingState, Photo, Vendor
from vendors.services import newest_cards
from vendors.services.photos import photo_srcset, ready_photo

KEY = "a" * 40


def frames(kind: str) -> bytes:
    """Three pictures one after the other."""
    colours = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    written = io.BytesIO()
    colours[0].save(written, kind, save_all=True, append_images=colours[1:])
    return written.getvalue()


BAD = {
    "200 megapixels": (png_of_size(20_000, 10_000), "Ảnh quá lớn, nhiều nhất 50 triệu điểm ảnh"),
    "svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "Ảnh cần là JPEG, PNG, WebP, AVIF",
    ),
    "html": (b"<!doctype html><script>alert(1)</script>", "Ảnh cần là JPEG, PNG, WebP, AVIF"),
    "gif": (frames("GIF"), "Ảnh cần là JPEG, PNG, WebP, AVIF"),
    "cut jpeg": (photo_bytes()[:-900], "Ảnh bị hỏng"),
    "cut heic": (saved(Image.effect_noise((800, 600), 90).convert("RGB"), "HEIF")[:9_000], "Ảnh bị hỏng"),
    "moving png": (frames("PNG"), "Đây là ảnh động."),
    "moving webp": (frames("WEBP"), "Đây là ảnh động."),
}


@pytest.fixture
async def seller(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Vendor:
    """A vendor whose person is signed in."""
    made = await vendor()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    return made


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_picture_beside_good_ones_is_told_at_its_field_and_nothing_stays(
    client: Any, seller: Vendor, tmp_path: Path, name: str
) -> None:
    content, sentence = BAD[name]
    files = [
        ("photos", ("a.jpg", photo_bytes(), "image/jpeg")),
        ("photos", ("b.jpg", content, "image/jpeg")),
    ]
    answer = await client.submit("/sell/listings", GOOD, files=files)
    assert answer.status_code == 422
    assert f"Ảnh thứ 2: {sentence}" in answer.text
    assert 'aria-invalid="true" data-shrink-photo' in answer.text and GOOD["name"] in answer.text
    assert not await Listing.all().exists() and not await Photo.all().exists()
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_picture_changes_nothing_of_goods_that_stand(
    client: Any, seller: Vendor, name: str
) -> None:
    goods = await listing(seller)
    files = [("photos", ("b.jpg", BAD[name][0], "image/jpeg"))]
    answer = await client.submit(
        f"/sell/listings/{goods.code}", as_typed(goods, name="Tên khác"), files=files
    )
    assert answer.status_code == 422 and BAD[name][1] in answer.text
    row = await Listing.get(id=goods.id)
    assert (row.name, row.state) == (goods.name, ListingState.ON_SALE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
async def test_what_phones_send_is_shown(client: Any, seller: Vendor, kind: str) -> None:
    sent = saved(Image.new("RGB", (1600, 1200), (200, 30, 30)), kind)
    answer = await client.submit("/sell/listings", GOOD, files=[("photos", ("anh.heic", sent))])
    assert answer.status_code == 303
    photo = await Photo.get()
    for side, width in ((320, 320), (640, 640), (1280, 1280)):
        shown = await client.get(f"/media/{photo.key}-{side}.webp")
        picture = Image.open(io.BytesIO(shown.content))
        assert (picture.format, picture.size) == ("WEBP", (width, width * 3 // 4))
    assert photo.blur_url.startswith("data:image/webp;base64,") and len(photo.blur_url) < 400


async def test_inks_and_palettes_are_taken_too(client: Any, seller: Vendor) -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0)).quantize(4)
    files = [
        ("photos", ("a.jpg", saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0))), "image/jpeg")),
        ("photos", ("b.png", saved(clear, "PNG"), "image/png")),
    ]
    assert (await client.submit("/sell/listings", GOOD, files=files)).status_code == 303
    assert await Photo.all().count() == 2


async def test_of_a_file_that_is_two_things_only_the_picture_is_kept(
    parts: Parts, client: Any, tmp_path: Path
) -> None:
    """A picture with a page in its comment and an archive behind its end: pixels alone go on, served as a picture."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.html", "<script>alert(1)</script>")
    picture, written = Image.new("RGB", (640, 480), (31, 107, 67)), io.BytesIO()
    picture.save(written, "JPEG", comment=b"<script>alert(1)</script>")
    raw = b"".join((written.getvalue(), b"<!doctype html><script>alert(2)</script>", archive.getvalue()))
    assert zipfile.is_zipfile(io.BytesIO(raw)), "it is both"
    kept = await ready_photo(raw, parts[Media])
    files = [one for one in (tmp_path / "media").rglob("*") if one.is_file()]
    assert len(files) >= 3
    for one in files:
        content = one.read_bytes()
        assert content[:4] == b"RIFF" and b"script" not in content and not zipfile.is_zipfile(one)
    shown = await client.get(f"/media/{next(one.name for one in files if one.name.startswith(kept.key))}")
    assert (
        shown.headers["content-type"] == "image/webp" and shown.headers["x-content-type-options"] == "nosniff"
    )


async def test_the_same_photo_lies_under_the_same_key(db: None, parts: Parts) -> None:
    media = parts[Media]
    first, again = await ready_photo(photo_bytes(), media), await ready_photo(photo_bytes(), media)
    assert first == again
    assert (await ready_photo(photo_bytes((1, 2, 3)), media)).key != first.key


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((1280, 960), "320w 640w 1280w"),
        ((960, 1280), "240w 480w 960w"),
        ((500, 300), "320w 500w"),
        ((200, 100), "200w"),
        ((1, 1280), "1w"),
    ],
)
def test_srcset_tells_true_widths_each_once(size: tuple[int, int], wanted: str) -> None:
    srcset = photo_srcset(KEY, *size)
    assert [part.split()[1] for part in srcset.split(", ")] == wanted.split()
    assert all(part.startswith(f"/media/{KEY}-") for part in srcset.split(", "))


async def test_cards_and_the_page_offer_the_files_and_lay_the_preview_under(
    client: Any, db: None, parts: Parts, clock: Any
) -> None:
    goods = await listing()
    ready = await ready_photo(photo_bytes(size=(1280, 960)), parts[Media])
    await Photo.create(listing=goods, key=ready.key, width_px=1280, height_px=960, blur_url=ready.blur_url)
    page = (await client.get(f"/goods/{goods.code}")).text
    assert photo_srcset(ready.key, 1280, 960) in page
    assert f'<image href="{ready.blur_url}"' in page
    [card] = await newest_cards(today=clock.now().date())
    assert card.picture_srcset == photo_srcset(ready.key, 1280, 960, (320, 640))
    seller = (await client.get("/sellers/che-hao-dat")).text
    assert f'srcset="{card.picture_srcset}"' in seller and f'src="{ready.blur_url}"' in seller
    assert f"{ready.key}-1280" not in seller, "lists never fetch the large file"
