"""A seller's receiving accounts: the list, asking for a change, and the code that makes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.services import RESEND_SECONDS
from kit.clock import Clock
from kit.errors import Refusal, TooMany
from kit.forms import Form
from kit.i18n import Sentence
from kit.identifiers import mask_phone
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import Fresh, get, post, roles
from vendors.account_forms import OTHER, AccountForm, CodeForm, settle_new_account
from vendors.asking import asking, selling_as
from vendors.models import VendorKind
from vendors.services import (
    AccountView,
    ChangeView,
    accounts_of,
    ask_to_add,
    ask_to_make_default,
    ask_to_remove,
    asked_change,
    banks_shown,
    confirm_change,
    recent_changes,
    send_change_code,
    vendor_card,
)

VENDORS = roles(Role.VENDOR)


@dataclass
class AccountsPage:
    """The accounts, what changed lately, and a refusal of a change if there was one."""

    accounts: list[AccountView]
    account_changes: list[ChangeView]
    refused: Sentence | None
    told: str


@dataclass
class NewAccountPage:
    """The form of an account to be added."""

    form: AccountForm
    banks: list[tuple[str, str]]
    other: str = OTHER


@dataclass
class ChangePage:
    """A change that waits for its code."""

    form: Form | None
    change: ChangeView
    phone: str
    wait_seconds: int
    has_twin: bool


async def account_index(request: Request) -> Response:
    """The accounts money comes in on."""
    return await _index(request)


async def account_new(request: Request) -> Response:
    """The empty form."""
    return await _form_page(request, AccountForm.filled(holder=""))


async def account_create(request: Request) -> Response:
    """Asks for an account to be added: the code goes out, nothing is changed yet."""
    form = AccountForm.read(typed_of(request))
    seller = await vendor_card(selling_as(request))
    new = await settle_new_account(form, VendorKind(seller.kind))
    if new is None:
        return await _form_page(request, form)
    try:
        change_id = await ask_to_add(seller.id, new, **asking(request))
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return refused(await _form_page(request, form), refusal)
    return _to_change(request, change_id)


async def account_default(request: Request) -> Response:
    """Asks for money to go to another account."""
    return await _ask(request, ask_to_make_default)


async def account_removal(request: Request) -> Response:
    """Asks for an account to be removed."""
    return await _ask(request, ask_to_remove)


async def change_show(request: Request) -> Response:
    """What will change, and the code's field."""
    change = await _asked(request)
    if change.done_at is not None:
        return RedirectResponse(request.app.url_path_for("vendors:account_index"), 303)
    return _change_page(request, change, None)


async def change_confirm(request: Request) -> Response:
    """Makes the change."""
    change = await _asked(request)
    form = CodeForm.read({"code": typed_of(request).get("code")})
    if not form.ok:
        return _change_page(request, change, form, status=422)
    try:
        await confirm_change(change.id, selling_as(request), form.code, **asking(request))
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return refused(_change_page(request, change, form), refusal)
    return RedirectResponse(str(request.app.url_path_for("vendors:account_index")) + "?told=done", 303)


async def change_again(request: Request) -> Response:
    """Texts another code."""
    change = await _asked(request)
    try:
        await send_change_code(change, **asking(request))
    except TooMany as refusal:
        form = CodeForm.filled(code="")
        form.wrong("", refusal.sentence)
        return refused(_change_page(request, change, form), refusal)
    return _to_change(request, change.id)


def refused(answer: Response, refusal: Refusal) -> Response:
    """A page with the refusal's status."""
    answer.status_code = refusal.status
    if isinstance(refusal, TooMany):
        answer.headers["retry-after"] = str(refusal.wait_seconds)
    return answer


async def _ask(request: Request, ask: Callable[..., Awaitable[int]]) -> Response:
    account_id = int(request.path_params["account_id"])
    try:
        change_id = await ask(selling_as(request), account_id, **asking(request))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return refused(await _index(request, refusal.sentence), refusal)
    return _to_change(request, change_id)


async def _asked(request: Request) -> ChangeView:
    return await asked_change(
        int(request.path_params["change_id"]),
        selling_as(request),
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )


async def _index(request: Request, sentence: Sentence | None = None) -> Response:
    vendor_id, now = selling_as(request), parts_of(request)[Clock].now()
    page = AccountsPage(
        await accounts_of(vendor_id),
        await recent_changes([vendor_id], now=now),
        sentence,
        request.query_params.get("told", ""),
    )
    return render(request, "vendors/account_index.html", page)


async def _form_page(request: Request, form: AccountForm) -> Response:
    banks = [
        (bank.bin, f"{bank.name} (Mobile Money)" if bank.kind == "mobile_money" else bank.name)
        for bank in await banks_shown()
    ]
    page = NewAccountPage(form, banks)
    return render(request, "vendors/account_new.html", page, status=200 if form.ok else 422)


def _change_page(request: Request, change: ChangeView, form: Form | None, *, status: int = 200) -> Response:
    parts, phone = parts_of(request), mask_phone(caller_of(request).phone)
    passed = int((parts[Clock].now() - change.asked_at).total_seconds())
    wait = max(0, RESEND_SECONDS - passed)
    page = ChangePage(form, change, phone, wait, parts[Settings].sms_gate == "twin")
    return render(request, "vendors/account_change.html", page, status=status)


def _to_change(request: Request, change_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("vendors:change_show", change_id=change_id), 303)


ONE, CHANGE = "/sell/accounts/{account_id:int}", "/sell/account-changes/{change_id:int}"
ROUTES = [
    get("/sell/accounts", account_index, who=VENDORS, name="vendors:account_index"),
    get("/sell/accounts/new", account_new, who=VENDORS, name="vendors:account_new"),
    post("/sell/accounts", account_create, who=VENDORS, name="vendors:account_create", fresh=Fresh.FACTOR),
    post(ONE + "/default", account_default, who=VENDORS, name="vendors:account_default", fresh=Fresh.FACTOR),
    post(ONE + "/removal", account_removal, who=VENDORS, name="vendors:account_removal", fresh=Fresh.FACTOR),
    get(CHANGE, change_show, who=VENDORS, name="vendors:change_show"),
    post(CHANGE, change_confirm, who=VENDORS, name="vendors:change_confirm"),
    post(CHANGE + "/again", change_again, who=VENDORS, name="vendors:change_again"),
]
