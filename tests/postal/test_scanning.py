"""Photographs of labels as phones take them: crooked, blurred, upside down, with two codes, with none."""

import io
from random import Random

import pytest
import segno
from PIL import Image, ImageDraw, ImageFilter

from kit.pictures import BadPicture
from postal.barcode import QUIET_MODULES, code128_widths
from postal.parcel_code import parcel_code
from postal.scanning import codes_in_picture

CODE = parcel_code(20260302, b"a key for the tests alone")


def label(code: str, dots: int = 4) -> Image.Image:
    """The barcode printed in the middle of a light grey table."""
    widths = code128_widths(code)
    across = (sum(widths) + 2 * QUIET_MODULES) * dots
    table = Image.new("L", (across + 200, 600), 200)
    pen = ImageDraw.Draw(table)
    pen.rectangle((100, 150, 100 + across, 450), fill=245)
    x = 100 + QUIET_MODULES * dots
    for place, width in enumerate(widths):
        if place % 2 == 0:
            pen.rectangle((x, 180, x + width * dots - 1, 420), fill=30)
        x += width * dots
    return table


def photograph(picture: Image.Image, quality: int = 60) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


def noisy(picture: Image.Image) -> Image.Image:
    dice = Random(4)
    levels = bytes(max(0, min(255, level + dice.randint(-25, 25))) for level in picture.tobytes())
    return Image.frombytes("L", picture.size, levels)


@pytest.mark.parametrize("degrees", [0, 8, -12, 25, 45, 70, 90, 135, 180, 270, 340])
def test_a_turned_label_is_read(degrees: int) -> None:
    turned = label(CODE).rotate(degrees, expand=True, fillcolor=200, resample=Image.Resampling.BILINEAR)
    assert codes_in_picture(photograph(turned)) == [CODE]


def test_a_blurred_and_noisy_photograph_is_read() -> None:
    dull = noisy(label(CODE).filter(ImageFilter.GaussianBlur(1.5)))
    assert codes_in_picture(photograph(dull, quality=40)) == [CODE]


def test_a_qr_code_is_read_with_its_vietnamese_text(qr_picture: bytes) -> None:
    assert codes_in_picture(qr_picture) == ["Đơn AB12CD34EF"]


def test_two_labels_in_one_picture_give_two_codes_and_the_same_twice_gives_one() -> None:
    other = parcel_code(7, b"a key for the tests alone")
    assert sorted(codes_in_picture(photograph(stacked(CODE, other)))) == sorted([CODE, other])
    assert codes_in_picture(photograph(stacked(CODE, CODE))) == [CODE]


def test_a_picture_without_a_code_gives_none() -> None:
    assert codes_in_picture(photograph(Image.new("L", (640, 480), 180))) == []


def test_a_code_with_a_wrong_check_symbol_is_not_read() -> None:
    damaged = label(CODE)
    ImageDraw.Draw(damaged).rectangle((300, 150, 330, 450), fill=30)
    assert codes_in_picture(photograph(damaged)) == []


@pytest.mark.parametrize("bytes_", [b"", b"not a picture", b"\xff\xd8\xff\xe0 broken"])
def test_what_is_no_picture_is_refused(bytes_: bytes) -> None:
    with pytest.raises(BadPicture):
        codes_in_picture(bytes_)


@pytest.fixture
def qr_picture() -> bytes:
    file = io.BytesIO()
    segno.make_qr("Đơn AB12CD34EF", error="m").save(file, kind="png", scale=6)
    return file.getvalue()


def stacked(above: str, below: str) -> Image.Image:
    upper, lower = label(above), label(below)
    both = Image.new("L", (upper.width, upper.height + lower.height), 200)
    both.paste(upper, (0, 0))
    both.paste(lower, (0, upper.height))
    return both
