"""Files that a carrier without an interface sends back: where parcels are, their waybills and fees. Pure.

Columns are found by their heads; a parcel is named by our own code or by its waybill. What a status means is not asked
here: an unknown one is kept, moves nothing and is put before a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from kit.clock import VIETNAM
from kit.dates import parse_day, parse_moment
from kit.headed import cell_at, columns_in
from kit.i18n import Sentence, say
from kit.money import parse_dong
from kit.sheets import BadSheet, read_sheet
from kit.text import nfc
from postal.statement_sheet import FAULTS_SHOWN, FILE_FAULTS, ROWS_MOST, UNREAD, WAYBILL_MAX, formula_in

STATUS_MAX, NOTE_MAX = 40, 200
NOON = time(12)
HEADS: dict[str, tuple[str, ...]] = {
    "reference": ("ma buu gui", "ma cua cho", "reference"),
    "waybill": ("ma van don", "so van don", "van don", "waybill", "tracking code"),
    "status": ("trang thai", "tinh trang", "status"),
    "at": ("thoi gian", "luc", "ngay gio", "ngay", "time", "date"),
    "note": ("ghi chu", "ly do", "note", "reason"),
    "fee": ("cuoc", "cuoc phi", "phi", "fee"),
}
_NAMES: dict[str, Sentence] = {
    "reference": say("mã bưu gửi"),
    "status": say("trạng thái"),
    "at": say("thời gian"),
}


@dataclass(frozen=True)
class StatusRow:
    """One row: which parcel, how it is, since when, with a word and a fee (0: none told)."""

    row: int
    reference: str
    waybill: str
    status: str
    at: datetime
    note: str
    fee_dong: int


@dataclass
class StatusSheet:
    """What a file holds, or why it cannot be taken: as a whole, or by row (the first ten)."""

    rows: list[StatusRow] = field(default_factory=list)
    faults: list[tuple[int, Sentence]] = field(default_factory=list)
    refused: Sentence | None = None


def statuses_in(raw: bytes, now: datetime) -> StatusSheet:
    """The rows of a file. Computes: call it from a thread."""
    try:
        sheet = read_sheet(raw)
    except BadSheet as bad:
        return StatusSheet(refused=FILE_FAULTS.get(bad.reason, UNREAD))
    start = next((n for n, row in enumerate(sheet.rows) if "status" in columns_in(row, HEADS)), None)
    columns = columns_in(sheet.rows[start], HEADS) if start is not None else {}
    lacking = [name for name in ("status", "at") if name not in columns]
    if "reference" not in columns and "waybill" not in columns:
        lacking.append("reference")
    if start is None or lacking:
        named = ", ".join(str(_NAMES[name]) for name in lacking)
        return StatusSheet(refused=say("Không thấy cột {names} trong tệp.", names=named))
    if len(sheet.rows) - start - 1 > ROWS_MOST:
        return StatusSheet(refused=FILE_FAULTS["rows"])
    found = StatusSheet()
    for place, row in enumerate(sheet.rows[start + 1 :], start + 1):
        if not any(cell_at(row, column) for column in columns.values()):
            continue
        wrong = formula_in(sheet, place, columns) or _fault(row, columns, place, now)
        if wrong is None:
            found.rows.append(_row(row, columns, place))
        elif len(found.faults) < FAULTS_SHOWN:
            found.faults.append((place + 1, wrong))
    if not found.rows and not found.faults:
        found.refused = FILE_FAULTS["empty"]
    return found


def _fault(row: Sequence[str], columns: Mapping[str, int], place: int, now: datetime) -> Sentence | None:
    waybill, reference = cell_at(row, columns.get("waybill")), cell_at(row, columns.get("reference"))
    status, at = cell_at(row, columns["status"]), cell_at(row, columns["at"])
    if not (waybill or reference) or max(len(waybill), len(reference)) > WAYBILL_MAX:
        return say("Cần mã bưu gửi hoặc mã vận đơn, nhiều nhất {n} chữ.", n=WAYBILL_MAX)
    if not 0 < len(status) <= STATUS_MAX:
        return say("Cần trạng thái, nhiều nhất {n} chữ.", n=STATUS_MAX)
    try:
        if _moment(at, place) > now + timedelta(hours=1):
            return say("Giờ {at} chưa tới.", at=at[:20])
    except ValueError:
        return say("Thời gian «{at}» cần viết như 14:05 21/11/2026.", at=at[:20])
    fee = cell_at(row, columns.get("fee"))
    try:
        parse_dong(fee) if fee else 0
    except ValueError:
        return say("Số tiền «{sum}» không đọc được.", sum=fee[:20])
    return None


def _row(row: Sequence[str], columns: Mapping[str, int], place: int) -> StatusRow:
    fee = cell_at(row, columns.get("fee"))
    return StatusRow(
        row=place + 1,
        reference=cell_at(row, columns.get("reference")).upper(),
        waybill=cell_at(row, columns.get("waybill")),
        status=nfc(cell_at(row, columns["status"])),
        at=_moment(cell_at(row, columns["at"]), place),
        note=cell_at(row, columns.get("note"))[:NOTE_MAX],
        fee_dong=parse_dong(fee) if fee else 0,
    )


def _moment(text: str, place: int) -> datetime:
    """A moment; of a day alone its noon, and rows of one day in the order of the file. Raises ValueError."""
    try:
        return parse_moment(text)
    except ValueError:
        noon = datetime.combine(parse_day(text), NOON, VIETNAM).astimezone(UTC)
        return noon + timedelta(seconds=place)
