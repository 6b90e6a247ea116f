"""SePay: its notices of bank transactions, signed and verified, and its list of them (developer.sepay.vn)."""

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from payments.gate import (
    BadSignature,
    Capabilities,
    EventKind,
    GateRefused,
    HttpAnswer,
    Malformed,
    Outcome,
    RawRequest,
    Stale,
    StatementLine,
    Taken,
    VerifiedEvent,
    json_answer,
)
from payments.gates.bank_asking import BankGate, asked_for
from payments.gates.bank_lines import (
    AMOUNT_MAX_DONG,
    ID_MAX,
    idle_event,
    json_object,
    line_event,
    local_time,
    moment_of,
    only_header,
    optional_of,
    text_of,
    whole_of,
)

NAME = "sepay"
API_URL = "https://my.sepay.vn/userapi"
SIGNATURE = "X-SePay-Signature"
TIMESTAMP = "X-SePay-Timestamp"
DRIFT_MAX = timedelta(minutes=5)
LIST_MAX = 5_000
_NO_MONEY = {"id": 0, "transferAmount": 0}


class SepayGate(BankGate):
    """SePay with one key. `api_token` opens its list; `allows_api_key`: notices may also bear the key itself."""

    name = NAME

    def __init__(
        self,
        secret: str,
        *,
        api_token: str = "",
        api_url: str = API_URL,
        client: httpx2.AsyncClient | None = None,
        allows_api_key: bool = False,
    ) -> None:
        self.caps = Capabilities(query=False, collects=False, list_transactions=bool(api_token and client))
        self._secret, self._allows_api_key = secret, allows_api_key
        self._api_token, self._api_url, self._client = api_token, api_url, client

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """A line of the bank; raises BadSignature, Stale or Malformed. `id` 0 is a test."""
        if self._allows_api_key and not request.header(SIGNATURE):
            _check_api_key(request.headers, self._secret)
            body = json_object(request.body)
        else:
            body = _verified(request.body, request.headers, self._secret, request.at)
        if _is_test(body):
            return idle_event(NAME, EventKind.TEST, Outcome.SUCCEEDED, request.at, request.digest)
        line = _line(body)
        return line_event(NAME, line.provider_ref, line, request.digest)

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """200 {"success": true} stops the repeats; anything else brings seven more within half an hour."""
        if taken in (Taken.PROCESSED, Taken.DUPLICATE, Taken.NOT_FOUND, Taken.AMOUNT_MISMATCH):
            return json_answer(200, {"success": True})
        status = {Taken.BAD_SIGNATURE: 401, Taken.MALFORMED: 400}.get(taken, 503)
        return json_answer(status, {"success": False, "message": taken.value})

    def test_callback(self, at: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of a test that moves no money."""
        raw = json.dumps(_NO_MONEY).encode()
        return {**sign(self._secret, int(at.timestamp()), raw), "Content-Type": "application/json"}, raw

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """Its list of transactions (my.sepay.vn/userapi/transactions/list), oldest first, up to 5,000."""
        found = await asked_for(
            self._client,
            f"{self._api_url}/transactions/list",
            {
                "transaction_date_min": local_time(since)[:10],
                "transaction_date_max": local_time(until)[:10],
                "limit": str(LIST_MAX),
            },
            {"Authorization": f"Bearer {self._api_token}"},
        )
        rows = found.get("transactions")
        if not isinstance(rows, list):
            raise GateRefused("transactions", "no list")
        for row in reversed(rows):
            line = _listed(row)
            if since <= line.at <= until:
                yield line


def sign(secret: str, timestamp: int, raw_body: bytes) -> dict[str, str]:
    """The two headers of a notice: HMAC-SHA256 of Unix seconds, a point and the raw body (SePay webhooks)."""
    if not secret:
        raise ValueError("an empty secret signs nothing")
    return {SIGNATURE: f"sha256={_digest(secret, str(timestamp), raw_body)}", TIMESTAMP: str(timestamp)}


def verify(raw: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> StatementLine:
    """Read a notice after its signature and age were found right; header names in any case, `now` aware.

    Raises BadSignature, Stale or Malformed; the body is not parsed before the signature fits.
    """
    return _line(_verified(raw, headers, secret, now))


def write(line: StatementLine) -> bytes:
    """The body that SePay would send for a transaction: what the pretend bank posts."""
    body = {
        "id": int(line.provider_ref),
        "gateway": line.gateway,
        "transactionDate": local_time(line.at),
        "accountNumber": line.account_number,
        "subAccount": line.sub_account or None,
        "code": line.our_ref or None,
        "content": line.content,
        "transferType": "in" if line.is_incoming else "out",
        "description": line.content,
        "transferAmount": line.amount_dong,
        "accumulated": 0,
        "referenceCode": line.bank_reference or None,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _verified(raw: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> dict[str, Any]:
    timestamp = only_header(headers, TIMESTAMP)
    _check_signature(raw, timestamp, only_header(headers, SIGNATURE), secret)
    age_s = abs(now.timestamp() - int(timestamp))
    if age_s > DRIFT_MAX.total_seconds():
        raise Stale(f"the notice is {age_s:.0f} s away from now")
    return json_object(raw)


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


def _check_api_key(headers: Mapping[str, str], secret: str) -> None:
    """`Authorization: Apikey <key>`, SePay's way without a signature."""
    shown = only_header(headers, "Authorization")
    if not secret or not hmac.compare_digest(f"Apikey {secret}".encode(), shown.encode("utf-8", "replace")):
        raise BadSignature("the key does not fit")


def _digest(secret: str, timestamp: str, raw: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def _is_test(body: Mapping[str, Any]) -> bool:
    return all(type(body.get(name)) is int and body[name] == value for name, value in _NO_MONEY.items())


def _line(body: Mapping[str, Any]) -> StatementLine:
    return StatementLine(
        provider_ref=str(whole_of(body, "id", 0, ID_MAX)),
        our_ref=optional_of(body, "code", 100),
        amount_dong=whole_of(body, "transferAmount", 1, AMOUNT_MAX_DONG),
        is_incoming=_is_incoming(body),
        at=moment_of(body, "transactionDate"),
        account_number=text_of(body, "accountNumber", 40),
        content=optional_of(body, "content", 2_000),
        sub_account=optional_of(body, "subAccount", 40),
        bank_reference=optional_of(body, "referenceCode", 200)[:80],
        gateway=text_of(body, "gateway", 100),
    )


def _is_incoming(body: Mapping[str, Any]) -> bool:
    direction = body.get("transferType")
    if direction not in ("in", "out"):
        raise Malformed("transferType must be in or out")
    return bool(direction == "in")


def _listed(row: object) -> StatementLine:
    """A line of the list: numbers come as texts there, one of amount_in and amount_out is nought."""
    if not isinstance(row, dict):
        raise GateRefused("transactions", "a line is no object")
    try:
        came, went = _sum(row, "amount_in"), _sum(row, "amount_out")
        number = str(row.get("id", ""))
        if not re.fullmatch("[0-9]{1,19}", number) or (came > 0) == (went > 0):
            raise Malformed("a line needs a number and one sum")
        return StatementLine(
            provider_ref=number,
            our_ref=optional_of(row, "code", 100),
            amount_dong=came or went,
            is_incoming=came > 0,
            at=moment_of(row, "transaction_date").astimezone(UTC),
            account_number=text_of(row, "account_number", 40),
            content=optional_of(row, "transaction_content", 2_000),
            sub_account=optional_of(row, "sub_account", 40),
            bank_reference=optional_of(row, "reference_number", 200)[:80],
            gateway=optional_of(row, "bank_brand_name", 100),
        )
    except Malformed as wrong:
        raise GateRefused("transactions", str(wrong)) from wrong


def _sum(row: Mapping[str, Any], name: str) -> int:
    text = str(row.get(name, "0"))
    if not re.fullmatch(r"[0-9]{1,13}(\.0{1,2})?", text):
        raise Malformed(f"{name} must be whole đồng")
    return int(text.partition(".")[0])
