"""The QR plate of a stall as a PDF to be printed: A5 or A6, codes as vectors, Vietnamese type embedded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fpdf import FPDF

from kit.paper import QUIET, WHITE, modules, paper, put_line, put_lines
from payments.qr_picture import QUIET_MODULES, qr_rows

TEA = (31, 107, 67)
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
    pdf = paper(width, height, title=f"{words.name} · {words.market}", made_at=words.made_at)
    pdf.add_page()
    return pdf


def _head(pdf: FPDF, words: PlateWords, width: float, scale: float) -> None:
    """The band with the market and the stall's number, then what to do."""
    pdf.set_fill_color(*TEA)
    pdf.rect(0, 0, width, 22 * scale, style="F")
    put_line(pdf, words.market, 10 * scale, 4 * scale, width * 0.6, 17 * scale, bold=True, colour=WHITE)
    maker = "Chợ 4.0 · biển trình diễn, tài khoản giả" if words.is_demo else "Chợ 4.0"
    put_line(pdf, maker, 10 * scale, 12.5 * scale, width * 0.6, 11 * scale, colour=WHITE)
    put_line(
        pdf, f"Ô {words.stall}", width * 0.6, 5 * scale, width * 0.4 - 10 * scale, 26 * scale,
        bold=True, colour=WHITE, align="R",
    )  # fmt: skip
    put_line(pdf, "Quét để trả tiền", 0, 25 * scale, width, 26 * scale, bold=True, align="C")


def _codes(pdf: FPDF, words: PlateWords, width: float, scale: float) -> None:
    """The payment code, large; under it whom it pays."""
    side = 96 * scale
    _qr(pdf, words.pay_text, (width - side) / 2, 36.5 * scale, side)
    put_line(pdf, words.holder, 8 * scale, 133 * scale, width - 16 * scale, 24 * scale, bold=True, align="C")
    put_line(pdf, words.account, 8 * scale, 143.5 * scale, width - 16 * scale, 17 * scale, align="C")


def _foot(pdf: FPDF, words: PlateWords, width: float, height: float, scale: float) -> None:
    """The stall's name, the rule of the till, and the small code of the stall's page."""
    top = 155 * scale
    pdf.set_draw_color(*TEA)
    pdf.set_line_width(0.5 * scale)
    pdf.line(8 * scale, top, width - 8 * scale, top)
    side = 42 * scale
    _qr(pdf, words.link, width - side - 6 * scale, top + 4 * scale, side)
    left, wide = 10 * scale, width - side - 22 * scale
    put_lines(pdf, words.name, left, top + 5 * scale, wide, 15 * scale, 17 * scale, bold=True)
    put_lines(pdf, WARNING, left, top + 22 * scale, wide, 22 * scale, 11 * scale)
    put_line(
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
    modules(pdf, rows, left + QUIET_MODULES * module, top + QUIET_MODULES * module, module)
