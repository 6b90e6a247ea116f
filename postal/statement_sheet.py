"""Carriers' statements as files: columns found by each carrier's heads, sums read, faults told by row. Pure.

The heads are those of the carriers' own exports as far as anybody wrote them down, with the words people use for them;
a file saved anew with one of these heads is read too. A formula is never computed: such a file is refused by its cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kit.headed import Heads, cell_at, columns_in
from kit.i18n import Sentence, say
from kit.money import parse_dong
from kit.sheets import BadSheet, Sheet, cell_name, read_sheet
from postal.gates.names import BY_FILE, GHN, GHTK, VIETTEL_POST, VNPOST

ROWS_MOST = 5_000
FAULTS_SHOWN = 10
SUM_MOST_DONG = 1_000_000_000
WAYBILL_MAX, REFERENCE_MAX = 40, 60
_COMMON: dict[str, tuple[str, ...]] = {
    "waybill": ("ma van don", "so van don", "van don", "waybill", "tracking code"),
    "reference": ("ma don hang", "ma buu gui", "ma tham chieu", "reference"),
    "cod": ("tien thu ho", "so tien thu ho", "thu ho", "tien cod", "cod", "cod amount"),
    "fee": ("phi", "cuoc", "cuoc phi", "tong cuoc", "tong phi", "phi dich vu", "fee", "total fee"),
    "remitted": ("thuc tra", "thuc nhan", "tien thuc tra", "chuyen tra", "so tien chuyen tra", "remitted"),
}
_OWN: dict[str, dict[str, tuple[str, ...]]] = {
    VIETTEL_POST: {
        "waybill": ("ma phieu gui", "so phieu gui"),
        "fee": ("tong cuoc thu", "tien cuoc"),
        "remitted": ("tien phai tra khach hang",),
    },
    VNPOST: {
        "waybill": ("so hieu buu gui", "so hieu"),
        "cod": ("so tien cod",),
        "remitted": ("so tien tra nguoi gui",),
    },
    GHN: {
        "waybill": ("ma don ghn",),
        "reference": ("ma don khach hang", "ma don shop"),
        "remitted": ("tien doi soat",),
    },
    GHTK: {"waybill": ("ma don ghtk",), "reference": ("ma don shop",), "remitted": ("thanh toan",)},
    BY_FILE: {},
}
NEEDED = ("waybill", "cod", "fee")
_NAMES: dict[str, Sentence] = {
    "waybill": say("mã vận đơn"),
    "cod": say("tiền thu hộ"),
    "fee": say("cước phí"),
}
FILE_FAULTS: dict[str, Sentence] = {
    "kind": say("Tệp này không phải CSV, XLSX hay ODS."),
    "locked": say("Tệp đang khóa bằng mật khẩu hoặc là kiểu Excel cũ. Hãy lưu lại thành XLSX hoặc CSV."),
    "letters": say("Chữ trong tệp bị lỗi. Hãy lưu tệp với bảng mã UTF-8."),
    "empty": say("Tệp không có dòng nào."),
    "rows": say(
        "Tệp nhiều dòng quá. Hãy chia nhỏ, mỗi tệp nhiều nhất {n} dòng.", n=f"{ROWS_MOST:,}".replace(",", ".")
    ),
}
UNREAD = say("Không đọc được tệp này. Hãy lưu lại thành CSV rồi gửi.")


@dataclass(frozen=True)
class StatedLine:
    """One line as it stands in the file, at its row on paper; sums in đồng, `remitted_dong` may be below zero."""

    row: int
    waybill: str
    reference: str
    cod_dong: int
    fee_dong: int
    remitted_dong: int


@dataclass
class StatedSheet:
    """What a file holds: lines, or why it cannot be taken: as a whole, or by row (the first ten)."""

    lines: list[StatedLine] = field(default_factory=list)
    faults: list[tuple[int, Sentence]] = field(default_factory=list)
    refused: Sentence | None = None


def heads_of(carrier: str) -> Heads:
    """What each column of a carrier's statement may be headed; its own words first."""
    own = _OWN.get(carrier, {})
    return {name: (*own.get(name, ()), *words) for name, words in _COMMON.items()}


def stated(raw: bytes, carrier: str) -> StatedSheet:
    """The lines of a statement. Computes: call it from a thread."""
    try:
        sheet = read_sheet(raw)
    except BadSheet as bad:
        return StatedSheet(refused=FILE_FAULTS.get(bad.reason, UNREAD))
    heads = heads_of(carrier)
    start = next(
        (n for n, row in enumerate(sheet.rows) if {"waybill", "cod"} <= columns_in(row, heads).keys()), None
    )
    columns = columns_in(sheet.rows[start], heads) if start is not None else {}
    lacking = [name for name in NEEDED if name not in columns]
    if start is None or lacking:
        named = ", ".join(str(_NAMES[name]) for name in lacking)
        return StatedSheet(refused=say("Không thấy cột {names} trong tệp.", names=named))
    if len(sheet.rows) - start - 1 > ROWS_MOST:
        return StatedSheet(refused=FILE_FAULTS["rows"])
    return _read(sheet, start + 1, columns)


def _read(sheet: Sheet, start: int, columns: Mapping[str, int]) -> StatedSheet:
    found = StatedSheet()
    for place, row in enumerate(sheet.rows[start:], start):
        if not cell_at(row, columns["waybill"]):
            continue  # a sum at the foot of the table, or an empty line
        wrong = formula_in(sheet, place, columns) or _fault(row, columns)
        if wrong is None:
            found.lines.append(_line(row, place, columns))
        elif len(found.faults) < FAULTS_SHOWN:
            found.faults.append((place + 1, wrong))
    if not found.lines and not found.faults:
        found.refused = FILE_FAULTS["empty"]
    return found


def formula_in(sheet: Sheet, place: int, columns: Mapping[str, int]) -> Sentence | None:
    """What is said of a row in which one of these cells is a formula: nothing here computes for others."""
    for column in columns.values():
        if (place, column) in sheet.formulas:
            return say("Ô {cell} là công thức. Dán lại thành số rồi gửi.", cell=cell_name(place, column))
    return None


def _fault(row: Sequence[str], columns: Mapping[str, int]) -> Sentence | None:
    if len(cell_at(row, columns["waybill"])) > WAYBILL_MAX:
        return say("Mã vận đơn dài quá {n} chữ.", n=WAYBILL_MAX)
    for name in ("cod", "fee", "remitted"):
        text = cell_at(row, columns.get(name))
        try:
            if abs(_dong(text)) > SUM_MOST_DONG or (name != "remitted" and _dong(text) < 0):
                raise ValueError
        except ValueError:
            return say("Số tiền «{sum}» không đọc được.", sum=text[:20])
    return None


def _line(row: Sequence[str], place: int, columns: Mapping[str, int]) -> StatedLine:
    cod_dong, fee_dong = _dong(cell_at(row, columns["cod"])), _dong(cell_at(row, columns["fee"]))
    said = cell_at(row, columns.get("remitted"))
    return StatedLine(
        row=place + 1,
        waybill=cell_at(row, columns["waybill"]),
        reference=cell_at(row, columns.get("reference"))[:REFERENCE_MAX],
        cod_dong=cod_dong,
        fee_dong=fee_dong,
        remitted_dong=_dong(said) if said else cod_dong - fee_dong,
    )


def _dong(text: str) -> int:
    """A sum; an empty cell is nothing, one with a minus was kept back."""
    if text in ("", "-"):
        return 0
    return -parse_dong(text[1:]) if text.startswith(("-", "\u2212")) else parse_dong(text)
