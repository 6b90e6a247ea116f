"""A market's account for fees: its board names it, and a code sent to the one who asks puts it in force."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.identifiers import mask_phone
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import Fresh, get, post
from vendors.account_forms import AccountForm, CodeForm, settle_new_account
from vendors.asking import asking
from vendors.models import Market, VendorKind
from vendors.routes.accounts import refused
from vendors.routes.board import BOARD, board_markets
from vendors.services import banks_shown
from vendors.services.markets.accounts import (
    MarketAccountView,
    ask_for_account,
    asked_account,
    confirm_account,
    market_account,
)
from vendors.services.markets.kept import market_of_board


@dataclass
class FeeAccountPage:
    """The account in force, and the form for another."""

    market: Market
    account: MarketAccountView | None
    form: Form
    banks: list[tuple[str, str]]


@dataclass
class FeeAccountCodePage:
    """An account that waits for its code."""

    market: Market
    asked: MarketAccountView
    form: Form | None
    phone: str
    has_twin: bool


async def fee_account_show(request: Request) -> Response:
    """The account, and the form."""
    return await _page(request, await _market(request), AccountForm.filled(holder=""))


async def fee_account_create(request: Request) -> Response:
    """Asks for the account to be changed: the code goes out, nothing is changed yet."""
    market, form = await _market(request), AccountForm.read(typed_of(request))
    new = await settle_new_account(form, VendorKind.FIRM)
    if new is None:
        return await _page(request, market, form)
    try:
        change_id = await ask_for_account(market, new, **asking(request))
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return refused(await _page(request, market, form), refusal)
    place = request.app.url_path_for("vendors:fee_account_code", slug=market.slug, id=change_id)
    return RedirectResponse(place, 303)


async def fee_account_code(request: Request) -> Response:
    """What will change, and the code's field."""
    market = await _market(request)
    asked = await _asked(request, market)
    return _to_account(request, market) if asked.done_at else _code_page(request, market, asked, None)


async def fee_account_confirm(request: Request) -> Response:
    """Puts the account in force."""
    market = await _market(request)
    asked, form = await _asked(request, market), CodeForm.read({"code": typed_of(request).get("code")})
    if not form.ok:
        return _code_page(request, market, asked, form, status=422)
    try:
        await confirm_account(asked.id, market.id, form.code, **asking(request))
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return refused(_code_page(request, market, asked, form), refusal)
    return _to_account(request, market)


async def _market(request: Request) -> Market:
    return await market_of_board(str(request.path_params["slug"]), board_markets(request))


async def _asked(request: Request, market: Market) -> MarketAccountView:
    now = parts_of(request)[Clock].now()
    number = int(request.path_params["id"])
    return await asked_account(number, market.id, person_id=person_id_of(request), now=now)


async def _page(request: Request, market: Market, form: Form) -> Response:
    banks = [(one.bin, one.name) for one in await banks_shown() if one.kind == "bank"]
    page = FeeAccountPage(market, await market_account(market.id), form, banks)
    return render(request, "vendors/fee_account.html", page, status=200 if form.ok else 422)


def _code_page(
    request: Request, market: Market, asked: MarketAccountView, form: Form | None, *, status: int = 200
) -> Response:
    has_twin = parts_of(request)[Settings].sms_gate == "twin"
    page = FeeAccountCodePage(market, asked, form, mask_phone(caller_of(request).phone), has_twin)
    return render(request, "vendors/fee_account_code.html", page, status=status)


def _to_account(request: Request, market: Market) -> Response:
    return RedirectResponse(request.app.url_path_for("vendors:fee_account_show", slug=market.slug), 303)


PLACE = "/board/markets/{slug}/fee-account"
ROUTES = [
    get(PLACE, fee_account_show, who=BOARD, name="vendors:fee_account_show"),
    post(PLACE, fee_account_create, who=BOARD, name="vendors:fee_account_create", fresh=Fresh.FACTOR),
    get(PLACE + "/{id:int}", fee_account_code, who=BOARD, name="vendors:fee_account_code"),
    post(PLACE + "/{id:int}", fee_account_confirm, who=BOARD, name="vendors:fee_account_confirm"),
]
