"""What staff see of carriers: matters that wait for a person."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.carrier import LabelSize
from postal.forms import CarrierChoiceForm, WaybillForm
from postal.gates.names import title_of
from postal.gates.register import Carriers
from postal.routes.outside import answered
from postal.services.alerts import AlertPage, close_alert, open_alerts
from postal.services.deciding import found_at_carrier, give_to_other
from postal.services.looking import carriers_label
from postal.shown import pages_beside

DESK = roles(Role.CLERK, Role.ADMIN)


@dataclass(frozen=True)
class ProblemPage:
    """Matters that wait, with the carriers a parcel could be given to."""

    problems: AlertPage
    choices: list[tuple[str, str]]
    fault: Sentence | None
    newer_url: str
    older_url: str


async def problem_index(request: Request) -> Response:
    """What waits for a person, the newest first."""
    return await _problems(request)


async def problem_close(request: Request) -> Response:
    """Somebody has seen to it."""
    now = parts_of(request)[Clock].now()
    await close_alert(request.path_params["id"], person_id=person_id_of(request), now=now)
    return _back(request, "postal:problem_index")


async def waybill_create(request: Request) -> Response:
    """A lost booking was found in the carrier's own list."""
    form, code = WaybillForm.read(form_of(request)), request.path_params["code"]
    if not form.ok:
        return await _problems(request, next(iter(form.errors.values())), 422)
    now = parts_of(request)[Clock].now()
    try:
        await found_at_carrier(code, form.tracking_code, person_id=person_id_of(request), now=now)
    except Refusal as refusal:
        return await _problems(request, refusal.sentence, refusal.status)
    return _back(request, "postal:problem_index")


async def carrier_create(request: Request) -> Response:
    """A parcel that its carrier refused, or never got, goes to another."""
    form, parts = CarrierChoiceForm.read(form_of(request)), parts_of(request)
    try:
        await give_to_other(
            request.path_params["code"],
            form.carrier,
            parts[Carriers],
            person_id=person_id_of(request),
            now=parts[Clock].now(),
        )
    except Refusal as refusal:
        return await _problems(request, refusal.sentence, refusal.status)
    return _back(request, "postal:problem_index")


async def carrier_label_show(request: Request) -> Response:
    """The carrier's own label: its file, or the page where the carrier shows it."""
    code, carriers = request.path_params["code"], parts_of(request)[Carriers]
    label = await answered(carriers_label(code, LabelSize.A6, carriers, person_id=person_id_of(request)))
    if label is None:
        return RedirectResponse(str(request.app.url_path_for("postal:label_show", code=code)), 303)
    if label.url:
        return RedirectResponse(label.url, 303)
    return Response(label.content, media_type=label.media_type)


async def _problems(request: Request, fault: Sentence | None = None, status: int = 200) -> Response:
    page = await open_alerts(page_number(request))
    choices = [(code, title_of(code)) for code in parts_of(request)[Carriers].by_code]
    beside = pages_beside(request, page.page, page.has_more)
    return render(
        request, "postal/problem_index.html", ProblemPage(page, choices, fault, *beside), status=status
    )


def _back(request: Request, name: str) -> Response:
    return RedirectResponse(str(request.app.url_path_for(name)), 303)


ROUTES: list[BaseRoute] = [
    get("/post/problems", problem_index, who=DESK, name="postal:problem_index"),
    post("/post/problems/{id:int}", problem_close, who=DESK, name="postal:problem_close"),
    post("/post/parcels/{code}/waybill", waybill_create, who=DESK, name="postal:waybill_create"),
    post("/post/parcels/{code}/carrier", carrier_create, who=DESK, name="postal:carrier_create"),
    get("/post/parcels/{code}/carrier-label", carrier_label_show, who=DESK, name="postal:carrier_label_show"),
]
