"""Carriers in JSON: what each asks for a parcel, and what a named clerk sets right of a parcel."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.routing import roles
from postal.forms import CorrectionForm, PriceAskForm
from postal.gates.register import Carriers
from postal.services.correcting import correct
from postal.services.quoting import side_by_side
from postal.states import ParcelState
from vendors.services import vendor_card

VENDOR, DESK = roles(Role.VENDOR), roles(Role.CLERK, Role.ADMIN)


@dataclass(frozen=True)
class PriceOut:
    """What one carrier asks for one service; `weight_g` is what it charges for, 0 where it does not say."""

    carrier: str
    service: str
    service_name: str
    price_dong: int
    days_min: int
    days_max: int
    weight_g: int


@dataclass(frozen=True)
class CorrectedOut:
    """A parcel after a named person set right where it is."""

    code: str
    state: ParcelState


async def api_price_index(request: Request) -> list[PriceOut]:
    """GET /sell/post/prices: carriers that do not answer within four seconds are left out."""
    form = PriceAskForm.read(request.query_params)
    if not form.ok:
        field, sentence = next(iter(form.errors.items()))
        raise Refusal(sentence, field=field)
    parts, vendor = parts_of(request), await vendor_card(vendor_id_of(request))
    found = await side_by_side(
        vendor.id,
        vendor.commune_code,
        form.commune_code,
        form.weight_g,
        now=parts[Clock].now(),
        carriers=parts[Carriers],
    )
    return [
        PriceOut(
            carrier=one.carrier,
            service=one.quote.service,
            service_name=one.quote.service_name,
            price_dong=one.quote.price_dong,
            days_min=one.quote.days_min,
            days_max=one.quote.days_max,
            weight_g=one.quote.weight_g,
        )
        for one in found
    ]


async def api_correction_create(request: Request) -> CorrectedOut:
    """POST /post/parcels/{code}/corrections."""
    form = cast(CorrectionForm, json_form(request))
    found = await correct(
        request.path_params["code"],
        form.state,
        words=form.words,
        person_id=person_id_of(request),
        event_key=form.event_key,
        now=parts_of(request)[Clock].now(),
    )
    return CorrectedOut(found.code, found.state)


API: list[JsonRoute] = [
    api_get(
        "/sell/post/prices",
        api_price_index,
        who=VENDOR,
        name="postal:api_price_index",
        summary="What every carrier asks for a parcel of one's own, the cheapest first",
        answer=PriceOut,
        many=True,
        query={"commune_code": "Where it goes, five digits.", "weight_g": "What it weighs, in grams."},
    ),
    api_post(
        "/post/parcels/{code}/corrections",
        api_correction_create,
        who=DESK,
        name="postal:api_correction_create",
        summary="Set right where a parcel truly is, with the reason",
        form=CorrectionForm,
        answer=CorrectedOut,
    ),
]
