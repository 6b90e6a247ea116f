"""What moderation shows: the queue by what is due, a listing's whole history, and a seller's own take-down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import AuditLine, audit_page
from kit.codes import tidy_code
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.identifiers import mask_phone
from vendors.models import (
    Appeal,
    Listing,
    ListingReport,
    Rating,
    RatingFault,
    RatingReport,
    RatingTakeDown,
    ReportOutcome,
    ReportSource,
    TakeDown,
)
from vendors.rating_rules import FAULTS, REPORT_CLOCK
from vendors.review_rules import REASONS, SOURCES, Why
from vendors.services.cards import PAGE, PAGES_MAX, Leaf, goods_url
from vendors.services.moderation.verdicts import term


@dataclass(frozen=True)
class QueueRow:
    """A report or an appeal that waits; `hours_left` may be negative. `is_mine`: the reader took the goods down.

    With a `rating_id` it is about that rating of the goods; `is_held`: nobody reads it until somebody looked.
    """

    id: int
    is_appeal: bool
    code: str
    name: str
    seller: str
    source: Sentence | None
    is_demand: bool
    why: Why
    words: str
    document: str
    phone: str
    at: datetime
    due_at: datetime
    hours_left: int
    is_mine: bool
    rating_id: int = 0
    is_held: bool = False


@dataclass(frozen=True)
class ReportLine:
    """A report of the past or the present."""

    report: ListingReport
    source: Sentence
    why: Why
    phone: str


@dataclass(frozen=True)
class TakeDownLine:
    """A take-down with its appeal, if there was one."""

    take_down: TakeDown
    why: Why
    appeal: Appeal | None


@dataclass(frozen=True)
class ListingHistory:
    """All that happened to goods: `standing` is the take-down in force."""

    listing: Listing
    seller: str
    url: str
    reports: list[ReportLine]
    take_downs: list[TakeDownLine]
    standing: TakeDownLine | None
    acts: list[AuditLine]


async def moderation_queue(page: int, *, reader: int, now: datetime) -> Leaf[QueueRow]:
    """Open reports and appeals, of goods and of ratings, and ratings that are held, what is due first on top.

    Six queries.
    """
    page = min(max(page, 1), PAGES_MAX)
    wanted = page * PAGE + 1
    reports = ListingReport.filter(outcome=ReportOutcome.OPEN).order_by("due_at", "id")
    appeals = Appeal.filter(decided_at__isnull=True).order_by("due_at", "id")
    rows = [_report_row(one, now) for one in await reports.limit(wanted).select_related("listing__vendor")]
    rows += [
        _appeal_row(one, reader, now)
        for one in await appeals.limit(wanted).select_related("take_down__listing__vendor")
    ]
    rows += await _of_ratings(wanted, reader, now)
    rows += await _held_ratings(wanted, now)
    rows.sort(key=lambda row: (row.due_at, row.id))
    return Leaf(rows[(page - 1) * PAGE : page * PAGE], page, len(rows) > page * PAGE)


async def listing_history(code: str) -> ListingHistory:
    """The history of goods, newest first. NotFound when there are none."""
    listing = await Listing.get_or_none(code=tidy_code(code)).select_related("vendor")
    if listing is None:
        raise NotFound()
    reports = await ListingReport.filter(listing_id=listing.id).order_by("-id").limit(100)
    take_downs = await _take_downs(listing.id)
    acts = await audit_page(subject_kind="listing", subject_id=listing.code)
    return ListingHistory(
        listing=listing,
        seller=listing.vendor.name,
        url=goods_url(listing.code),
        reports=[_line(one) for one in reports],
        take_downs=take_downs,
        standing=next((one for one in take_downs if one.take_down.lifted_at is None), None),
        acts=acts.lines,
    )


async def own_take_downs(code: str, vendor_ids: Sequence[int]) -> tuple[Listing, list[TakeDownLine]]:
    """A seller's goods and when they were taken down, newest first. NotFound for others' and where it never was."""
    listing = await Listing.get_or_none(code=tidy_code(code), vendor_id__in=list(vendor_ids))
    take_downs = await _take_downs(listing.id) if listing else []
    if listing is None or not take_downs:
        raise NotFound()
    return listing, take_downs


async def _take_downs(listing_id: int) -> list[TakeDownLine]:
    rows = await TakeDown.filter(listing_id=listing_id).order_by("-id").limit(50)
    appeals = {
        one.take_down_id: one for one in await Appeal.filter(take_down_id__in=[row.id for row in rows])
    }
    return [TakeDownLine(row, REASONS[row.reason], appeals.get(row.id)) for row in rows]


async def _of_ratings(wanted: int, reader: int, now: datetime) -> list[QueueRow]:
    reports = RatingReport.filter(outcome=ReportOutcome.OPEN).order_by("due_at", "id").limit(wanted)
    appeals = RatingTakeDown.filter(appealed_at__isnull=False, decided_at__isnull=True)
    found: list[RatingReport | RatingTakeDown] = [*await reports.select_related("rating__listing__vendor")]
    found += (
        await appeals.order_by("appeal_due_at", "id").limit(wanted).select_related("rating__listing__vendor")
    )
    return [_rating_row(one, reader, now) for one in found]


async def _held_ratings(wanted: int, now: datetime) -> list[QueueRow]:
    held = Rating.filter(held_at__isnull=False).order_by("held_at", "id").limit(wanted)
    clock = await term(REPORT_CLOCK, now)
    return [_held_row(one, clock, now) for one in await held.select_related("listing__vendor")]


def _held_row(rating: Rating, clock: timedelta, now: datetime) -> QueueRow:
    at = rating.held_at or now
    return QueueRow(
        id=rating.id,
        is_appeal=False,
        code=rating.listing.code,
        name=rating.listing.name,
        seller=rating.listing.vendor.name,
        source=say("Chờ xem trước khi hiện"),
        is_demand=False,
        why=FAULTS[rating.held_for or RatingFault.OTHER],
        words=rating.words,
        document="",
        phone="",
        at=at,
        due_at=at + clock,
        hours_left=_hours(at + clock, now),
        is_mine=False,
        rating_id=rating.id,
        is_held=True,
    )


def _rating_row(one: RatingReport | RatingTakeDown, reader: int, now: datetime) -> QueueRow:
    rating, listing = one.rating, one.rating.listing
    is_appeal = isinstance(one, RatingTakeDown)
    at, due_at = (
        (one.appealed_at, one.appeal_due_at) if isinstance(one, RatingTakeDown) else (one.at, one.due_at)
    )
    source = (
        say("Người bán báo")
        if isinstance(one, RatingReport) and one.by_seller
        else SOURCES[ReportSource.SHOPPER]
    )
    return QueueRow(
        id=one.id,
        is_appeal=is_appeal,
        code=listing.code,
        name=listing.name,
        seller=listing.vendor.name,
        source=None if is_appeal else source,
        is_demand=False,
        why=FAULTS[one.fault],
        words=one.appeal_words if isinstance(one, RatingTakeDown) else one.words,
        document="",
        phone="",
        at=at or now,
        due_at=due_at or now,
        hours_left=_hours(due_at or now, now),
        is_mine=isinstance(one, RatingTakeDown) and one.taken_by == reader,
        rating_id=rating.id,
    )


def _line(report: ListingReport) -> ReportLine:
    phone = mask_phone(report.phone) if report.phone else ""
    return ReportLine(report, SOURCES[report.source], REASONS[report.reason], phone)


def _hours(due_at: datetime, now: datetime) -> int:
    return int((due_at - now).total_seconds() // 3600)


def _report_row(report: ListingReport, now: datetime) -> QueueRow:
    line, listing = _line(report), report.listing
    return QueueRow(
        id=report.id,
        is_appeal=False,
        code=listing.code,
        name=listing.name,
        seller=listing.vendor.name,
        source=line.source,
        is_demand=report.source is ReportSource.AUTHORITY,
        why=line.why,
        words=report.words,
        document=report.document,
        phone=line.phone,
        at=report.at,
        due_at=report.due_at,
        hours_left=_hours(report.due_at, now),
        is_mine=False,
    )


def _appeal_row(appeal: Appeal, reader: int, now: datetime) -> QueueRow:
    standing = appeal.take_down
    listing = standing.listing
    return QueueRow(
        id=appeal.id,
        is_appeal=True,
        code=listing.code,
        name=listing.name,
        seller=listing.vendor.name,
        source=None,
        is_demand=False,
        why=REASONS[standing.reason],
        words=appeal.words,
        document="",
        phone="",
        at=appeal.at,
        due_at=appeal.due_at,
        hours_left=_hours(appeal.due_at, now),
        is_mine=appeal.taken_by == reader,
    )
