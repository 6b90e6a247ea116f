"""A market's list of traders as boards have it: a CSV of phone, name, stall and maybe zone, each bad row named."""

import csv
import io
import re
from dataclasses import dataclass

from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.identifiers import BadIdentifier, normal_mobile
from kit.text import fold, nfc

BYTES_MAX = 1024 * 1024
ROWS_MAX = 2_000
NAME_MAX, STALL_MAX = 160, 20
COLUMNS = {
    "phone": ("dien thoai", "so dien thoai", "sdt", "dt", "phone", "di dong"),
    "name": ("ten", "ho ten", "ho va ten", "tieu thuong", "ten tieu thuong", "name"),
    "zone": ("khu", "khu vuc", "khu ban", "day", "day hang", "zone"),
    "stall": ("o", "quay", "so o", "so quay", "o so", "quay so", "ki ot", "kiot", "stall"),
}
_FORMULA = re.compile(r"^[=+\-@](?![0-9])")


@dataclass(frozen=True)
class TraderRow:
    """One trader; `line` as the spreadsheet counts, `phone` E.164."""

    line: int
    phone: str
    name: str
    stall: str
    zone: str = ""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be taken, and why."""

    line: int
    typed: str
    why: Sentence


@dataclass(frozen=True)
class TraderList:
    """The rows that can be taken and those that cannot."""

    rows: list[TraderRow]
    bad: list[BadRow]


def read_traders(raw: bytes) -> TraderList:
    """The list in a CSV file: comma, semicolon or tab; with a head in any order, or name, phone, stall without one.

    Raises Refusal at `traders` when the file as a whole cannot be read.
    """
    lines = _lines(raw)
    places = _places(lines[0])
    body = lines[1:] if places else lines
    places = places or {"name": 0, "phone": 1, "stall": 2}
    rows: list[TraderRow] = []
    bad: list[BadRow] = []
    for number, cells in enumerate(body, 2 if len(body) < len(lines) else 1):
        if not any(cells):
            continue
        row = _row(number, cells, places, rows)
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            rows.append(row)
    return TraderList(rows, bad)


def stall_of(typed: str) -> str:
    """A stall's number as it is kept: capitals, one clean line."""
    return nfc(typed).upper()


def _lines(raw: bytes) -> list[list[str]]:
    if len(raw) > BYTES_MAX:
        raise _refused(say("Tệp quá lớn, nhiều nhất 1 MB."))
    text = _decoded(raw)
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    try:
        lines = [[nfc(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=mark)]
    except csv.Error:
        raise _refused(say("Tệp này không phải CSV. Hãy lưu bảng dưới dạng CSV UTF-8.")) from None
    if not any(any(cells) for cells in lines):
        raise _refused(say("Tệp này trống. Cần ba cột: tên, điện thoại, số ô."))
    if len(lines) > ROWS_MAX + 1:
        raise _refused(say("Nhiều nhất {n} dòng một lần. Tệp có {typed}.", n=ROWS_MAX, typed=len(lines)))
    return lines


def _decoded(raw: bytes) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(say("Tệp này không phải CSV. Hãy lưu bảng dưới dạng CSV UTF-8.")) from None
    if "\0" in text:
        raise _refused(say("Tệp này không phải CSV. Hãy lưu bảng dưới dạng CSV UTF-8."))
    return text


def _places(head: list[str]) -> dict[str, int]:
    """Which column is where by the words of the head; empty when the first row is a trader already."""
    words = [fold(cell) for cell in head]
    places = {
        name: next(place for place, word in enumerate(words) if word in known)
        for name, known in COLUMNS.items()
        if any(word in known for word in words)
    }
    if not places:
        return {}
    if len(places.keys() - {"zone"}) < len(COLUMNS) - 1:
        raise _refused(say("Dòng đầu cần đủ ba cột: tên, điện thoại, số ô."))
    return places


def _row(
    number: int, cells: list[str], places: dict[str, int], before: list[TraderRow]
) -> TraderRow | BadRow:
    typed = " · ".join(cell for cell in cells if cell)[:120]
    said = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
    stall = stall_of(said["stall"])
    try:
        phone = normal_mobile(
            said["phone"] if said["phone"].startswith(("0", "+", "84")) else "0" + said["phone"]
        )
    except BadIdentifier:
        return BadRow(number, typed, say("Số điện thoại cần 10 chữ số, bắt đầu bằng 0."))
    if fault := _fault(said["name"], stall):
        return BadRow(number, typed, fault)
    for one in before:
        if one.phone == phone:
            return BadRow(number, typed, say("Số điện thoại này đã có ở dòng {line}.", line=one.line))
        if one.stall == stall:
            return BadRow(number, typed, say("Ô {stall} đã có ở dòng {line}.", stall=stall, line=one.line))
    return TraderRow(number, phone, said["name"], stall, said.get("zone", ""))


def _fault(name: str, stall: str) -> Sentence | None:
    if not 2 <= len(name) <= NAME_MAX:
        return say("Cần tên từ 2 đến {n} chữ.", n=NAME_MAX)
    if not 1 <= len(stall) <= STALL_MAX:
        return say("Cần số ô từ 1 đến {n} chữ, ví dụ A12.", n=STALL_MAX)
    if _FORMULA.match(name) or _FORMULA.match(stall):
        return say("Ô này là công thức. Hãy chép dạng giá trị rồi lưu lại.")
    return None


def _refused(sentence: Sentence) -> Refusal:
    return Refusal(sentence, field="traders")
