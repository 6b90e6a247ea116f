"""The pretend GHN: the same reference is the same order, names exact to the letter, webhooks that nobody signs."""

import json
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from kit.twins import Outgoing
from kit.web.routing import ANYONE, post
from postal.gates.ghn import ORDERS, REFERENCE_MAX, WEIGHT_MAX_G
from postal.gates.names import GHN
from postal.models import TwinParcel
from postal.twins.areas import is_spelt
from postal.twins.keys import GHN as KEYS
from postal.twins.parcels import (
    Step,
    Twin,
    asked_of,
    body_of,
    code_of,
    is_away,
    make_parcel,
    now_of,
    parcel_of,
    parcel_with,
    price_dong,
    push,
    read,
    steps_of,
    texts,
    trouble,
    whole,
)

DAYS = 3
BEFORE_PICKUP = frozenset({"draft", "ready_to_pick", "picking", "money_collect_picking"})
FAILED = frozenset({"delivery_fail", "waiting_to_return", "storing"})


async def preview(request: Request) -> Response:
    """POST /v2/shipping-order/preview."""
    body = await body_of(request)
    return await _fault(request, body) or _yes(_money(request, body))


async def create(request: Request) -> Response:
    """POST /v2/shipping-order/create."""
    body = await body_of(request)
    if (fault := await _fault(request, body)) is not None:
        return fault
    reference = str(body.get("client_order_code") or "")
    made = await parcel_of(GHN, reference) if reference else None
    if made is None:
        made = await make_parcel(
            GHN,
            reference,
            body,
            number=lambda id: f"GTW{id:06}",
            code="ready_to_pick",
            fee_dong=_fee_dong(body),
            now=now_of(request),
        )
        if (lost := trouble(whole(body, "weight"), garbled=True)) is not None:
            return lost
    return _yes({**_money(request, body), "order_code": made.number, "sort_code": f"19-{made.id % 100:02}"})


async def detail(request: Request) -> Response:
    """POST /v2/shipping-order/detail and detail-by-client-code."""
    if (no := _no_access(request)) is not None:
        return no
    body = await body_of(request)
    by_reference = request.url.path.endswith("detail-by-client-code")
    parcel = (
        await parcel_of(GHN, str(body.get("client_order_code")))
        if by_reference
        else await parcel_with(GHN, str(body.get("order_code")))
    )
    if parcel is None:
        return _no("ORDER_NOT_FOUND", "Không tìm thấy đơn hàng")
    log = [{"status": step.code, "updated_date": _iso(step)} for step in steps_of(parcel)]
    last = log[-1]
    return _yes(
        {
            **last,
            "order_code": parcel.number,
            "client_order_code": parcel.reference,
            "sort_code": "",
            "log": log,
        }
    )


async def switch(request: Request) -> Response:
    """POST /v2/switch-status/cancel, storing and return: a result for each order."""
    if (no := _no_access(request)) is not None:
        return no
    to = str(request.path_params["to"])
    after = {"cancel": "cancel", "storing": "storing", "return": "return"}.get(to, "")
    allowed = BEFORE_PICKUP if to == "cancel" else FAILED
    rows = []
    for number in texts(await body_of(request), "order_codes"):
        parcel = await parcel_with(GHN, number)
        done = bool(after) and parcel is not None and code_of(parcel) in allowed
        if done and parcel is not None:
            await push(parcel.id, after, now=now_of(request))
        rows.append({"order_code": number, "result": done, "message": "OK" if done else "Không cho phép"})
    return _yes(rows)


async def label_token(request: Request) -> Response:
    """POST /v2/a5/gen-token."""
    if (no := _no_access(request)) is not None:
        return no
    return _yes({"token": "-".join(texts(await body_of(request), "order_codes"))})


async def label_show(request: Request) -> Response:
    """The page that prints, for half an hour."""
    return PlainTextResponse(f"Nhãn thử của GHN: {request.query_params.get('token', '')[:2000]}")


def _told(parcel: TwinParcel, step: Step, market_url: str, is_forged: bool) -> Outgoing:
    told = {
        "Type": "switch_status",
        "OrderCode": parcel.number,
        "ClientOrderCode": parcel.reference,
        "Status": step.code,
        "Time": _iso(step),
        "Reason": "",
        "ReasonCode": step.reason,
        "Warehouse": "Bưu cục thử",
        "CODAmount": int(asked_of(parcel, "cod_amount") or 0),
        "CODTransferDate": None,
        "TotalFee": parcel.fee_dong,
        "Weight": int(asked_of(parcel, "weight") or 0),
        "ConvertedWeight": 0,
        "ShopID": int(KEYS.shop_id),
        "PaymentType": 1,
    }
    key = "forged" if is_forged else KEYS.hook_key
    headers = {"Content-Type": "application/json"}
    return Outgoing("POST", f"{market_url}/post/hooks/{GHN}?key={key}", headers, json.dumps(told).encode())


async def _fault(request: Request, body: dict[str, Any]) -> Response | None:
    if (no := _no_access(request)) is not None:
        return no
    weight_g = whole(body, "weight")
    if is_away(weight_g):
        return JSONResponse({}, 503)
    if not 0 < weight_g <= WEIGHT_MAX_G:
        return _no("INVALID_WEIGHT", "Khối lượng không hợp lệ")
    if len(str(body.get("client_order_code") or "")) > REFERENCE_MAX:
        return _no("INVALID_CODE", "client_order_code tối đa 50 ký tự")
    for side, words in (("from", "người gửi"), ("to", "người nhận")):
        place = (str(body.get(f"{side}_ward_name")), str(body.get(f"{side}_province_name")))
        if body.get(f"is_new_{side}_address") is not True or not await is_spelt(*place):
            return _no("INVALID_ADDRESS", f"Địa chỉ {words} không hợp lệ")
    return None


def _money(request: Request, body: dict[str, Any]) -> dict[str, object]:
    due = (now_of(request) + timedelta(days=DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"order_code": "", "total_fee": _fee_dong(body), "expected_delivery_time": due}


def _fee_dong(body: dict[str, Any]) -> int:
    """Volume counts at L×W×H/5 in grams."""
    volume_g = whole(body, "length") * whole(body, "width") * whole(body, "height") // 5
    near = body.get("from_province_name") == body.get("to_province_name")
    return price_dong(15_500, 3_000, max(whole(body, "weight"), volume_g), near=near)


def _iso(step: Step) -> str:
    return step.at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _no_access(request: Request) -> Response | None:
    known = request.headers.get("token") == KEYS.token and request.headers.get("shopid") == KEYS.shop_id
    return None if known else JSONResponse({"code": 401, "message": "Token is not valid!", "data": None}, 401)


def _yes(found: object) -> Response:
    return JSONResponse({"code": 200, "message": "Success", "data": found})


def _no(code: str, words: str) -> Response:
    return JSONResponse({"code": 400, "code_message": code, "message": words, "data": None}, 400)


TWIN = Twin(GHN, _told, sends_max=10, retry_seconds=5)
_AT = f"/twins/{GHN}"
ROUTES: list[BaseRoute] = [
    post(f"{_AT}{ORDERS}/preview", preview, who=ANYONE, name="postal:twin_ghn_preview", outside=True),
    post(f"{_AT}{ORDERS}/create", create, who=ANYONE, name="postal:twin_ghn_create", outside=True),
    post(f"{_AT}{ORDERS}/detail", detail, who=ANYONE, name="postal:twin_ghn_detail", outside=True),
    post(
        f"{_AT}{ORDERS}/detail-by-client-code",
        detail,
        who=ANYONE,
        name="postal:twin_ghn_by_code",
        outside=True,
    ),
    post(_AT + "/v2/switch-status/{to}", switch, who=ANYONE, name="postal:twin_ghn_switch", outside=True),
    post(f"{_AT}/v2/a5/gen-token", label_token, who=ANYONE, name="postal:twin_ghn_token", outside=True),
    read(_AT + "/label/{sheet}", label_show, name="postal:twin_ghn_label"),
]
