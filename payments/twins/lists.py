"""The pretend bank's lists of transactions, as SePay and Casso would answer them (demo only)."""

import hmac
from datetime import UTC, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import VIETNAM
from kit.errors import NotFound
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, get
from payments.bank_gates import TWIN_LIST_KEY
from payments.gate import StatementLine
from payments.gates.bank_lines import local_time
from payments.models import BankKey, Notice, TwinTransfer
from payments.services.bank_keys import opened
from payments.twins.transfers import line_of

ROWS_MAX = 5_000
LAST_DAY = "9998-12-31"


async def sepay_list(request: Request) -> Response:
    """my.sepay.vn/userapi/transactions/list, newest first."""
    key_id = await _asker(request, "sepay", "Bearer ")
    days = (request.query_params.get(name, "") for name in ("transaction_date_min", "transaction_date_max"))
    lines = await _lines("sepay", key_id, *days)
    rows = [
        {
            "id": line.provider_ref,
            "bank_brand_name": line.gateway,
            "account_number": line.account_number,
            "transaction_date": local_time(line.at),
            "amount_out": f"{0 if line.is_incoming else line.amount_dong}.00",
            "amount_in": f"{line.amount_dong if line.is_incoming else 0}.00",
            "accumulated": "0.00",
            "transaction_content": line.content,
            "reference_number": line.bank_reference,
            "code": None,
            "sub_account": line.sub_account or None,
        }
        for line in reversed(lines)
    ]
    return JSONResponse({"status": 200, "error": None, "messages": {"success": True}, "transactions": rows})


async def casso_list(request: Request) -> Response:
    """oauth.casso.vn/v2/transactions, oldest first, page by page; from a day on, it knows no last one."""
    key_id = await _asker(request, "casso", "Apikey ")
    lines = await _lines("casso", key_id, request.query_params.get("fromDate", ""), LAST_DAY)
    page, size = (_number(request, name) for name in ("page", "pageSize"))
    records = [
        {
            "id": int(line.provider_ref),
            "tid": line.bank_reference,
            "description": line.content,
            "amount": line.amount_dong if line.is_incoming else -line.amount_dong,
            "cusum_balance": 0,
            "when": local_time(line.at).replace(" ", "T"),
            "bankSubAccId": line.account_number,
            "bankCodeName": line.gateway,
            "virtualAccount": line.sub_account,
        }
        for line in lines[(page - 1) * size : page * size]
    ]
    pages = max(1, -(-len(lines) // size))
    told = {
        "page": page,
        "pageSize": size,
        "totalPages": pages,
        "totalRecords": len(lines),
        "records": records,
    }
    return JSONResponse({"error": 0, "message": "success", "data": told})


async def _asker(request: Request, provider: str, scheme: str) -> int | None:
    """The seller's key that asks; None for the platform's. Raises NotFound for any other."""
    shown = request.headers.get("authorization", "").removeprefix(scheme)
    if hmac.compare_digest(shown.encode(), TWIN_LIST_KEY.encode()):
        return None
    keys = seal_keys(parts_of(request)[Settings])
    for row in await BankKey.filter(provider=provider, closed_at__isnull=True).exclude(list_key=""):
        if hmac.compare_digest(opened(row, keys).list_key.encode(), shown.encode()):
            return int(row.id)
    raise NotFound()


async def _lines(provider: str, key_id: int | None, first: str, last: str) -> list[StatementLine]:
    """Transfers of some days, and what was told of without one: the demo's tale, the command line."""
    since, until = _day(first), _day(last) + timedelta(days=1)
    made = TwinTransfer.filter(provider=provider, is_forged=False, made_at__gte=since, made_at__lt=until)
    own = made.filter(bank_key_id=key_id) if key_id else made.filter(bank_key_id__isnull=True)
    transfers = await own.order_by("id").limit(ROWS_MAX)
    lines = {str(one.id): await line_of(one) for one in transfers}
    source = f"{provider}:{key_id}" if key_id else provider
    told = Notice.filter(source=source, happened_at__gte=since, happened_at__lt=until, is_incoming=True)
    for one in await told.exclude(verdict="unread").order_by("id").limit(ROWS_MAX):
        lines.setdefault(one.event_key, _told(one))
    return list(lines.values())


def _told(notice: Notice) -> StatementLine:
    return StatementLine(
        provider_ref=notice.event_key,
        our_ref="",
        amount_dong=notice.amount_dong,
        is_incoming=True,
        at=notice.happened_at or notice.received_at,
        account_number=notice.account_number,
        content=notice.content,
        sub_account=notice.sub_account,
        bank_reference=notice.bank_reference,
        gateway="Twin",
    )


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise NotFound() from None
    return datetime.combine(day, time(), VIETNAM).astimezone(UTC)


def _number(request: Request, name: str) -> int:
    said = request.query_params.get(name, "1")
    return max(1, int(said)) if said.isascii() and said.isdecimal() and len(said) < 5 else 1


LIST_ROUTES: list[BaseRoute] = [
    get("/twins/bank/sepay/transactions/list", sepay_list, who=ANYONE, name="payments:twin_sepay_list"),
    get("/twins/bank/casso/transactions", casso_list, who=ANYONE, name="payments:twin_casso_list"),
]
