"""QR pictures: every one drawn is read back, also from bad photographs; what is no QR code is not."""

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from kit.pictures import BadPicture
from payments.qr import vietqr
from payments.qr_picture import qr_png, qr_svg, read_qr_picture

TEXTS = {
    "static": vietqr("970403", "0011012345678"),
    "card": vietqr("970403", "9704031101234567", service="QRIBFTTC"),
    "dynamic": vietqr("970415", "0011001932418", amount_dong=180_000, purpose="DH7K2M9QXA"),
    "longest": vietqr(
        "970422",
        "0023457923442ASDFLJ",
        amount_dong=9_999_999_999_999,
        purpose="chuyen khoan alsdkf laksj",
        merchant_name="Hợp tác xã chè La Bằng Đại Từ",
        merchant_city="Thái Nguyên tỉnh",
    ),
    "parcel": "C40123456789A",
    "address": "https://cho.example/don/DH7K2M9QXA?a=1&b=<2>",
    "accents": "Chè Tân Cương, miến Việt Cường",
    "digits": "0011012345678",
    "one": "A",
}
SPOILT: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as drawn": lambda picture: picture,
    "turned 15": lambda picture: picture.rotate(15, expand=True, fillcolor=255),
    "turned 90": lambda picture: picture.rotate(90, expand=True),
    "upside down": lambda picture: picture.rotate(180),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(1.5)),
    "dim": lambda picture: picture.point([50 + value // 4 for value in range(256)]),
    "dark ground": lambda picture: picture.point([255 - value for value in range(256)]),
    "turned and blurred": lambda picture: picture.rotate(-15, expand=True, fillcolor=255).filter(
        ImageFilter.GaussianBlur(1)
    ),
}


def photographed(picture: Image.Image, quality: int = 30) -> bytes:
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=quality)
    return written.getvalue()


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw)).convert("L")


def svg_drawn(document: str, scale: int) -> bytes:
    """The SVG's own drawing: horizontal strokes one module high, moved by M, m and h."""
    root = ElementTree.fromstring(document)
    side = int(root.attrib["viewBox"].split()[2])
    picture = Image.new("L", (side * scale, side * scale), 255)
    brush = ImageDraw.Draw(picture)
    x = y = 0.0
    for move, numbers in re.findall(r"([Mmh])([-\d. ]+)", root[1].attrib["d"]):
        first, *second = map(float, numbers.split())
        if move == "h":
            brush.rectangle(
                [x * scale, (y - 0.5) * scale, (x + first) * scale - 1, (y + 0.5) * scale - 1], fill=0
            )
            x += first
        else:
            x, y = (first, second[0]) if move == "M" else (x + first, y + second[0])
    return photographed(picture)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("scale", [2, 4, 10])
def test_png_is_read_back(name: str, scale: int) -> None:
    assert read_qr_picture(qr_png(TEXTS[name], scale)) == TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_svg_is_read_back(name: str) -> None:
    assert read_qr_picture(svg_drawn(qr_svg(TEXTS[name]), 5)) == TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("spoil", SPOILT)
def test_bad_photographs_are_read_back(name: str, spoil: str) -> None:
    picture = SPOILT[spoil](opened(qr_png(TEXTS[name], 6)))
    assert read_qr_picture(photographed(picture)) == TEXTS[name]


def test_quiet_zone_and_error_level() -> None:
    picture = opened(qr_png(TEXTS["dynamic"], 1))
    dark = Image.eval(picture, lambda value: 255 - value).getbbox()
    assert dark == (4, 4, picture.width - 4, picture.height - 4)
    for name, text in TEXTS.items():
        found = zxingcpp.read_barcode(opened(qr_png(text, 4)))
        assert found is not None
        assert found.ec_level == "M", name
        assert found.format == zxingcpp.BarcodeFormat.QRCode


def test_svg_needs_no_style_and_no_script() -> None:
    document = qr_svg(TEXTS["address"])
    root = ElementTree.fromstring(document)
    assert document.startswith("<?xml")
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "width" not in root.attrib
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "path"}
    assert not any(
        name.startswith("on") or name == "style" for element in root.iter() for name in element.attrib
    )


def test_a_code_in_a_large_photograph() -> None:
    photograph = Image.effect_noise((3000, 2000), 40).convert("L")
    photograph.paste(opened(qr_png(TEXTS["dynamic"], 6)), (1700, 900))
    assert read_qr_picture(photographed(photograph, 70)) == TEXTS["dynamic"]


def side_by_side(one: str, other: str) -> bytes:
    left, right = opened(qr_png(one, 5)), opened(qr_png(other, 5))
    both = Image.new("L", (left.width + right.width, max(left.height, right.height)), 255)
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return photographed(both, 80)


def test_two_codes_are_read_only_when_they_say_the_same() -> None:
    assert read_qr_picture(side_by_side(TEXTS["static"], TEXTS["static"])) == TEXTS["static"]
    assert read_qr_picture(side_by_side(TEXTS["static"], TEXTS["dynamic"])) is None


def test_pictures_without_a_code() -> None:
    assert read_qr_picture(photographed(Image.new("L", (300, 300), 255))) is None
    assert read_qr_picture(photographed(Image.effect_noise((300, 300), 90))) is None
    bars = zxingcpp.create_barcode("C40123456789A", zxingcpp.BarcodeFormat.Code128)
    assert read_qr_picture(photographed(Image.fromarray(bars.to_image(scale=3)), 90)) is None
    half = opened(qr_png(TEXTS["dynamic"], 6))
    assert read_qr_picture(photographed(half.crop((0, 0, half.width // 2, half.height)))) is None


@pytest.mark.parametrize("raw", [b"", b"000201", b"<svg/>", qr_png("A", 3)[:60]])
def test_what_is_no_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(BadPicture):
        read_qr_picture(raw)


@pytest.mark.parametrize("text", ["", "A" * 2332, "ề" * 800])
def test_texts_that_are_not_drawn(text: str) -> None:
    with pytest.raises(ValueError, match="2331 bytes"):
        qr_svg(text)


def test_the_longest_text_is_drawn() -> None:
    assert read_qr_picture(qr_png("a" * 2331, 3)) == "a" * 2331


@pytest.mark.parametrize("scale", [0, -1, 51])
def test_scales_that_are_not_drawn(scale: int) -> None:
    with pytest.raises(ValueError, match="pixels"):
        qr_png("A", scale)
