"""Delivery of goods to the visitor's commune, as a part of the goods' page and as a page of its own."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kit.settings import Settings
from kit.units import Unit, commune
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get
from orders.forms import PlaceForm, settle_place
from orders.services.delivery import Estimate, estimate, goods_to_bring, last_commune_code
from vendors.services import Goods, commune_label

COMMUNE_COOKIE = "commune"
COMMUNE_COOKIE_SECONDS = 90 * 86400


@dataclass
class DeliveryPage:
    """What delivery costs and takes to a commune; without one, the question which."""

    goods: Goods
    estimate: Estimate | None
    place: str
    form: PlaceForm
    commune_choices: list[tuple[str, str]]


async def delivery_show(request: Request) -> Response:
    """The estimate for the commune asked for, else for the one last known; only the part for a script that asks."""
    goods = await goods_to_bring(str(request.path_params["code"]))
    asked = bool(request.query_params.get("commune") or request.query_params.get("commune_code"))
    form = PlaceForm.read(request.query_params) if asked else PlaceForm.filled()
    meant = await settle_place(form) if asked else None
    unit = meant.unit if meant else await _known(request)
    choices = [(one.key, one.label) for one in (meant.choices if meant else ())]
    place = commune_label(unit.name, unit.province) if unit else ""
    found = await estimate(goods, unit) if unit else None
    page = DeliveryPage(goods, found, place, form, choices)
    part = request.headers.get("x-part") == "part"
    template = "orders/_delivery.html" if part else "orders/delivery_show.html"
    answer = render(request, template, page, status=200 if form.ok else 422)
    answer.headers["vary"] = "cookie, x-part"
    return _remembering(request, answer, unit) if asked else answer


async def _known(request: Request) -> Unit | None:
    """The commune chosen on this device, else that of the person's newest order."""
    person_id = caller_of(request).person_id
    code = request.cookies.get(COMMUNE_COOKIE, "")[:8]
    if not code and person_id is not None:
        code = await last_commune_code(person_id)
    return await commune(code) if code.isdecimal() else None


def _remembering(request: Request, answer: Response, unit: Unit | None) -> Response:
    if unit is not None:
        secure = parts_of(request)[Settings].is_production
        answer.set_cookie(
            COMMUNE_COOKIE,
            unit.code,
            max_age=COMMUNE_COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
    return answer


ROUTES = [get("/goods/{code}/delivery", delivery_show, who=ANYONE, name="orders:delivery_show")]
