"""The office names the columns of a statement whose heads nobody knows: a preview, a confirmation, what was named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.headed import cell_at
from kit.i18n import Sentence
from kit.roles import Role
from kit.sheets import Sheet
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.gates.names import OUTSIDE, title_of
from postal.services.statements.mappings import MappingPage, mappings
from postal.services.statements.naming import (
    Draft,
    confirm_columns,
    draft_of,
    end_mapping,
    known_among,
    put_away,
    say_columns,
)
from postal.shown import pages_beside
from postal.statement_columns import FIELDS
from postal.statement_forms import ColumnsForm
from postal.statement_sheet import HEAD_ROWS, StatedSheet

DESK = roles(Role.CLERK, Role.ADMIN)
ROWS_SHOWN = 5
LINES_SHOWN = 8
CELL_SHOWN = 60


@dataclass(frozen=True)
class SheetShown:
    """The file as its page shows it: its columns' heads, its first rows, and rows that may hold the heads."""

    heads: list[str]
    rows: list[tuple[int, list[str]]]
    head_choices: list[tuple[int, str]]
    column_choices: list[tuple[int, str]]


@dataclass(frozen=True)
class Preview:
    """What would be taken in: all of it in sums, and how many of the first lines' parcels we know."""

    read: StatedSheet
    cod_dong: int
    fee_dong: int
    remitted_dong: int
    known: int
    looked_at: int

    @property
    def may_be_taken(self) -> bool:
        """Whether nothing stands against it."""
        return not self.read.refused and not self.read.faults


@dataclass(frozen=True)
class DraftPage:
    """A file beside our fields; once columns were said, what would be read."""

    draft: Draft
    shown: SheetShown
    form: Form
    fields: dict[str, Sentence]
    required: frozenset[str]
    preview: Preview | None
    title: str
    lines_shown: int


@dataclass(frozen=True)
class MappingIndexPage:
    """How each carrier's statements are read, by whom and since when."""

    found: MappingPage
    fields: dict[str, Sentence]
    titles: dict[str, str]
    newer_url: str
    older_url: str


async def statement_draft_show(request: Request) -> Response:
    """GET /post/statements/drafts/{id}: a file and the choice of its columns; `head` looks at another row of heads."""
    said = request.query_params.get("head", "")
    head = int(said) - 1 if said.isascii() and said.isdecimal() and len(said) < 4 else None
    draft = await draft_of(_number(request), head=head)
    return await _show(request, draft, _filled(draft))


async def statement_columns_create(request: Request) -> Response:
    """POST /post/statements/drafts/{id}/columns: which column holds what; then what would be read."""
    form, number = ColumnsForm.read(form_of(request)), _number(request)
    if form.ok:
        faults = await say_columns(number, form.head - 1, form.said)
        for name, sentence in faults.items():
            form.wrong(name, sentence)
    if not form.ok:
        head = None if "head" in form.errors else form.head - 1
        return await _show(request, await draft_of(number, head=head), form, status=422)
    return RedirectResponse(f"{_address(request, number)}#preview", 303)


async def statement_draft_confirm(request: Request) -> Response:
    """POST /post/statements/drafts/{id}/confirmation: what was shown is taken in, and its columns are remembered."""
    form, number = ColumnsForm.read(form_of(request)), _number(request)
    try:
        if not form.ok:
            raise Refusal(next(iter(form.errors.values())), field="sheet")
        made = await confirm_columns(number, form.said, person_id=person_id_of(request), now=_now(request))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        draft = await draft_of(number)
        shown = _filled(draft)
        shown.wrong("", refusal.sentence)
        return await _show(request, draft, shown, status=refusal.status)
    return RedirectResponse(str(request.app.url_path_for("postal:statement_show", id=made)), 303)


async def statement_draft_remove(request: Request) -> Response:
    """POST /post/statements/drafts/{id}/removal: the file is forgotten."""
    await put_away(_number(request), person_id=person_id_of(request), now=_now(request))
    return RedirectResponse(str(request.app.url_path_for("postal:statement_index")), 303)


async def statement_mapping_index(request: Request) -> Response:
    """GET /post/statements/mappings: what was named, for which carrier, by whom; what no longer holds."""
    found = await mappings(page_number(request))
    newer_url, older_url = pages_beside(request, found.page, found.has_more)
    page = MappingIndexPage(found, FIELDS, {one: title_of(one) for one in OUTSIDE}, newer_url, older_url)
    return render(request, "postal/statement_mapping_index.html", page)


async def statement_mapping_end(request: Request) -> Response:
    """POST /post/statements/mappings/{id}/ending: the next file with these heads is asked about again."""
    await end_mapping(_number(request), person_id=person_id_of(request), now=_now(request))
    return RedirectResponse(str(request.app.url_path_for("postal:statement_mapping_index")), 303)


async def _show(request: Request, draft: Draft, form: Form, *, status: int = 200) -> Response:
    page = DraftPage(
        draft=draft,
        shown=_sheet_shown(draft.sheet, draft.head),
        form=form,
        fields=FIELDS,
        required=frozenset({"cod", "fee"}),
        preview=await _preview(draft) if form.ok or "" in form.errors else None,
        title=title_of(draft.carrier),
        lines_shown=LINES_SHOWN,
    )
    return render(request, "postal/statement_draft_show.html", page, status=status)


async def _preview(draft: Draft) -> Preview | None:
    if draft.read is None:
        return None
    lines, (known, looked_at) = draft.read.lines, await known_among(draft.carrier, draft.read)
    return Preview(
        read=draft.read,
        cod_dong=sum(one.cod_dong for one in lines),
        fee_dong=sum(one.fee_dong for one in lines),
        remitted_dong=sum(one.remitted_dong for one in lines),
        known=known,
        looked_at=looked_at,
    )


def _sheet_shown(sheet: Sheet, head: int) -> SheetShown:
    below = [(n, row) for n, row in enumerate(sheet.rows[head + 1 :], head + 2) if any(row)][:ROWS_SHOWN]
    width = max(len(row) for row in (sheet.rows[head], *(row for _, row in below)))
    heads = [_cut(cell_at(sheet.rows[head], n)) for n in range(width)]
    return SheetShown(
        heads=heads,
        rows=[(n, [_cut(cell_at(row, place)) for place in range(width)]) for n, row in below],
        head_choices=[(n, _first(row)) for n, row in enumerate(sheet.rows[:HEAD_ROWS], 1) if any(row)],
        column_choices=[(n, _named(n, one, below)) for n, one in enumerate(heads)],
    )


def _named(place: int, head: str, below: Sequence[tuple[int, Sequence[str]]]) -> str:
    """A column in a choice: its head and what stands beneath it first."""
    example = next((cell for _, row in below if (cell := cell_at(row, place))), "")
    return " · ".join(_cut(one, 30) for one in (head or f"#{place + 1}", example) if one)


def _first(row: Sequence[str]) -> str:
    return _cut(" · ".join(cell for cell in row if cell))


def _cut(text: str, length: int = CELL_SHOWN) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _filled(draft: Draft) -> Form:
    return ColumnsForm.filled(head=draft.head + 1, **{name: draft.columns.get(name, "") for name in FIELDS})


def _number(request: Request) -> int:
    return int(request.path_params["id"])


def _address(request: Request, number: int) -> str:
    return str(request.app.url_path_for("postal:statement_draft_show", id=number))


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ROUTES: list[BaseRoute] = [
    get(
        "/post/statements/mappings",
        statement_mapping_index,
        who=DESK,
        name="postal:statement_mapping_index",
    ),
    post(
        "/post/statements/mappings/{id:int}/ending",
        statement_mapping_end,
        who=DESK,
        name="postal:statement_mapping_end",
    ),
    get(
        "/post/statements/drafts/{id:int}",
        statement_draft_show,
        who=DESK,
        name="postal:statement_draft_show",
    ),
    post(
        "/post/statements/drafts/{id:int}/columns",
        statement_columns_create,
        who=DESK,
        name="postal:statement_columns_create",
    ),
    post(
        "/post/statements/drafts/{id:int}/confirmation",
        statement_draft_confirm,
        who=DESK,
        name="postal:statement_draft_confirm",
    ),
    post(
        "/post/statements/drafts/{id:int}/removal",
        statement_draft_remove,
        who=DESK,
        name="postal:statement_draft_remove",
    ),
]
