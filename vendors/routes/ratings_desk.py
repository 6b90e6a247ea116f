"""One rating before an administrator: as it was written, what is said against it, and the decisions."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from kit.clock import Clock
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.answers import done_or_told
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.rating_forms import RatingDecisionForm, RatingKeepForm, RatingTakeDownForm
from vendors.rating_rules import FAULTS
from vendors.services.photos import SMALL_PX, photo_url
from vendors.services.ratings.moderated import (
    RatingHistory,
    decide_rating_appeal,
    keep_rating,
    publish_rating,
    rating_history,
    take_rating_down,
)

ADMINS = roles(Role.ADMIN)


@dataclass
class RatingDeskPage:
    """A rating and what may be done about it; `asked` says which form was sent, `is_mine` who took it down."""

    history: RatingHistory
    faults: list[tuple[str, Sentence]]
    photo_urls: list[str]
    is_mine: bool
    form: Form | None
    asked: str
    refused: Sentence | None
    told: str


async def rating_show(request: Request) -> Response:
    """The rating with its history."""
    return await _page(request)


async def rating_take_down(request: Request) -> Response:
    """Takes it down."""
    form = RatingTakeDownForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, "take-down", status=422)
    down = take_rating_down(_id(request), form.fault, form.words, by=person_id_of(request), now=_now(request))
    return await _done(request, down, "down")


async def rating_publish(request: Request) -> Response:
    """What was held is in order."""
    return await _done(
        request, publish_rating(_id(request), by=person_id_of(request), now=_now(request)), "published"
    )


async def rating_keep(request: Request) -> Response:
    """Answers what is said against it: it stays."""
    form = RatingKeepForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, "keep", status=422)
    kept = keep_rating(_id(request), form.answer, by=person_id_of(request), now=_now(request))
    return await _done(request, kept, "kept")


async def rating_appeal_decide(request: Request) -> Response:
    """Decides the author's appeal."""
    form = RatingDecisionForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, "decision", status=422)
    by, now = person_id_of(request), _now(request)
    decided = decide_rating_appeal(
        _id(request), is_granted=form.is_granted, answer=form.answer, by=by, now=now
    )
    return await _done(request, decided, "decided")


async def _done(request: Request, act: Awaitable[None], told: str) -> Response:
    return await done_or_told(act, f"/admin/ratings/{_id(request)}?told={told}", partial(_page, request))


async def _page(
    request: Request,
    form: Form | None = None,
    asked: str = "",
    *,
    refused: Sentence | None = None,
    status: int = 200,
) -> Response:
    history = await rating_history(_id(request))
    standing = history.standing
    page = RatingDeskPage(
        history=history,
        faults=[(str(fault), why.words) for fault, why in FAULTS.items()],
        photo_urls=[photo_url(key, SMALL_PX) for key in history.photo_keys],
        is_mine=standing is not None and standing.taken_by == person_id_of(request),
        form=form,
        asked=asked,
        refused=refused,
        told=request.query_params.get("told", ""),
    )
    return render(request, "vendors/rating_desk.html", page, status=status)


def _id(request: Request) -> int:
    return int(request.path_params["id"])


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ONE = "/admin/ratings/{id:int}"
ROUTES = [
    get(ONE, rating_show, who=ADMINS, name="vendors:rating_show"),
    post(ONE + "/take-down", rating_take_down, who=ADMINS, name="vendors:rating_take_down"),
    post(ONE + "/publication", rating_publish, who=ADMINS, name="vendors:rating_publish"),
    post(ONE + "/keeping", rating_keep, who=ADMINS, name="vendors:rating_keep"),
    post(ONE + "/decision", rating_appeal_decide, who=ADMINS, name="vendors:rating_appeal_decide"),
]
