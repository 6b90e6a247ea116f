"""Paper to be printed: pages of a size in millimetres, embedded Vietnamese type, lines that fit, codes as vectors."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from font_source_sans_pro import font_files_ttf
from fpdf import FPDF

TYPE = "Source Sans Pro"
INK, QUIET, WHITE = (0, 0, 0), (67, 81, 72), (255, 255, 255)
LEADING = 1.22
POINT_MM = 0.3528
SMALLEST_PT = 6.0


def paper(width: float, height: float, *, title: str, made_at: datetime) -> FPDF:
    """An empty document with this paper, without a page yet. Sides in millimetres."""
    pdf = FPDF(orientation="portrait", unit="mm", format=(width, height))
    pdf.set_creation_date(made_at)
    pdf.set_title(title)
    pdf.set_lang("vi")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font(TYPE, "", font_files_ttf["SourceSansPro"])
    pdf.add_font(TYPE, "B", font_files_ttf["SourceSansProBold"])
    return pdf


def modules(
    pdf: FPDF, rows: Sequence[Sequence[bool]], left: float, top: float, module: float, tall: float = 0
) -> None:
    """The dark modules of a code; `tall` is the height of a row in millimetres where it is not the module's own."""
    pdf.set_fill_color(*INK)
    for line, row in enumerate(rows):
        for start, length in _runs(row):
            pdf.rect(left + start * module, top + line * module, length * module, tall or module, style="F")


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
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


def put_line(
    pdf: FPDF, text: str, left: float, top: float, wide: float, size_pt: float,
    *, bold: bool = False, colour: tuple[int, int, int] = INK, align: str = "L",
) -> None:  # fmt: skip
    """One line, its letters made smaller until it fits, then cut."""
    text = _fitted(pdf, text, wide, size_pt, bold)
    pdf.set_text_color(*colour)
    pdf.set_xy(left, top)
    pdf.cell(wide, pdf.font_size_pt * POINT_MM * LEADING, text, align=align)


def put_lines(
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
