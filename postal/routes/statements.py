"""The office's pages of collected money: what is held by whom, carriers' statements, and lines that do not fit."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from accounts.services import names_of
from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, file_for, form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.gates.names import OUTSIDE, title_of
from postal.gates.register import Carriers
from postal.services.collecting import Cash, cash_held
from postal.services.statements.mappings import WaitingFile, waiting_files
from postal.services.statements.naming import keep_file, kept_columns
from postal.services.statements.settling import attach_line, let_count, make_up_short, set_aside
from postal.services.statements.shown import (
    Holding,
    LinePage,
    StatementPage,
    holdings,
    late_parcels,
    statement_lines,
    statements,
)
from postal.services.statements.taking import Incoming, digest_of, take_statement
from postal.services.views import ParcelView
from postal.shown import pages_beside
from postal.statement_forms import LineForm, StatementForm
from postal.statement_sheet import StatedSheet, stated
from postal.statements import Verdict

DESK = roles(Role.CLERK, Role.ADMIN)
SHEET = FormLimits(files_max=1, body_max_bytes=8 * MEBIBYTE, is_scanned=True)
VERDICT_WORDS: dict[Verdict, Sentence] = {
    Verdict.FITS: say("Khớp"),
    Verdict.REST: say("Trả nốt phần thiếu"),
    Verdict.SHORT: say("Trả thiếu"),
    Verdict.OVER: say("Trả thừa"),
    Verdict.FEE_DIFFERS: say("Cước khác lúc gửi"),
    Verdict.NOT_DELIVERED: say("Chưa giao mà đã có tiền"),
    Verdict.TWICE: say("Đã có trong bảng khác"),
    Verdict.UNKNOWN: say("Không có bưu gửi này"),
    Verdict.SET_ASIDE: say("Đã gác lại"),
}
VERDICT_TONES = {Verdict.FITS: "good", Verdict.REST: "good", Verdict.SET_ASIDE: "quiet"}


@dataclass(frozen=True)
class HeldRow:
    """Cash that one member of the staff has not paid in."""

    name: str
    parcels: int
    dong: int
    since: datetime


@dataclass(frozen=True)
class StatementIndexPage:
    """Who holds what, which parcels are late, all statements, and the form to send one in."""

    held: list[HeldRow]
    holdings: list[Holding]
    late: list[ParcelView]
    found: StatementPage
    waiting: list[WaitingFile]
    form: Form
    faults: list[tuple[int, Sentence]]
    choices: list[tuple[str, str]]
    titles: dict[str, str]
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class StatementShowPage:
    """One statement; `form` and `of_line` belong to the line that was just decided about."""

    found: LinePage
    only_open: bool
    words: dict[str, Sentence]
    tones: dict[str, str]
    title: str
    form: LineForm
    of_line: int
    newer_url: str
    older_url: str


async def statement_index(request: Request) -> Response:
    """GET /post/statements."""
    return await _index(request, StatementForm.filled())


async def statement_create(request: Request) -> Response:
    """POST /post/statements: a file is read in a thread, then all of it is taken in or nothing.

    One whose heads nobody knows goes on to the page where a person names its columns.
    """
    form = StatementForm.read(form_of(request))
    missing = say("Chọn tệp đối soát của hãng, CSV hoặc XLSX.")
    name, raw = await file_for(request, form, "sheet", missing)
    if not form.ok:
        return await _index(request, form)
    kept = await kept_columns(form.carrier)
    reading = partial(stated, raw, form.carrier, kept, is_named_anew=form.anew)
    read = await anyio.to_thread.run_sync(reading)
    if read.refused or read.faults:
        form.wrong(
            "sheet",
            read.refused or say("Có dòng chưa đọc được nên chưa nhập gì. Sửa rồi gửi lại."),
        )
        return await _index(request, form, read.faults)
    try:
        shown = await _taken(request, form.carrier, name, raw, read)
    except Refusal as refusal:
        form.wrong("sheet", refusal.sentence)
        return await _index(request, form, status=refusal.status)
    return RedirectResponse(shown, 303)


async def statement_show(request: Request) -> Response:
    """GET /post/statements/{id}: its lines; with `open=1` those that wait."""
    return await _show(request, int(request.path_params["id"]), LineForm.filled(), 0)


async def line_settle(request: Request) -> Response:
    """POST /post/statements/{id}/lines/{line}: what a person decides about one line."""
    number, line = int(request.path_params["id"]), int(request.path_params["line"])
    form, person_id, now = LineForm.read(form_of(request)), person_id_of(request), _now(request)
    if not form.ok:
        return await _show(request, number, form, line, status=422)
    try:
        if form.decision == "count":
            await let_count(line, form.words, person_id=person_id, now=now)
        elif form.decision == "aside":
            await set_aside(line, form.words, person_id=person_id, now=now)
        elif form.decision == "attach":
            await attach_line(line, form.code, person_id=person_id, now=now)
        else:
            is_lost = form.decision == "lost"
            await make_up_short(line, is_lost=is_lost, words=form.words, person_id=person_id, now=now)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.wrong(refusal.field or "words", refusal.sentence)
        return await _show(request, number, form, line, status=refusal.status)
    shown = str(request.app.url_path_for("postal:statement_show", id=number))
    return RedirectResponse(f"{shown}?open=1", 303)


async def _taken(request: Request, carrier: str, name: str, raw: bytes, read: StatedSheet) -> str:
    """The page to go on with: the statement's, or that of its columns where nobody knows its heads."""
    person_id, now = person_id_of(request), _now(request)
    address = request.app.url_path_for
    if read.unknown is not None:
        draft = await keep_file(carrier, name, raw, read.unknown, person_id=person_id, now=now)
        return str(address("postal:statement_draft_show", id=draft))
    incoming = Incoming(carrier, name, digest_of(raw), read.lines, read.mapping_id)
    made = await take_statement(incoming, person_id=person_id, now=now)
    return str(address("postal:statement_show", id=made))


async def _index(
    request: Request, form: Form, faults: list[tuple[int, Sentence]] | None = None, *, status: int = 0
) -> Response:
    found = await statements(page_number(request))
    carriers = [code for code in OUTSIDE if parts_of(request)[Carriers].get(code)]
    page = StatementIndexPage(
        held=await _held(await cash_held(_now(request))),
        holdings=[one for one in await holdings() if one.carrier != "staff"],
        late=await late_parcels(now=_now(request)),
        found=found,
        waiting=await waiting_files(),
        form=form,
        faults=faults or [],
        choices=[(code, title_of(code)) for code in carriers],
        titles={code: title_of(code) for code in OUTSIDE},
        newer_url=pages_beside(request, found.page, found.has_more)[0],
        older_url=pages_beside(request, found.page, found.has_more)[1],
    )
    return render(request, "postal/statement_index.html", page, status=status or (200 if form.ok else 422))


async def _held(cash: list[Cash]) -> list[HeldRow]:
    names = await names_of({one.person_id for one in cash}) if cash else {}
    by_person: dict[int, list[Cash]] = {}
    for one in cash:
        by_person.setdefault(one.person_id, []).append(one)
    return [
        HeldRow(
            names.get(person, f"#{person}"),
            len(mine),
            sum(one.dong for one in mine),
            min(one.at for one in mine),
        )
        for person, mine in by_person.items()
    ]


async def _show(
    request: Request, number: int, form: LineForm, of_line: int, *, status: int = 200
) -> Response:
    only_open = request.query_params.get("open") == "1"
    found = await statement_lines(number, page_number(request), only_open=only_open)
    newer_url, older_url = pages_beside(request, found.page, found.has_more)
    more = "&open=1" if only_open else ""
    page = StatementShowPage(
        found=found,
        only_open=only_open,
        words={str(one): words for one, words in VERDICT_WORDS.items()},
        tones={str(one): VERDICT_TONES.get(one, "bad") for one in Verdict},
        title=title_of(found.statement.carrier),
        form=form,
        of_line=of_line,
        newer_url=newer_url + more if newer_url else "",
        older_url=older_url + more if older_url else "",
    )
    return render(request, "postal/statement_show.html", page, status=status)


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ROUTES: list[BaseRoute] = [
    get("/post/statements", statement_index, who=DESK, name="postal:statement_index"),
    post("/post/statements", statement_create, who=DESK, name="postal:statement_create", limits=SHEET),
    get("/post/statements/{id:int}", statement_show, who=DESK, name="postal:statement_show"),
    post(
        "/post/statements/{id:int}/lines/{line:int}",
        line_settle,
        who=DESK,
        name="postal:line_settle",
    ),
]
