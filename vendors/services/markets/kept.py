"""Markets and certificates as administrators, boards and the demo market enter them, and what a market's page says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.services import record
from kit.codes import new_code
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.outbox import later
from kit.text import slug
from kit.units import Unit
from vendors.market_days import KIND_WORDS, Schedule, Today, class_of, schedule_of, today_at
from vendors.models import Certificate, Market, MarketKind, Stall
from vendors.ocop import era_of
from vendors.services.indexed import index_goods_of

NEW_MARKET = "new"  # where the form of a new one stands


@dataclass(frozen=True)
class MarketContent:
    """What a board writes about its market: checked, in stored form."""

    kind: MarketKind
    commune: Unit
    line: str
    about: str
    selling_points: int | None
    declared_class: int | None
    schedule: Schedule
    operator: str
    rules_text: str
    rules_url: str
    place: tuple[float, float] | None
    has_no_signal: bool
    desk_hours: str = ""


@dataclass(frozen=True)
class MarketFacts:
    """A market's class, days and kind in words. `class_differs`: the declared class is not the computed one."""

    kind_words: Sentence
    class_number: int | None
    class_computed: int | None
    class_differs: bool
    schedule: Sentence | None
    today: Today


def market_facts(market: Market, today: date) -> MarketFacts:
    """What follows from a market's row on a day."""
    schedule, computed = (
        schedule_of(market.schedule_kind, market.schedule_days),
        class_of(market.selling_points),
    )
    declared = market.declared_class
    return MarketFacts(
        kind_words=KIND_WORDS[market.kind],
        class_number=computed or declared,
        class_computed=computed,
        class_differs=computed is not None and declared is not None and declared != computed,
        schedule=schedule.words,
        today=today_at(schedule, today),
    )


async def market_of_board(slug: str, market_ids: Sequence[int] | None) -> Market:
    """The market with this slug if it is one of these (None: any). NotFound otherwise."""
    market = await Market.get_or_none(slug=slug)
    if market is None or (market_ids is not None and market.id not in market_ids):
        raise NotFound()
    return market


async def markets_of_board(market_ids: Sequence[int] | None) -> list[Market]:
    """These markets (None: all) by name."""
    rows = Market.all() if market_ids is None else Market.filter(id__in=list(market_ids))
    return await rows.order_by("slug")


async def change_market(market_id: int, content: MarketContent, *, by: int) -> Market:
    """Keeps what a board wrote about its market."""
    async with transaction():
        market = (await locked(Market, [market_id]))[market_id]
        hours = market.desk_hours
        market.update_from_dict(_columns(content))
        await market.save()
        await _follow_desk(market, hours)
        await record(by, "market_changed", "market", market.id)
    return market


async def say_desk_hours(market_id: int, hours: str, *, by: int) -> None:
    """When the market's desk keeps goods for buyers; no hours: it has none."""
    async with transaction():
        market = (await locked(Market, [market_id]))[market_id]
        before, market.desk_hours = market.desk_hours, hours
        await market.save(update_fields=["desk_hours"])
        await _follow_desk(market, before)
        await record(by, "market_changed", "market", market_id)


async def _follow_desk(market: Market, hours_before: str) -> None:
    """Goods of the market's sellers can be fetched there from now on, or no longer: the search index follows."""
    if bool(market.desk_hours) != bool(hours_before):
        its = Stall.filter(market_id=market.id, is_claimed=False, vendor_id__isnull=False)
        await index_goods_of(
            [int(str(id)) for id in await its.distinct().values_list("vendor_id", flat=True)]
        )


async def add_market(name: str, content: MarketContent, *, by: int) -> Market:
    """A market that an administrator opens. Refusal at `name` when one of this name stands already."""
    place = slug(name, 80)
    async with transaction():
        market, is_new = await Market.get_or_create(slug=place, defaults={"name": name, **_columns(content)})
        if not is_new or place in ("", NEW_MARKET):
            raise Refusal(say("Đã có chợ tên này. Hãy ghi thêm tên xã vào sau tên chợ."), field="name")
        await record(by, "market_opened", "market", market.id)
    return market


def _columns(content: MarketContent) -> dict[str, object]:
    latitude, longitude = content.place or (None, None)
    return {
        "kind": content.kind,
        "commune_code": content.commune.code,
        "commune": content.commune.name,
        "line": content.line,
        "about": content.about,
        "selling_points": content.selling_points,
        "declared_class": content.declared_class,
        "schedule": "",
        "schedule_kind": content.schedule.kind,
        "schedule_days": content.schedule.kept,
        "operator": content.operator,
        "rules_text": content.rules_text,
        "rules_url": content.rules_url,
        "latitude": latitude,
        "longitude": longitude,
        "has_no_signal": content.has_no_signal,
        "desk_hours": content.desk_hours,
    }


async def open_market(
    name: str,
    commune: Unit,
    *,
    by: int | None,
    line: str = "",
    about: str = "",
    schedule: str = "",
    days: Schedule | None = None,
) -> Market:
    """The market with this name's slug, made now if there is none. `schedule` is for days no table can hold."""
    timed = {"schedule_kind": days.kind, "schedule_days": days.kept} if days else {}
    async with transaction():
        market, is_new = await Market.get_or_create(
            slug=slug(name, 80),
            defaults={
                "name": name,
                "commune_code": commune.code,
                "commune": commune.name,
                "line": line,
                "about": about,
                "schedule": schedule,
                **timed,
            },
        )
        if is_new:
            await record(by, "market_opened", "market", market.id)
    return market


async def certify(
    listing_id: int,
    *,
    stars: int,
    decision_no: str,
    decided_on: date | None,
    valid_to: date | None,
    issuer_level: str = "",
    by: int | None,
) -> Certificate:
    """Notes an OCOP certificate of 3 to 5 stars; without both dates it is kept but gives no stars."""
    async with transaction():
        certificate = await Certificate.create(
            code=new_code("S"),
            listing_id=listing_id,
            criteria=era_of(decided_on).criteria if decided_on else "",
            stars=stars,
            decision_no=decision_no,
            decided_on=decided_on,
            valid_to=valid_to,
            issuer_level=issuer_level,
        )
        await record(by, "listing_certified", "listing", listing_id, stars=stars, decision_no=decision_no)
        await later("index_listing", listing_id)
    return certificate


async def market_name(slug: str) -> str | None:
    """The name of a market by its slug."""
    market = await Market.get_or_none(slug=slug)
    return market.name if market else None
