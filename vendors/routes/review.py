"""Approval of listings, and the list of vendors, for administrators."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.roles import Role
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.forms import ReturnForm
from vendors.kinds import BY_CODE, Kind
from vendors.services import Leaf, approve_listing, listing_id_of, return_listing
from vendors.services.pages import OwnRow, VendorRow, vendor_index, waiting_listings

ADMINS = roles(Role.ADMIN)


@dataclass
class ReviewPage:
    """What waits for approval; a refused return stands in its row (`form`, `form_code`)."""

    leaf: Leaf[OwnRow]
    kinds: dict[str, Kind]
    form: ReturnForm | None = None
    form_code: str = ""
    told: str = ""


@dataclass
class VendorsPage:
    """All vendors."""

    leaf: Leaf[VendorRow]


async def review_index(request: Request) -> Response:
    """Listings that wait, oldest first."""
    return await _review_page(request)


async def approval_create(request: Request) -> Response:
    """One tap: on sale."""
    listing_id = await listing_id_of(str(request.path_params["code"]))
    await approve_listing(listing_id, by=person_id_of(request), seen=_seen(request))
    return RedirectResponse("/admin/listings?told=approved", 303)


async def return_create(request: Request) -> Response:
    """Back to the seller, with the reason."""
    code = str(request.path_params["code"])
    listing_id = await listing_id_of(code)
    form = ReturnForm.read({"because": form_of(request).get("because", "")})
    if not form.ok:
        return await _review_page(request, form, code)
    await return_listing(listing_id, form.because, by=person_id_of(request), seen=_seen(request))
    return RedirectResponse("/admin/listings?told=returned", 303)


async def vendor_list(request: Request) -> Response:
    """All vendors, newest first."""
    return render(request, "vendors/vendor_index.html", VendorsPage(await vendor_index(page_number(request))))


async def _review_page(request: Request, form: ReturnForm | None = None, code: str = "") -> Response:
    leaf = await waiting_listings(page_number(request), today=vietnam_date(parts_of(request)[Clock].now()))
    page = ReviewPage(leaf, BY_CODE, form, code, request.query_params.get("told", ""))
    return render(request, "vendors/review_index.html", page, status=422 if form else 200)


def _seen(request: Request) -> datetime | None:
    """When the listing was last changed as the page showed it."""
    said = str(form_of(request).get("seen", ""))
    try:
        return datetime.fromisoformat(said) if said else None
    except ValueError:
        return None


ROUTES = [
    get("/admin/listings", review_index, who=ADMINS, name="vendors:review_index"),
    post("/admin/listings/{code}/approval", approval_create, who=ADMINS, name="vendors:approval_create"),
    post("/admin/listings/{code}/return", return_create, who=ADMINS, name="vendors:return_create"),
    get("/admin/vendors", vendor_list, who=ADMINS, name="vendors:vendor_index"),
]
