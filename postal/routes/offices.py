"""Post offices: for everybody with their hours, and the form by which clerks keep them right."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of
from kit.web.render import render
from postal.point_forms import NearForm, PointForm
from postal.services.points import PointView, change_point, point, points_for


@dataclass(frozen=True)
class PointIndex:
    """The offices that were asked for; `may_change` for clerks."""

    points: list[PointView]
    may_change: bool


@dataclass(frozen=True)
class PointPage:
    """One office to be changed."""

    point: PointView
    form: PointForm


async def point_index(request: Request) -> Response:
    """GET /post-offices?commune_code=05443."""
    form = NearForm.read(dict(request.query_params))
    found = await points_for((form.ok and form.commune_code) or "")
    may_change = bool({Role.CLERK, Role.ADMIN} & caller_of(request).roles)
    return render(request, "postal/point_index.html", PointIndex(found, may_change))


async def point_edit(request: Request) -> Response:
    """GET /post/offices/{id}."""
    found = await point(int(request.path_params["id"]))
    form = PointForm.filled(
        line=found.line,
        hours=found.hours,
        phone=found.phone,
        keeps_parcels="1" if found.keeps_parcels else "",
    )
    return render(request, "postal/point_edit.html", PointPage(found, form))


async def point_change(request: Request) -> Response:
    """POST /post/offices/{id}."""
    form, number = PointForm.read(typed_of(request)), int(request.path_params["id"])
    if not form.ok:
        return render(request, "postal/point_edit.html", PointPage(await point(number), form), status=422)
    await change_point(
        number,
        line=form.line,
        hours=form.hours,
        phone=form.phone or "",
        keeps_parcels=form.keeps_parcels,
        person_id=person_id_of(request),
    )
    return RedirectResponse(request.app.url_path_for("postal:point_index"), 303)
