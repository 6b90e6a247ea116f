"""The seller's own page of the post: which carriers buyers may choose, boxes, parcels that wait for a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.roles import Role
from kit.web.asked import person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.carrier import Size
from postal.forms import BoxForm, SendingForm, WishForm
from postal.gates.names import title_of
from postal.gates.register import Carriers
from postal.services.looking import wish_for
from postal.services.sending import Sending, add_box, choose_carriers, drop_box, sending_of

SELLER = roles(Role.VENDOR)


@dataclass(frozen=True)
class SendingPage:
    """How the seller sends; `ticked` are the carriers that stand ticked, as typed after a mistake."""

    sending: Sending
    titles: dict[str, str]
    form: Form
    box_form: BoxForm
    ticked: Sequence[str]


async def sending_show(request: Request) -> Response:
    """Carriers, boxes, and what waits for a word."""
    return await _page(request, SendingForm.filled(), BoxForm.filled())


async def sending_create(request: Request) -> Response:
    """Which carriers buyers may choose from now on."""
    form, values = SendingForm.read(form_of(request)), form_of(request)
    offered = [str(one) for one in values.getlist("offered")]
    try:
        await choose_carriers(
            vendor_id_of(request),
            offered,
            form.is_default or "",
            parts_of(request)[Carriers].by_code,
            person_id=person_id_of(request),
        )
    except Refusal as refusal:
        form.wrong(refusal.field or "offered", refusal.sentence)
        return await _page(request, form, BoxForm.filled(), offered=offered)
    return _back(request)


async def box_create(request: Request) -> Response:
    """One more box."""
    form = BoxForm.read(form_of(request))
    if not form.ok:
        return await _page(request, SendingForm.filled(), form)
    size = Size(form.length_cm, form.width_cm, form.height_cm)
    try:
        await add_box(vendor_id_of(request), size, form.weight_max_g, person_id=person_id_of(request))
    except Refusal as refusal:
        form.wrong("length_cm", refusal.sentence)
        return await _page(request, SendingForm.filled(), form)
    return _back(request)


async def box_drop(request: Request) -> Response:
    """A box less."""
    await drop_box(vendor_id_of(request), request.path_params["id"], person_id=person_id_of(request))
    return _back(request)


async def wish_create(request: Request) -> Response:
    """Try again, or bring it back."""
    form = WishForm.read(form_of(request))
    if form.ok:
        await wish_for(
            request.path_params["code"],
            form.wish,
            vendor_id=vendor_id_of(request),
            person_id=person_id_of(request),
            now=parts_of(request)[Clock].now(),
        )
    return _back(request)


async def _page(
    request: Request, form: Form, box_form: BoxForm, *, offered: Sequence[str] | None = None
) -> Response:
    carriers = parts_of(request)[Carriers]
    sending = await sending_of(vendor_id_of(request), carriers)
    ticked = [one.carrier for one in sending.choices if one.is_offered] if offered is None else offered
    titles = {code: title_of(code) for code in carriers.by_code}
    status = 200 if form.ok and box_form.ok else 422
    return render(
        request,
        "postal/sending_show.html",
        SendingPage(sending, titles, form, box_form, ticked),
        status=status,
    )


def _back(request: Request) -> Response:
    return RedirectResponse(str(request.app.url_path_for("postal:sending_show")), 303)


ROUTES: list[BaseRoute] = [
    get("/sell/post", sending_show, who=SELLER, name="postal:sending_show"),
    post("/sell/post", sending_create, who=SELLER, name="postal:sending_create"),
    post("/sell/post/boxes", box_create, who=SELLER, name="postal:box_create"),
    post("/sell/post/boxes/{id:int}", box_drop, who=SELLER, name="postal:box_drop"),
    post("/sell/post/parcels/{code}", wish_create, who=SELLER, name="postal:wish_create"),
]
