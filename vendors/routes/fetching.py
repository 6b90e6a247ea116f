"""The seller's own page of fetching: where buyers may come for what they bought, and when."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.errors import Refusal
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of, vendor_id_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.fetch_forms import FetchingForm
from vendors.services.fetching import Fetching, allow_fetching, fetching_of


@dataclass(frozen=True)
class FetchingPage:
    """What is allowed; `chosen` are the places as they were ticked."""

    fetching: Fetching
    form: FetchingForm
    chosen: list[str]
    is_saved: bool


async def fetching_show(request: Request) -> Response:
    """GET /sell/fetching/settings."""
    found = await fetching_of(vendor_id_of(request))
    form = FetchingForm.filled(hours=found.card.fetch_hours)
    page = FetchingPage(found, form, list(found.card.fetch_at), "saved" in request.query_params)
    return render(request, "vendors/fetching_show.html", page)


async def fetching_create(request: Request) -> Response:
    """POST /sell/fetching/settings."""
    form, vendor_id = FetchingForm.read(typed_of(request)), vendor_id_of(request)
    chosen = [str(one) for one in form_of(request).getlist("fetch_at")]
    if form.ok:
        try:
            await allow_fetching(vendor_id, chosen, form.hours, person_id=person_id_of(request))
        except Refusal as refusal:
            form.wrong(refusal.field or "fetch_at", refusal.sentence)
    if form.ok:
        return RedirectResponse(f"{request.app.url_path_for('vendors:fetching_show')}?saved=1", 303)
    page = FetchingPage(await fetching_of(vendor_id), form, chosen, False)
    return render(request, "vendors/fetching_show.html", page, status=422)


SELLER = roles(Role.VENDOR)
ROUTES = [
    get("/sell/fetching/settings", fetching_show, who=SELLER, name="vendors:fetching_show"),
    post("/sell/fetching/settings", fetching_create, who=SELLER, name="vendors:fetching_create"),
]
