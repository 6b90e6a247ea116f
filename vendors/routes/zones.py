"""Zones of a market and stalls that wait for its board, for the board and administrators."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.forms import ZoneForm
from vendors.models import Market
from vendors.routes.board import board_markets
from vendors.services.markets.kept import market_of_board
from vendors.services.markets.zones import (
    ZoneContent,
    ZoneView,
    add_zone,
    change_zone,
    confirm_claim,
    put_in_zone,
    refuse_claim,
    remove_zone,
    zones_of,
)

BOARD = roles(Role.BOARD, Role.ADMIN)


@dataclass
class ZonesPage:
    """The zones of a market; a refused form stands in its place (`form_id` 0: the new one)."""

    market: Market
    zones: list[ZoneView]
    form: ZoneForm | None = None
    form_id: int = 0
    told: str = ""


async def zone_index(request: Request) -> Response:
    """A market's zones, and a form for one more."""
    return await _page(request, await _market(request))


async def zone_create(request: Request) -> Response:
    """Adds a zone."""
    market, form = await _market(request), ZoneForm.read(typed_of(request))
    if form.ok:
        try:
            await add_zone(market, _content(form), by=person_id_of(request))
            return _back(market, "added")
        except Refusal as refusal:
            form.wrong(refusal.field or "name", refusal.sentence)
    return await _page(request, market, form)


async def zone_update(request: Request) -> Response:
    """Keeps a zone's name, goods and place in the order."""
    market, form = await _market(request), ZoneForm.read(typed_of(request))
    zone_id = int(request.path_params["id"])
    if form.ok:
        try:
            await change_zone(market, zone_id, _content(form), by=person_id_of(request))
            return _back(market, "changed")
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _page(request, market, form, zone_id)


async def zone_remove(request: Request) -> Response:
    """Takes a zone away."""
    market = await _market(request)
    await remove_zone(market, int(request.path_params["id"]), by=person_id_of(request))
    return _back(market, "removed")


async def stall_zone_update(request: Request) -> Response:
    """Puts a stall into a zone, or into none."""
    market, typed = await _market(request), str(form_of(request).get("zone", ""))
    zone_id = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else None
    await put_in_zone(market, int(request.path_params["id"]), zone_id, by=person_id_of(request))
    return _told(market, "zoned")


async def claim_confirm(request: Request) -> Response:
    """The stall is theirs."""
    market, now = await _market(request), parts_of(request)[Clock].now()
    await confirm_claim(market, int(request.path_params["id"]), by=person_id_of(request), now=now)
    return _told(market, "confirmed")


async def claim_refuse(request: Request) -> Response:
    """The stall is not theirs."""
    market, now = await _market(request), parts_of(request)[Clock].now()
    await refuse_claim(market, int(request.path_params["id"]), by=person_id_of(request), now=now)
    return _told(market, "refused")


async def _market(request: Request) -> Market:
    return await market_of_board(str(request.path_params["slug"]), board_markets(request))


def _content(form: ZoneForm) -> ZoneContent:
    return ZoneContent(form.name, form.goods, form.position)


def _back(market: Market, told: str) -> Response:
    return RedirectResponse(f"/board/markets/{market.slug}/zones?told={told}", 303)


def _told(market: Market, told: str) -> Response:
    return RedirectResponse(f"/board/markets/{market.slug}?told={told}", 303)


async def _page(request: Request, market: Market, form: ZoneForm | None = None, form_id: int = 0) -> Response:
    page = ZonesPage(market, await zones_of(market.id), form, form_id, request.query_params.get("told", ""))
    return render(request, "vendors/zone_index.html", page, status=422 if form else 200)


ONE = "/board/markets/{slug}"
ROUTES = [
    get(ONE + "/zones", zone_index, who=BOARD, name="vendors:zone_index"),
    post(ONE + "/zones", zone_create, who=BOARD, name="vendors:zone_create"),
    post(ONE + "/zones/{id:int}", zone_update, who=BOARD, name="vendors:zone_update"),
    post(ONE + "/zones/{id:int}/removal", zone_remove, who=BOARD, name="vendors:zone_remove"),
    post(ONE + "/stalls/{id:int}/zone", stall_zone_update, who=BOARD, name="vendors:stall_zone_update"),
    post(ONE + "/stalls/{id:int}/confirmation", claim_confirm, who=BOARD, name="vendors:claim_confirm"),
    post(ONE + "/stalls/{id:int}/refusal", claim_refuse, who=BOARD, name="vendors:claim_refuse"),
]
