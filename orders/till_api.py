"""The JSON API of the till and of market fees: what a scale, a cash box or a trader's own program would want."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.dates import moment_in
from kit.i18n import translated
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import roles
from orders.models import TillSale
from orders.routes.till import till_vendor
from orders.services.fees.billing import FeeRow, fees_of_trader
from orders.services.till.money import cancel_sale, confirm_sale
from orders.services.till.selling import SaleTyped, make_sale, own_stall_sale
from orders.services.till.shown import SaleRow, SaleShown, till_screen
from orders.states import SaleWay
from orders.till_forms import NotedForm, SaleActForm


@dataclass
class SaleAnswer:
    """A stall sale. `qr_text` asks for `rest_dong` while it waits; `words` says where it stands."""

    id: int
    way: str
    state: str
    words: str
    amount_dong: int
    received_dong: int
    extra_dong: int
    noted_dong: int
    rest_dong: int
    code: str
    qr_text: str
    made_at: datetime


@dataclass
class TillAnswer:
    """The till today: sums in đồng, the number of its newest event, its last sales."""

    seq: int
    sales: int
    seen_dong: int
    said_dong: int
    cash_dong: int
    open_dong: int
    last: list[SaleAnswer]


@dataclass
class FeeAnswer:
    """A market's fee for a month, in đồng."""

    id: int
    market: str
    stall: str
    month: date
    stall_dong: int
    power_dong: int
    cleaning_dong: int
    total_dong: int
    received_dong: int
    state: str
    due_on: date


async def till_show(request: Request) -> object:
    """The till today."""
    screen = await till_screen(
        till_vendor(request), None, now=_now(request), language=language_of(request), speech="north"
    )
    sums = screen.sums
    return TillAnswer(
        screen.seq,
        sums.sales,
        sums.seen_dong,
        sums.said_dong,
        sums.cash_dong,
        sums.open_dong,
        [_row(request, one) for one in screen.last],
    )


async def till_sale_create(request: Request) -> object:
    """A sale: its QR, or noted. The same client_key again is the same sale."""
    form = cast(NotedForm, json_form(request))
    typed = SaleTyped(
        form.client_key,
        SaleWay(form.way),
        form.amount,
        note=form.note,
        made_at=moment_in(form.made_at),
    )
    sale = await make_sale(till_vendor(request), typed, person_id=person_id_of(request), now=_now(request))
    return await _answer(request, sale.id)


async def till_sale_show(request: Request) -> object:
    """One sale."""
    return await _answer(request, (await _own(request)).id)


async def till_sale_confirm(request: Request) -> object:
    """The seller has the money."""
    form, sale = cast(SaleActForm, json_form(request)), await _own(request)
    await confirm_sale(sale.id, person_id=person_id_of(request), now=_now(request), in_cash=form.by == "cash")
    return await _answer(request, sale.id)


async def till_sale_cancel(request: Request) -> object:
    """Takes a sale back."""
    sale = await _own(request)
    await cancel_sale(sale.id, person_id=person_id_of(request), now=_now(request))
    return await _answer(request, sale.id)


async def fee_index(request: Request) -> object:
    """What markets ask of this trader."""
    leaf = await fees_of_trader(caller_of(request).scope_ids(Role.VENDOR), page_number(request))
    return [_fee(one) for one in leaf.items]


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


async def _own(request: Request) -> TillSale:
    return await own_stall_sale(int(request.path_params["id"]), till_vendor(request))


async def _answer(request: Request, sale_id: int) -> SaleAnswer:
    screen = await till_screen(
        till_vendor(request), sale_id, now=_now(request), language=language_of(request), speech="north"
    )
    assert screen.shown is not None
    return _row(request, screen.shown.row, screen.shown)


def _row(request: Request, row: SaleRow, shown: SaleShown | None = None) -> SaleAnswer:
    sale, payment = row.sale, shown.payment if shown else None
    return SaleAnswer(
        id=sale.id,
        way=str(sale.way),
        state=str(sale.state),
        words=translated(row.state, language_of(request)),
        amount_dong=sale.amount_dong,
        received_dong=sale.received_dong,
        extra_dong=sale.extra_dong,
        noted_dong=sale.noted_dong,
        rest_dong=sale.amount_dong - sale.received_dong - sale.noted_dong,
        code=sale.code,
        qr_text=payment.qr_text if payment else "",
        made_at=sale.made_at,
    )


def _fee(row: FeeRow) -> FeeAnswer:
    fee = row.fee
    return FeeAnswer(
        fee.id,
        row.name,
        fee.stall,
        fee.month,
        fee.stall_dong,
        fee.power_dong,
        fee.cleaning_dong,
        fee.total_dong,
        fee.received_dong,
        str(fee.state),
        fee.due_on,
    )


VENDOR = roles(Role.VENDOR)
TILL_API: list[JsonRoute] = [
    api_get(
        "/till",
        till_show,
        who=VENDOR,
        name="orders:api_till_show",
        summary="The stall till today: sums and the last sales.",
        answer=TillAnswer,
    ),
    api_post(
        "/till/sales",
        till_sale_create,
        who=VENDOR,
        name="orders:api_till_sale_create",
        summary="A stall sale: a QR to show, or cash noted; once for its client_key, 409 for another under it.",
        form=NotedForm,
        answer=SaleAnswer,
    ),
    api_get(
        "/till/sales/{id:int}",
        till_sale_show,
        who=VENDOR,
        name="orders:api_till_sale_show",
        summary="One stall sale.",
        answer=SaleAnswer,
    ),
    api_post(
        "/till/sales/{id:int}/confirmation",
        till_sale_confirm,
        who=VENDOR,
        name="orders:api_till_sale_confirm",
        summary="The seller has the money: seen in the banking app (bank) or taken in cash (cash).",
        form=SaleActForm,
        answer=SaleAnswer,
        status=200,
        once=False,
    ),
    api_post(
        "/till/sales/{id:int}/cancellation",
        till_sale_cancel,
        who=VENDOR,
        name="orders:api_till_sale_cancel",
        summary="Takes a stall sale back.",
        form=None,
        answer=SaleAnswer,
        status=200,
        once=False,
    ),
    api_get(
        "/sell/fees",
        fee_index,
        who=VENDOR,
        name="orders:api_fee_index",
        summary="What markets ask of this trader, unpaid first, 24 a page.",
        answer=FeeAnswer,
        many=True,
        query={"page": "1 for the first"},
    ),
]
