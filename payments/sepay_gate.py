"""SePay: sign and verify the notice of a bank transaction, and read it into a typed record."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn

from kit.clock import VIETNAM

SIGNATURE = "X-SePay-Signature"
TIMESTAMP = "X-SePay-Timestamp"
DRIFT_MAX = timedelta(minutes=5)
ACKNOWLEDGED: Mapping[str, bool] = MappingProxyType({"success": True})

_AMOUNT_MAX_DONG = 9_999_999_999_999
_ID_MAX = 2**63 - 1


class BadSignature(ValueError):
    """The notice does not come from the holder of the secret, or was altered on the way: answer 401."""


class StaleNotice(ValueError):
    """Rightly signed, but more than five minutes from now: a replay, or a clock gone wrong. Answer 401."""


class MalformedNotice(ValueError):
    """Rightly signed, but not of the form that SePay documents: keep the raw body for a person to look at."""


@dataclass(frozen=True, slots=True)
class SepayNotice:
    """One transaction on a bank account. `event_key` is unique for SePay and the same on every repetition."""

    event_key: str
    gateway: str
    account_number: str
    sub_account: str | None
    code: str | None
    content: str
    amount_dong: int
    is_incoming: bool
    at: datetime
    reference: str | None


def sign(secret: str, timestamp: int, raw_body: bytes) -> dict[str, str]:
    """The two headers of a notice: HMAC-SHA256 of Unix seconds, a point and the raw body (SePay webhooks)."""
    if not secret:
        raise ValueError("an empty secret signs nothing")
    return {SIGNATURE: f"sha256={_digest(secret, str(timestamp), raw_body)}", TIMESTAMP: str(timestamp)}


def verify(raw: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> SepayNotice:
    """Read a notice after its signature and age were found right; header names in any case, `now` aware.

    Raises BadSignature, StaleNotice or MalformedNotice; the body is not parsed before the signature fits.
    """
    timestamp = _only(headers, TIMESTAMP)
    signature = _only(headers, SIGNATURE)
    _check_signature(raw, timestamp, signature, secret)
    age_s = abs(now.timestamp() - int(timestamp))
    if age_s > DRIFT_MAX.total_seconds():
        raise StaleNotice(f"the notice is {age_s:.0f} s away from now")
    return _read(raw)


def write(notice: SepayNotice) -> bytes:
    """The body that SePay would send for a transaction: what the pretend bank posts."""
    local = notice.at.astimezone(VIETNAM)
    body = {
        "id": int(notice.event_key),
        "gateway": notice.gateway,
        "transactionDate": local.strftime("%Y-%m-%d %H:%M:%S"),
        "accountNumber": notice.account_number,
        "subAccount": notice.sub_account,
        "code": notice.code,
        "content": notice.content,
        "transferType": "in" if notice.is_incoming else "out",
        "description": notice.content,
        "transferAmount": notice.amount_dong,
        "accumulated": 0,
        "referenceCode": notice.reference,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _only(headers: Mapping[str, str], name: str) -> str:
    found = [value for key, value in headers.items() if key.lower() == name.lower()]
    if len(found) != 1:
        raise BadSignature(f"{name} must come exactly once")
    return found[0]


def _check_signature(raw: bytes, timestamp: str, signature: str, secret: str) -> None:
    if not secret:
        raise BadSignature("no secret is set, so no notice can be trusted")
    if not re.fullmatch("[0-9]{1,12}", timestamp):
        raise BadSignature(f"{TIMESTAMP} must be Unix seconds")
    if not re.fullmatch("sha256=[0-9A-Fa-f]{64}", signature):
        raise BadSignature(f"{SIGNATURE} must be sha256= and 64 hexadecimal digits")
    expected = f"sha256={_digest(secret, timestamp, raw)}"
    if not hmac.compare_digest(expected, signature.lower()):
        raise BadSignature("the signature does not fit the body")


def _digest(secret: str, timestamp: str, raw: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def _read(raw: bytes) -> SepayNotice:
    body = _object(raw)
    return SepayNotice(
        event_key=str(_whole(body, "id", 0, _ID_MAX)),
        gateway=_text(body, "gateway", 100),
        account_number=_text(body, "accountNumber", 40),
        sub_account=_optional(body, "subAccount", 40),
        code=_optional(body, "code", 100),
        content=_optional(body, "content", 2_000) or "",
        amount_dong=_whole(body, "transferAmount", 1, _AMOUNT_MAX_DONG),
        is_incoming=_is_incoming(body),
        at=_moment(body),
        reference=_optional(body, "referenceCode", 200),
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(
            raw.decode(),
            parse_float=_decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object_once,
        )
    except (ValueError, RecursionError) as fault:
        raise MalformedNotice(f"the body is no JSON: {fault}") from fault
    if not isinstance(body, dict):
        raise MalformedNotice("the body is no JSON object")
    return body


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


def _whole(body: dict[str, Any], name: str, least: int, most: int) -> int:
    number = body.get(name)
    if isinstance(number, Decimal) and abs(number) <= most and number == int(number):
        number = int(number)
    if type(number) is not int or not least <= number <= most:
        raise MalformedNotice(f"{name} must be a whole number from {least} to {most}")
    return number


def _text(body: dict[str, Any], name: str, length_max: int) -> str:
    text = _optional(body, name, length_max)
    if text is None:
        raise MalformedNotice(f"{name} is missing")
    return text


def _optional(body: dict[str, Any], name: str, length_max: int) -> str | None:
    """The text of a field without what PostgreSQL cannot keep (NUL, half surrogate pairs); blank is None."""
    text = body.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > length_max:
        raise MalformedNotice(f"{name} must be text of at most {length_max} characters")
    return text.replace("\0", " ").encode("utf-8", "replace").decode().strip() or None


def _is_incoming(body: dict[str, Any]) -> bool:
    direction = body.get("transferType")
    if direction not in ("in", "out"):
        raise MalformedNotice("transferType must be in or out")
    return bool(direction == "in")


def _moment(body: dict[str, Any]) -> datetime:
    text = body.get("transactionDate")
    if not isinstance(text, str) or not re.fullmatch(
        "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", text
    ):
        raise MalformedNotice("transactionDate must be YYYY-MM-DD HH:MM:SS")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise MalformedNotice(f"transactionDate is no date: {fault}") from fault
