"""Idempotency keys: the same request sent twice is done once and answered alike.

The key's row and the act share one transaction, so a crash leaves either both or neither
(as the IETF draft "The Idempotency-Key HTTP Header Field" asks for).
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from kit.clock import Clock
from kit.db import sql, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.models import KeptAnswer
from kit.parts import Parts

KEPT = timedelta(days=7)
Answer = tuple[int, str]
_BEGIN = (
    "INSERT INTO kept_answer (asker, key, request_hash, body, created_at) VALUES ($1, $2, $3, '', $4)"
    " ON CONFLICT (asker, key) DO NOTHING RETURNING id"
)
_KEEP = "UPDATE kept_answer SET status = $2, body = $3 WHERE id = $1"


async def answered_once(
    asker: str, key: str, request_hash: str, act: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Runs the act unless this key was answered before. Raises Refusal when the key was used for something else."""
    async with transaction():
        begun = await sql(_BEGIN, [asker, key, request_hash, datetime.now(UTC)])
        if begun:
            status, body = await act()
            await sql(_KEEP, [begun[0]["id"], status, body])
            return status, body
    # Whoever began it before has committed it since: PostgreSQL waited for that.
    return _given_before(await KeptAnswer.get(asker=asker, key=key), request_hash)


def _given_before(kept: KeptAnswer, request_hash: str) -> Answer:
    if kept.request_hash != request_hash:
        raise Refusal(say("Idempotency-Key này đã dùng cho một yêu cầu khác."), status=422)
    if kept.status is None:
        raise Conflict(say("Yêu cầu này đang được làm, hãy hỏi lại sau giây lát."))
    return kept.status, kept.body


async def forget_answers(parts: Parts) -> None:
    """Answers that nobody will ask for again: what they say may be somebody's."""
    await KeptAnswer.filter(created_at__lt=parts[Clock].now() - KEPT).delete()
