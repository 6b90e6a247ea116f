"""The round in JSON: a carrier's stops, what is told from doors, what a supervisor watches, post offices."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from kit.clock import Clock
from kit.dates import moment_in
from kit.roles import Role
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, roles
from postal.point_forms import NearForm
from postal.round_forms import DoorForm
from postal.services import scanned_code
from postal.services.door import Told, hear
from postal.services.points import PointView, points_for
from postal.services.rounds import StopKind, round_of
from postal.services.watching import Trouble, troubles
from postal.staff_carrier import Act
from postal.states import ParcelState

STAFF = roles(Role.CLERK, Role.CARRIER, Role.ADMIN)
DESK = roles(Role.CLERK, Role.ADMIN)


@dataclass(frozen=True)
class StopOut:
    """One stop of the caller's round, in its order; `phone` is E.164, the place is the commune's.

    `cash_dong` has to be taken with the delivery.
    """

    code: str
    kind: StopKind
    name: str
    phone: str
    line: str
    commune: str
    market: str
    contents: str
    weight_g: int
    attempts: int
    cash_dong: int
    is_adult_only: bool
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class HeardOut:
    """What became of an act; `doubt` says why it waits for a person, empty when it counts."""

    code: str
    state: ParcelState
    doubt: str


@dataclass(frozen=True)
class TroubleOut:
    """A parcel in trouble; `due_at` is when it was to be there, as its carrier promised or our sheet says."""

    trouble: Trouble
    code: str
    carrier: str
    state: ParcelState
    commune: str
    booked_at: datetime
    due_at: datetime
    changed_at: datetime


async def api_stop_index(request: Request) -> list[StopOut]:
    """GET /post/round."""
    found = await round_of(person_id_of(request), now=parts_of(request)[Clock].now())
    return [
        StopOut(
            one.parcel.code,
            one.kind,
            one.party.name,
            one.party.phone,
            one.party.line,
            one.party.commune,
            one.market,
            one.parcel.contents,
            one.parcel.weight_g,
            one.parcel.attempts,
            one.cash_dong,
            one.parcel.is_adult_only,
            one.latitude,
            one.longitude,
        )
        for one in found.stops
    ]


async def api_door_create(request: Request) -> HeardOut:
    """POST /post/round/acts: pictures go through the page's form; here the buyer's code is the proof."""
    form = json_form(request)
    assert isinstance(form, DoorForm)
    parts = parts_of(request)
    now = parts[Clock].now()
    told = Told(
        Act(form.act),
        moment_in(form.made_at) or now,
        form.reason or "",
        form.note,
        form.received_by or "",
        form.next_day,
        form.delivery_code,
        collected_dong=form.collected,
        age_checked=form.age_checked,
    )
    heard = await hear(
        scanned_code(form.code),
        told,
        person_id=person_id_of(request),
        event_key=f"door:{form.sent_id}",
        secret=parts[Settings].secret_key,
        now=now,
    )
    return HeardOut(heard.parcel.code, heard.parcel.state, heard.doubt)


async def api_trouble_index(request: Request) -> list[TroubleOut]:
    """GET /post/troubles."""
    found = await troubles(now=parts_of(request)[Clock].now())
    return [
        TroubleOut(
            kind.kind,
            one.code,
            one.carrier,
            one.state,
            one.recipient.commune,
            one.booked_at,
            due,
            one.changed_at,
        )
        for kind in found
        for one, due in kind.rows
    ]


async def api_point_index(request: Request) -> list[PointView]:
    """GET /post-offices."""
    form = NearForm.read(dict(request.query_params))
    return await points_for((form.ok and form.commune_code) or "")


API: list[JsonRoute] = [
    api_get(
        "/post/round",
        api_stop_index,
        who=STAFF,
        name="postal:api_stop_index",
        summary="The stops of one's own round, in order",
        answer=StopOut,
        many=True,
    ),
    api_post(
        "/post/round/acts",
        api_door_create,
        who=STAFF,
        name="postal:api_door_create",
        summary="Tell what was done at a door, at its own time, once by sent_id",
        form=DoorForm,
        answer=HeardOut,
    ),
    api_get(
        "/post/troubles",
        api_trouble_index,
        who=DESK,
        name="postal:api_trouble_index",
        summary="Parcels that are late, stuck or lost, at most 24 of each",
        answer=TroubleOut,
        many=True,
    ),
    api_get(
        "/post-offices",
        api_point_index,
        who=ANYONE,
        name="postal:api_point_index",
        summary="Post offices with their hours, near a commune",
        answer=PointView,
        many=True,
        query={"commune_code": "Five digits; without it all offices, by name."},
    ),
]
