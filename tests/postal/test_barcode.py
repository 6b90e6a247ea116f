"""Barcodes are read back from the drawn SVG at the resolution of a label printer."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from zxingcpp import BarcodeFormat, BarcodeFormats, TextMode, read_barcodes

from postal.barcode import QUIET_MODULES, code128_svg, code128_widths, qr_svg
from postal.parcel_code import parcel_code

DOTS_PER_MM = 203 / 25.4
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=48)


def rasterised(svg: str) -> Image.Image:
    """The SVG on white paper, as a printer of 203 dpi would put it."""
    root = ElementTree.fromstring(svg)
    across, down = (int(number) for number in root.attrib["viewBox"].split()[2:])
    width, height = (
        round(float(root.attrib[side].removesuffix("mm")) * DOTS_PER_MM) for side in ("width", "height")
    )
    paper = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(paper)
    dark = root.findall("{http://www.w3.org/2000/svg}path")[1].attrib["d"]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", dark):
        left, right = (round(int(at) * width / across) for at in (x, int(x) + int(run)))
        top, bottom = (round(int(at) * height / down) for at in (y, int(y) + 1))
        pen.rectangle((left, top, right - 1, bottom - 1), fill=0)
    return paper


def read(picture: Image.Image, kind: BarcodeFormat) -> list[str]:
    found = read_barcodes(picture, formats=BarcodeFormats([kind]), text_mode=TextMode.Plain)
    return [one.text for one in found]


@settings(max_examples=60, deadline=None)
@given(printable)
def test_any_printable_text_is_read_back(text: str) -> None:
    assert read(rasterised(code128_svg(text)), BarcodeFormat.Code128) == [text]


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 24).flatmap(lambda pairs: st.text("0123456789", min_size=2 * pairs, max_size=2 * pairs))
)
def test_digits_are_read_back_and_take_half_the_room(digits: str) -> None:
    assert read(rasterised(code128_svg(digits)), BarcodeFormat.Code128) == [digits]
    assert sum(code128_widths(digits)) == 11 + 11 * len(digits) // 2 + 11 + 13


def test_every_symbol_is_drawn_right() -> None:
    pairs = "".join(f"{pair:02}" for pair in range(100))
    for at in range(0, 200, 40):
        part = pairs[at : at + 40]
        assert read(rasterised(code128_svg(part)), BarcodeFormat.Code128) == [part]


def test_a_known_symbol() -> None:
    widths = "".join(map(str, code128_widths("0012")))
    assert widths == "211232" + "212222" + "112232" + "321221" + "2331112"


def test_the_label_has_quiet_zones_and_the_asked_size() -> None:
    code = parcel_code(1, b"key")
    root = ElementTree.fromstring(code128_svg(code, height_mm=15, module_mm=0.25))
    modules = sum(code128_widths(code)) + 2 * QUIET_MODULES
    assert root.attrib["width"] == f"{modules * 0.25:g}mm"
    assert root.attrib["height"] == "15mm"
    dark = root.findall("{http://www.w3.org/2000/svg}path")[1].attrib["d"]
    assert dark.startswith(f"M{QUIET_MODULES} 0")
    assert root.attrib["aria-label"] == code


@pytest.mark.parametrize("text", ["", "x" * 49, "miến", "tab\t", "\x7f", "١٢"])
def test_what_does_not_fit_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        code128_svg(text)


def test_signs_of_markup_stay_text() -> None:
    svg = code128_svg('<a b="c">&')
    assert ElementTree.fromstring(svg).attrib["aria-label"] == '<a b="c">&'
    assert "style" not in svg
    assert "class" not in svg


@pytest.mark.parametrize("text", ["AB12CD34EF", "https://cho.example/o/AB12CD34EF", "Miến Việt Cường"])
def test_qr_codes_are_read_back(text: str) -> None:
    assert read(rasterised(qr_svg(text, size_mm=22)), BarcodeFormat.QRCode) == [text]


@pytest.mark.parametrize("text", ["", "x" * 4000])
def test_qr_refuses_nothing_and_too_much(text: str) -> None:
    with pytest.raises(ValueError, match=r"nothing to put|Data too large"):
        qr_svg(text)
