"""The one door to XlsxWriter: sheets for people, in which no text is ever a formula."""

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO, Literal, TypeVar

import xlsxwriter

Cell = str | int
T = TypeVar("T")
Style = Literal["", "bold", "note", "title", "head", "total"]
RISKY = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"


def csv_of(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """CSV with a byte order mark, so that Excel reads Vietnamese; text like a formula gets an apostrophe before it.

    RFC 4180; against formula injection as OWASP advises (full-width marks and blanks before a mark too).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(head) for head in heads])
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def csv_lines(rows: Sequence[Sequence[Cell]], *, is_first: bool = False) -> bytes:
    """A piece of a CSV that is written piece by piece; the first one begins with the byte order mark."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig" if is_first else "utf-8")


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


class SheetFile:
    """An XLSX sheet for A4 paper, written row after row into a file, holding one row in memory at a time.

    It computes: call it from a thread. Text is text, numbers are numbers with thousands marks.
    """

    def __init__(self, out: BinaryIO, name: str, widths: Sequence[int], *, is_wide: bool = False) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(out, options)
        self._page = self._book.add_worksheet(name)
        self._page.set_paper(9)  # A4
        self._page.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
        self._page.fit_to_pages(1, 0)
        if is_wide:
            self._page.set_landscape()
        for column, width in enumerate(widths):
            self._page.set_column(column, column, width)
        self._last_column, self._row = len(widths) - 1, 0
        self._formats = {key: self._book.add_format(look) for key, look in _LOOKS.items()}

    def line(self, cells: Sequence[Cell | None], style: Style = "", *, is_boxed: bool = False) -> None:
        """One row; None leaves a cell empty. Rows of a table are boxed."""
        for column, cell in enumerate(cells):
            look = self._formats[(style, "number" if isinstance(cell, int) else "text", is_boxed)]
            if isinstance(cell, int):
                self._page.write_number(self._row, column, cell, look)
            elif cell is not None:
                self._page.write_string(self._row, column, cell[:32_000], look)
        self._row += 1

    def across(self, text: str, style: Style = "") -> None:
        """One text over the whole width."""
        look = self._formats[(style, "text", False)]
        self._page.merge_range(self._row, 0, self._row, self._last_column, "", look)
        self._page.write_string(self._row, 0, text[:32_000], look)
        self._row += 1

    def heads(self, rows: Sequence[Sequence[str]]) -> None:
        """The table's heads, which stand again on each printed sheet."""
        first = self._row
        for row in rows:
            self.line(row, "head", is_boxed=True)
        self._page.repeat_rows(first, self._row - 1)

    def close(self) -> None:
        """Writes the file's end."""
        self._book.close()


def _looks() -> dict[tuple[str, str, bool], dict[str, object]]:
    styles: dict[str, dict[str, object]] = {
        "": {},
        "bold": {"bold": True},
        "note": {"italic": True},
        "title": {"bold": True, "font_size": 14, "align": "center"},
        "head": {"bold": True, "align": "center", "text_wrap": True, "valign": "vcenter"},
        "total": {"bold": True},
    }
    kinds: dict[str, dict[str, object]] = {"text": {}, "number": {"num_format": "#,##0", "align": "right"}}
    return {
        (style, kind, is_boxed): {
            "font_name": "Times New Roman",
            **({"border": 1, "text_wrap": True, "valign": "top"} if is_boxed else {}),
            **kinds[kind],
            **look,
        }
        for style, look in styles.items()
        for kind in kinds
        for is_boxed in (False, True)
    }


_LOOKS = _looks()


def harmless(cell: T) -> T | str:
    """The cell; a text that a spreadsheet would take for a formula with an apostrophe before it."""
    is_risky = isinstance(cell, str) and (cell.startswith(RISKY) or cell.lstrip().startswith(RISKY))
    return f"'{cell}" if is_risky else cell
