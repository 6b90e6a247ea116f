"""Communes of carriers that match none of ours, and how a carrier that wants names writes them."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.roles import Role
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.carrier import Capability
from postal.forms import AreaForm, SpellForm
from postal.gates.names import title_of
from postal.gates.register import Carriers
from postal.services.areas import AreaPage, confirm_area, open_areas, spell_area
from postal.shown import pages_beside
from postal.staff_carrier import CODE as STAFF
from vendors.services import commune_meant, short_province

DESK = roles(Role.CLERK, Role.ADMIN)


@dataclass(frozen=True)
class AreasPage:
    """Communes that wait; `form` and `choices` belong to the one that was just typed for.

    `spelled_by` are the carriers (code, msgid) that want names; `spell` and `spell_choices` belong to their form.
    """

    found: AreaPage
    form: AreaForm
    of_area: int
    choices: list[tuple[str, str]]
    titles: dict[str, str]
    spelled_by: list[tuple[str, str]]
    spell: SpellForm
    spell_choices: list[tuple[str, str]]
    newer_url: str
    older_url: str


async def area_index(request: Request) -> Response:
    """GET /post/areas."""
    return await _page(request, AreaForm.filled(), SpellForm.filled())


async def area_confirm(request: Request) -> Response:
    """POST /post/areas/{id}: a person says which commune it is."""
    form, area_id = AreaForm.read(form_of(request)), int(request.path_params["id"])
    meant = await commune_meant(form.commune or "", form.commune_code or "", form.commune_asked or "")
    if meant.fault is not None:
        form.wrong("commune", meant.fault)
    if not form.ok or meant.unit is None:
        choices = [(one.key, one.label) for one in meant.choices]
        return await _page(request, form, SpellForm.filled(), of_area=area_id, choices=choices)
    now = parts_of(request)[Clock].now()
    await confirm_area(area_id, meant.unit.code, person_id=person_id_of(request), now=now)
    return _back(request)


async def spelling_create(request: Request) -> Response:
    """POST /post/areas/spelling: how a carrier writes a commune where that is not the official way."""
    form = SpellForm.read(form_of(request))
    meant = await commune_meant(form.commune or "", form.commune_code or "", form.commune_asked or "")
    if meant.fault is not None:
        form.wrong("commune", meant.fault)
    if not form.ok or meant.unit is None:
        choices = [(one.key, one.label) for one in meant.choices]
        return await _page(request, AreaForm.filled(), form, spell_choices=choices)
    await spell_area(
        form.carrier,
        meant.unit.code,
        form.written,
        form.written_province or short_province(meant.unit.province),
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    return _back(request)


async def _page(
    request: Request,
    form: AreaForm,
    spell: SpellForm,
    *,
    of_area: int = 0,
    choices: list[tuple[str, str]] | None = None,
    spell_choices: list[tuple[str, str]] | None = None,
) -> Response:
    found, carriers = await open_areas(page_number(request)), parts_of(request)[Carriers].by_code
    by_name = [code for code, one in carriers.items() if Capability.AREAS not in one.capabilities()]
    page = AreasPage(
        found=found,
        form=form,
        of_area=of_area,
        choices=choices or [],
        titles={code: title_of(code) for code in carriers},
        spelled_by=[(code, title_of(code)) for code in by_name if code != STAFF],
        spell=spell,
        spell_choices=spell_choices or [],
        newer_url=pages_beside(request, found.page, found.has_more)[0],
        older_url=pages_beside(request, found.page, found.has_more)[1],
    )
    return render(request, "postal/area_index.html", page, status=200 if form.ok and spell.ok else 422)


def _back(request: Request) -> Response:
    return RedirectResponse(str(request.app.url_path_for("postal:area_index")), 303)


ROUTES: list[BaseRoute] = [
    get("/post/areas", area_index, who=DESK, name="postal:area_index"),
    post("/post/areas/spelling", spelling_create, who=DESK, name="postal:spelling_create"),
    post("/post/areas/{id:int}", area_confirm, who=DESK, name="postal:area_confirm"),
]
