"""A hand-over list on paper: what was given and taken, what differs, a barcode each, and where both sides sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF

from kit.paper import QUIET, paper, put_line
from postal.label_pdf import put_bars

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 12.0
ROW_MM, FIRST_ROW_MM, LATER_ROW_MM = 13.0, 62.0, 24.0
SIGN_MM = 34.0
COLUMNS = ((12.0, 8.0), (20.0, 60.0), (82.0, 62.0), (146.0, 16.0), (164.0, 34.0))
HEADINGS = ("#", "Mã bưu gửi", "Người nhận", "Nặng", "Bên nhận thấy")


@dataclass(frozen=True)
class ManifestRow:
    """One parcel: code, to whom and where, weight, what the taker found."""

    code: str
    recipient: str
    place: str
    weight: str
    found: str
    differs: bool


@dataclass(frozen=True)
class ManifestWords:
    """What stands on the paper. `sums` are lines under the heading."""

    title: str
    number: str
    sums: tuple[str, ...]
    giver: str
    taker: str
    note: str
    rows: Sequence[ManifestRow]


def manifest_pdf(words: ManifestWords, *, made_at: datetime) -> bytes:
    """A4, as many pages as the rows need. Computes for some milliseconds a row: call it from a thread."""
    pdf = paper(WIDTH, HEIGHT, title=f"{words.title} {words.number}", made_at=made_at)
    left = list(enumerate(words.rows, 1))
    page = 0
    while left or page == 0:
        page += 1
        pdf.add_page()
        top = _head(pdf, words) if page == 1 else _later_head(pdf, words, page)
        room = int((HEIGHT - SIGN_MM - MARGIN - top) / ROW_MM)
        for place, (number, row) in enumerate(left[:room]):
            _row(pdf, number, row, top + place * ROW_MM)
        left = left[room:]
    _signatures(pdf, words)
    return bytes(pdf.output())


def _head(pdf: FPDF, words: ManifestWords) -> float:
    put_line(pdf, words.title, MARGIN, 12, 130, 20, bold=True)
    put_line(pdf, words.number, 140, 13, 58, 16, bold=True, align="R")
    for place, line in enumerate(words.sums):
        put_line(pdf, line, MARGIN, 23 + place * 6, 186, 11)
    return _headings(pdf, FIRST_ROW_MM)


def _later_head(pdf: FPDF, words: ManifestWords, page: int) -> float:
    put_line(pdf, f"{words.title} · {words.number} · tờ {page}", MARGIN, 8, 186, 11, bold=True)
    return _headings(pdf, LATER_ROW_MM)


def _headings(pdf: FPDF, top: float) -> float:
    for (left, wide), text in zip(COLUMNS, HEADINGS, strict=True):
        put_line(pdf, text, left, top - 7, wide, 9, bold=True, colour=QUIET)
    _rule(pdf, top - 1)
    return top


def _row(pdf: FPDF, number: int, row: ManifestRow, top: float) -> None:
    lefts = [left for left, _ in COLUMNS]
    put_line(pdf, str(number), lefts[0], top + 3, 8, 10)
    put_bars(pdf, row.code, lefts[1] - 2, top + 0.5, 2, 6.5)
    put_line(pdf, row.code, lefts[1], top + 7.2, 56, 9)
    put_line(pdf, row.recipient, lefts[2], top + 1.5, 62, 10, bold=True)
    put_line(pdf, row.place, lefts[2], top + 6.5, 62, 9)
    put_line(pdf, row.weight, lefts[3], top + 3, 16, 10)
    put_line(pdf, row.found, lefts[4], top + 3, 34, 10, bold=row.differs)
    _rule(pdf, top + ROW_MM - 1)


def _rule(pdf: FPDF, top: float) -> None:
    pdf.set_draw_color(*QUIET)
    pdf.set_line_width(0.15)
    pdf.line(MARGIN, top, WIDTH - MARGIN, top)


def _signatures(pdf: FPDF, words: ManifestWords) -> None:
    """At the foot of the last page: a word on what differs, and both names to sign over."""
    top = HEIGHT - SIGN_MM - 4
    if words.note:
        put_line(pdf, f"Ghi chú: {words.note}", MARGIN, top - 1, 186, 10)
    for left, side, name in ((MARGIN, "Bên giao", words.giver), (WIDTH / 2 + 4, "Bên nhận", words.taker)):
        put_line(pdf, f"{side}: {name}", left, top + 6, 88, 11, bold=True)
        put_line(pdf, "(ký, ghi rõ họ tên)", left, top + 12, 88, 9, colour=QUIET)
