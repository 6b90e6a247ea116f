"""QR pictures: drawn as SVG for pages and PNG for print, and read from photographs."""

import io

import segno
import zxingcpp

from kit.pictures import BadPicture, grey_picture

QUIET_MODULES = 4
TEXT_BYTES_MAX = 2_331
SVG_TYPE = "image/svg+xml"
PNG_TYPE = "image/png"


def qr_svg(text: str) -> str:
    """A whole SVG document (with XML declaration) for an address of its own, to stand in `<img>`.

    It has a viewBox and no size: the page's style sheet sets the width. Black on white, error level M, quiet
    zone of 4 modules (ISO/IEC 18004 section 9.1). ValueError for an empty text or over 2,331 bytes.
    """
    drawn = io.BytesIO()
    _code(text).save(drawn, kind="svg", border=QUIET_MODULES, omitsize=True, dark="#000", light="#fff")
    return drawn.getvalue().decode().replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)


def qr_png(text: str, scale: int) -> bytes:
    """The same code as a PNG with `scale` pixels a module, quiet zone included."""
    if not 1 <= scale <= 50:
        raise ValueError(f"a module has 1 to 50 pixels, not {scale}")
    drawn = io.BytesIO()
    _code(text).save(drawn, kind="png", scale=scale, border=QUIET_MODULES, dark="#000", light="#fff")
    return drawn.getvalue()


def read_qr_picture(raw: bytes) -> str | None:
    """The text of the one QR code in a JPEG, PNG or WebP; None for no code, and for codes of different texts.

    Raises BadPicture for what is no picture we open. Computes: call it from a thread.
    """
    texts = {found.text for found in _found(raw)}
    return texts.pop() if len(texts) == 1 else None


def read_qr_texts(raw: bytes) -> list[str]:
    """The different texts of all QR codes in a JPEG, PNG or WebP, in the order they are found; a plate has two.

    Raises BadPicture for what is no picture we open. Computes: call it from a thread.
    """
    return list(dict.fromkeys(found.text for found in _found(raw)))


def qr_rows(text: str) -> list[list[bool]]:
    """The code's modules from top to bottom, dark ones True, without the quiet zone; for drawing it elsewhere."""
    return [[bool(module) for module in row] for row in _code(text).matrix]


def _code(text: str) -> segno.QRCode:
    if not text or len(text.encode()) > TEXT_BYTES_MAX:
        raise ValueError(f"a QR code holds 1 to {TEXT_BYTES_MAX} bytes at error level M")
    return segno.make_qr(text, error="m", boost_error=False)


def _found(raw: bytes) -> list[zxingcpp.Barcode]:
    found = zxingcpp.read_barcodes(
        grey_picture(raw),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [code for code in found if code.valid and code.text]


__all__ = [
    "PNG_TYPE",
    "QUIET_MODULES",
    "SVG_TYPE",
    "BadPicture",
    "qr_png",
    "qr_rows",
    "qr_svg",
    "read_qr_picture",
    "read_qr_texts",
]
