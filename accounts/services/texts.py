"""Texts on their way to phones, and what is forgotten when its time has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import ApiToken, Person, Session, SignInCode, TextMessage, WrongCode
from kit.i18n import Sentence, translated
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


async def tell(phone: str, sentence: Sentence, *, now: datetime, expires_at: datetime) -> None:
    """Texts a sentence to a phone (E.164) in its owner's language; not sent any more after `expires_at`.

    Needs the open transaction() of the act it tells of: the text leaves with its commit.
    """
    person = await Person.get_or_none(phone=phone)
    words = translated(sentence, (person.language if person else "") or "vi")
    await put_text(phone, words, now=now, expires_at=expires_at)


async def put_text(phone: str, words: str, *, now: datetime, expires_at: datetime) -> None:
    """Leaves words for the gate of texts. Needs an open transaction()."""
    text = await TextMessage.create(phone=phone, words=words, created_at=now, expires_at=expires_at)
    await later("send_text", text.id)


async def waiting_text(text_id: int, now: datetime) -> WaitingText | None:
    """The text to send; None when it has gone, or when it would come too late: then it is wiped."""
    text = await TextMessage.get_or_none(id=text_id)
    if text is None or text.sent_at is not None:
        return None
    if text.expires_at <= now:
        await TextMessage.filter(id=text_id).update(words="")
        return None
    return WaitingText(text.phone, text.words)


async def text_sent(text_id: int, now: datetime) -> None:
    """Notes that a text has gone out and forgets its words."""
    await TextMessage.filter(id=text_id, sent_at__isnull=True).update(sent_at=now, words="")


async def forget_old(now: datetime) -> None:
    """Deletes codes and wrong tries after a day, texts a day after their end, sessions and tokens after 90 days."""
    await SignInCode.filter(created_at__lt=now - CODES_KEPT).delete()
    await WrongCode.filter(at__lt=now - CODES_KEPT).delete()
    await TextMessage.filter(expires_at__lt=now - TEXTS_KEPT).delete()
    for ended in (Session, ApiToken):
        await ended.filter(expires_at__lt=now - ENDED_KEPT).delete()
        await ended.filter(revoked_at__lt=now - ENDED_KEPT).delete()
