"""The pretend MoMo: its API, its IPN, and where it sends a browser back."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.settings import Settings
from kit.twins import Outgoing
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, post
from kit.wire import JsonObject, is_same, json_object, milliseconds, needed, said, whole_of
from payments.gate import Malformed
from payments.gates.momo import API, signature
from payments.gates.names import MOMO
from payments.models import TwinCall, TwinOrder
from payments.twins.keys import MOMO as KEYS
from payments.twins.orders import (
    AWAY,
    EXPIRED,
    LOST,
    PAID,
    REFUSED,
    SUCCEEDED,
    Twin,
    make_order,
    order_with,
    refundable_dong,
    refunds_of,
    state_now,
)

OPEN_FOR = timedelta(minutes=100)
CODES = {PAID: 0, REFUSED: 1006, EXPIRED: 1005, "pending": 1000}
WORDS = {0: "Successful.", 1000: "Waiting for the user.", 1005: "Expired.", 1006: "Refused by the user."}


async def create(request: Request) -> Response:
    """POST /v2/gateway/api/create."""
    body = await _checked(request, "create")
    if isinstance(body, Response):
        return body
    amount_dong, now = whole_of(body, "amount"), parts_of(request)[Clock].now()
    if amount_dong % 1000 == AWAY:
        return JSONResponse({}, 503)
    if not 1_000 <= amount_dong <= 50_000_000:
        return _no(body, 22, "Amount out of range.")
    order, is_new = await make_order(
        MOMO,
        needed(body, "orderId"),
        amount_dong,
        body,
        now=now,
        ends_at=now + OPEN_FOR,
        words=said(body, "orderInfo"),
    )
    if not is_new:
        return _no(body, 40 if order.asked["requestId"] == body["requestId"] else 41, "Repeated.")
    if amount_dong % 1000 == LOST:
        return JSONResponse({}, 504)
    base = parts_of(request)[Settings].base_url
    answer: JsonObject = {
        "partnerCode": KEYS.partner_code,
        "orderId": order.reference,
        "requestId": said(body, "requestId"),
        "amount": amount_dong,
        "responseTime": milliseconds(now),
        "message": WORDS[0],
        "resultCode": 0,
        "payUrl": f"{base}/twins/momo/pay/{order.reference}",
        "deeplink": f"momo://pay?order={order.reference}",
    }
    return JSONResponse({**answer, "signature": signature(KEYS, "created", answer)})


async def query(request: Request) -> Response:
    """POST /v2/gateway/api/query."""
    body = await _checked(request, "query")
    if isinstance(body, Response):
        return body
    order = await order_with(MOMO, said(body, "orderId"))
    if order is None:
        return _no(body, 42, "Order not found.")
    now = parts_of(request)[Clock].now()
    refunds = [
        {
            "orderId": one.reference,
            "amount": one.amount_dong,
            "resultCode": _refund_code(one),
            "transId": _number(one),
        }
        for one in await refunds_of(order)
    ]
    code = CODES[state_now(order, now)]
    return JSONResponse(
        {
            "partnerCode": KEYS.partner_code,
            "orderId": order.reference,
            "requestId": said(body, "requestId"),
            "extraData": "",
            "amount": order.amount_dong,
            "transId": _number(order) if order.state == PAID else 0,
            "payType": "qr",
            "resultCode": code,
            "refundTrans": refunds,
            "message": WORDS[code],
            "responseTime": milliseconds(now),
        }
    )


async def refund(request: Request) -> Response:
    """POST /v2/gateway/api/refund. A sum ending in 001 is not given back, one ending in 002 stays under way."""
    body = await _checked(request, "refund")
    if isinstance(body, Response):
        return body
    now, amount_dong = parts_of(request)[Clock].now(), whole_of(body, "amount")
    order = await TwinOrder.get_or_none(
        gate=MOMO, id=whole_of(body, "transId") - NUMBERS_FROM, of_reference=""
    )
    if order is None:
        return _no(body, 42, "Transaction not found.")
    if amount_dong > await refundable_dong(order):
        return _no(body, 1081, "Too much.")
    state = REFUSED if amount_dong % 1000 == 1 else "pending" if amount_dong % 1000 == 2 else PAID
    made, is_new = await make_order(
        MOMO,
        needed(body, "orderId"),
        amount_dong,
        body,
        now=now,
        ends_at=now,
        of_reference=order.reference,
        state=state,
    )
    if not is_new:
        return _no(body, 41, "Repeated.")
    code = _refund_code(made)
    return JSONResponse(
        {
            "partnerCode": KEYS.partner_code,
            "orderId": made.reference,
            "requestId": said(body, "requestId"),
            "amount": amount_dong,
            "transId": _number(made),
            "resultCode": code,
            "message": WORDS.get(code, "Under way."),
            "responseTime": milliseconds(now),
        }
    )


NUMBERS_FROM = 4_000_000_000


def _told(order: TwinOrder, call: TwinCall, now: datetime) -> Outgoing:
    body = _ipn(order, call.amount_dong, 0 if call.outcome == SUCCEEDED else 1006, call.made_at)
    key = "forged" if call.is_forged else signature(KEYS, "ipn", body)
    raw = json.dumps({**body, "signature": key}).encode()
    return Outgoing(
        "POST", str(order.asked["ipnUrl"]), {"Content-Type": "application/json; charset=UTF-8"}, raw
    )


def _back(order: TwinOrder, now: datetime) -> str:
    """The redirect carries the same signed fields as the IPN; nobody may believe them."""
    body = _ipn(order, order.amount_dong, CODES[state_now(order, now)], now)
    return f"{order.asked['redirectUrl']}?{urlencode({**body, 'signature': signature(KEYS, 'ipn', body)})}"


def _ipn(order: TwinOrder, amount_dong: int, code: int, at: datetime) -> JsonObject:
    return {
        "partnerCode": KEYS.partner_code,
        "orderId": order.reference,
        "requestId": order.asked["requestId"],
        "amount": amount_dong,
        "orderInfo": order.words,
        "orderType": "momo_wallet",
        "transId": _number(order),
        "resultCode": code,
        "message": WORDS.get(code, ""),
        "payType": "qr",
        "responseTime": milliseconds(at),
        "extraData": "",
    }


def _was_taken(status: int, body: bytes) -> bool:
    return status == 204


def _number(order: TwinOrder) -> int:
    return int(NUMBERS_FROM + order.id)


def _refund_code(refund: TwinOrder) -> int:
    return {PAID: 0, REFUSED: 1088}.get(refund.state, 7002)


async def _checked(request: Request, call: str) -> JsonObject | Response:
    try:
        body = json_object(await request.body())
    except Malformed:
        return JSONResponse({"resultCode": 20, "message": "Bad format."}, 400)
    if body.get("partnerCode") != KEYS.partner_code or not is_same(
        signature(KEYS, call, body), body.get("signature")
    ):
        return _no(body, 13, "Wrong signature.")
    return body


def _no(body: JsonObject, code: int, words: str) -> Response:
    return JSONResponse(
        {**{name: body.get(name) for name in ("orderId", "requestId")}, "resultCode": code, "message": words}
    )


TWIN = Twin(MOMO, "MoMo", _told, _was_taken, _back, sends_max=1)
ROUTES: list[BaseRoute] = [
    post(f"/twins/momo{API}/create", create, who=ANYONE, name="payments:twin_momo_create", outside=True),
    post(f"/twins/momo{API}/query", query, who=ANYONE, name="payments:twin_momo_query", outside=True),
    post(f"/twins/momo{API}/refund", refund, who=ANYONE, name="payments:twin_momo_refund", outside=True),
]
