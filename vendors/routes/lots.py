"""Harvest lots of one's goods, selling ahead of the harvest, and the public page of a lot with its QR code."""

from dataclasses import dataclass
from io import BytesIO

import segno
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from vendors.lot_forms import LotForm, WindowForm
from vendors.models import HarvestLot, Listing
from vendors.services import own_listing
from vendors.services.ahead import Window, set_window, window_of
from vendors.services.stock.lots import add_lot, lots_of
from vendors.services.stock.traces import LotTrace, lot_trace
from vendors.services.variants import VariantView, variants_of

VENDORS = roles(Role.VENDOR)
QUIET_MODULES = 4


@dataclass
class LotsPage:
    """The lots of one's goods, the form of a new one, and the window of orders ahead."""

    listing: Listing
    lots: list[HarvestLot]
    variants: tuple[VariantView, ...]
    window: Window | None
    form: LotForm
    window_form: WindowForm
    told: str


@dataclass
class LotPage:
    """The public trace of a lot; its address is absolute, for the code on the pack."""

    lot: LotTrace
    absolute_url: str


async def lot_index(request: Request) -> Response:
    """The lots of one's goods."""
    return await _page(request, await _own(request))


async def lot_create(request: Request) -> Response:
    """Puts a lot on the shelf."""
    listing, form = await _own(request), LotForm.read(typed_of(request))
    now = parts_of(request)[Clock].now()
    form.check_days(vietnam_date(now))
    if form.ok:
        try:
            await add_lot(listing.id, form.content(), person_id=person_id_of(request), now=now)
            return _told(listing, "added")
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _page(request, listing, form=form)


async def window_set(request: Request) -> Response:
    """Sells goods ahead of their harvest."""
    listing, form = await _own(request), WindowForm.read(typed_of(request))
    today = vietnam_date(parts_of(request)[Clock].now())
    form.check_days(today)
    if not form.ok:
        return await _page(request, listing, window_form=form)
    await set_window(listing.id, form.window(), person_id=person_id_of(request), today=today)
    return _told(listing, "ahead")


async def window_end(request: Request) -> Response:
    """Sells goods as ordinary ones again."""
    listing = await _own(request)
    today = vietnam_date(parts_of(request)[Clock].now())
    await set_window(listing.id, None, person_id=person_id_of(request), today=today)
    return _told(listing, "ordinary")


async def lot_show(request: Request) -> Response:
    """Where a lot comes from."""
    trace = await _trace(request)
    site = parts_of(request)[Settings].base_url
    return render(request, "vendors/lot_show.html", LotPage(trace, f"{site}{trace.url}"))


async def lot_qr_show(request: Request) -> Response:
    """The code for the pack: it opens the lot's page."""
    trace = await _trace(request)
    text = f"{parts_of(request)[Settings].base_url}{trace.url}"
    drawn = await to_thread.run_sync(_qr_svg, text)
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


def _qr_svg(text: str) -> bytes:
    """Black on white, level M, with its quiet zone (ISO/IEC 18004 section 9.1)."""
    drawn = BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(drawn, kind="svg", border=QUIET_MODULES, omitsize=True, dark="#000", light="#fff")
    return drawn.getvalue()


async def _trace(request: Request) -> LotTrace:
    today = vietnam_date(parts_of(request)[Clock].now())
    return await lot_trace(str(request.path_params["code"]), today=today)


async def _page(
    request: Request, listing: Listing, *, form: LotForm | None = None, window_form: WindowForm | None = None
) -> Response:
    window = window_of(listing)
    page = LotsPage(
        listing=listing,
        lots=await lots_of(listing.id),
        variants=(await variants_of([listing])).get(listing.id, ()),
        window=window,
        form=form or LotForm.filled(harvested_on=vietnam_date(parts_of(request)[Clock].now())),
        window_form=window_form or WindowForm.filled(**(vars(window) if window else {})),
        told=request.query_params.get("told", ""),
    )
    is_ok = page.form.ok and page.window_form.ok
    return render(request, "vendors/lot_index.html", page, status=200 if is_ok else 422)


def _told(listing: Listing, told: str) -> Response:
    return RedirectResponse(f"/sell/listings/{listing.code}/lots?told={told}", 303)


async def _own(request: Request) -> Listing:
    return await own_listing(str(request.path_params["code"]), caller_of(request).scope_ids(Role.VENDOR))


ROUTES = [
    get("/sell/listings/{code}/lots", lot_index, who=VENDORS, name="vendors:lot_index"),
    post("/sell/listings/{code}/lots", lot_create, who=VENDORS, name="vendors:lot_create"),
    post("/sell/listings/{code}/window", window_set, who=VENDORS, name="vendors:window_set"),
    post("/sell/listings/{code}/window/end", window_end, who=VENDORS, name="vendors:window_end"),
    get("/lots/{code}", lot_show, who=ANYONE, name="vendors:lot_show"),
    get("/lots/{code}/qr.svg", lot_qr_show, who=ANYONE, name="vendors:lot_qr_show"),
]
