"""Protected names at the desk: the register's facts, and rights of sellers confirmed, sent back or ended."""

from dataclasses import dataclass, field
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.certificate_forms import BecauseForm
from vendors.kinds import KINDS
from vendors.models import ProtectedArea
from vendors.name_forms import (
    NameForm,
    UseForm,
    filled_name,
    filled_use,
    settled_areas,
    settled_kinds,
)
from vendors.name_rules import SORT_WORDS
from vendors.services.cards import Leaf
from vendors.services.protected.names import (
    Misuse,
    NamePage,
    all_names,
    keep_name,
    misuses_of,
    name_page,
)
from vendors.services.protected.uses import (
    STATE_NAMES,
    STATE_TONES,
    UseRow,
    confirm_use,
    end_use,
    return_use,
    use_index,
    use_row,
)

ADMINS = roles(Role.ADMIN)


@dataclass
class NameDeskPage:
    """All names, and rights in a state."""

    names: list[NamePage]
    leaf: Leaf[UseRow]
    state: str
    state_names: dict[str, Sentence]
    tones: dict[str, str]
    told: str


@dataclass
class NameFormPage:
    """The form of a name; `page` and goods that use it without right when it stands already."""

    form: NameForm
    page: NamePage | None
    sorts: list[tuple[str, Sentence]]
    kinds: list[tuple[str, Sentence]]
    ticked: tuple[str, ...]
    misuses: list[Misuse] = field(default_factory=list)


@dataclass
class UsePage:
    """A right beside its decision; `because` where sending back or ending was refused (`act`)."""

    row: UseRow
    areas: list[ProtectedArea]
    in_area: bool
    form: UseForm
    names: dict[str, Sentence]
    tones: dict[str, str]
    because: BecauseForm | None = None
    act: str = ""


async def index(request: Request) -> Response:
    """Names, and the rights that wait."""
    state = request.query_params.get("state", "submitted")
    page = NameDeskPage(
        names=await all_names(),
        leaf=await use_index(state, page_number(request), today=_today(request)),
        state=state,
        state_names=STATE_NAMES,
        tones=STATE_TONES,
        told=request.query_params.get("told", ""),
    )
    return render(request, "vendors/name_desk.html", page)


async def new(request: Request) -> Response:
    """The empty form of a name."""
    return await _name_page(request, NameForm.filled(is_live="1"), None, ())


async def create(request: Request) -> Response:
    """Writes a name down."""
    return await _kept(request, None)


async def edit(request: Request) -> Response:
    """The form of a name, and goods on sale that say it without right."""
    page = await name_page(str(request.path_params["slug"]), all=True)
    return await _name_page(request, filled_name(page), page, tuple(page.name.kinds))


async def update(request: Request) -> Response:
    """Keeps a name."""
    return await _kept(request, await name_page(str(request.path_params["slug"]), all=True))


async def use_show(request: Request) -> Response:
    """One right beside the photo of its decision."""
    row, areas = await _use(request)
    return _use_page(request, row, areas, filled_use(row.use))


async def use_confirm(request: Request) -> Response:
    """Keeps what was read in the decision; the right counts."""
    row, areas = await _use(request)
    form = UseForm.read(typed_of(request))
    form.settle(_today(request))
    if not form.ok:
        return _use_page(request, row, areas, form)
    await confirm_use(row.use.id, form.content(), by=person_id_of(request))
    return _told("confirmed")


async def use_return(request: Request) -> Response:
    """Back to the seller, with the reason."""
    row, areas = await _use(request)
    because = BecauseForm.read(typed_of(request))
    if not because.ok:
        return _use_page(request, row, areas, filled_use(row.use), because, "return")
    await return_use(row.use.id, because.because, by=person_id_of(request))
    return _told("returned")


async def use_end(request: Request) -> Response:
    """Takes the right away, with the reason."""
    row, areas = await _use(request)
    because = BecauseForm.read(typed_of(request))
    if not because.ok:
        return _use_page(request, row, areas, filled_use(row.use), because, "end")
    await end_use(row.use.id, because.because, by=person_id_of(request), today=_today(request))
    return _told("ended")


async def _kept(request: Request, page: NamePage | None) -> Response:
    form = NameForm.read(typed_of(request))
    ticked = [str(one) for one in form_of(request).getlist("kinds")]
    kinds, areas = settled_kinds(form, ticked), await settled_areas(form)
    if form.ok:
        try:
            place = page.name.slug if page else ""
            await keep_name(place, form.content(kinds, areas), by=person_id_of(request))
            return _told("kept")
        except Refusal as refusal:
            form.wrong(refusal.field or "name", refusal.sentence)
    return await _name_page(request, form, page, kinds)


async def _name_page(
    request: Request, form: NameForm, page: NamePage | None, ticked: tuple[str, ...]
) -> Response:
    shown = NameFormPage(
        form=form,
        page=page,
        sorts=list(SORT_WORDS.items()),
        kinds=[(kind.code, kind.name) for kind in KINDS],
        ticked=ticked,
        misuses=await misuses_of(page.name, _today(request)) if page else [],
    )
    return render(request, "vendors/name_form.html", shown, status=200 if form.ok else 422)


async def _use(request: Request) -> tuple[UseRow, list[ProtectedArea]]:
    return await use_row(int(request.path_params["id"]), today=_today(request))


def _use_page(
    request: Request,
    row: UseRow,
    areas: list[ProtectedArea],
    form: UseForm,
    because: BecauseForm | None = None,
    act: str = "",
) -> Response:
    in_area = row.use.vendor.commune_code in {area.code for area in areas}
    page = UsePage(row, areas, in_area, form, STATE_NAMES, STATE_TONES, because, act)
    status = 200 if form.ok and because is None else 422
    return render(request, "vendors/name_use.html", page, status=status)


def _told(told: str) -> Response:
    return RedirectResponse(f"/admin/names?told={told}", 303)


def _today(request: Request) -> date:
    return vietnam_date(parts_of(request)[Clock].now())


ONE, USE = "/admin/names/{slug}", "/admin/name-uses/{id:int}"
ROUTES = [
    get("/admin/names", index, who=ADMINS, name="vendors:name_desk"),
    get("/admin/names/new", new, who=ADMINS, name="vendors:name_new"),
    post("/admin/names", create, who=ADMINS, name="vendors:name_create"),
    get(ONE, edit, who=ADMINS, name="vendors:name_edit"),
    post(ONE, update, who=ADMINS, name="vendors:name_update"),
    get(USE, use_show, who=ADMINS, name="vendors:name_use"),
    post(USE + "/confirmation", use_confirm, who=ADMINS, name="vendors:name_use_confirm"),
    post(USE + "/return", use_return, who=ADMINS, name="vendors:name_use_return"),
    post(USE + "/ending", use_end, who=ADMINS, name="vendors:name_use_end"),
]
