"""The pretend operator of Mobile Money: its pay address, its questions and refunds, its callback."""

import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import Refusal
from kit.i18n import say
from kit.twins import Outgoing
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, get, post
from payments.gates.mobile_money import CHECK_SUM
from payments.gates.names import MOBILE_MONEY
from payments.models import TwinCall, TwinOrder
from payments.twins.keys import MOBILE_MONEY_MERCHANT, mobile_money_signer
from payments.twins.orders import (
    AWAY,
    EXPIRED,
    PAID,
    REFUSED,
    SUCCEEDED,
    Twin,
    make_order,
    order_with,
    refundable_dong,
    state_now,
)

OPEN_FOR = timedelta(minutes=15)
STATUSES = {PAID: "1", REFUSED: "4", EXPIRED: "2", "pending": "0"}
REFUND_STATUSES = {PAID: "1", REFUSED: "2", "pending": "0"}
Fields = dict[str, str]


async def pay(request: Request) -> Response:
    """GET /payment with the signed order: makes it, and shows its page. Opening it twice is one order."""
    fields = dict(parse_qsl(request.url.query))
    if not _is_signed(fields) or not fields.get("trans_amount", "").isdecimal():
        raise Refusal(say("Địa chỉ trả tiền này không đúng chữ ký."), status=400)
    now = parts_of(request)[Clock].now()
    order, _ = await make_order(
        MOBILE_MONEY,
        fields["order_id"],
        int(fields["trans_amount"]),
        fields,
        now=now,
        ends_at=now + OPEN_FOR,
        words=fields.get("desc", ""),
    )
    return RedirectResponse(f"/twins/mobile_money/pay/{order.reference}", 303)


async def transaction_create(request: Request) -> Response:
    """POST /transaction: TRANS_INQUIRY, REFUND and REFUND_INQUIRY."""
    form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    if not _is_signed(form):
        return _answer({"error_code": "V01"})
    order = await order_with(MOBILE_MONEY, form.get("order_id", ""))
    if order is None:
        return _answer({"error_code": "M04", "order_id": form.get("order_id", "")})
    now = parts_of(request)[Clock].now()
    if form.get("cmd") == "REFUND":
        return await _refund(form, order, now)
    if form.get("cmd") == "REFUND_INQUIRY":
        made = await TwinOrder.get_or_none(gate=MOBILE_MONEY, reference=form.get("refund_id", ""))
        return _refund_answer(made) if made else _answer({"error_code": "M04", "order_id": order.reference})
    return _answer(_fields(order, order.amount_dong, state_now(order, now)))


async def _refund(form: Fields, order: TwinOrder, now: datetime) -> Response:
    """A sum ending in 001 is not given back, one ending in 002 stays under way. The same refund_id is one refund."""
    amount_dong = int(form["trans_amount"])
    if amount_dong % 1000 == AWAY:
        return JSONResponse({}, 503)
    before = await TwinOrder.get_or_none(gate=MOBILE_MONEY, reference=form["refund_id"])
    if before is not None:
        return _refund_answer(before)
    if amount_dong > await refundable_dong(order):
        return _answer({"error_code": "M03", "order_id": order.reference})
    state = REFUSED if amount_dong % 1000 == 1 else "pending" if amount_dong % 1000 == 2 else PAID
    made, _ = await make_order(
        MOBILE_MONEY,
        form["refund_id"],
        amount_dong,
        form,
        now=now,
        ends_at=now,
        of_reference=order.reference,
        state=state,
    )
    return _refund_answer(made)


def _refund_answer(made: TwinOrder) -> Response:
    return _answer(
        {
            "error_code": "00",
            "order_id": made.of_reference,
            "refund_id": made.reference,
            "refund_transaction_id": f"VTR{made.id}",
            "refund_status": REFUND_STATUSES[made.state],
            "trans_amount": str(made.amount_dong),
        }
    )


def _fields(order: TwinOrder, amount_dong: int, state: str) -> Fields:
    return {
        "error_code": "V06" if state == REFUSED else "W04" if state == EXPIRED else "00",
        "merchant_code": MOBILE_MONEY_MERCHANT,
        "order_id": order.reference,
        "billcode": str(order.asked["billcode"]),
        "trans_amount": str(amount_dong),
        "vt_transaction_id": f"VT{order.id}" if state == PAID else "",
        "payment_status": STATUSES[state],
    }


def _told(order: TwinOrder, call: TwinCall, now: datetime) -> Outgoing:
    fields = _fields(order, call.amount_dong, PAID if call.outcome == SUCCEEDED else REFUSED)
    check_sum = "gia mao" if call.is_forged else mobile_money_signer().sign(fields)
    # The callback's address is kept with the merchant at the operator, so that an order does not carry it.
    market = str(order.asked["return_url"]).split("/orders/", 1)[0]
    return Outgoing(
        "POST",
        f"{market}/payments/callbacks/mobile_money",
        {"Content-Type": "application/x-www-form-urlencoded"},
        urlencode({**fields, CHECK_SUM: check_sum}).encode(),
    )


def _back(order: TwinOrder, now: datetime) -> str:
    fields = _fields(order, order.amount_dong, state_now(order, now))
    return (
        f"{order.asked['return_url']}?{urlencode({**fields, CHECK_SUM: mobile_money_signer().sign(fields)})}"
    )


def _was_taken(status: int, body: bytes) -> bool:
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return status == 200 and isinstance(answer, dict) and answer.get("error_code") == "00"


def _is_signed(fields: Fields) -> bool:
    check_sum = fields.pop(CHECK_SUM, "")
    is_ours = fields.get("merchant_code") == MOBILE_MONEY_MERCHANT
    return is_ours and mobile_money_signer().fits(fields, check_sum)


def _answer(fields: Fields) -> Response:
    return JSONResponse({**fields, CHECK_SUM: mobile_money_signer().sign(fields)})


TWIN = Twin(MOBILE_MONEY, "Mobile Money", _told, _was_taken, _back, sends_max=4)
ROUTES: list[BaseRoute] = [
    get("/twins/mobile_money/payment", pay, who=ANYONE, name="payments:twin_mobile_money_pay"),
    post(
        "/twins/mobile_money/transaction",
        transaction_create,
        who=ANYONE,
        name="payments:twin_mobile_money_transaction",
        outside=True,
    ),
]
