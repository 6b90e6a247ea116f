"""Standard Webhooks 1.0: how messages are signed, and when one that was not taken is tried again.

The specification: https://www.standardwebhooks.com. Symmetric signatures (v1), HMAC-SHA-256 over id, time and body.
"""

import base64
import binascii
import hashlib
import hmac
import random
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

SECRET_PREFIX = "whsec_"
SECRET_BYTES = 32
# After the first try at once: 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours; some three days in all.
SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
JITTER = 0.1
LONGEST = timedelta(hours=24)


def new_secret() -> str:
    """A fresh secret of 256 bits, as receivers' libraries take it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_message_id() -> str:
    """A message's number, the same at every try: receivers know by it what they had before."""
    return f"msg_{secrets.token_hex(16)}"


def signed_headers(message_id: str, body: bytes, keys: Sequence[str], *, now: datetime) -> dict[str, str]:
    """The three headers of a message; one signature for each secret, so that a receiver may change over in peace."""
    at = str(int(now.timestamp()))
    signs = " ".join(f"v1,{_sign(one, message_id, at, body)}" for one in keys)
    return {"webhook-id": message_id, "webhook-timestamp": at, "webhook-signature": signs}


def wait_after(
    tries: int, *, asked_seconds: int = 0, chance: Callable[[], float] = random.random
) -> timedelta | None:
    """How long to wait after so many tries; None when that was the last. At least what the receiver asks for."""
    if tries > len(SCHEDULE):
        return None
    wait = SCHEDULE[tries - 1] * (1 + JITTER * chance())
    return max(wait, min(timedelta(seconds=asked_seconds), LONGEST))


def _sign(secret: str, message_id: str, at: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as wrong:
        raise ValueError("no webhook secret") from wrong
    signed = b".".join((message_id.encode(), at.encode(), body))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
