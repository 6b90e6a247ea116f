"""What a carrier's phone tells of the road, maybe hours later and in any order: each act once, at the phone's time.

A fact at the door wins over a skipped step, so nothing is refused because its step is not next: the fold by time sets
the parcel right whatever the order of arrival. Only what cannot be true beside another's act waits for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.outbox import announce
from postal.delivery_code import fits
from postal.models import DoubtfulAct, Parcel, ParcelEvent, ParcelProof
from postal.services.acting import Fact, refuse_age, refuse_outside, write_fact
from postal.services.collecting import is_due
from postal.services.proofs import KEPT, KeptProof
from postal.services.reading import row_of
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import ACTS, Act, Step, outcome_of
from postal.states import FINAL

PHONE_ACTS = (Act.ACCEPT, Act.FAIL_PICKUP, Act.DELIVER, Act.FAIL, Act.GIVE_BACK)
NEED_PROOF = frozenset({Act.DELIVER, Act.GIVE_BACK})


class Taker(StrEnum):
    """Who took the parcel at the door."""

    SELF = "self"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    GUARD = "guard"


TAKER_WORDS = {
    Taker.SELF: say("Chính người nhận"),
    Taker.FAMILY: say("Người nhà"),
    Taker.NEIGHBOUR: say("Hàng xóm"),
    Taker.GUARD: say("Bảo vệ, lễ tân"),
}


class Doubt(StrEnum):
    """Why an act waits for a person."""

    ENDED = "ended"
    WRONG_CODE = "wrong_code"
    CASH = "cash"


DOUBT_WORDS = {
    Doubt.ENDED: say("Bưu gửi đã kết thúc theo việc người khác ghi."),
    Doubt.WRONG_CODE: say("Mã nhận hàng không đúng."),
    Doubt.CASH: say("Số tiền đã thu khác số phải thu."),
}


@dataclass(frozen=True)
class Told:
    """What the phone says was done. `made_at` is its time, set by the market's clock when the round was fetched.

    `collected_dong` is the cash that was taken with a delivery.
    """

    act: Act
    made_at: datetime
    reason: str = ""
    note: str = ""
    received_by: str = ""
    next_day: date | None = None
    delivery_code: str = ""
    proofs: tuple[KeptProof, ...] = ()
    collected_dong: int = 0
    age_checked: bool = False


@dataclass(frozen=True)
class Heard:
    """What became of it; `doubt` is empty when the act counts, `is_new` False for a repeat."""

    parcel: ParcelView
    is_new: bool
    doubt: str = ""


async def heard_before(code: str, event_key: str, act: Act) -> Heard | None:
    """The answer to an act that was told before; None for a new one. Conflict when its id was used for another act."""
    parcel = await row_of(code)
    for rows in (ParcelEvent, DoubtfulAct):
        kept = await rows.get_or_none(parcel_id=parcel.id, event_key=event_key)
        if kept is not None and kept.act != act:
            raise Conflict(say("Lần bấm này đã được dùng cho việc khác. Tải lại trang rồi làm lại."))
        if kept is not None:
            return Heard(view_of(parcel), False, getattr(kept, "why", ""))
    return None


async def hear(code: str, told: Told, *, person_id: int, event_key: str, secret: str, now: datetime) -> Heard:
    """Writes an act from the road down, once by its `event_key`, at the time it was done.

    Raises NotFound for an unknown code, Conflict for an id used for another act or a parcel that a carrier outside the
    house carries, Refusal at `reason`, `note`, `proof`, `collected` or `age_checked` when something is missing.
    """
    outcome = outcome_of(told.act, reason=told.reason, note=told.note)
    if told.act in NEED_PROOF and not told.proofs and not told.delivery_code:
        raise Refusal(say("Cần một tấm ảnh, chữ ký hoặc mã nhận hàng."), field="proof")
    parcel_id = (await row_of(code)).id
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        before = await heard_before(code, event_key, told.act)
        if before is not None:
            return before
        refuse_outside(parcel.carrier)
        refuse_age(parcel, outcome, age_checked=told.age_checked)
        events = await ParcelEvent.filter(parcel_id=parcel_id).order_by("happened_at", "id")
        if _is_done_by(events, told.act, person_id):
            return Heard(view_of(parcel), False)
        if told.act is Act.DELIVER and is_due(parcel) and not told.collected_dong:
            raise Refusal(_collect(parcel), field="collected")
        at = max(min(told.made_at, now), parcel.booked_at)
        doubt = _doubt(events, told, at, parcel, secret)
        await _keep_proofs(parcel, told, event_key, person_id, at)
        if doubt:
            return await _wait_for_person(parcel, told, outcome, doubt, at, person_id, event_key, now)
        fact = Fact(
            told.act,
            outcome,
            event_key,
            person_id,
            at,
            now,
            told.received_by,
            told.next_day,
            told.collected_dong,
            told.age_checked,
        )
        return Heard(await write_fact(parcel, fact), True)


def _collect(parcel: Parcel) -> Sentence:
    sum_dong = show_dong(parcel.cod_dong)
    return say(
        "Thu đủ {sum} rồi đánh dấu «Đã thu». Người nhận chưa trả thì ghi «Chưa giao được».", sum=sum_dong
    )


def _is_done_by(events: Sequence[ParcelEvent], act: Act, person_id: int) -> bool:
    """Pressed again on the same parcel by the same person, under another id, after it had ended by that very act."""
    ended = [one for one in events if one.state in FINAL]
    return bool(ended) and (ended[0].act, ended[0].person_id) == (act, person_id)


def _doubt(
    events: Sequence[ParcelEvent], told: Told, at: datetime, parcel: Parcel, secret: str
) -> Doubt | None:
    if told.delivery_code and not fits(told.delivery_code, parcel.code or "", secret):
        return Doubt.WRONG_CODE
    ends = [one.happened_at for one in events if one.state in FINAL]
    if ends and (ACTS[told.act].leads_to in FINAL or min(ends) <= at):
        return Doubt.ENDED
    if told.collected_dong and is_due(parcel) and told.collected_dong != parcel.cod_dong:
        return Doubt.CASH
    return None


async def _keep_proofs(parcel: Parcel, told: Told, event_key: str, person_id: int, at: datetime) -> None:
    for one in told.proofs:
        await ParcelProof.create(
            parcel_id=parcel.id,
            event_key=event_key,
            kind=one.kind,
            key=one.key,
            person_id=person_id,
            made_at=at,
            delete_at=at + KEPT,
        )


async def _wait_for_person(
    parcel: Parcel,
    told: Told,
    outcome: Step,
    doubt: Doubt,
    at: datetime,
    person_id: int,
    event_key: str,
    now: datetime,
) -> Heard:
    await DoubtfulAct.create(
        parcel_id=parcel.id,
        event_key=event_key,
        person_id=person_id,
        act=told.act,
        reason=outcome.reason or "",
        note=outcome.note,
        why=doubt,
        collected_dong=told.collected_dong,
        happened_at=at,
        received_at=now,
    )
    await record(person_id, "act_doubted", "parcel", parcel.code, act=str(told.act), why=str(doubt))
    await announce("post")
    return Heard(view_of(parcel), True, doubt)


@dataclass(frozen=True)
class DoubtLine:
    """An act in doubt as the supervisor sees it."""

    id: int
    parcel: ParcelView
    act: Act
    why: Sentence
    reason: str
    note: str
    person_id: int
    at: datetime
    can_count: bool


async def doubts(*, limit: int = 100) -> list[DoubtLine]:
    """Acts that wait for a person, oldest first."""
    rows = DoubtfulAct.filter(settled_at__isnull=True).order_by("received_at", "id")
    return [doubt_line(row) for row in await rows.limit(limit).select_related("parcel")]


def doubt_line(row: DoubtfulAct) -> DoubtLine:
    """A row, its parcel fetched, as the supervisor sees it."""
    parcel: Parcel = row.parcel  # type: ignore[assignment]
    return DoubtLine(
        id=row.id,
        parcel=view_of(parcel),
        act=Act(row.act),
        why=DOUBT_WORDS[Doubt(row.why)],
        reason=row.reason,
        note=row.note,
        person_id=row.person_id,
        at=row.happened_at,
        can_count=parcel.state not in FINAL,
    )


async def settle_doubt(doubt_id: int, *, counts: bool, words: str, person_id: int, now: datetime) -> None:
    """Lets an act in doubt count after all, or not, with a person's words.

    NotFound when there is none open; Conflict when it shall count and the parcel has ended.
    """
    row = await DoubtfulAct.get_or_none(id=doubt_id)
    if row is None:
        raise NotFound()
    async with transaction():
        parcel = (await locked(Parcel, [row.parcel_id]))[row.parcel_id]
        row = (await locked(DoubtfulAct, [doubt_id]))[doubt_id]
        if row.settled_at is not None:
            raise Conflict(say("Việc này đã có người giải quyết."))
        if counts:
            await _let_count(parcel, row, words, now=now)
        row.settled_at, row.settled_by, row.outcome = now, person_id, words
        await row.save(update_fields=["settled_at", "settled_by", "outcome"])
        await record(person_id, "doubt_settled", "parcel", parcel.code, counts=counts)


async def _let_count(parcel: Parcel, row: DoubtfulAct, words: str, *, now: datetime) -> None:
    if parcel.state in FINAL:
        raise Conflict(say("Bưu gửi đã kết thúc, việc này không ghi thêm được."))
    refuse_outside(parcel.carrier)
    act = Act(row.act)
    outcome = outcome_of(act, reason=row.reason, note=row.note or words)
    # Whoever gave the parcel away answers for the whole sum, whatever they say they took; the count shows the rest.
    taken_dong = parcel.cod_dong if is_due(parcel) else row.collected_dong
    # An act at the door that got so far had the age looked at, or hear() would have refused it.
    fact = Fact(
        act,
        outcome,
        row.event_key,
        row.person_id,
        row.happened_at,
        now,
        collected_dong=taken_dong,
        age_checked=True,
    )
    await write_fact(parcel, fact)
