"""What the book says: sums by channel, by day and by month, a page of its lines, one line with its corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from kit.dates import show_day
from kit.db import sql
from kit.errors import NotFound
from kit.i18n import Sentence, say
from orders.book_models import RevenueEntry
from orders.services.book.periods import Period, Span, period_of
from orders.states import Channel, EntryKind
from vendors.services import FLOOR_WORDS

PAGE_ROWS = 24
CHANNEL_WORDS: dict[Channel, Sentence] = {
    Channel.CASH: say("Tiền mặt"),
    Channel.QR: say("QR tại quầy"),
    Channel.ONLINE: say("Đơn trên chợ"),
    Channel.FLOOR: say("Sàn khác"),
}
BY_HAND = ("note", "floor")
_SUMS = """
    SELECT channel, sum(amount_dong)::bigint AS dong, count(*) AS lines,
        -coalesce(sum(amount_dong) FILTER (WHERE kind = 'returned'), 0)::bigint AS back
    FROM revenue_entry WHERE vendor_id = $1 AND day BETWEEN $2 AND $3 GROUP BY channel
"""
_PARTS = """
    SELECT date_trunc($4, day::timestamp)::date AS first, sum(amount_dong)::bigint AS dong, count(*) AS lines
    FROM revenue_entry WHERE vendor_id = $1 AND day BETWEEN $2 AND $3 GROUP BY 1 ORDER BY 1
"""
_DAYS = """
    SELECT day, channel, sum(amount_dong)::bigint AS dong
    FROM revenue_entry WHERE vendor_id = $1 AND day BETWEEN $2 AND $3
    GROUP BY day, channel ORDER BY day, channel
"""
_NOW = """
    SELECT coalesce(sum(amount_dong) FILTER (WHERE day = $2), 0)::bigint AS today,
        coalesce(sum(amount_dong) FILTER (WHERE day >= $3), 0)::bigint AS month,
        coalesce(sum(amount_dong) FILTER (WHERE day >= $4), 0)::bigint AS quarter,
        coalesce(sum(amount_dong), 0)::bigint AS year
    FROM revenue_entry WHERE vendor_id = $1 AND day BETWEEN $5 AND $6
"""


@dataclass(frozen=True)
class ChannelSum:
    """What one channel brought: đồng after what went back, how many lines, its share in whole per cent."""

    channel: Channel
    name: Sentence
    dong: int
    back_dong: int
    lines: int
    percent: int


@dataclass(frozen=True)
class Part:
    """A day or month inside a longer period."""

    period: Period
    dong: int
    lines: int


@dataclass(frozen=True)
class DaySum:
    """What one channel brought on one day."""

    day: date
    words: Sentence
    dong: int


@dataclass(frozen=True)
class Totals:
    """A period of a seller's book. `back_dong` is what went back to buyers, already taken off `dong`."""

    period: Period
    dong: int
    back_dong: int
    lines: int
    channels: list[ChannelSum]


@dataclass(frozen=True)
class NowSums:
    """What has come this day, month, quarter and year, in đồng."""

    today_dong: int
    month_dong: int
    quarter_dong: int
    year_dong: int


@dataclass(frozen=True)
class LineShown:
    """A line of the book: what it says, where it came from, and whether its seller may put it right."""

    entry: RevenueEntry
    channel: Sentence
    what: Sentence
    is_by_hand: bool


@dataclass(frozen=True)
class EntryPage:
    """A page of lines, newest first."""

    lines: list[LineShown]
    page: int
    has_more: bool


async def totals(vendor_id: int, period: Period) -> Totals:
    """Sums of a period by channel, every channel in it. One query."""
    rows = await sql(_SUMS, [vendor_id, period.first, period.last])
    by_channel = {Channel(str(row["channel"])): row for row in rows}
    dong = sum(_int(row["dong"]) for row in rows)
    channels = [_channel(one, by_channel.get(one), dong) for one in Channel]
    return Totals(
        period,
        dong,
        sum(one.back_dong for one in channels),
        sum(one.lines for one in channels),
        channels,
    )


async def parts(vendor_id: int, period: Period) -> list[Part]:
    """The days of a month, or the months of a quarter or year, that have lines. One query."""
    rows = await sql(_PARTS, [vendor_id, period.first, period.last, str(period.parts)])
    return [
        Part(period_of(period.parts, cast(date, row["first"])), _int(row["dong"]), _int(row["lines"]))
        for row in rows
    ]


async def day_sums(vendor_id: int, period: Period) -> list[DaySum]:
    """A period's days by channel, in order. One query."""
    rows = await sql(_DAYS, [vendor_id, period.first, period.last])
    return [
        DaySum(
            cast(date, row["day"]),
            say("Doanh thu trong ngày, {channel}", channel=CHANNEL_WORDS[Channel(str(row["channel"]))]),
            _int(row["dong"]),
        )
        for row in rows
    ]


async def now_sums(vendor_id: int, today: date) -> NowSums:
    """What has come so far. One query."""
    year = period_of(Span.YEAR, today)
    firsts = [period_of(span, today).first for span in (Span.MONTH, Span.QUARTER)]
    [row] = await sql(_NOW, [vendor_id, today, *firsts, year.first, year.last])
    return NowSums(_int(row["today"]), _int(row["month"]), _int(row["quarter"]), _int(row["year"]))


async def entries(vendor_id: int, period: Period, page: int, *, channel: Channel | None = None) -> EntryPage:
    """A page of a period's lines, the newest day first. One query."""
    rows = RevenueEntry.filter(vendor_id=vendor_id, day__gte=period.first, day__lte=period.last)
    if channel is not None:
        rows = rows.filter(channel=channel)
    found = await rows.order_by("-day", "-id").offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    return EntryPage([shown(one) for one in found[:PAGE_ROWS]], page, len(found) > PAGE_ROWS)


async def own_entry(entry_id: int, vendor_id: int) -> tuple[LineShown, list[RevenueEntry]]:
    """A line of this seller's book and what corrected it, oldest first. NotFound for any other."""
    entry = await RevenueEntry.get_or_none(id=entry_id, vendor_id=vendor_id)
    if entry is None:
        raise NotFound()
    return shown(entry), await RevenueEntry.filter(corrects_id=entry.id).order_by("id")


def shown(entry: RevenueEntry) -> LineShown:
    """A line as pages and sheets say it."""
    return LineShown(
        entry,
        CHANNEL_WORDS[entry.channel],
        what_of(entry),
        entry.source in BY_HAND and entry.kind is EntryKind.SALE,
    )


def what_of(entry: RevenueEntry) -> Sentence:
    """What a line is for, in words."""
    if entry.kind is EntryKind.CORRECTION:
        return say("Sửa dòng ngày {day}: {words}", day=show_day(entry.day), words=entry.words)
    if entry.kind is EntryKind.RETURNED:
        return _back_words(entry)
    if entry.channel is Channel.ONLINE:
        return say("Bán hàng trên chợ, đơn {code}", code=entry.words)
    floor = FLOOR_WORDS.get(entry.floor)
    if floor is not None:
        return say("Bán hàng trên {floor}, {words}", floor=floor, words=entry.words)
    words = f": {entry.words}" if entry.words else ""
    if entry.source == "note":
        return say("Bán hàng thu tiền mặt{words}", words=words)
    if entry.channel is Channel.CASH:
        return say("Bán hàng tại quầy, tiền mặt{words}", words=words)
    return say("Bán hàng tại quầy, chuyển khoản QR{words}", words=words)


def _back_words(entry: RevenueEntry) -> Sentence:
    if entry.amount_dong > 0:
        return say("Tiền trả lại không đi được: {words}", words=entry.words)
    if entry.channel is Channel.ONLINE:
        return say("Trả lại tiền đơn {code}", code=entry.words)
    if entry.channel is Channel.FLOOR:
        return say("Trả lại tiền đơn {code} trên sàn khác", code=entry.words)
    return say("Trả lại tiền bán tại quầy")


def _channel(channel: Channel, row: dict[str, object] | None, all_dong: int) -> ChannelSum:
    dong = _int(row["dong"]) if row else 0
    percent = round(100 * dong / all_dong) if all_dong > 0 else 0
    return ChannelSum(
        channel,
        CHANNEL_WORDS[channel],
        dong,
        _int(row["back"]) if row else 0,
        _int(row["lines"]) if row else 0,
        min(max(percent, 0), 100),
    )


def _int(value: object) -> int:
    return int(str(value))


def sum_of(lines: Sequence[RevenueEntry]) -> int:
    """Several lines together, in đồng."""
    return sum(one.amount_dong for one in lines)
