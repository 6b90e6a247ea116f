"""The digital team's work: households to visit, visits, difficulties, and their counts."""

from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.sheets_out import CSV_TYPE, csv_of
from kit.units import commune
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of, render
from kit.web.routing import get, post, roles
from vendors.asking import member_of
from vendors.forms import settle_commune
from vendors.help_forms import DifficultyForm, HouseholdForm, VisitForm
from vendors.help_rules import (
    DIFFICULTY_WORDS,
    DONE_WORDS,
    OPEN_STATES,
    SOURCE_WORDS,
    STATE_TONES,
    STATE_WORDS,
)
from vendors.models import Difficulty, HelpedHousehold, HouseholdSource, HouseholdState, IdentityState, Vendor
from vendors.routes.aboard import commune_choices
from vendors.services import CommuneFound, Leaf, commune_label
from vendors.services.help.consents import ConsentView, consents_for_household
from vendors.services.help.figures import CommuneHelp, help_figures, help_table, total
from vendors.services.help.households import (
    HouseholdRow,
    VisitView,
    add_household,
    difficulties_of,
    household_for,
    household_queue,
    log_visit,
    note_difficulties,
    queue_counts,
    stuck_words,
    vendor_of,
    visits_of,
)
from vendors.services.help.seen import ActView, acts_in_household

TEAM = roles(Role.TEAM)
ADDERS = roles(Role.TEAM, Role.BOARD, Role.ADMIN)
SHOWN = ("open", "today", "done", "all")


@dataclass
class QueuePage:
    """Households to visit; `show` is the chosen part of them."""

    leaf: Leaf[HouseholdRow]
    show: str
    open_count: int
    due_count: int
    told: str


@dataclass
class NewHouseholdPage:
    """The form of a household; `is_team` for those who will go there themselves."""

    form: HouseholdForm
    commune_choices: list[tuple[str, str]]
    is_team: bool
    told: str


@dataclass
class HouseholdPage:
    """A household: how far it is, what it allows, what was done, what is hard."""

    household: HelpedHousehold
    state_name: Sentence
    tone: str
    is_open: bool
    source: Sentence
    vendor: Vendor | None
    has_identity: bool
    stuck: tuple[Sentence, ...]
    living: ConsentView | None
    consents: list[ConsentView]
    visits: list[VisitView]
    difficulties: list[Sentence]
    acts: list[ActView]
    told: str


@dataclass
class VisitPage:
    """The form of a visit."""

    household: HelpedHousehold
    form: VisitForm
    done: dict[str, Sentence]
    outcomes: list[tuple[str, Sentence]]


@dataclass
class DifficultyPage:
    """The form of what is hard."""

    household: HelpedHousehold
    form: DifficultyForm
    kinds: dict[Difficulty, Sentence]


@dataclass
class HelpFiguresPage:
    """Counts by commune and in all, most frequent difficulty first."""

    rows: list[CommuneHelp]
    total: CommuneHelp
    difficulties: list[tuple[Sentence, int]]
    is_team: bool


async def household_index(request: Request) -> Response:
    """The queue of the member's communes."""
    member, today = member_of(request), _today(request)
    asked = request.query_params.get("show", "open")
    show = asked if asked in SHOWN else "open"
    leaf = await household_queue(member.communes, show, page_number(request), today=today)
    counts = await queue_counts(member.communes, today=today)
    page = QueuePage(leaf, show, *counts, request.query_params.get("told", ""))
    return render(request, "vendors/team_queue.html", page)


async def household_new(request: Request) -> Response:
    """The empty form, with the commune of a team that has one."""
    known: dict[str, object] = {}
    scopes = caller_of(request).scopes.get(Role.TEAM, ())
    unit = await commune(scopes[0]) if len(scopes) == 1 and scopes[0] else None
    if unit is not None:
        known = {"commune": commune_label(unit.name, unit.province), "commune_code": unit.code}
    return _new_page(request, HouseholdForm.filled(**known))


async def household_create(request: Request) -> Response:
    """Puts a household into the queue."""
    form = HouseholdForm.read(typed_of(request))
    form.check_days(_today(request))
    settled = await settle_commune(form)
    is_team = Role.TEAM in caller_of(request).roles
    communes = member_of(request).communes if is_team else None
    if form.ok and settled.commune and communes is not None and settled.commune.code not in communes:
        form.wrong("commune", say("Xã này không thuộc tổ của bạn. Hãy chọn xã của tổ."))
    if form.ok and settled.commune is not None:
        source = HouseholdSource.TEAM if is_team else HouseholdSource.BOARD
        try:
            made = await add_household(
                form.household(settled.commune), source, by=person_id_of(request), now=_now(request)
            )
            return RedirectResponse(
                f"/team/households/{made}" if is_team else "/team/households/new?told=added", 303
            )
        except Refusal as refusal:
            _note(form, refusal)
    return _new_page(request, form, settled.choices.choices)


async def household_show(request: Request) -> Response:
    """One household."""
    member, now = member_of(request), _now(request)
    household = await household_for(int(request.path_params["id"]), member)
    vendor = await vendor_of(household)
    consents = await consents_for_household(household.id, member, now=now)
    page = HouseholdPage(
        household=household,
        state_name=STATE_WORDS[household.state],
        tone=STATE_TONES[household.state],
        is_open=household.state in OPEN_STATES,
        source=SOURCE_WORDS[household.source],
        vendor=vendor,
        has_identity=vendor is not None
        and vendor.identity_state not in (IdentityState.DRAFT, IdentityState.RETURNED),
        stuck=(await stuck_words([vendor.id])).get(vendor.id, ()) if vendor else (),
        living=next((one for one in consents if one.is_living), None),
        consents=consents,
        visits=await visits_of(household.id),
        difficulties=[DIFFICULTY_WORDS[one] for one in await difficulties_of(household.id)],
        acts=await acts_in_household(household.id, member.person_id),
        told=request.query_params.get("told", ""),
    )
    return render(request, "vendors/team_household.html", page)


async def visit_new(request: Request) -> Response:
    """The form of a visit, today by default."""
    form = VisitForm.filled(visited_on=_today(request).isoformat(), minutes=30)
    return await _visit_page(request, form)


async def visit_create(request: Request) -> Response:
    """Writes a visit down."""
    form = VisitForm.read(typed_of(request))
    form.check_days(_today(request))
    if not form.ok:
        return await _visit_page(request, form)
    household_id = int(request.path_params["id"])
    await log_visit(household_id, form.visit(), member=member_of(request), now=_now(request))
    return RedirectResponse(f"/team/households/{household_id}?told=visit", 303)


async def difficulty_edit(request: Request) -> Response:
    """What was noted so far."""
    household = await household_for(int(request.path_params["id"]), member_of(request))
    known = {str(one): "yes" for one in await difficulties_of(household.id)}
    form = DifficultyForm.filled(words=household.difficulty_words, **known)
    return render(
        request, "vendors/team_difficulties.html", DifficultyPage(household, form, DIFFICULTY_WORDS)
    )


async def difficulty_update(request: Request) -> Response:
    """Keeps what is hard."""
    member = member_of(request)
    household = await household_for(int(request.path_params["id"]), member)
    form = DifficultyForm.read(typed_of(request))
    if not form.ok:
        page = DifficultyPage(household, form, DIFFICULTY_WORDS)
        return render(request, "vendors/team_difficulties.html", page, status=422)
    await note_difficulties(household.id, form.kinds(), form.words or "", member=member, now=_now(request))
    return RedirectResponse(f"/team/households/{household.id}?told=difficulties", 303)


async def help_figure_index(request: Request) -> Response:
    """Counts by commune: a team's own, or the whole province's."""
    rows = await help_figures(figure_communes(request))
    sums = total(rows)
    hard = sorted(sums.difficulties.items(), key=lambda one: -one[1])
    page = HelpFiguresPage(
        rows, sums, [(DIFFICULTY_WORDS[kind], count) for kind, count in hard if count], _is_only_team(request)
    )
    return render(request, "vendors/team_figures.html", page)


async def help_figures_csv(request: Request) -> Response:
    """The same as a sheet."""
    rows = await help_figures(figure_communes(request))
    content = csv_of(*help_table(rows, language_of(request)))
    headers = {"content-disposition": 'attachment; filename="kho-khan.csv"', "cache-control": "no-store"}
    return Response(content, media_type=CSV_TYPE, headers=headers)


def figure_communes(request: Request) -> frozenset[str] | None:
    """The communes whose counts the caller sees; None for all: administrators and boards."""
    return member_of(request).communes if _is_only_team(request) else None


def _is_only_team(request: Request) -> bool:
    return not caller_of(request).roles & {Role.ADMIN, Role.BOARD}


def _new_page(request: Request, form: HouseholdForm, hits: tuple[CommuneFound, ...] = ()) -> Response:
    page = NewHouseholdPage(
        form,
        commune_choices(hits),
        Role.TEAM in caller_of(request).roles,
        request.query_params.get("told", ""),
    )
    return render(request, "vendors/team_household_new.html", page, status=200 if form.ok else 422)


async def _visit_page(request: Request, form: VisitForm) -> Response:
    household = await household_for(int(request.path_params["id"]), member_of(request))
    outcomes = [(str(one), words) for one, words in STATE_WORDS.items() if one != HouseholdState.WAITING]
    page = VisitPage(household, form, DONE_WORDS, outcomes)
    return render(request, "vendors/team_visit.html", page, status=200 if form.ok else 422)


def _note(form: Form, refusal: Refusal) -> None:
    if refusal.field is None:
        raise refusal
    form.wrong(refusal.field, refusal.sentence)


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


def _today(request: Request) -> date:
    return vietnam_date(_now(request))


ONE = "/team/households/{id:int}"
ROUTES = [
    get("/team", household_index, who=TEAM, name="vendors:household_index"),
    get("/team/households/new", household_new, who=ADDERS, name="vendors:household_new"),
    post("/team/households", household_create, who=ADDERS, name="vendors:household_create"),
    get(ONE, household_show, who=TEAM, name="vendors:household_show"),
    get(ONE + "/visits/new", visit_new, who=TEAM, name="vendors:visit_new"),
    post(ONE + "/visits", visit_create, who=TEAM, name="vendors:visit_create"),
    get(ONE + "/difficulties", difficulty_edit, who=TEAM, name="vendors:difficulty_edit"),
    post(ONE + "/difficulties", difficulty_update, who=TEAM, name="vendors:difficulty_update"),
    get("/team/figures", help_figure_index, who=ADDERS, name="vendors:help_figure_index"),
    get("/team/figures.csv", help_figures_csv, who=ADDERS, name="vendors:help_figures_csv"),
]
