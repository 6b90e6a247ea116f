"""Moderation for administrators: the queue by its clocks, a listing's history, taking down, putting back, appeals."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.words import act_words
from kit.clock import Clock
from kit.dates import day_start
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.answers import done_or_told
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.moderation_forms import DecisionForm, DemandForm, ReasonForm, TakeDownForm
from vendors.review_rules import REASONS
from vendors.services import Leaf
from vendors.services.moderation.acts import (
    Complaint,
    decide_appeal,
    enter_demand,
    keep_listing,
    lift_take_down,
    take_down,
)
from vendors.services.moderation.desk import ListingHistory, QueueRow, listing_history, moderation_queue
from vendors.states import NAMES, TONES

ADMINS = roles(Role.ADMIN)


@dataclass
class QueuePage:
    """What waits; a refused answer stands at its row (`form`, `form_id`)."""

    leaf: Leaf[QueueRow]
    form: Form | None
    form_id: str
    refused: Sentence | None
    told: str


@dataclass
class HistoryPage:
    """One listing: what happened, and what may be done. `asked` says which form was sent."""

    history: ListingHistory
    acts: list[tuple[datetime, str, Sentence]]
    state_name: Sentence
    tone: str
    reasons: list[tuple[str, Sentence]]
    form: Form | None
    asked: str
    refused: Sentence | None
    told: str


async def moderation_index(request: Request) -> Response:
    """The queue."""
    return await _queue(request)


async def report_keep(request: Request) -> Response:
    """Answers a report: the goods stay."""
    report_id = int(request.path_params["id"])
    form = ReasonForm.read(typed_of(request))
    if not form.ok:
        return await _queue(request, form, f"report-{report_id}", status=422)
    kept = keep_listing(report_id, form.answer, by=person_id_of(request), now=_now(request))
    return await done_or_told(kept, "/admin/moderation?told=kept", partial(_queue, request))


async def appeal_decide(request: Request) -> Response:
    """Decides an appeal."""
    appeal_id = int(request.path_params["id"])
    form = DecisionForm.read(typed_of(request))
    if not form.ok:
        return await _queue(request, form, f"appeal-{appeal_id}", status=422)
    by, now = person_id_of(request), _now(request)
    decided = decide_appeal(appeal_id, is_granted=form.is_granted, answer=form.answer, by=by, now=now)
    told = "granted" if form.is_granted else "denied"
    return await done_or_told(decided, f"/admin/moderation?told={told}", partial(_queue, request))


async def moderation_show(request: Request) -> Response:
    """One listing's history."""
    return await _history(request)


async def take_down_create(request: Request) -> Response:
    """Takes goods down."""
    form = TakeDownForm.read(typed_of(request))
    if not form.ok:
        return await _history(request, form, "take-down", status=422)
    taken = take_down(_code(request), form.reason, form.words, by=person_id_of(request), now=_now(request))
    return await done_or_told(taken, _history_after(request, "taken_down"), partial(_history, request))


async def demand_create(request: Request) -> Response:
    """Enters an authority's demand."""
    form = DemandForm.read(typed_of(request))
    if not form.ok:
        return await _history(request, form, "demand", status=422)
    said = Complaint(form.reason, form.words, document=form.document)
    received_at = day_start(form.received_on)
    await enter_demand(
        _code(request), said, received_at=received_at, by=person_id_of(request), now=_now(request)
    )
    return RedirectResponse(_history_after(request, "demanded"), 303)


async def lifting_create(request: Request) -> Response:
    """Puts goods back."""
    form = ReasonForm.read(typed_of(request))
    if not form.ok:
        return await _history(request, form, "lifting", status=422)
    lifted = lift_take_down(_code(request), form.answer, by=person_id_of(request), now=_now(request))
    return await done_or_told(lifted, _history_after(request, "lifted"), partial(_history, request))


async def _queue(
    request: Request,
    form: Form | None = None,
    form_id: str = "",
    *,
    refused: Sentence | None = None,
    status: int = 200,
) -> Response:
    leaf = await moderation_queue(page_number(request), reader=person_id_of(request), now=_now(request))
    page = QueuePage(leaf, form, form_id, refused, request.query_params.get("told", ""))
    return render(request, "vendors/moderation_index.html", page, status=status)


async def _history(
    request: Request,
    form: Form | None = None,
    asked: str = "",
    *,
    refused: Sentence | None = None,
    status: int = 200,
) -> Response:
    history = await listing_history(_code(request))
    page = HistoryPage(
        history=history,
        acts=[(act.at, act.person, act_words(act.action)) for act in history.acts],
        state_name=NAMES[history.listing.state],
        tone=TONES[history.listing.state],
        reasons=[(str(reason), why.words) for reason, why in REASONS.items()],
        form=form,
        asked=asked,
        refused=refused,
        told=request.query_params.get("told", ""),
    )
    return render(request, "vendors/moderation_show.html", page, status=status)


def _history_after(request: Request, told: str) -> str:
    return f"/admin/moderation/{_code(request)}?told={told}"


def _code(request: Request) -> str:
    return str(request.path_params["code"])


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ONE = "/admin/moderation/{code}"
ROUTES = [
    get("/admin/moderation", moderation_index, who=ADMINS, name="vendors:moderation_index"),
    post("/admin/moderation/reports/{id:int}/keeping", report_keep, who=ADMINS, name="vendors:report_keep"),
    post(
        "/admin/moderation/appeals/{id:int}/decision", appeal_decide, who=ADMINS, name="vendors:appeal_decide"
    ),
    get(ONE, moderation_show, who=ADMINS, name="vendors:moderation_show"),
    post(ONE + "/take-down", take_down_create, who=ADMINS, name="vendors:take_down_create"),
    post(ONE + "/demands", demand_create, who=ADMINS, name="vendors:demand_create"),
    post(ONE + "/lifting", lifting_create, who=ADMINS, name="vendors:lifting_create"),
]
