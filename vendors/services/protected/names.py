"""Protected names as pages need them: the names, their public page, badges of listings, and uses without right."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from accounts.services import record
from kit.db import locked, select, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.text import slug
from kit.units import Unit
from vendors.models import (
    Listing,
    ListingState,
    NameSort,
    NameUse,
    ProtectedArea,
    ProtectedName,
    UseState,
    VendorState,
)
from vendors.name_rules import SORT_WORDS, NameRule, names_said, phrases_of
from vendors.services.cards import Leaf, goods_url, leaf_of, seller_url
from vendors.services.communes import commune_label

MISUSES_SHOWN = 24
NEW_NAME = "new"  # where the form of a new one stands
# valid_uses() of one seller, of names in force.
_VALID_OF_VENDOR = (
    "WHERE vendor_id = $1 AND state = 'confirmed' AND decided_on <= $2 AND (valid_to IS NULL OR valid_to >= $2)"
    " AND of_id IN (SELECT id FROM protected_name WHERE is_live) ORDER BY valid_to DESC, id"
)


@dataclass(frozen=True)
class Area:
    """A commune of today that a name covers; `was` the commune of the register when that one is no more."""

    unit: Unit
    was: str = ""


@dataclass(frozen=True)
class NameContent:
    """What the register says of a name, as an administrator writes it down."""

    name: str
    sort: NameSort
    number: str
    decision_no: str
    registered_on: date | None
    product: str
    kinds: tuple[str, ...]
    phrases: str
    body: str
    about: str
    areas: tuple[Area, ...]
    is_live: bool = True


@dataclass(frozen=True)
class NameBadge:
    """A protected name that a listing carries by its seller's right, valid today."""

    name: str
    sort_words: Sentence
    url: str
    decision_no: str
    decided_on: date
    valid_to: date | None


@dataclass(frozen=True)
class NamePage:
    """A protected name with its communes, in the order they were written."""

    name: ProtectedName
    sort_words: Sentence
    areas: list[ProtectedArea]


@dataclass(frozen=True)
class UserRow:
    """A seller who may use a name, on its public page."""

    seller: str
    url: str
    commune: str
    decision_no: str
    decided_on: date
    valid_to: date | None


@dataclass(frozen=True)
class Misuse:
    """Goods on sale that say a name without their seller's right."""

    name: str
    seller: str
    url: str
    words: str


async def keep_name(place: str, content: NameContent, *, by: int) -> ProtectedName:
    """Writes a name down (`place` empty) or rewrites it. Refusal at `name` when another has it. NotFound."""
    fresh = slug(content.name, 80)
    async with transaction():
        if not place:
            if fresh in ("", NEW_NAME) or await ProtectedName.exists(slug=fresh):
                raise Refusal(say("Tên này đã có trong sổ."), field="name")
            name = ProtectedName(slug=fresh)
        else:
            name = await _locked(place)
        name.update_from_dict(
            {
                "name": content.name,
                "sort": content.sort,
                "number": content.number,
                "decision_no": content.decision_no,
                "registered_on": content.registered_on,
                "product": content.product,
                "kinds": list(content.kinds),
                "phrases": content.phrases,
                "body": content.body,
                "about": content.about,
                "is_live": content.is_live,
            }
        )
        await name.save()
        await ProtectedArea.filter(of_id=name.id).delete()
        rows = {(one.unit.code, one.was): one for one in content.areas}
        await ProtectedArea.bulk_create([_area(name.id, code, was, one) for (code, was), one in rows.items()])
        await record(by, "protected_name_kept", "protected_name", name.slug)
    return name


async def live_names() -> list[NamePage]:
    """All names in force, by their slugs, with their communes; two queries."""
    names = await ProtectedName.filter(is_live=True).order_by("slug")
    return await _with_areas(names)


async def all_names() -> list[NamePage]:
    """The same with those no longer in force."""
    return await _with_areas(await ProtectedName.all().order_by("slug"))


async def name_page(place: str, *, all: bool = False) -> NamePage:
    """One name by its slug; `all`: also one no longer in force. NotFound."""
    rows = ProtectedName.filter(slug=place) if all else ProtectedName.filter(slug=place, is_live=True)
    found = await _with_areas(await rows.limit(1))
    if not found:
        raise NotFound()
    return found[0]


async def users_of(name: ProtectedName, page: int, *, today: date) -> Leaf[UserRow]:
    """A page of those who may use a name today, by seller; one query."""
    rows = valid_uses(today).filter(of_id=name.id, vendor__state=VendorState.CAN_SELL)
    leaf = await leaf_of(rows.select_related("vendor").order_by("vendor__name_key", "id"), page)
    return Leaf([_user(one) for one in leaf.items], leaf.page, leaf.has_more)


async def badges_of(listing: Listing, today: date) -> tuple[NameBadge, ...]:
    """The names whose product a listing is, by its seller's right valid today; one query, three when there is one."""
    uses = await select(NameUse, _VALID_OF_VENDOR, [listing.vendor_id, today])
    if not uses:
        return ()
    held: dict[int, NameUse] = {}
    for one in uses:
        held.setdefault(one.of_id, one)
    rules = [rule for rule in await rules_live() if rule.id in held]
    return tuple(
        _badge(rule, held[rule.id]) for rule in rules if rule.covers(listing.kind, listing.commune_code)
    )


async def names_barred(listings: Iterable[Listing], today: date) -> dict[int, tuple[NameRule, ...]]:
    """By listing the names its seller may not use for it; three queries, one where no name is kept."""
    goods = list(listings)
    rules = await rules_live()
    held = await _held(goods, rules, today)
    return {one.id: tuple(rule for rule in rules if rule not in held[one.id]) for one in goods if rules}


async def names_held(listings: Iterable[Listing], today: date) -> dict[int, tuple[NameRule, ...]]:
    """By listing the names whose product it is, by its seller's right valid today; three queries, one without names."""
    goods = list(listings)
    return await _held(goods, await rules_live(), today)


async def misuses_of(name: ProtectedName, today: date) -> list[Misuse]:
    """Up to 24 goods on sale that say a name without right, the newest first; four queries."""
    phrases = phrases_of(name.name, name.phrases)
    said = [Q(**{f"{column}__icontains": words}) for words in phrases for column in ("name", "about")]
    rows = Listing.filter(
        Q(*said, join_type=Q.OR),
        state=ListingState.ON_SALE,
        kind__in=list(name.kinds),
        vendor__state=VendorState.CAN_SELL,
    )
    goods = await rows.select_related("vendor").order_by("-id").limit(MISUSES_SHOWN * 4)
    barred = await names_barred(goods, today)
    found = []
    for one in goods:
        rules = [rule for rule in barred.get(one.id, ()) if rule.id == name.id]
        for hit in names_said(one.kind, (one.name, one.about), rules):
            found.append(Misuse(one.name, one.vendor.name, goods_url(one.code), hit.words))
    return found[:MISUSES_SHOWN]


async def rules_live() -> list[NameRule]:
    """The names in force as the rules of review read them; two queries, one when there is none."""
    return [
        NameRule(
            id=page.name.id,
            slug=page.name.slug,
            name=page.name.name,
            sort=page.name.sort,
            kinds=frozenset(page.name.kinds),
            communes=frozenset(area.code for area in page.areas),
            phrases=phrases_of(page.name.name, page.name.phrases),
        )
        for page in await live_names()
    ]


def valid_uses(today: date) -> QuerySet[NameUse]:
    """Rights that count on a day: confirmed, begun, not over."""
    return NameUse.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today), state=UseState.CONFIRMED, decided_on__lte=today
    )


def name_url(place: str) -> str:
    """Where a protected name is shown."""
    return f"/names/{place}"


async def name_choices() -> list[tuple[str, str]]:
    """Names in force for a form, as (slug, name and product)."""
    rows = await ProtectedName.filter(is_live=True).order_by("slug").values_list("slug", "name", "product")
    return [(str(place), f"{name} ({product})") for place, name, product in rows]


async def _held(
    goods: Sequence[Listing], rules: Sequence[NameRule], today: date
) -> dict[int, tuple[NameRule, ...]]:
    rights: dict[int, set[int]] = defaultdict(set)
    if rules:
        rows = valid_uses(today).filter(vendor_id__in=list({one.vendor_id for one in goods}))
        for vendor_id, name_id in await rows.values_list("vendor_id", "of_id"):
            rights[int(str(vendor_id))].add(int(str(name_id)))
    return {
        one.id: tuple(
            rule
            for rule in rules
            if rule.id in rights[one.vendor_id] and rule.covers(one.kind, one.commune_code)
        )
        for one in goods
    }


async def _with_areas(names: Sequence[ProtectedName]) -> list[NamePage]:
    areas: dict[int, list[ProtectedArea]] = defaultdict(list)
    if names:
        for one in await ProtectedArea.filter(of_id__in=[name.id for name in names]).order_by("id"):
            areas[one.of_id].append(one)
    return [NamePage(name, SORT_WORDS[name.sort], areas[name.id]) for name in names]


async def _locked(place: str) -> ProtectedName:
    found = await ProtectedName.filter(slug=place).values_list("id", flat=True)
    rows = await locked(ProtectedName, found)
    if not rows:
        raise NotFound()
    return next(iter(rows.values()))


def _area(name_id: int, code: str, was: str, one: Area) -> ProtectedArea:
    commune = commune_label(one.unit.name, one.unit.province)
    return ProtectedArea(of_id=name_id, code=code, commune=commune, was=was)


def _user(one: NameUse) -> UserRow:
    seller = one.vendor
    return UserRow(
        seller.name, seller_url(seller.slug), seller.commune, one.decision_no, one.decided_on, one.valid_to
    )


def _badge(rule: NameRule, use: NameUse) -> NameBadge:
    return NameBadge(
        rule.name, SORT_WORDS[rule.sort], name_url(rule.slug), use.decision_no, use.decided_on, use.valid_to
    )
