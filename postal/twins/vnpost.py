"""The pretend VNPost: no word of repeated references, a cancellation that opens a case, webhooks half signed."""

import base64
import json
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from fpdf import FPDF
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.twins import Outgoing
from kit.web.routing import ANYONE, post
from kit.wire import json_value
from postal.gates.asking import local_stamp, moment_of
from postal.gates.names import VNPOST
from postal.gates.vnpost import BY_REFERENCE, NO_DISTRICT
from postal.models import TwinParcel
from postal.twins import keys
from postal.twins.areas import places
from postal.twins.parcels import (
    Step,
    Twin,
    asked_of,
    body_of,
    is_away,
    make_parcel,
    now_of,
    objects,
    parcel_of,
    parcel_with,
    price_dong,
    read,
    steps_of,
    trouble,
    whole,
)

TOKEN = "vnpost-thu"
SERVICES = (("CTN007", "Tiêu chuẩn", 13_500, 2_500), ("ETN037", "Chuyển phát nhanh", 18_000, 4_500))
PAGE_MAX = 100


async def access_token(request: Request) -> Response:
    """POST /GetAccessToken."""
    body = await body_of(request)
    known = (keys.VNPOST_USER, keys.VNPOST_PASSWORD, keys.VNPOST_CUSTOMER)
    if (body.get("username"), body.get("password"), body.get("customerCode")) != known:
        return JSONResponse({"success": False, "message": "Sai tài khoản"})
    return JSONResponse({"success": True, "token": TOKEN})


async def charges(request: Request) -> Response:
    """POST /ServicesCharge: a bare list."""
    if (no := _no_access(request)) is not None:
        return no
    asked = objects(await body_of(request), "data")
    if is_away(whole(asked, "weight")):
        return JSONResponse({}, 503)
    weight_g = _charged_g(asked)
    near = asked.get("senderProvinceCode") == asked.get("receiverProvinceCode")
    return JSONResponse(
        [
            {
                "serviceCode": code,
                "serviceName": title,
                "mainFee": price_dong(least, step, weight_g, near=near),
                "vasFee": 0,
                "totalFee": price_dong(least, step, weight_g, near=near),
                "priceWeight": weight_g,
                "weightConvert": _volume_g(asked),
            }
            for code, title, least, step in SERVICES
        ]
    )


async def create(request: Request) -> Response:
    """POST /CreateOrder: a repeated saleOrderCode makes a second parcel."""
    if (no := _no_access(request)) is not None:
        return no
    order = objects(await body_of(request), "informationOrder")
    weight_g = whole(order, "weight")
    if is_away(weight_g):
        return JSONResponse({}, 503)
    service = next((one for one in SERVICES if one[0] == order.get("serviceCode")), None)
    fault = _order_fault(order) or ("serviceCode" if service is None else "")
    if fault or service is None:
        return JSONResponse(
            {"success": False, "code": "400", "field": fault, "message": f"{fault} không hợp lệ"}
        )
    near = order["senderProvinceCode"] == order["receiverProvinceCode"]
    made = await make_parcel(
        VNPOST,
        str(order.get("saleOrderCode") or ""),
        order,
        number=lambda id: f"CX{id:09}VN",
        code="1",
        fee_dong=price_dong(service[2], service[3], _charged_g(order), near=near),
        now=now_of(request),
    )
    return trouble(weight_g, garbled=True) or JSONResponse({"success": True, **_row(made)})


async def order_show(request: Request) -> Response:
    """GET /getOrder?type=&code=."""
    if (no := _no_access(request)) is not None:
        return no
    found = parcel_of if request.query_params.get("type") == BY_REFERENCE else parcel_with
    parcel = await found(VNPOST, request.query_params.get("code", ""))
    return JSONResponse({"success": True, "data": _row(parcel) if parcel else None})


async def history(request: Request) -> Response:
    """GET /GetStatusHistoryOrder."""
    if (no := _no_access(request)) is not None:
        return no
    parcel = await parcel_with(VNPOST, request.query_params.get("code", ""))
    steps = steps_of(parcel) if parcel else []
    rows = [_line(parcel, step) for step in steps] if parcel else []
    return JSONResponse({"success": True, "data": rows})


async def changed(request: Request) -> Response:
    """GET /GetListOrder by the time of the last change."""
    if (no := _no_access(request)) is not None:
        return no
    asked = request.query_params
    since, until = moment_of(asked["lastUpdateFrom"]), moment_of(asked["lastUpdateTo"])
    rows = TwinParcel.filter(carrier=VNPOST, changed_at__gte=since, changed_at__lte=until).order_by("id")
    found = await rows.offset(int(asked.get("page", "0")) * PAGE_MAX).limit(PAGE_MAX)
    return JSONResponse({"success": True, "data": [_row(one) for one in found]})


async def cancel(request: Request) -> Response:
    """POST /orderCancel: a case, decided by nobody here."""
    if (no := _no_access(request)) is not None:
        return no
    number = str((await body_of(request)).get("OriginalId") or "")
    parcel = await TwinParcel.get_or_none(carrier=VNPOST, id=int(number)) if number.isdecimal() else None
    if parcel is None or int(parcel.steps[-1]["code"]) > 5:
        return JSONResponse({"success": False, "message": "Không được hủy"})
    return JSONResponse({"success": True, "caseId": f"CASE{parcel.id}"})


async def labels(request: Request) -> Response:
    """POST /exportListReport: a file."""
    if (no := _no_access(request)) is not None:
        return no
    asked = json_value(await request.body())
    sheet = FPDF(format=(105, 148))
    sheet.set_font("Helvetica", size=14)
    for number in asked if isinstance(asked, list) else []:
        sheet.add_page()
        sheet.cell(text=f"VNPost (thu) {number}")
    return Response(bytes(sheet.output()), media_type="application/pdf")


async def provinces(request: Request) -> Response:
    """GET /getNewProvinceAll."""
    if (no := _no_access(request)) is not None:
        return no
    found = {one.province_code: one.province for one in await places()}
    return JSONResponse([{"provinceCode": f"P{code}", "provinceName": name} for code, name in found.items()])


async def communes(request: Request) -> Response:
    """GET /getNewCommuneAll."""
    if (no := _no_access(request)) is not None:
        return no
    return JSONResponse(
        [
            {
                "communeCode": f"C{one.code}",
                "communeName": one.name,
                "provinceCode": f"P{one.province_code}",
            }
            for one in await places()
        ]
    )


def webhook_body(parcels: list[tuple[TwinParcel, Step]], sent_at: datetime, *, is_forged: bool) -> bytes:
    """A webhook of several parcels; the signature covers item and status of the first, nothing else."""
    rows = [_line(parcel, step) for parcel, step in parcels]
    stamp = local_stamp(sent_at)
    text = f"MYVNP{stamp}{rows[0]['itemCode']}{rows[0]['status']}" + ("forged" if is_forged else "")
    signed = keys.vnpost_private_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    told = {"data": rows, "sendDate": stamp, "signature": base64.b64encode(signed).decode()}
    return json.dumps(told, ensure_ascii=False).encode()


def _told(parcel: TwinParcel, step: Step, market_url: str, is_forged: bool) -> Outgoing:
    raw = webhook_body([(parcel, step)], step.at, is_forged=is_forged)
    headers = {"Content-Type": "application/json"}
    return Outgoing("POST", f"{market_url}/post/hooks/{VNPOST}", headers, raw)


def _line(parcel: TwinParcel, step: Step) -> dict[str, object]:
    return {
        "itemCode": parcel.number,
        "saleOrderCode": parcel.reference,
        "status": int(step.code) if step.code.isdecimal() else step.code,
        "updatedDate": local_stamp(step.at),
        "note": "",
        "poName": "Bưu cục thử",
        "totalFee": parcel.fee_dong,
        "weight": asked_of(parcel, "weight"),
    }


def _row(parcel: TwinParcel) -> dict[str, object]:
    return {
        **_line(parcel, steps_of(parcel)[-1]),
        "orderHdrID": str(parcel.id),
        "originalID": str(parcel.id),
        "sortingCode": f"TN{parcel.id % 100:02}",
    }


def _order_fault(order: dict[str, Any]) -> str:
    """The field that is wrong: districts are the constant, codes VNPost's own."""
    for side in ("sender", "receiver"):
        if order.get(f"{side}DistrictCode") != NO_DISTRICT:
            return f"{side}DistrictCode"
        if not str(order.get(f"{side}CommuneCode") or "").startswith("C"):
            return f"{side}CommuneCode"
    return "" if whole(order, "weight") else "weight"


def _volume_g(asked: dict[str, Any]) -> int:
    return whole(asked, "length") * whole(asked, "width") * whole(asked, "height") // 6


def _charged_g(asked: dict[str, Any]) -> int:
    return max(whole(asked, "weight"), _volume_g(asked))


def _no_access(request: Request) -> Response | None:
    return None if request.headers.get("token") == TOKEN else JSONResponse({"message": "Unauthorized"}, 401)


TWIN = Twin(VNPOST, _told, sends_max=3, retry_seconds=60)
_AT = f"/twins/{VNPOST}"
ROUTES: list[BaseRoute] = [
    post(f"{_AT}/GetAccessToken", access_token, who=ANYONE, name="postal:twin_vnpost_token", outside=True),
    post(f"{_AT}/ServicesCharge", charges, who=ANYONE, name="postal:twin_vnpost_charges", outside=True),
    post(f"{_AT}/CreateOrder", create, who=ANYONE, name="postal:twin_vnpost_create", outside=True),
    post(f"{_AT}/orderCancel", cancel, who=ANYONE, name="postal:twin_vnpost_cancel", outside=True),
    post(f"{_AT}/exportListReport", labels, who=ANYONE, name="postal:twin_vnpost_labels", outside=True),
    read(f"{_AT}/getOrder", order_show, name="postal:twin_vnpost_order"),
    read(f"{_AT}/GetStatusHistoryOrder", history, name="postal:twin_vnpost_history"),
    read(f"{_AT}/GetListOrder", changed, name="postal:twin_vnpost_changed"),
    read(f"{_AT}/getNewProvinceAll", provinces, name="postal:twin_vnpost_provinces"),
    read(f"{_AT}/getNewCommuneAll", communes, name="postal:twin_vnpost_communes"),
]
