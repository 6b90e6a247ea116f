"""Orders of another floor from its own sheet: columns found by their heads, each wrong row with its sentence."""

from dataclasses import dataclass, field
from datetime import date

from kit.dates import parse_day
from kit.headed import cell_at, columns_in
from kit.i18n import Sentence, say
from kit.money import parse_dong
from kit.sheets import BadSheet, Sheet, read_sheet
from orders.services.book.noting import AMOUNT_MOST_DONG, FloorSale

ROWS_MOST = 5_000
FAULTS_SHOWN = 10
NUMBER_MAX = 40
# As the floors head their sheets of orders, and as people write them; folded.
HEADS: dict[str, tuple[str, ...]] = {
    "number": ("ma don", "ma don hang", "so don", "so don hang", "order id", "order no", "order number"),
    "day": (
        "ngay",
        "ngay ban",
        "ngay dat",
        "ngay dat hang",
        "thoi gian dat hang",
        "ngay hoan thanh",
        "date",
        "order date",
        "created time",
    ),
    "amount": (
        "so tien",
        "doanh thu",
        "tien hang",
        "tong tien",
        "thanh tien",
        "amount",
        "total",
        "order amount",
    ),
}
NAMES: dict[str, Sentence] = {"number": say("mã đơn"), "day": say("ngày"), "amount": say("số tiền")}
READS: dict[str, Sentence] = {
    "kind": say("Tệp này không phải CSV, XLSX hay ODS."),
    "locked": say("Tệp đang khoá bằng mật khẩu hoặc là kiểu Excel cũ. Hãy lưu lại thành XLSX hoặc CSV."),
    "letters": say("Chữ trong tệp bị lỗi. Hãy lưu tệp với bảng mã UTF-8."),
    "empty": say("Tệp không có dòng nào."),
    "rows": say("Tệp nhiều dòng quá. Hãy chia nhỏ, mỗi tệp nhiều nhất 5.000 dòng."),
}
_UNREAD = say("Không đọc được tệp này. Hãy lưu lại thành CSV rồi gửi.")


@dataclass
class FloorSheet:
    """What a sheet holds: sales, and up to ten wrong rows (the row's number on paper, and what is wrong)."""

    sales: list[FloorSale] = field(default_factory=list)
    faults: list[tuple[int, Sentence]] = field(default_factory=list)
    refused: Sentence | None = None


def floor_sheet(raw: bytes, today: date) -> FloorSheet:
    """The orders of a file. Computes: call it from a thread."""
    try:
        sheet = read_sheet(raw)
    except BadSheet as bad:
        return FloorSheet(refused=READS.get(bad.reason, _UNREAD))
    start = next((n for n, row in enumerate(sheet.rows) if "amount" in columns_in(row, HEADS)), None)
    columns = columns_in(sheet.rows[start], HEADS) if start is not None else {}
    lacking = [name for name in HEADS if name not in columns]
    if start is None or lacking:
        named = ", ".join(str(NAMES[name]) for name in lacking)
        return FloorSheet(refused=say("Không thấy cột {names} trong tệp.", names=named))
    if len(sheet.rows) - start > ROWS_MOST:
        return FloorSheet(refused=READS["rows"])
    return _read(sheet, start + 1, columns, today)


def _read(sheet: Sheet, start: int, columns: dict[str, int], today: date) -> FloorSheet:
    found, seen = FloorSheet(), dict[str, int]()
    for place, row in enumerate(sheet.rows[start:], start + 1):
        cells = {name: cell_at(row, column) for name, column in columns.items()}
        if not any(cells.values()):
            continue
        wrong = _fault(cells, seen, today)
        seen.setdefault(cells["number"], place)
        if wrong is None:
            found.sales.append(FloorSale(cells["number"], _dong(cells["amount"]), _day(cells["day"])))
        elif len(found.faults) < FAULTS_SHOWN:
            found.faults.append((place, wrong))
    if not found.sales and not found.faults:
        found.refused = READS["empty"]
    return found


def _fault(cells: dict[str, str], seen: dict[str, int], today: date) -> Sentence | None:
    """What is wrong with a row; None when nothing is."""
    number = cells["number"]
    if not number or len(number) > NUMBER_MAX or any(letter in number for letter in ": \n"):
        return say("Mã đơn «{number}» không dùng được.", number=number[:NUMBER_MAX])
    if number in seen:
        return say(
            "Mã đơn {number} đã có ở dòng {row}. Mỗi đơn chỉ một dòng.", number=number, row=seen[number]
        )
    try:
        if _day(cells["day"]) > today:
            return say("Ngày {day} chưa tới.", day=cells["day"])
    except ValueError:
        return say("Ngày «{day}» cần viết như 21/11/2026.", day=cells["day"][:20])
    try:
        if not 0 < abs(_dong(cells["amount"])) <= AMOUNT_MOST_DONG:
            raise ValueError
    except ValueError:
        return say("Số tiền «{sum}» không đọc được.", sum=cells["amount"][:20])
    return None


def _day(text: str) -> date:
    """The day of a cell that may hold a time too."""
    return parse_day(text.replace("T", " ").split(" ")[0])


def _dong(text: str) -> int:
    """A sum; one below 0 was given back."""
    return -parse_dong(text[1:]) if text.startswith(("-", "\u2212")) else parse_dong(text)
