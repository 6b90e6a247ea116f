"""Papers for the tax office: the revenue book S1a-HKD and the list of accounts 01/BK-STK, always in Vietnamese.

S1a-HKD: Circular 152/2025/TT-BTC of 31/12/2025. 01/BK-STK: Circular 18/2026/TT-BTC of 05/03/2026.
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from anyio import to_thread
from tortoise.expressions import Q

from kit.dates import show_day
from kit.i18n import Sentence
from kit.sheets_out import Cell, SheetFile, csv_lines
from orders.book_models import RevenueEntry
from orders.services.book.periods import Period
from orders.services.book.totals import CHANNEL_WORDS, day_sums, totals, what_of
from vendors.services import ListedAccount, account_list, vendor_card
from vendors.services.identity.desk import identity_view

AT_ONCE = 1_000
BLANK = "……………………"
S1A_FORM = "Mẫu số S1a-HKD"
S1A_BASIS = "(Kèm theo Thông tư số 152/2025/TT-BTC ngày 31 tháng 12 năm 2025 của Bộ trưởng Bộ Tài chính)"
S1A_TITLE = "SỔ DOANH THU BÁN HÀNG HÓA, DỊCH VỤ"
S1A_HEADS = (("Ngày tháng", "Diễn giải", "Số tiền"), ("A", "B", "1"))
STK_FORM = "Mẫu số: 01/BK-STK"
STK_BASIS = "(Kèm theo Thông tư số 18/2026/TT-BTC ngày 05/3/2026 của Bộ trưởng Bộ Tài chính)"
STK_TITLE = "THÔNG BÁO SỐ TÀI KHOẢN/SỐ HIỆU VÍ ĐIỆN TỬ"
STK_LEAD = (
    "Thông báo về số tài khoản ngân hàng/số hiệu ví điện tử liên quan đến sản xuất, kinh doanh của hộ kinh doanh,"
    " cá nhân kinh doanh như sau:"
)
STK_OATH = (
    "Tôi cam đoan những nội dung kê khai trên là đúng và chịu trách nhiệm trước pháp luật"
    " về những nội dung đã khai."
)
STK_HEADS = (
    (
        "STT",
        "Tên địa điểm kinh doanh",
        "Mã địa điểm kinh doanh",
        "Số tài khoản ngân hàng/Số hiệu ví điện tử",
        "Tên chủ tài khoản",
        "Mở tại tổ chức cung ứng dịch vụ thanh toán/Tổ chức cung ứng dịch vụ trung gian thanh toán",
        "Trạng thái tài khoản (đóng/khai lần đầu/thay đổi thông tin)",
    ),
    ("[03]", "[04]", "[05]", "[06]", "[07]", "[08]", "[09]"),
)
FIRST_TOLD = "Khai lần đầu"


@dataclass(frozen=True)
class PaperHead:
    """Who a paper is of. The tax code is the household's own where it gave one; a personal number is left to be
    written by hand."""

    business: str
    address: str
    tax_code: str
    place: str
    signer: str
    made_on: date

    @property
    def made_words(self) -> str:
        """`Ngày 22 tháng 11 năm 2026`."""
        return f"Ngày {self.made_on.day:02} tháng {self.made_on.month:02} năm {self.made_on.year}"


@dataclass(frozen=True)
class PrintedRow:
    """A row of the printed book."""

    day: date
    words: Sentence
    dong: int


@dataclass(frozen=True)
class PrintedBook:
    """A period as it is printed."""

    period: Period
    rows: list[PrintedRow]
    dong: int
    is_by_day: bool


async def paper_head(vendor_id: int, today: date) -> PaperHead:
    """The head of a seller's papers. Six queries at most."""
    card, identity = await vendor_card(vendor_id), await identity_view(vendor_id)
    address = ", ".join(one for one in (card.line, card.commune, card.province) if one)
    stalls = "; ".join(f"Ô {one.number}, {one.market}" for one in card.stalls)
    return PaperHead(
        business=identity.registered_name or card.name,
        address=identity.address or address,
        tax_code=identity.tax_code or BLANK,
        place=stalls or address,
        signer=identity.full_name or card.contact_name,
        made_on=today,
    )


async def book_pages(vendor_id: int, period: Period) -> AsyncIterator[list[RevenueEntry]]:
    """A period's lines in the order of the book, a thousand at a time, one query each."""
    day, number = period.first, 0
    while True:
        rows = RevenueEntry.filter(vendor_id=vendor_id, day__gte=day, day__lte=period.last)
        unread = rows.filter(Q(day__gt=day) | Q(id__gt=number))
        found = await unread.order_by("day", "id").limit(AT_ONCE)
        if not found:
            return
        yield found
        day, number = found[-1].day, found[-1].id


async def printed_book(vendor_id: int, period: Period) -> PrintedBook:
    """What is printed of a period: its lines, or days by channel when there are more than 1,000. Two queries."""
    counted = await totals(vendor_id, period)
    if counted.lines > AT_ONCE:
        rows = [PrintedRow(one.day, one.words, one.dong) for one in await day_sums(vendor_id, period)]
        return PrintedBook(period, rows, counted.dong, is_by_day=True)
    pages = [one async for page in book_pages(vendor_id, period) for one in page]
    rows = [PrintedRow(one.day, what_of(one), one.amount_dong) for one in pages]
    return PrintedBook(period, rows, sum(row.dong for row in rows), is_by_day=False)


async def s1a_csv(vendor_id: int, period: Period) -> AsyncIterator[bytes]:
    """The book as CSV: the form's three columns, and the channel and number of each line; streamed."""
    total_dong = 0
    yield csv_lines([[*S1A_HEADS[0], "Kênh", "Số dòng"]], is_first=True)
    async for rows in book_pages(vendor_id, period):
        total_dong += sum(one.amount_dong for one in rows)
        yield csv_lines([[*_cells(one), str(CHANNEL_WORDS[one.channel]), one.id] for one in rows])
    yield csv_lines([["", "Tổng cộng", total_dong, "", ""]])


async def s1a_xlsx(vendor_id: int, period: Period, head: PaperHead) -> BinaryIO:
    """The book as the form S1a-HKD in XLSX: a file of its own that its reader closes."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - handed on; whoever streams it closes it
    sheet = SheetFile(out, "S1a-HKD", (14, 62, 20))
    _s1a_head(sheet, period, head)
    total_dong = 0
    async for rows in book_pages(vendor_id, period):
        total_dong += sum(one.amount_dong for one in rows)
        await to_thread.run_sync(_boxed, sheet, [_cells(one) for one in rows])
    sheet.line(["", "Tổng cộng", total_dong], "total", is_boxed=True)
    _signed(
        sheet, head, ("NGƯỜI ĐẠI DIỆN HỘ KINH DOANH/CÁ NHÂN KINH DOANH", "(Ký, họ tên, đóng dấu (nếu có))"), 1
    )
    await to_thread.run_sync(sheet.close)
    out.seek(0)
    return out


async def stk_rows(vendor_id: int, head: PaperHead, *, by: int) -> list[list[Cell]]:
    """The rows of 01/BK-STK with whole account numbers, which goes into the trail."""
    return [_stk_cells(n, one, head) for n, one in enumerate(await account_list(vendor_id, by=by), 1)]


def stk_xlsx(head: PaperHead, rows: Sequence[Sequence[Cell]]) -> BinaryIO:
    """The list of accounts as the form 01/BK-STK in XLSX."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - handed on; whoever streams it closes it
    sheet = SheetFile(out, "01-BK-STK", (6, 26, 14, 24, 26, 30, 20), is_wide=True)
    for text in (STK_FORM, STK_BASIS):
        sheet.across(text, "note")
    sheet.line([])
    sheet.across(STK_TITLE, "title")
    for text in (f"[01] Người nộp thuế: {head.business}", f"[02] Mã số thuế: {head.tax_code}", STK_LEAD):
        sheet.across(text)
    sheet.heads(STK_HEADS)
    _boxed(sheet, rows)
    sheet.line([])
    sheet.across(STK_OATH)
    _signed(
        sheet,
        head,
        ("NGƯỜI NỘP THUẾ hoặc ĐẠI DIỆN HỢP PHÁP CỦA NGƯỜI NỘP THUẾ", "(Ký, ghi rõ họ tên/Ký điện tử)"),
        4,
    )
    sheet.close()
    out.seek(0)
    return out


def _s1a_head(sheet: SheetFile, period: Period, head: PaperHead) -> None:
    sheet.line([f"HỘ, CÁ NHÂN KINH DOANH: {head.business}"], "bold")
    sheet.line([f"Địa chỉ: {head.address}"])
    sheet.line([f"Mã số thuế: {head.tax_code}"])
    sheet.across(f"{S1A_FORM} {S1A_BASIS}", "note")
    sheet.line([])
    sheet.across(S1A_TITLE, "title")
    sheet.line([f"Địa điểm kinh doanh: {head.place}"])
    sheet.line([f"Kỳ kê khai: {period.title}"])
    sheet.line([None, None, "Đơn vị tính: đồng"], "note")
    sheet.heads(S1A_HEADS)


def _cells(entry: RevenueEntry) -> list[Cell]:
    return [show_day(entry.day), str(what_of(entry)), entry.amount_dong]


def _stk_cells(number: int, account: ListedAccount, head: PaperHead) -> list[Cell]:
    return [number, head.place, "", account.number, account.holder, account.bank, FIRST_TOLD]


def _boxed(sheet: SheetFile, rows: Sequence[Sequence[Cell]]) -> None:
    for row in rows:
        sheet.line(row, is_boxed=True)


def _signed(sheet: SheetFile, head: PaperHead, words: Sequence[str], column: int) -> None:
    aside: list[Cell | None] = [None] * column
    sheet.line([])
    sheet.line([*aside, head.made_words], "note")
    sheet.line([*aside, words[0]], "bold")
    sheet.line([*aside, words[1]], "note")
    for _ in range(3):
        sheet.line([])
    sheet.line([*aside, head.signer], "bold")
