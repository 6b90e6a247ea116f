"""Sheets: read as they stand, oddities named, and nothing that swells or lies is opened."""

import io
import struct
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kit.sheets import BadSheet, cell_name, read_sheet, unpacked
from kit.sheets_out import csv_of, xlsx_of
from kit.text import nfc_lines

ODS_HEAD = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
ODS_FOOT = "</office:spreadsheet></office:body></office:document-content>"


def ods(table: str) -> bytes:
    """The least ODS that is one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr(
            "content.xml", f'{ODS_HEAD}<table:table table:name="Hàng">{table}</table:table>{ODS_FOOT}'
        )
        made.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


def text_cell(text: str, marks: str = "") -> str:
    """A cell of an ODS sheet."""
    return f'<table:table-cell office:value-type="string" {marks}><text:p>{text}</text:p></table:table-cell>'


def reason_of(raw: bytes) -> str:
    """Why a file is refused."""
    with pytest.raises(BadSheet) as bad:
        read_sheet(raw)
    return bad.value.reason


def rezipped(raw: bytes, name: str, content: bytes) -> bytes:
    """A ZIP file with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, content if entry.filename == name else old.read(entry))
    return out.getvalue()


def test_an_xlsx_sheet_keeps_rows_formulas_and_merges_in_their_places() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    page.merge_range("A1:C1", "Bảng giá")
    page.write_row("A3", ["Tên", "Giá"])
    page.write("A4", "Chè")
    page.write_formula("B4", "=1+1", None, 2)
    page.write_number("B5", 60_000.0)
    page.write_number("C5", 0.5)
    book.close()
    sheet = read_sheet(out.getvalue())
    assert sheet.rows[2] == ["Tên", "Giá"]
    assert sheet.rows[4][1:] == ["60000", "0.5"]
    assert sheet.formulas == {(3, 1)}
    assert sheet.merges == [((0, 0), (0, 2))]


def test_an_ods_sheet_says_the_same() -> None:
    once, high = 'table:number-columns-repeated="1"', 'table:number-rows-spanned="2"'
    sum_cell = '<table:table-cell office:value-type="float" office:value="60000" table:formula="of:=1"/>'
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = (
        f"<table:table-row>{text_cell('Tên')}{text_cell('Giá')}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="2">{text_cell("Chè", once)}{sum_cell}</table:table-row>'
        f"<table:table-row>{text_cell('Na', high)}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    )
    sheet = read_sheet(ods(rows))
    assert sheet.rows[:3] == [["Tên", "Giá"], ["Chè", "60000"], ["Chè", "60000"]]
    assert (1, 1) in sheet.formulas
    assert sheet.merges == [((3, 0), (4, 0))]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_sheet_is_read_with_its_own_mark(mark: str) -> None:
    raw = f"Tên{mark}Giá\nChè \"thơm\"{mark}=1+1\n'-Na{mark}'=5\n".encode("utf-8-sig")
    sheet = read_sheet(raw)
    assert sheet.rows == [["Tên", "Giá"], ['Chè "thơm"', "=1+1"], ["-Na", "=5"]]
    assert sheet.formulas == {(1, 1)}


def test_what_is_no_sheet_is_refused_with_its_reason() -> None:
    assert reason_of(b"") == "empty"
    assert reason_of(b"\n\n,,\n") == "empty"
    assert reason_of(b"x" * (20 * 1024 * 1024 + 1)) == "bytes"
    assert reason_of("Tên,Giá\nChè,5".encode("cp1258", "replace") + b"\xff\xd5") == "letters"
    assert reason_of(b"%PDF-1.7 \x00") == "kind"
    assert reason_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "locked"
    assert reason_of(b"PK\x03\x04 broken") == "broken"
    assert reason_of(xlsx_of(["Tên"], [])[:-200]) == "broken"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("readme.txt", "no sheet")
    assert reason_of(out.getvalue()) == "kind"
    assert reason_of(("a," * 70 + "b\n").encode()) == "columns"
    assert reason_of(b"a,b\n" * 20_001) == "rows"


def test_a_part_that_swells_is_not_unpacked() -> None:
    swollen = rezipped(xlsx_of(["Tên"], [["Chè"]]), "xl/worksheets/sheet1.xml", bytes(151 * 1024 * 1024))
    assert len(swollen) < 1_000_000
    assert reason_of(swollen) == "bomb"


def test_a_part_that_lies_about_its_size_is_not_opened() -> None:
    raw = bytearray(xlsx_of(["Tên"], [["Chè"]]))
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(BadSheet) as bad:
        unpacked(bytes(raw))
    assert bad.value.reason == "bomb"


def test_a_cell_at_the_end_of_the_world_allots_no_memory() -> None:
    sheet = (
        b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    raw = rezipped(xlsx_of(["Tên"], [["Chè"]]), "xl/worksheets/sheet1.xml", sheet)
    assert reason_of(raw) == "rows"
    wide = sheet.replace(b"XFD1048576", b"XFD1").replace(b'"1048576"', b'"1"')
    assert reason_of(rezipped(raw, "xl/worksheets/sheet1.xml", wide)) == "columns"
    repeated = f'<table:table-row table:number-rows-repeated="1000000">{text_cell("Chè")}</table:table-row>'
    assert reason_of(ods(repeated)) == "rows"
    wide_cell = text_cell("Chè", 'table:number-columns-repeated="16000"')
    across = f"<table:table-row>{wide_cell}</table:table-row>"
    assert reason_of(ods(across)) == "columns"


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_what_we_write_we_read_again(cells: list[str]) -> None:
    for made in (xlsx_of(["Tên"] * len(cells), [cells]), csv_of(["Tên"] * len(cells), [cells])):
        row = read_sheet(made).rows[1]
        assert [*row, *[""] * (len(cells) - len(row))] == [read_back(cell) for cell in cells]


def read_back(cell: str) -> str:
    """What a cell is after tidying; one apostrophe before a formula's mark is taken for a shield."""
    clean = nfc_lines(cell)
    return clean[1:] if clean[:1] == "'" and clean[1:2] in ("=", "+", "-", "@") else clean


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+84912", "-2+3", "@SUM(A1)", " =1+1", "\t=1", "＝1+1", "\u00a0@A1"]
)
def test_no_text_becomes_a_formula(cell: str) -> None:
    written = csv_of(["Tên"], [[cell]]).decode("utf-8-sig").splitlines()[1]
    assert written.lstrip('"').startswith("'")
    sheet = read_sheet(xlsx_of(["Tên"], [[cell]]))
    assert not sheet.formulas


def test_cells_are_named_as_spreadsheets_do() -> None:
    assert [cell_name(0, 0), cell_name(6, 2), cell_name(0, 25), cell_name(9, 26)] == [
        "A1",
        "C7",
        "Z1",
        "AA10",
    ]
