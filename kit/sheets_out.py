"""The one door to XlsxWriter: sheets for people, in which no text is ever a formula."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter

Cell = str | int
RISKY = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"


def csv_of(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """CSV with a byte order mark, so that Excel reads Vietnamese; text like a formula gets an apostrophe before it.

    RFC 4180; against formula injection as OWASP advises.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_harmless(head) for head in heads])
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, sheet: str = "Hàng") -> bytes:
    """An XLSX sheet with a bold first row that stays in sight; text as text, numbers as numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet(sheet)
    bold = book.add_format({"bold": True})
    for column, head in enumerate(heads):
        page.write_string(0, column, head, bold)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(number, column, cell)
            else:
                page.write_string(number, column, cell[:32_000])
    page.freeze_panes(1, 0)
    page.set_column(0, max(len(heads) - 1, 0), 18)
    book.close()
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RISKY) else cell
