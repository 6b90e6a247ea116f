"""Carriers' statements as files: columns found by each carrier's heads, sums read, faults told by row. Pure.

The heads are those of the carriers' own exports as far as anybody wrote them down, with the words people use for them;
a file saved anew with one of these heads is read too. Other heads are named by a person (postal.statement_columns),
once for each carrier. A formula is never computed: such a file is refused by its cell.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kit.dates import parse_day, parse_moment, vietnam_date
from kit.headed import Heads, cell_at, columns_in
from kit.i18n import Sentence, say
from kit.money import parse_dong
from kit.sheets import BadSheet, Sheet, cell_name, read_sheet
from kit.text import fold, nfc
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
HEAD_ROWS = 20
COLUMNS_LEAST = 3
Kept = Mapping[str, tuple[int, Mapping[str, str]]]
SUMS_UP = frozenset({"cong", "tong", "tong cong", "cong tien", "tong tien", "total", "sum"})
# An accountant's minus, a currency before the sum, and a part of a đồng that is nothing: 1,234,567.00 and 1.234.567,00.
_IN_BRACKETS = re.compile(r"\((.+)\)")
_CURRENCY_FIRST = re.compile(r"(?:₫|đ|vnd|vnđ) ?(?=[0-9])", re.IGNORECASE)
_NO_PARTS = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:(?P<mark>[., ])[0-9]{3})+)(?P<point>[.,])0{1,2}(?P<unit> ?[^0-9]*)"
)
_DAY_AND_TIME = re.compile(r"([0-9/.-]+)[ T]([0-9]{1,2}:[0-9]{2})(?::[0-9]{2})?")


@dataclass(frozen=True)
class StatedLine:
    """One line as it stands in the file, at its row on paper; sums in đồng, `remitted_dong` may be below zero.

    `stated_on` is the day that the carrier wrote beside it, where a person named such a column.
    """

    row: int
    waybill: str
    reference: str
    cod_dong: int
    fee_dong: int
    remitted_dong: int
    stated_on: date | None = None


@dataclass
class StatedSheet:
    """What a file holds: lines, or why it cannot be taken: as a whole, or by row (the first ten).

    `unknown` is the sheet whose heads nobody knows yet: a person may name its columns. `mapping_id` is the naming by
    which it was read; None where the carrier's own heads are known.
    """

    lines: list[StatedLine] = field(default_factory=list)
    faults: list[tuple[int, Sentence]] = field(default_factory=list)
    refused: Sentence | None = None
    unknown: Sheet | None = None
    mapping_id: int | None = None


def heads_of(carrier: str) -> Heads:
    """What each column of a carrier's statement may be headed; its own words first."""
    own = _OWN.get(carrier, {})
    return {name: (*own.get(name, ()), *words) for name, words in _COMMON.items()}


def stated(raw: bytes, carrier: str, kept: Kept | None = None, *, is_named_anew: bool = False) -> StatedSheet:
    """The lines of a statement. `kept` is what persons named before for this carrier's heads, by their mark.

    `is_named_anew`: the person wants to name the columns whatever is known. Computes: call it from a thread.
    """
    try:
        sheet = read_sheet(raw)
    except BadSheet as bad:
        return StatedSheet(refused=FILE_FAULTS.get(bad.reason, UNREAD))
    if is_named_anew:
        return (
            StatedSheet(unknown=sheet) if _can_be_named(sheet) else StatedSheet(refused=FILE_FAULTS["empty"])
        )
    return _by_kept(sheet, kept or {}) or _by_known_heads(sheet, heads_of(carrier))


def heads_mark(row: Sequence[str]) -> str:
    """What a naming is remembered by: the folded heads, whatever their order; "" for a row without any."""
    heads = sorted(folded for cell in row if (folded := fold(cell)))
    return hashlib.sha256("|".join(heads).encode()).hexdigest() if heads else ""


def columns_by(row: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Which column holds what, by the folded heads that a person named for each field."""
    places = {fold(cell): n for n, cell in enumerate(row)}
    return {name: places[head] for name, head in named.items() if head in places}


def read_lines(sheet: Sheet, start: int, columns: Mapping[str, int]) -> StatedSheet:
    """The lines from a row on. Without a column of waybills our own code stands for it."""
    if len(sheet.rows) - start > ROWS_MOST:
        return StatedSheet(refused=FILE_FAULTS["rows"])
    found, code = StatedSheet(), columns.get("waybill", columns.get("reference"))
    for place, row in enumerate(sheet.rows[start:], start):
        said = cell_at(row, code)
        if not said or fold(said) in SUMS_UP:
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


def sum_said(text: str) -> int:
    """A sum in đồng as statements write it; an empty cell is nothing, one with a minus or in brackets was kept back.

    1.234.567, 1,234,567.00, 1 234 567 đ, VND 35.000, (15.000). A part of a đồng other than nothing is refused.
    Raises ValueError.
    """
    clean = nfc(text)
    if clean in ("", "-"):
        return 0
    if found := _IN_BRACKETS.fullmatch(clean):
        return -_whole(found[1])
    return -_whole(clean[1:]) if clean.startswith(("-", "\u2212")) else _whole(clean)


def day_said(text: str) -> date | None:
    """The day of a cell that holds a day or a moment, the day first as Vietnam writes it; None for an empty one.

    Raises ValueError.
    """
    if not (clean := nfc(text)):
        return None
    if found := _DAY_AND_TIME.fullmatch(clean):
        return parse_day(found[1])
    try:
        return parse_day(clean)
    except ValueError:
        return vietnam_date(parse_moment(clean))


def _by_kept(sheet: Sheet, kept: Kept) -> StatedSheet | None:
    """The sheet read as a person named its columns; None when nobody did."""
    for start, row in enumerate(sheet.rows[:HEAD_ROWS]):
        if (known := kept.get(heads_mark(row))) is not None:
            found = read_lines(sheet, start + 1, columns_by(row, known[1]))
            found.mapping_id = known[0]
            return found
    return None


def _by_known_heads(sheet: Sheet, heads: Heads) -> StatedSheet:
    start = next(
        (n for n, row in enumerate(sheet.rows) if {"waybill", "cod"} <= columns_in(row, heads).keys()), None
    )
    columns = columns_in(sheet.rows[start], heads) if start is not None else {}
    lacking = [name for name in NEEDED if name not in columns]
    if start is not None and not lacking:
        return read_lines(sheet, start + 1, columns)
    if _can_be_named(sheet):
        return StatedSheet(unknown=sheet)
    named = ", ".join(str(_NAMES[name]) for name in lacking)
    return StatedSheet(refused=say("Không thấy cột {names} trong tệp.", names=named))


def _can_be_named(sheet: Sheet) -> bool:
    """Whether the columns that a statement must have can be there at all, with a row beneath."""
    return sum(sum(1 for cell in row if cell) >= COLUMNS_LEAST for row in sheet.rows) >= 2


def _fault(row: Sequence[str], columns: Mapping[str, int]) -> Sentence | None:
    if len(cell_at(row, columns.get("waybill", columns.get("reference")))) > WAYBILL_MAX:
        return say("Mã vận đơn dài quá {n} chữ.", n=WAYBILL_MAX)
    for name in ("cod", "fee", "remitted"):
        text = cell_at(row, columns.get(name))
        try:
            if abs(sum_said(text)) > SUM_MOST_DONG or (name != "remitted" and sum_said(text) < 0):
                raise ValueError
        except ValueError:
            return say("Số tiền «{sum}» không đọc được.", sum=text[:20])
    text = cell_at(row, columns.get("on"))
    try:
        day_said(text)
    except ValueError:
        return say("Ngày «{day}» cần viết như 21/11/2026.", day=text[:20])
    return None


def _line(row: Sequence[str], place: int, columns: Mapping[str, int]) -> StatedLine:
    cod_dong, fee_dong = sum_said(cell_at(row, columns["cod"])), sum_said(cell_at(row, columns["fee"]))
    said, reference = cell_at(row, columns.get("remitted")), cell_at(row, columns.get("reference"))
    return StatedLine(
        row=place + 1,
        waybill=cell_at(row, columns["waybill"]) if "waybill" in columns else reference,
        reference=reference[:REFERENCE_MAX],
        cod_dong=cod_dong,
        fee_dong=fee_dong,
        remitted_dong=sum_said(said) if said else cod_dong - fee_dong,
        stated_on=day_said(cell_at(row, columns.get("on"))),
    )


def _whole(text: str) -> int:
    bare = _CURRENCY_FIRST.sub("", text, count=1) if _CURRENCY_FIRST.match(text) else text
    found = _NO_PARTS.fullmatch(bare)
    if found and found["mark"] != found["point"]:
        bare = found["whole"] + found["unit"]
    return parse_dong(bare)
