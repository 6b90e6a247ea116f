"""Pages of a seller's money: what came in, and their own keys for bank notices."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.codes import token
from kit.errors import NotFound
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from payments.forms import BankKeyForm
from payments.services import PaymentView, VendorMoney, money_of_vendor, payments_of_vendor
from payments.services.bank_keys import (
    BankKeyView,
    ask_for_test,
    connect_key,
    disconnect_key,
    keys_of_vendor,
)


@dataclass(frozen=True)
class MoneyPage:
    """The seller's money."""

    money: VendorMoney
    payments: list[PaymentView]
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class KeysPage:
    """The seller's keys. `shown_secret` is the one that was just made here: it is shown this once."""

    keys: list[BankKeyView]
    form: BankKeyForm
    base_url: str
    shown_secret: str
    was_asked: bool


async def money_index(request: Request) -> Response:
    """The seller's own money: today, this week, and each payment with its state."""
    vendor_id = vendor_id_of(request)
    before_id = _number(request.query_params.get("before", ""))
    money = await money_of_vendor(vendor_id, now=parts_of(request)[Clock].now())
    page = await payments_of_vendor(vendor_id, before_id)
    here = request.url.path
    older_url = f"{here}?before={page.older_before}" if page.older_before else ""
    return render(
        request,
        "payments/money_index.html",
        MoneyPage(money, page.payments, here if before_id else "", older_url),
    )


async def keys_index(request: Request) -> Response:
    """The seller's own keys at SePay, Casso and payOS, and a form for one more."""
    return await _keys_page(request, BankKeyForm())


async def key_create(request: Request) -> Response:
    """Connects a key; one that SePay is to be told is made here and shown this once."""
    form = BankKeyForm.read(form_of(request))
    form.refuse_missing()
    if not form.ok:
        return await _keys_page(request, form)
    parts = parts_of(request)
    made = "" if form.secret else token()
    await connect_key(
        vendor_id_of(request),
        form.provider,
        form.secret or made,
        form.list_key,
        person_id=person_id_of(request),
        now=parts[Clock].now(),
        keys=seal_keys(parts[Settings]),
        link_key=form.link_key,
    )
    if made:
        return await _keys_page(request, BankKeyForm(), shown_secret=made)
    return RedirectResponse(request.app.url_path_for("payments:keys_index"), 303)


async def key_test(request: Request) -> Response:
    """Posts a test notice to the key's own address."""
    await ask_for_test(vendor_id_of(request), _key_id(request))
    return RedirectResponse(f"{request.app.url_path_for('payments:keys_index')}?asked=1", 303)


async def key_close(request: Request) -> Response:
    """Disconnects a key."""
    now = parts_of(request)[Clock].now()
    await disconnect_key(vendor_id_of(request), _key_id(request), person_id=person_id_of(request), now=now)
    return RedirectResponse(request.app.url_path_for("payments:keys_index"), 303)


async def _keys_page(request: Request, form: BankKeyForm, shown_secret: str = "") -> Response:
    page = KeysPage(
        keys=await keys_of_vendor(vendor_id_of(request)),
        form=form,
        base_url=parts_of(request)[Settings].base_url,
        shown_secret=shown_secret,
        was_asked="asked" in request.query_params,
    )
    return render(request, "payments/keys_index.html", page, status=200 if form.ok else 422)


def _key_id(request: Request) -> int:
    number = int(request.path_params["key_id"])
    if number > 2**63 - 1:
        raise NotFound()
    return number


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


_VENDOR = roles(Role.VENDOR)
_KEY = "/sell/money/notices/{key_id:int}"

ROUTES: list[BaseRoute] = [
    get("/sell/money", money_index, who=_VENDOR, name="payments:money_index"),
    get("/sell/money/notices", keys_index, who=_VENDOR, name="payments:keys_index"),
    post("/sell/money/notices", key_create, who=_VENDOR, name="payments:key_create"),
    post(_KEY + "/test", key_test, who=_VENDOR, name="payments:key_test"),
    post(_KEY + "/close", key_close, who=_VENDOR, name="payments:key_close"),
]
