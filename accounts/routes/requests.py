"""What people ask about their data, for administrators: by what is due first, answered or refused with reasons."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from accounts.privacy_forms import AnswerForm, ExtendForm
from accounts.routes.places import row_in
from accounts.services.requests import RequestLine, answer, erase_now, extend, request_queue
from kit.clock import Clock
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.answers import done_or_told
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles


@dataclass
class RequestsPage:
    """Open requests or closed ones; a refused answer stands at its request (`form`, `form_id`)."""

    lines: list[RequestLine]
    page: int
    has_more: bool
    is_open: bool
    form: Form | None
    form_id: int
    refused: Sentence | None
    told: str


async def request_queue_index(request: Request) -> Response:
    """The queue."""
    return await _page(request)


async def request_answer(request: Request) -> Response:
    """Answers, with words."""
    return await _answer(request, is_refused=False)


async def request_refuse(request: Request) -> Response:
    """Refuses, with the reason."""
    return await _answer(request, is_refused=True)


async def request_extend(request: Request) -> Response:
    """Takes more time, once."""
    form = ExtendForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    row_id, by = row_in(request, "request_id"), person_id_of(request)
    return await _done(request, extend(row_id, form.because, by=by, now=_now(request)), "extended")


async def erasure_create(request: Request) -> Response:
    """Lets an erasure happen in the next round."""
    row_id, by = row_in(request, "request_id"), person_id_of(request)
    return await _done(request, erase_now(row_id, by=by, now=_now(request)), "hastened")


async def _answer(request: Request, *, is_refused: bool) -> Response:
    form = AnswerForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    row_id, by = row_in(request, "request_id"), person_id_of(request)
    answered = answer(row_id, form.words, is_refused=is_refused, by=by, now=_now(request))
    return await _done(request, answered, "refused" if is_refused else "answered")


async def _done(request: Request, act: Awaitable[object], told: str) -> Response:
    return await done_or_told(act, f"/admin/requests?told={told}", partial(_page, request))


async def _page(
    request: Request, form: Form | None = None, *, refused: Sentence | None = None, status: int = 200
) -> Response:
    number, is_open = page_number(request), request.query_params.get("state") != "closed"
    lines, has_more = await request_queue(number, is_open=is_open, now=_now(request))
    form_id = row_in(request, "request_id") if form else 0
    told = request.query_params.get("told", "")
    page = RequestsPage(lines, number, has_more, is_open, form, form_id, refused, told)
    return render(request, "accounts/requests.html", page, status=status)


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ADMINS = roles(Role.ADMIN)
ONE = "/admin/requests/{request_id:int}"
ROUTES = [
    get("/admin/requests", request_queue_index, who=ADMINS, name="accounts:request_queue_index"),
    post(ONE + "/answer", request_answer, who=ADMINS, name="accounts:request_answer"),
    post(ONE + "/refusal", request_refuse, who=ADMINS, name="accounts:request_refuse"),
    post(ONE + "/extension", request_extend, who=ADMINS, name="accounts:request_extend"),
    post(ONE + "/erasure", erasure_create, who=ADMINS, name="accounts:erasure_create"),
]
