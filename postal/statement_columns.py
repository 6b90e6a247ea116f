"""Columns of a statement whose heads nobody knows: guessed by likeness and by what stands in them, then looked over.

A guess only fills the fields of a form; a person says which column is which. What cannot be right is refused there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, permutations

from kit.headed import Heads, cell_at
from kit.i18n import Sentence, say
from kit.sheets import Sheet
from kit.text import fold
from postal.parcel_code import is_parcel_code, normal_code
from postal.statement_sheet import (
    HEAD_ROWS,
    SUMS_UP,
    WAYBILL_MAX,
    day_said,
    heads_of,
    sum_said,
)

FIELDS: dict[str, Sentence] = {
    "waybill": say("Mã vận đơn của hãng"),
    "reference": say("Mã bưu gửi của chợ"),
    "cod": say("Tiền thu hộ"),
    "fee": say("Cước hãng trừ"),
    "remitted": say("Tiền hãng trả về"),
    "on": say("Ngày hãng trả"),
}
SUMS = ("cod", "fee", "remitted")
ROWS_LOOKED_AT = 60
LIKE_LEAST = 0.5
CODE_LEAST = 5
DOUBT = 0.25
_DAYS = ("ngay", "ngay doi soat", "ngay tra", "ngay chuyen tien", "ngay thanh toan", "date", "paid on")


@dataclass(frozen=True)
class Column:
    """One column beneath a row of heads: its place, its head as written, what stands in it, empty cells left out."""

    place: int
    head: str
    cells: Sequence[str]


def head_row(sheet: Sheet, carrier: str) -> int:
    """The row that is most like heads, from 0: of the first 20 the one with most known words, else with most words."""
    heads = heads_of(carrier)
    words = {word for known in heads.values() for word in known}

    def score(place: int) -> tuple[int, int, int]:
        filled = [cell for cell in sheet.rows[place] if cell]
        named = [cell for cell in filled if not _is_sum(cell) and not _is_day(cell)]
        return sum(fold(cell) in words for cell in filled), len(named) if len(filled) > 2 else 0, -place

    return max(range(min(len(sheet.rows), HEAD_ROWS)), key=score)


def columns_of(sheet: Sheet, head: int, rows: int = 0) -> list[Column]:
    """The columns of a sheet below its heads; `rows` limits how far down is looked, 0 is everything."""
    below = sheet.rows[head + 1 : head + 1 + rows] if rows else sheet.rows[head + 1 :]
    width = max((len(row) for row in (sheet.rows[head], *below)), default=0)
    return [
        Column(n, cell_at(sheet.rows[head], n), [cell for row in below if _counts(cell := cell_at(row, n))])
        for n in range(width)
    ]


def guessed(sheet: Sheet, head: int, carrier: str) -> dict[str, int]:
    """Which column probably holds what, each column once: first sums that add up, then what is likest."""
    columns = columns_of(sheet, head, ROWS_LOOKED_AT)
    heads: Heads = {**heads_of(carrier), "on": _DAYS}
    found = _adding_up(sheet, head, columns, heads)
    scored = [
        (_likeness(name, one, heads[name]), -one.place, name)
        for name in FIELDS
        for one in columns
        if name not in found
    ]
    for score, place, name in sorted(scored, reverse=True):
        if score >= LIKE_LEAST and name not in found and -place not in found.values():
            found[name] = -place
    return found


def faults_in(sheet: Sheet, head: int, said: Mapping[str, int]) -> dict[str, Sentence]:
    """What cannot be right about columns as a person named them, each fault at its field; empty when all may be."""
    columns = {one.place: one for one in columns_of(sheet, head)}
    faults = _lacking(said)
    taken: dict[int, str] = {}
    for name in FIELDS:
        place = said.get(name)
        if place is None:
            continue
        if place not in columns:
            faults[name] = say("Tệp không có cột này. Chọn lại cột.")
        elif place in taken:
            faults[name] = _taken(columns[place], taken[place])
        elif wrong := _unnamed(columns[place], columns) or _unfit(name, columns[place]):
            faults[name] = wrong
        taken.setdefault(place, name)
    return faults


def _lacking(said: Mapping[str, int]) -> dict[str, Sentence]:
    faults: dict[str, Sentence] = {}
    if "waybill" not in said and "reference" not in said:
        faults["waybill"] = say("Chọn cột mã vận đơn, hoặc cột mã bưu gửi của chợ.")
    if "cod" not in said:
        faults["cod"] = say("Chọn cột tiền thu hộ.")
    if "fee" not in said:
        faults["fee"] = say("Chọn cột cước. Không có cước thì không biết hãng trả đủ hay thiếu.")
    return faults


def _taken(column: Column, by: str) -> Sentence:
    return say(
        "Cột «{head}» đã chọn cho «{field}». Mỗi cột chỉ là một thứ.", head=column.head[:40], field=FIELDS[by]
    )


def _unnamed(column: Column, columns: Mapping[int, Column]) -> Sentence | None:
    """A column is remembered by its head: it must have one, and no other column the same."""
    folded = fold(column.head)
    if not folded:
        return say("Cột này không có tiêu đề nên lần sau không nhận ra. Ghi tiêu đề vào tệp rồi gửi lại.")
    if sum(fold(one.head) == folded for one in columns.values()) > 1:
        return say(
            "Có hai cột cùng tên «{head}». Đổi tên một cột trong tệp rồi gửi lại.", head=column.head[:40]
        )
    return None


def _unfit(name: str, column: Column) -> Sentence | None:
    """Why what stands in a column cannot be this field."""
    head, first = column.head[:40], (column.cells[0] if column.cells else "")[:20]
    if not column.cells:
        return say("Cột «{head}» không có gì ở dưới. Chọn cột khác.", head=head)
    if name in SUMS and not any(_is_sum(cell) for cell in column.cells):
        return say("Cột «{head}» không có số tiền nào, dòng đầu ghi «{cell}».", head=head, cell=first)
    if name == "on" and not any(_is_day(cell) for cell in column.cells):
        return say("Cột «{head}» không có ngày nào, dòng đầu ghi «{cell}».", head=head, cell=first)
    if name in ("waybill", "reference"):
        if len(column.cells) > 1 and len(set(column.cells)) == 1:
            return say("Cột «{head}» dòng nào cũng ghi «{cell}», không phải mã.", head=head, cell=first)
        if all(len(cell) > WAYBILL_MAX for cell in column.cells):
            return say("Cột «{head}» dài quá {n} chữ mỗi ô, không phải mã.", head=head, n=WAYBILL_MAX)
        if all(_is_day(cell) for cell in column.cells):
            return say("Cột «{head}» là ngày, không phải mã.", head=head)
    return None


def _adding_up(sheet: Sheet, head: int, columns: Sequence[Column], heads: Heads) -> dict[str, int]:
    """Collected, fee and remitted where one column is the sum of two others in every row, the largest such sum."""
    rows = sheet.rows[head + 1 : head + 1 + ROWS_LOOKED_AT]
    sums = {
        one.place: [sum_said(cell_at(row, one.place)) for row in rows]
        for one in columns
        if one.cells and all(_is_sum(cell) for cell in one.cells)
    }
    best: tuple[int, float, dict[str, int]] = (0, 0.0, {})
    for left, right in combinations(sums, 2):
        both = [a + b for a, b in zip(sums[left], sums[right], strict=True)]
        whole = next((n for n, values in sums.items() if n not in (left, right) and values == both), None)
        if whole is None or not any(sums[left]) or not any(sums[right]):
            continue
        fee, rest = _which_is_fee(left, right, sums, columns, heads)
        told = {"cod": whole, "fee": fee, "remitted": rest}
        like = sum(_likeness(name, columns[place], heads[name]) for name, place in told.items())
        best = max(best, (sum(both), like, told), key=lambda one: one[:2])
    return best[2]


def _which_is_fee(
    left: int, right: int, sums: Mapping[int, Sequence[int]], columns: Sequence[Column], heads: Heads
) -> tuple[int, int]:
    """The fee's column and the remitted one: by their heads, and when those say nothing the fee is the smaller."""

    def score(pair: tuple[int, int]) -> tuple[float, int]:
        likeness = [
            _likeness(name, columns[n], heads[name])
            for name, n in zip(("fee", "remitted"), pair, strict=True)
        ]
        return round(sum(one for one in likeness if one >= LIKE_LEAST), 3), sum(sums[pair[1]])

    return max(permutations((left, right), 2), key=score)


def _likeness(name: str, column: Column, words: Sequence[str]) -> float:
    """How much a column is like a field, 0 to 1: its head beside words known for it, if its cells may be such."""
    if not _may_be(name, column.cells):
        return 0.0
    folded = fold(column.head)
    likest = max((_alike(folded, word) for word in words), default=0.0)
    if name == "reference":  # may be lacking: by its own check character, else only by a head much like one
        return 1.0 if all(is_parcel_code(normal_code(one)) for one in column.cells) else likest - DOUBT
    if name == "waybill" and likest < LIKE_LEAST and _is_all_codes(column.cells):
        return LIKE_LEAST
    if name == "on" and likest < LIKE_LEAST:
        return LIKE_LEAST
    return likest


def _alike(head: str, word: str) -> float:
    """1 for the same words, else by words in common and by letters."""
    if head == word:
        return 1.0
    mine, theirs = set(head.split()), set(word.split())
    common = len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0
    return max(common, SequenceMatcher(None, head, word).ratio() - 0.1)


def _may_be(name: str, cells: Sequence[str]) -> bool:
    """Whether cells may be such a field at all."""
    if not cells:
        return False
    if name in SUMS:
        return all(_is_sum(cell) for cell in cells)
    if name == "on":
        return all(_is_day(cell) for cell in cells)
    if any(len(cell) > WAYBILL_MAX for cell in cells) or all(_is_day(cell) for cell in cells):
        return False
    return len(set(cells)) == len(cells) or len(set(cells)) > len(cells) // 2


def _counts(cell: str) -> bool:
    """Whether a cell says something of its column; the word before a sum at the foot does not."""
    return bool(cell) and fold(cell) not in SUMS_UP


def _is_all_codes(cells: Sequence[str]) -> bool:
    """Whether all are unlike each other, with digits in them and no blanks, as waybills are."""
    joined = len(set(cells)) == len(cells)
    return joined and all(
        len(cell) >= CODE_LEAST and " " not in cell and any(c.isdigit() for c in cell) and cell[0].isalpha()
        for cell in cells
    )


def _is_sum(cell: str) -> bool:
    try:
        sum_said(cell)
    except ValueError:
        return False
    return True


def _is_day(cell: str) -> bool:
    try:
        return day_said(cell) is not None
    except ValueError:
        return False
