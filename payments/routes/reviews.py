"""Pages for administrators: what needs a person, and the ways to settle it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.roles import Role
from kit.web.asked import person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from payments.forms import AttachForm, ResolveForm
from payments.services import (
    NoticeReview,
    PaymentReview,
    Reviews,
    attach_notice,
    notice_review,
    open_reviews,
    payment_by_code,
    payment_review,
    resolve_review,
    set_aside_notice,
)

ID_MAX = 2**63 - 1


@dataclass(frozen=True)
class ReviewIndexPage:
    """What needs a person."""

    reviews: Reviews


@dataclass(frozen=True)
class PaymentReviewPage:
    """One payment that needs a person."""

    review: PaymentReview
    form: ResolveForm


@dataclass(frozen=True)
class NoticeReviewPage:
    """One notice that belongs to no payment."""

    review: NoticeReview
    attach_form: AttachForm
    resolve_form: ResolveForm


async def review_index(request: Request) -> Response:
    """What needs a person: payments first, then notices that belong to none."""
    return render(request, "payments/review_index.html", ReviewIndexPage(await open_reviews()))


async def review_show(request: Request) -> Response:
    """One payment, what happened to it, and the way to settle it."""
    return await _review_page(request, ResolveForm())


async def review_resolve(request: Request) -> Response:
    """Marks a payment as seen to."""
    form = ResolveForm.read(form_of(request))
    if not form.ok:
        return await _review_page(request, form)
    payment = await payment_by_code(request.path_params["code"])
    await resolve_review(
        payment.id,
        person_id=person_id_of(request),
        note=form.note,
        now=parts_of(request)[Clock].now(),
        is_returned=form.is_returned,
    )
    return RedirectResponse(request.app.url_path_for("payments:review_index"), 303)


async def notice_show(request: Request) -> Response:
    """One notice that belongs to no payment, and the ways to settle it."""
    return await _notice_page(request, AttachForm(), ResolveForm())


async def notice_attach(request: Request) -> Response:
    """Says which payment a notice was for."""
    form = AttachForm.read(form_of(request))
    if form.ok:
        now = parts_of(request)[Clock].now()
        try:
            await attach_notice(_notice_id(request), form.code, person_id=person_id_of(request), now=now)
            return RedirectResponse(request.app.url_path_for("payments:review_index"), 303)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _notice_page(request, form, ResolveForm())


async def notice_set_aside(request: Request) -> Response:
    """Closes a notice with a note."""
    form = ResolveForm.read(form_of(request))
    if not form.ok:
        return await _notice_page(request, AttachForm(), form)
    now = parts_of(request)[Clock].now()
    await set_aside_notice(_notice_id(request), person_id=person_id_of(request), note=form.note, now=now)
    return RedirectResponse(request.app.url_path_for("payments:review_index"), 303)


async def _review_page(request: Request, form: ResolveForm) -> Response:
    review = await payment_review(request.path_params["code"])
    page = PaymentReviewPage(review, form)
    return render(request, "payments/review_show.html", page, status=200 if form.ok else 422)


async def _notice_page(request: Request, attach: AttachForm, resolve: ResolveForm) -> Response:
    page = NoticeReviewPage(await notice_review(_notice_id(request)), attach, resolve)
    return render(request, "payments/notice_show.html", page, status=200 if attach.ok and resolve.ok else 422)


def _notice_id(request: Request) -> int:
    number = int(request.path_params["notice_id"])
    if number > ID_MAX:
        raise NotFound()
    return number


_ADMIN = roles(Role.ADMIN)
_NOTICE = "/admin/payments/notices/{notice_id:int}"

ROUTES: list[BaseRoute] = [
    get("/admin/payments", review_index, who=_ADMIN, name="payments:review_index"),
    get(_NOTICE, notice_show, who=_ADMIN, name="payments:notice_show"),
    post(_NOTICE + "/attach", notice_attach, who=_ADMIN, name="payments:notice_attach"),
    post(_NOTICE + "/set-aside", notice_set_aside, who=_ADMIN, name="payments:notice_set_aside"),
    get("/admin/payments/{code}", review_show, who=_ADMIN, name="payments:review_show"),
    post("/admin/payments/{code}/resolve", review_resolve, who=_ADMIN, name="payments:review_resolve"),
]
