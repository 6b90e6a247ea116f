"""Texts that tell people something they should know, and who holds a role over a place."""

from datetime import datetime, timedelta

from accounts.models import Grant, TextMessage
from kit.outbox import later
from kit.roles import Role

NOTICE_LIFE = timedelta(hours=20)  # texts are deleted after a day


async def leave_notice(phone: str, words: str, *, now: datetime) -> None:
    """Leaves a text for a phone (E.164), sent after the commit and worth sending for 20 hours.

    Needs an open transaction(), so that it goes exactly once with what it tells of.
    """
    text = await TextMessage.create(phone=phone, words=words, created_at=now, good_until=now + NOTICE_LIFE)
    await later("send_text", text.id)


async def phones_of(role: Role, scope: str) -> list[str]:
    """The phones of those who hold a role over exactly this scope and are not blocked, in the order of their ids."""
    rows = Grant.filter(role=role, scope=scope, person__is_blocked=False).order_by("person_id")
    return [str(phone) for phone in await rows.values_list("person__phone", flat=True)]
