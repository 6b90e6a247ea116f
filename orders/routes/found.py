"""Lost orders whose parcel was found: the administrator's list, and deciding one."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.services import names_of
from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.asking import refuse_own
from orders.found_forms import FoundForm
from orders.models import Order
from orders.services import order_for
from orders.services.found import FoundCase, FoundRows, decide_found, found_case, found_rows
from postal.states import ParcelState, shown_to_staff

ADMINS = roles(Role.ADMIN)


@dataclass
class FoundIndex:
    """The list; `steps` says what a parcel is told to be."""

    found: FoundRows
    steps: dict[str, Sentence]


@dataclass
class FoundPage:
    """One of them, with what it is told to be; `holder` of our staff had it last, where money is due at its door."""

    case: FoundCase
    step: Sentence
    holder: str
    form: Form


async def found_index(request: Request) -> Response:
    """GET /admin/found."""
    steps = {str(one): say(shown_to_staff(one)) for one in ParcelState}
    return render(
        request, "orders/found_index.html", FoundIndex(await found_rows(page=page_number(request)), steps)
    )


async def found_show(request: Request) -> Response:
    """GET /admin/found/{code}; that the order was read is recorded."""
    return await _page(request, await _order(request), FoundForm.filled())


async def found_decide(request: Request) -> Response:
    """POST the same; nobody about an order of their own."""
    order, form = await _order(request), FoundForm.read(typed_of(request))
    refuse_own(request, order)
    if not form.ok:
        return await _page(request, order, form)
    try:
        await decide_found(
            order.id,
            follows=form.choice == "follow",
            is_taken=form.is_taken,
            words=form.words,
            person_id=person_id_of(request),
            now=parts_of(request)[Clock].now(),
        )
    except Refusal as refusal:
        if refusal.field is None:
            raise
        form.wrong(refusal.field, refusal.sentence)
        return await _page(request, order, form)
    return RedirectResponse(request.app.url_path_for("orders:found_show", code=order.code), 303)


async def _order(request: Request) -> Order:
    return await order_for(request.path_params["code"], caller_of(request))


async def _page(request: Request, order: Order, form: Form) -> Response:
    case = await found_case(order)
    held_by = case.due.person_id if case.due else None
    names = await names_of({held_by}) if held_by else {}
    holder = names.get(held_by, f"#{held_by}") if held_by else ""
    page = FoundPage(case, say(shown_to_staff(ParcelState(case.found.told))), holder, form)
    return render(request, "orders/found_show.html", page, status=200 if form.ok else 422)


ROUTES = [
    get("/admin/found", found_index, who=ADMINS, name="orders:found_index"),
    get("/admin/found/{code}", found_show, who=ADMINS, name="orders:found_show"),
    post("/admin/found/{code}", found_decide, who=ADMINS, name="orders:found_decide"),
]
