"""A seller's own goods: writing, changing, counting, putting away."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.media import Media
from kit.roles import Role
from kit.units import UnitHit
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of, uploads_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.forms import ListingForm, ShelfForm, settle_commune
from vendors.kinds import KINDS, UNITS
from vendors.models import Listing, ListingState
from vendors.routes.aboard import commune_choices
from vendors.services import (
    Leaf,
    ListingContent,
    ReadyPhoto,
    change_listing,
    change_shelf,
    commune_label,
    hide_listing,
    kept_photos,
    offer_listing,
    own_listing,
    put_up_listing,
    ready_photos,
)
from vendors.services.pages import OwnRow, PhotoView, own_listings, photos_of
from vendors.services.photos import PHOTO_BYTES_MAX, PHOTOS_MAX
from vendors.services.sellers import home_commune_label
from vendors.services.variants import variants_of
from vendors.states import NAMES, TONES
from vendors.variant_forms import filled_rows, filled_weight, read_rows, shown_rows

VENDORS = roles(Role.VENDOR)
PHOTO_LIMITS = FormLimits(files_max=PHOTOS_MAX + 4, body_max_bytes=PHOTOS_MAX * PHOTO_BYTES_MAX + MEBIBYTE)


@dataclass
class ListingPage:
    """The form of new or standing goods; `kept` are photos that came with an earlier try.

    `rows` are the numbers of the further variants' rows to show.
    """

    form: ListingForm
    listing: Listing | None
    photos: tuple[PhotoView, ...]
    dropped: frozenset[int]
    kept: list[ReadyPhoto]
    kinds: list[tuple[str, Sentence]]
    units: Sequence[str]
    commune_choices: list[tuple[str, str]]
    rows: list[int]
    photos_max: int = PHOTOS_MAX


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
    return await _form_page(request, ListingForm.filled(commune=label, commune_code=code, stock=1))


async def listing_create(request: Request) -> Response:
    """Puts goods up for approval."""
    form, hits, photos = await _read(request)
    if form.ok:
        try:
            await put_up_listing(
                _vendor_id(request), _content(request, form), photos, person_id=person_id_of(request)
            )
            return RedirectResponse("/sell/listings?told=put_up", 303)
        except Refusal as refusal:
            _note(form, refusal)
    return await _form_page(request, form, hits=hits, kept=photos)


async def listing_edit(request: Request) -> Response:
    """The form of goods that stand."""
    listing = await _own(request)
    form = ListingForm.filled(
        name=listing.name,
        kind=listing.kind,
        commune=commune_label(listing.commune, listing.province),
        commune_code=listing.commune_code,
        about=listing.about,
        harvested_on=listing.harvested_on,
        best_before=listing.best_before,
        **filled_weight(listing),
        **filled_rows(listing, (await variants_of([listing])).get(listing.id, ())),
    )
    return await _form_page(request, form, listing=listing)


async def listing_update(request: Request) -> Response:
    """Keeps the changes; what shoppers read goes back to the administrator first."""
    listing = await _own(request)
    form, hits, photos = await _read(request)
    if form.ok:
        try:
            changed = await change_listing(
                listing.id,
                _content(request, form),
                photos,
                person_id=person_id_of(request),
                dropped_photo_ids=_dropped(request),
                stock_seen=form.stock_seen,
            )
            waits = changed.state == ListingState.SUBMITTED
            return RedirectResponse(f"/sell/listings?told={'sent' if waits else 'changed'}", 303)
        except Refusal as refusal:
            _note(form, refusal)
    return await _form_page(request, form, listing=listing, hits=hits, kept=photos)


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


async def _read(request: Request) -> tuple[ListingForm, tuple[UnitHit, ...], list[ReadyPhoto]]:
    """The form, the communes to ask about, and its photos, made small before any transaction."""
    form = ListingForm.read(typed_of(request))
    request.state.rows = read_rows(typed_of(request), form)
    form.check_days(vietnam_date(parts_of(request)[Clock].now()))
    settled = await settle_commune(form)
    request.state.commune = settled.commune
    media = parts_of(request)[Media]
    photos = await kept_photos([str(one) for one in form_of(request).getlist("kept_photo")], media)
    try:
        photos += await ready_photos(await uploads_of(request, "photos"), media)
    except Refusal as refusal:
        _note(form, refusal)
    return form, settled.choices.choices, photos


async def _form_page(
    request: Request,
    form: ListingForm,
    *,
    listing: Listing | None = None,
    hits: tuple[UnitHit, ...] = (),
    kept: Sequence[ReadyPhoto] = (),
) -> Response:
    page = ListingPage(
        form=form,
        listing=listing,
        photos=await photos_of(listing.id) if listing else (),
        dropped=frozenset(_dropped(request)) if request.method == "POST" else frozenset(),
        kept=list(kept),
        kinds=[(kind.code, kind.name) for kind in KINDS],
        units=UNITS,
        commune_choices=commune_choices(hits),
        rows=shown_rows(form),
    )
    return render(request, "vendors/listing_form.html", page, status=200 if form.ok else 422)


async def _own_page(request: Request, form: ShelfForm | None = None, code: str = "") -> Response:
    vendor_ids = caller_of(request).scope_ids(Role.VENDOR)
    leaf = await own_listings(
        vendor_ids, page_number(request), today=vietnam_date(parts_of(request)[Clock].now())
    )
    page = OwnPage(leaf, NAMES, TONES, form, code, request.query_params.get("told", ""))
    return render(request, "vendors/listing_index.html", page, status=422 if form else 200)


async def _own(request: Request) -> Listing:
    return await own_listing(str(request.path_params["code"]), caller_of(request).scope_ids(Role.VENDOR))


def _note(form: ListingForm, refusal: Refusal) -> None:
    if refusal.field is None:
        raise refusal
    form.wrong(refusal.field, refusal.sentence)


def _content(request: Request, form: ListingForm) -> ListingContent:
    """The form without mistakes, with its commune and its rows of variants, as the service takes it."""
    return form.content(request.state.commune, request.state.rows)


def _vendor_id(request: Request) -> int:
    """The vendor one sells as: the first of one's own."""
    return min(caller_of(request).scope_ids(Role.VENDOR))


def _dropped(request: Request) -> list[int]:
    return [int(str(one)) for one in form_of(request).getlist("drop_photo") if str(one).isdecimal()]


ROUTES = [
    get("/sell/listings", listing_index, who=VENDORS, name="vendors:listing_index"),
    post("/sell/listings", listing_create, who=VENDORS, name="vendors:listing_create", limits=PHOTO_LIMITS),
    get("/sell/listings/new", listing_new, who=VENDORS, name="vendors:listing_new"),
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
