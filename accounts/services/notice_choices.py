"""How a person wants to be told: kinds by channels, quiet hours, a confirmed mailbox, browsers that show notices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import NoticeChoice, NoticeHours, Person, PersonNotice, PushDevice, Session
from accounts.notice_gates import Letter
from accounts.notices import (
    OFF_AT_FIRST,
    QUIET_FROM,
    QUIET_TO,
    Channel,
    NoticeKind,
    NoticeState,
    is_on,
)
from accounts.push_gate import from_base64url
from kit.codes import keyed_digest, same_digest
from kit.db import locked, transaction
from kit.errors import Refusal
from kit.i18n import say, translated
from kit.outbox import later, later_each

DEVICES_MAX = 10
WAITING_MAX = 50
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


@dataclass(frozen=True)
class NoticeWishes:
    """All of a person's choices. `is_here` when this browser shows notices already."""

    is_on: dict[tuple[NoticeKind, Channel], bool]
    quiet_from: int
    quiet_to: int
    email: str
    is_confirmed: bool
    devices: int
    is_here: bool


async def wishes_of(person_id: int, *, session_id: int | None, now: datetime) -> NoticeWishes:
    """A person's choices; three queries."""
    rows = await NoticeChoice.filter(person_id=person_id).values_list("kind", "channel", "is_on")
    chosen = {(str(kind), str(channel)): bool(said) for kind, channel, said in rows}
    hours = await NoticeHours.get_or_none(person_id=person_id)
    living = PushDevice.filter(
        session__person_id=person_id, session__revoked_at__isnull=True, session__expires_at__gt=now
    )
    sessions = [int(str(id)) for id in await living.values_list("session_id", flat=True)]
    return NoticeWishes(
        is_on={(kind, one): is_on(kind, one, chosen) for kind in NoticeKind for one in Channel},
        quiet_from=hours.quiet_from if hours else QUIET_FROM,
        quiet_to=hours.quiet_to if hours else QUIET_TO,
        email=hours.email if hours else "",
        is_confirmed=bool(hours and hours.confirmed_at),
        devices=len(sessions),
        is_here=session_id in sessions,
    )


async def choose_notices(
    person_id: int, wanted: Mapping[tuple[NoticeKind, Channel], bool], *, quiet_from: int, quiet_to: int
) -> None:
    """Keeps which kinds come by which channels, and the quiet hours; only what differs from the beginning is a row."""
    async with transaction():
        await locked(Person, [person_id])
        await NoticeChoice.filter(person_id=person_id).delete()
        differing = [
            NoticeChoice(person_id=person_id, kind=str(kind), channel=str(channel), is_on=yes)
            for (kind, channel), yes in wanted.items()
            if yes == ((kind, channel) in OFF_AT_FIRST)
        ]
        await NoticeChoice.bulk_create(differing)
        await choose_hours(person_id, quiet_from=quiet_from, quiet_to=quiet_to)


async def choose_hours(person_id: int, *, quiet_from: int, quiet_to: int) -> None:
    """Keeps the quiet hours; what waits for the end of the old ones is looked at again."""
    async with transaction():
        await locked(Person, [person_id])
        await _keep_hours(person_id, quiet_from=quiet_from, quiet_to=quiet_to)
        waiting = PersonNotice.filter(person_id=person_id, state=NoticeState.WAITING).order_by("-id")
        ids = await waiting.limit(WAITING_MAX).values_list("id", flat=True)
        await later_each("send_notice", [int(str(id)) for id in ids], grouped=True)


async def choose_notice(person_id: int, kind: NoticeKind, channel: Channel, is_wanted: bool) -> None:
    """Keeps whether one kind comes by one channel; everything else stays."""
    async with transaction():
        await locked(Person, [person_id])
        await NoticeChoice.update_or_create(
            {"is_on": is_wanted}, person_id=person_id, kind=str(kind), channel=str(channel)
        )


async def set_email(person_id: int, address: str) -> bool:
    """Keeps a mailbox ("" for none) and leaves the letter that asks for its confirmation; whether it does.

    Nothing else goes there before it is confirmed. Raises Refusal.
    """
    if address and not (len(address) <= 200 and EMAIL.fullmatch(address)):
        raise Refusal(say("Địa chỉ thư cần có dạng ten@example.vn."), field="email")
    async with transaction():
        await locked(Person, [person_id])
        if await NoticeHours.filter(person_id=person_id, email=address, confirmed_at__isnull=False).exists():
            return False
        await _keep_hours(person_id, email=address, confirmed_at=None)
        if address:
            await later("ask_mailbox", person_id)
    return bool(address)


async def mailbox_letter(
    person_id: int, *, secret: str, base_url: str, now: datetime
) -> tuple[str, Letter] | None:
    """The mailbox that is still to be confirmed and the letter that asks for it; None when there is nothing to ask."""
    hours = await NoticeHours.get_or_none(person_id=person_id).select_related("person")
    if hours is None or not hours.email or hours.confirmed_at is not None:
        return None
    language = hours.person.language or "vi"
    return hours.email, Letter(
        key=f"email:{person_id}",
        kind="system",
        name=hours.person.name,
        title=translated(say("Xác nhận hộp thư nhận tin báo của Chợ 4.0"), language),
        words=translated(say("Bấm vào đường dẫn dưới đây để nhận tin báo qua hộp thư này."), language),
        url=f"{base_url}/me/notices/email/{_email_key(person_id, hours.email, secret)}",
        at=now,
        lasts_seconds=86400,
    )


async def confirm_email(person_id: int, key: str, *, secret: str, now: datetime) -> None:
    """The person has come from the letter in the mailbox. Raises Refusal when it is about another one."""
    hours = await NoticeHours.get_or_none(person_id=person_id)
    if hours is None or not hours.email or not same_digest(_email_key(person_id, hours.email, secret), key):
        raise Refusal(say("Đường dẫn này không còn dùng được. Hãy xin thư xác nhận mới."))
    await NoticeHours.filter(id=hours.id, email=hours.email).update(confirmed_at=now)


async def add_device(session_id: int, *, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """This browser will show notices; the same address again is the same browser. Raises Refusal for odd keys."""
    try:
        sound = len(from_base64url(p256dh)) == 65 and len(from_base64url(auth)) == 16
    except ValueError:
        sound = False
    if not sound or not endpoint.startswith("https://") or len(endpoint) > 600:
        raise Refusal(say("Trình duyệt này không nhận được tin báo."))
    async with transaction():
        person_id = (await locked(Session, [session_id]))[session_id].person_id
        await PushDevice.filter(endpoint=endpoint).delete()
        held = PushDevice.filter(session__person_id=person_id)
        old = await held.order_by("-id").offset(DEVICES_MAX - 1).limit(50).values_list("id", flat=True)
        await PushDevice.filter(id__in=list(old)).delete()
        await PushDevice.filter(session_id=session_id).delete()
        await PushDevice.create(
            session_id=session_id, endpoint=endpoint, p256dh=p256dh, auth=auth, created_at=now
        )


async def drop_device(session_id: int) -> None:
    """This browser shows no notices any more."""
    await PushDevice.filter(session_id=session_id).delete()


async def _keep_hours(person_id: int, **changes: object) -> None:
    await NoticeHours.update_or_create(changes, person_id=person_id)


def _email_key(person_id: int, address: str, secret: str) -> str:
    return keyed_digest(f"email:{person_id}:{address}", secret.encode())[:40]
