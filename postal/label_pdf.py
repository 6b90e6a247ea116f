"""Labels of parcels as PDF: A5, A6, A7 and 100 × 150 mm rolls, one a page or as many as a sheet of A4 holds.

A bar's module is a whole number of dots of a 203 dpi label printer, and begins on one: it prints with sharp edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fpdf import FPDF

from kit.paper import INK, WHITE, modules, paper, put_line, put_lines
from postal.barcode import code128_modules, qr_modules

DOT_MM = 25.4 / 203
MARGIN_MM = 4.0
A4_SIDES = (210.0, 297.0)


class LabelSize(StrEnum):
    """The paper of a label."""

    A5 = "a5"
    A6 = "a6"
    A7 = "a7"
    ROLL = "100x150"


MILLIMETRES = {
    LabelSize.A5: (148.0, 210.0),
    LabelSize.A6: (105.0, 148.0),
    LabelSize.A7: (74.0, 105.0),
    LabelSize.ROLL: (100.0, 150.0),
}
# Dots a module: the widest barcode that leaves its paper a margin.
_DOTS = {LabelSize.A5: 5, LabelSize.A6: 3, LabelSize.A7: 2, LabelSize.ROLL: 3}
# How labels lie on A4: (across, down, sheet on its side). A roll has no sheets.
_ON_SHEET = {LabelSize.A5: (2, 1, True), LabelSize.A6: (2, 2, False), LabelSize.A7: (4, 2, True)}


@dataclass(frozen=True)
class LabelParty:
    """A sender or recipient as printed; the phone is whole, or masked on a copy that stays at the stall."""

    name: str
    phone: str
    line: str
    place: str


@dataclass(frozen=True)
class LabelWords:
    """What stands on one label. `link` is the address of the public page, `collect` what is collected at the door."""

    code: str
    carrier: str
    service: str
    sort_code: str
    sender: LabelParty
    recipient: LabelParty
    contents: str
    weight: str
    order_code: str
    collect: str
    day: str
    link: str
    is_copy: bool = False


def label_pdf(
    labels: Sequence[LabelWords], size: LabelSize, *, made_at: datetime, on_sheet: bool = False
) -> bytes:
    """All labels in one file. Computes for some hundredths of a second a label: call it from a thread.

    Raises ValueError when there is none.
    """
    if not labels:
        raise ValueError("there is no label to print")
    if on_sheet and size in _ON_SHEET:
        return _sheets(labels, size, made_at)
    pdf = paper(*MILLIMETRES[size], title=_title(labels), made_at=made_at)
    for words in labels:
        pdf.add_page()
        _label(pdf, words, size, 0, 0)
    return bytes(pdf.output())


def bars_wide(code: str, dots: int) -> float:
    """How wide a code's bars are with their quiet zones, in millimetres, at so many dots a module."""
    return len(code128_modules(code)) * dots * DOT_MM


def put_bars(pdf: FPDF, code: str, left: float, top: float, dots: int, tall: float) -> None:
    """Code 128 bars that begin on a dot of the printer and are whole dots wide."""
    modules(pdf, [code128_modules(code)], round(left / DOT_MM) * DOT_MM, top, dots * DOT_MM, tall)


def _sheets(labels: Sequence[LabelWords], size: LabelSize, made_at: datetime) -> bytes:
    across, down, is_wide = _ON_SHEET[size]
    wide, tall = MILLIMETRES[size]
    sheet = A4_SIDES[::-1] if is_wide else A4_SIDES
    pdf = paper(*sheet, title=_title(labels), made_at=made_at)
    for number, words in enumerate(labels):
        place = number % (across * down)
        if place == 0:
            pdf.add_page()
            _cuts(pdf, across, down, wide, tall)
        _label(pdf, words, size, place % across * wide, place // across * tall)
    return bytes(pdf.output())


def _title(labels: Sequence[LabelWords]) -> str:
    return labels[0].code if len(labels) == 1 else f"{labels[0].code} … {labels[-1].code} ({len(labels)})"


def _cuts(pdf: FPDF, across: int, down: int, wide: float, tall: float) -> None:
    """Dashed lines where the sheet is cut."""
    pdf.set_draw_color(150, 150, 150)
    pdf.set_line_width(0.1)
    pdf.set_dash_pattern(dash=1.5, gap=1.5)
    for column in range(1, across):
        pdf.line(column * wide, 0, column * wide, down * tall)
    for row in range(1, down):
        pdf.line(0, row * tall, across * wide, row * tall)
    pdf.set_dash_pattern()


def _label(pdf: FPDF, words: LabelWords, size: LabelSize, left: float, top: float) -> None:
    """One label with its corner at (left, top); all measures are those of A6, scaled."""
    width, height = MILLIMETRES[size]
    scale = min(width / 105, height / 148)
    pen = _Pen(pdf, left, top, scale, width)
    _head(pen, words)
    _bars(pen, words, size)
    _parties(pen, words)
    _facts(pen, words, height)


@dataclass(frozen=True)
class _Pen:
    """Writes on a label in the measures of A6."""

    pdf: FPDF
    left: float
    top: float
    scale: float
    width: float

    @property
    def wide(self) -> float:
        """The room between the margins."""
        return self.width / self.scale - 2 * MARGIN_MM

    def line(self, text: str, x: float, y: float, wide: float, size_pt: float, **how: object) -> None:
        """One line that fits."""
        at = (self.left + x * self.scale, self.top + y * self.scale)
        put_line(self.pdf, text, *at, wide * self.scale, max(5.0, size_pt * self.scale), **how)  # type: ignore[arg-type]

    def lines(
        self, text: str, x: float, y: float, wide: float, tall: float, size_pt: float, *, bold: bool = False
    ) -> None:
        """Lines that fit into a box."""
        at = (self.left + x * self.scale, self.top + y * self.scale)
        size = max(5.0, size_pt * self.scale)
        put_lines(self.pdf, text, *at, wide * self.scale, tall * self.scale, size, bold=bold)

    def box(self, x: float, y: float, wide: float, tall: float, *, filled: bool = False) -> None:
        """A frame, or a dark field."""
        self.pdf.set_draw_color(*INK)
        self.pdf.set_fill_color(*INK)
        self.pdf.set_line_width(0.4 * self.scale)
        at = (self.left + x * self.scale, self.top + y * self.scale)
        self.pdf.rect(*at, wide * self.scale, tall * self.scale, style="F" if filled else "D")


def _head(pen: _Pen, words: LabelWords) -> None:
    """Who carries it and how, and the sort code, white on black."""
    pen.line(words.carrier, MARGIN_MM, 3.5, pen.wide * 0.55, 15, bold=True)
    under = "Bản lưu tại quầy" if words.is_copy else words.service
    pen.line(f"{under} · {words.day}", MARGIN_MM, 10.5, pen.wide * 0.55, 9)
    sort_wide = pen.wide * 0.42
    left = MARGIN_MM + pen.wide - sort_wide
    pen.box(left, 3.5, sort_wide, 12.5, filled=True)
    pen.line(words.sort_code, left, 5, sort_wide, 22, bold=True, colour=WHITE, align="C")


def _bars(pen: _Pen, words: LabelWords, size: LabelSize) -> None:
    """The barcode across the label, under it the code to be read and typed."""
    tall = max(15.0, 20 * pen.scale) if size is not LabelSize.A7 else 14.0
    wide = bars_wide(words.code, _DOTS[size])
    put_bars(
        pen.pdf, words.code, pen.left + (pen.width - wide) / 2, pen.top + 18.5 * pen.scale, _DOTS[size], tall
    )
    under = 18.5 + tall / pen.scale + 0.5
    spaced = " ".join((words.code[:4], words.code[4:7], words.code[7:10], words.code[10:]))
    pen.line(spaced, MARGIN_MM, under, pen.wide, 14, bold=True, align="C")


def _parties(pen: _Pen, words: LabelWords) -> None:
    """To whom, in a frame; from whom, beside the QR code of the public page."""
    to, by = words.recipient, words.sender
    pen.box(MARGIN_MM, 48, pen.wide, 37)
    x, wide = MARGIN_MM + 2, pen.wide - 4
    pen.line("NGƯỜI NHẬN", x, 49, wide, 8)
    pen.line(f"{to.name} · {to.phone}", x, 52.5, wide, 15, bold=True)
    pen.lines(to.line, x, 60, wide, 12, 13)
    pen.lines(to.place, x, 72.5, wide, 11.5, 14, bold=True)
    side = 27.0
    rows = qr_modules(words.link)
    module = side * pen.scale / len(rows)
    at = (pen.left + pen.width - (side + MARGIN_MM - 1) * pen.scale, pen.top + 87 * pen.scale)
    modules(pen.pdf, rows, *at, module)
    room = pen.wide - side - 1
    pen.line("NGƯỜI GỬI", x, 87, room, 8)
    pen.line(by.name, x, 90.5, room, 12, bold=True)
    pen.line(by.phone, x, 96, room, 12)
    pen.lines(", ".join(filter(None, (by.line, by.place))), x, 101.5, room, 12, 10)


def _facts(pen: _Pen, words: LabelWords, height: float) -> None:
    """What is inside and what it weighs, what is collected, and where the recipient signs."""
    bottom = height / pen.scale - 3
    pen.box(MARGIN_MM, 115, pen.wide, bottom - 115)
    x, half = MARGIN_MM + 2, pen.wide / 2
    pen.lines(words.contents, x, 115.5, pen.wide - 4, 9, 10)
    pen.line(f"Cân nặng: {words.weight}", x, 125, half - 2, 10)
    pen.line(f"Đơn: {words.order_code or '—'}", x, 129.5, half - 2, 10)
    pen.line(f"Thu hộ: {words.collect}", x, 134, half - 2, 11, bold=True)
    pen.line("Người nhận ký", MARGIN_MM + half, 125, half - 3, 8)
