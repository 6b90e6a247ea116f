"""A seller's own goods: writing, changing, counting, putting away."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Conflict, Refusal
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.answers import problem, wants_json
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits
from kit.web.offline import kept_offline
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.forms import ShelfForm
from vendors.label_forms import NewListingForm
from vendors.models import Listing, ListingState
from vendors.routes.listing_form import (
    dropped_photos,
    listing_content,
    listing_page,
    note_refusal,
    read_listing,
    settle_listing,
    standing_form,
)
from vendors.routes.sending import let_go_of_uploads, sending_of
from vendors.services import (
    CommuneFound,
    Leaf,
    ReadyPhoto,
    change_listing,
    change_shelf,
    hide_listing,
    offer_listing,
    own_listing,
    put_up_listing,
    sent_before,
)
from vendors.services.pages import OwnRow, own_listings
from vendors.services.photos import PHOTO_BYTES_MAX, PHOTOS_MAX
from vendors.services.sellers import home_commune_label, producer_line
from vendors.states import NAMES, TONES

VENDORS = roles(Role.VENDOR)
PHOTO_LIMITS = FormLimits(files_max=PHOTOS_MAX + 4, body_max_bytes=PHOTOS_MAX * PHOTO_BYTES_MAX + MEBIBYTE)


@dataclass
class OwnPage:
    """The list of one's goods; a refused quick change stands in its row (`form`, `form_code`)."""

    leaf: Leaf[OwnRow]
    names: dict[ListingState, Sentence]
    tones: dict[ListingState, str]
    form: ShelfForm | None = None
    form_code: str = ""
    told: str = ""


async def listing_index(request: Request) -> Response:
    """All one's goods, 24 a page."""
    return await _own_page(request)


async def listing_new(request: Request) -> Response:
    """The empty form, with the seller's own commune as the origin."""
    code, label = await home_commune_label(_vendor_id(request))
    form = NewListingForm.filled(
        commune=label, commune_code=code, stock=1, label_producer=await producer_line(_vendor_id(request))
    )
    return kept_offline(await listing_page(request, form))


async def listing_create(request: Request) -> Response:
    """Puts goods up for approval; the same sending again is answered like the first."""
    form = NewListingForm.read(typed_of(request))
    sending = await sending_of(request, form.sent_id)
    try:
        if sending and await sent_before(_vendor_id(request), sending):
            return _put_up(request)
    except Conflict as conflict:
        form.wrong("", conflict.sentence)
        return await _refused(request, form, status=409)
    hits, photos = await settle_listing(request, form)
    if form.ok:
        content = listing_content(request, form)
        try:
            await put_up_listing(
                _vendor_id(request), content, photos, person_id=person_id_of(request), sending=sending
            )
            await let_go_of_uploads(request)
            return _put_up(request)
        except Refusal as refusal:
            note_refusal(form, refusal)
    return await _refused(request, form, hits=hits, kept=photos)


async def waiting_index(request: Request) -> Response:
    """What waits in the phone; the list is the phone's own."""
    return kept_offline(render(request, "vendors/waiting_index.html"))


async def own_listing_show(request: Request) -> Response:
    """Where notices about goods lead: why they were taken down, else the form of them."""
    listing = await _own(request)
    is_down = listing.state is ListingState.TAKEN_DOWN
    name = "vendors:own_take_down_show" if is_down else "vendors:listing_edit"
    return RedirectResponse(request.app.url_path_for(name, code=listing.code), 303)


async def listing_edit(request: Request) -> Response:
    """The form of goods that stand."""
    listing = await _own(request)
    return await listing_page(request, await standing_form(listing), listing=listing)


async def listing_update(request: Request) -> Response:
    """Keeps the changes; what shoppers read goes back to the administrator first."""
    listing = await _own(request)
    form, hits, photos = await read_listing(request)
    if form.ok:
        try:
            changed = await change_listing(
                listing.id,
                listing_content(request, form),
                photos,
                person_id=person_id_of(request),
                dropped_photo_ids=dropped_photos(request),
                stock_seen=form.stock_seen,
            )
            waits = changed.state == ListingState.SUBMITTED
            return RedirectResponse(f"/sell/listings?told={'sent' if waits else 'changed'}", 303)
        except Refusal as refusal:
            note_refusal(form, refusal)
    return await listing_page(request, form, listing=listing, hits=hits, kept=photos)


async def shelf_update(request: Request) -> Response:
    """Price and stock from the list."""
    listing = await _own(request)
    form = ShelfForm.read(typed_of(request))
    if not form.ok:
        return await _own_page(request, form, listing.code)
    changed = await change_shelf(
        listing.id,
        price_dong=form.price_dong,
        stock=form.stock,
        stock_seen=form.stock_seen,
        person_id=person_id_of(request),
    )
    leapt = changed.state != listing.state
    told = "leapt" if leapt else "changed"
    return RedirectResponse(f"/sell/listings?page={page_number(request)}&told={told}", 303)


async def hiding_create(request: Request) -> Response:
    """Takes goods off sale."""
    return await _moved(request, hide_listing, "hidden")


async def submission_create(request: Request) -> Response:
    """Offers goods again."""
    return await _moved(request, offer_listing, "sent")


async def _moved(request: Request, move: Callable[..., Awaitable[Listing]], told: str) -> Response:
    listing = await _own(request)
    await move(listing.id, person_id=person_id_of(request))
    return RedirectResponse(f"/sell/listings?told={told}", 303)


def _put_up(request: Request) -> Response:
    address = "/sell/listings?told=put_up"
    return JSONResponse({"url": address}, 201) if wants_json(request) else RedirectResponse(address, 303)


async def _refused(
    request: Request,
    form: NewListingForm,
    *,
    hits: tuple[CommuneFound, ...] = (),
    kept: Sequence[ReadyPhoto] = (),
    status: int = 422,
) -> Response:
    """The form again with its mistakes; for a phone that sends what waited, the mistakes alone."""
    if wants_json(request):
        return problem(request, status, say("Có ô cần sửa lại."), form.errors)
    return await listing_page(request, form, hits=hits, kept=kept, status=status)


async def _own_page(request: Request, form: ShelfForm | None = None, code: str = "") -> Response:
    vendor_ids = caller_of(request).scope_ids(Role.VENDOR)
    leaf = await own_listings(
        vendor_ids, page_number(request), today=vietnam_date(parts_of(request)[Clock].now())
    )
    page = OwnPage(leaf, NAMES, TONES, form, code, request.query_params.get("told", ""))
    return render(request, "vendors/listing_index.html", page, status=422 if form else 200)


async def _own(request: Request) -> Listing:
    return await own_listing(str(request.path_params["code"]), caller_of(request).scope_ids(Role.VENDOR))


def _vendor_id(request: Request) -> int:
    """The vendor one sells as: the first of one's own."""
    return min(caller_of(request).scope_ids(Role.VENDOR))


ROUTES = [
    get("/sell/listings", listing_index, who=VENDORS, name="vendors:listing_index"),
    post("/sell/listings", listing_create, who=VENDORS, name="vendors:listing_create", limits=PHOTO_LIMITS),
    get("/sell/waiting", waiting_index, who=VENDORS, name="vendors:waiting_index"),
    get("/sell/listings/new", listing_new, who=VENDORS, name="vendors:listing_new"),
    get("/sell/listings/{code}", own_listing_show, who=VENDORS, name="vendors:own_listing_show"),
    get("/sell/listings/{code}/edit", listing_edit, who=VENDORS, name="vendors:listing_edit"),
    post(
        "/sell/listings/{code}",
        listing_update,
        who=VENDORS,
        name="vendors:listing_update",
        limits=PHOTO_LIMITS,
    ),
    post("/sell/listings/{code}/shelf", shelf_update, who=VENDORS, name="vendors:shelf_update"),
    post("/sell/listings/{code}/hiding", hiding_create, who=VENDORS, name="vendors:hiding_create"),
    post(
        "/sell/listings/{code}/submission", submission_create, who=VENDORS, name="vendors:submission_create"
    ),
]
