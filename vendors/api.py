"""The JSON API of vendors: goods and sellers to read; coming aboard, listing, photos and approval as acts."""

from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.media import Media
from kit.roles import Role
from kit.units import Unit
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE, SIGNED_IN, roles
from vendors.answers import (
    CardJson,
    CommuneJson,
    GoodsJson,
    ListingStateJson,
    NameJson,
    NewVendorJson,
    OwnListingJson,
    PhotoJson,
    StallJson,
    VendorJson,
    goods_json,
    name_json,
    own_json,
    spots_json,
)
from vendors.forms import AboardForm, settle_aboard, settle_commune
from vendors.kinds import Group, kind_of
from vendors.label_forms import LabelledForm
from vendors.services import (
    BankView,
    CommuneFound,
    add_photo,
    approve_listing,
    banks_shown,
    come_aboard,
    communes_found,
    listing_id_of,
    listing_view,
    old_label,
    own_listing,
    put_up_listing,
    ready_photo,
)
from vendors.services.catalogue import CatalogueRow, catalogue_like
from vendors.services.fetching import fetch_spots
from vendors.services.listings import put_variant
from vendors.services.pages import own_listings, seller_page, waiting_listings
from vendors.services.photos import SMALL_PX, photo_url
from vendors.services.protected.names import live_names
from vendors.variant_forms import VariantForm


class FormFaults(Refusal):
    """What is wrong with a form beyond its fields' shapes; the first sentence is told at its field."""

    def __init__(self, errors: dict[str, Sentence]) -> None:
        field, sentence = next(iter(errors.items()))
        super().__init__(sentence, field=field)


async def listing_read(request: Request) -> GoodsJson:
    """Goods on sale, or one's own."""
    caller = caller_of(request)
    view = await listing_view(
        str(request.path_params["code"]),
        today=vietnam_date(parts_of(request)[Clock].now()),
        vendor_ids=caller.scope_ids(Role.VENDOR),
        is_admin=Role.ADMIN in caller.roles,
    )
    spots = fetch_spots(view.seller, now=parts_of(request)[Clock].now())
    is_sent = kind_of(view.kind).group is not Group.TOURISM
    return goods_json(view, spots_json(spots if is_sent else (), language_of(request)))


async def vendor_read(request: Request) -> VendorJson:
    """A seller."""
    today = vietnam_date(parts_of(request)[Clock].now())
    slug, is_adult = str(request.path_params["slug"]), request.query_params.get("adult") == "yes"
    seller, leaf = await seller_page(slug, page_number(request), today=today, is_adult=is_adult)
    return VendorJson(
        slug=seller.slug,
        url=seller.url,
        kind=seller.kind,
        name=seller.name,
        phone=seller.phone,
        line=seller.line,
        commune_code=seller.commune_code,
        commune=seller.commune,
        province=seller.province,
        stalls=[StallJson(stall.market, stall.number) for stall in seller.stalls],
        fetch=spots_json(fetch_spots(seller, now=parts_of(request)[Clock].now()), language_of(request)),
        goods=[
            CardJson(
                card.url,
                card.picture_url,
                card.name,
                card.price_dong,
                card.unit,
                card.commune,
                card.stars,
                card.sold_out,
            )
            for card in leaf.items
        ],
        has_more=leaf.has_more,
    )


async def vendor_create(request: Request) -> NewVendorJson:
    """Comes aboard."""
    form = cast(AboardForm, json_form(request))
    settled = await settle_aboard(form)
    commune = _settled(form, settled.commune)
    newcomer = form.newcomer(commune, caller_of(request).phone)
    vendor = await come_aboard(person_id_of(request), newcomer, now=parts_of(request)[Clock].now())
    return NewVendorJson(vendor.id, vendor.slug, vendor.state)


async def listing_create(request: Request) -> ListingStateJson:
    """Puts goods up for approval; photos follow one by one."""
    form = cast(LabelledForm, json_form(request))
    form.check_days(vietnam_date(parts_of(request)[Clock].now()))
    settled = await settle_commune(form)
    commune = _settled(form, settled.commune)
    vendor_id = min(caller_of(request).scope_ids(Role.VENDOR))
    listing = await put_up_listing(vendor_id, form.content(commune), [], person_id=person_id_of(request))
    return ListingStateJson(listing.code, listing.state)


async def variant_create(request: Request) -> ListingStateJson:
    """Adds a size or quality to one's own goods, or changes the one of that name."""
    code = str(request.path_params["code"])
    listing = await own_listing(code, caller_of(request).scope_ids(Role.VENDOR))
    form = cast(VariantForm, json_form(request))
    content = form.content(unit=listing.unit, weight_g=listing.weight_g)
    changed = await put_variant(listing.id, content, person_id=person_id_of(request))
    return ListingStateJson(changed.code, changed.state)


async def photo_create(request: Request) -> PhotoJson:
    """Hangs a photo, sent as the raw body, on one's own listing; the same photo again is the same photo."""
    code = str(request.path_params["code"])
    listing = await own_listing(code, caller_of(request).scope_ids(Role.VENDOR))
    content = await request.body()
    if not content:
        raise Refusal(say("Cần gửi ảnh trong thân của yêu cầu."), field="photos")
    ready = await ready_photo(content, parts_of(request)[Media])
    photo = await add_photo(listing.id, ready, person_id=person_id_of(request))
    return PhotoJson(photo_url(photo.key), photo_url(photo.key, SMALL_PX), photo.width_px, photo.height_px)


async def own_listing_index(request: Request) -> list[OwnListingJson]:
    """The caller's own goods."""
    leaf = await own_listings(caller_of(request).scope_ids(Role.VENDOR), page_number(request))
    return [own_json(row) for row in leaf.items]


async def waiting_index(request: Request) -> list[OwnListingJson]:
    """What waits for approval."""
    return [own_json(row) for row in (await waiting_listings(page_number(request))).items]


async def approval_create(request: Request) -> ListingStateJson:
    """Puts a waiting listing on sale."""
    listing_id = await listing_id_of(str(request.path_params["code"]))
    listing = await approve_listing(listing_id, by=person_id_of(request))
    return ListingStateJson(listing.code, listing.state)


async def commune_index(request: Request) -> list[CommuneJson]:
    """Communes that fit a text."""
    return [_commune_json(one) for one in await communes_found(request.query_params.get("q", ""))]


def _commune_json(one: CommuneFound) -> CommuneJson:
    before = old_label(one.before) if one.before else ""
    return CommuneJson(one.code, one.name, one.province_code, one.province, one.key, before)


async def catalogue_index(request: Request) -> list[CatalogueRow]:
    """Products of the catalogue that fit what is being typed."""
    return catalogue_like(request.query_params.get("q", ""))


async def name_index(request: Request) -> list[NameJson]:
    """Protected names in force."""
    return [name_json(page) for page in await live_names()]


async def bank_index(request: Request) -> list[BankView]:
    """Banks, Mobile Money and wallets that can receive."""
    return await banks_shown()


def _settled(form: Form, commune: Unit | None) -> Unit:
    """The commune of a form that has no mistakes left. Raises FormFaults."""
    if not form.ok:
        raise FormFaults(form.errors)
    if commune is None:
        raise NotFound()
    return commune


_PAGE = {"page": "Page number, from 1."}
API: list[JsonRoute] = [
    api_get(
        "/goods/{code}",
        listing_read,
        who=ANYONE,
        name="vendors:api_listing_read",
        summary="Goods on sale, by code.",
        answer=GoodsJson,
        ready_seconds=1,
    ),
    api_get(
        "/vendors/{slug}",
        vendor_read,
        who=ANYONE,
        name="vendors:api_vendor_read",
        summary="A seller and what they sell.",
        answer=VendorJson,
        query={
            "page": "Page of the goods, 24 each, 1 the first.",
            "adult": "yes: the visitor said to be 18 or older, show alcohol too.",
        },
        ready_seconds=1,
    ),
    api_post(
        "/vendors",
        vendor_create,
        who=SIGNED_IN,
        name="vendors:api_vendor_create",
        summary="Come aboard as a seller; the caller's phone becomes the seller's.",
        form=AboardForm,
        answer=NewVendorJson,
    ),
    api_post(
        "/listings",
        listing_create,
        who=roles(Role.VENDOR),
        name="vendors:api_listing_create",
        summary="Put goods up for approval.",
        form=LabelledForm,
        answer=ListingStateJson,
    ),
    api_get(
        "/sell/listings",
        own_listing_index,
        who=roles(Role.VENDOR),
        name="vendors:api_own_listing_index",
        summary="The caller's own goods, newest first, with where each stands.",
        answer=OwnListingJson,
        many=True,
        query=_PAGE,
    ),
    api_post(
        "/listings/{code}/variants",
        variant_create,
        who=roles(Role.VENDOR),
        name="vendors:api_variant_create",
        summary="Add a size or quality to goods put up with a variant_name, or change the one of that name.",
        form=VariantForm,
        answer=ListingStateJson,
        status=200,
    ),
    api_post(
        "/listings/{code}/photos",
        photo_create,
        who=roles(Role.VENDOR),
        name="vendors:api_photo_create",
        summary="Hang a photo (JPEG, PNG, WebP, AVIF, HEIC) on one's own listing; it is re-encoded without metadata.",
        form=None,
        answer=PhotoJson,
        status=200,
        once=False,
        file=True,
    ),
    api_get(
        "/admin/listings",
        waiting_index,
        who=roles(Role.ADMIN),
        name="vendors:api_waiting_index",
        summary="Goods that wait for approval, the oldest first.",
        answer=OwnListingJson,
        many=True,
        query=_PAGE,
    ),
    api_post(
        "/listings/{code}/approval",
        approval_create,
        who=roles(Role.ADMIN),
        name="vendors:api_approval_create",
        summary="Put a waiting listing on sale.",
        form=None,
        answer=ListingStateJson,
    ),
    api_get(
        "/communes",
        commune_index,
        who=ANYONE,
        name="vendors:api_commune_index",
        summary="Communes in force whose name, or old name, begins with a text; accents are optional.",
        answer=CommuneJson,
        many=True,
        query={"q": "What was typed, for example «la hien»."},
        ready_seconds=60,
    ),
    api_get(
        "/catalogue",
        catalogue_index,
        who=ANYONE,
        name="vendors:api_catalogue_index",
        summary="OCOP products by name, with the usual kind, unit and weight; accents are optional.",
        answer=CatalogueRow,
        many=True,
        query={"q": "What was typed, for example «na la»."},
    ),
    api_get(
        "/names",
        name_index,
        who=ANYONE,
        name="vendors:api_name_index",
        summary="Protected names in force (geographical indications, marks), with their communes of today.",
        answer=NameJson,
        many=True,
    ),
    api_get(
        "/banks",
        bank_index,
        who=ANYONE,
        name="vendors:api_bank_index",
        summary="Banks, Mobile Money providers and wallets by BIN.",
        answer=BankView,
        many=True,
    ),
]
