"""Loading the demo market: everybody comes aboard, puts up goods and is approved, through the real services."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from accounts.services import Evidence, Purpose, change_profile, choose, grant, person_of, text_on
from kit.dates import vietnam_date
from kit.db import transaction
from kit.roles import Role
from kit.settings import Settings
from kit.units import Unit, commune
from market.demo.books import tell_books
from market.demo.fees import tell_fees
from market.demo.fetching import let_fetch, open_desk
from market.demo.households import tell_households
from market.demo.papers import load_papers
from market.demo.people import BY_KEY, PEOPLE
from market.demo.places import AHEAD, EXTRA_GOODS, LOTS, MARKETS, POINTS, PORTIONS, STALLS, VARIANTS
from market.demo.post_day import tell_post_day
from market.demo.searches import tell_searches
from market.demo.stall_days import tell_stall_days
from market.demo.stories import Cast, tell_stories
from market.demo.tales import NA, VIET_CUONG
from market.services import indexed_anyway
from orders.services.door.offering import offer_at_door
from postal.gates.names import GHN, VIETTEL_POST, VNPOST
from postal.services.points import open_point
from postal.services.sending import choose_carriers
from postal.staff_carrier import CODE as STAFF
from vendors.services import (
    ListingContent,
    Newcomer,
    Portion,
    ReportReason,
    VendorKind,
    approve_listing,
    certify,
    come_aboard,
    goods_by_code,
    holder_name,
    open_market,
    put_up_listing,
    return_listing,
)
from vendors.services.ahead import Window, set_window
from vendors.services.moderation.acts import Complaint, report_listing
from vendors.services.pages import vendor_index
from vendors.services.stock.lots import LotContent, add_lot
from vendors.services.variants import VariantContent

GOODS_JSON = Path(__file__).with_name("goods.json")
BANK_BINS = ("970436", "970415", "970418", "970405", "970422")
FIRST_SELLER_PHONE = 84912000101
HIEN = "Cô Hiền"
OFFERED = (STAFF, VIETTEL_POST, VNPOST, GHN)
PAID_AT_DOOR = (NA, VIET_CUONG, "che-moc-cau-hao-dat-htx-che-hao-dat")
ABOARD_BEFORE = timedelta(days=40)


async def load_demo(settings: Settings, *, now: datetime) -> bool:
    """Makes the demo market in one transaction; False, with nothing done, when somebody sells here already.

    The moments of orders lie in the days before `now`. The search index has to be built afterwards.
    """
    if (await vendor_index(1)).items:
        return False
    async with transaction():
        cast = Cast(await _people(), {}, {})
        await _places(cast)
        await _sellers(cast, now=now)
        await tell_households(cast.people["lan"], now=now)
        await indexed_anyway()
        await _sent_by_others(cast)
        await _paid_at_door(cast, now=now)
        await tell_stories(settings, cast, now=now)
        await tell_post_day(cast, secret=settings.secret_key, now=now)
        await _said(cast, now=now)
        await tell_stall_days(cast, now=now)
        await tell_fees(settings, cast, now=now)
        await tell_books(settings, cast, now=now)
        await tell_searches(now=now)
        await indexed_anyway()
    return True


async def _people() -> dict[str, int]:
    ids = {}
    for one in PEOPLE:
        person = await person_of(one.phone)
        await change_profile(person.id, name=one.name)
        for role in one.roles:
            await grant(person.id, role, one.scope)
        ids[one.key] = person.id
    return ids


async def _places(cast: Cast) -> None:
    by = cast.people["son"]
    for one in MARKETS:
        place = await _unit(one.commune_code)
        market = await open_market(one.name, place, by=by, about=one.about, days=one.schedule)
        await open_desk(market, by=by)
        await grant(cast.people["binh"], Role.BOARD, str(market.id), by=by)
    for name, code, hours in POINTS:
        await open_point(name, await _unit(code), hours=hours)


async def _sellers(cast: Cast, *, now: datetime) -> None:
    written = json.loads(GOODS_JSON.read_text(encoding="utf-8"))
    goods: dict[str, list[dict[str, Any]]] = {}
    for one in written["goods"]:
        goods.setdefault(one["producer"], []).append(one)
    vendor_ids: dict[str, int] = {}
    for number, producer in enumerate(written["producers"]):
        person_id, vendor_id = await _aboard(cast, number, producer, now=now)
        vendor_ids[producer["name"]] = vendor_id
        cast.sellers[vendor_id] = person_id
        await let_fetch(vendor_id, person_id)
        for one in goods[producer["name"]]:
            cast.listings[one["code"]] = await _on_sale(cast, vendor_id, person_id, one, now=now)
        if producer["name"] == HIEN:
            await _waiting(cast, vendor_id, person_id, await _unit(producer["commune_code"]))
    await load_papers(vendor_ids, cast.sellers, by=cast.people["son"], now=now)


async def _aboard(cast: Cast, number: int, producer: dict[str, Any], *, now: datetime) -> tuple[int, int]:
    """The person and the vendor of a producer; Cô Hiền signs in herself, the others have phones of their own."""
    name = producer["name"]
    phone = BY_KEY["hien"].phone if name == HIEN else f"+{FIRST_SELLER_PHONE + number}"
    person_id = (await person_of(phone)).id
    if name != HIEN:
        await change_profile(person_id, name=name)
    market_slug, stall = STALLS.get(name, ("", ""))
    newcomer = Newcomer(
        kind=VendorKind(producer["kind"]),
        name=name,
        contact_name=name if name == HIEN else "Người phụ trách bán hàng",
        phone=phone,
        commune=await _unit(producer["commune_code"]),
        line="Thôn 2" if name == HIEN else "Kho hàng của chợ trình diễn",
        bin=BANK_BINS[number % len(BANK_BINS)],
        account=f"DEMO{number + 1:08d}",
        holder=holder_name(name),
        market_slug=market_slug,
        stall=stall,
        is_demo=True,
    )
    vendor = await come_aboard(person_id, newcomer, now=now - ABOARD_BEFORE + timedelta(hours=number))
    return person_id, vendor.id


async def _on_sale(
    cast: Cast, vendor_id: int, person_id: int, goods: dict[str, Any], *, now: datetime
) -> str:
    content = ListingContent(
        name=goods["name"],
        kind=goods["kind"],
        price_dong=goods["price_dong"],
        unit=goods["unit"],
        weight_g=goods["weight_g"],
        stock=goods["stock"] - LOTS.get(goods["code"], (0, 0, "", 0))[3],
        commune=await _unit(goods["commune_code"]),
        about=goods["about"],
        art=goods["art"],
        variants=tuple(VariantContent(*one) for one in VARIANTS.get(goods["code"], ())),
        portion=Portion(*PORTIONS[goods["code"]], True) if goods["code"] in PORTIONS else None,
    )
    listing = await put_up_listing(vendor_id, content, (), person_id=person_id)
    await approve_listing(listing.id, by=cast.people["son"])
    if goods["stars"]:
        await certify(
            listing.id,
            stars=goods["stars"],
            decision_no=goods["decision_no"],
            decided_on=_day(goods["decision_date"]),
            valid_to=_day(goods["valid_to"]),
            issuer_level=goods["issuer_level"],
            by=cast.people["son"],
        )
    await _harvested(listing.id, goods["code"], person_id, now=now)
    return listing.code


async def _harvested(listing_id: int, code: str, person_id: int, *, now: datetime) -> None:
    """The lot and the window of goods that have some."""
    today = vietnam_date(now)
    if code in LOTS:
        ago, good_for, plot, quantity = LOTS[code]
        picked = today - timedelta(days=ago)
        content = LotContent(picked, picked + timedelta(days=good_for), plot, quantity)
        await add_lot(listing_id, content, person_id=person_id, now=now - timedelta(days=ago))
    if code in AHEAD:
        days = Window(*(today + timedelta(days=one) for one in AHEAD[code]))
        await set_window(listing_id, days, person_id=person_id, today=today)


async def _sent_by_others(cast: Cast) -> None:
    """Two sellers let their buyers choose other carriers beside the market's own staff."""
    for goods in ("mien-viet-cuong-htx-mien-viet-cuong", "che-moc-cau-hao-dat-htx-che-hao-dat"):
        found = await goods_by_code(cast.listings[goods])
        assert found is not None
        by = cast.sellers[found.vendor_id]
        await choose_carriers(found.vendor_id, OFFERED, STAFF, OFFERED, person_id=by)


async def _paid_at_door(cast: Cast, *, now: datetime) -> None:
    """Three sellers take orders that are paid when they are delivered."""
    for goods in PAID_AT_DOOR:
        found = await goods_by_code(cast.listings[goods])
        assert found is not None
        await offer_at_door(found.vendor_id, is_on=True, person_id=cast.sellers[found.vendor_id], now=now)


async def _waiting(cast: Cast, vendor_id: int, person_id: int, place: Unit) -> None:
    for one in EXTRA_GOODS:
        content = ListingContent(
            one.name, one.kind, one.price_dong, one.unit, one.weight_g, one.stock, place, one.about
        )
        listing = await put_up_listing(vendor_id, content, (), person_id=person_id)
        if one.returned_because:
            await return_listing(listing.id, one.returned_because, by=cast.people["son"])


async def _said(cast: Cast, *, now: datetime) -> None:
    """A shopper agreed to be counted, and says that something is missing on a page."""
    minh, yesterday = cast.people["minh"], now - timedelta(hours=20)
    evidence = Evidence("/me/consents", "", None)
    text = text_on(Purpose.STATISTICS, vietnam_date(yesterday))
    await choose(
        minh, Purpose.STATISTICS, version=text.version, is_given=True, evidence=evidence, now=yesterday
    )
    said = Complaint(ReportReason.WRONG, "Trang hàng chưa ghi na hái ngày nào.", person_id=minh)
    await report_listing(cast.listings[NA], said, now=yesterday)


async def _unit(code: str) -> Unit:
    found = await commune(code)
    if found is None:
        raise LookupError(f"no commune {code} in force")
    return found


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
