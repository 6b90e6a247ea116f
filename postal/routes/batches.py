"""The office's pages of carriers without an interface: lists to hand over as files, and files that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from accounts.services import names_of
from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.sheets_out import CSV_TYPE, XLSX_TYPE, Cell, csv_of, xlsx_of
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, file_for
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.gates.asking import local_phone
from postal.services.batches import (
    BatchPage,
    batches,
    make_batch,
    parcels_of_batch,
    take_statuses,
)
from postal.services.views import ParcelView
from postal.shown import pages_beside
from postal.status_sheet import statuses_in

DESK = roles(Role.CLERK, Role.ADMIN)
FILE = FormLimits(files_max=1, body_max_bytes=8 * MEBIBYTE, is_scanned=True)
HEADS = (
    "Mã bưu gửi",
    "Mã đơn hàng",
    "Người gửi",
    "Điện thoại gửi",
    "Địa chỉ gửi",
    "Người nhận",
    "Điện thoại nhận",
    "Địa chỉ nhận",
    "Xã, phường nhận",
    "Tỉnh nhận",
    "Nội dung",
    "Cân nặng (g)",
    "Giá trị hàng",
    "Tiền thu hộ",
    "Mã vận đơn",
    "Trạng thái",
    "Thời gian",
    "Ghi chú",
    "Cước",
)


@dataclass(frozen=True)
class BatchIndexPage:
    """Lists, what waits for the next one, and the form for a file that came back. `taken` rows were new."""

    found: BatchPage
    names: dict[int, str]
    form: Form
    faults: list[tuple[int, Sentence]]
    taken: int | None
    newer_url: str
    older_url: str


async def batch_index(request: Request) -> Response:
    """GET /post/batches."""
    taken = request.query_params.get("taken", "")
    is_number = taken.isascii() and taken.isdecimal() and len(taken) < 6
    return await _index(request, Form.filled(), taken=int(taken) if is_number else None)


async def batch_create(request: Request) -> Response:
    """POST /post/batches: all that waits, in one list."""
    form = Form.filled()
    try:
        await make_batch(person_id=person_id_of(request), now=_now(request))
    except Refusal as refusal:
        form.wrong("", refusal.sentence)
        return await _index(request, form, status=refusal.status)
    return RedirectResponse(str(request.app.url_path_for("postal:batch_index")), 303)


async def batch_download(request: Request) -> Response:
    """GET /post/batches/{id}.xlsx or .csv: what the carrier needs, with empty columns for what it sends back."""
    number, kind = int(request.path_params["id"]), str(request.path_params["kind"])
    if kind not in ("csv", "xlsx"):
        raise NotFound()
    rows = [_row(one) for one in await parcels_of_batch(number, person_id=person_id_of(request))]
    make, media_type = (csv_of, CSV_TYPE) if kind == "csv" else (xlsx_of, XLSX_TYPE)
    content = await anyio.to_thread.run_sync(make, HEADS, rows)
    headers = {
        "content-disposition": f'attachment; filename="ban-giao-{number}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


async def statuses_create(request: Request) -> Response:
    """POST /post/batches/news: a file with waybills and statuses; all its rows or none."""
    form = Form.filled()
    name, raw = await file_for(request, form, "sheet", say("Chọn tệp hãng gửi lại, CSV hoặc XLSX."))
    if not form.ok:
        return await _index(request, form)
    now = _now(request)
    read = await anyio.to_thread.run_sync(statuses_in, raw, now)
    if read.refused or read.faults:
        wrong = read.refused or say("Có dòng chưa đọc được nên chưa nhập gì. Sửa rồi gửi lại.")
        form.wrong("sheet", wrong)
        return await _index(request, form, read.faults)
    taken = await take_statuses(read.rows, name=name, person_id=person_id_of(request), now=now)
    return RedirectResponse(f"{request.app.url_path_for('postal:batch_index')}?taken={taken}", 303)


async def _index(
    request: Request,
    form: Form,
    faults: list[tuple[int, Sentence]] | None = None,
    *,
    taken: int | None = None,
    status: int = 0,
) -> Response:
    found = await batches(page_number(request))
    names = await names_of({one.made_by for one in found.rows}) if found.rows else {}
    beside = pages_beside(request, found.page, found.has_more)
    page = BatchIndexPage(found, names, form, faults or [], taken, *beside)
    return render(request, "postal/batch_index.html", page, status=status or (200 if form.ok else 422))


def _row(one: ParcelView) -> Sequence[Cell]:
    return (
        one.code,
        one.order_code,
        one.sender.name,
        local_phone(one.sender.phone),
        f"{one.sender.line}, {one.sender.commune}, {one.sender.province}",
        one.recipient.name,
        local_phone(one.recipient.phone),
        one.recipient.line,
        one.recipient.commune,
        one.recipient.province,
        one.contents,
        one.weight_g,
        one.value_dong,
        one.cod_dong,
        one.tracking_code,
        "",
        "",
        "",
        "",
    )


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ROUTES: list[BaseRoute] = [
    get("/post/batches", batch_index, who=DESK, name="postal:batch_index"),
    post("/post/batches", batch_create, who=DESK, name="postal:batch_create"),
    get("/post/batches/{id:int}.{kind}", batch_download, who=DESK, name="postal:batch_download"),
    post("/post/batches/news", statuses_create, who=DESK, name="postal:statuses_create", limits=FILE),
]
