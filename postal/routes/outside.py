"""A parcel that a carrier outside the house carries: what staff see of it, ask of the carrier, and set right."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.codes import token
from kit.errors import Conflict, Refusal
from kit.i18n import say, translated
from kit.roles import Role
from kit.web.asked import person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import language_of, render
from kit.web.routing import get, post, roles
from postal.carrier import CancelAnswer, Capability, CarrierUnavailable
from postal.forms import CorrectionForm, StopForm, WishForm
from postal.gates.names import title_of
from postal.gates.register import Carriers
from postal.services import ParcelView, parcel, parcel_opened
from postal.services.correcting import correct
from postal.services.looking import cancel_at_carrier, wish_for
from postal.shown import FLAG_WORDS, Row, row_of
from postal.states import BookingState, Flag, ParcelState, shown_to_staff

DESK = roles(Role.CLERK, Role.ADMIN)
STOP_SAID = {
    CancelAnswer.DONE: say("Hãng đã dừng bưu gửi này."),
    CancelAnswer.REQUESTED: say("Hãng đã nhận lời xin dừng và sẽ trả lời sau."),
    CancelAnswer.REFUSED: say("Hãng không dừng được bưu gửi này nữa."),
}
T = TypeVar("T")


@dataclass(frozen=True)
class Outside:
    """What a parcel's page shows of its carrier, and what may be asked of it now; `title` and `flags` are msgids."""

    title: str
    tracking_code: str
    flags: list[str]
    fee_dong: int | None
    is_booked: bool
    has_label: bool
    can_stop: bool
    can_redeliver: bool
    can_send_back: bool


@dataclass(frozen=True)
class CorrectionPage:
    """Where a parcel truly is, and why that is written by hand; `states` are (value, words)."""

    form: CorrectionForm
    row: Row
    states: list[tuple[str, str]]
    key: str


def outside_of(found: ParcelView, carriers: Carriers) -> Outside | None:
    """The part of a parcel's page about its carrier; None for one in our own hands."""
    if not found.is_outside:
        return None
    carrier = carriers.get(found.carrier)
    can = carrier.capabilities() if carrier and found.tracking_code else frozenset()
    undecided = Flag.DECISION_NEEDED in found.flags and not found.is_final
    return Outside(
        title=title_of(found.carrier),
        tracking_code=found.tracking_code,
        flags=[FLAG_WORDS[flag] for flag in sorted(found.flags)],
        fee_dong=found.fee_dong,
        is_booked=found.booking is BookingState.BOOKED,
        has_label=Capability.LABELS in can,
        can_stop=Capability.CANCEL in can and not found.is_final,
        can_redeliver=undecided and Capability.REDELIVER in can,
        can_send_back=undecided and Capability.SEND_BACK in can,
    )


async def answered(asked: Awaitable[T]) -> T:
    """What a carrier answers to a person who waits for it. Raises Conflict when it cannot be reached."""
    try:
        return await asked
    except CarrierUnavailable:
        raise Conflict(say("Chưa hỏi được hãng chuyển phát. Thử lại sau ít phút.")) from None


async def stop_create(request: Request) -> Response:
    """POST /post/parcels/{code}/stop: what the carrier says to it stands on the page afterwards."""
    form, parts = StopForm.read(form_of(request)), parts_of(request)
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    found = await parcel(request.path_params["code"])
    asked = cancel_at_carrier(
        found.code, parts[Carriers], reason=form.reason, person_id=person_id_of(request)
    )
    return _back(request, found.code, f"?stop={await answered(asked)}")


async def wish_tell(request: Request) -> Response:
    """POST /post/parcels/{code}/wish: staff decide in the seller's place."""
    form, found = WishForm.read(form_of(request)), await parcel(request.path_params["code"])
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    now = parts_of(request)[Clock].now()
    await wish_for(found.code, form.wish, vendor_id=None, person_id=person_id_of(request), now=now)
    return _back(request, found.code)


async def correction_new(request: Request) -> Response:
    """GET /post/parcels/{code}/correction."""
    found = await parcel_opened(request.path_params["code"], person_id=person_id_of(request))
    return _page(request, CorrectionForm(), found)


async def correction_create(request: Request) -> Response:
    """POST /post/parcels/{code}/correction."""
    form, found = CorrectionForm.read(form_of(request)), await parcel(request.path_params["code"])
    if not form.ok:
        return _page(request, form, found, status=422)
    try:
        await correct(
            found.code,
            form.state,
            words=form.words,
            person_id=person_id_of(request),
            event_key=form.event_key,
            now=parts_of(request)[Clock].now(),
        )
    except Refusal as no:
        form.wrong(no.field or "state", no.sentence)
        return _page(request, form, found, status=no.status)
    return _back(request, found.code)


def _page(request: Request, form: CorrectionForm, found: ParcelView, *, status: int = 200) -> Response:
    language = language_of(request)
    states = [(str(one), translated(shown_to_staff(one), language)) for one in ParcelState]
    key = "" if "event_key" in form.errors else form.typed.get("event_key", "")
    page = CorrectionPage(
        form, row_of(found), [one for one in states if one[0] != found.state], key or token()
    )
    return render(request, "postal/correction_new.html", page, status=status)


def _back(request: Request, code: str, query: str = "") -> Response:
    return RedirectResponse(str(request.app.url_path_for("postal:work_show", code=code)) + query, 303)


ROUTES: list[BaseRoute] = [
    get("/post/parcels/{code}/correction", correction_new, who=DESK, name="postal:correction_new"),
    post("/post/parcels/{code}/correction", correction_create, who=DESK, name="postal:correction_create"),
    post("/post/parcels/{code}/stop", stop_create, who=DESK, name="postal:stop_create"),
    post("/post/parcels/{code}/wish", wish_tell, who=DESK, name="postal:wish_tell"),
]
