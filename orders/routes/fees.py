"""Market fees: billed by the board, month by month, and paid by its traders with the same QR."""

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Conflict, Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.sheets_out import CSV_TYPE, csv_of
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.asking import market_of_request
from orders.fee_forms import BillForm, VoidForm, due_for, lines_in, month_in
from orders.models import MarketFee
from orders.routes.live import live_answer
from orders.services.fees.billing import (
    Billable,
    FeeRow,
    MonthSums,
    bill,
    billable,
    fees_of_market,
    fees_of_trader,
    fees_table,
    month_sums,
    void_fee,
)
from orders.services.fees.paying import own_fee, payment_of_fee, take_fee_in_cash
from orders.services.names import fees_channel
from payments.services import PaymentView
from vendors.services import Leaf, Market
from vendors.services.markets.accounts import MarketAccountView, market_account
from vendors.services.markets.holders import market_names


@dataclass
class MarketFeesPage:
    """A market's month."""

    market: Market
    month: date
    before: date
    after: date
    sums: MonthSums
    leaf: Leaf[FeeRow]
    account: MarketAccountView | None
    unpaid_only: bool
    form: Form
    told: str = ""


@dataclass
class BillPage:
    """The stalls that have no bill for the month, with a field for each sum."""

    market: Market
    month: date
    leaf: Leaf[Billable]
    form: Form
    due_on: date


@dataclass
class FeesPage:
    """What markets ask of a trader."""

    leaf: Leaf[FeeRow]


@dataclass
class FeePage:
    """One fee, and how to pay it; `refused` when it cannot be paid now."""

    fee: MarketFee
    market: str
    payment: PaymentView | None
    refused: Sentence | None
    mark: str


async def market_fee_index(request: Request) -> Response:
    """A market's month: sums, unpaid or all."""
    return await _month_page(request, await market_of_request(request), VoidForm())


async def market_fee_csv(request: Request) -> Response:
    """The month as a sheet."""
    market, month = await market_of_request(request), _month(request)
    heads, rows = await fees_table(market.id, month)
    named = f'attachment; filename="phi-{market.slug}-{month:%Y-%m}.csv"'
    return Response(csv_of(heads, rows), media_type=CSV_TYPE, headers={"content-disposition": named})


async def market_fee_new(request: Request) -> Response:
    """The form for a page of stalls."""
    market, month = await market_of_request(request), _month(request)
    return await _bill_page(request, market, BillForm.filled(due_on=due_for(month).isoformat()))


async def market_fee_create(request: Request) -> Response:
    """Bills the stalls that have a sum."""
    market, month, typed = await market_of_request(request), _month(request), typed_of(request)
    form = BillForm.read(typed)
    lines = lines_in(form, typed)
    if not form.ok:
        return await _bill_page(request, market, form)
    by, now = person_id_of(request), parts_of(request)[Clock].now()
    try:
        new = await bill(market.id, month, lines, due_on=form.due_on, by=by, now=now)
    except Refusal as refusal:
        form.wrong("", refusal.sentence)
        return await _bill_page(request, market, form)
    return _to_month(request, market, month, f"{new}")


async def market_fee_void(request: Request) -> Response:
    """Takes a fee back."""
    market, form = await market_of_request(request), VoidForm.read(typed_of(request))
    if not form.ok:
        return await _month_page(request, market, form, status=422)
    by, now = person_id_of(request), parts_of(request)[Clock].now()
    try:
        await void_fee(int(request.path_params["id"]), market.id, form.because, by=by, now=now)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.wrong("", refusal.sentence)
        return await _month_page(request, market, form, status=refusal.status)
    return _to_month(request, market, _month(request), "void")


async def market_fee_cash(request: Request) -> Response:
    """The board took a fee in cash."""
    market, by, now = await market_of_request(request), person_id_of(request), parts_of(request)[Clock].now()
    try:
        await take_fee_in_cash(int(request.path_params["id"]), market.id, by=by, now=now)
    except Conflict as refusal:
        form = VoidForm()
        form.wrong("", refusal.sentence)
        return await _month_page(request, market, form, status=refusal.status)
    return _to_month(request, market, _month(request), "cash")


async def fee_index(request: Request) -> Response:
    """What markets ask of this trader."""
    return render(
        request, "orders/fee_index.html", FeesPage(await fees_of_trader(_mine(request), page_number(request)))
    )


async def fee_show(request: Request) -> Response:
    """One fee with its QR."""
    return render(request, "orders/fee_show.html", await _fee_page(request))


async def fee_state(request: Request) -> Response:
    """The part of a fee's page that changes, for its script."""
    return render(request, "orders/_fee_state.html", await _fee_page(request))


async def fee_events(request: Request) -> Response:
    """Tells an open page of a fee when it has changed."""
    fee = await own_fee(int(request.path_params["id"]), _mine(request))

    async def read() -> str:
        return _mark(await own_fee(fee.id, (fee.vendor_id,)))

    return live_answer(request, [fees_channel(fee.vendor_id)], read)


def _mine(request: Request) -> tuple[int, ...]:
    return caller_of(request).scope_ids(Role.VENDOR)


def _mark(fee: MarketFee) -> str:
    return f"{fee.state}-{fee.received_dong}-{fee.extra_dong}"


def _month(request: Request) -> date:
    return month_in(request.query_params.get("month", ""), vietnam_date(parts_of(request)[Clock].now()))


async def _month_page(request: Request, market: Market, form: Form, *, status: int = 200) -> Response:
    month, unpaid_only = _month(request), request.query_params.get("show") != "all"
    page = MarketFeesPage(
        market=market,
        month=month,
        before=(month - timedelta(days=1)).replace(day=1),
        after=(month + timedelta(days=31)).replace(day=1),
        sums=await month_sums(market.id, month),
        leaf=await fees_of_market(market.id, month, page_number(request), unpaid_only=unpaid_only),
        account=await market_account(market.id),
        unpaid_only=unpaid_only,
        form=form,
        told=request.query_params.get("told", ""),
    )
    return render(request, "orders/market_fees.html", page, status=status)


async def _bill_page(request: Request, market: Market, form: Form) -> Response:
    month = _month(request)
    leaf = await billable(market.id, month, page_number(request))
    page = BillPage(market, month, leaf, form, due_for(month))
    return render(request, "orders/market_fee_new.html", page, status=200 if form.ok else 422)


async def _fee_page(request: Request) -> FeePage:
    fee, now = await own_fee(int(request.path_params["id"]), _mine(request)), parts_of(request)[Clock].now()
    payment, refused = None, None
    try:
        payment = await payment_of_fee(fee, now=now)
    except Refusal as refusal:
        refused = refusal.sentence
    name = (await market_names([fee.market_id])).get(fee.market_id, "")
    return FeePage(fee, name, payment, refused, _mark(fee))


def _to_month(request: Request, market: Market, month: date, told: str) -> Response:
    place = request.app.url_path_for("orders:market_fee_index", slug=market.slug)
    return RedirectResponse(f"{place}?month={month:%Y-%m}&told={told}", 303)


BOARD, VENDOR = roles(Role.BOARD, Role.ADMIN), roles(Role.VENDOR)
MARKET, ONE = "/board/markets/{slug}/fees", "/sell/fees/{id:int}"
ROUTES = [
    get(MARKET, market_fee_index, who=BOARD, name="orders:market_fee_index"),
    get("/board/markets/{slug}/fees.csv", market_fee_csv, who=BOARD, name="orders:market_fee_csv"),
    get(MARKET + "/new", market_fee_new, who=BOARD, name="orders:market_fee_new"),
    post(MARKET, market_fee_create, who=BOARD, name="orders:market_fee_create"),
    post(MARKET + "/{id:int}/void", market_fee_void, who=BOARD, name="orders:market_fee_void"),
    post(MARKET + "/{id:int}/cash", market_fee_cash, who=BOARD, name="orders:market_fee_cash"),
    get("/sell/fees", fee_index, who=VENDOR, name="orders:fee_index"),
    get(ONE, fee_show, who=VENDOR, name="orders:fee_show"),
    get(ONE + "/state", fee_state, who=VENDOR, name="orders:fee_state"),
    get(ONE + "/events", fee_events, who=VENDOR, name="orders:fee_events"),
]
