"""Barcodes for labels, drawn as SVG: Code 128 by ourselves, QR by segno."""

from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape

import segno

QUIET_MODULES = 10
_QR_BORDER = 4
_START_B, _START_C, _STOP = 104, 105, 106

# Bars and spaces of symbols 0 to 105 in modules, six a symbol, beginning with a bar; the stop has seven
# (ISO/IEC 15417, table 1).
_WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231"
    "113222123122123221223211221132221231213212223112312131311222321122321221312212322112322211"
    "212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131"
    "113123113321133121313121211331231131213113213311213131311123311321331121312113312311332111"
    "314111221411431111111224111422121124121421141122141221112214112412122114122411142112142211"
    "241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214"
    "211232"
)
_SYMBOLS = [*(_WIDTHS[at : at + 6] for at in range(0, len(_WIDTHS), 6)), "2331112"]


def code128_svg(text: str, height_mm: float = 15, module_mm: float = 0.25) -> str:
    """A Code 128 barcode with its quiet zones as an SVG element, `height_mm` tall.

    0.25 mm a module is two dots of a 203 dpi label printer. Raises ValueError as `code128_widths` does.
    """
    modules = code128_modules(text)
    return _svg([modules], text, len(modules) * module_mm, height_mm)


def code128_modules(text: str) -> list[bool]:
    """The modules of a Code 128 barcode with its quiet zones, dark ones true. Raises as `code128_widths` does."""
    modules = [False] * QUIET_MODULES
    for place, width in enumerate(code128_widths(text)):
        modules += [place % 2 == 0] * width
    return modules + [False] * QUIET_MODULES


def code128_widths(text: str) -> list[int]:
    """Widths in modules of bar, space, bar, … of a Code 128 symbol (ISO/IEC 15417) without quiet zones.

    Pairs of digits go into set C when the whole text is such, everything else into set B.
    Raises ValueError unless the text is 1 to 48 printable ASCII characters.
    """
    if not 1 <= len(text) <= 48 or not all(" " <= character <= "~" for character in text):
        raise ValueError(f"{text!r} does not fit into a Code 128 label")
    if text.isdecimal() and len(text) % 2 == 0:
        values = [_START_C, *(int(text[at : at + 2]) for at in range(0, len(text), 2))]
    else:
        values = [_START_B, *(ord(character) - 32 for character in text)]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return [int(width) for value in (*values, check, _STOP) for width in _SYMBOLS[value]]


def qr_svg(text: str, size_mm: float = 22) -> str:
    """A QR code, error correction M, with its quiet zone as a square SVG element.

    Raises ValueError when the text is empty or longer than a QR code holds.
    """
    return _svg(qr_modules(text), text, size_mm, size_mm)


def qr_modules(text: str) -> list[list[bool]]:
    """The modules of a QR code, error correction M, with its quiet zone. Raises ValueError as `qr_svg` does."""
    if not text:
        raise ValueError("there is nothing to put into the QR code")
    code = segno.make_qr(text, error="m", boost_error=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=_QR_BORDER)]


def _svg(rows: list[list[bool]], label: str, width_mm: float, height_mm: float) -> str:
    """One unit of the view box is a module; a single row is stretched to the full height."""
    across, down = len(rows[0]), len(rows)
    dark = "".join(f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _bars(row))
    name = escape(label, {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm:g}mm" height="{height_mm:g}mm" '
        f'viewBox="0 0 {across} {down}" preserveAspectRatio="none" shape-rendering="crispEdges" '
        f'role="img" aria-label="{name}"><path fill="#fff" d="M0 0h{across}v{down}h-{across}z"/>'
        f'<path fill="#000" d="{dark}"/></svg>'
    )


def _bars(row: Iterable[bool]) -> Iterable[tuple[int, int]]:
    """(start, width) of each run of dark modules."""
    start = 0
    for dark, run in groupby(row):
        width = len(list(run))
        if dark:
            yield start, width
        start += width
