"""Between the two steps of signing in: the phone travels in a signed cookie that soon expires, never in an address."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from kit.codes import keyed_digest, same_digest

STEP_LIFE = timedelta(minutes=10)
HOME = "/me"


@dataclass(frozen=True)
class Step:
    """A phone (E.164) that a code was sent to, where to go afterwards, and when (Unix seconds).

    `key` is this browser's alone: the code is good for who holds it (ASVS 6.6.2). `person_id` stands once the code was
    right and the person's second factor comes next; 0 before.
    """

    phone: str
    back: str
    sent: int
    key: str = ""
    person_id: int = 0

    @property
    def subject(self) -> str:
        """What the code is bound to."""
        return f"browser:{self.key}"

    def waits(self, now: datetime, seconds: int) -> int:
        """How many of so many seconds are still to pass since the code was sent."""
        return max(0, self.sent + seconds - int(now.timestamp()))


def packed(step: Step, secret: str) -> str:
    """The step as a cookie's value: base64url of JSON, a dot, an HMAC-SHA-256."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(step)).encode()).decode().rstrip("=")
    return f"{body}.{_mark(body, secret)}"


def unpacked(value: str, secret: str, now: datetime) -> Step | None:
    """The step of a cookie's value; None when it is not ours, broken, or older than ten minutes."""
    body, _, mark = value.partition(".")
    if not same_digest(mark, _mark(body, secret)):
        return None
    try:
        read = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        step = Step(
            str(read["phone"]),
            str(read["back"]),
            int(read["sent"]),
            str(read["key"]),
            int(read.get("person_id", 0)),
        )
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    age = now.timestamp() - step.sent
    return step if -60 <= age < STEP_LIFE.total_seconds() else None


def _mark(body: str, secret: str) -> str:
    return keyed_digest(f"step:{body}", secret.encode())
