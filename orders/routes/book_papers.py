"""The book as papers: S1a-HKD to print, as XLSX and as CSV; the list of accounts 01/BK-STK the same."""

from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from kit.roles import Role
from kit.sheets_out import CSV_TYPE, XLSX_TYPE, Cell, csv_of
from kit.web.asked import person_id_of
from kit.web.downloads import download, pieces_of
from kit.web.render import render
from kit.web.routing import get, roles
from orders.routes.book import asked_period, book_today
from orders.routes.till import till_vendor
from orders.services.book import papers
from orders.services.book.papers import (
    PaperHead,
    PrintedBook,
    paper_head,
    printed_book,
    s1a_csv,
    s1a_xlsx,
    stk_rows,
    stk_xlsx,
)
from vendors.services import AccountView, accounts_of


@dataclass
class PrintPage:
    """The book as the form has it."""

    head: PaperHead
    book: PrintedBook
    form: str
    basis: str
    title: str
    heads: tuple[tuple[str, ...], ...]


@dataclass
class AccountsPage:
    """The accounts, masked, and the ways to the paper."""

    accounts: list[AccountView]


@dataclass
class AccountsPrintPage:
    """The list of accounts as the form has it."""

    head: PaperHead
    rows: list[list[Cell]]
    form: str
    basis: str
    title: str
    lead: str
    oath: str
    heads: tuple[tuple[str, ...], ...]


async def s1a_show(request: Request) -> Response:
    """S1a-HKD to print."""
    vendor_id, period = till_vendor(request), asked_period(request)
    page = PrintPage(
        head=await paper_head(vendor_id, book_today(request)),
        book=await printed_book(vendor_id, period),
        form=papers.S1A_FORM,
        basis=papers.S1A_BASIS,
        title=papers.S1A_TITLE,
        heads=papers.S1A_HEADS,
    )
    return render(request, "orders/book_print.html", page)


async def s1a_csv_show(request: Request) -> Response:
    """S1a-HKD as CSV, streamed."""
    period = asked_period(request)
    pieces = s1a_csv(till_vendor(request), period)
    return download(f"so-doanh-thu-{period.file_name}.csv", CSV_TYPE, pieces)


async def s1a_xlsx_show(request: Request) -> Response:
    """S1a-HKD as XLSX."""
    vendor_id, period = till_vendor(request), asked_period(request)
    file = await s1a_xlsx(vendor_id, period, await paper_head(vendor_id, book_today(request)))
    return download(f"S1a-HKD-{period.file_name}.xlsx", XLSX_TYPE, pieces_of(file))


async def accounts_show(request: Request) -> Response:
    """The accounts, masked."""
    return render(request, "orders/book_accounts.html", AccountsPage(await accounts_of(till_vendor(request))))


async def accounts_print(request: Request) -> Response:
    """01/BK-STK to print."""
    head, rows = await _accounts(request)
    page = AccountsPrintPage(
        head=head,
        rows=rows,
        form=papers.STK_FORM,
        basis=papers.STK_BASIS,
        title=papers.STK_TITLE,
        lead=papers.STK_LEAD,
        oath=papers.STK_OATH,
        heads=papers.STK_HEADS,
    )
    return render(request, "orders/book_accounts_print.html", page)


async def accounts_csv(request: Request) -> Response:
    """01/BK-STK as CSV."""
    _, rows = await _accounts(request)
    named = {
        "content-disposition": 'attachment; filename="01-BK-STK.csv"',
        "cache-control": "private, no-store",
    }
    return Response(csv_of(papers.STK_HEADS[0], rows), media_type=CSV_TYPE, headers=named)


async def accounts_xlsx(request: Request) -> Response:
    """01/BK-STK as XLSX."""
    head, rows = await _accounts(request)
    file = await to_thread.run_sync(stk_xlsx, head, rows)
    return download("01-BK-STK.xlsx", XLSX_TYPE, pieces_of(file))


async def _accounts(request: Request) -> tuple[PaperHead, list[list[Cell]]]:
    vendor_id = till_vendor(request)
    head = await paper_head(vendor_id, book_today(request))
    return head, await stk_rows(vendor_id, head, by=person_id_of(request))


VENDOR = roles(Role.VENDOR)
ACCOUNTS = "/sell/money/book/accounts"
ROUTES = [
    get("/sell/money/book/s1a", s1a_show, who=VENDOR, name="orders:book_s1a_show"),
    get("/sell/money/book/s1a.csv", s1a_csv_show, who=VENDOR, name="orders:book_s1a_csv"),
    get("/sell/money/book/s1a.xlsx", s1a_xlsx_show, who=VENDOR, name="orders:book_s1a_xlsx"),
    get(ACCOUNTS, accounts_show, who=VENDOR, name="orders:book_accounts_show"),
    get(ACCOUNTS + "/print", accounts_print, who=VENDOR, name="orders:book_accounts_print"),
    get(ACCOUNTS + ".csv", accounts_csv, who=VENDOR, name="orders:book_accounts_csv"),
    get(ACCOUNTS + ".xlsx", accounts_xlsx, who=VENDOR, name="orders:book_accounts_xlsx"),
]
