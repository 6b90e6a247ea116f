"""A market's board: its market, its traders and stalls, invitations, the list of traders, reported plates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.settings import Settings
from kit.units import commune
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of, uploads_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.forms import ClosingForm, InviteForm, MarketForm, NewMarketForm, settle_commune
from vendors.market_days import KIND_WORDS, SCHEDULE_WORDS, schedule_of
from vendors.models import Market
from vendors.routes.aboard import commune_choices
from vendors.services import CommuneFound, Leaf, commune_label
from vendors.services.aboard import stall_number
from vendors.services.markets.kept import (
    MarketFacts,
    add_market,
    change_market,
    market_facts,
    market_of_board,
    markets_of_board,
)
from vendors.services.markets.plates import ReportView, close_plate_report, open_plate_reports
from vendors.services.markets.traders import (
    Imported,
    InvitationView,
    Sender,
    TraderView,
    import_traders,
    invite,
    traders_of,
    waiting_invitations,
)
from vendors.services.markets.zones import Claim, ZoneView, claims_of, zones_of
from vendors.trader_list import read_traders

BOARD, ADMINS = roles(Role.BOARD, Role.ADMIN), roles(Role.ADMIN)
LIST_LIMITS = FormLimits(files_max=1, body_max_bytes=2 * MEBIBYTE, is_scanned=True)


@dataclass
class BoardMarketsPage:
    """The markets one may run; `may_open` for who opens new ones."""

    markets: list[tuple[Market, MarketFacts]]
    may_open: bool


@dataclass
class BoardMarketPage:
    """A market with everybody in it; refused forms and what became of a list stand in their places."""

    market: Market
    facts: MarketFacts
    traders: Leaf[TraderView]
    invitations: list[InvitationView]
    reports: Leaf[ReportView]
    form: Form | None = None
    imported: Imported | None = None
    told: str = ""
    zones: Sequence[ZoneView] = ()
    claims: Sequence[Claim] = ()


@dataclass
class MarketFormPage:
    """The form of a market; `market` is None for one that is to be opened."""

    market: Market | None
    form: MarketForm
    kinds: list[tuple[str, Sentence]]
    schedules: list[tuple[str, Sentence]]
    commune_choices: list[tuple[str, str]]


@dataclass
class PlatesPage:
    """Reports of plates that differ, of all markets one may run."""

    leaf: Leaf[ReportView]
    form: ClosingForm | None = None
    form_id: int = 0
    told: str = ""


async def board_market_index(request: Request) -> Response:
    """The markets of this board member; of an administrator, all."""
    today = vietnam_date(parts_of(request)[Clock].now())
    markets = await markets_of_board(board_markets(request))
    may_open = Role.ADMIN in caller_of(request).roles
    page = BoardMarketsPage([(one, market_facts(one, today)) for one in markets], may_open)
    return render(request, "vendors/board_index.html", page)


async def board_market_show(request: Request) -> Response:
    """One market."""
    return await _market_page(request, await _market(request))


async def market_new(request: Request) -> Response:
    """The empty form of a market, for administrators."""
    return _form_page(request, None, NewMarketForm.filled())


async def market_create(request: Request) -> Response:
    """Opens a market."""
    form = NewMarketForm.read(typed_of(request))
    settled = await settle_commune(form)
    if form.ok and settled.commune is not None:
        try:
            market = await add_market(form.name, form.content(settled.commune), by=person_id_of(request))
            return _told(market, "opened")
        except Refusal as refusal:
            form.wrong(refusal.field or "", refusal.sentence)
    return _form_page(request, None, form, settled.choices.choices)


async def market_edit(request: Request) -> Response:
    """The market's form."""
    market = await _market(request)
    unit = await commune(market.commune_code)
    place = "" if market.latitude is None else f"{market.latitude}, {market.longitude}"
    form = MarketForm.filled(
        kind=market.kind,
        commune=commune_label(unit.name, unit.province) if unit else market.commune,
        commune_code=market.commune_code,
        line=market.line,
        about=market.about,
        schedule_kind=market.schedule_kind,
        schedule_days=schedule_of(market.schedule_kind, market.schedule_days).typed,
        selling_points=market.selling_points,
        declared_class=market.declared_class,
        operator=market.operator,
        rules_text=market.rules_text,
        rules_url=market.rules_url,
        place=place,
        has_no_signal="1" if market.has_no_signal else "",
        desk_hours=market.desk_hours,
    )
    return _form_page(request, market, form)


async def market_update(request: Request) -> Response:
    """Keeps what the board wrote."""
    market = await _market(request)
    form = MarketForm.read(typed_of(request))
    settled = await settle_commune(form)
    if not form.ok or settled.commune is None:
        return _form_page(request, market, form, settled.choices.choices)
    await change_market(market.id, form.content(settled.commune), by=person_id_of(request))
    return _told(market, "changed")


async def trader_invite(request: Request) -> Response:
    """Invites one trader by phone."""
    market = await _market(request)
    form = InviteForm.read(typed_of(request))
    if form.ok:
        try:
            number = stall_number(form.stall)
            now = parts_of(request)[Clock].now()
            await invite(market, form.name, form.phone, number, sender=_sender(request), now=now)
            return _told(market, "invited")
        except Refusal as refusal:
            form.wrong(refusal.field or "", refusal.sentence)
    return await _market_page(request, market, form=form)


async def trader_import(request: Request) -> Response:
    """Reads a list of traders; the good rows are kept, each bad one is named."""
    market, form = await _market(request), Form()
    files = await uploads_of(request, "traders")
    try:
        found = read_traders(files[0] if files else b"")
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return await _market_page(request, market, form=form)
    sender = replace(_sender(request), texts=bool(form_of(request).get("texts")))
    done = await import_traders(market, found, sender=sender, now=parts_of(request)[Clock].now())
    return await _market_page(request, market, imported=done)


async def plate_report_index(request: Request) -> Response:
    """Reports of plates that nobody has closed."""
    return await _plates_page(request)


async def plate_report_close(request: Request) -> Response:
    """Closes a report with what was found."""
    form, number = ClosingForm.read(typed_of(request)), int(request.path_params["id"])
    if not form.ok:
        return await _plates_page(request, form, number)
    now = parts_of(request)[Clock].now()
    await close_plate_report(number, form.note, board_markets(request), by=person_id_of(request), now=now)
    return RedirectResponse(f"{request.app.url_path_for('vendors:plate_report_index')}?told=closed", 303)


def board_markets(request: Request) -> Sequence[int] | None:
    """The markets the caller runs; None for all: administrators, and boards of the whole province."""
    caller = caller_of(request)
    if Role.ADMIN in caller.roles or "" in caller.scopes.get(Role.BOARD, ()):
        return None
    return caller.scope_ids(Role.BOARD)


async def _market(request: Request) -> Market:
    return await market_of_board(str(request.path_params["slug"]), board_markets(request))


def _sender(request: Request) -> Sender:
    settings = parts_of(request)[Settings]
    return Sender(person_id_of(request), settings.base_url, settings.secret_key)


def _told(market: Market, told: str) -> Response:
    return RedirectResponse(f"/board/markets/{market.slug}?told={told}", 303)


async def _market_page(
    request: Request, market: Market, *, form: Form | None = None, imported: Imported | None = None
) -> Response:
    parts = parts_of(request)
    page = BoardMarketPage(
        market=market,
        facts=market_facts(market, vietnam_date(parts[Clock].now())),
        traders=await traders_of(market.id, page_number(request)),
        invitations=await waiting_invitations(market),
        reports=await open_plate_reports([market.id], 1, secret=parts[Settings].secret_key),
        form=form,
        imported=imported,
        told=request.query_params.get("told", ""),
        zones=await zones_of(market.id),
        claims=await claims_of(market.id),
    )
    wrong = (form is not None and not form.ok) or (imported is not None and bool(imported.bad))
    return render(request, "vendors/board_market.html", page, status=422 if wrong else 200)


def _form_page(
    request: Request, market: Market | None, form: MarketForm, hits: tuple[CommuneFound, ...] = ()
) -> Response:
    page = MarketFormPage(
        market=market,
        form=form,
        kinds=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        schedules=[(kind.value, words) for kind, words in SCHEDULE_WORDS.items()],
        commune_choices=commune_choices(hits),
    )
    return render(request, "vendors/board_market_form.html", page, status=200 if form.ok else 422)


async def _plates_page(request: Request, form: ClosingForm | None = None, number: int = 0) -> Response:
    secret = parts_of(request)[Settings].secret_key
    leaf = await open_plate_reports(board_markets(request), page_number(request), secret=secret)
    page = PlatesPage(leaf, form, number, request.query_params.get("told", ""))
    return render(request, "vendors/plate_reports.html", page, status=422 if form else 200)


ONE = "/board/markets/{slug}"
ROUTES = [
    get("/board/markets", board_market_index, who=BOARD, name="vendors:board_market_index"),
    get("/board/markets/new", market_new, who=ADMINS, name="vendors:market_new"),
    post("/board/markets", market_create, who=ADMINS, name="vendors:market_create"),
    get(ONE, board_market_show, who=BOARD, name="vendors:board_market_show"),
    get(ONE + "/edit", market_edit, who=BOARD, name="vendors:market_edit"),
    post(ONE, market_update, who=BOARD, name="vendors:market_update"),
    post(ONE + "/invitations", trader_invite, who=BOARD, name="vendors:trader_invite"),
    post(ONE + "/traders", trader_import, who=BOARD, name="vendors:trader_import", limits=LIST_LIMITS),
    get("/admin/plates", plate_report_index, who=BOARD, name="vendors:plate_report_index"),
    post("/admin/plates/{id:int}/closing", plate_report_close, who=BOARD, name="vendors:plate_report_close"),
]
