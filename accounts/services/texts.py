"""Texts on their way to phones, and what is forgotten when its time has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import ApiToken, Session, SignInCode, TextMessage
from accounts.services.one_time_codes import CODE_LIFE
from kit.outbox import later

CODES_KEPT = timedelta(days=1)
TEXTS_KEPT = timedelta(days=1)
ENDED_KEPT = timedelta(days=90)
NEWS_LIFE = timedelta(hours=20)


@dataclass(frozen=True)
class WaitingText:
    """A text that is still to go out."""

    phone: str
    words: str


async def text_news(phone: str, words: str, *, now: datetime) -> None:
    """Leaves a text without a code for this phone (E.164), worth sending for 20 hours. Needs an open transaction()."""
    text = await TextMessage.create(phone=phone, words=words, created_at=now, expires_at=now + NEWS_LIFE)
    await later("send_text", text.id)


async def waiting_text(text_id: int, now: datetime) -> WaitingText | None:
    """The text to send; None when it has gone, or when its code would be too old on arrival: then it is wiped."""
    text = await TextMessage.get_or_none(id=text_id)
    if text is None or text.sent_at is not None:
        return None
    if (text.expires_at or text.created_at + CODE_LIFE) <= now:
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
