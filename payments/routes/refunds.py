"""Pages of refunds: a seller's own with what to do and the QR code, and the administrators' queue."""

from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.forms import Form
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import Fresh, get, post, roles
from payments.models import Refund
from payments.qr_picture import SVG_TYPE, qr_svg
from payments.refund_forms import DecisionForm, ReasonForm, WordsForm
from payments.services import (
    RefundPage,
    cancel_refund,
    confirm_refund,
    decide_refund,
    refund_queue,
    refunds_of_vendors,
)
from payments.services.refunds.shown import RefundShown, refund_shown, refund_with


@dataclass(frozen=True)
class RefundIndexPage:
    """A list of refunds; `every` shows also those that are over."""

    refunds: RefundPage
    every: bool
    is_admin: bool
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class RefundShowPage:
    """One refund. `form` is the one that was sent last, if any; `is_mine` may transfer it."""

    shown: RefundShown
    form: Form
    is_admin: bool
    may_confirm: bool
    may_cancel: bool
    qr_url: str


async def refund_index(request: Request) -> Response:
    """The seller's refunds: those that wait for a transfer first of all."""
    every, page = "all" in request.query_params, page_number(request)
    found = await refunds_of_vendors(_vendor_ids(request), page, only_waiting=not every)
    return _list(request, found, every=every, is_admin=False)


async def refund_show(request: Request) -> Response:
    """What to do for one refund, with the account and a QR code that asks the seller's own bank for it."""
    return await _page(request, await _own(request), Form())


async def refund_qr(request: Request) -> Response:
    """The QR code of a transfer back to the buyer, for who has to make it."""
    return await _qr(request, await _own(request))


async def refund_confirm(request: Request) -> Response:
    """The seller says that the money is on its way: transferred, or handed over."""
    refund = await _own(request)
    if refund.attempt_id is not None:
        raise NotFound()
    return await _confirm(request, refund)


async def refund_cancel(request: Request) -> Response:
    """The seller calls off what they gave of their own accord; what a buyer was promised stays."""
    refund = await _own(request)
    if not refund.key.startswith("seller:"):
        raise NotFound()
    return await _cancel(request, refund)


async def admin_refund_index(request: Request) -> Response:
    """Refunds that need a person, and those under way; all of them on request."""
    every = "all" in request.query_params
    found = await refund_queue(page_number(request), all_of_them=every)
    return _list(request, found, every=every, is_admin=True)


async def admin_refund_show(request: Request) -> Response:
    """One refund, whosesoever it is."""
    return await _page(request, await refund_with(request.path_params["code"]), Form(), is_admin=True)


async def admin_refund_qr(request: Request) -> Response:
    """The QR code of a transfer that an administrator makes."""
    return await _qr(request, await refund_with(request.path_params["code"]))


async def admin_refund_confirm(request: Request) -> Response:
    """An administrator has transferred, or has it from the seller."""
    return await _confirm(request, await refund_with(request.path_params["code"]), is_admin=True)


async def admin_refund_cancel(request: Request) -> Response:
    """An administrator calls a refund off."""
    return await _cancel(request, await refund_with(request.path_params["code"]), is_admin=True)


async def admin_refund_decide(request: Request) -> Response:
    """How a refund that waited for a person ended."""
    refund, form = await refund_with(request.path_params["code"]), DecisionForm.read(form_of(request))
    if not form.ok:
        return await _page(request, refund, form, is_admin=True)
    now = parts_of(request)[Clock].now()
    await decide_refund(
        refund.id, came=form.came == "yes", person_id=person_id_of(request), words=form.words, now=now
    )
    return _back(request, refund, is_admin=True)


async def _confirm(request: Request, refund: Refund, *, is_admin: bool = False) -> Response:
    form = WordsForm.read(form_of(request))
    if not form.ok:
        return await _page(request, refund, form, is_admin=is_admin)
    now = parts_of(request)[Clock].now()
    await confirm_refund(refund.id, person_id=person_id_of(request), words=form.words, now=now)
    return _back(request, refund, is_admin=is_admin)


async def _cancel(request: Request, refund: Refund, *, is_admin: bool = False) -> Response:
    form = ReasonForm.read(form_of(request))
    if not form.ok:
        return await _page(request, refund, form, is_admin=is_admin)
    now = parts_of(request)[Clock].now()
    await cancel_refund(refund.id, person_id=person_id_of(request), reason=form.words, now=now)
    return _back(request, refund, is_admin=is_admin)


def _back(request: Request, refund: Refund, *, is_admin: bool) -> Response:
    name = "payments:admin_refund_show" if is_admin else "payments:refund_show"
    return RedirectResponse(request.app.url_path_for(name, code=refund.code), 303)


def _list(request: Request, found: RefundPage, *, every: bool, is_admin: bool) -> Response:
    here = f"{request.url.path}?{'all=1&' if every else ''}page="
    page = RefundIndexPage(
        refunds=found,
        every=every,
        is_admin=is_admin,
        newer_url=f"{here}{found.page - 1}" if found.page > 1 else "",
        older_url=f"{here}{found.page + 1}" if found.has_more else "",
    )
    return render(request, f"payments/{'admin_' if is_admin else ''}refund_index.html", page)


async def _page(request: Request, refund: Refund, form: Form, *, is_admin: bool = False) -> Response:
    parts = parts_of(request)
    may_transfer = is_admin or refund.attempt_id is None
    keys = seal_keys(parts[Settings]) if may_transfer else None
    shown = await refund_shown(refund, keys, person_id=person_id_of(request))
    waits = shown.refund.is_by_hand and shown.refund.state in ("requested", "manual")
    name = "payments:admin_refund_qr" if is_admin else "payments:refund_qr"
    page = RefundShowPage(
        shown=shown,
        form=form,
        is_admin=is_admin,
        may_confirm=waits and may_transfer,
        may_cancel=waits and (is_admin or refund.key.startswith("seller:")),
        qr_url=request.app.url_path_for(name, code=refund.code) if shown.opened else "",
    )
    template = f"payments/{'admin_' if is_admin else ''}refund_show.html"
    return render(request, template, page, status=200 if form.ok else 422)


async def _qr(request: Request, refund: Refund) -> Response:
    keys = seal_keys(parts_of(request)[Settings])
    shown = await refund_shown(refund, keys, person_id=person_id_of(request))
    if shown.opened is None:
        raise NotFound()
    picture = await anyio.to_thread.run_sync(qr_svg, shown.opened.qr_text)
    return Response(picture, media_type=SVG_TYPE, headers={"cache-control": "private, no-store"})


async def _own(request: Request) -> Refund:
    refund = await refund_with(request.path_params["code"])
    if refund.vendor_id not in _vendor_ids(request):
        raise NotFound()
    return refund


def _vendor_ids(request: Request) -> tuple[int, ...]:
    return caller_of(request).scope_ids(Role.VENDOR)


_VENDOR, _ADMIN = roles(Role.VENDOR), roles(Role.ADMIN)
_OWN, _ANY = "/sell/refunds/{code}", "/admin/refunds/{code}"

ROUTES: list[BaseRoute] = [
    get("/sell/refunds", refund_index, who=_VENDOR, name="payments:refund_index"),
    get(_OWN, refund_show, who=_VENDOR, name="payments:refund_show"),
    get(_OWN + "/qr.svg", refund_qr, who=_VENDOR, name="payments:refund_qr"),
    post(_OWN + "/confirmation", refund_confirm, who=_VENDOR, name="payments:refund_confirm"),
    post(_OWN + "/cancellation", refund_cancel, who=_VENDOR, name="payments:refund_cancel"),
    get("/admin/refunds", admin_refund_index, who=_ADMIN, name="payments:admin_refund_index"),
    get(_ANY, admin_refund_show, who=_ADMIN, name="payments:admin_refund_show"),
    get(_ANY + "/qr.svg", admin_refund_qr, who=_ADMIN, name="payments:admin_refund_qr"),
    post(
        _ANY + "/confirmation",
        admin_refund_confirm,
        who=_ADMIN,
        name="payments:admin_refund_confirm",
        fresh=Fresh.FACTOR,
    ),
    post(_ANY + "/cancellation", admin_refund_cancel, who=_ADMIN, name="payments:admin_refund_cancel"),
    post(
        _ANY + "/decision",
        admin_refund_decide,
        who=_ADMIN,
        name="payments:admin_refund_decide",
        fresh=Fresh.FACTOR,
    ),
]
