"""The pretend payOS of sellers' links: makes them for whoever holds a seller's keys, and has them paid (demo only)."""

import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.db import transaction
from kit.errors import NotFound
from kit.outbox import later
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from payments.gates.payos import signature
from payments.gates.payos_links import EXISTS, NOT_FOUND, create_signature
from payments.models import BankKey, PaymentLink, TwinOrder, TwinTransfer
from payments.services.bank_keys import OpenedKey, opened

GATE = "payos"
PENDING, PAID, CANCELLED = "PENDING", "PAID", "CANCELLED"


@dataclass(frozen=True)
class LinkPage:
    """A link at the pretend payOS."""

    order: TwinOrder
    is_open: bool
    back_url: str


async def link_create(request: Request) -> Response:
    """POST /v2/payment-requests."""
    key = await _asker(request)
    body = json.loads(await request.body())
    if body.get("signature") != create_signature(key.secret, body):
        return JSONResponse({"code": "201", "desc": "Mã kiểm tra(signature) không hợp lệ"})
    code = str(body["orderCode"])
    if await TwinOrder.exists(gate=GATE, reference=code):
        return JSONResponse({"code": EXISTS, "desc": "Đơn thanh toán đã tồn tại"})
    link = await PaymentLink.get(order_code=int(code)).prefetch_related("payment")
    order = await TwinOrder.create(
        gate=GATE,
        reference=code,
        amount_dong=body["amount"],
        state=PENDING,
        words=body["description"],
        asked={"return_url": body["returnUrl"], "key": key.id, "account": link.payment.account_number},
        made_at=parts_of(request)[Clock].now(),
        ends_at=link.payment.expires_at,
    )
    return _signed(key, _told(order) | {"paymentLinkId": _link_id(order), "checkoutUrl": ""})


async def link_show(request: Request) -> Response:
    """GET /v2/payment-requests/{orderCode}."""
    key = await _asker(request)
    order = await TwinOrder.get_or_none(gate=GATE, reference=request.path_params["code"])
    if order is None:
        return JSONResponse({"code": NOT_FOUND, "desc": "Không tìm thấy"}, 404)
    return _signed(key, _told(order) | {"id": _link_id(order)})


async def link_cancel(request: Request) -> Response:
    """POST /v2/payment-requests/{orderCode}/cancel: only a link that nobody has paid on."""
    key = await _asker(request)
    order = await TwinOrder.get_or_none(gate=GATE, reference=request.path_params["code"])
    if order is None or order.state != PENDING:
        return JSONResponse({"code": NOT_FOUND, "desc": "Không hủy được"})
    order.state = CANCELLED
    await order.save(update_fields=["state"])
    return _signed(key, _told(order) | {"id": _link_id(order)})


async def pay_show(request: Request) -> Response:
    """The page where a buyer would pay."""
    order = await _order(request)
    page = LinkPage(order, order.state == PENDING, str(order.asked["return_url"]))
    return render(request, "payments/twin_payos.html", page)


async def pay(request: Request) -> Response:
    """The buyer pays: a transfer into the seller's account, of which payOS tells under the seller's key."""
    order = await _order(request)
    if order.state == PENDING:
        async with transaction():
            order.state = PAID
            await order.save(update_fields=["state"])
            payment = (
                await PaymentLink.get(order_code=int(order.reference)).prefetch_related("payment")
            ).payment
            transfer = await TwinTransfer.create(
                bin=payment.bin,
                account_number=order.asked["account"],
                amount_dong=order.amount_dong,
                content=order.words,
                provider=GATE,
                bank_key_id=order.asked["key"],
                order_code=order.reference,
                made_at=parts_of(request)[Clock].now().replace(microsecond=0),
            )
            await later("send_twin_notice", transfer.id)
    return RedirectResponse(str(order.asked["return_url"]), 303)


async def _asker(request: Request) -> OpenedKey:
    """The seller whose keys are shown. NotFound for anybody else."""
    shown = " ".join(request.headers.get(name, "") for name in ("x-client-id", "x-api-key"))
    keys = seal_keys(parts_of(request)[Settings])
    for row in await BankKey.filter(provider=GATE, closed_at__isnull=True).exclude(link_key=""):
        own = opened(row, keys)
        if own.link_key == shown:
            return own
    raise NotFound()


async def _order(request: Request) -> TwinOrder:
    order = await TwinOrder.get_or_none(gate=GATE, reference=request.path_params["link"].removeprefix("twin"))
    if order is None:
        raise NotFound()
    return order


def _told(order: TwinOrder) -> dict[str, object]:
    return {"orderCode": int(order.reference), "amount": order.amount_dong, "status": order.state}


def _link_id(order: TwinOrder) -> str:
    return f"twin{order.reference}"


def _signed(key: OpenedKey, told: dict[str, object]) -> JSONResponse:
    return JSONResponse(
        {"code": "00", "desc": "success", "data": told, "signature": signature(key.secret, told)}
    )


_REQUESTS, _WEB = "/twins/payos/v2/payment-requests", "/twins/payos/web/{link}"
PAYOS_ROUTES: list[BaseRoute] = [
    post(_REQUESTS, link_create, who=ANYONE, name="payments:twin_payos_create", outside=True),
    get(_REQUESTS + "/{code}", link_show, who=ANYONE, name="payments:twin_payos_show"),
    post(
        _REQUESTS + "/{code}/cancel", link_cancel, who=ANYONE, name="payments:twin_payos_cancel", outside=True
    ),
    get(_WEB, pay_show, who=ANYONE, name="payments:twin_payos_pay_show"),
    post(_WEB, pay, who=ANYONE, name="payments:twin_payos_pay"),
]
