"""The pretend Viettel Post: errors on HTTP 200, 150 bytes, tokens, each reference once, lost bookings."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from kit.twins import Outgoing
from kit.web.routing import ANYONE, post
from postal.gates.asking import local_stamp
from postal.gates.names import VIETTEL_POST
from postal.gates.viettel_post import APPROVE_RETURN, BYTES_MAX, CANCEL, REDELIVER
from postal.models import TwinParcel
from postal.twins.areas import places
from postal.twins.keys import VIETTEL_POST as KEYS
from postal.twins.parcels import (
    CONFUSED,
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
    texts,
    trouble,
    whole,
)

SHORT, LONG = "viettel-ngan", "viettel-dai"
PROVINCES_FROM, WARDS_FROM = 1_000, 500_000
NEW_DISTRICT = (
    100_000_000  # with the province's number the pseudo-district «NEW» of a two-level address; 0 does as well
)
SERVICES = (
    ("VCN", "Chuyển phát nhanh", 17_000, 4_000, 48),
    ("VTK", "Chuyển phát tiết kiệm", 14_000, 2_500, 96),
)
BEFORE_ENTRY = frozenset({"-100", "-108", "-109", "-110", "100", "102", "103", "104"})
_TEXTS = ("SENDER_FULLNAME", "SENDER_ADDRESS", "RECEIVER_FULLNAME", "RECEIVER_ADDRESS", "PRODUCT_NAME")


async def login(request: Request) -> Response:
    """POST /v2/user/Login and ownerconnect: a short token, and for it a long one."""
    body = await body_of(request)
    if (body.get("USERNAME"), body.get("PASSWORD")) != (KEYS.user, KEYS.password):
        return _no(202, "Sai tài khoản hoặc mật khẩu")
    is_second = request.url.path.endswith("ownerconnect")
    if is_second and request.headers.get("token") != SHORT:
        return _no(202, "Token invalid")
    return _yes({"token": LONG if is_second else SHORT})


async def price_all(request: Request) -> Response:
    """POST /v2/order/getPriceAll: a bare list when it goes well."""
    body = await body_of(request)
    if (fault := _fault(request, body)) is not None:
        return fault
    weight_g = _charged_g(body)
    near = body["SENDER_PROVINCE"] == body["RECEIVER_PROVINCE"]
    offers = [
        {
            "MA_DV_CHINH": service,
            "TEN_DICHVU": title,
            "GIA_CUOC": price_dong(least, step, weight_g, near=near),
            "THOI_GIAN": f"{hours} giờ",
            "EXCHANGE_WEIGHT": weight_g,
            "EXTRA_SERVICE": [],
        }
        for service, title, least, step, hours in SERVICES
    ]
    return JSONResponse(offers)


async def create(request: Request) -> Response:
    """POST /v2/order/createOrder."""
    body = await body_of(request)
    if (fault := _fault(request, body)) is not None:
        return fault
    long = next((name for name in _TEXTS if len(str(body.get(name) or "").encode()) > BYTES_MAX), "")
    if long:
        return _no(201, f"{long} tối đa {BYTES_MAX} byte")
    service = next((one for one in SERVICES if one[0] == body.get("ORDER_SERVICE")), None)
    if service is None:
        return _no(201, "Dịch vụ không áp dụng cho tuyến này")
    reference = str(body.get("ORDER_NUMBER") or "")
    if body.get("CHECK_UNIQUE") is True and await parcel_of(VIETTEL_POST, reference):
        return _no(201, "Mã đơn hàng đã tồn tại")
    near = body["SENDER_PROVINCE"] == body["RECEIVER_PROVINCE"]
    weight_g = whole(body, "PRODUCT_WEIGHT")
    made = await make_parcel(
        VIETTEL_POST,
        reference,
        body,
        number=lambda id: f"VTP{id:010}",
        code="100",
        fee_dong=price_dong(service[2], service[3], _charged_g(body), near=near),
        now=now_of(request),
    )
    if weight_g % 1000 == CONFUSED:
        return JSONResponse({"status": 205, "error": True, "message": "System error", "data": None})
    if (lost := trouble(weight_g)) is not None:
        return lost
    return _yes(
        {
            "ORDER_NUMBER": made.number,
            "MONEY_TOTAL": made.fee_dong,
            "EXCHANGE_WEIGHT": _charged_g(body),
            "KPI_HT": service[4],
            "SORT_CODE": f"TN-{whole(body, 'RECEIVER_WARD') % 1000:03}",
        }
    )


async def update(request: Request) -> Response:
    """POST /v2/order/UpdateOrder: cancel before entry, redeliver or send back at 505."""
    body = await body_of(request)
    if request.headers.get("token") != LONG:
        return _no(202, "Token invalid")
    parcel = await parcel_with(VIETTEL_POST, str(body.get("ORDER_NUMBER")))
    if parcel is None:
        return _no(201, "Không tìm thấy vận đơn")
    kind, code = whole(body, "TYPE"), code_of(parcel)
    after = {CANCEL: "107", REDELIVER: "550", APPROVE_RETURN: "515"}.get(kind, "")
    allowed = code in BEFORE_ENTRY if kind == CANCEL else code == "505"
    if not after or not allowed:
        return _no(201, "Trạng thái đơn hàng không cho phép")
    await push(parcel.id, after, now=now_of(request), returning=kind == APPROVE_RETURN)
    return _yes(None)


async def printing_code(request: Request) -> Response:
    """POST /v2/order/printing-code: the code comes back in `message`."""
    body = await body_of(request)
    if request.headers.get("token") != LONG:
        return _no(202, "Token invalid")
    return JSONResponse(
        {"status": 200, "error": False, "message": "-".join(texts(body, "ORDER_ARRAY")), "data": None}
    )


async def label_show(request: Request) -> Response:
    """The page that prints; whoever has the code sees it."""
    return PlainTextResponse(f"Nhãn thử của Viettel Post: {request.query_params.get('bill', '')[:2000]}")


async def provinces(request: Request) -> Response:
    """GET /v3/categories/listProvinceNew."""
    if request.headers.get("token") != LONG:
        return _no(202, "Token invalid")
    found = {one.province_code: one.province for one in await places(capitals=True)}
    return _yes(
        [{"PROVINCE_ID": PROVINCES_FROM + int(code), "PROVINCE_NAME": name} for code, name in found.items()]
    )


async def wards(request: Request) -> Response:
    """GET /v3/categories/listWardsNew?provinceId=-1."""
    if request.headers.get("token") != LONG:
        return _no(202, "Token invalid")
    rows = [
        {
            "WARDS_ID": WARDS_FROM + int(one.code),
            "WARDS_NAME": one.name,
            "PROVINCE_ID": PROVINCES_FROM + int(one.province_code),
        }
        for one in await places(capitals=True)
    ]
    return _yes(rows)


def _fault(request: Request, body: dict[str, Any]) -> Response | None:
    if request.headers.get("token") != LONG:
        return _no(202, "Token invalid")
    if is_away(whole(body, "PRODUCT_WEIGHT")):
        return JSONResponse({}, 503)
    for side in ("SENDER", "RECEIVER"):
        if whole(body, f"{side}_WARD") <= WARDS_FROM:
            return _no(201, "Địa chỉ không hợp lệ")
        if whole(body, f"{side}_DISTRICT") not in (0, NEW_DISTRICT + whole(body, f"{side}_PROVINCE")):
            return _no(201, "Không dùng lẫn địa chỉ hai cấp và ba cấp")
    return None


def _charged_g(body: dict[str, Any]) -> int:
    """The contract of this twin: L×W×H/6 in grams, when that is more."""
    volume = whole(body, "PRODUCT_LENGTH") * whole(body, "PRODUCT_WIDTH") * whole(body, "PRODUCT_HEIGHT")
    return max(whole(body, "PRODUCT_WEIGHT"), volume // 6)


def _told(parcel: TwinParcel, step: Step, market_url: str, is_forged: bool) -> Outgoing:
    told = {
        "ORDER_NUMBER": parcel.number,
        "ORDER_REFERENCE": parcel.reference,
        "ORDER_STATUSDATE": local_stamp(step.at),
        "ORDER_STATUS": int(step.code) if step.code.lstrip("-").isdecimal() else step.code,
        "STATUS_NAME": "",
        "LOCALION_CURRENTLY": "Bưu cục thử",
        "NOTE": "",
        "MONEY_COLLECTION": int(asked_of(parcel, "MONEY_COLLECTION") or 0),
        "MONEY_TOTAL": parcel.fee_dong,
        "PRODUCT_WEIGHT": int(asked_of(parcel, "PRODUCT_WEIGHT") or 0),
        "ORDER_SERVICE": asked_of(parcel, "ORDER_SERVICE"),
        "IS_RETURNING": step.is_returning,
        "REASON_CODE": step.reason or None,
        "POD": {"IMAGES": []},
    }
    raw = json.dumps({"DATA": told, "TOKEN": "twin"}, ensure_ascii=False).encode()
    secret = "forged" if is_forged else KEYS.hook_secret
    headers = {"Content-Type": "application/json", "Authorization": secret}
    return Outgoing("POST", f"{market_url}/post/hooks/{VIETTEL_POST}", headers, raw)


def _yes(found: object) -> Response:
    return JSONResponse({"status": 200, "error": False, "message": "OK", "data": found})


def _no(status: int, words: str) -> Response:
    return JSONResponse({"status": status, "error": True, "message": words, "data": None})


TWIN = Twin(VIETTEL_POST, _told, sends_max=5, retry_seconds=30)
_AT = f"/twins/{VIETTEL_POST}"
ROUTES: list[BaseRoute] = [
    post(f"{_AT}/v2/user/Login", login, who=ANYONE, name="postal:twin_vtp_login", outside=True),
    post(f"{_AT}/v2/user/ownerconnect", login, who=ANYONE, name="postal:twin_vtp_owner", outside=True),
    post(f"{_AT}/v2/order/getPriceAll", price_all, who=ANYONE, name="postal:twin_vtp_price", outside=True),
    post(f"{_AT}/v2/order/createOrder", create, who=ANYONE, name="postal:twin_vtp_create", outside=True),
    post(f"{_AT}/v2/order/UpdateOrder", update, who=ANYONE, name="postal:twin_vtp_update", outside=True),
    post(
        f"{_AT}/v2/order/printing-code",
        printing_code,
        who=ANYONE,
        name="postal:twin_vtp_printing",
        outside=True,
    ),
    read(f"{_AT}/label", label_show, name="postal:twin_vtp_label"),
    read(f"{_AT}/v3/categories/listProvinceNew", provinces, name="postal:twin_vtp_provinces"),
    read(f"{_AT}/v3/categories/listWardsNew", wards, name="postal:twin_vtp_wards"),
]
