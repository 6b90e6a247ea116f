"""The pretend carriers' page: their last parcels, each to be pushed along, and what the market answered."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from postal.forms import TwinPushForm
from postal.gates.names import TITLES
from postal.gates.statuses import statuses_of
from postal.models import TwinParcel, TwinPush
from postal.states import shown_to_staff
from postal.twins import ghn, ghtk, statements, viettel_post, vnpost
from postal.twins.parcels import code_of, last_parcels, push
from postal.twins.statements import HEADS, MANNERS


@dataclass(frozen=True)
class TwinRow:
    """A parcel at a pretend carrier; `codes` are those it can be pushed to, with their words here."""

    parcel: TwinParcel
    title: str
    code: str
    words: str
    codes: list[tuple[str, str]]
    pushes: list[TwinPush]


@dataclass(frozen=True)
class TwinPage:
    """The last parcels of all pretend carriers."""

    form: TwinPushForm
    rows: list[TwinRow]
    carriers: list[tuple[str, str]]
    manners: tuple[str, ...]


async def twin_index(request: Request) -> Response:
    """What was booked and told lately."""
    return await _page(request, TwinPushForm.filled(manner="as_is"))


async def twin_push(request: Request) -> Response:
    """A parcel comes to another step; the market is told in the manner that was chosen."""
    form = TwinPushForm.read(form_of(request))
    parcel = await TwinParcel.get_or_none(id=request.path_params["id"])
    if parcel is None:
        raise NotFound()
    if not form.ok:
        return await _page(request, form)
    now = parts_of(request)[Clock].now()
    await push(parcel.id, form.code, now=now, manner=form.manner, returning=form.is_returning)
    return RedirectResponse(str(request.app.url_path_for("postal:twin_index")), 303)


async def _page(request: Request, form: TwinPushForm) -> Response:
    rows = [_row(one) for one in await last_parcels()]
    carriers = [(code, TITLES[code]) for code in HEADS]
    return render(
        request,
        "postal/twin_parcels.html",
        TwinPage(form, rows, carriers, MANNERS),
        status=200 if form.ok else 422,
    )


def _row(parcel: TwinParcel) -> TwinRow:
    words = {
        code: shown_to_staff(one.state) if one.state else ""
        for code, one in statuses_of(parcel.carrier).items()
    }
    code = code_of(parcel)
    pushes = sorted(parcel.pushes, key=lambda one: one.id)
    return TwinRow(parcel, TITLES[parcel.carrier], code, words.get(code, ""), list(words.items()), pushes)


TWIN_ROUTES: list[BaseRoute] = [
    get("/twins/carriers", twin_index, who=ANYONE, name="postal:twin_index"),
    post("/twins/carriers/{id:int}", twin_push, who=ANYONE, name="postal:twin_push"),
    *viettel_post.ROUTES,
    *vnpost.ROUTES,
    *ghn.ROUTES,
    *ghtk.ROUTES,
    *statements.ROUTES,
]
