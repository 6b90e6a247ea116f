"""The pretend ZaloPay: its API, its callback (only for money), and where it sends a browser back."""

import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.settings import Settings
from kit.twins import Outgoing
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, post
from kit.wire import hmac_sha256, is_same, milliseconds
from payments.gates.names import ZALOPAY
from payments.gates.zalopay import mac
from payments.models import TwinCall, TwinOrder
from payments.twins.keys import ZALOPAY as KEYS
from payments.twins.orders import (
    AWAY,
    EXPIRED,
    LOST,
    PAID,
    REFUSED,
    Twin,
    make_order,
    order_with,
    refundable_dong,
    state_now,
)

CODES = {PAID: 1, REFUSED: 2, EXPIRED: 2, "pending": 3}
NUMBERS_FROM = 260_000_000_000_000
Fields = dict[str, str]


async def create(request: Request) -> Response:
    """POST /v2/create."""
    form = await _checked(request, "create")
    if isinstance(form, Response):
        return form
    now, amount_dong = parts_of(request)[Clock].now(), int(form["amount"])
    if abs(int(form["app_time"]) - milliseconds(now)) > 15 * 60_000:
        return _no(2, -401, "app_time is too far from now")
    if amount_dong % 1000 == AWAY:
        return JSONResponse({}, 503)
    ends_at = now + timedelta(seconds=int(form.get("expire_duration_seconds") or 900))
    order, is_new = await make_order(
        ZALOPAY, form["app_trans_id"], amount_dong, form, now=now, ends_at=ends_at, words=form["description"]
    )
    if not is_new:
        return _no(2, -68, "app_trans_id exists")
    if amount_dong % 1000 == LOST:
        return JSONResponse({}, 504)
    base = parts_of(request)[Settings].base_url
    return JSONResponse(
        {
            "return_code": 1,
            "return_message": "success",
            "sub_return_code": 1,
            "order_url": f"{base}/twins/zalopay/pay/{order.reference}",
            "zp_trans_token": f"T{order.id}",
        }
    )


async def query(request: Request) -> Response:
    """POST /v2/query."""
    form = await _checked(request, "query")
    if isinstance(form, Response):
        return form
    order = await order_with(ZALOPAY, form["app_trans_id"])
    if order is None:
        return _no(2, -54, "no such order")
    code = CODES[state_now(order, parts_of(request)[Clock].now())]
    return JSONResponse(
        {
            "return_code": code,
            "return_message": "",
            "is_processing": code == 3,
            "amount": order.amount_dong,
            "zp_trans_id": _number(order) if code == 1 else 0,
        }
    )


async def refund(request: Request) -> Response:
    """POST /v2/refund: always worked later; a sum ending in 001 is then not given back, 002 stays under way."""
    form = await _checked(request, "refund")
    if isinstance(form, Response):
        return form
    now, amount_dong = parts_of(request)[Clock].now(), int(form["amount"])
    order = await TwinOrder.get_or_none(
        gate=ZALOPAY, id=int(form["zp_trans_id"] or 0) - NUMBERS_FROM, of_reference=""
    )
    if order is None or amount_dong > await refundable_dong(order):
        return _no(2, -13, "more than is left")
    state = REFUSED if amount_dong % 1000 == 1 else "pending" if amount_dong % 1000 == 2 else PAID
    made, is_new = await make_order(
        ZALOPAY,
        form["m_refund_id"],
        amount_dong,
        form,
        now=now,
        ends_at=now,
        of_reference=order.reference,
        state=state,
    )
    if not is_new:
        return _no(2, -68, "m_refund_id exists")
    return JSONResponse({"return_code": 3, "return_message": "processing", "refund_id": _number(made)})


async def query_refund(request: Request) -> Response:
    """POST /v2/query_refund."""
    form = await _checked(request, "query_refund")
    if isinstance(form, Response):
        return form
    made = await TwinOrder.get_or_none(gate=ZALOPAY, reference=form["m_refund_id"])
    if made is None:
        return _no(2, -101, "no such refund")
    return JSONResponse({"return_code": CODES[made.state], "return_message": "", "refund_id": _number(made)})


def _told(order: TwinOrder, call: TwinCall, now: datetime) -> Outgoing:
    asked = order.asked
    found = {
        "app_id": int(KEYS.app_id),
        "app_trans_id": order.reference,
        "app_time": int(asked["app_time"]),
        "app_user": asked["app_user"],
        "amount": call.amount_dong,
        "embed_data": asked["embed_data"],
        "item": asked["item"],
        "zp_trans_id": _number(order),
        "server_time": milliseconds(call.made_at),
        "channel": 38,
        "merchant_user_id": "",
        "user_fee_amount": 0,
        "discount_amount": 0,
    }
    signed = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    key = "khoa gia" if call.is_forged else KEYS.key2
    raw = json.dumps({"data": signed, "mac": hmac_sha256(key, signed), "type": 1}).encode()
    return Outgoing("POST", str(asked["callback_url"]), {"Content-Type": "application/json"}, raw)


def _back(order: TwinOrder, now: datetime) -> str:
    status = {PAID: "1", REFUSED: "-49"}.get(order.state, "0")
    fields = {
        "appid": KEYS.app_id,
        "apptransid": order.reference,
        "amount": order.amount_dong,
        "status": status,
    }
    return f"{json.loads(order.asked['embed_data'])['redirecturl']}?{urlencode(fields)}"


def _was_taken(status: int, body: bytes) -> bool:
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return status == 200 and isinstance(answer, dict) and answer.get("return_code") in (1, 2)


def _number(order: TwinOrder) -> int:
    return int(NUMBERS_FROM + order.id)


async def _checked(request: Request, call: str) -> Fields | Response:
    form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
    if form.get("app_id") != KEYS.app_id or not is_same(mac(KEYS.key1, call, form), form.get("mac")):
        return _no(2, -402, "unauthorised")
    return form


def _no(code: int, more: int, words: str) -> Response:
    return JSONResponse(
        {"return_code": code, "return_message": words, "sub_return_code": more, "sub_return_message": words}
    )


TWIN = Twin(ZALOPAY, "ZaloPay", _told, _was_taken, _back, sends_max=4, tells_failures=False)
ROUTES: list[BaseRoute] = [
    post("/twins/zalopay/v2/create", create, who=ANYONE, name="payments:twin_zalopay_create", outside=True),
    post("/twins/zalopay/v2/query", query, who=ANYONE, name="payments:twin_zalopay_query", outside=True),
    post("/twins/zalopay/v2/refund", refund, who=ANYONE, name="payments:twin_zalopay_refund", outside=True),
    post(
        "/twins/zalopay/v2/query_refund",
        query_refund,
        who=ANYONE,
        name="payments:twin_zalopay_query_refund",
        outside=True,
    ),
]
