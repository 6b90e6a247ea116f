"""Moderation after display: reports with a clock, goods taken down and put back, appeals that somebody else decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify_phone
from kit.codes import tidy_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import Sentence, say
from kit.outbox import later
from vendors.models import (
    Appeal,
    Listing,
    ListingReport,
    ListingState,
    ReportOutcome,
    ReportReason,
    ReportSource,
    TakeDown,
    Vendor,
    VendorState,
)
from vendors.review_rules import APPEAL_CLOCK, CLOCKS, REASONS, source_of
from vendors.services.moderation.verdicts import TEXT_LIFE, answer_reports, lift, refuse_own_case, term
from vendors.services.webhooks.endpoints import emit
from vendors.states import become


@dataclass(frozen=True)
class Complaint:
    """What is said about goods; `document` names an authority's paper, `phone` (E.164) may be empty."""

    reason: ReportReason
    words: str
    phone: str = ""
    document: str = ""
    person_id: int | None = None


async def report_listing(code: str, said: Complaint, *, now: datetime) -> int:
    """Writes down what a shopper says about goods on sale. NotFound for goods that are not shown."""
    listing = await Listing.get_or_none(
        code=tidy_code(code), state=ListingState.ON_SALE, vendor__state=VendorState.CAN_SELL
    )
    if listing is None:
        raise NotFound()
    async with transaction():
        report = await _report(listing.id, source_of(said.reason), said, now, at=now)
        await record(said.person_id, "listing_reported", "listing", listing.code, reason=str(said.reason))
    return report


async def enter_demand(code: str, said: Complaint, *, received_at: datetime, by: int, now: datetime) -> int:
    """Writes down an authority's demand; its clock runs from when it was received."""
    listing = await Listing.get_or_none(code=tidy_code(code))
    if listing is None:
        raise NotFound()
    async with transaction():
        report = await _report(listing.id, ReportSource.AUTHORITY, said, now, at=min(received_at, now))
        await record(by, "demand_entered", "listing", listing.code, document=said.document)
    return report


async def take_down(code: str, reason: ReportReason, words: str, *, by: int, now: datetime) -> TakeDown:
    """Takes goods off the market at once, whatever their state, and tells the seller why.

    All open reports about them are answered by it. Conflict when they are down already.
    """
    async with transaction():
        listing = await _locked_by_code(code)
        before = listing.state
        become(listing, ListingState.TAKEN_DOWN)
        await listing.save(update_fields=["state", "changed_at"])
        made = await TakeDown.create(
            listing=listing, reason=reason, words=words, state_before=before, taken_by=by, at=now
        )
        reports = ListingReport.filter(listing_id=listing.id)
        await answer_reports(reports, ReportOutcome.TAKEN_DOWN, words, by=by, now=now)
        await record(by, "listing_taken_down", "listing", listing.code, reason=str(reason), words=words)
        await later("index_listing", listing.id)
        told = say(
            "«{name}» bị gỡ vì {why}. {words} Xem và khiếu nại ở mục «Hàng của tôi».",
            name=listing.name,
            why=REASONS[reason].words,
            words=words,
        )
        await _tell(listing, say("Hàng bị gỡ"), told, f"taken:{made.id}", now)
    return made


async def keep_listing(report_id: int, answer: str, *, by: int, now: datetime) -> None:
    """Answers a report without taking anything down. NotFound, and Conflict once it is answered."""
    async with transaction():
        report = (await locked(ListingReport, [report_id])).get(report_id)
        if report is None:
            raise NotFound()
        asked = ListingReport.filter(id=report_id)
        if not await answer_reports(asked, ReportOutcome.KEPT, answer, by=by, now=now):
            raise Conflict(say("Tin báo này đã được trả lời rồi."))
        listing = await Listing.get(id=report.listing_id)
        await record(by, "report_answered", "listing", listing.code, report=report.id, answer=answer)


async def lift_take_down(code: str, because: str, *, by: int, now: datetime) -> None:
    """Puts goods back where they were, with the reason; grants an open appeal. Conflict when none stands."""
    async with transaction():
        listing = await _locked_by_code(code)
        standing = await TakeDown.get_or_none(listing_id=listing.id, lifted_at__isnull=True)
        if standing is None:
            raise Conflict(say("Hàng này không bị gỡ."))
        await _lift(listing, standing, because, by=by, now=now)
        await Appeal.filter(take_down_id=standing.id, decided_at__isnull=True, taken_by__not=by).update(
            decided_at=now, decided_by=by, is_granted=True, answer=because
        )
        await Appeal.filter(take_down_id=standing.id, decided_at__isnull=True).update(
            decided_at=now, is_granted=True, answer=because
        )


async def appeal(code: str, words: str, *, vendor_ids: Sequence[int], person_id: int, now: datetime) -> int:
    """A seller's word against the take-down that stands, once. NotFound for others' goods, Conflict the second time."""
    async with transaction():
        listing = await _locked_by_code(code)
        if listing.vendor_id not in vendor_ids:
            raise NotFound()
        standing = await TakeDown.get_or_none(listing_id=listing.id, lifted_at__isnull=True)
        if standing is None:
            raise Conflict(say("Hàng này không bị gỡ."))
        if await Appeal.exists(take_down_id=standing.id):
            raise Conflict(say("Cô bác đã khiếu nại lần gỡ này rồi."))
        row = await Appeal.create(
            take_down=standing,
            words=words,
            person_id=person_id,
            taken_by=standing.taken_by,
            at=now,
            due_at=now + await term(APPEAL_CLOCK, now),
        )
        await record(person_id, "take_down_appealed", "listing", listing.code)
    return int(row.id)


async def decide_appeal(appeal_id: int, *, is_granted: bool, answer: str, by: int, now: datetime) -> None:
    """Decides an appeal with reasons, tells the seller, and puts granted goods back.

    NotAllowed for who took the goods down; NotFound, and Conflict once it is decided.
    """
    found = await Appeal.get_or_none(id=appeal_id).select_related("take_down")
    if found is None:
        raise NotFound()
    async with transaction():
        listing = (await locked(Listing, [found.take_down.listing_id]))[found.take_down.listing_id]
        row = (await locked(Appeal, [appeal_id]))[appeal_id]
        if row.decided_at is not None:
            raise Conflict(say("Khiếu nại này đã được quyết định rồi."))
        refuse_own_case(
            row.taken_by, by, say("Bạn đã gỡ hàng này, nên người quản trị khác phải xem khiếu nại.")
        )
        row.decided_at, row.decided_by, row.is_granted, row.answer = now, by, is_granted, answer
        await row.save(update_fields=["decided_at", "decided_by", "is_granted", "answer"])
        await record(
            by, "appeal_granted" if is_granted else "appeal_denied", "listing", listing.code, answer=answer
        )
        standing = await TakeDown.get(id=row.take_down_id)
        if is_granted and standing.lifted_at is None:
            await _lift(listing, standing, answer, by=by, now=now)
        elif not is_granted:
            words = say("«{name}» vẫn bị gỡ. {answer}", name=listing.name, answer=answer)
            await _tell(listing, say("Khiếu nại bị bác"), words, f"denied:{appeal_id}", now)


async def _report(
    listing_id: int, source: ReportSource, said: Complaint, now: datetime, *, at: datetime
) -> int:
    row = await ListingReport.create(
        listing_id=listing_id,
        source=source,
        reason=said.reason,
        words=said.words,
        document=said.document,
        phone=said.phone,
        person_id=said.person_id,
        at=at,
        due_at=at + await term(CLOCKS[source], now),
    )
    return int(row.id)


async def _locked_by_code(code: str) -> Listing:
    found = await Listing.filter(code=tidy_code(code)).values_list("id", flat=True)
    if not found:
        raise NotFound()
    return (await locked(Listing, found))[found[0]]


async def _lift(listing: Listing, standing: TakeDown, because: str, *, by: int, now: datetime) -> None:
    await lift(standing, because, by=by, now=now)
    listing.state = standing.state_before
    await listing.save(update_fields=["state", "changed_at"])
    await record(by, "take_down_lifted", "listing", listing.code, because=because)
    await later("index_listing", listing.id)
    words = say("«{name}» được trả lại chợ. {because}", name=listing.name, because=because)
    await _tell(listing, say("Hàng được trả lại chợ"), words, f"lifted:{standing.id}", now)


async def _tell(listing: Listing, title: Sentence, words: Sentence, key: str, now: datetime) -> None:
    vendor = await Vendor.get(id=listing.vendor_id)
    telling = Telling(NoticeKind.GOODS, title, words, f"/sell/listings/{listing.code}", TEXT_LIFE)
    event_key = f"listing:{listing.id}:{key}"
    await notify_phone(vendor.phone, telling, event_key=event_key, now=now)
    event = _EVENTS.get(key.partition(":")[0])
    if event:
        content = {"listing": listing.code, "name": listing.name}
        await emit(listing.vendor_id, event, content, event_key=event_key, at=now, now=now)


_EVENTS = {"taken": "listing.taken_down", "lifted": "listing.put_back"}
