"""The book's pages: cash noted and put right, other floors, periods, papers read back; others' books are not there."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.sheets import read_sheet
from kit.sheets_out import csv_of
from orders.book_models import RevenueEntry
from orders.services.book.noting import Note, note_cash
from orders.services.till.selling import make_sale
from orders.states import SaleWay
from tests.conftest import Browser, Queries
from tests.factories import vendor
from tests.orders.test_till import ME, bank_tells, typed
from tests.orders.test_till_pages import at_the_till
from vendors.models import Vendor

pytestmark = pytest.mark.usefixtures("books")


async def cash(
    seller: Vendor, dong: int, clock: StoppedClock, key: str = "note-0001", **more: Any
) -> RevenueEntry:
    """Cash in a seller's book."""
    note = Note(key, dong, more.pop("day", vietnam_date(clock.now())), **more)
    return await note_cash(seller.id, note, person_id=ME, now=clock.now())


async def test_cash_is_noted_once_and_put_right(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    assert "Sổ còn trống" in (await client.get("/sell/money/book")).text
    sent = {"client_key": "page-0001", "amount": "150.000", "words": "=1+1"}
    for _ in range(2):
        answer = await client.submit("/sell/money/book/cash", sent)
        assert answer.headers["location"] == "/sell/money/book?told=noted"
    page = await client.get("/sell/money/book?told=noted")
    assert "Đã ghi vào sổ." in page.text and "Bán hàng thu tiền mặt: =1+1" in page.text
    entry = await RevenueEntry.get(vendor_id=seller.id)
    assert (entry.amount_dong, entry.day) == (150_000, vietnam_date(clock.now()))
    place = f"/sell/money/book/entries/{entry.id}"
    for _ in range(2):
        answer = await client.submit(place + "/corrections", {"right": "120000", "because": "Ghi nhầm"})
        assert answer.status_code == 303
    assert [one.amount_dong for one in await RevenueEntry.filter(corrects_id=entry.id)] == [-30_000]
    assert "120.000" in (await client.get(place)).text
    struck = await client.submit(place + "/corrections", {"right": "0", "because": "Không có thật"})
    assert struck.status_code == 303
    month = await client.get("/sell/money/book/entries?of=month")
    assert "Sửa dòng ngày" in month.text and "Thu được 0" in month.text


async def test_mistakes_are_named_and_nothing_is_noted(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    tomorrow = (vietnam_date(clock.now()) + timedelta(days=1)).isoformat()
    for sent, words in (
        ({"client_key": "page-0001", "amount": "năm"}, "Số tiền cần là số đồng"),
        ({"client_key": "page-0001", "amount": "5"}, "Số tiền từ 1.000"),
        ({"client_key": "page-0001", "amount": "50000", "day": tomorrow}, "Ngày này chưa tới."),
        ({"client_key": "page-0001", "amount": "50000", "day": "2020-01-01"}, "Sổ chỉ ghi lùi"),
        ({"amount": "50000"}, "Trang này đã cũ."),
    ):
        answer = await client.submit("/sell/money/book/cash", sent)
        assert answer.status_code in (400, 422) and words in answer.text, words
    assert not await RevenueEntry.exists(vendor_id=seller.id)
    entry = await cash(seller, 90_000, clock)
    for sent, words in (
        ({"right": "-5", "because": "Ghi nhầm"}, "Số tiền"),
        ({"right": "5000", "because": ""}, "Ghi vì sao phải sửa."),
    ):
        answer = await client.submit(f"/sell/money/book/entries/{entry.id}/corrections", sent)
        assert answer.status_code == 422 and words in answer.text, words


async def test_money_seen_is_not_put_right_by_hand_and_others_books_are_not_there(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock)
    seen = await RevenueEntry.get(vendor_id=seller.id)
    page = await client.get(f"/sell/money/book/entries/{seen.id}")
    assert "không sửa tay được" in page.text and f"/sell/till/sales/{sale.id}" in page.text
    refused = await client.submit(
        f"/sell/money/book/entries/{seen.id}/corrections", {"right": "5000", "because": "Ghi nhầm"}
    )
    assert refused.status_code == 409
    other = await cash(await vendor(slug="che-khac"), 90_000, clock)
    assert (await client.get(f"/sell/money/book/entries/{other.id}")).status_code == 404
    mend = {"right": "5000", "because": "Ghi nhầm"}
    assert (await client.submit(f"/sell/money/book/entries/{other.id}/corrections", mend)).status_code == 404


async def test_an_order_of_another_floor_is_noted_once(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    today = vietnam_date(clock.now()).isoformat()
    sent = {"floor": "shopee", "number": "240913ABC", "amount": "320.000", "day": today}
    assert (await client.submit("/sell/money/book/floors", sent)).status_code == 303
    again = await client.submit("/sell/money/book/floors", sent)
    assert again.status_code == 409 and "Đơn này đã có trong sổ." in again.text
    wrong = await client.submit("/sell/money/book/floors", {**sent, "number": "hai chữ"})
    assert wrong.status_code == 422 and "không có dấu cách" in wrong.text
    entry = await RevenueEntry.get(vendor_id=seller.id)
    assert (str(entry.channel), entry.floor, entry.amount_dong) == ("floor", "shopee", 320_000)
    assert "Bán hàng trên Shopee, 240913ABC" in (await client.get("/sell/money/book")).text


async def test_a_sheet_of_a_floor_is_taken_whole_or_not_at_all(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    today = f"{vietnam_date(clock.now()):%d/%m/%Y}"
    heads, good = (
        ["Mã đơn hàng", "Ngày đặt hàng", "Tổng tiền"],
        [["A1", today, "150.000"], ["A2", f"{today} 09:12", -20_000]],
    )

    async def send(raw: bytes, floor: str = "tiktok") -> Any:
        files = {"sheet": ("don.csv", raw, "text/csv")}
        return await client.submit("/sell/money/book/floors/sheet", {"floor": floor}, files=files)

    bad = await send(
        csv_of(heads, [*good, ["A1", today, "5.000"], ["A4", "hôm qua", "5.000"], ["A5", today, "năm"]])
    )
    assert bad.status_code == 422
    for words in ("Dòng 4:", "Mã đơn A1 đã có ở dòng 2", "«hôm qua»", "«năm»", "chưa ghi dòng nào"):
        assert words in bad.text, words
    assert not await RevenueEntry.exists(vendor_id=seller.id)
    assert "Không thấy cột mã đơn, ngày" in (await send(csv_of(["Số tiền"], [["5"]]))).text
    assert "Hãy chọn tệp" in (await send(b"")).text
    assert "Tệp này không phải" in (await send(b"%PDF-1.7")).text
    taken = await send(csv_of(heads, good))
    assert taken.headers["location"].endswith("told=noted&new=2&known=0")
    again = await send(csv_of(heads, [*good, ["A3", today, "1.000"]]))
    assert again.headers["location"].endswith("told=noted&new=1&known=2")
    assert "1 đơn vào sổ. 2 đơn" in (await client.get(again.headers["location"])).text
    rows = await RevenueEntry.filter(vendor_id=seller.id).order_by("id")
    assert [(one.amount_dong, str(one.kind)) for one in rows] == [
        (150_000, "sale"),
        (-20_000, "returned"),
        (1_000, "sale"),
    ]


async def test_the_papers_say_what_the_book_says(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    today = vietnam_date(clock.now())
    await cash(seller, 90_000, clock, words='=cmd|" /C calc"!A0')
    await make_sale(seller.id, typed(60_000, SaleWay.CASH, "sale-0002"), person_id=ME, now=clock.now())
    long_ago = today.replace(year=today.year - 1)
    await cash(seller, 1_000_000, clock, "note-0002", day=long_ago)
    for span in ("day", "month", "quarter", "year"):
        asked = f"of={span}&on={today}"
        answer = await client.get(f"/sell/money/book/s1a.csv?{asked}")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][:3] == ["Ngày tháng", "Diễn giải", "Số tiền"]
        assert [row[2] for row in rows[1:]] == ["90000", "60000", "150000"], span
        raw = (await client.get(f"/sell/money/book/s1a.xlsx?{asked}")).content
        sheet = read_sheet(raw)
        cells = [row for row in sheet.rows if len(row) > 2 and row[2].isdecimal() and row[0] != "A"]
        assert [row[2] for row in cells] == ["90000", "60000", "150000"]
        assert cells[-1][1] == "Tổng cộng" and cells[0][0] == f"{today:%d/%m/%Y}" and not sheet.formulas
        texts = " ".join(cell for row in sheet.rows for cell in row)
        assert "Mẫu số S1a-HKD" in texts and seller.name in texts and "SỔ DOANH THU" in texts
        paper = zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml").decode()
        assert 'paperSize="9"' in paper and 'fitToHeight="0"' in paper
        printed = (await client.get(f"/sell/money/book/s1a?{asked}")).text
        assert "150.000" in printed and "Tổng cộng" in printed and "152/2025/TT-BTC" in printed
    before = await client.get(f"/sell/money/book/s1a.csv?of=year&on={long_ago}")
    assert "1000000" in before.text and before.headers["content-disposition"].endswith(
        f'{long_ago.year}.csv"'
    )


async def test_text_in_a_csv_is_no_formula(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    await client.submit(
        "/sell/money/book/floors",
        {"floor": "other", "number": "=1+1", "amount": "5000", "day": vietnam_date(clock.now()).isoformat()},
    )
    assert await RevenueEntry.exists(vendor_id=seller.id, words="=1+1")
    text = (await client.get("/sell/money/book/s1a.csv")).content.decode("utf-8-sig")
    assert not any(cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


async def test_the_list_of_accounts_has_whole_numbers_only_on_paper(
    client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    seller = await at_the_till(client, sign_in_as)
    account = await seller.accounts.all().first()
    assert account is not None
    shown = (await client.get("/sell/money/book/accounts")).text
    assert account.number not in shown and account.number[-4:] in shown
    printed = (await client.get("/sell/money/book/accounts/print")).text
    assert account.number in printed and "01/BK-STK" in printed and "18/2026/TT-BTC" in printed
    rows = list(
        csv.reader(
            io.StringIO((await client.get("/sell/money/book/accounts.csv")).content.decode("utf-8-sig"))
        )
    )
    assert rows[1][3] == account.number and rows[1][6] == "Khai lần đầu"
    sheet = read_sheet((await client.get("/sell/money/book/accounts.xlsx")).content)
    assert account.number in [cell for row in sheet.rows for cell in row]


async def test_pages_of_a_full_book_cost_few_queries(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, queries: Queries
) -> None:
    seller = await at_the_till(client, sign_in_as)
    for number in range(30):
        await cash(seller, 10_000 + number, clock, f"note-{number:04}")
    with queries.at_most(12):
        assert "300.435" in (await client.get("/sell/money/book")).text
    for span in ("day", "month", "quarter", "year"):
        with queries.at_most(9):
            page = await client.get(f"/sell/money/book/entries?of={span}&page=2")
        assert page.text.count("Bán hàng thu tiền mặt") == 6
    assert "Chưa có dòng nào" in (await client.get("/sell/money/book/entries?channel=online")).text
    with queries.at_most(14):
        await client.get("/sell/money/book/s1a?of=year")
    for nonsense in (
        "of=week",
        "on=2026-02-31",
        "of=year&on=9999-12-31",
        "of=day&on=1999-01-01",
        "page=x&channel=y",
    ):
        assert (await client.get(f"/sell/money/book/entries?{nonsense}")).status_code == 200
