"""The JSON API of harvest lots: the trace for anybody, a new lot for its seller."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE, roles
from vendors.api import FormFaults
from vendors.lot_forms import LotForm
from vendors.services import own_listing
from vendors.services.stock.lots import add_lot
from vendors.services.stock.traces import LotTrace, lot_trace


@dataclass(frozen=True)
class LotCodeJson:
    """A lot that stands on the shelf, and the address for its pack."""

    code: str
    url: str


async def lot_read(request: Request) -> LotTrace:
    """The trace of a lot."""
    today = vietnam_date(parts_of(request)[Clock].now())
    return await lot_trace(str(request.path_params["code"]), today=today)


async def lot_create(request: Request) -> LotCodeJson:
    """Puts a lot of one's own goods on the shelf."""
    code = str(request.path_params["code"])
    listing = await own_listing(code, caller_of(request).scope_ids(Role.VENDOR))
    form, now = cast(LotForm, json_form(request)), parts_of(request)[Clock].now()
    form.check_days(vietnam_date(now))
    if not form.ok:
        raise FormFaults(form.errors)
    lot = await add_lot(listing.id, form.content(), person_id=person_id_of(request), now=now)
    return LotCodeJson(lot.code, f"/lots/{lot.code}")


LOT_API: list[JsonRoute] = [
    api_get(
        "/lots/{code}",
        lot_read,
        who=ANYONE,
        name="vendors:api_lot_read",
        summary="Where a harvest lot comes from, by the code on its pack.",
        answer=LotTrace,
    ),
    api_post(
        "/listings/{code}/lots",
        lot_create,
        who=roles(Role.VENDOR),
        name="vendors:api_lot_create",
        summary="Put a harvest lot of one's own goods on the shelf; its quantity adds to the stock.",
        form=LotForm,
        answer=LotCodeJson,
    ),
]
