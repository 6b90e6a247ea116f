"""Pictures: kinds, sizes, orientation, metadata, bombs, broken files."""

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from kit.pictures import BYTES_MAX, BadPicture, grey_picture, shrink

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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_three_kinds_are_opened(kind: str, mode: str) -> None:
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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_cut_files_are_broken(kind: str) -> None:
    raw = saved(half_dark((400, 300)), kind)
    assert refused(raw[: len(raw) // 2]) in ("broken", "kind")
    assert refused(png_of_size(50, 50)) == "broken"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
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
