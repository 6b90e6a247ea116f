"""Sheets of listings: sent in, their columns named, looked through, confirmed; for a seller and for administrators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.archives import ARCHIVE_BYTES_MAX
from kit.errors import NotAllowed, Refusal
from kit.forms import Form, text
from kit.i18n import Sentence, say, translated
from kit.media import Media
from kit.roles import Role
from kit.sheets import BYTES_MAX
from kit.sheets_out import CSV_TYPE, XLSX_TYPE, csv_of, xlsx_of
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of, uploads_of
from kit.web.render import language_of, render
from kit.web.routing import PageRoute, Who, get, post, roles
from vendors.columns import FIELDS
from vendors.import_rows import fault_lines
from vendors.kinds import CODES, KINDS
from vendors.models import ImportRow, ImportState, ListingImport, RowState
from vendors.services.cards import Leaf
from vendors.services.sheets.export import listing_table
from vendors.services.sheets.imports import (
    Counts,
    confirm_sheet,
    counts_of,
    imports_of,
    name_columns,
    own_import,
    rows_in,
    take_sheet,
    vendor_named,
)
from vendors.services.sheets.photos import photos_left, weighed
from vendors.sheet_faults import said

VENDORS, ADMINS = roles(Role.VENDOR), roles(Role.ADMIN)
SHEET_LIMITS = FormLimits(
    files_max=2, body_max_bytes=BYTES_MAX + ARCHIVE_BYTES_MAX + MEBIBYTE, is_scanned=True
)
FAULTS_SHOWN = 50
ROWS_SHOWN = 8
STATE_NAMES: dict[str, Sentence] = {
    ImportState.UPLOADED: say("Chờ chọn cột"),
    ImportState.CHECKING: say("Đang kiểm"),
    ImportState.CHECKED: say("Chờ xác nhận"),
    ImportState.WORKING: say("Đang nhập"),
    ImportState.DONE: say("Đã nhập xong"),
}


class SheetForm(Form):
    """The upload; an administrator names the vendor."""

    vendor: str = text(max_length=160, required=False)


class ColumnsForm(Form):
    """Which column holds what; the columns themselves are read beside it."""

    default_kind: str = text(max_length=30, required=False)


@dataclass
class ImportsPage:
    """The upload and what was sent before."""

    form: SheetForm
    leaf: Leaf[ListingImport]
    names: dict[str, Sentence]
    at_desk: bool
    place: str


@dataclass
class ImportPage:
    """One sheet: its columns, its counts, its mistakes, the first rows that are right."""

    one: ListingImport
    form: ColumnsForm
    counts: Counts
    faults: list[tuple[int, list[Sentence]]]
    changes: list[ImportRow]
    fields: dict[str, Sentence]
    kinds: list[tuple[str, Sentence]]
    names: dict[str, Sentence]
    at_desk: bool
    place: str
    waits: bool
    photos: tuple[int, int]


async def index(request: Request) -> Response:
    """The upload, and earlier sheets."""
    return await _index(request, SheetForm.filled(vendor=request.query_params.get("vendor", "")))


async def create(request: Request) -> Response:
    """Takes a sheet in and goes on to its columns."""
    form = SheetForm.read(typed_of(request))
    upload = form_of(request).get("sheet")
    raw = await upload.read() if isinstance(upload, UploadFile) else b""
    vendor_id = await _vendor_meant(request, form)
    if not raw:
        form.wrong("sheet", say("Hãy chọn tệp bảng hàng."))
    if form.ok and vendor_id is not None and isinstance(upload, UploadFile):
        try:
            photos = await _photos(request)
            made = await take_sheet(
                vendor_id,
                upload.filename or "",
                raw,
                person_id=person_id_of(request),
                media=parts_of(request)[Media],
                photos=photos,
            )
            return RedirectResponse(f"{_place(request)}/{made.code}", 303)
        except Refusal as refusal:
            form.wrong(refusal.field or "sheet", refusal.sentence)
    return await _index(request, form)


async def show(request: Request) -> Response:
    """One sheet as it stands; while a worker is at it, the page asks again by itself."""
    return await _show(request, ColumnsForm())


async def columns_create(request: Request) -> Response:
    """Names the columns; the look through begins."""
    typed = typed_of(request)
    form = ColumnsForm.read(typed)
    mapping = {
        key.removeprefix("column-"): str(value) for key, value in typed.items() if key.startswith("column-")
    }
    kind = form.default_kind if form.default_kind in CODES else ""
    code = str(request.path_params["code"])
    try:
        await name_columns(code, _scope(request), mapping, kind)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        form.wrong(refusal.field, refusal.sentence)
        return await _show(request, form)
    return RedirectResponse(f"{_place(request)}/{code}", 303)


async def confirmation_create(request: Request) -> Response:
    """Lets the rows that are right become listings."""
    code = str(request.path_params["code"])
    await confirm_sheet(code, _scope(request), person_id=person_id_of(request))
    return RedirectResponse(f"{_place(request)}/{code}", 303)


async def faults_show(request: Request) -> Response:
    """The rows that failed, as a sheet with what is wrong in its last column, to be mended and sent again."""
    one = await own_import(str(request.path_params["code"]), _scope(request))
    rows = await rows_in(one.id, RowState.FAULTY, limit=one.rows + 1)
    language, width = language_of(request), max([len(one.heads), *(len(row.cells) for row in rows)])
    table = [[*row.cells, *[""] * (width - len(row.cells)), _said_in(row, language)] for row in rows]
    heads = [*one.heads, *[""] * (width - len(one.heads)), translated(say("Cần sửa"), language)]
    return _file(xlsx_of(heads, table), XLSX_TYPE, f"can-sua-{one.code}.xlsx")


async def listings_csv(request: Request) -> Response:
    """All one's goods as CSV."""
    heads, rows = await listing_table(_vendor_id(request))
    return _file(csv_of(heads, rows), CSV_TYPE, "hang-cua-toi.csv")


async def listings_xlsx(request: Request) -> Response:
    """All one's goods as XLSX."""
    heads, rows = await listing_table(_vendor_id(request))
    return _file(xlsx_of(heads, rows), XLSX_TYPE, "hang-cua-toi.xlsx")


async def _index(request: Request, form: SheetForm) -> Response:
    leaf = await imports_of(_scope(request), page_number(request))
    page = ImportsPage(form, leaf, STATE_NAMES, _at_desk(request), _place(request))
    return render(request, "vendors/import_index.html", page, status=200 if form.ok else 422)


async def _show(request: Request, form: ColumnsForm) -> Response:
    one = await own_import(str(request.path_params["code"]), _scope(request))
    page = ImportPage(
        one=one,
        form=form,
        counts=await counts_of(one.id),
        faults=fault_lines(await rows_in(one.id, RowState.FAULTY, limit=FAULTS_SHOWN)),
        changes=await rows_in(one.id, RowState.NEW, limit=ROWS_SHOWN)
        + await rows_in(one.id, RowState.CHANGE, limit=ROWS_SHOWN),
        fields=FIELDS,
        kinds=[(kind.code, kind.name) for kind in KINDS],
        names=STATE_NAMES,
        at_desk=_at_desk(request),
        place=_place(request),
        waits=one.state in (ImportState.CHECKING, ImportState.WORKING),
        photos=await photos_left(one.id) if one.photos_key else (0, 0),
    )
    return render(request, "vendors/import_show.html", page, status=200 if form.ok else 422)


async def _photos(request: Request) -> bytes:
    """The ZIP of photos beside the sheet, weighed; empty when none came. Refusal at `photos`."""
    found = await uploads_of(request, "photos")
    if found:
        await weighed(found[0])
    return found[0] if found else b""


async def _vendor_meant(request: Request, form: SheetForm) -> int | None:
    if not _at_desk(request):
        return _vendor_id(request)
    found = await vendor_named(form.vendor) if form.vendor else None
    if found is None:
        form.wrong(
            "vendor", say("Không có gian hàng nào như vậy. Hãy ghi tên, số điện thoại hoặc địa chỉ trang.")
        )
    return found.id if found else None


def _said_in(row: ImportRow, language: str) -> str:
    return " · ".join(translated(said(fault), language) for fault in row.faults)


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)


def _at_desk(request: Request) -> bool:
    return request.url.path.startswith("/admin/")


def _place(request: Request) -> str:
    return "/admin/imports" if _at_desk(request) else "/sell/imports"


def _scope(request: Request) -> Sequence[int] | None:
    return None if _at_desk(request) else caller_of(request).scope_ids(Role.VENDOR)


def _vendor_id(request: Request) -> int:
    vendor_ids = caller_of(request).scope_ids(Role.VENDOR)
    if not vendor_ids:
        raise NotAllowed()
    return min(vendor_ids)


def _routes(place: str, who: Who, prefix: str) -> list[PageRoute]:
    """The same pages for a seller and at the desk."""

    def act(path: str, endpoint: Callable[..., object], name: str) -> PageRoute:
        return post(f"{place}{path}", endpoint, who=who, name=f"{prefix}_{name}")  # type: ignore[arg-type]

    return [
        get(place, index, who=who, name=f"{prefix}_index"),
        post(place, create, who=who, name=f"{prefix}_create", limits=SHEET_LIMITS),
        get(f"{place}/{{code}}", show, who=who, name=f"{prefix}_show"),
        act("/{code}/columns", columns_create, "columns"),
        act("/{code}/confirmation", confirmation_create, "confirmation"),
        get(f"{place}/{{code}}/faults.xlsx", faults_show, who=who, name=f"{prefix}_faults"),
    ]


ROUTES = [
    get("/sell/imports/listings.csv", listings_csv, who=VENDORS, name="vendors:listings_csv"),
    get("/sell/imports/listings.xlsx", listings_xlsx, who=VENDORS, name="vendors:listings_xlsx"),
    *_routes("/sell/imports", VENDORS, "vendors:import"),
    *_routes("/admin/imports", ADMINS, "vendors:admin_import"),
]
