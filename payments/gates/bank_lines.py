"""What gates to bank notices share: strict JSON, fields of the right form, a line of a bank as a verified event."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from kit.clock import VIETNAM
from payments.gate import VND, BadSignature, EventKind, Malformed, Outcome, StatementLine, VerifiedEvent

AMOUNT_MAX_DONG = 9_999_999_999_999
ID_MAX = 2**63 - 1


def json_object(raw: bytes) -> dict[str, Any]:
    """A JSON object; numbers with a point are Decimal, a field twice is refused. Raises Malformed."""
    try:
        body = json.loads(
            raw.decode(),
            parse_float=_decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object_once,
        )
    except (ValueError, RecursionError) as fault:
        raise Malformed(f"the body is no JSON: {fault}") from fault
    if not isinstance(body, dict):
        raise Malformed("the body is no JSON object")
    return body


def whole_of(body: Mapping[str, Any], name: str, least: int, most: int) -> int:
    """A whole number, `5.00` too. Raises Malformed."""
    number = body.get(name)
    if isinstance(number, Decimal) and abs(number) <= most and number == int(number):
        number = int(number)
    if type(number) is not int or not least <= number <= most:
        raise Malformed(f"{name} must be a whole number from {least} to {most}")
    return number


def text_of(body: Mapping[str, Any], name: str, length_max: int) -> str:
    """A text that must be there. Raises Malformed."""
    text = optional_of(body, name, length_max)
    if not text:
        raise Malformed(f"{name} is missing")
    return text


def optional_of(body: Mapping[str, Any], name: str, length_max: int) -> str:
    """The text of a field without what PostgreSQL cannot keep (NUL, half surrogate pairs); "" when blank or missing."""
    text = body.get(name)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > length_max:
        raise Malformed(f"{name} must be text of at most {length_max} characters")
    return text.replace("\0", " ").encode("utf-8", "replace").decode().strip()


def moment_of(body: Mapping[str, Any], name: str) -> datetime:
    """`YYYY-MM-DD HH:MM:SS` on Vietnam's clock as a moment in UTC. Raises Malformed."""
    text = body.get(name)
    if not isinstance(text, str) or not re.fullmatch(
        "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", text
    ):
        raise Malformed(f"{name} must be YYYY-MM-DD HH:MM:SS")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise Malformed(f"{name} is no date: {fault}") from fault


def local_time(at: datetime) -> str:
    """A moment as banks write it, on Vietnam's clock."""
    return at.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")


def only_header(headers: Mapping[str, str], name: str) -> str:
    """A header that must come exactly once. Raises BadSignature."""
    found = [value for key, value in headers.items() if key.lower() == name.lower()]
    if len(found) != 1:
        raise BadSignature(f"{name} must come exactly once")
    return found[0]


def line_event(provider: str, key: str, line: StatementLine, digest: str) -> VerifiedEvent:
    """A line of a bank as an event; `key` is the same on every repeat."""
    return VerifiedEvent(
        provider=provider,
        event_key=key,
        kind=EventKind.STATEMENT_LINE,
        our_ref=line.our_ref,
        provider_ref=line.provider_ref,
        amount_dong=line.amount_dong,
        currency=VND,
        occurred_at=line.at,
        outcome=Outcome.SUCCEEDED,
        digest=digest,
        receiver=line.account_number,
        line=line,
    )


def idle_event(provider: str, kind: EventKind, outcome: Outcome, at: datetime, digest: str) -> VerifiedEvent:
    """News that moves no money: a provider's test, or its word that something failed."""
    return VerifiedEvent(provider, "", kind, "", "", None, VND, at, outcome, digest)


def _decimal(text: str) -> Decimal | None:
    """A number with a point; one with an exponent is none of ours and reads as nothing."""
    return Decimal(text) if set(text) <= set("-.0123456789") else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise ValueError("a field comes twice")
    return body
