"""Protected names: the public pages, and a seller's own rights to them."""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.pictures import SHRUNK_TYPE
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of, vendor_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, uploads_of
from kit.web.lagging import for_strangers
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from vendors.kinds import kind_of
from vendors.name_forms import UseForm
from vendors.services.cards import Leaf
from vendors.services.certificates.confirming import ready_document
from vendors.services.photos import PHOTO_BYTES_MAX
from vendors.services.protected.names import (
    NamePage,
    UserRow,
    live_names,
    name_choices,
    name_page,
    users_of,
)
from vendors.services.protected.uses import (
    STATE_NAMES,
    STATE_TONES,
    UseRow,
    ask_for_use,
    use_document,
    uses_of,
)

VENDORS, READERS = roles(Role.VENDOR), roles(Role.VENDOR, Role.ADMIN)
PAPER_LIMITS = FormLimits(files_max=1, body_max_bytes=PHOTO_BYTES_MAX + MEBIBYTE, is_scanned=True)


@dataclass
class NamesPage:
    """All protected names."""

    names: list[NamePage]


@dataclass
class OneNamePage:
    """A protected name, its goods in words, and who may use it today."""

    page: NamePage
    kinds: list[Sentence]
    leaf: Leaf[UserRow]


@dataclass
class OwnNamesPage:
    """A seller's rights."""

    leaf: Leaf[UseRow]
    names: dict[str, Sentence]
    tones: dict[str, str]
    told: str


@dataclass
class OwnNameForm:
    """The form in which a seller asks for a name."""

    form: UseForm
    choices: list[tuple[str, str]]


async def name_index(request: Request) -> Response:
    """All protected names, for anybody."""
    return render(request, "vendors/name_index.html", NamesPage(await for_strangers(request, live_names)))


async def name_show(request: Request) -> Response:
    """One name and who may use it."""
    page = await name_page(str(request.path_params["slug"]))
    leaf = await users_of(page.name, page_number(request), today=_today(request))
    kinds = [kind_of(code).name for code in page.name.kinds]
    return render(request, "vendors/name_show.html", OneNamePage(page, kinds, leaf))


async def own_index(request: Request) -> Response:
    """A seller's rights to names."""
    leaf = await uses_of(
        caller_of(request).scope_ids(Role.VENDOR), page_number(request), today=_today(request)
    )
    page = OwnNamesPage(leaf, STATE_NAMES, STATE_TONES, request.query_params.get("told", ""))
    return render(request, "vendors/own_names.html", page)


async def own_new(request: Request) -> Response:
    """The empty form."""
    return await _form_page(request, UseForm.filled(name=request.query_params.get("name", "")))


async def own_create(request: Request) -> Response:
    """Sends the decision in with its photo."""
    form = UseForm.read(typed_of(request))
    form.settle(_today(request))
    papers = await uploads_of(request, "document")
    if not papers:
        form.wrong("document", say("Cần ảnh chụp quyết định cho phép dùng tên."))
    if form.ok:
        try:
            key = await ready_document(papers[0], parts_of(request)[Media])
            await ask_for_use(
                form.name, vendor_id_of(request), form.content(), key, person_id=person_id_of(request)
            )
            return RedirectResponse("/sell/names?told=submitted", 303)
        except Refusal as refusal:
            form.wrong(refusal.field or "name", refusal.sentence)
    return await _form_page(request, form)


async def document_show(request: Request) -> Response:
    """The photo of a decision, for its seller and administrators alone."""
    caller = caller_of(request)
    content = await use_document(
        int(request.path_params["id"]),
        parts_of(request)[Media],
        vendor_ids=caller.scope_ids(Role.VENDOR),
        person_id=person_id_of(request),
        is_admin=Role.ADMIN in caller.roles,
    )
    return Response(content, media_type=SHRUNK_TYPE, headers={"cache-control": "private, no-store"})


async def _form_page(request: Request, form: UseForm) -> Response:
    page = OwnNameForm(form, await name_choices())
    return render(request, "vendors/own_name_form.html", page, status=200 if form.ok else 422)


def _today(request: Request) -> date:
    return vietnam_date(parts_of(request)[Clock].now())


ROUTES = [
    get("/names", name_index, who=ANYONE, name="vendors:name_index"),
    get("/names/{slug}", name_show, who=ANYONE, name="vendors:name_show"),
    get("/sell/names", own_index, who=VENDORS, name="vendors:own_name_index"),
    get("/sell/names/new", own_new, who=VENDORS, name="vendors:own_name_new"),
    post("/sell/names", own_create, who=VENDORS, name="vendors:own_name_create", limits=PAPER_LIMITS),
    get("/name-uses/{id:int}/paper", document_show, who=READERS, name="vendors:name_use_paper"),
]
