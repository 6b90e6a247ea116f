"""Pictures: kinds, sizes, orientation, metadata, bombs, broken files."""

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from kit.pictures import BYTES_MAX, BadPicture, grey_picture, shrink, variants

KINDS = ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"]
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def half_dark(size: tuple[int, int] = (120, 80), mode: str = "RGB") -> Image.Image:
    """White, with the left third black."""
    picture = Image.new("RGB", size, "white")
    picture.paste("black", (0, 0, size[0] // 3, size[1]))
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def told(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKER] = "MAYANH"
    exif.get_ifd(GPS)[2] = (21.0, 35.0, 12.0)
    return exif


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def grey_at(picture: Image.Image, place: tuple[int, int]) -> int:
    value = picture.getpixel(place)
    assert isinstance(value, int)
    return value


def refused(raw: bytes, **limits: int) -> str:
    with pytest.raises(BadPicture) as caught:
        grey_picture(raw, **limits)
    return caught.value.reason


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_five_kinds_are_opened(kind: str, mode: str) -> None:
    picture = grey_picture(saved(half_dark(mode=mode), kind))
    assert (picture.mode, picture.size) == ("L", (120, 80))
    assert grey_at(picture, (10, 40)) < 20 < 235 < grey_at(picture, (100, 40))


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("P", "PNG"), ("1", "PNG"), ("LA", "PNG"), ("I;16", "PNG")]
)
def test_unusual_colours(mode: str, kind: str) -> None:
    raw = saved(half_dark(mode="L" if mode == "I;16" else mode).convert(mode), kind)
    assert grey_picture(raw).size == (120, 80)
    assert shrink(raw, 60)[1:] == (60, 40)


def test_see_through_parts_are_white() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert grey_at(grey_picture(saved(clear, "PNG")), (5, 5)) == 255


@pytest.mark.parametrize(("orientation", "dark"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")])
def test_pictures_are_turned_upright(orientation: int, dark: str) -> None:
    picture = grey_picture(saved(half_dark(), exif=told(orientation)))
    assert picture.size == ((120, 80) if dark in ("left", "right") else (80, 120))
    places = {"left": (5, 40), "right": (115, 40), "top": (40, 5), "bottom": (40, 115)}
    assert grey_at(picture, places[dark]) < 20


def test_shrinking_keeps_the_shape_and_drops_what_was_told() -> None:
    raw = saved(half_dark((1200, 800)), exif=told(6), icc_profile=b"x" * 200, comment=b"nha toi")
    assert b"MAYANH" in raw
    small, width, height = shrink(raw, 300)
    assert (width, height) == (200, 300)
    again = Image.open(io.BytesIO(small))
    assert (again.format, again.size) == ("WEBP", (200, 300))
    assert dict(again.getexif()) == {}
    assert not any(word in small for word in (b"MAYANH", b"nha toi", b"EXIF", b"XMP", b"ICCP"))
    assert grey_at(again.convert("L"), (100, 10)) < 20


def test_small_pictures_are_not_enlarged() -> None:
    assert shrink(saved(half_dark((60, 40))), 300)[1:] == (60, 40)
    assert shrink(saved(half_dark((1000, 1)), "PNG"), 100)[1:] == (100, 1)


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"xin chao", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\xff\xd8"]
)
def test_what_is_no_picture(raw: bytes) -> None:
    assert refused(raw) == "kind"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_kinds_are_refused(kind: str) -> None:
    assert refused(saved(half_dark(), kind)) == "kind"


def test_sizes_are_refused_before_decoding() -> None:
    assert refused(png_of_size(60_000, 60_000)) == "pixels"
    assert refused(png_of_size(7_000, 6_000)) == "pixels"
    assert refused(saved(half_dark((1000, 1000))), pixels_max=999_999) == "pixels"
    assert grey_picture(saved(half_dark((1000, 1000))), pixels_max=1_000_000).size == (1000, 1000)
    assert refused(saved(half_dark()) + b"\0" * BYTES_MAX) == "bytes"
    with pytest.raises(BadPicture):
        shrink(png_of_size(60_000, 60_000), 300)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_files_are_broken(kind: str) -> None:
    raw = saved(half_dark((400, 300)), kind)
    assert refused(raw[: len(raw) // 2]) in ("broken", "kind")
    assert refused(png_of_size(50, 50)) == "broken"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_read_or_refused(kind: str) -> None:
    chance = random.Random(kind)
    raw = saved(half_dark(), kind, exif=told(6))
    for _ in range(300):
        damaged = bytearray(raw)
        for _ in range(chance.randrange(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            assert grey_picture(bytes(damaged), 1_000_000).mode == "L"
        except BadPicture as fault:
            assert fault.reason in ("kind", "broken", "pixels")


SIDES = (320, 640, 1280)


def shown(raw: bytes) -> Image.Image:
    """The largest variant of a photo as a browser draws it."""
    picture = Image.open(io.BytesIO(variants(raw, SIDES).files[1280]))
    assert picture.format == "WEBP" and picture.mode == "RGB"
    return picture


def why_not(raw: bytes) -> str:
    with pytest.raises(BadPicture) as caught:
        variants(raw, SIDES)
    return caught.value.reason


def close(seen: Any, wanted: tuple[int, int, int], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(seen, wanted, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_variants_have_their_sizes_and_a_tiny_preview(kind: str) -> None:
    made = variants(saved(half_dark((1600, 1200)), kind), SIDES)
    sizes = {side: Image.open(io.BytesIO(raw)).size for side, raw in made.files.items()}
    assert sizes == {320: (320, 240), 640: (640, 480), 1280: (1280, 960)}
    assert (made.width_px, made.height_px) == (1280, 960)
    assert max(Image.open(io.BytesIO(made.blur)).size) == 16 and len(made.blur) < 400


def test_variants_of_a_small_photo_are_not_enlarged() -> None:
    made = variants(saved(half_dark((500, 300))), SIDES)
    assert [Image.open(io.BytesIO(made.files[side])).size for side in SIDES] == [
        (320, 192),
        (500, 300),
        (500, 300),
    ]
    assert variants(saved(half_dark((1, 3000)), "PNG"), SIDES).width_px == 1


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "HEIF", "PNG"])
def test_variants_stand_upright_and_tell_nothing(kind: str) -> None:
    # as bytes: then the writer of HEIC turns the picture by its container too, as phones do
    raw = saved(half_dark((1600, 1200)), kind, exif=told(6).tobytes())
    assert b"MAYANH" in raw
    made = variants(raw, SIDES)
    assert (made.width_px, made.height_px) == (960, 1280)
    for written in (*made.files.values(), made.blur):
        assert not any(word in written for word in (b"MAYANH", b"EXIF", b"XMP", b"ICCP"))
    assert grey_at(shown(raw).convert("L"), (480, 20)) < 20


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_read_at_half_its_size_looks_the_same(progressive: bool) -> None:
    raw = saved(half_dark((4032, 3024)), progressive=progressive, quality=92)
    seen = shown(raw)
    assert seen.size == (1280, 960)
    assert close(seen.getpixel((200, 480)), (0, 0, 0)) and close(seen.getpixel((1000, 480)), (255, 255, 255))


def test_the_second_picture_inside_a_phones_jpeg_is_left_out() -> None:
    """Phones add a gain map or a depth picture behind the photo (CIPA DC-007, multi-picture format)."""
    raw = saved(half_dark(), "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "red")])
    assert Image.open(io.BytesIO(raw)).format == "MPO"
    assert shown(raw).size == (120, 80)


def test_print_inks_become_the_colours_they_print() -> None:
    """CMYK without a profile: ink off white."""
    raw = saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", quality=95)
    assert close(shown(raw).getpixel((32, 32)), (255, 0, 0))


def test_wide_colours_are_reckoned_into_what_every_screen_shows() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    raw = saved(half_dark((64, 64)), "PNG", icc_profile=profile.tobytes())
    assert shown(raw).size == (64, 64), "a profile that does not fit the picture is passed over"
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = saved(Image.new("RGB", (64, 64), (200, 30, 90)), icc_profile=srgb)
    assert close(shown(plain).getpixel((9, 9)), (200, 30, 90))


def test_a_palette_with_see_through_parts_lies_on_white() -> None:
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 32, 64))
    palette = picture.quantize(8)
    assert palette.mode == "P"
    seen = shown(saved(palette, "PNG"))
    assert close(seen.getpixel((8, 32)), (200, 0, 0)) and close(seen.getpixel((56, 32)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_what_moves_is_no_photo(kind: str) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
    assert why_not(saved(frames[0], kind, save_all=True, append_images=frames[1:])) == "moving"


def test_a_jpeg_that_makes_the_decoder_go_over_it_again_and_again_is_refused() -> None:
    raw = saved(half_dark((400, 300)), progressive=True)
    last = raw.rindex(b"\xff\xda")
    assert why_not(raw[:last] + raw[last:-2] * 80 + raw[-2:]) == "broken"


def test_huge_photos_are_refused_by_what_their_kind_costs() -> None:
    assert why_not(png_of_size(20_000, 10_000)) == "pixels"
    assert why_not(png_of_size(6_000, 5_000)) == "pixels"
    assert why_not(png_of_size(5_000, 5_000)) == "broken", "small enough to be looked into"
    head = saved(Image.new("L", (9_000, 6_000)), quality=1)
    assert why_not(head) == "pixels"
    assert why_not(saved(half_dark()) + b"\0" * BYTES_MAX) == "bytes"


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_cut_short_is_refused_whole(kind: str) -> None:
    raw = saved(half_dark((1600, 1200)), kind)
    for part in (0.3, 0.6, 0.9):
        assert why_not(raw[: int(len(raw) * part)]) in ("broken", "kind")
