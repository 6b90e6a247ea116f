"""Pages of one parcel: for staff with its acts, its label, and what everybody may follow."""

from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.codes import token
from kit.dates import show_day, vietnam_date
from kit.errors import Refusal
from kit.i18n import Sentence, translated
from kit.money import show_weight
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import language_of, render
from postal.barcode import code128_svg, qr_svg
from postal.carrier import CancelAnswer
from postal.forms import ActForm
from postal.gates.register import Carriers
from postal.routes.outside import STOP_SAID, Outside, outside_of
from postal.services import ParcelView, act, parcel, timeline
from postal.services.acting import refuse_outside
from postal.services.collecting import cash_due
from postal.services.points import PointView, point, point_of
from postal.services.proofs import ProofLine, proofs_of
from postal.services.scales import weight_differs
from postal.services.sight import Seen, refuse_unseen, seen_by
from postal.shown import TONES, ActButton, Row, ShownStep, asks, buttons_for, row_of, state_words, steps_of
from postal.staff_carrier import Act, act_words, reason_words, reasons_for, step
from postal.states import ParcelState
from postal.viewing import viewer_of

_AT_THE_OFFICE = (ParcelState.AT_DELIVERY_OFFICE, ParcelState.FAILED_ATTEMPT)
_BACK = {
    "deliveries": "postal:delivery_index",
    "pickups": "postal:pickup_index",
    "kept": "postal:kept_index",
}


@dataclass(frozen=True)
class WorkPage:
    """A parcel for staff. `done` is the msgid of the act just written, `wrong` why one was not, `stopped` what its
    carrier said when it was asked to stop.
    """

    row: Row
    is_whole: bool
    order_code: str
    attempts: int
    booked_at: datetime
    steps: list[ShownStep]
    acts: list[ActButton]
    rare_acts: list[ActButton]
    key: str
    done: str
    wrong: Sentence | None
    proofs: list[ProofLine]
    weighed: str
    weight_differs: bool
    outside: Outside | None
    is_desk: bool
    stopped: Sentence | None


@dataclass(frozen=True)
class ActPage:
    """The page of an act that asks for a reason or a note; `reasons` are (value, words)."""

    form: ActForm
    row: Row
    act: Act
    words: str
    reasons: list[tuple[str, str]]
    key: str
    back_to: str


@dataclass(frozen=True)
class LabelPage:
    """The label of a parcel, A6."""

    row: Row
    order_code: str
    due_dong: int
    day: str
    barcode: Markup
    qr: Markup


@dataclass(frozen=True)
class PublicPage:
    """What anybody with the code may know; `fetch_at` is the office that keeps it for the recipient to fetch,
    until `kept_until` when they chose so.
    """

    code: str
    words: str
    tone: str
    from_place: str
    to_place: str
    booked_at: datetime
    steps: list[ShownStep]
    fetch_at: PointView | None
    kept_until: date | None = None
    is_fetched: bool = False


async def work_show(request: Request) -> Response:
    """GET /post/parcels/{code}."""
    found = await seen_by(request.path_params["code"], viewer_of(request))
    done = request.query_params.get("done", "")
    return await work_page(request, found, done=act_words(Act(done)) if done in list(Act) else "")


async def act_new(request: Request) -> Response:
    """GET /post/parcels/{code}/acts/new?act=fail."""
    seen = await seen_by(request.path_params["code"], viewer_of(request))
    found, asked = seen.parcel, request.query_params.get("act", "")
    if asked not in list(Act) or not asks(Act(asked)):
        return RedirectResponse(request.app.url_path_for("postal:work_show", code=found.code), 303)
    refused = _refused(Act(asked), found)
    if refused is not None:
        return await work_page(request, seen, wrong=refused.sentence, status=refused.status)
    return _act_page(request, ActForm(), found, Act(asked), request.query_params.get("back_to", ""))


async def act_create(request: Request) -> Response:
    """POST /post/parcels/{code}/acts."""
    sent = form_of(request)
    form = ActForm.read({key: value for key, value in sent.items() if isinstance(value, str)})
    await refuse_unseen(request.path_params["code"], viewer_of(request))
    found = await parcel(request.path_params["code"])
    back_to = str(sent.get("back_to", ""))
    if not form.ok:
        return await _again(request, form, found, next(iter(form.errors.values())), 422, back_to)
    if form.act is Act.DELIVER and cash_due(found):
        asked = request.app.url_path_for("postal:door_new", code=found.code)
        return RedirectResponse(f"{asked}?act={Act.DELIVER}", 303)
    try:
        await act(
            found.code,
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
    except Refusal as no:
        form.wrong(no.field or "act", no.sentence)
        return await _again(request, form, found, no.sentence, no.status, back_to)
    if back_to in _BACK:
        return RedirectResponse(request.app.url_path_for(_BACK[back_to]), 303)
    shown = request.app.url_path_for("postal:work_show", code=found.code)
    return RedirectResponse(f"{shown}?done={form.act}", 303)


async def label_show(request: Request) -> Response:
    """GET /post/parcels/{code}/label: Code 128 for scanners; the QR code opens the public page."""
    code = request.path_params["code"]
    found = (await seen_by(code, viewer_of(request), whole=True, action="label_read")).parcel
    public = parts_of(request)[Settings].base_url + request.app.url_path_for(
        "postal:parcel_show", code=found.code
    )
    page = LabelPage(
        row=row_of(found, whole_phones=True),
        order_code=found.order_code,
        due_dong=found.cod_dong,
        day=show_day(vietnam_date(found.booked_at)),
        barcode=Markup(code128_svg(found.code, height_mm=16, module_mm=0.32)),  # noqa: S704
        qr=Markup(qr_svg(public, size_mm=27)),  # noqa: S704
    )
    return render(request, "postal/label_show.html", page)


async def parcel_show(request: Request) -> Response:
    """GET /parcels/{code}: for anybody, without a name, a number or a street."""
    found = await parcel(request.path_params["code"])
    page = PublicPage(
        code=found.code,
        words=state_words(found),
        tone=TONES.get(found.state, "waiting"),
        from_place=f"{found.sender.commune}, {found.sender.province}",
        to_place=f"{found.recipient.commune}, {found.recipient.province}",
        booked_at=found.booked_at,
        steps=steps_of(await timeline(found.id), language_of(request)),
        fetch_at=await _fetch_at(found),
        is_fetched=found.point_id is not None,
        kept_until=found.kept_until if found.state is ParcelState.AT_DELIVERY_OFFICE else None,
    )
    return render(request, "postal/parcel_show.html", page)


async def _fetch_at(found: ParcelView) -> PointView | None:
    """The post office that was chosen, else one that would keep it."""
    if found.point_id is not None:
        return await point(found.point_id) if not found.is_final else None
    return await point_of(found.recipient.commune_code) if found.state in _AT_THE_OFFICE else None


def _refused(wanted: Act, found: ParcelView) -> Refusal | None:
    """Why the act does not fit the parcel; what is still to be filled in does not count."""
    try:
        refuse_outside(found.carrier)
        step(wanted, found.state)
    except Refusal as no:
        return None if no.field else no
    return None


async def _again(
    request: Request, form: ActForm, found: ParcelView, sentence: Sentence, status: int, back_to: str
) -> Response:
    """The page with its mistakes: at the fields when the act has some, above the parcel otherwise."""
    wanted = form.typed.get("act", "")
    at_fields = bool({"reason", "note"} & form.errors.keys())
    if at_fields and wanted in list(Act) and asks(Act(wanted)):
        return _act_page(request, form, found, Act(wanted), back_to, status=status)
    seen = await seen_by(found.code, viewer_of(request))
    return await work_page(request, seen, wrong=sentence, status=status)


async def work_page(
    request: Request,
    seen: Seen,
    *,
    done: str = "",
    wrong: Sentence | None = None,
    status: int = 200,
) -> Response:
    """A parcel for staff, as much of it as they may see: of what is not theirs, what its label shows."""
    found, is_whole = seen.parcel, seen.is_whole
    stopped = request.query_params.get("stop", "")
    acts, rare_acts = buttons_for(found)
    roles = caller_of(request).roles
    page = WorkPage(
        row=row_of(found, whole_phones=is_whole),
        is_whole=is_whole,
        order_code=found.order_code,
        attempts=found.attempts,
        booked_at=found.booked_at,
        steps=steps_of(await timeline(found.id, for_staff=True), language_of(request)),
        acts=acts,
        rare_acts=rare_acts,
        key=token(),
        done=done,
        wrong=wrong,
        proofs=await proofs_of(found.id) if is_whole else [],
        weighed=show_weight(found.weighed_g) if found.weighed_g else "",
        weight_differs=weight_differs(found),
        outside=outside_of(found, parts_of(request)[Carriers]) if is_whole else None,
        is_desk=bool({Role.CLERK, Role.ADMIN} & roles),
        stopped=STOP_SAID[CancelAnswer(stopped)] if stopped in list(CancelAnswer) else None,
    )
    return render(request, "postal/work_show.html", page, status=status)


def _act_page(
    request: Request, form: ActForm, found: ParcelView, wanted: Act, back_to: str, *, status: int = 200
) -> Response:
    language = language_of(request)
    reasons = [
        (str(one), translated(reason_words(one), language))
        for one in reasons_for(wanted, is_adult_only=found.is_adult_only)
    ]
    key = "" if "event_key" in form.errors else form.typed.get("event_key", "")
    page = ActPage(form, row_of(found), wanted, act_words(wanted), reasons, key or token(), back_to)
    return render(request, "postal/act_new.html", page, status=status)
