"""Texts on their way to phones, and what is forgotten when its time has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import ApiToken, Session, SignInCode, TextMessage
from accounts.services.one_time_codes import CODE_LIFE

CODES_KEPT = timedelta(days=1)
TEXTS_KEPT = timedelta(days=1)
ENDED_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class WaitingText:
    """A text that is still to go out."""

    phone: str
    words: str


async def waiting_text(text_id: int, now: datetime) -> WaitingText | None:
    """The text to send; None when it has gone, or when it would be too old on arrival: then it is wiped."""
    text = await TextMessage.get_or_none(id=text_id)
    if text is None or text.sent_at is not None:
        return None
    if (text.good_until or text.created_at + CODE_LIFE) <= now:
        await TextMessage.filter(id=text_id).update(words="")
        return None
    return WaitingText(text.phone, text.words)


async def text_sent(text_id: int, now: datetime) -> None:
    """Notes that a text has gone out and forgets its words."""
    await TextMessage.filter(id=text_id, sent_at__isnull=True).update(sent_at=now, words="")


async def forget_old(now: datetime) -> None:
    """Deletes codes and texts after a day, sessions and tokens 90 days after their end."""
    await SignInCode.filter(created_at__lt=now - CODES_KEPT).delete()
    await TextMessage.filter(created_at__lt=now - TEXTS_KEPT).delete()
    for ended in (Session, ApiToken):
        await ended.filter(expires_at__lt=now - ENDED_KEPT).delete()
        await ended.filter(revoked_at__lt=now - ENDED_KEPT).delete()
