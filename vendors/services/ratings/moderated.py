"""Moderation of ratings: what is held, reports with a clock, take-downs with a reason, appeals decided by others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import Sentence, say
from vendors.models import Listing, Rating, RatingFault, RatingReport, RatingTakeDown, ReportOutcome
from vendors.rating_rules import AUTHORS_APPEAL_CLOCK, FAULTS, REPORT_CLOCK
from vendors.services.moderation.verdicts import TEXT_LIFE, answer_reports, lift, refuse_own_case, term
from vendors.services.ratings.writing import count_rating, tell_seller


@dataclass(frozen=True)
class RatingComplaint:
    """What is said against a rating; `vendor_ids` are those whom its author sells for."""

    fault: RatingFault
    words: str
    person_id: int | None
    vendor_ids: Sequence[int] = ()


@dataclass(frozen=True)
class RatingHistory:
    """A rating as it was written, with all that was said and done about it, newest first."""

    rating: Rating
    goods: str
    goods_code: str
    reports: list[RatingReport]
    take_downs: list[RatingTakeDown]
    standing: RatingTakeDown | None
    photo_keys: list[str]


@dataclass(frozen=True)
class OwnTakeDown:
    """A take-down as the rating's author reads it, with what they said against it and what was decided."""

    why: Sentence
    words: str
    is_lifted: bool
    appeal_words: str
    appealed_at: datetime | None
    appeal_due_at: datetime | None
    decision: str
    decided_at: datetime | None


async def report_rating(rating_id: int, said: RatingComplaint, *, now: datetime) -> int:
    """Writes down what somebody, maybe the seller, says against a rating. NotFound when it is not shown."""
    shown = Rating.get_or_none(id=rating_id, taken_down_at__isnull=True, held_at__isnull=True)
    rating = await shown.select_related("listing")
    if rating is None:
        raise NotFound()
    async with transaction():
        row = await RatingReport.create(
            rating=rating,
            fault=said.fault,
            words=said.words,
            by_seller=rating.vendor_id in said.vendor_ids,
            person_id=said.person_id,
            at=now,
            due_at=now + await term(REPORT_CLOCK, now),
        )
        await record(said.person_id, "rating_reported", "listing", rating.listing.code, rating=rating.id)
    return int(row.id)


async def take_rating_down(rating_id: int, fault: RatingFault, words: str, *, by: int, now: datetime) -> None:
    """Takes a rating down, answers its open reports and tells its author why; one that is held is never shown.

    Conflict when it is down already.
    """
    async with transaction():
        rating = await _locked(rating_id)
        if rating.taken_down_at is not None:
            raise Conflict(say("Đánh giá này đã bị gỡ."))
        await RatingTakeDown.create(rating=rating, fault=fault, words=words, taken_by=by, at=now)
        if rating.held_at is None:
            await count_rating(rating, -1)
        rating.taken_down_at, rating.held_at = now, None
        await rating.save(update_fields=["taken_down_at", "held_at"])
        reports = RatingReport.filter(rating_id=rating.id)
        await answer_reports(reports, ReportOutcome.TAKEN_DOWN, words, by=by, now=now)
        await _note(rating, "rating_taken_down", by, words)
        told = say(
            "Lý do: {why}. {words} Bạn khiếu nại được ở trang đánh giá.", why=FAULTS[fault].words, words=words
        )
        await _tell(rating, say("Đánh giá của bạn bị gỡ"), told, "down", now)


async def publish_rating(rating_id: int, *, by: int, now: datetime) -> None:
    """A rating that was held is in order: everybody reads it, it counts, both sides are told. Conflict otherwise."""
    async with transaction():
        rating = await _locked(rating_id)
        if rating.held_at is None:
            raise Conflict(say("Đánh giá này không còn chờ xem."))
        rating.held_at = None
        await rating.save(update_fields=["held_at"])
        await count_rating(rating, 1)
        await _note(rating, "rating_published", by, "")
        await tell_seller(rating, await Listing.get(id=rating.listing_id), now=now)
        await _tell(rating, say("Đánh giá của bạn đã hiện"), say("Ai cũng đọc được."), "shown", now)


async def keep_rating(rating_id: int, answer: str, *, by: int, now: datetime) -> None:
    """Answers all open reports of a rating: it stays. Conflict when there are none."""
    async with transaction():
        rating = await _locked(rating_id)
        reports = RatingReport.filter(rating_id=rating.id)
        if not await answer_reports(reports, ReportOutcome.KEPT, answer, by=by, now=now):
            raise Conflict(say("Tin báo này đã được trả lời rồi."))
        await _note(rating, "rating_kept", by, answer)


async def appeal_rating(line_id: int, words: str, *, person_id: int | None, now: datetime) -> None:
    """The author's word against the take-down that stands, once. Whose line it is, the caller has made sure."""
    async with transaction():
        found = await Rating.get_or_none(line_id=line_id)
        if found is None:
            raise NotFound()
        rating = await _locked(found.id)
        standing = await _standing(rating.id)
        if standing is None:
            raise Conflict(say("Đánh giá này không bị gỡ."))
        if standing.appealed_at is not None:
            raise Conflict(say("Bạn đã khiếu nại lần gỡ này rồi."))
        standing.appeal_words, standing.appealed_at = words, now
        standing.appeal_due_at = now + await term(AUTHORS_APPEAL_CLOCK, now)
        await standing.save(update_fields=["appeal_words", "appealed_at", "appeal_due_at"])
        await _note(rating, "rating_appealed", person_id, "")


async def decide_rating_appeal(
    rating_id: int, *, is_granted: bool, answer: str, by: int, now: datetime
) -> None:
    """Decides the author's appeal with reasons; granted, the rating is shown again.

    NotAllowed for who took it down; Conflict when none is open.
    """
    async with transaction():
        rating = await _locked(rating_id)
        standing = await _standing(rating_id)
        if standing is None or standing.appealed_at is None or standing.decided_at is not None:
            raise Conflict(say("Khiếu nại này đã được quyết định rồi."))
        refuse_own_case(
            standing.taken_by, by, say("Bạn đã gỡ đánh giá này, nên người quản trị khác phải xem khiếu nại.")
        )
        standing.decided_at, standing.decided_by = now, by
        standing.is_granted, standing.decision = is_granted, answer
        await standing.save(update_fields=["decided_at", "decided_by", "is_granted", "decision"])
        if is_granted:
            await lift(standing, answer, by=by, now=now)
            rating.taken_down_at = None
            await rating.save(update_fields=["taken_down_at"])
            await count_rating(rating, 1)
        await _note(rating, "rating_appeal_granted" if is_granted else "rating_appeal_denied", by, answer)
        title = say("Đánh giá của bạn được hiện lại") if is_granted else say("Đánh giá của bạn vẫn bị gỡ")
        await _tell(rating, title, say("Ban quản lý chợ trả lời: {answer}", answer=answer), "decided", now)


async def rating_history(rating_id: int) -> RatingHistory:
    """All about a rating, for an administrator. NotFound when there is none. Four queries."""
    rating = await Rating.get_or_none(id=rating_id).select_related("listing").prefetch_related("photos")
    if rating is None:
        raise NotFound()
    take_downs = await RatingTakeDown.filter(rating_id=rating_id).order_by("-id").limit(50)
    return RatingHistory(
        rating=rating,
        goods=rating.listing.name,
        goods_code=rating.listing.code,
        reports=await RatingReport.filter(rating_id=rating_id).order_by("-id").limit(100),
        take_downs=take_downs,
        standing=next((one for one in take_downs if one.lifted_at is None), None),
        photo_keys=[one.key for one in rating.photos],
    )


async def own_take_down(line_id: int) -> OwnTakeDown | None:
    """The newest take-down of a line's rating, for its author. One query."""
    row = await RatingTakeDown.filter(rating__line_id=line_id).order_by("-id").first()
    if row is None:
        return None
    return OwnTakeDown(
        why=FAULTS[row.fault].words,
        words=row.words,
        is_lifted=row.lifted_at is not None,
        appeal_words=row.appeal_words,
        appealed_at=row.appealed_at,
        appeal_due_at=row.appeal_due_at,
        decision=row.decision,
        decided_at=row.decided_at,
    )


async def _locked(rating_id: int) -> Rating:
    rows = await locked(Rating, [rating_id])
    if rating_id not in rows:
        raise NotFound()
    return rows[rating_id]


async def _standing(rating_id: int) -> RatingTakeDown | None:
    return await RatingTakeDown.get_or_none(rating_id=rating_id, lifted_at__isnull=True)


async def _note(rating: Rating, act: str, by: int | None, words: str) -> None:
    listing = await Listing.get(id=rating.listing_id)
    await record(by, act, "listing", listing.code, rating=rating.id, words=words)


async def _tell(rating: Rating, title: Sentence, words: Sentence, key: str, now: datetime) -> None:
    if rating.person_id is None:
        return
    url = f"/orders/{rating.order_code}/ratings/{rating.line_id}"
    telling = Telling(NoticeKind.ORDER, title, words, url, TEXT_LIFE)
    event_key = f"rating:{rating.id}:{key}:{int(now.timestamp())}"
    await notify([rating.person_id], telling, event_key=event_key, now=now)
