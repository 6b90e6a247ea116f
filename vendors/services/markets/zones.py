"""Zones of a market: its parts by kind of goods, which stalls stand in them, and stalls claimed without the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.functions import Count

from accounts.services import record, tell
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.text import fold
from vendors.models import Market, MarketZone, Stall, TraderInvitation, Vendor
from vendors.services.indexed import index_goods_of

ZONES_MAX = 60
CLAIMS_SHOWN = 100
TEXT_LIFE = timedelta(hours=20)  # texts are deleted after a day


@dataclass(frozen=True)
class ZoneContent:
    """What a board writes about a zone: its name, the goods sold there, its place in the order."""

    name: str
    goods: str
    position: int


@dataclass(frozen=True)
class ZoneView:
    """A zone with the number of its stalls."""

    id: int
    name: str
    goods: str
    position: int
    stalls: int


@dataclass(frozen=True)
class Place:
    """How a stall is taken: in which zone, and whether the board still has to confirm who holds it."""

    zone_id: int | None
    is_claimed: bool


@dataclass(frozen=True)
class Claim:
    """A stall that somebody says is theirs; `promised_to` when the board's list names another for it."""

    stall_id: int
    number: str
    name: str
    phone: str
    promised_to: str


async def zones_of(market_id: int) -> list[ZoneView]:
    """A market's zones in their order, with how many stalls each has; one query."""
    rows = MarketZone.filter(market_id=market_id).annotate(taken=Count("stalls"))
    return [
        ZoneView(one.id, one.name, one.goods, one.position, int(getattr(one, "taken", 0)))
        for one in await rows.order_by("position", "name", "id")
    ]


async def add_zone(market: Market, content: ZoneContent, *, by: int) -> MarketZone:
    """A new zone. Refusal at `name` when the market has one of this name, or too many."""
    async with transaction():
        await locked(Market, [market.id])
        if await MarketZone.filter(market_id=market.id).count() >= ZONES_MAX:
            raise Refusal(say("Một chợ nhiều nhất {n} khu.", n=ZONES_MAX), field="name")
        await _refuse_known(market.id, content.name)
        zone = await MarketZone.create(
            market_id=market.id, name=content.name, goods=content.goods, position=content.position
        )
        await record(by, "zone_added", "market", market.id, zone=content.name)
    return zone


async def change_zone(market: Market, zone_id: int, content: ZoneContent, *, by: int) -> MarketZone:
    """Keeps what a board wrote about its zone. NotFound for another market's, Refusal at `name` as above."""
    async with transaction():
        zone = await _own(market.id, zone_id)
        await _refuse_known(market.id, content.name, but=zone_id)
        zone.name, zone.goods, zone.position = content.name, content.goods, content.position
        await zone.save(update_fields=["name", "goods", "position"])
        await record(by, "zone_changed", "market", market.id, zone=content.name)
    return zone


async def remove_zone(market: Market, zone_id: int, *, by: int) -> None:
    """Takes a zone away; its stalls stay and stand in none."""
    async with transaction():
        zone = await _own(market.id, zone_id)
        await zone.delete()
        await record(by, "zone_removed", "market", market.id, zone=zone.name)


async def put_in_zone(market: Market, stall_id: int, zone_id: int | None, *, by: int) -> None:
    """Puts a stall into a zone of its market, or into none. NotFound for another market's stall or zone."""
    async with transaction():
        stall = (await locked(Stall, [stall_id])).get(stall_id)
        if stall is None or stall.market_id != market.id:
            raise NotFound()
        if zone_id is not None:
            await _own(market.id, zone_id)
        stall.zone_id = zone_id
        await stall.save(update_fields=["zone_id"])
        await record(by, "stall_put_in_zone", "market", market.id, stall=stall.number)


async def zone_names(market_id: int) -> dict[str, int]:
    """Zones by their folded names, for lists that name them."""
    rows = await MarketZone.filter(market_id=market_id).values_list("name", "id")
    return {fold(str(name)): int(str(id)) for name, id in rows}


async def place_for(market_id: int, number: str, phone: str) -> Place:
    """How this phone may take a stall: as the board's list says, else as a claim the board must confirm.

    A market whose board has given no list yet has nothing to compare with: there the stall is simply taken.
    """
    rows = TraderInvitation.filter(market_id=market_id)
    named = await rows.get_or_none(stall_number=number)
    if named is not None and named.phone == phone:
        return Place(named.zone_id, is_claimed=False)
    return Place(None, is_claimed=named is not None or await rows.exists())


async def claims_of(market_id: int) -> list[Claim]:
    """Up to 100 stalls of a market that wait for its board, the oldest first; two queries."""
    rows = Stall.filter(market_id=market_id, is_claimed=True).select_related("vendor").order_by("id")
    stalls = await rows.limit(CLAIMS_SHOWN)
    if not stalls:
        return []
    named = await TraderInvitation.filter(
        market_id=market_id, stall_number__in=[one.number for one in stalls]
    )
    listed = {one.stall_number: one for one in named}
    return [
        Claim(one.id, one.number, one.vendor.name, one.vendor.phone, _other_name(one, listed))
        for one in stalls
    ]


async def confirm_listed(market: Market, *, by: int, now: datetime) -> int:
    """Confirms the claims that the board's list, as it stands now, gives to the same phone; gives how many."""
    claimed = Stall.filter(market_id=market.id, is_claimed=True).select_related("vendor").order_by("id")
    stalls = await claimed
    named = TraderInvitation.filter(market_id=market.id, stall_number__in=[one.number for one in stalls])
    phones = {one.stall_number: one.phone for one in (await named if stalls else [])}
    theirs = [one.id for one in stalls if phones.get(one.number) == one.vendor.phone]
    for stall_id in theirs:
        await confirm_claim(market, stall_id, by=by, now=now)
    return len(theirs)


async def confirm_claim(market: Market, stall_id: int, *, by: int, now: datetime) -> None:
    """The board says that the stall is theirs: from now on it is shown. A second press changes nothing."""
    async with transaction():
        stall = await _claimed(market, stall_id)
        if not stall.is_claimed:
            return
        stall.is_claimed = False
        await stall.save(update_fields=["is_claimed"])
        words = say(
            "Ban quản lý {market} đã xác nhận ô {number} của cô bác.", market=market.name, number=stall.number
        )
        await _told(stall, words, now)
        await record(by, "stall_confirmed", "market", market.id, stall=stall.number)
        await index_goods_of([stall.vendor_id])


async def refuse_claim(market: Market, stall_id: int, *, by: int, now: datetime) -> None:
    """The board says that it is not: the place is free again, the seller keeps their goods and is told."""
    async with transaction():
        stall = await _claimed(market, stall_id)
        if not stall.is_claimed:
            raise NotFound()
        words = say(
            "Ban quản lý {market} chưa nhận ô {number} là của cô bác. Hãy gặp ban quản lý để xem lại số ô.",
            market=market.name,
            number=stall.number,
        )
        await _told(stall, words, now)
        await record(by, "stall_refused", "market", market.id, stall=stall.number)
        await stall.delete()


async def waiting_claims(vendor_ids: Sequence[int]) -> list[tuple[str, str]]:
    """A seller's stalls that their boards have not confirmed, as (number, market); one query."""
    rows = Stall.filter(vendor_id__in=list(vendor_ids), is_claimed=True).order_by("id")
    return [(str(number), str(name)) for number, name in await rows.values_list("number", "market__name")]


async def _refuse_known(market_id: int, name: str, *, but: int = 0) -> None:
    known = await zone_names(market_id)
    if known.get(fold(name), but) != but:
        raise Refusal(say("Chợ đã có khu tên này."), field="name")


async def _own(market_id: int, zone_id: int) -> MarketZone:
    zone = (await locked(MarketZone, [zone_id])).get(zone_id)
    if zone is None or zone.market_id != market_id:
        raise NotFound()
    return zone


async def _claimed(market: Market, stall_id: int) -> Stall:
    stall = (await locked(Stall, [stall_id])).get(stall_id)
    if stall is None or stall.market_id != market.id:
        raise NotFound()
    return stall


def _other_name(stall: Stall, listed: dict[str, TraderInvitation]) -> str:
    """Who the board's list has at this stall, when it is not the one who claims it."""
    named = listed.get(stall.number)
    return named.name if named is not None and named.phone != stall.vendor.phone else ""


async def _told(stall: Stall, words: Sentence, now: datetime) -> None:
    vendor = await Vendor.get(id=stall.vendor_id)
    await tell(vendor.phone, words, now=now, expires_at=now + TEXT_LIFE)
