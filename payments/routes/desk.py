"""Pages for administrators: where money is, and what providers' lists say otherwise than we were told."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.roles import Role
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from payments.forms import DifferenceForm
from payments.services.reconciling import DifferencePage, close_difference, differences
from payments.services.where import MoneyFound, where_is

ASKED_MAX = 80
STATES = ("open", "explained", "settled")


@dataclass(frozen=True)
class WherePage:
    """What fits the question; `found` is None as long as nothing was asked."""

    asked: str
    found: MoneyFound | None


@dataclass(frozen=True)
class ReconciliationPage:
    """Differences in one state."""

    state: str
    found: DifferencePage
    form: DifferenceForm
    at: int
    newer_url: str
    older_url: str


async def where_show(request: Request) -> Response:
    """Everything known of a code, an account, a sum or a bank's reference."""
    asked = request.query_params.get("q", "").replace("\0", "").strip()[:ASKED_MAX]
    found = await where_is(asked, person_id=person_id_of(request)) if asked else None
    return render(request, "payments/where_show.html", WherePage(asked, found))


async def difference_index(request: Request) -> Response:
    """What providers' lists say otherwise, and money that does not move; open ones first."""
    return await _differences_page(request, DifferenceForm())


async def difference_close(request: Request) -> Response:
    """Says what a difference was."""
    form = DifferenceForm.read(form_of(request))
    if not form.ok:
        return await _differences_page(request, form)
    number = int(request.path_params["difference_id"])
    if number > 2**63 - 1:
        raise NotFound()
    now = parts_of(request)[Clock].now()
    await close_difference(number, form.state, person_id=person_id_of(request), note=form.note, now=now)
    return RedirectResponse(request.app.url_path_for("payments:difference_index"), 303)


def asked_state(request: Request) -> str:
    """The state that the address asks for; open when it names none."""
    asked = request.query_params.get("state", "open")
    return asked if asked in STATES else "open"


async def _differences_page(request: Request, form: DifferenceForm) -> Response:
    state = asked_state(request)
    page = page_number(request)
    found = await differences(state, page)
    here = f"{request.app.url_path_for('payments:difference_index')}?state={state}&page="
    answer = ReconciliationPage(
        state=state,
        found=found,
        form=form,
        at=int(request.path_params.get("difference_id", 0)),
        newer_url=f"{here}{page - 1}" if page > 1 else "",
        older_url=f"{here}{page + 1}" if found.has_more else "",
    )
    return render(request, "payments/difference_index.html", answer, status=200 if form.ok else 422)


_ADMIN = roles(Role.ADMIN)

ROUTES: list[BaseRoute] = [
    get("/admin/money", where_show, who=_ADMIN, name="payments:where_show"),
    get("/admin/reconciliation", difference_index, who=_ADMIN, name="payments:difference_index"),
    post(
        "/admin/reconciliation/{difference_id:int}",
        difference_close,
        who=_ADMIN,
        name="payments:difference_close",
    ),
]
