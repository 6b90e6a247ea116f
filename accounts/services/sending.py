"""The way of notices out of the market: channel after channel, each tried a few times, never in quiet hours.

Many go a step together: what is known of their readers is read at once, and what went out is noted at once.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from accounts.models import NoticeHours, NoticeTry, Person, PersonNotice, PushDevice
from accounts.notice_gates import Letter, PushAddress
from accounts.notices import (
    BY_CONSENT,
    QUIET_FROM,
    QUIET_TO,
    Channel,
    NoticeState,
    TryState,
    from_kept,
    is_on,
    speaks_at,
)
from accounts.purposes import Purpose
from accounts.services.consents import who_may
from kit.db import locked, select, sql, transaction
from kit.i18n import translated
from kit.outbox import later

TRIES_EACH = 3
WHY_MAX = 200
KINDS_BY_CONSENT = frozenset(kind for kind, _ in BY_CONSENT)
_WAITING = "WHERE id = ANY($1) AND state = 'waiting' ORDER BY id"
_DEVICES = """
    SELECT held.person_id, device.id, device.endpoint, device.p256dh, device.auth
    FROM push_device AS device JOIN session AS held ON held.id = device.session_id
    WHERE held.person_id = ANY($1) AND held.revoked_at IS NULL AND held.expires_at > $2 ORDER BY device.id
"""
_CHOICES = "SELECT person_id, kind, channel, is_on FROM notice_choice WHERE person_id = ANY($1)"
_FAILED = "SELECT notice_id, channel FROM notice_try WHERE notice_id = ANY($1) AND state = 'failed'"
_END = """
    UPDATE person_notice AS notice SET state = ended.state FROM unnest($1::bigint[], $2::text[]) AS ended (id, state)
    WHERE notice.id = ended.id AND notice.state = 'waiting'
"""
_CARRIED = """
    WITH gone AS (
        SELECT * FROM unnest($1::bigint[], $2::text[]) AS gone (notice_id, channel)
    ), tried AS (
        INSERT INTO notice_try (notice_id, channel, state, tries, why, at)
        SELECT notice_id, channel, 'carried', 1, '', $3 FROM gone
        ON CONFLICT (notice_id, channel)
        DO UPDATE SET state = 'carried', tries = notice_try.tries + 1, why = '', at = excluded.at
    )
    UPDATE person_notice AS notice SET state = 'carried', channel = gone.channel FROM gone
    WHERE notice.id = gone.notice_id AND notice.state = 'waiting'
"""


@dataclass(frozen=True)
class Step:
    """What is to be done next for a notice: this letter by this channel to these addresses."""

    notice_id: int
    channel: Channel
    letter: Letter
    phone: str
    email: str
    devices: tuple[PushAddress, ...]


@dataclass(frozen=True)
class Reader:
    """Whom a notice is for: their hours and mailbox, the browsers that show notices, what they chose and agreed to."""

    person: Person
    hours: NoticeHours | None
    devices: tuple[PushAddress, ...]
    chosen: Mapping[tuple[str, str], bool]
    agrees: bool

    @property
    def email(self) -> str:
        """Their mailbox, once it is confirmed."""
        return self.hours.email if self.hours and self.hours.confirmed_at else ""

    def speaks_at(self, now: datetime) -> datetime:
        """When they may be told something."""
        quiet = (self.hours.quiet_from, self.hours.quiet_to) if self.hours else (QUIET_FROM, QUIET_TO)
        return max(speaks_at(now, *quiet), now)

    def wants(self, notice: PersonNotice, switched_on: Collection[Channel]) -> list[Channel]:
        """The channels that reach them, that they want for this kind and may be told by, in their order."""
        reachable = {Channel.SMS, Channel.ZALO} | ({Channel.PUSH} if self.devices else set())
        reachable |= {Channel.EMAIL} if self.email else set()
        return [
            one
            for one in Channel
            if one in reachable
            and one in switched_on
            and is_on(notice.kind, one, self.chosen)
            and (self.agrees or (notice.kind, one) not in BY_CONSENT)
        ]


async def next_steps(
    notice_ids: Sequence[int], *, switched_on: Collection[Channel], base_url: str, now: datetime
) -> list[Step]:
    """The next try for each of these notices that has one now; eight statements for all of them.

    Those that have nowhere to go or come too late are ended, those that must wait for the morning are left till then.
    """
    notices = await select(PersonNotice, _WAITING, [list(notice_ids)])
    if not notices:
        return []
    readers, failed = await _readers(notices, now), await _failed([one.id for one in notices])
    ends: dict[int, NoticeState] = {}
    steps, put_off = [], list[tuple[int, datetime]]()
    for notice in notices:
        reader, tried = readers.get(notice.person_id), failed[notice.id]
        at = reader.speaks_at(now) if reader else now
        left = [one for one in reader.wants(notice, switched_on) if one not in tried] if reader else []
        if reader is None or reader.person.is_blocked:
            ends[notice.id] = NoticeState.KEPT
        elif at >= notice.expires_at:
            ends[notice.id] = NoticeState.LATE
        elif at > now:
            put_off.append((notice.id, at))
        elif left:
            steps.append(_step(notice, reader, left[0], base_url, now))
        else:
            ends[notice.id] = NoticeState.FAILED if tried else NoticeState.KEPT
    await _end(ends)
    await _put_off(put_off, now)
    return steps


async def _readers(notices: Sequence[PersonNotice], now: datetime) -> dict[int, Reader]:
    ids = sorted({one.person_id for one in notices})
    hours = {one.person_id: one for one in await select(NoticeHours, "WHERE person_id = ANY($1)", [ids])}
    devices, chosen = await _devices(ids, now), await _chosen(ids)
    asked = sorted({one.person_id for one in notices if one.kind in KINDS_BY_CONSENT})
    agree = await who_may(asked, Purpose.ORDER_TEXTS, now=now) if asked else set()
    return {
        one.id: Reader(one, hours.get(one.id), tuple(devices[one.id]), chosen[one.id], one.id in agree)
        for one in await select(Person, "WHERE id = ANY($1)", [ids])
    }


async def _devices(person_ids: list[int], now: datetime) -> dict[int, list[PushAddress]]:
    found: dict[int, list[PushAddress]] = defaultdict(list)
    for row in await sql(_DEVICES, [person_ids, now]):
        address = PushAddress(int(str(row["id"])), str(row["endpoint"]), str(row["p256dh"]), str(row["auth"]))
        found[int(str(row["person_id"]))].append(address)
    return found


async def _chosen(person_ids: list[int]) -> dict[int, dict[tuple[str, str], bool]]:
    chosen: dict[int, dict[tuple[str, str], bool]] = defaultdict(dict)
    for row in await sql(_CHOICES, [person_ids]):
        chosen[int(str(row["person_id"]))][str(row["kind"]), str(row["channel"])] = bool(row["is_on"])
    return chosen


async def _failed(notice_ids: list[int]) -> dict[int, set[str]]:
    failed: dict[int, set[str]] = defaultdict(set)
    for row in await sql(_FAILED, [notice_ids]):
        failed[int(str(row["notice_id"]))].add(str(row["channel"]))
    return failed


def _step(notice: PersonNotice, reader: Reader, channel: Channel, base_url: str, now: datetime) -> Step:
    person = reader.person
    language = person.language or "vi"
    letter = Letter(
        key=f"notice:{notice.id}",
        kind=str(notice.kind),
        name=person.name,
        title=translated(from_kept(notice.title), language),
        words=translated(from_kept(notice.words), language),
        url=f"{base_url}/me/notices/{notice.id}",
        at=notice.created_at,
        lasts_seconds=max(60, int((notice.expires_at - now).total_seconds())),
    )
    return Step(notice.id, channel, letter, person.phone, reader.email, reader.devices)


async def _end(ends: Mapping[int, NoticeState]) -> None:
    if ends:
        await sql(_END, [list(ends), [str(state) for state in ends.values()]])


async def _put_off(waiting: Sequence[tuple[int, datetime]], now: datetime) -> None:
    if not waiting:
        return
    async with transaction():
        for notice_id, at in waiting:
            # The outbox goes by the machine's time, quiet hours by the market's clock.
            await later("send_notice", notice_id, at=datetime.now(UTC) + (at - now))


async def steps_done(steps: Sequence[Step], *, now: datetime) -> None:
    """These messages have gone out."""
    if not steps:
        return
    ids = [one.notice_id for one in steps]
    async with transaction():
        await locked(PersonNotice, ids)
        await sql(_CARRIED, [ids, [str(one.channel) for one in steps], now])


async def step_failed(step: Step, why: str, *, is_final: bool, now: datetime) -> bool:
    """The message has not gone out. True when this channel is to be tried again; else the next one has its turn."""
    async with transaction():
        await locked(PersonNotice, [step.notice_id])
        row, _ = await NoticeTry.get_or_create(
            {"at": now}, notice_id=step.notice_id, channel=str(step.channel)
        )
        row.why, row.at, row.tries = why[:WHY_MAX], now, row.tries + 1
        goes_on = not is_final and row.tries < TRIES_EACH
        row.state = TryState.TRYING if goes_on else TryState.FAILED
        await row.save(update_fields=["state", "why", "at", "tries"])
        if not goes_on:
            await later("send_notice", step.notice_id)
    return goes_on


async def forget_device(device_id: int) -> None:
    """A browser has taken its address back."""
    await PushDevice.filter(id=device_id).delete()
