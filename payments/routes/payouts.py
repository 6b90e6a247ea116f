"""Pages of payouts: what is owed to whom and every payout for administrators, a seller's own view."""

from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.forms import Form
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import Fresh, get, post, roles
from payments.models import PayoutStatus
from payments.qr_picture import SVG_TYPE, qr_svg
from payments.refund_forms import GatherForm, PayoutEndForm
from payments.services.payouts.gathering import approve_payout, end_payout, gather_payout, owed_to, say_sent
from payments.services.payouts.shown import (
    OwedRow,
    PayoutPage,
    PayoutShown,
    owed_rows,
    payout_shown,
    payouts,
)
from payments.states import PAYOUT_FOLLOWS


@dataclass(frozen=True)
class PayoutIndexPage:
    """Who is owed what, and a page of payouts."""

    owed: list[OwedRow]
    payouts: PayoutPage
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class PayoutShowPage:
    """One payout and the steps that its state allows."""

    shown: PayoutShown
    form: Form
    next_states: list[str]
    qr_url: str


@dataclass(frozen=True)
class OwnPayoutsPage:
    """A seller's own view: what is owed to them now, and what was paid on."""

    owed_dong: int
    payouts: PayoutPage
    newer_url: str
    older_url: str


async def own_payout_index(request: Request) -> Response:
    """What providers collected for the seller and what of it was paid on."""
    vendor_id = vendor_id_of(request)
    found = await payouts(page_number(request), vendor_id=vendor_id)
    newer_url, older_url = _around(request, found)
    page = OwnPayoutsPage(await owed_to(vendor_id), found, newer_url, older_url)
    return render(request, "payments/own_payout_index.html", page)


async def payout_index(request: Request) -> Response:
    """Owed by seller, and every payout."""
    found = await payouts(page_number(request))
    newer_url, older_url = _around(request, found)
    page = PayoutIndexPage(await owed_rows(), found, newer_url, older_url)
    return render(request, "payments/payout_index.html", page)


async def payout_gather(request: Request) -> Response:
    """Gathers all that one seller is owed."""
    form = GatherForm.read(form_of(request))
    if not form.ok:
        raise NotFound()
    now = parts_of(request)[Clock].now()
    await gather_payout(form.vendor_id, person_id=person_id_of(request), now=now)
    return RedirectResponse(request.app.url_path_for("payments:payout_index"), 303)


async def payout_show(request: Request) -> Response:
    """One payout: the account, the QR code while it may be sent, and what was done."""
    return await _page(request, Form())


async def payout_qr(request: Request) -> Response:
    """The QR code of the transfer."""
    shown = await payout_shown(request.path_params["code"])
    if not shown.qr_text:
        raise NotFound()
    picture = await anyio.to_thread.run_sync(qr_svg, shown.qr_text)
    return Response(picture, media_type=SVG_TYPE, headers={"cache-control": "private, no-store"})


async def payout_approve(request: Request) -> Response:
    """Lets it go."""
    shown = await payout_shown(request.path_params["code"])
    now = parts_of(request)[Clock].now()
    await approve_payout(shown.row.id, person_id=person_id_of(request), now=now)
    return _back(request, shown)


async def payout_sent(request: Request) -> Response:
    """Who transferred says so."""
    shown = await payout_shown(request.path_params["code"])
    await say_sent(shown.row.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return _back(request, shown)


async def payout_end(request: Request) -> Response:
    """How it ended, in words."""
    shown, form = await payout_shown(request.path_params["code"]), PayoutEndForm.read(form_of(request))
    if not form.ok:
        return await _page(request, form)
    now = parts_of(request)[Clock].now()
    state = PayoutStatus(form.state)
    await end_payout(shown.row.id, state, person_id=person_id_of(request), words=form.words, now=now)
    return _back(request, shown)


async def _page(request: Request, form: Form) -> Response:
    shown = await payout_shown(request.path_params["code"])
    ends = ("succeeded", "failed", "returned", "cancelled")
    page = PayoutShowPage(
        shown=shown,
        form=form,
        next_states=[one for one in ends if PayoutStatus(one) in PAYOUT_FOLLOWS[shown.row.state]],
        qr_url=request.app.url_path_for("payments:payout_qr", code=shown.row.code) if shown.qr_text else "",
    )
    return render(request, "payments/payout_show.html", page, status=200 if form.ok else 422)


def _back(request: Request, shown: PayoutShown) -> Response:
    return RedirectResponse(request.app.url_path_for("payments:payout_show", code=shown.row.code), 303)


def _around(request: Request, found: PayoutPage) -> tuple[str, str]:
    here = f"{request.url.path}?page="
    newer_url = f"{here}{found.page - 1}" if found.page > 1 else ""
    return newer_url, f"{here}{found.page + 1}" if found.has_more else ""


_VENDOR, _ADMIN = roles(Role.VENDOR), roles(Role.ADMIN)
_ONE = "/admin/payouts/{code}"

ROUTES: list[BaseRoute] = [
    get("/sell/payouts", own_payout_index, who=_VENDOR, name="payments:own_payout_index"),
    get("/admin/payouts", payout_index, who=_ADMIN, name="payments:payout_index"),
    post("/admin/payouts", payout_gather, who=_ADMIN, name="payments:payout_gather"),
    get(_ONE, payout_show, who=_ADMIN, name="payments:payout_show"),
    get(_ONE + "/qr.svg", payout_qr, who=_ADMIN, name="payments:payout_qr"),
    post(_ONE + "/approval", payout_approve, who=_ADMIN, name="payments:payout_approve", fresh=Fresh.FACTOR),
    post(_ONE + "/sending", payout_sent, who=_ADMIN, name="payments:payout_sent", fresh=Fresh.FACTOR),
    post(_ONE + "/end", payout_end, who=_ADMIN, name="payments:payout_end", fresh=Fresh.FACTOR),
]
