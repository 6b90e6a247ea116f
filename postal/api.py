"""The post in JSON: following a parcel, the work lists, and acts."""

from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request

from kit.clock import Clock
from kit.i18n import Sentence, say, translated
from kit.roles import Role
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE, roles
from postal.carrier_api import API as CARRIER_API
from postal.forms import ActForm
from postal.round_api import API as ROUND_API
from postal.services import ParcelPage, ParcelView, act, deliveries, parcel, pickups, timeline, told_phones
from postal.services.kept import kept_parcels
from postal.shown import ShownParty, row_of, state_words
from postal.staff_carrier import acts_for
from postal.states import ParcelState, shown_to_staff

STAFF = roles(Role.CLERK, Role.CARRIER, Role.ADMIN)


@dataclass(frozen=True)
class ParcelStep:
    """One step of a parcel; `words` and `because` are in the reader's language."""

    state: ParcelState
    words: str
    because: str
    place: str
    at: datetime


@dataclass(frozen=True)
class PublicParcel:
    """What anybody with the code may know: communes only, nobody's name."""

    code: str
    state: ParcelState
    words: str
    from_commune: str
    to_commune: str
    booked_at: datetime
    changed_at: datetime
    steps: list[ParcelStep]


@dataclass(frozen=True)
class PartyOut:
    """A sender or recipient; `phone` is masked until the parcel is out for delivery."""

    name: str
    phone: str
    line: str
    place: str


@dataclass(frozen=True)
class WorkParcel:
    """A parcel in a work list, with the acts that its state allows.

    The digital address and the point are as the buyer gave them; `kept_until` is its last day at a post office.
    """

    code: str
    state: ParcelState
    words: str
    contents: str
    weight_g: int
    attempts: int
    sender: PartyOut
    recipient: PartyOut
    acts: list[str]
    digital_address: str
    latitude: float | None
    longitude: float | None
    kept_until: date | None
    booked_at: datetime
    changed_at: datetime


async def api_parcel_show(request: Request) -> PublicParcel:
    """GET /parcels/{code}."""
    found, language = await parcel(request.path_params["code"]), language_of(request)

    def told(sentence: Sentence | None) -> str:
        return translated(sentence, language) if sentence else ""

    return PublicParcel(
        code=found.code,
        state=found.state,
        words=told(say(state_words(found))),
        from_commune=found.sender.commune,
        to_commune=found.recipient.commune,
        booked_at=found.booked_at,
        changed_at=found.changed_at,
        steps=[
            ParcelStep(one.state, told(one.words), told(one.because), one.place, one.at)
            for one in await timeline(found.id)
        ],
    )


async def api_pickup_index(request: Request) -> list[WorkParcel]:
    """GET /post/pickups."""
    return _work_parcels(request, await pickups(page=page_number(request)))


async def api_delivery_index(request: Request) -> list[WorkParcel]:
    """GET /post/deliveries."""
    found = await deliveries(page=page_number(request))
    out = [one.code for one in found.parcels if one.state is ParcelState.OUT_FOR_DELIVERY]
    await told_phones(out, person_id=person_id_of(request))
    return _work_parcels(request, found)


async def api_kept_index(request: Request) -> list[WorkParcel]:
    """GET /post/kept."""
    found = await kept_parcels(now=parts_of(request)[Clock].now(), page=page_number(request))
    return [_work_parcel(request, one.parcel) for one in found.rows]


async def api_act_create(request: Request) -> WorkParcel:
    """POST /post/parcels/{code}/acts."""
    form = json_form(request)
    assert isinstance(form, ActForm)
    changed = await act(
        request.path_params["code"],
        form.act,
        person_id=person_id_of(request),
        event_key=form.event_key,
        now=parts_of(request)[Clock].now(),
        reason=form.reason or "",
        note=form.note,
        delivery_code=form.delivery_code,
        secret=parts_of(request)[Settings].secret_key,
        age_checked=form.age_checked,
    )
    return _work_parcel(request, changed)


def _work_parcels(request: Request, found: ParcelPage) -> list[WorkParcel]:
    return [_work_parcel(request, one) for one in found.parcels]


def _work_parcel(request: Request, one: ParcelView) -> WorkParcel:
    row = row_of(one, whole_phones=one.state is ParcelState.OUT_FOR_DELIVERY)
    return WorkParcel(
        code=one.code,
        state=one.state,
        words=translated(say(shown_to_staff(one.state)), language_of(request)),
        contents=one.contents,
        weight_g=one.weight_g,
        attempts=one.attempts,
        sender=_party(row.sender),
        recipient=_party(row.recipient),
        acts=[str(allowed) for allowed in acts_for(one.state)],
        digital_address=one.digital_address,
        latitude=one.latitude,
        longitude=one.longitude,
        kept_until=one.kept_until,
        booked_at=one.booked_at,
        changed_at=one.changed_at,
    )


def _party(party: ShownParty) -> PartyOut:
    return PartyOut(party.name, party.phone, party.line, party.place)


_PAGE = {"page": "Page number, from 1; up to 60 parcels a page."}

API: list[JsonRoute] = [
    api_get(
        "/parcels/{code}",
        api_parcel_show,
        who=ANYONE,
        name="postal:api_parcel_show",
        summary="Follow a parcel",
        answer=PublicParcel,
    ),
    api_get(
        "/post/pickups",
        api_pickup_index,
        who=STAFF,
        name="postal:api_pickup_index",
        summary="Parcels to collect",
        answer=WorkParcel,
        many=True,
        query=_PAGE,
    ),
    api_get(
        "/post/deliveries",
        api_delivery_index,
        who=STAFF,
        name="postal:api_delivery_index",
        summary="Parcels in the post's hands, those out for delivery first",
        answer=WorkParcel,
        many=True,
        query=_PAGE,
    ),
    api_get(
        "/post/kept",
        api_kept_index,
        who=STAFF,
        name="postal:api_kept_index",
        summary="Parcels at post offices that their recipients come to fetch",
        answer=WorkParcel,
        many=True,
        query={"page": "Page number, from 1; up to 24 parcels a page."},
    ),
    api_post(
        "/post/parcels/{code}/acts",
        api_act_create,
        who=STAFF,
        name="postal:api_act_create",
        summary="Write down what was done with a parcel",
        form=ActForm,
        answer=WorkParcel,
    ),
    *CARRIER_API,
    *ROUND_API,
]
