"""What pretend carriers' portals offer to download: the statement of what was delivered, true or with a fault in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.dates import show_day, vietnam_date
from kit.errors import NotFound
from kit.money import show_dong
from kit.sheets_out import CSV_TYPE, XLSX_TYPE, Cell, csv_of, xlsx_of
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, get
from postal.gates.names import GHN, GHTK, VIETTEL_POST, VNPOST
from postal.gates.statuses import statuses_of
from postal.gates.vnpost import COD_AMOUNT
from postal.models import TwinParcel
from postal.statement_sheet import StatedLine
from postal.states import ParcelState
from postal.twins.parcels import code_of, whole

MANNERS = ("as_is", "short", "fee", "twice", "stranger", "forgets", "other_heads")
SHORT_DONG, FEE_MORE_DONG = 10_000, 1_000
ROWS_MAX = 500
# waybill, our reference, collected, fee, remitted: as each heads them.
HEADS: dict[str, tuple[str, ...]] = {
    VIETTEL_POST: ("Mã phiếu gửi", "Mã đơn hàng", "Tiền thu hộ", "Tổng cước thu", "Tiền phải trả khách hàng"),
    VNPOST: ("Số hiệu bưu gửi", "Mã đơn hàng", "Số tiền COD", "Cước phí", "Số tiền trả người gửi"),
    GHN: ("Mã đơn GHN", "Mã đơn khách hàng", "Tiền COD", "Tổng phí", "Tiền đối soát"),
    GHTK: ("Mã đơn GHTK", "Mã đơn shop", "Tiền thu hộ", "Phí dịch vụ", "Thanh toán"),
}
# A carrier's office that made its sheet anew: other words, another order, a title above and a sum beneath.
OTHER_HEADS = ("STT", "Ngày chốt phiên", "Kiện hàng", "Khách đã đưa", "Trừ phí vận hành", "Về tài khoản shop")


async def statement_download(request: Request) -> Response:
    """GET /twins/carriers/{carrier}/statement.csv or .xlsx; `manner` puts a fault into it."""
    carrier, kind = str(request.path_params["carrier"]), str(request.path_params["kind"])
    if carrier not in HEADS or kind not in ("csv", "xlsx"):
        raise NotFound()
    manner, lines = request.query_params.get("manner", ""), await delivered(carrier)
    if manner == "other_heads":
        heads, rows = other_table(lines, vietnam_date(parts_of(request)[Clock].now()))
    else:
        heads, rows = HEADS[carrier], table(mangled(lines, manner))
    make, media_type = (csv_of, CSV_TYPE) if kind == "csv" else (xlsx_of, XLSX_TYPE)
    content = await anyio.to_thread.run_sync(make, heads, rows)
    name = quote(f"doi-soat-{carrier}.{kind}")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


async def delivered(carrier: str) -> list[StatedLine]:
    """A line for each parcel that this pretend carrier has delivered, the oldest first."""
    parcels = await TwinParcel.filter(carrier=carrier).order_by("id").limit(ROWS_MAX)
    words = statuses_of(carrier)
    arrived = [one for one in parcels if words[code_of(one)].state is ParcelState.DELIVERED]
    return [_line(one, row) for row, one in enumerate(arrived, 2)]


def table(lines: Sequence[StatedLine]) -> list[list[Cell]]:
    """The lines as a carrier's own sheet has them."""
    return [[one.waybill, one.reference, one.cod_dong, one.fee_dong, one.remitted_dong] for one in lines]


def other_table(lines: Sequence[StatedLine], day: date) -> tuple[Sequence[str], list[list[Cell]]]:
    """The same lines under heads that nobody knows, sums as people write them; the title in the row of heads."""
    body: list[list[Cell]] = [
        [str(n), show_day(day), one.waybill, *(show_dong(dong) for dong in _sums(one))]
        for n, one in enumerate(lines, 1)
    ]
    totals = [show_dong(sum(dong)) for dong in zip(*(_sums(one) for one in lines), strict=True)]
    foot: list[list[Cell]] = [["", "", "Tổng cộng", *totals]] if lines else []
    return ["BẢNG KÊ TIỀN THU HỘ"], [list(OTHER_HEADS), *body, *foot]


def _sums(line: StatedLine) -> tuple[int, int, int]:
    return line.cod_dong, line.fee_dong, line.remitted_dong


def mangled(lines: Sequence[StatedLine], manner: str) -> list[StatedLine]:
    """The lines with one of the faults that real statements have; the first line bears it."""
    if not lines:
        return []
    first, others = lines[0], list(lines[1:])
    if manner == "short":
        return [replace(first, remitted_dong=first.remitted_dong - SHORT_DONG), *others]
    if manner == "fee":
        fee_dong, rest_dong = first.fee_dong + FEE_MORE_DONG, first.remitted_dong - FEE_MORE_DONG
        return [replace(first, fee_dong=fee_dong, remitted_dong=rest_dong), *others]
    if manner == "twice":
        return [first, first, *others]
    if manner == "stranger":
        return [*lines, replace(first, waybill="LA000000001", reference="")]
    return others if manner == "forgets" else list(lines)


def _line(parcel: TwinParcel, row: int) -> StatedLine:
    cod_dong = _collected(parcel)
    return StatedLine(
        row, parcel.number, parcel.reference, cod_dong, parcel.fee_dong, cod_dong - parcel.fee_dong
    )


def _collected(parcel: TwinParcel) -> int:
    """What the booking asked to collect, where each carrier's form has it."""
    if parcel.carrier != VNPOST:
        names = {VIETTEL_POST: "MONEY_COLLECTION", GHN: "cod_amount", GHTK: "pick_money"}
        return whole(parcel.asked, names[parcel.carrier])
    extras = parcel.asked.get("addonService")
    listed = extras if isinstance(extras, list) else []
    values = [str(one.get("propValue", "")) for one in listed if isinstance(one, dict)]
    found = [one.removeprefix(f"{COD_AMOUNT}:") for one in values if one.startswith(f"{COD_AMOUNT}:")]
    return int(found[0]) if found and found[0].isdecimal() else 0


ROUTES: list[BaseRoute] = [
    get(
        "/twins/carriers/{carrier}/statement.{kind}",
        statement_download,
        who=ANYONE,
        name="postal:twin_statement_download",
    ),
]
