"""The one door to calamine: sheets from people, weighed before they are opened, as rows of text with their oddities.

XLSX (ISO/IEC 29500) and ODS (ISO/IEC 26300) are ZIP files of XML. What they claim of their size may be a lie, so
each part is unpacked here up to a limit, and how far their cells reach is counted in the XML, before any reader
allots memory for them.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from python_calamine import CalamineError, CalamineWorkbook

from kit.archives import BadArchive, entries_of, inflated
from kit.text import nfc_lines

BYTES_MAX = 20 * 1024 * 1024
UNPACKED_MAX = 150 * 1024 * 1024
PARTS_MAX = 2_000
ROWS_MAX = 20_000
COLUMNS_MAX = 60
Reason = Literal["kind", "bytes", "bomb", "rows", "columns", "broken", "empty", "letters", "locked"]
Place = tuple[int, int]

_CELL = re.compile(rb"<(?:\w+:)?c\s(?P<marks>[^>]*?)(?:/>|>(?P<inside>.*?)</(?:\w+:)?c>)", re.DOTALL)
_REF = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*?)/?>")
_NUMBER = re.compile(rb'table:number-(rows|columns)-(repeated|spanned)="([0-9]{1,9})"')


class BadSheet(ValueError):
    """No sheet we read; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"bad sheet: {reason}")
        self.reason: Reason = reason


@dataclass
class Sheet:
    """Rows of text as they stand from row 1, column A on; places of formulas and the corners of merged cells.

    Places are (row, column), both from 0; a merge is its first and its last cell.
    """

    rows: list[list[str]]
    formulas: set[Place] = field(default_factory=set)
    merges: list[tuple[Place, Place]] = field(default_factory=list)


def read_sheet(raw: bytes) -> Sheet:
    """The first sheet of an XLSX, ODS or CSV file. Raises BadSheet. Computes: call it from a thread."""
    if len(raw) > BYTES_MAX:
        raise BadSheet("bytes")
    if raw[:4] == b"PK\x03\x04":
        sheet = _from_zip(raw)
    elif raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise BadSheet("locked")  # an old XLS, or an XLSX under a password
    else:
        sheet = _from_csv(raw)
    if not any(any(row) for row in sheet.rows):
        raise BadSheet("empty")
    return sheet


def cell_name(row: int, column: int) -> str:
    """`C7` for row 6, column 2."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


# --- ZIP files ---


def _from_zip(raw: bytes) -> Sheet:
    parts = unpacked(raw)
    if "content.xml" in parts:
        sheet = _looked_over_ods(parts["content.xml"])
    elif "xl/workbook.xml" in parts:
        sheet = _looked_over_xlsx(parts[_first_sheet(parts)])
    else:
        raise BadSheet("kind")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError) as fault:
        raise BadSheet("broken") from fault
    sheet.rows = _bounded([_as_text(cell) for cell in row] for row in rows)
    return sheet


def unpacked(raw: bytes) -> dict[str, bytes]:
    """The parts of a ZIP file by name, each really unpacked, all together at most UNPACKED_MAX. Raises BadSheet."""
    try:
        entries = entries_of(raw)
        if len(entries) > PARTS_MAX:
            raise BadSheet("bomb")
        if any(entry.flag_bits & 1 for entry in entries):
            raise BadSheet("locked")
        parts: dict[str, bytes] = {}
        left = UNPACKED_MAX
        for entry in entries:
            parts[entry.filename] = inflated(raw, entry, left)
            left -= len(parts[entry.filename])
    except BadArchive as bad:
        reasons: dict[str, Reason] = {"locked": "locked", "broken": "broken", "kind": "kind"}
        raise BadSheet(reasons.get(bad.reason, "bomb")) from bad
    return parts


def _first_sheet(parts: dict[str, bytes]) -> str:
    """The part of the first sheet, by the workbook's order."""
    named = re.search(rb'<(?:\w+:)?sheet\s[^>]*?\br:id="([^"]+)"', parts["xl/workbook.xml"])
    relations = parts.get("xl/_rels/workbook.xml.rels", b"")
    for found in re.finditer(rb"<Relationship\s[^>]*>", relations):
        target = re.search(rb'\bTarget="([^"]+)"', found[0])
        if named and target and b'Id="' + named[1] + b'"' in found[0]:
            path = target[1].decode("utf-8", "replace")
            path = path.lstrip("/") if path.startswith("/") else f"xl/{path}"
            if path in parts:
                return path
    raise BadSheet("broken")


def _looked_over_xlsx(content: bytes) -> Sheet:
    """Where formulas and merged cells are; refuses cells that lie too far out."""
    sheet = Sheet([])
    for found in _CELL.finditer(content):
        inside = found["inside"]
        ref = _REF.search(b" " + found["marks"])
        if not inside or ref is None:
            continue
        place = _place(ref[1], ref[2])
        _refuse_far(place)
        if b"<f" in inside or b":f>" in inside or b":f " in inside:
            sheet.formulas.add(place)
    for found in _MERGE.finditer(content):
        sheet.merges.append((_place(found[1], found[2]), _place(found[3], found[4])))
    return sheet


def _looked_over_ods(content: bytes) -> Sheet:
    """The same for ODS, where cells and rows may be written once and repeated."""
    table = content.split(b"<table:table ", 2)[1:2]
    if not table:
        raise BadSheet("empty")
    sheet, row = Sheet([]), 0
    for found in _ODS_ROW.finditer(table[0].split(b"</table:table>", 1)[0]):
        repeated = _count(found[1], b"rows", b"repeated")
        column, is_filled = 0, False
        for cell in _ODS_CELL.finditer(found[2] or b""):
            columns = _count(cell[1], b"columns", b"repeated")
            place = (row, column)
            if b"office:value-type" in cell[1] or b"table:formula" in cell[1]:
                is_filled = True
                _refuse_far((row, column + columns - 1))
            if b"table:formula" in cell[1]:
                sheet.formulas |= {(row, column + n) for n in range(columns)}
            wide, high = _count(cell[1], b"columns", b"spanned"), _count(cell[1], b"rows", b"spanned")
            if wide > 1 or high > 1:
                sheet.merges.append((place, (row + high - 1, column + wide - 1)))
            column += columns
        row += repeated
        if is_filled:
            _refuse_far((row - 1, 0))
    return sheet


def _count(marks: bytes, axis: bytes, what: bytes) -> int:
    return next((int(n[3]) for n in _NUMBER.finditer(marks) if n[1] == axis and n[2] == what), 1)


def _place(letters: bytes, number: bytes) -> Place:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(number) - 1, column - 1


def _refuse_far(place: Place) -> None:
    if place[0] >= ROWS_MAX:
        raise BadSheet("rows")
    if place[1] >= COLUMNS_MAX:
        raise BadSheet("columns")


# --- CSV ---


def _from_csv(raw: bytes) -> Sheet:
    text = _decoded(raw)
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(",;\t", key=first.count)  # a sheet of one column has none: the comma then
    try:
        rows = _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as fault:
        raise BadSheet("broken") from fault
    clean = [[nfc_lines(cell) for cell in row] for row in rows]
    formulas = {
        (n, column) for n, row in enumerate(clean) for column, cell in enumerate(row) if cell.startswith("=")
    }
    return Sheet([[_unquoted(cell) for cell in row] for row in clean], formulas)


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\x00" in raw[:4096] or raw[:4] in (b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0"):
        raise BadSheet("kind")
    else:
        encoding = "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as fault:
        raise BadSheet("letters") from fault


def _unquoted(cell: str) -> str:
    """Without the apostrophe that a careful program puts before what could be read as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip()[:1] in (*"=+-@", *"＝＋－＠") else cell


# --- both ---


def _bounded(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    kept: list[list[str]] = []
    for row in rows:
        filled = max((n + 1 for n, cell in enumerate(row) if cell), default=0)
        if filled > COLUMNS_MAX:
            raise BadSheet("columns")
        kept.append(list(row[:filled]))
        if filled and len(kept) > ROWS_MAX:
            raise BadSheet("rows")
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return _unquoted(nfc_lines(str(cell))) if cell is not None else ""
