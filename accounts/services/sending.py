"""The way of a notice out of the market: channel after channel, each tried a few times, never in quiet hours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from accounts.models import NoticeChoice, NoticeHours, NoticeTry, Person, PersonNotice, PushDevice
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
from accounts.services.consents import may
from kit.db import locked, transaction
from kit.i18n import translated
from kit.outbox import later

TRIES_EACH = 3
WHY_MAX = 200


@dataclass(frozen=True)
class Step:
    """What is to be done next for a notice: this letter by this channel to these addresses."""

    notice_id: int
    channel: Channel
    letter: Letter
    phone: str
    email: str
    devices: tuple[PushAddress, ...]


async def next_step(
    notice_id: int, *, switched_on: Collection[Channel], base_url: str, now: datetime
) -> Step | None:
    """The next try for a notice; None when it is done with, must wait for the morning, or has nowhere to go."""
    notice = await PersonNotice.get_or_none(id=notice_id)
    if notice is None or notice.state is not NoticeState.WAITING:
        return None
    person = await Person.get_or_none(id=notice.person_id)
    if person is None or person.is_blocked:
        await _end(notice_id, NoticeState.KEPT)
        return None
    hours = await NoticeHours.get_or_none(person_id=person.id)
    if await _waits(notice, hours, now):
        return None
    devices = await _devices(person.id, now)
    email = hours.email if hours and hours.confirmed_at else ""
    reachable = {Channel.SMS, Channel.ZALO} | ({Channel.PUSH} if devices else set())
    reachable |= {Channel.EMAIL} if email else set()
    channel = await _channel(notice, reachable & set(switched_on), now)
    if channel is None:
        return None
    letter = _letter(notice, person, base_url, now)
    return Step(notice_id, channel, letter, person.phone, email, devices)


async def step_done(step: Step, *, now: datetime) -> None:
    """The message has gone out."""
    async with transaction():
        await _note(step, TryState.CARRIED, "", now)
        await PersonNotice.filter(id=step.notice_id, state=NoticeState.WAITING).update(
            state=NoticeState.CARRIED, channel=step.channel
        )


async def step_failed(step: Step, why: str, *, is_final: bool, now: datetime) -> bool:
    """The message has not gone out. True when this channel is to be tried again; else the next one has its turn."""
    async with transaction():
        tries = await _note(step, TryState.TRYING, why, now)
        if not is_final and tries < TRIES_EACH:
            return True
        await _note(step, TryState.FAILED, why, now, counts=False)
        await later("send_notice", step.notice_id)
    return False


async def forget_device(device_id: int) -> None:
    """A browser has taken its address back."""
    await PushDevice.filter(id=device_id).delete()


async def _waits(notice: PersonNotice, hours: NoticeHours | None, now: datetime) -> bool:
    quiet = (hours.quiet_from, hours.quiet_to) if hours else (QUIET_FROM, QUIET_TO)
    at = speaks_at(now, *quiet)
    if max(at, now) >= notice.expires_at:
        await _end(notice.id, NoticeState.LATE)
        return True
    if at > now:
        async with transaction():
            # The outbox goes by the machine's time, quiet hours by the market's clock.
            await later("send_notice", notice.id, at=datetime.now(UTC) + (at - now))
        return True
    return False


async def _channel(notice: PersonNotice, reachable: set[Channel], now: datetime) -> Channel | None:
    """The first channel that the person wants, may be told by, and that has not failed; else the notice ends here."""
    rows = await NoticeChoice.filter(person_id=notice.person_id).values_list("kind", "channel", "is_on")
    chosen = {(str(kind), str(channel)): bool(said) for kind, channel, said in rows}
    tried = NoticeTry.filter(notice_id=notice.id, state=TryState.FAILED)
    failed = {str(one) for one in await tried.values_list("channel", flat=True)}
    wanted = [one for one in Channel if one in reachable and is_on(notice.kind, one, chosen)]
    if any((notice.kind, one) in BY_CONSENT for one in wanted):
        agreed = await may(notice.person_id, Purpose.ORDER_TEXTS, now=now)
        wanted = [one for one in wanted if agreed or (notice.kind, one) not in BY_CONSENT]
    for one in wanted:
        if one not in failed:
            return one
    await _end(notice.id, NoticeState.FAILED if failed else NoticeState.KEPT)
    return None


async def _devices(person_id: int, now: datetime) -> tuple[PushAddress, ...]:
    rows = PushDevice.filter(
        session__person_id=person_id, session__revoked_at__isnull=True, session__expires_at__gt=now
    )
    return tuple(PushAddress(row.id, row.endpoint, row.p256dh, row.auth) for row in await rows.order_by("id"))


def _letter(notice: PersonNotice, person: Person, base_url: str, now: datetime) -> Letter:
    language = person.language or "vi"
    return Letter(
        key=f"notice:{notice.id}",
        kind=str(notice.kind),
        name=person.name,
        title=translated(from_kept(notice.title), language),
        words=translated(from_kept(notice.words), language),
        url=f"{base_url}/me/notices/{notice.id}",
        at=notice.created_at,
        lasts_seconds=max(60, int((notice.expires_at - now).total_seconds())),
    )


async def _note(step: Step, state: TryState, why: str, now: datetime, *, counts: bool = True) -> int:
    """Writes down how a channel did; how often it was tried. Needs the open transaction()."""
    await locked(PersonNotice, [step.notice_id])
    row, _ = await NoticeTry.get_or_create({"at": now}, notice_id=step.notice_id, channel=str(step.channel))
    row.state, row.why, row.at, row.tries = state, why[:WHY_MAX], now, row.tries + counts
    await row.save(update_fields=["state", "why", "at", "tries"])
    return int(row.tries)


async def _end(notice_id: int, state: NoticeState) -> None:
    await PersonNotice.filter(id=notice_id, state=NoticeState.WAITING).update(state=state)
