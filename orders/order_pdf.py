"""An order on paper: the contract between buyer and seller as it was agreed, A4, as many pages as it needs.

It is in Vietnamese, the language of contracts with consumers here (Law 19/2023/QH15 on consumers, Article 23), and says
what Articles 37 and 38 want known, read again and kept; Law 122/2025/QH15 on e-commerce, Article 17, on returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from fpdf import FPDF

from kit.paper import INK, LEADING, POINT_MM, QUIET, TYPE, paper, put_line

WIDTH, HEIGHT, MARGIN, FOOT = 210.0, 297.0, 16.0, 18.0
INNER = WIDTH - 2 * MARGIN
HALF = (INNER - 8) / 2
COLUMNS = ((0.0, 8.0, "L"), (8.0, 88.0, "L"), (96.0, 26.0, "R"), (122.0, 27.0, "R"), (149.0, 29.0, "R"))
HEADINGS = ("#", "Hàng", "Số lượng", "Đơn giá", "Thành tiền")


@dataclass(frozen=True)
class PaperLine:
    """One line of the order: its name with what was agreed beside it, and its sums as they are written."""

    name: str
    notes: tuple[str, ...]
    quantity: str
    price: str
    total: str


@dataclass(frozen=True)
class OrderPaper:
    """What stands on the paper. Parties are lines below each other, `sums` and `terms` words and what they say."""

    code: str
    placed: str
    state: str
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    lines: Sequence[PaperLine]
    sums: Sequence[tuple[str, str]]
    terms: Sequence[tuple[str, str]]
    steps: Sequence[tuple[str, str]]
    printed: str
    link: str


@dataclass
class _Pen:
    """Where the next line goes on the open page, in millimetres from its top."""

    pdf: FPDF
    words: OrderPaper
    top: float = MARGIN

    def room(self, tall: float) -> None:
        """Begins a new page when so much does not fit any more."""
        if self.top + tall > HEIGHT - FOOT:
            self.pdf.add_page()
            self.top = MARGIN


def order_pdf(words: OrderPaper, *, made_at: datetime) -> bytes:
    """The order as a PDF. Computes for some milliseconds a line: call it from a thread."""
    pdf = paper(WIDTH, HEIGHT, title=f"Đơn hàng {words.code}", made_at=made_at)
    pdf.add_page()
    pen = _Pen(pdf, words)
    _head(pen)
    _parties(pen)
    _lines(pen)
    _sums(pen)
    _paragraphs(pen, "Hai bên đã thỏa thuận", words.terms)
    _paragraphs(pen, "Các bước của đơn", words.steps)
    _feet(pdf, words)
    return bytes(pdf.output())


def _head(pen: _Pen) -> None:
    words = pen.words
    put_line(pen.pdf, "Đơn hàng, hợp đồng mua bán", MARGIN, pen.top, 120, 20, bold=True)
    put_line(pen.pdf, words.code, MARGIN + 120, pen.top + 1, INNER - 120, 16, bold=True, align="R")
    put_line(pen.pdf, f"Đặt lúc {words.placed} trên Chợ 4.0. {words.state}.", MARGIN, pen.top + 10, INNER, 11)
    pen.top += 20


def _parties(pen: _Pen) -> None:
    """Both sides beside each other."""
    ends = []
    for left, side, lines in (
        (MARGIN, "Bên bán", pen.words.seller),
        (MARGIN + HALF + 8, "Bên mua, nơi nhận hàng", pen.words.buyer),
    ):
        put_line(pen.pdf, side, left, pen.top, HALF, 9, colour=QUIET)
        top = pen.top + 5
        for number, line in enumerate(lines):
            top += _text(pen.pdf, line, left, top, HALF, 10.5, bold=number == 0)
        ends.append(top)
    pen.top = max(ends) + 5


def _lines(pen: _Pen) -> None:
    _headings(pen)
    for number, line in enumerate(pen.words.lines, 1):
        left = MARGIN + COLUMNS[1][0]
        tall = _height(pen.pdf, line.name, COLUMNS[1][1], 10.5) + sum(
            _height(pen.pdf, note, COLUMNS[1][1], 8.5) for note in line.notes
        )
        if pen.top + tall + 3 > HEIGHT - FOOT:
            pen.room(HEIGHT)
            _headings(pen)
        cells = (str(number), "", line.quantity, line.price, line.total)
        for (place, wide, align), cell in zip(COLUMNS, cells, strict=True):
            put_line(pen.pdf, cell, MARGIN + place, pen.top + 1, wide, 10.5, align=align)
        top = pen.top + 1
        top += _text(pen.pdf, line.name, left, top, COLUMNS[1][1], 10.5)
        for note in line.notes:
            top += _text(pen.pdf, note, left, top, COLUMNS[1][1], 8.5, colour=QUIET)
        pen.top = top + 1
        _rule(pen)


def _headings(pen: _Pen) -> None:
    for (place, wide, align), text in zip(COLUMNS, HEADINGS, strict=True):
        put_line(pen.pdf, text, MARGIN + place, pen.top, wide, 9, bold=True, colour=QUIET, align=align)
    pen.top += 5.5
    _rule(pen)


def _sums(pen: _Pen) -> None:
    pen.top += 1
    for words, amount in pen.words.sums:
        is_total = words == "Tổng cộng"
        pen.room(7)
        put_line(pen.pdf, words, MARGIN + 60, pen.top, 80, 10.5, bold=is_total, align="R")
        put_line(pen.pdf, amount, MARGIN + 140, pen.top, INNER - 140, 10.5, bold=is_total, align="R")
        pen.top += 5.6
    pen.top += 3


def _paragraphs(pen: _Pen, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if not rows:
        return
    pen.room(16)
    put_line(pen.pdf, title, MARGIN, pen.top, INNER, 12, bold=True)
    pen.top += 7
    for words, said in rows:
        tall = _height(pen.pdf, said, INNER - 40, 10)
        pen.room(tall + 1.5)
        put_line(pen.pdf, words, MARGIN, pen.top, 38, 10, colour=QUIET)
        _text(pen.pdf, said, MARGIN + 40, pen.top, INNER - 40, 10)
        pen.top += tall + 1.5
    pen.top += 3


def _feet(pdf: FPDF, words: OrderPaper) -> None:
    """At the foot of every page what it is a copy of, and which page it is."""
    for page in range(1, pdf.pages_count + 1):
        pdf.page = page
        said = f"Đơn {words.code}, in lúc {words.printed}. Giá và thỏa thuận như lúc đặt. {words.link}"
        put_line(pdf, said, MARGIN, HEIGHT - 12, INNER - 24, 8, colour=QUIET)
        place = f"tờ {page}/{pdf.pages_count}"
        put_line(pdf, place, WIDTH - MARGIN - 22, HEIGHT - 12, 22, 8, colour=QUIET, align="R")


def _rule(pen: _Pen) -> None:
    pen.pdf.set_draw_color(*QUIET)
    pen.pdf.set_line_width(0.15)
    pen.pdf.line(MARGIN, pen.top, WIDTH - MARGIN, pen.top)
    pen.top += 0.8


def _broken(pdf: FPDF, text: str, wide: float, size_pt: float, bold: bool = False) -> list[str]:
    pdf.set_font(TYPE, "B" if bold else "", size_pt)
    return cast(list[str], pdf.multi_cell(wide, text=text, dry_run=True, output="LINES"))


def _height(pdf: FPDF, text: str, wide: float, size_pt: float) -> float:
    return len(_broken(pdf, text, wide, size_pt)) * size_pt * POINT_MM * LEADING


def _text(
    pdf: FPDF, text: str, left: float, top: float, wide: float, size_pt: float,
    *, bold: bool = False, colour: tuple[int, int, int] = INK,
) -> float:  # fmt: skip
    """Lines broken at blanks, as many as they are; their height in millimetres."""
    high = size_pt * POINT_MM * LEADING
    lines = _broken(pdf, text, wide, size_pt, bold)
    pdf.set_text_color(*colour)
    for number, line in enumerate(lines):
        pdf.set_xy(left, top + number * high)
        pdf.cell(wide, high, line)
    return len(lines) * high
