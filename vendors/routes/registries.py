"""Registries of OCOP certificates at the desk: sent in, columns named, doubtful rows decided, confirmed, given back."""

from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.errors import Refusal
from kit.forms import Form, text
from kit.i18n import Sentence, say, translated
from kit.media import Media
from kit.roles import Role
from kit.sheets import BYTES_MAX
from kit.sheets_out import XLSX_TYPE, xlsx_of
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of
from kit.web.render import language_of, render
from kit.web.routing import get, post, roles
from vendors.models import CertificateRegistry, RecordState, RegistryRow, RegistryState
from vendors.ocop import LEVELS
from vendors.registry_columns import FIELDS
from vendors.services.cards import Leaf
from vendors.services.certificates.registries import (
    DoubtfulRow,
    RegistryCounts,
    confirm_registry,
    decide_row,
    doubtful_rows,
    name_registry_columns,
    registries,
    registry_by_code,
    registry_counts,
    registry_rows,
    take_registry,
)
from vendors.sheet_faults import said

ADMINS = roles(Role.ADMIN)
SHEET_LIMITS = FormLimits(files_max=1, body_max_bytes=BYTES_MAX + MEBIBYTE, is_scanned=True)
ROWS_SHOWN = 50
STATE_NAMES: dict[str, Sentence] = {
    RegistryState.UPLOADED: say("Chờ chọn cột"),
    RegistryState.CHECKING: say("Đang kiểm"),
    RegistryState.CHECKED: say("Chờ xác nhận"),
    RegistryState.WORKING: say("Đang nhập"),
    RegistryState.DONE: say("Đã nhập xong"),
}
WHY: dict[str, Sentence] = {
    RecordState.UNKNOWN: say("Chưa thấy chủ thể này hoặc món hàng nào của họ trên chợ."),
    RecordState.DOUBTFUL: say("Chưa chọn món hàng nào trên chợ là sản phẩm này."),
}


class RegistryForm(Form):
    """The upload and, later, the columns' own choices."""

    issuer_level: str = text(max_length=20, required=False)


class DecisionForm(Form):
    """Which goods a row means: one of the choices, a code typed beside them, or none."""

    choice: str = text(max_length=16, required=False)
    listing: str = text(max_length=16, required=False)


@dataclass
class RegistriesPage:
    """The upload and what was sent before."""

    form: RegistryForm
    leaf: Leaf[CertificateRegistry]
    names: dict[str, Sentence]


@dataclass
class RegistryPage:
    """One registry: its columns, its counts, rows to decide, rows at fault or nobody's."""

    one: CertificateRegistry
    form: RegistryForm
    counts: RegistryCounts
    doubtful: list[DoubtfulRow]
    faults: list[tuple[RegistryRow, list[Sentence]]]
    matched: list[RegistryRow]
    fields: dict[str, Sentence]
    levels: dict[str, Sentence]
    names: dict[str, Sentence]
    waits: bool
    refused: Sentence | None = None
    refused_row: int = 0


async def index(request: Request) -> Response:
    """The upload, and earlier registries."""
    return await _index(request, RegistryForm.filled())


async def create(request: Request) -> Response:
    """Takes a registry in and goes on to its columns."""
    form = RegistryForm.read(typed_of(request))
    upload = form_of(request).get("sheet")
    raw = await upload.read() if isinstance(upload, UploadFile) else b""
    if not raw:
        form.wrong("sheet", say("Hãy chọn tệp danh sách chứng nhận."))
    if form.ok and isinstance(upload, UploadFile):
        try:
            made = await take_registry(
                upload.filename or "", raw, person_id=person_id_of(request), media=parts_of(request)[Media]
            )
            return _to(made.code)
        except Refusal as refusal:
            form.wrong(refusal.field or "sheet", refusal.sentence)
    return await _index(request, form)


async def show(request: Request) -> Response:
    """One registry as it stands; while a worker is at it, the page asks again by itself."""
    return await _show(request, RegistryForm())


async def columns_create(request: Request) -> Response:
    """Names the columns; the look through begins."""
    typed = typed_of(request)
    form = RegistryForm.read(typed)
    mapping = {
        key.removeprefix("column-"): str(value) for key, value in typed.items() if key.startswith("column-")
    }
    level = form.issuer_level if form.issuer_level in LEVELS else ""
    try:
        await name_registry_columns(_code(request), mapping, level)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        form.wrong(refusal.field, refusal.sentence)
        return await _show(request, form)
    return _to(_code(request))


async def decision_create(request: Request) -> Response:
    """A person says which goods a row means."""
    form, row_id = DecisionForm.read(typed_of(request)), int(request.path_params["id"])
    try:
        if not form.ok:
            raise Refusal(next(iter(form.errors.values())), field="listing")
        code = form.listing or ("" if form.choice == "none" else form.choice)
        if not code and form.choice != "none":
            raise Refusal(say("Hãy chọn một món, hoặc chọn «Không phải món nào»."), field="listing")
        await decide_row(_code(request), row_id, code, by=person_id_of(request))
    except Refusal as refusal:
        if refusal.field is None:
            raise
        return await _show(request, RegistryForm(), refused=refusal.sentence, row_id=row_id)
    return _to(_code(request), "#doubtful")


async def confirmation_create(request: Request) -> Response:
    """Lets the matched rows become certificates."""
    await confirm_registry(_code(request), person_id=person_id_of(request))
    return _to(_code(request))


async def faults_show(request: Request) -> Response:
    """The rows that became no certificate, as a sheet with the reason in its last column."""
    one = await registry_by_code(_code(request))
    states = [RecordState.FAULTY, RecordState.UNKNOWN, RecordState.DOUBTFUL]
    rows = await registry_rows(one.id, states, limit=one.rows + 1)
    language, width = language_of(request), max([len(one.heads), *(len(row.cells) for row in rows)])
    table = [[*row.cells, *[""] * (width - len(row.cells)), _why(row, language)] for row in rows]
    heads = [*one.heads, *[""] * (width - len(one.heads)), translated(say("Cần sửa"), language)]
    headers = {
        "content-disposition": f'attachment; filename="can-sua-{one.code}.xlsx"',
        "cache-control": "private, no-store",
    }
    return Response(xlsx_of(heads, table), media_type=XLSX_TYPE, headers=headers)


async def _index(request: Request, form: RegistryForm) -> Response:
    page = RegistriesPage(form, await registries(page_number(request)), STATE_NAMES)
    return render(request, "vendors/registry_index.html", page, status=200 if form.ok else 422)


async def _show(
    request: Request, form: RegistryForm, *, refused: Sentence | None = None, row_id: int = 0
) -> Response:
    one = await registry_by_code(_code(request))
    lost = await registry_rows(one.id, [RecordState.FAULTY, RecordState.UNKNOWN], limit=ROWS_SHOWN)
    page = RegistryPage(
        one=one,
        form=form,
        counts=await registry_counts(one.id),
        doubtful=await doubtful_rows(one.id, limit=ROWS_SHOWN),
        faults=[(row, _sentences(row)) for row in lost],
        matched=await registry_rows(one.id, [RecordState.MATCHED], limit=8),
        fields=FIELDS,
        levels=LEVELS,
        names=STATE_NAMES,
        waits=one.state in (RegistryState.CHECKING, RegistryState.WORKING),
        refused=refused,
        refused_row=row_id,
    )
    return render(
        request, "vendors/registry_show.html", page, status=200 if form.ok and refused is None else 422
    )


def _sentences(row: RegistryRow) -> list[Sentence]:
    return [said(fault) for fault in row.faults] or [
        say("Dòng {row}: {fault}", row=row.number, fault=WHY[row.state])
    ]


def _why(row: RegistryRow, language: str) -> str:
    return " · ".join(translated(sentence, language) for sentence in _sentences(row))


def _code(request: Request) -> str:
    return str(request.path_params["code"])


def _to(code: str, place: str = "") -> Response:
    return RedirectResponse(f"/admin/registries/{code}{place}", 303)


ONE = "/admin/registries/{code}"
ROUTES = [
    get("/admin/registries", index, who=ADMINS, name="vendors:registry_index"),
    post("/admin/registries", create, who=ADMINS, name="vendors:registry_create", limits=SHEET_LIMITS),
    get(ONE, show, who=ADMINS, name="vendors:registry_show"),
    post(ONE + "/columns", columns_create, who=ADMINS, name="vendors:registry_columns"),
    post(ONE + "/rows/{id:int}/decision", decision_create, who=ADMINS, name="vendors:registry_decision"),
    post(ONE + "/confirmation", confirmation_create, who=ADMINS, name="vendors:registry_confirmation"),
    get(ONE + "/faults.xlsx", faults_show, who=ADMINS, name="vendors:registry_faults"),
]
