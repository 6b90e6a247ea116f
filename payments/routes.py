"""Pages of payments: the bank's notices coming in, QR pictures, the seller's money, what needs a person."""

import logging
from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.limits import Limits
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import person_id_of, vendor_id_of
from kit.web.callers import address_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from payments import callback_routes
from payments.forms import AttachForm, ResolveForm
from payments.qr_picture import PNG_TYPE, SVG_TYPE, qr_png, qr_svg
from payments.sepay_gate import ACKNOWLEDGED, BadSignature, MalformedNotice, StaleNotice, verify
from payments.services import (
    NoticeReview,
    PaymentReview,
    PaymentView,
    Reviews,
    VendorMoney,
    attach_notice,
    money_of_vendor,
    notice_review,
    open_reviews,
    payment_by_code,
    payment_review,
    payments_of_vendor,
    record_notice,
    record_unreadable,
    resolve_review,
    set_aside_notice,
)
from payments.twins.bank import TWIN_ROUTES

NOTICE_MAX_BYTES = 64 * 1024
NOTICES_A_MINUTE = 600
PNG_PIXELS_A_MODULE = 12
ID_MAX = 2**63 - 1
log = logging.getLogger("payments")


@dataclass(frozen=True)
class MoneyPage:
    """The seller's money."""

    money: VendorMoney
    payments: list[PaymentView]
    newer_url: str
    older_url: str


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


async def sepay_notice_create(request: Request) -> Response:
    """SePay tells of a bank transaction: signature on the raw bytes, written down, answered; worked later.

    200 {"success": true} also for one that is known; 401 for a wrong signature or a stale one; 400 for one that
    is rightly signed but unreadable: it is kept for a person, and SePay's repeats show that something is wrong.
    """
    parts = parts_of(request)
    key = f"sepay:{address_of(request)}"
    if not await parts[Limits].allows(key, times=NOTICES_A_MINUTE, seconds=60):
        return _refused(429, "too many notices")
    raw = await _body(request)
    if raw is None:
        return _refused(413, f"a notice has at most {NOTICE_MAX_BYTES} bytes")
    now = parts[Clock].now()
    try:
        notice = verify(raw, _headers(request), parts[Settings].sepay_secret, now)
    except (BadSignature, StaleNotice) as refused:
        log.warning("notice from %s refused: %s", address_of(request), refused)
        return _refused(401, str(refused))
    except MalformedNotice as unreadable:
        log.error("signed notice is unreadable: %s", unreadable)
        await record_unreadable(raw.decode(errors="replace").replace("\0", " "), now=now)
        return _refused(400, str(unreadable))
    await record_notice(notice, raw.decode(), now=now)
    return JSONResponse(dict(ACKNOWLEDGED))


async def qr_show(request: Request) -> Response:
    """The QR picture of a payment that may still be paid, for what is left to pay; svg or png."""
    payment = await payment_by_code(request.path_params["code"])
    kind = request.path_params["kind"]
    if not payment.qr_text or kind not in ("svg", "png"):
        raise NotFound()
    if kind == "svg":
        picture: str | bytes = await anyio.to_thread.run_sync(qr_svg, payment.qr_text)
    else:
        picture = await anyio.to_thread.run_sync(qr_png, payment.qr_text, PNG_PIXELS_A_MODULE)
    media_type = SVG_TYPE if kind == "svg" else PNG_TYPE
    return Response(picture, media_type=media_type, headers={"cache-control": "private, max-age=300"})


async def money_index(request: Request) -> Response:
    """The seller's own money: today, this week, and each payment with its state."""
    vendor_id = vendor_id_of(request)
    before_id = _number(request.query_params.get("before", ""))
    money = await money_of_vendor(vendor_id, now=parts_of(request)[Clock].now())
    page = await payments_of_vendor(vendor_id, before_id)
    here = request.url.path
    older_url = f"{here}?before={page.older_before}" if page.older_before else ""
    return render(
        request,
        "payments/money_index.html",
        MoneyPage(money, page.payments, here if before_id else "", older_url),
    )


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


async def _body(request: Request) -> bytes | None:
    """The raw body, never more than the most a notice may have; None when it is larger."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > NOTICE_MAX_BYTES:
        return None
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > NOTICE_MAX_BYTES:
            return None
    return raw


def _headers(request: Request) -> dict[str, str]:
    """The headers by name; one that came twice holds both values and fits nothing."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}


def _refused(status: int, why: str) -> JSONResponse:
    return JSONResponse({"success": False, "message": why}, status)


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


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


_ADMIN = roles(Role.ADMIN)
_NOTICE = "/admin/payments/notices/{notice_id:int}"

ROUTES: list[BaseRoute] = [
    post(
        "/payments/notices/sepay",
        sepay_notice_create,
        who=ANYONE,
        name="payments:sepay_notice_create",
        outside=True,
    ),
    *callback_routes.ROUTES,
    get("/payments/{code}/qr.{kind}", qr_show, who=ANYONE, name="payments:qr_show"),
    get("/sell/money", money_index, who=roles(Role.VENDOR), name="payments:money_index"),
    get("/admin/payments", review_index, who=_ADMIN, name="payments:review_index"),
    get(_NOTICE, notice_show, who=_ADMIN, name="payments:notice_show"),
    post(_NOTICE + "/attach", notice_attach, who=_ADMIN, name="payments:notice_attach"),
    post(_NOTICE + "/set-aside", notice_set_aside, who=_ADMIN, name="payments:notice_set_aside"),
    get("/admin/payments/{code}", review_show, who=_ADMIN, name="payments:review_show"),
    post("/admin/payments/{code}/resolve", review_resolve, who=_ADMIN, name="payments:review_resolve"),
]

__all__ = ["ROUTES", "TWIN_ROUTES"]
