"""What gates to the outside share: how asking can fail, a call as it came, what is answered to it. No I/O here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


class GateFault(Exception):
    """Something between the market and somebody outside went otherwise than hoped."""


class GateAway(GateFault):
    """The provider could not be reached, or said to come back later: nothing was taken, asking again is safe."""


class GateUnsure(GateFault):
    """Sent, and no answer that can be trusted came: it may have been taken. The state is unknown until queried."""


class GateRefused(GateFault):
    """The provider said no, for good. `code` is its own result code."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(f"{code} {words}".strip())
        self.code = code


class NotOffered(GateFault):
    """The provider has no such act; Capabilities said so before."""


class CallbackRefused(ValueError):
    """A callback that is not to be believed."""


class BadSignature(CallbackRefused):
    """Not from the holder of the secret, or altered on the way."""


class Stale(CallbackRefused):
    """Rightly signed, but too far from now, in the past or in the future: a replay, or a clock gone wrong."""


class Malformed(CallbackRefused):
    """Rightly signed, but not of the documented form: keep the raw body for a person, it may speak of money."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A callback as it came, before anybody believed it. A header that came twice holds both, joined by ", "."""

    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    def header(self, name: str) -> str:
        """A header's value by its name in any case; "" when it is missing."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    @property
    def digest(self) -> str:
        """SHA-256 of the body and the query, in hexadecimal."""
        return hashlib.sha256(self.body + b"?" + self.query.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What to answer a provider, byte for byte."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


def json_answer(status: int, body: Mapping[str, object]) -> HttpAnswer:
    """An answer of compact JSON."""
    return HttpAnswer(status, json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())
