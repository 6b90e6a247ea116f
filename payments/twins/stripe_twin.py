"""The pretend Stripe: Checkout Sessions, refunds, balance transactions, and webhooks signed by Stripe's own client."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.settings import Settings
from kit.twins import Outgoing
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, get, post
from payments.gates.names import STRIPE
from payments.gates.stripe_gate import signed_header
from payments.models import TwinCall, TwinOrder
from payments.twins.keys import STRIPE_KEY, STRIPE_WEBHOOK_SECRET
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
    state_now,
)

SESSION, INTENT, REFUND = "cs_test_", "pi_test_", "re_test_"
AMOUNT_MIN_DONG = 13_000
ROWS_MAX = 100
Fields = dict[str, str]
Json = dict[str, object]


async def session_create(request: Request) -> Response:
    """POST /v1/checkout/sessions. The same Idempotency-Key gives the same session; with other fields a 400."""
    form = await _checked(request)
    if isinstance(form, Response):
        return form
    amount_dong, now = int(form["line_items[0][price_data][unit_amount]"]), parts_of(request)[Clock].now()
    if form["line_items[0][price_data][currency]"] != "vnd":
        return _no(400, "invalid_currency", "Only vnd here.")
    if amount_dong < AMOUNT_MIN_DONG:
        return _no(400, "amount_too_small", "The amount must convert to at least 50 cents.")
    if amount_dong % 1000 == AWAY:
        return JSONResponse({"error": {"message": "away"}}, 503, headers={"stripe-should-retry": "false"})
    order, is_new = await make_order(
        STRIPE,
        form["client_reference_id"],
        amount_dong,
        form,
        now=now,
        ends_at=datetime.fromtimestamp(int(form["expires_at"]), UTC),
        words=form["line_items[0][price_data][product_data][name]"],
    )
    if not is_new and order.asked != form:
        return _no(400, "idempotency_error", "Other fields under the same key.", kind="idempotency_error")
    if is_new and amount_dong % 1000 == LOST:
        return JSONResponse({"error": {"message": "lost"}}, 504, headers={"stripe-should-retry": "false"})
    return JSONResponse(_session(order, now, parts_of(request)[Settings].base_url))


async def session_show(request: Request) -> Response:
    """GET /v1/checkout/sessions/{id}."""
    order = await _order(request)
    if order is None:
        return _no(404, "resource_missing", "No such checkout session.")
    parts = parts_of(request)
    return JSONResponse(_session(order, parts[Clock].now(), parts[Settings].base_url))


async def session_index(request: Request) -> Response:
    """GET /v1/checkout/sessions, newest first."""
    if not _has_key(request):
        return _no(404, "resource_missing", "Wrong key.")
    parts = parts_of(request)
    rows = await TwinOrder.filter(gate=STRIPE, of_reference="").order_by("-id").limit(ROWS_MAX)
    now, base = parts[Clock].now(), parts[Settings].base_url
    return JSONResponse(_list([_session(one, now, base) for one in rows], "/v1/checkout/sessions"))


async def session_expire(request: Request) -> Response:
    """POST /v1/checkout/sessions/{id}/expire: only an open one can be ended."""
    order, parts = await _order(request), parts_of(request)
    now = parts[Clock].now()
    if order is None:
        return _no(404, "resource_missing", "No such checkout session.")
    if state_now(order, now) != "pending":
        return _no(400, "", "Only open sessions can be expired.")
    order.state = EXPIRED
    await order.save(update_fields=["state"])
    return JSONResponse(_session(order, now, parts[Settings].base_url))


async def refund_create(request: Request) -> Response:
    """POST /v1/refunds. A sum ending in 001 fails, one ending in 002 stays pending."""
    form = await _checked(request)
    if isinstance(form, Response):
        return form
    order = await order_with(STRIPE, form["payment_intent"].removeprefix(INTENT))
    amount_dong, now = int(form["amount"]), parts_of(request)[Clock].now()
    reference = form["metadata[reference]"]
    before = await TwinOrder.get_or_none(gate=STRIPE, reference=reference)
    if before is not None:
        return JSONResponse(_refund(before))
    if order is None or amount_dong > await refundable_dong(order):
        return _no(400, "charge_already_refunded", "More than is left.")
    state = REFUSED if amount_dong % 1000 == 1 else "pending" if amount_dong % 1000 == 2 else PAID
    made, _ = await make_order(
        STRIPE, reference, amount_dong, form, now=now, ends_at=now, of_reference=order.reference, state=state
    )
    return JSONResponse(_refund(made))


async def refund_show(request: Request) -> Response:
    """GET /v1/refunds/{id}."""
    reference = request.path_params["id"].removeprefix(REFUND)
    made = await TwinOrder.get_or_none(gate=STRIPE, reference=reference) if _has_key(request) else None
    return JSONResponse(_refund(made)) if made else _no(404, "resource_missing", "No such refund.")


async def refund_index(request: Request) -> Response:
    """GET /v1/refunds?payment_intent=…"""
    if not _has_key(request):
        return _no(404, "resource_missing", "Wrong key.")
    of = request.query_params.get("payment_intent", "").removeprefix(INTENT)
    rows = await TwinOrder.filter(gate=STRIPE, of_reference=of).order_by("-id").limit(ROWS_MAX)
    return JSONResponse(_list([_refund(one) for one in rows], "/v1/refunds"))


async def balance_index(request: Request) -> Response:
    """GET /v1/balance_transactions between two moments, newest first, a hundred at most."""
    if not _has_key(request):
        return _no(404, "resource_missing", "Wrong key.")
    asked = request.query_params
    window = {
        "decided_at__gte": datetime.fromtimestamp(int(asked.get("created[gte]", "0")), UTC),
        "decided_at__lt": datetime.fromtimestamp(int(asked.get("created[lt]", "4000000000")), UTC),
    }
    rows = TwinOrder.filter(gate=STRIPE, state=PAID, **window)
    if after := asked.get("starting_after", ""):
        rows = rows.filter(id__lt=int(after.removeprefix("txn_")))
    found = await rows.order_by("-id").limit(ROWS_MAX + 1)
    lines = [_balance(one) for one in found[:ROWS_MAX]]
    return JSONResponse(_list(lines, "/v1/balance_transactions", has_more=len(found) > ROWS_MAX))


def _session(order: TwinOrder, now: datetime, base_url: str) -> Json:
    state = state_now(order, now)
    statuses = {"pending": "open", PAID: "complete"}
    return {
        "id": SESSION + order.reference,
        "object": "checkout.session",
        "client_reference_id": order.reference,
        "amount_total": order.amount_dong,
        "currency": "vnd",
        "status": statuses.get(state, "expired"),
        "payment_status": "paid" if state == PAID else "unpaid",
        "payment_intent": INTENT + order.reference if state == PAID else None,
        "metadata": {"reference": order.reference},
        "url": f"{base_url}/twins/stripe/pay/{order.reference}" if state == "pending" else None,
    }


def _refund(made: TwinOrder) -> Json:
    return {
        "id": REFUND + made.reference,
        "object": "refund",
        "amount": made.amount_dong,
        "currency": "vnd",
        "payment_intent": INTENT + made.of_reference,
        "metadata": {"reference": made.reference},
        "status": {PAID: "succeeded", REFUSED: "failed"}.get(made.state, "pending"),
    }


def _balance(order: TwinOrder) -> Json:
    return {
        "id": f"txn_{order.id}",
        "object": "balance_transaction",
        "amount": order.amount_dong,
        "currency": "vnd",
        "type": "charge",
        "source": INTENT + order.reference,
        "description": order.reference,
        "created": int((order.decided_at or order.made_at).timestamp()),
    }


def _told(order: TwinOrder, call: TwinCall, now: datetime) -> Outgoing:
    is_paid = call.outcome == SUCCEEDED
    # The market's address is kept with the webhook endpoint at Stripe, so that a session does not carry it.
    market = str(order.asked["success_url"]).split("/orders/", 1)[0]
    session = {**_session(order, now, market), "amount_total": call.amount_dong}
    body = {
        "id": f"evt_test_{call.id}",
        "object": "event",
        "type": "checkout.session.completed" if is_paid else "checkout.session.async_payment_failed",
        "created": int(call.made_at.timestamp()),
        "data": {"object": session},
    }
    raw = json.dumps(body)
    secret = "whsec_gia" if call.is_forged else STRIPE_WEBHOOK_SECRET
    headers = {"Stripe-Signature": signed_header(raw, secret, now), "Content-Type": "application/json"}
    return Outgoing("POST", f"{market}/payments/callbacks/stripe", headers, raw.encode())


def _back(order: TwinOrder, now: datetime) -> str:
    return str(order.asked["success_url" if order.state == PAID else "cancel_url"])


def _was_taken(status: int, body: bytes) -> bool:
    return 200 <= status < 300


async def _order(request: Request) -> TwinOrder | None:
    if not _has_key(request):
        return None
    return await order_with(STRIPE, request.path_params["id"].removeprefix(SESSION))


async def _checked(request: Request) -> Fields | Response:
    if not _has_key(request):
        return _no(401, "", "Wrong key.")
    if not request.headers.get("idempotency-key"):
        return _no(400, "", "No Idempotency-Key.")
    return dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))


def _has_key(request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {STRIPE_KEY}"


def _list(rows: list[Json], url: str, *, has_more: bool = False) -> Mapping[str, object]:
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}


def _no(status: int, code: str, words: str, *, kind: str = "invalid_request_error") -> Response:
    return JSONResponse({"error": {"type": kind, "code": code or None, "message": words}}, status)


TWIN = Twin(STRIPE, "Stripe", _told, _was_taken, _back, sends_max=8)
_V1 = "/twins/stripe/v1"
_SESSIONS = f"{_V1}/checkout/sessions"
ROUTES: list[BaseRoute] = [
    post(_SESSIONS, session_create, who=ANYONE, name="payments:twin_stripe_session_create", outside=True),
    get(_SESSIONS, session_index, who=ANYONE, name="payments:twin_stripe_session_index"),
    get(_SESSIONS + "/{id}", session_show, who=ANYONE, name="payments:twin_stripe_session_show"),
    post(
        _SESSIONS + "/{id}/expire",
        session_expire,
        who=ANYONE,
        name="payments:twin_stripe_session_expire",
        outside=True,
    ),
    post(
        f"{_V1}/refunds", refund_create, who=ANYONE, name="payments:twin_stripe_refund_create", outside=True
    ),
    get(f"{_V1}/refunds", refund_index, who=ANYONE, name="payments:twin_stripe_refund_index"),
    get(_V1 + "/refunds/{id}", refund_show, who=ANYONE, name="payments:twin_stripe_refund_show"),
    get(f"{_V1}/balance_transactions", balance_index, who=ANYONE, name="payments:twin_stripe_balance_index"),
]
