"""What the JSON API of vendors answers with."""

from dataclasses import dataclass
from datetime import date

from kit.i18n import translated
from vendors.services.fetching import FetchSpot
from vendors.services.pages import ListingView, OwnRow
from vendors.services.protected.names import NamePage, name_url


@dataclass(frozen=True)
class VariantJson:
    """A size or quality of goods; `id` goes into the basket as `variant`."""

    id: int
    name: str
    price_dong: int
    unit: str
    weight_g: int
    stock: int


@dataclass(frozen=True)
class GoodsJson:
    """Goods; stars and their decision only while a certificate is valid. With `variants` one of them is ordered.

    With `ships_from` they are ordered ahead of their harvest, while `takes_orders`. `lots` are codes for /lots.
    Sold by weight, a piece is a portion of about `portion_g`, weighed when it is packed within `band_percent`; one that
    weighs more costs up to `more_most_dong` on top, 0 where the seller does not charge that.
    """

    code: str
    url: str
    name: str
    kind: str
    price_dong: int
    price_to_dong: int
    price_per_kg_dong: int | None
    portion_g: int | None
    band_percent: int | None
    more_most_dong: int
    unit: str
    weight_g: int
    stock: int
    variants: list[VariantJson]
    state: str
    commune: str
    province: str
    about: str
    is_adult_only: bool
    stars: int
    decision_no: str
    decided_on: date | None
    valid_to: date | None
    seller: str
    seller_slug: str
    photos: list[str]
    harvested_on: date | None
    best_before: date | None
    protected_names: list[str]
    takes_orders: bool
    ships_from: date | None
    ships_to: date | None
    lots: list[str]
    fetch: list["FetchSpotJson"]


@dataclass(frozen=True)
class NameJson:
    """A protected name as the register has it; `communes` are those of today."""

    slug: str
    url: str
    name: str
    sort: str
    number: str
    decision_no: str
    registered_on: date | None
    product: str
    kinds: list[str]
    communes: list[str]
    body: str


@dataclass(frozen=True)
class StallJson:
    """A place in a market."""

    market: str
    number: str


@dataclass(frozen=True)
class FetchSpotJson:
    """Where buyers may fetch what they ordered; `is_open` and `opens` («mở tới 17:00») only for hours understood."""

    at: str
    name: str
    address: str
    hours: str
    is_open: bool | None
    opens: str


@dataclass(frozen=True)
class CommuneJson:
    """A commune in force. `key` is what a form takes; `before` the old commune that the text fits, else empty."""

    code: str
    name: str
    province_code: str
    province: str
    key: str
    before: str


@dataclass(frozen=True)
class CardJson:
    """Goods in a list."""

    url: str
    picture_url: str
    name: str
    price_dong: int
    unit: str
    commune: str
    stars: int
    sold_out: bool


@dataclass(frozen=True)
class VendorJson:
    """A seller and a page of what they sell."""

    slug: str
    url: str
    kind: str
    name: str
    phone: str
    line: str
    commune_code: str
    commune: str
    province: str
    stalls: list[StallJson]
    fetch: list[FetchSpotJson]
    goods: list[CardJson]
    has_more: bool


@dataclass(frozen=True)
class NewVendorJson:
    """A seller that has come aboard."""

    id: int
    slug: str
    state: str


@dataclass(frozen=True)
class ListingStateJson:
    """A listing's code and where it stands."""

    code: str
    state: str


@dataclass(frozen=True)
class PhotoJson:
    """A photo that hangs on a listing."""

    url: str
    small_url: str
    width_px: int
    height_px: int


@dataclass(frozen=True)
class OwnListingJson:
    """Goods as their seller and administrators see them, on sale or not."""

    code: str
    url: str
    picture_url: str
    name: str
    kind: str
    price_dong: int
    unit: str
    stock: int
    commune: str
    state: str
    returned_because: str


def spots_json(spots: tuple[FetchSpot, ...], language: str) -> list[FetchSpotJson]:
    """Where buyers may fetch, in the reader's language."""
    return [
        FetchSpotJson(
            str(one.at),
            one.name,
            one.address,
            one.hours,
            one.now.is_open if one.now else None,
            translated(one.now.words, language) if one.now else "",
        )
        for one in spots
    ]


def goods_json(view: ListingView, fetch: list[FetchSpotJson]) -> GoodsJson:
    """Goods as they are told; a certificate only while it is valid. `fetch` is where they may be fetched."""
    valid = view.valid
    return GoodsJson(
        code=view.code,
        url=view.url,
        name=view.name,
        kind=view.kind,
        price_dong=view.price_dong,
        price_to_dong=view.price_to_dong,
        price_per_kg_dong=view.price_per_kg_dong,
        portion_g=view.portion_g,
        band_percent=view.band_percent,
        more_most_dong=view.more_most_dong,
        unit=view.unit,
        weight_g=view.weight_g,
        stock=view.stock,
        variants=[
            VariantJson(one.id, one.name, one.price_dong, one.unit, one.weight_g, one.stock)
            for one in view.variants
        ],
        state=view.state,
        commune=view.commune,
        province=view.province,
        about=view.about,
        is_adult_only=view.is_adult_only,
        stars=valid.stars if valid else 0,
        decision_no=valid.decision_no if valid else "",
        decided_on=valid.decided_on if valid else None,
        valid_to=valid.valid_to if valid else None,
        seller=view.seller.name,
        seller_slug=view.seller.slug,
        photos=[photo.url for photo in view.photos],
        harvested_on=view.harvested_on,
        best_before=view.best_before,
        protected_names=[badge.name for badge in view.names],
        takes_orders=view.takes_orders,
        ships_from=view.window.ships_from if view.window else None,
        ships_to=view.window.ships_to if view.window else None,
        lots=[lot.code for lot in view.lots],
        fetch=fetch,
    )


def name_json(page: NamePage) -> NameJson:
    """A protected name as it is told."""
    name = page.name
    return NameJson(
        slug=name.slug,
        url=name_url(name.slug),
        name=name.name,
        sort=name.sort,
        number=name.number,
        decision_no=name.decision_no,
        registered_on=name.registered_on,
        product=name.product,
        kinds=list(name.kinds),
        communes=list(dict.fromkeys(area.commune for area in page.areas)),
        body=name.body,
    )


def own_json(row: OwnRow) -> OwnListingJson:
    """One of a seller's own listings as it is told."""
    one = row.listing
    return OwnListingJson(
        code=one.code,
        url=row.url,
        picture_url=row.picture_url,
        name=one.name,
        kind=one.kind,
        price_dong=one.price_dong,
        unit=one.unit,
        stock=one.stock,
        commune=one.commune,
        state=one.state,
        returned_because=one.returned_because,
    )
