"""Households a digital team goes to: added by hand or found stuck, listed, visited, and what is hard for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from accounts.services import names_of, record
from kit.db import locked, sql, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.units import Unit
from vendors.help_rules import DIFFICULTY_WORDS, DONE_WORDS, OPEN_STATES, STATE_TONES, STATE_WORDS
from vendors.models import (
    Difficulty,
    HelpedHousehold,
    HelpVisit,
    HouseholdDifficulty,
    HouseholdSource,
    HouseholdState,
    Vendor,
)
from vendors.services.cards import Leaf, leaf_of

STUCK_AFTER = timedelta(days=2)
AGAIN_AFTER = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=365)
STUCK_AT_ONCE = 500
VISITS_SHOWN = 50
STUCK_WORDS: dict[str, Sentence] = {
    "returned": say("Hồ sơ bị trả lại"),
    "bare": say("Chưa đăng hàng nào"),
    "unpaid": say("Chưa có tài khoản nhận tiền"),
}
_WHY_STUCK = """
    v.identity_state = 'returned' AS returned,
    NOT EXISTS (SELECT 1 FROM listing l WHERE l.vendor_id = v.id) AS bare,
    NOT EXISTS (SELECT 1 FROM receiving_account a WHERE a.vendor_id = v.id) AS unpaid
"""
_QUEUE_STUCK = f"""
    INSERT INTO helped_household AS h
        (phone, name, line, commune_code, commune, province, vendor_id, source, state, note, difficulty_words,
        created_at)
    SELECT phone, contact_name, line, commune_code, commune, province, id, 'stuck', 'waiting', '', '', $1
    FROM (
        SELECT DISTINCT ON (v.phone) v.*, {_WHY_STUCK} FROM vendor v
        LEFT JOIN helped_household old ON old.phone = v.phone
        WHERE v.created_at <= $2 AND v.state <> 'suspended' AND v.kind IN ('household', 'grower')
            AND (old.id IS NULL OR (old.state = 'done' AND old.closed_at <= $3))
        ORDER BY v.phone, v.id
    ) AS stuck
    WHERE returned OR bare OR unpaid
    ORDER BY id LIMIT $4
    ON CONFLICT (phone) DO UPDATE
        SET state = 'waiting', source = 'stuck', closed_at = NULL, next_visit_on = NULL,
            vendor_id = excluded.vendor_id
        WHERE h.state = 'done' AND h.closed_at <= $3
    RETURNING h.id
"""  # noqa: S608


@dataclass(frozen=True)
class Member:
    """A member of a digital team, over the communes of their role; None for every commune."""

    person_id: int
    name: str
    phone: str
    communes: frozenset[str] | None


@dataclass(frozen=True)
class NewHousehold:
    """A household to be visited; `phone` in E.164."""

    name: str
    phone: str
    commune: Unit
    line: str = ""
    note: str = ""
    next_visit_on: date | None = None


@dataclass(frozen=True)
class HouseholdRow:
    """A household in the queue; `stuck` says what keeps one that has come aboard, `is_late` that its day is past."""

    id: int
    name: str
    phone: str
    line: str
    commune: str
    state_name: Sentence
    tone: str
    next_visit_on: date | None
    is_late: bool
    source: HouseholdSource
    stuck: tuple[Sentence, ...]


@dataclass(frozen=True)
class VisitNote:
    """What a member writes after a visit: the day, the minutes, what was done, and how it goes on."""

    visited_on: date
    minutes: int
    done: tuple[str, ...]
    note: str
    outcome: HouseholdState
    next_visit_on: date | None


@dataclass(frozen=True)
class VisitView:
    """A visit as it is read."""

    visited_on: date
    person: str
    minutes: int
    done: tuple[Sentence, ...]
    note: str


async def add_household(new: NewHousehold, source: HouseholdSource, *, by: int, now: datetime) -> int:
    """Puts a household into the queue of its commune; its number. Refusal at `phone` when it stands there already."""
    try:
        async with transaction():
            vendor = await Vendor.filter(phone=new.phone).order_by("id").first()
            made = await HelpedHousehold.create(
                phone=new.phone,
                name=new.name,
                line=new.line,
                commune_code=new.commune.code,
                commune=new.commune.name,
                province=new.commune.province,
                vendor=vendor,
                source=source,
                state=HouseholdState.PLANNED if new.next_visit_on else HouseholdState.WAITING,
                next_visit_on=new.next_visit_on,
                note=new.note,
                added_by=by,
                created_at=now,
            )
            await record(by, "household_added", "household", made.id, source=str(source))
    except IntegrityError:
        raise Refusal(say("Số này đã có trong danh sách hộ cần đến giúp."), field="phone") from None
    return int(made.id)


async def household_for(household_id: int, member: Member) -> HelpedHousehold:
    """A household of the member's communes, with its vendor if it has one. NotFound otherwise."""
    row = await HelpedHousehold.get_or_none(id=household_id).select_related("vendor")
    if row is None or (member.communes is not None and row.commune_code not in member.communes):
        raise NotFound(say("Không có hộ này ở xã của bạn."))
    return row


async def vendor_of(household: HelpedHousehold) -> Vendor | None:
    """The vendor of a household: the one it came aboard as, also when it did so by itself."""
    if household.vendor_id is None:
        return await Vendor.filter(phone=household.phone).order_by("id").first()
    return await Vendor.get_or_none(id=household.vendor_id)


async def household_queue(
    communes: frozenset[str] | None, show: str, page: int, *, today: date
) -> Leaf[HouseholdRow]:
    """A page of households: `open` (next visit first), `today`, `done` or `all`; two queries."""
    rows = _in(HelpedHousehold.all(), communes)
    if show == "today":
        rows = rows.filter(state__in=OPEN_STATES, next_visit_on__lte=today)
    elif show == "done":
        rows = rows.exclude(state__in=OPEN_STATES)
    elif show == "open":
        rows = rows.filter(state__in=OPEN_STATES)
    leaf = await leaf_of(rows.order_by("next_visit_on", "id"), page)
    stuck = await stuck_words([one.vendor_id for one in leaf.items if one.vendor_id])
    return Leaf([_row(one, stuck, today) for one in leaf.items], leaf.page, leaf.has_more)


async def queue_counts(communes: frozenset[str] | None, *, today: date) -> tuple[int, int]:
    """How many households are open, and how many of them were to be visited by today; two queries."""
    rows = _in(HelpedHousehold.filter(state__in=OPEN_STATES), communes)
    return await rows.count(), await rows.filter(next_visit_on__lte=today).count()


async def stuck_words(vendor_ids: Sequence[int]) -> dict[int, tuple[Sentence, ...]]:
    """By vendor what keeps it: identity returned, no goods, no receiving account; one query."""
    if not vendor_ids:
        return {}
    rows = await sql(f"SELECT v.id, {_WHY_STUCK} FROM vendor v WHERE v.id = ANY($1)", [list(vendor_ids)])  # noqa: S608
    return {
        int(str(row["id"])): tuple(words for name, words in STUCK_WORDS.items() if row[name]) for row in rows
    }


async def queue_stuck(now: datetime) -> int:
    """Puts persons who came aboard two days ago and got stuck into the queue; gives how many. Once each.

    A household that was done a month ago and is stuck comes back; one that declined does not.
    """
    values: list[object] = [now, now - STUCK_AFTER, now - AGAIN_AFTER, STUCK_AT_ONCE]
    return len(await sql(_QUEUE_STUCK, values))


async def log_visit(household_id: int, note: VisitNote, *, member: Member, now: datetime) -> None:
    """Writes a visit down and moves the household on. NotFound for another commune's."""
    await household_for(household_id, member)
    async with transaction():
        household = (await locked(HelpedHousehold, [household_id]))[household_id]
        await HelpVisit.create(
            household=household,
            person_id=member.person_id,
            visited_on=note.visited_on,
            minutes=note.minutes,
            done=list(note.done),
            note=note.note,
            created_at=now,
        )
        household.state, household.next_visit_on = note.outcome, note.next_visit_on
        household.closed_at = None if note.outcome in OPEN_STATES else now
        await household.save(update_fields=["state", "next_visit_on", "closed_at"])
        await record(member.person_id, "visit_logged", "household", household_id, state=str(note.outcome))


async def visits_of(household_id: int) -> list[VisitView]:
    """The last 50 visits, newest first; two queries."""
    rows = HelpVisit.filter(household_id=household_id).order_by("-visited_on", "-id").limit(VISITS_SHOWN)
    visits = await rows
    names = await names_of(one.person_id for one in visits)
    return [
        VisitView(
            one.visited_on,
            names.get(one.person_id, ""),
            one.minutes,
            tuple(DONE_WORDS[each] for each in one.done if each in DONE_WORDS),
            one.note,
        )
        for one in visits
    ]


async def note_difficulties(
    household_id: int, kinds: Sequence[Difficulty], words: str, *, member: Member, now: datetime
) -> None:
    """Keeps what is hard for a household: exactly these kinds from now on. NotFound for another commune's."""
    await household_for(household_id, member)
    async with transaction():
        household = (await locked(HelpedHousehold, [household_id]))[household_id]
        await HouseholdDifficulty.filter(household_id=household_id).exclude(kind__in=list(kinds)).delete()
        rows = [
            HouseholdDifficulty(household=household, kind=kind, person_id=member.person_id, noted_at=now)
            for kind in kinds
        ]
        await HouseholdDifficulty.bulk_create(rows, ignore_conflicts=True)
        household.difficulty_words = words
        await household.save(update_fields=["difficulty_words"])
        await record(member.person_id, "difficulties_noted", "household", household_id)


async def difficulties_of(household_id: int) -> list[Difficulty]:
    """What is hard for a household, in the order of the form; one query."""
    rows = await HouseholdDifficulty.filter(household_id=household_id)
    there = {row.kind for row in rows}
    return [kind for kind in DIFFICULTY_WORDS if kind in there]


async def forget_households(now: datetime) -> int:
    """Deletes households that were closed a year ago and never gave a consent; gives how many."""
    rows = HelpedHousehold.filter(closed_at__lte=now - FORGOTTEN_AFTER, consents__id__isnull=True)
    ids = await rows.limit(STUCK_AT_ONCE).values_list("id", flat=True)
    return await HelpedHousehold.filter(id__in=list(ids)).delete() if ids else 0


def _in(rows: QuerySet[HelpedHousehold], communes: frozenset[str] | None) -> QuerySet[HelpedHousehold]:
    return rows if communes is None else rows.filter(commune_code__in=sorted(communes))


def _row(one: HelpedHousehold, stuck: dict[int, tuple[Sentence, ...]], today: date) -> HouseholdRow:
    is_open = one.state in OPEN_STATES
    return HouseholdRow(
        id=one.id,
        name=one.name,
        phone=one.phone,
        line=one.line,
        commune=one.commune,
        state_name=STATE_WORDS[one.state],
        tone=STATE_TONES[one.state],
        next_visit_on=one.next_visit_on if is_open else None,
        is_late=bool(is_open and one.next_visit_on and one.next_visit_on < today),
        source=one.source,
        stuck=stuck.get(one.vendor_id or 0, ()),
    )
