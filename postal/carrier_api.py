"""Carriers in JSON: what each asks for a parcel, what a named clerk sets right, compensation for lost ones."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.routing import roles
from postal.claim_forms import ClaimAnswerForm, ClaimForm, CompensationForm
from postal.forms import CorrectionForm, PriceAskForm
from postal.gates.register import Carriers
from postal.services.claims.claiming import answer_claim, open_claim, take_compensation
from postal.services.claims.shown import ClaimRow, claim_of, claims
from postal.services.correcting import correct
from postal.services.quoting import side_by_side
from postal.states import ClaimState, ParcelState
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


@dataclass(frozen=True)
class ClaimOut:
    """A claim on a carrier, in đồng; `due` is the day by which the carrier is to answer or to pay."""

    parcel: str
    carrier: str
    state: ClaimState
    claimed_dong: int
    agreed_dong: int | None
    paid_dong: int | None
    due: date | None
    is_overdue: bool
    opened_at: datetime


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


async def api_claim_index(request: Request) -> list[ClaimOut]:
    """GET /post/claims."""
    found = await claims(now=parts_of(request)[Clock].now(), page=page_number(request))
    return [_claim(one) for one in found.rows]


async def api_claim_create(request: Request) -> ClaimOut:
    """POST /post/parcels/{code}/claim."""
    form, code = cast(ClaimForm, json_form(request)), request.path_params["code"]
    by, now = person_id_of(request), parts_of(request)[Clock].now()
    await open_claim(code, form.dong, form.words, person_id=by, now=now)
    return await _claim_of(code, now)


async def api_claim_answer(request: Request) -> ClaimOut:
    """POST /post/parcels/{code}/claim/answer."""
    form, code = cast(ClaimAnswerForm, json_form(request)), request.path_params["code"]
    by, now = person_id_of(request), parts_of(request)[Clock].now()
    await answer_claim(code, ClaimState(form.answer), form.dong, form.words, person_id=by, now=now)
    return await _claim_of(code, now)


async def api_claim_pay(request: Request) -> ClaimOut:
    """POST /post/parcels/{code}/claim/payment."""
    form, code = cast(CompensationForm, json_form(request)), request.path_params["code"]
    by, now = person_id_of(request), parts_of(request)[Clock].now()
    await take_compensation(code, form.dong, form.to, form.words, person_id=by, now=now)
    return await _claim_of(code, now)


async def _claim_of(code: str, now: datetime) -> ClaimOut:
    found = (await claim_of(code, now=now)).claim
    assert found is not None
    return _claim(found)


def _claim(row: ClaimRow) -> ClaimOut:
    return ClaimOut(
        row.parcel.code,
        row.parcel.carrier,
        row.state,
        row.claimed_dong,
        row.agreed_dong,
        row.paid_dong,
        row.due,
        row.is_overdue,
        row.opened_at,
    )


API: list[JsonRoute] = [
    api_get(
        "/post/claims",
        api_claim_index,
        who=DESK,
        name="postal:api_claim_index",
        summary="Compensation claimed from carriers, what is due soonest first",
        answer=ClaimOut,
        many=True,
        query={"page": "Page number, from 1; up to 24 a page."},
    ),
    api_post(
        "/post/parcels/{code}/claim",
        api_claim_create,
        who=DESK,
        name="postal:api_claim_create",
        summary="Note that compensation is claimed for a lost or damaged parcel",
        form=ClaimForm,
        answer=ClaimOut,
    ),
    api_post(
        "/post/parcels/{code}/claim/answer",
        api_claim_answer,
        who=DESK,
        name="postal:api_claim_answer",
        summary="Note what the carrier answered to a claim",
        form=ClaimAnswerForm,
        answer=ClaimOut,
    ),
    api_post(
        "/post/parcels/{code}/claim/payment",
        api_claim_pay,
        who=DESK,
        name="postal:api_claim_pay",
        summary="Note that compensation has arrived",
        form=CompensationForm,
        answer=ClaimOut,
    ),
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
