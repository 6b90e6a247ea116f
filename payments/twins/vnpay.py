"""The pretend VNPAY: its pay address, querydr and refund, its IPN by GET, and where it sends a browser back."""

import json
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import Refusal
from kit.i18n import say
from kit.twins import Outgoing
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, get, post
from kit.wire import (
    JsonObject,
    hmac_sha512,
    is_same,
    json_object,
    moment_of_stamp,
    said,
    vietnam_stamp,
)
from payments.gate import BadSignature, Malformed
from payments.gates.names import VNPAY
from payments.gates.vnpay import API, SECURE_HASH, check_query, joined_hash, signed_text
from payments.models import TwinCall, TwinOrder
from payments.twins.keys import VNPAY as KEYS
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
    refunds_of,
    state_now,
)

NUMBERS_FROM = 14_000_000
STATUSES = {PAID: "00", REFUSED: "02", EXPIRED: "02", "pending": "01"}
RESPONSES = {PAID: "00", REFUSED: "24", EXPIRED: "11", "pending": "24"}


async def pay(request: Request) -> Response:
    """GET vpcpay.html with the signed order: makes it, and shows its page. Opening it twice is one order."""
    query = request.url.query
    try:
        check_query(KEYS.secret, query)
        fields = dict(parse_qsl(query))
        amount_dong, ends_at = int(fields["vnp_Amount"]) // 100, moment_of_stamp(fields["vnp_ExpireDate"])
    except (BadSignature, Malformed, KeyError, ValueError):
        raise Refusal(say("Địa chỉ trả tiền này không đúng chữ ký."), status=400) from None
    now = parts_of(request)[Clock].now()
    order, _ = await make_order(
        VNPAY,
        fields["vnp_TxnRef"],
        amount_dong,
        fields,
        now=now,
        ends_at=ends_at,
        words=fields["vnp_OrderInfo"],
    )
    return RedirectResponse(f"/twins/vnpay/pay/{order.reference}", 303)


async def transaction_create(request: Request) -> Response:
    """POST /merchant_webapi/api/transaction: querydr and refund."""
    try:
        body = json_object(await request.body())
    except Malformed:
        return JSONResponse({"vnp_ResponseCode": "99", "vnp_Message": "Bad format"}, 400)
    call = said(body, "vnp_Command")
    if call not in ("querydr", "refund") or said(body, "vnp_TmnCode") != KEYS.tmn_code:
        return _no(body, "02", "Unknown terminal")
    if not is_same(joined_hash(KEYS.secret, call, body), body.get(SECURE_HASH)):
        return _no(body, "97", "Wrong checksum")
    order = await order_with(VNPAY, said(body, "vnp_TxnRef"))
    if order is None or order.asked["vnp_CreateDate"] != said(body, "vnp_TransactionDate"):
        return _no(body, "91", "No such order")
    now = parts_of(request)[Clock].now()
    return await (_query(body, order, now) if call == "querydr" else _refund(request, body, order, now))


async def _query(body: JsonObject, order: TwinOrder, now: datetime) -> Response:
    refunds = await refunds_of(order)
    if refunds:
        return _answer(body, order, refunds[-1], {PAID: "00", REFUSED: "09"}.get(refunds[-1].state, "05"))
    return _answer(body, order, order, STATUSES[state_now(order, now)])


async def _refund(request: Request, body: JsonObject, order: TwinOrder, now: datetime) -> Response:
    """A sum ending in 001 is not given back, one ending in 002 stays under way."""
    amount_dong = int(said(body, "vnp_Amount")) // 100
    if amount_dong % 1000 == AWAY:
        return JSONResponse({}, 503)
    if order.state != PAID:
        return _no(body, "95", "Not paid")
    before = await TwinOrder.get_or_none(gate=VNPAY, reference=said(body, "vnp_RequestId"))
    if before is not None:
        return _no(body, "94", "Asked before")
    if amount_dong > await refundable_dong(order):
        return _no(body, "02", "More than is left")
    state = REFUSED if amount_dong % 1000 == 1 else "pending" if amount_dong % 1000 == 2 else PAID
    made, _ = await make_order(
        VNPAY,
        said(body, "vnp_RequestId"),
        amount_dong,
        body,
        now=now,
        ends_at=now,
        of_reference=order.reference,
        state=state,
    )
    return _answer(body, order, made, {PAID: "00", REFUSED: "09"}.get(state, "05"))


def _answer(body: JsonObject, order: TwinOrder, about: TwinOrder, status: str) -> Response:
    is_refund = bool(about.of_reference)
    kind = "01" if not is_refund else "02" if about.amount_dong == order.amount_dong else "03"
    call = said(body, "vnp_Command")
    answer: JsonObject = {
        "vnp_ResponseId": f"R{about.id}",
        "vnp_Command": call,
        "vnp_ResponseCode": "00",
        "vnp_Message": "Success",
        "vnp_TmnCode": KEYS.tmn_code,
        "vnp_TxnRef": order.reference,
        "vnp_Amount": str(about.amount_dong * 100),
        "vnp_BankCode": "NCB",
        "vnp_PayDate": vietnam_stamp(about.decided_at or about.made_at),
        "vnp_TransactionNo": str(NUMBERS_FROM + about.id),
        "vnp_TransactionType": kind,
        "vnp_TransactionStatus": status,
        "vnp_OrderInfo": order.words,
    }
    return JSONResponse({**answer, SECURE_HASH: joined_hash(KEYS.secret, f"{call}_answer", answer)})


def _told(order: TwinOrder, call: TwinCall, now: datetime) -> Outgoing:
    state = PAID if call.outcome == SUCCEEDED else REFUSED
    query = _signed_fields(
        order, call.amount_dong, state, call.made_at, "khoa gia" if call.is_forged else KEYS.secret
    )
    # The IPN's address is kept with the terminal at VNPAY, so that an order does not carry it.
    return Outgoing("GET", f"{_market_of(order)}/payments/callbacks/vnpay?{query}", {}, b"")


def _back(order: TwinOrder, now: datetime) -> str:
    query = _signed_fields(order, order.amount_dong, state_now(order, now), now, KEYS.secret)
    return f"{order.asked['vnp_ReturnUrl']}?{query}"


def _market_of(order: TwinOrder) -> str:
    return str(order.asked["vnp_ReturnUrl"]).split("/orders/", 1)[0]


def _signed_fields(order: TwinOrder, amount_dong: int, state: str, at: datetime, secret: str) -> str:
    fields = {
        "vnp_TmnCode": KEYS.tmn_code,
        "vnp_Amount": str(amount_dong * 100),
        "vnp_BankCode": "NCB",
        "vnp_BankTranNo": f"VNP{order.id}" if state == PAID else "",
        "vnp_CardType": "ATM",
        "vnp_OrderInfo": order.words,
        "vnp_PayDate": vietnam_stamp(at),
        "vnp_ResponseCode": RESPONSES[state],
        "vnp_TxnRef": order.reference,
        "vnp_TransactionNo": str(NUMBERS_FROM + order.id) if state == PAID else "0",
        "vnp_TransactionStatus": STATUSES[state],
    }
    query = signed_text(fields)
    return f"{query}&{SECURE_HASH}={hmac_sha512(secret, query)}"


def _was_taken(status: int, body: bytes) -> bool:
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return status == 200 and isinstance(answer, dict) and answer.get("RspCode") in ("00", "02")


def _no(body: JsonObject, code: str, words: str) -> Response:
    call = said(body, "vnp_Command")
    answer: JsonObject = {
        "vnp_ResponseCode": code,
        "vnp_Message": words,
        "vnp_Command": call,
        "vnp_TmnCode": KEYS.tmn_code,
        "vnp_TxnRef": said(body, "vnp_TxnRef"),
    }
    if call in ("querydr", "refund"):
        answer[SECURE_HASH] = joined_hash(KEYS.secret, f"{call}_answer", answer)
    return JSONResponse(answer)


TWIN = Twin(VNPAY, "VNPAY", _told, _was_taken, _back, sends_max=10)
ROUTES: list[BaseRoute] = [
    get("/twins/vnpay/paymentv2/vpcpay.html", pay, who=ANYONE, name="payments:twin_vnpay_pay"),
    post(
        f"/twins/vnpay{API}",
        transaction_create,
        who=ANYONE,
        name="payments:twin_vnpay_transaction",
        outside=True,
    ),
]
