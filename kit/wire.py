"""What gates share on the wire: asking over HTTP with honest faults, strict JSON, keyed digests, Vietnam's time."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx2

from kit import metrics, spans
from kit.clock import VIETNAM
from kit.gates import GateAway, GateFault, GateRefused, GateUnsure, Malformed

ANSWER_MAX_BYTES = 1024 * 1024
AMOUNT_MAX_DONG = 9_999_999_999_999
TIMEOUT_SECONDS = 30.0  # MoMo asks for at least thirty; the others answer sooner
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
JsonObject = dict[str, Any]


async def asked(
    client: httpx2.AsyncClient,
    url: str,
    *,
    body: Mapping[str, object] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonObject:
    """The JSON object that a provider answers to a POST of a JSON `body` or of a `form`.

    Raises GateAway when nothing was sent or the provider said to wait, GateUnsure when it may have been taken,
    GateRefused on any other 4xx.
    """
    found = await asked_any(client, "POST", url, body=body, form=form, headers=headers)
    if not isinstance(found, dict):
        raise GateUnsure("the answer is garbled: no JSON object")
    return found


async def asked_any(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    body: Mapping[str, object] | Sequence[object] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = TIMEOUT_SECONDS,
    refusals: frozenset[int] = frozenset(),
) -> Any:
    """Any JSON that is answered, numbers as text; raises what asked() raises.

    A 4xx with JSON is given back, but for statuses among `refusals`.
    """
    content = None if body is None else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    sent = {"Content-Type": "application/json; charset=utf-8"} if body is not None else {}
    with watched_call(urlsplit(url).hostname or ""):
        answer = await _sent(client, method, url, content, form, {**sent, **(headers or {})}, seconds)
        if answer.status_code in refusals:
            raise GateRefused(f"HTTP {answer.status_code}")
        return _value_of(answer)


@contextmanager
def watched_call(host: str) -> Iterator[None]:
    """A call to somebody outside, counted and traced with how it ended; faults pass through."""
    began, outcome = time.monotonic(), "answered"
    with spans.span("gate", kind="client", **{"server.address": host}) as span:
        try:
            yield
        except GateFault as fault:
            outcome = type(fault).__name__.removeprefix("Gate").lower()
            raise
        finally:
            span.note(outcome=outcome)
            metrics.gate_seen(host, outcome, time.monotonic() - began)


async def _sent(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    content: bytes | None,
    form: Mapping[str, str] | None,
    headers: Mapping[str, str],
    seconds: float,
) -> httpx2.Response:
    try:
        return await client.request(method, url, content=content, data=form, headers=headers, timeout=seconds)
    except _NOT_SENT as away:
        raise GateAway(f"{type(away).__name__}: {away}") from away
    except httpx2.HTTPError as lost:
        raise GateUnsure(f"{type(lost).__name__}: {lost}") from lost


def _value_of(answer: httpx2.Response) -> Any:
    if answer.status_code in (429, 503):
        raise GateAway(f"HTTP {answer.status_code}")
    if answer.status_code >= 500 or 300 <= answer.status_code < 400 or answer.status_code == 408:
        raise GateUnsure(f"HTTP {answer.status_code}")
    try:
        if len(answer.content) > ANSWER_MAX_BYTES:
            raise Malformed("too long")
        return json_value(answer.content)
    except Malformed as garbled:
        if answer.status_code >= 400:
            raise GateRefused(f"HTTP {answer.status_code}") from garbled
        raise GateUnsure(f"the answer is garbled: {garbled}") from garbled


def json_value(raw: bytes) -> Any:
    """Any JSON with every number left as the text it came in. Raises Malformed; a field twice is malformed."""
    try:
        return json.loads(
            raw.decode(), parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as fault:
        raise Malformed(f"no JSON: {fault}") from fault


def json_object(raw: bytes) -> JsonObject:
    """A JSON object with every number left as the text it came in. Raises Malformed; a field twice is malformed."""
    found = json_value(raw)
    if not isinstance(found, dict):
        raise Malformed("no JSON object")
    return found


def text_of(found: Mapping[str, Any], name: str, length_max: int = 400) -> str:
    """A field as text, "" when missing or null; raises Malformed for what is no plain value or too long."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > length_max:
        raise Malformed(f"{name} must be text of at most {length_max} characters")
    return value.replace("\0", " ").encode("utf-8", "replace").decode()


def said(answer: Mapping[str, Any], name: str) -> str:
    """A field of an answer as text, "" for anything that is none: an answer is never refused for its decoration."""
    value = answer.get(name)
    return (
        value[:2000].replace("\0", " ").encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    )


def said_dong(answer: Mapping[str, Any], name: str) -> int | None:
    """A sum of an answer in whole đồng; None when it says none."""
    try:
        return whole_of(answer, name)
    except Malformed:
        return None


def needed(found: Mapping[str, Any], name: str, length_max: int = 400) -> str:
    """A field that must be there and not blank."""
    value = text_of(found, name, length_max)
    if not value.strip():
        raise Malformed(f"{name} is missing")
    return value


def whole_of(found: Mapping[str, Any], name: str, *, least: int = 0, most: int = AMOUNT_MAX_DONG) -> int:
    """A whole number. Raises Malformed."""
    value = found.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise Malformed(f"{name} must be a whole number")
    if not least <= int(value) <= most:
        raise Malformed(f"{name} must be from {least} to {most}")
    return int(value)


def field_names(text: str) -> tuple[str, ...]:
    """The names of a documented field list, in its order."""
    return tuple(text.split())


def moment_of_ms(found: Mapping[str, Any], name: str) -> datetime:
    """Milliseconds since 1970 as a moment. Raises Malformed."""
    ms = whole_of(found, name, most=253_402_300_799_000)
    return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)


def vietnam_stamp(moment: datetime) -> str:
    """yyyyMMddHHmmss on Vietnam's clock, as VNPAY and others write times."""
    return moment.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def moment_of_stamp(text: str) -> datetime:
    """The moment of yyyyMMddHHmmss on Vietnam's clock. Raises Malformed."""
    if not re.fullmatch("[0-9]{14}", text):
        raise Malformed("a time must be yyyyMMddHHmmss")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise Malformed(f"no time: {text}") from fault


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def hmac_sha256(key: str, message: str | bytes) -> str:
    """HMAC-SHA256 in lower-case hexadecimal. An empty key signs nothing: ValueError."""
    return _hmac(key, message, "sha256")


def hmac_sha512(key: str, message: str | bytes) -> str:
    """HMAC-SHA512 in lower-case hexadecimal. An empty key signs nothing: ValueError."""
    return _hmac(key, message, "sha512")


def is_same(expected: str, sent: object) -> bool:
    """Whether a signature in hexadecimal fits, compared in constant time."""
    return isinstance(sent, str) and hmac.compare_digest(expected.lower().encode(), sent.lower().encode())


def _hmac(key: str, message: str | bytes, name: str) -> str:
    if not key:
        raise ValueError("an empty key signs nothing")
    raw = message if isinstance(message, bytes) else message.encode()
    return hmac.new(key.encode(), raw, getattr(hashlib, name)).hexdigest()


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _once(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field comes twice")
    return found
