"""payOS: its notices of transfers, signed over the sorted fields of `data` (payos.vn/docs, kiem-tra-du-lieu)."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from kit.clock import VIETNAM
from payments.gate import (
    BadSignature,
    Capabilities,
    EventKind,
    HttpAnswer,
    Malformed,
    Outcome,
    RawRequest,
    StatementLine,
    Taken,
    VerifiedEvent,
    json_answer,
)
from payments.gates.bank_asking import BankGate
from payments.gates.bank_lines import (
    AMOUNT_MAX_DONG,
    idle_event,
    json_object,
    line_event,
    optional_of,
    text_of,
    whole_of,
)

NAME = "payos"
# What payOS posts to an address that is being set up (its documentation's worked example): it moved no money.
TEST_LINK = "124c33293c43417ab7879e14c8d9eb18"
_TEST_TOLD: Mapping[str, object] = MappingProxyType(
    {
        "orderCode": 123,
        "amount": 3_000,
        "description": "VQRIO123",
        "accountNumber": "12345678",
        "reference": "TF230204212323",
        "transactionDateTime": "2023-02-04 18:25:00",
        "currency": "VND",
        "paymentLinkId": TEST_LINK,
        "code": "00",
        "desc": "Thành công",
    }
)


class PayosGate(BankGate):
    """payOS with one checksum key. It has no list of transactions."""

    name = NAME

    def __init__(self, checksum_key: str) -> None:
        self.caps = Capabilities(query=False, collects=False)
        self._key = checksum_key

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """A line of the bank; raises BadSignature or Malformed. Several lines may share a payment link.

        The signature covers the fields of `data`, so the body must be taken apart before it is believed; nothing
        is done with it until the signature fits. payOS dates no notice, so a repeat is known by its key alone.
        """
        try:
            body = json_object(request.body)
        except Malformed as unreadable:
            raise BadSignature("no JSON, so nothing that could be signed") from unreadable
        told, said = body.get("data"), body.get("signature")
        if not isinstance(told, dict) or not isinstance(said, str) or not self._key:
            raise BadSignature("data and signature must be there")
        if not hmac.compare_digest(
            signature(self._key, told), said.lower().encode("ascii", "replace").decode()
        ):
            raise BadSignature("the signature does not fit the data")
        return _event(body, told, request)

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """Any 2xx is enough for payOS."""
        if taken in (Taken.PROCESSED, Taken.DUPLICATE, Taken.NOT_FOUND, Taken.AMOUNT_MISMATCH):
            return json_answer(200, {"success": True})
        status = {Taken.BAD_SIGNATURE: 401, Taken.MALFORMED: 400}.get(taken, 503)
        return json_answer(status, {"success": False})

    def test_callback(self, at: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of payOS's own test."""
        return {"Content-Type": "application/json"}, write(self._key, dict(_TEST_TOLD))


def write(checksum_key: str, told: Mapping[str, Any]) -> bytes:
    """A notice's body around what it tells."""
    body = {
        "code": "00",
        "desc": "success",
        "success": True,
        "data": dict(told),
        "signature": signature(checksum_key, told),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(checksum_key: str, told: Mapping[str, Any]) -> str:
    """HMAC-SHA256 in hex of `key=value` joined by `&`, keys sorted; payOS signs notices and answers so."""
    message = "&".join(f"{name}={_value(told[name])}" for name in sorted(told))
    return hmac.new(checksum_key.encode(), message.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _value(value: object) -> str:
    """Nothing as nothing, arrays and objects as compact JSON with sorted keys, all else as text."""
    if value is None or value in ("null", "undefined"):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_number)
    if isinstance(value, Decimal):
        return str(_number(value))
    return str(value)


def _number(value: object) -> float | int:
    """A number as JavaScript writes it: 2.0 is 2."""
    if not isinstance(value, Decimal):
        raise TypeError(f"no JSON: {value!r}")
    return int(value) if value == int(value) else float(value)


def _event(body: Mapping[str, Any], told: Mapping[str, Any], request: RawRequest) -> VerifiedEvent:
    if told.get("paymentLinkId") == TEST_LINK and told.get("reference") == _TEST_TOLD["reference"]:
        return idle_event(NAME, EventKind.TEST, Outcome.SUCCEEDED, request.at, request.digest)
    if body.get("success") is False or told.get("code", "00") != "00":
        return idle_event(NAME, EventKind.PAYMENT, Outcome.FAILED, request.at, request.digest)
    if told.get("currency", "VND") != "VND":
        raise Malformed("currency must be VND")
    key = f"{text_of(told, 'paymentLinkId', 60)}:{text_of(told, 'reference', 59)}"
    return line_event(NAME, key, _line(told, key), request.digest)


def _line(told: Mapping[str, Any], key: str) -> StatementLine:
    return StatementLine(
        provider_ref=key,
        our_ref=_order_code(told),
        amount_dong=whole_of(told, "amount", 1, AMOUNT_MAX_DONG),
        is_incoming=True,
        at=_moment(told),
        account_number=text_of(told, "accountNumber", 40),
        content=optional_of(told, "description", 2_000),
        sub_account=optional_of(told, "virtualAccountNumber", 40),
        bank_reference=text_of(told, "reference", 59),
        gateway="",
    )


def _order_code(told: Mapping[str, Any]) -> str:
    """What the payment link was asked under; "" for none that we could have made."""
    code = told.get("orderCode")
    return str(code) if type(code) is int and 0 < code < 2**53 else ""


def _moment(told: Mapping[str, Any]) -> datetime:
    """`YYYY-MM-DD HH:MM:SS` on Vietnam's clock, or ISO 8601 with its zone: payOS writes both."""
    text = optional_of(told, "transactionDateTime", 40)
    if not re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2}|Z)?", text
    ):
        raise Malformed("transactionDateTime is no time")
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise Malformed(f"transactionDateTime is no date: {fault}") from fault
