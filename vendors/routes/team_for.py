"""Pages on which a member of a digital team works for a household: coming aboard, goods, the draft of who it is."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import show_day, vietnam_date
from kit.errors import Conflict, Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.units import commune
from kit.web.asked import page_number, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.asking import member_of
from vendors.forms import AT_HOME, settle_place
from vendors.help_forms import HelpedAboardForm
from vendors.help_views import HelpedSeller
from vendors.identity_forms import identity_form, note
from vendors.label_forms import NewListingForm
from vendors.models import HelpScope, IdentityState, ListingState, VendorKind
from vendors.routes.aboard import commune_choices
from vendors.routes.listing_form import (
    dropped_photos,
    listing_content,
    listing_page,
    note_refusal,
    read_listing,
    settle_listing,
    standing_form,
)
from vendors.routes.sell import PHOTO_LIMITS
from vendors.routes.sending import sending_of
from vendors.services import CommuneFound, Leaf, commune_label, market_choices, own_listing
from vendors.services.help.acts import (
    Standing,
    change_for,
    come_aboard_for,
    draft_identity_for,
    put_up_for,
    read_identity_for,
    standing_of,
)
from vendors.services.identity.desk import IdentityView, identity_view
from vendors.services.pages import OwnRow, own_listings
from vendors.services.sellers import KIND_NAMES, home_commune_label, producer_line
from vendors.states import NAMES, TONES

TEAM = roles(Role.TEAM)


@dataclass
class HelpedAboardPage:
    """Coming aboard for a household."""

    helped: HelpedSeller
    form: HelpedAboardForm
    kinds: list[tuple[str, Sentence]]
    markets: list[tuple[str, str]]
    commune_choices: list[tuple[str, str]]


@dataclass
class HelpedGoodsPage:
    """A household's goods."""

    helped: HelpedSeller
    leaf: Leaf[OwnRow]
    names: dict[ListingState, Sentence]
    tones: dict[ListingState, str]
    told: str


@dataclass
class HelpedIdentityPage:
    """The draft of who the seller is; the personal number is asked of nobody here."""

    helped: HelpedSeller
    form: Form
    fields: frozenset[str]
    identity: IdentityView
    may_write: bool


async def helped_aboard_new(request: Request) -> Response:
    """The page with what the queue knows of the household."""
    standing = await _standing(request, HelpScope.ABOARD)
    if standing.vendor is not None:
        return RedirectResponse(helped_seller(standing).home_url, 303)
    one = standing.household
    unit = await commune(one.commune_code)
    known = {
        "contact_name": one.name,
        "line": one.line,
        "commune": commune_label(unit.name, unit.province) if unit else "",
        "commune_code": unit.code if unit else "",
        "place": AT_HOME,
    }
    return await _aboard_page(request, standing, HelpedAboardForm.filled(**known), ())


async def helped_aboard_create(request: Request) -> Response:
    """Opens the stall; the household's own person is its seller."""
    standing = await _standing(request, HelpScope.ABOARD)
    form = HelpedAboardForm.read(typed_of(request))
    settled = await settle_place(form)
    if form.ok and settled.commune is not None:
        newcomer = form.newcomer(settled.commune, standing.household.phone)
        try:
            await come_aboard_for(
                standing.household.id, newcomer, member=member_of(request), now=_now(request)
            )
            return RedirectResponse(f"{helped_seller(standing).home_url}?told=aboard", 303)
        except Refusal as refusal:
            note_refusal(form, refusal)
    return await _aboard_page(request, standing, form, settled.choices.choices)


async def helped_listing_index(request: Request) -> Response:
    """The household's goods."""
    standing = await _standing(request, HelpScope.LISTINGS)
    leaf = await own_listings((standing.seller.id,), page_number(request), today=vietnam_date(_now(request)))
    page = HelpedGoodsPage(helped_seller(standing), leaf, NAMES, TONES, request.query_params.get("told", ""))
    return render(request, "vendors/team_goods.html", page)


async def helped_listing_new(request: Request) -> Response:
    """The empty form of goods."""
    standing = await _standing(request, HelpScope.LISTINGS)
    code, label = await home_commune_label(standing.seller.id)
    producer = await producer_line(standing.seller.id)
    form = NewListingForm.filled(commune=label, commune_code=code, stock=1, label_producer=producer)
    return await listing_page(request, form, helped=helped_seller(standing))


async def helped_listing_create(request: Request) -> Response:
    """Puts goods up for the household; the same sending again is answered like the first."""
    standing = await _standing(request, HelpScope.LISTINGS)
    form = NewListingForm.read(typed_of(request))
    sending = await sending_of(request, form.sent_id)
    hits, photos = await settle_listing(request, form)
    if form.ok:
        try:
            await put_up_for(
                standing.household.id,
                listing_content(request, form),
                photos,
                member=member_of(request),
                now=_now(request),
                sending=sending,
            )
            return RedirectResponse(f"{helped_seller(standing).goods_url}?told=put_up", 303)
        except Conflict as conflict:
            form.wrong("", conflict.sentence)
            return await listing_page(request, form, helped=helped_seller(standing), status=409)
        except Refusal as refusal:
            note_refusal(form, refusal)
    return await listing_page(request, form, hits=hits, kept=photos, helped=helped_seller(standing))


async def helped_listing_edit(request: Request) -> Response:
    """The form of goods that stand."""
    standing = await _standing(request, HelpScope.LISTINGS)
    listing = await own_listing(str(request.path_params["code"]), [standing.seller.id])
    form = await standing_form(listing)
    return await listing_page(request, form, listing=listing, helped=helped_seller(standing))


async def helped_listing_update(request: Request) -> Response:
    """Changes goods of the household."""
    standing = await _standing(request, HelpScope.LISTINGS)
    listing = await own_listing(str(request.path_params["code"]), [standing.seller.id])
    form, hits, photos = await read_listing(request)
    if form.ok:
        try:
            await change_for(
                standing.household.id,
                listing.code,
                listing_content(request, form),
                photos,
                member=member_of(request),
                now=_now(request),
                dropped_photo_ids=dropped_photos(request),
                stock_seen=form.stock_seen,
            )
            return RedirectResponse(f"{helped_seller(standing).goods_url}?told=changed", 303)
        except Refusal as refusal:
            note_refusal(form, refusal)
    return await listing_page(
        request, form, listing=listing, hits=hits, kept=photos, helped=helped_seller(standing)
    )


async def helped_identity_edit(request: Request) -> Response:
    """The draft; the look is written down for the household."""
    member, household_id = member_of(request), int(request.path_params["id"])
    standing = await read_identity_for(household_id, member=member, now=_now(request))
    identity = await identity_view(standing.seller.id)
    form = identity_form(identity.kind).filled(**_drafted(identity))
    return _identity_page(request, standing, identity, form)


async def helped_identity_update(request: Request) -> Response:
    """Keeps the draft. A personal number that was sent all the same is thrown away unread."""
    standing = await _standing(request, HelpScope.IDENTITY)
    identity = await identity_view(standing.seller.id)
    sent = {name: value for name, value in typed_of(request).items() if name in _asked(identity.kind)}
    form = identity_form(identity.kind).read(sent)
    told = form.told(vietnam_date(_now(request)), has_number=True)
    if told is not None:
        try:
            await draft_identity_for(
                standing.household.id, told, member=member_of(request), now=_now(request)
            )
            return RedirectResponse(f"{helped_seller(standing).home_url}?told=identity", 303)
        except Refusal as refusal:
            if refusal.status == 403:
                raise
            note(form, refusal)
    return _identity_page(request, standing, identity, form, status=422)


def helped_seller(standing: Standing) -> HelpedSeller:
    """The bar above each of these pages."""
    ends_on = show_day(vietnam_date(standing.consent.ends_at))
    name = standing.vendor.name if standing.vendor else standing.household.name
    return HelpedSeller(standing.household.id, name, ends_on)


async def _standing(request: Request, scope: HelpScope) -> Standing:
    household_id = int(request.path_params["id"])
    return await standing_of(household_id, scope, member=member_of(request), now=_now(request))


async def _aboard_page(
    request: Request, standing: Standing, form: HelpedAboardForm, hits: tuple[CommuneFound, ...]
) -> Response:
    page = HelpedAboardPage(
        helped=helped_seller(standing),
        form=form,
        kinds=[(kind.value, KIND_NAMES[kind]) for kind in VendorKind],
        markets=await market_choices(),
        commune_choices=commune_choices(hits),
    )
    return render(request, "vendors/team_aboard.html", page, status=200 if form.ok else 422)


def _identity_page(
    request: Request, standing: Standing, identity: IdentityView, form: Form, *, status: int = 200
) -> Response:
    may_write = identity.state in (IdentityState.DRAFT, IdentityState.RETURNED)
    page = HelpedIdentityPage(helped_seller(standing), form, _asked(identity.kind), identity, may_write)
    answer = render(request, "vendors/team_identity.html", page, status=status)
    answer.headers["cache-control"] = "no-store"
    return answer


def _asked(kind: VendorKind) -> frozenset[str]:
    """The fields of this kind's form that a member fills in: since 2025 a person's numbers are all one, so none."""
    fields: frozenset[str] = frozenset(identity_form(kind).schema()["properties"])  # type: ignore[call-overload]
    return fields - {"personal_number", "registration_no"} if "personal_number" in fields else fields


def _drafted(identity: IdentityView) -> dict[str, object]:
    known = {
        "full_name": identity.full_name,
        "birth_date": show_day(identity.birth_date) if identity.birth_date else "",
        "registered_name": identity.registered_name or identity.seller,
        "tax_code": identity.tax_code,
        "registration_no": identity.registration_no,
        "address": identity.address,
    }
    return {name: value for name, value in known.items() if name in _asked(identity.kind)}


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


ONE = "/team/for/{id:int}"
ROUTES = [
    get(ONE + "/aboard", helped_aboard_new, who=TEAM, name="vendors:helped_aboard_new"),
    post(ONE + "/aboard", helped_aboard_create, who=TEAM, name="vendors:helped_aboard_create"),
    get(ONE + "/listings", helped_listing_index, who=TEAM, name="vendors:helped_listing_index"),
    get(ONE + "/listings/new", helped_listing_new, who=TEAM, name="vendors:helped_listing_new"),
    post(
        ONE + "/listings",
        helped_listing_create,
        who=TEAM,
        name="vendors:helped_listing_create",
        limits=PHOTO_LIMITS,
    ),
    get(ONE + "/listings/{code}/edit", helped_listing_edit, who=TEAM, name="vendors:helped_listing_edit"),
    post(
        ONE + "/listings/{code}",
        helped_listing_update,
        who=TEAM,
        name="vendors:helped_listing_update",
        limits=PHOTO_LIMITS,
    ),
    get(ONE + "/identity", helped_identity_edit, who=TEAM, name="vendors:helped_identity_edit"),
    post(ONE + "/identity", helped_identity_update, who=TEAM, name="vendors:helped_identity_update"),
]
