"""Idempotency keys: the same request sent twice is done once and answered alike.

The key's row and the act share one transaction, so a crash leaves either both or neither
(as the IETF draft "The Idempotency-Key HTTP Header Field" asks for).
"""

from collections.abc import Awaitable, Callable

from tortoise.exceptions import IntegrityError

from kit.db import transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.models import KeptAnswer

Answer = tuple[int, str]


async def answered_once(
    asker: str, key: str, request_hash: str, act: Callable[[], Awaitable[Answer]]
) -> Answer:
    """Runs the act unless this key was answered before. Raises Refusal when the key was used for something else."""
    kept = await KeptAnswer.get_or_none(asker=asker, key=key)
    if kept is not None:
        return _given_before(kept, request_hash)
    try:
        async with transaction():
            kept = await KeptAnswer.create(asker=asker, key=key, request_hash=request_hash)
            kept.status, kept.body = await act()
            await kept.save(update_fields=["status", "body"])
            return kept.status, kept.body
    except IntegrityError:
        kept = await KeptAnswer.get_or_none(asker=asker, key=key)
        if kept is None:
            raise
        return _given_before(kept, request_hash)


def _given_before(kept: KeptAnswer, request_hash: str) -> Answer:
    if kept.request_hash != request_hash:
        raise Refusal(say("Idempotency-Key này đã dùng cho một yêu cầu khác."), status=422)
    if kept.status is None:
        raise Conflict(say("Yêu cầu này đang được làm, hãy hỏi lại sau giây lát."))
    return kept.status, kept.body
