"""The QR plate of a stall as a PDF to be printed: A5 or A6, codes as vectors, Vietnamese type embedded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from font_source_sans_pro import font_files_ttf
from fpdf import FPDF

from payments.qr_picture import QUIET_MODULES, qr_rows

TYPE = "Source Sans Pro"
TEA, INK, QUIET, WHITE = (31, 107, 67), (0, 0, 0), (67, 81, 72), (255, 255, 255)
LEADING = 1.22
POINT_MM = 0.3528
SMALLEST_PT = 6.0
WARNING = (
    "Kiểm tra trước khi trả: quét mã nhỏ, tên chủ tài khoản phải giống trên biển này. "
    "Khác thì đừng trả, hãy báo ban quản lý chợ."
)


class PlateSize(StrEnum):
    """The paper: A5 for the wall of a stall, A6 for its counter."""

    A5 = "a5"
    A6 = "a6"


MILLIMETRES = {PlateSize.A5: (148.0, 210.0), PlateSize.A6: (105.0, 148.0)}


@dataclass(frozen=True)
class PlateWords:
    """What stands on a plate. `pay_text` is the VietQR's text, `link` the signed address of the stall's page."""

    market: str
    stall: str
    name: str
    holder: str
    account: str
    pay_text: str
    link: str
    made_at: datetime
    is_demo: bool = False


def plate_pdf(words: PlateWords, size: PlateSize) -> bytes:
    """One page of this size. Computes for a part of a second: call it from a thread."""
    width, height = MILLIMETRES[size]
    pdf = _sheet(words, width, height)
    scale = width / 148
    _head(pdf, words, width, scale)
    _codes(pdf, words, width, scale)
    _foot(pdf, words, width, height, scale)
    return bytes(pdf.output())


def _sheet(words: PlateWords, width: float, height: float) -> FPDF:
    pdf = FPDF(orientation="portrait", unit="mm", format=(width, height))
    pdf.set_creation_date(words.made_at)
    pdf.set_title(f"{words.name} · {words.market}")
    pdf.set_lang("vi")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font(TYPE, "", font_files_ttf["SourceSansPro"])
    pdf.add_font(TYPE, "B", font_files_ttf["SourceSansProBold"])
    pdf.add_page()
    return pdf


def _head(pdf: FPDF, words: PlateWords, width: float, scale: float) -> None:
    """The band with the market and the stall's number, then what to do."""
    pdf.set_fill_color(*TEA)
    pdf.rect(0, 0, width, 22 * scale, style="F")
    _line(pdf, words.market, 10 * scale, 4 * scale, width * 0.6, 17 * scale, bold=True, colour=WHITE)
    maker = "Chợ 4.0 · biển trình diễn, tài khoản giả" if words.is_demo else "Chợ 4.0"
    _line(pdf, maker, 10 * scale, 12.5 * scale, width * 0.6, 11 * scale, colour=WHITE)
    _line(
        pdf, f"Ô {words.stall}", width * 0.6, 5 * scale, width * 0.4 - 10 * scale, 26 * scale,
        bold=True, colour=WHITE, align="R",
    )  # fmt: skip
    _line(pdf, "Quét để trả tiền", 0, 25 * scale, width, 26 * scale, bold=True, align="C")


def _codes(pdf: FPDF, words: PlateWords, width: float, scale: float) -> None:
    """The payment code, large; under it whom it pays."""
    side = 96 * scale
    _qr(pdf, words.pay_text, (width - side) / 2, 36.5 * scale, side)
    _line(pdf, words.holder, 8 * scale, 133 * scale, width - 16 * scale, 24 * scale, bold=True, align="C")
    _line(pdf, words.account, 8 * scale, 143.5 * scale, width - 16 * scale, 17 * scale, align="C")


def _foot(pdf: FPDF, words: PlateWords, width: float, height: float, scale: float) -> None:
    """The stall's name, the rule of the till, and the small code of the stall's page."""
    top = 155 * scale
    pdf.set_draw_color(*TEA)
    pdf.set_line_width(0.5 * scale)
    pdf.line(8 * scale, top, width - 8 * scale, top)
    side = 42 * scale
    _qr(pdf, words.link, width - side - 6 * scale, top + 4 * scale, side)
    left, wide = 10 * scale, width - side - 22 * scale
    _lines(pdf, words.name, left, top + 5 * scale, wide, 15 * scale, 17 * scale, bold=True)
    _lines(pdf, WARNING, left, top + 22 * scale, wide, 22 * scale, 11 * scale)
    _line(
        pdf,
        words.link.partition("://")[2],
        left,
        height - 9 * scale,
        width - 20 * scale,
        10 * scale,
        colour=QUIET,
    )


def _qr(pdf: FPDF, text: str, left: float, top: float, side: float) -> None:
    """A code with its quiet zone inside this square; dark modules side by side are one rectangle."""
    rows = qr_rows(text)
    module = side / (len(rows) + 2 * QUIET_MODULES)
    pdf.set_fill_color(*WHITE)
    pdf.rect(left, top, side, side, style="F")
    pdf.set_fill_color(*INK)
    for line, row in enumerate(rows):
        for start, length in _runs(row):
            pdf.rect(
                left + (QUIET_MODULES + start) * module,
                top + (QUIET_MODULES + line) * module,
                length * module,
                module,
                style="F",
            )


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark modules begin and how many follow one another."""
    runs: list[tuple[int, int]] = []
    for place, is_dark in enumerate(row):
        if not is_dark:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place, 1))
    return runs


def _line(
    pdf: FPDF, text: str, left: float, top: float, wide: float, size_pt: float,
    *, bold: bool = False, colour: tuple[int, int, int] = INK, align: str = "L",
) -> None:  # fmt: skip
    """One line, its letters made smaller until it fits, then cut."""
    text = _fitted(pdf, text, wide, size_pt, bold)
    pdf.set_text_color(*colour)
    pdf.set_xy(left, top)
    pdf.cell(wide, pdf.font_size_pt * POINT_MM * LEADING, text, align=align)


def _lines(
    pdf: FPDF,
    text: str,
    left: float,
    top: float,
    wide: float,
    tall: float,
    size_pt: float,
    *,
    bold: bool = False,
) -> None:
    """Lines broken at blanks, their letters made smaller until all of them fit into the height."""
    pdf.set_text_color(*INK)
    while True:
        pdf.set_font(TYPE, "B" if bold else "", size_pt)
        lines = cast(list[str], pdf.multi_cell(wide, text=text, dry_run=True, output="LINES"))
        high = size_pt * POINT_MM * LEADING
        if len(lines) * high <= tall or size_pt <= SMALLEST_PT:
            break
        size_pt *= 0.94
    for number, line in enumerate(lines[: max(1, int(tall / high))]):
        pdf.set_xy(left, top + number * high)
        pdf.cell(wide, high, line)


def _fitted(pdf: FPDF, text: str, wide: float, size_pt: float, bold: bool) -> str:
    style = "B" if bold else ""
    pdf.set_font(TYPE, style, size_pt)
    while pdf.get_string_width(text) > wide - 2 and size_pt > SMALLEST_PT:
        size_pt *= 0.94
        pdf.set_font(TYPE, style, size_pt)
    while pdf.get_string_width(text) > wide - 2 and len(text) > 2:
        text = text[:-2] + "…"
    return text
