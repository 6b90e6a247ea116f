"""The pretend GHTK: kilograms in, grams out, a repeated id refused with its label, webhooks as forms, repeated once."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import VIETNAM
from kit.twins import Outgoing
from kit.web.routing import ANYONE, post
from postal.gates.ghtk import SHIPMENTS
from postal.gates.names import GHTK
from postal.models import TwinParcel
from postal.twins.keys import GHTK as KEYS
from postal.twins.parcels import (
    Step,
    Twin,
    asked_of,
    body_of,
    code_of,
    is_away,
    make_parcel,
    now_of,
    objects,
    parcel_of,
    parcel_with,
    price_dong,
    push,
    read,
    steps_of,
    trouble,
    whole,
)

BEFORE_PICKUP = frozenset({"1", "2", "7", "8", "12", "127", "128"})


async def fee(request: Request) -> Response:
    """GET /services/shipment/fee, weight in grams."""
    if (no := _no_access(request)) is not None:
        return no
    asked = request.query_params
    weight_g = whole(asked, "weight")
    if is_away(weight_g):
        return JSONResponse({}, 503)
    near = asked.get("pick_province") == asked.get("province")
    price = price_dong(16_000, 2_500, weight_g, near=near)
    return JSONResponse({"success": True, "fee": {"name": "area1", "fee": price, "delivery": True}})


async def create(request: Request) -> Response:
    """POST /services/shipment/order, weight in kilograms."""
    if (no := _no_access(request)) is not None:
        return no
    body = await body_of(request)
    order, weight_g = objects(body, "order"), _grams(body)
    if is_away(weight_g):
        return JSONResponse({}, 503)
    if not weight_g or not order.get("address"):
        return JSONResponse({"success": False, "message": "Đơn hàng thiếu thông tin", "error_code": "30103"})
    reference = str(order.get("id") or "")
    known = await parcel_of(GHTK, reference)
    if known is not None:
        fault = {
            "code": "ORDER_ID_EXIST",
            "partner_id": reference,
            "ghtk_label": known.number,
            "status": code_of(known),
        }
        return JSONResponse({"success": False, "message": "Mã đơn hàng đã tồn tại", "error": fault})
    near = order.get("pick_province") == order.get("province")
    made = await make_parcel(
        GHTK,
        reference,
        {**order, "weight_g": weight_g},
        number=lambda id: f"S1.T40.{id:08}",
        code="1",
        fee_dong=price_dong(16_000, 2_500, weight_g, near=near),
        now=now_of(request),
    )
    answer = {
        "partner_id": reference,
        "label": made.number,
        "area": "1",
        "fee": made.fee_dong,
        "insurance_fee": 0,
        "status_id": 1,
        "sorting_code": f"TN.{made.id % 100:02}",
    }
    return trouble(weight_g, garbled=True) or JSONResponse({"success": True, "message": "", "order": answer})


async def shipment_show(request: Request) -> Response:
    """GET /services/shipment/v2/{label or partner_id:…}: where it stands now, no history."""
    if (no := _no_access(request)) is not None:
        return no
    which = str(request.path_params["which"])
    by_reference = which.startswith("partner_id:")
    parcel = (
        await parcel_of(GHTK, which.removeprefix("partner_id:"))
        if by_reference
        else await parcel_with(GHTK, which)
    )
    if parcel is None:
        return JSONResponse({"success": False, "message": "Không tìm thấy đơn hàng"})
    last = steps_of(parcel)[-1]
    found = {
        "label_id": parcel.number,
        "partner_id": parcel.reference,
        "status": last.code,
        "modified": last.at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S"),
        "ship_money": parcel.fee_dong,
        "weight": asked_of(parcel, "weight_g"),
        "pick_money": asked_of(parcel, "pick_money"),
    }
    return JSONResponse({"success": True, "order": found})


async def cancel(request: Request) -> Response:
    """POST /services/shipment/cancel/{label}."""
    if (no := _no_access(request)) is not None:
        return no
    parcel = await parcel_with(GHTK, str(request.path_params["label"]))
    if parcel is None or code_of(parcel) not in BEFORE_PICKUP:
        return JSONResponse({"success": False, "message": "Không thể hủy đơn hàng"})
    await push(parcel.id, "-1", now=now_of(request))
    return JSONResponse({"success": True, "message": ""})


def _told(parcel: TwinParcel, step: Step, market_url: str, is_forged: bool) -> Outgoing:
    told = {
        "label_id": parcel.number,
        "partner_id": parcel.reference,
        "status_id": step.code,
        "action_time": step.at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "reason_code": step.reason,
        "reason": "",
        "weight": str(int(asked_of(parcel, "weight_g") or 0) / 1000),
        "fee": str(parcel.fee_dong),
        "pick_money": asked_of(parcel, "pick_money"),
        "return_part_package": "0",
    }
    key = "forged" if is_forged else KEYS.hook_hash
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Outgoing("POST", f"{market_url}/post/hooks/{GHTK}?hash={key}", headers, urlencode(told).encode())


def _grams(body: dict[str, Any]) -> int:
    goods = body.get("products")
    rows = [one for one in goods if isinstance(one, dict)] if isinstance(goods, list) else []
    return round(sum(float(str(one.get("weight") or 0)) for one in rows) * 1000)


def _no_access(request: Request) -> Response | None:
    known = request.headers.get("token") == KEYS.token
    return None if known else JSONResponse({"success": False, "error_code": "20101"}, 401)


TWIN = Twin(GHTK, _told, sends_max=2, retry_seconds=60)
_AT = f"/twins/{GHTK}{SHIPMENTS}"
ROUTES: list[BaseRoute] = [
    read(f"{_AT}/fee", fee, name="postal:twin_ghtk_fee"),
    post(f"{_AT}/order", create, who=ANYONE, name="postal:twin_ghtk_create", outside=True),
    read(_AT + "/v2/{which}", shipment_show, name="postal:twin_ghtk_show"),
    post(_AT + "/cancel/{label}", cancel, who=ANYONE, name="postal:twin_ghtk_cancel", outside=True),
]
