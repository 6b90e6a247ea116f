"""A seller's shop windows on other floors: addresses, when somebody last looked, a file for each floor."""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import NotFound, Refusal
from kit.forms import Form, choice, day, text
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.settings import Settings
from kit.sheets_out import CSV_TYPE, csv_of
from kit.web.asked import page_number, person_id_of, typed_of, vendor_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.floors import FLOOR_WORDS, BadAddress, floor_address
from vendors.models import Floor
from vendors.services.cards import Leaf
from vendors.services.certificates.confirming import listings_to_certify
from vendors.services.listings import own_listing
from vendors.services.windows import (
    WindowRow,
    add_window,
    floor_table,
    mark_checked,
    provincial_hosts,
    remove_window,
    windows_of,
)

VENDORS = roles(Role.VENDOR)


class WindowForm(Form):
    """Where goods are offered besides here."""

    listing: str = text(max_length=16, missing=say("Hãy chọn món hàng."))
    floor: Floor = choice(Floor, missing=say("Hãy chọn sàn."))
    url: str = text(max_length=600, missing=say("Cần đường dẫn tới món hàng trên sàn."))
    listed_on: date = day(missing=say("Cần ngày đưa hàng lên sàn."))

    def settle(self, today: date, hosts: tuple[str, ...]) -> None:
        """An address of the floor, a day that has come."""
        if "listed_on" not in self.errors and self.listed_on > today:
            self.wrong("listed_on", say("Ngày này chưa tới."))
        if {"url", "floor"} & self.errors.keys():
            return
        try:
            self.url = floor_address(self.url, self.floor, hosts)
        except BadAddress as bad:
            self.wrong("url", bad.sentence)


@dataclass
class WindowsPage:
    """All one's windows, and the form of one more."""

    form: WindowForm
    leaf: Leaf[WindowRow]
    goods: list[tuple[str, str]]
    floors: list[tuple[str, Sentence]]
    told: str


async def window_index(request: Request) -> Response:
    """Where one's goods are besides here."""
    today = _today(request)
    form = WindowForm.filled(listing=request.query_params.get("goods", ""), listed_on=today.isoformat())
    return await _page(request, form)


async def window_create(request: Request) -> Response:
    """Keeps an address."""
    form, today = WindowForm.read(typed_of(request)), _today(request)
    form.settle(today, await provincial_hosts(today))
    if form.ok:
        try:
            await _added(request, form)
            return RedirectResponse("/sell/windows?told=added", 303)
        except Refusal as refusal:
            form.wrong(refusal.field or "url", refusal.sentence)
    return await _page(request, form)


async def window_check(request: Request) -> Response:
    """Somebody opened the address today."""
    await mark_checked(
        int(request.path_params["id"]),
        _vendors(request),
        person_id=person_id_of(request),
        today=_today(request),
    )
    return RedirectResponse("/sell/windows?told=checked", 303)


async def window_remove(request: Request) -> Response:
    """Takes an address away."""
    await remove_window(int(request.path_params["id"]), _vendors(request), person_id=person_id_of(request))
    return RedirectResponse("/sell/windows?told=removed", 303)


async def floor_csv(request: Request) -> Response:
    """One's goods on sale as a file for a floor."""
    said = str(request.path_params["floor"])
    if said not in list(Floor):
        raise NotFound()
    site = parts_of(request)[Settings].base_url
    heads, rows = await floor_table(vendor_id_of(request), Floor(said), site=site)
    headers = {
        "content-disposition": f'attachment; filename="hang-{said}.csv"',
        "cache-control": "private, no-store",
    }
    return Response(csv_of(heads, rows), media_type=CSV_TYPE, headers=headers)


async def _added(request: Request, form: WindowForm) -> None:
    try:
        listing = await own_listing(form.listing, _vendors(request))
    except NotFound:
        raise Refusal(say("Hãy chọn món hàng."), field="listing") from None
    now = parts_of(request)[Clock].now()
    await add_window(listing, form.floor, form.url, form.listed_on, person_id=person_id_of(request), now=now)


async def _page(request: Request, form: WindowForm) -> Response:
    page = WindowsPage(
        form=form,
        leaf=await windows_of(_vendors(request), page_number(request), today=_today(request)),
        goods=await listings_to_certify(_vendors(request)),
        floors=list(FLOOR_WORDS.items()),
        told=request.query_params.get("told", ""),
    )
    return render(request, "vendors/window_index.html", page, status=200 if form.ok else 422)


def _vendors(request: Request) -> tuple[int, ...]:
    return caller_of(request).scope_ids(Role.VENDOR)


def _today(request: Request) -> date:
    return vietnam_date(parts_of(request)[Clock].now())


ROUTES = [
    get("/sell/windows", window_index, who=VENDORS, name="vendors:window_index"),
    post("/sell/windows", window_create, who=VENDORS, name="vendors:window_create"),
    get("/sell/windows/{floor}.csv", floor_csv, who=VENDORS, name="vendors:floor_csv"),
    post("/sell/windows/{id:int}/check", window_check, who=VENDORS, name="vendors:window_check"),
    post("/sell/windows/{id:int}/removal", window_remove, who=VENDORS, name="vendors:window_remove"),
]
