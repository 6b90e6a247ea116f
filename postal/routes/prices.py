"""What every carrier asks for a parcel, side by side, before a seller chooses among them."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.money import show_weight
from kit.roles import Role
from kit.web.asked import vendor_id_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, roles
from postal.forms import PriceForm
from postal.gates.names import title_of
from postal.gates.register import Carriers
from postal.services import Offered
from postal.services.quoting import side_by_side
from vendors.services import commune_label, commune_meant, vendor_card


@dataclass(frozen=True)
class PriceRow:
    """One offer; `title` is a msgid, `weight` what is charged for, empty where the carrier does not say."""

    title: str
    service: str
    price_dong: int
    days: str
    weight: str
    is_cheapest: bool
    is_fastest: bool


@dataclass(frozen=True)
class PricePage:
    """The question, and what was answered to it; `choices` where the commune's name fits several."""

    form: PriceForm
    choices: list[tuple[str, str]]
    asked: bool
    rows: list[PriceRow]
    to_place: str
    weight: str


async def price_show(request: Request) -> Response:
    """GET /sell/post/prices?commune=&weight_g=."""
    asked = "commune" in request.query_params or "commune_code" in request.query_params
    if not asked:
        return _page(request, PricePage(PriceForm.filled(), [], False, [], "", ""))
    form = PriceForm.read(request.query_params)
    meant = await commune_meant(form.commune or "", form.commune_code or "", form.commune_asked or "")
    if meant.fault is not None:
        form.wrong("commune", meant.fault)
    if not form.ok or meant.unit is None:
        choices = [(one.key, one.label) for one in meant.choices]
        return _page(request, PricePage(form, choices, False, [], "", ""))
    parts, vendor = parts_of(request), await vendor_card(vendor_id_of(request))
    found = await side_by_side(
        vendor.id,
        vendor.commune_code,
        meant.unit.code,
        form.weight_g,
        now=parts[Clock].now(),
        carriers=parts[Carriers],
    )
    place = commune_label(meant.unit.name, meant.unit.province)
    return _page(request, PricePage(form, [], True, _rows(found), place, show_weight(form.weight_g)))


def _rows(found: list[Offered]) -> list[PriceRow]:
    least = min((one.quote.price_dong for one in found), default=0)
    soonest = min((one.quote.days_max for one in found), default=0)
    return [
        PriceRow(
            title=title_of(one.carrier),
            service=one.quote.service_name,
            price_dong=one.quote.price_dong,
            days=f"{one.quote.days_min}–{one.quote.days_max}",
            weight=show_weight(one.quote.weight_g) if one.quote.weight_g else "",
            is_cheapest=one.quote.price_dong == least,
            is_fastest=one.quote.days_max == soonest,
        )
        for one in found
    ]


def _page(request: Request, page: PricePage) -> Response:
    return render(request, "postal/price_show.html", page, status=200 if page.form.ok else 422)


ROUTES: list[BaseRoute] = [
    get("/sell/post/prices", price_show, who=roles(Role.VENDOR), name="postal:price_show"),
]
