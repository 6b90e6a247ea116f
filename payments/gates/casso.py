"""Casso webhook 2: notices signed over their sorted JSON, and its list of transactions (developer.casso.vn)."""

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
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

NAME = "casso"
API_URL = "https://oauth.casso.vn/v2"
SIGNATURE = "X-Casso-Signature"
TEST_REFERENCE = "MA_GIAO_DICH_THU_NGHIEM"
AHEAD_MAX = timedelta(minutes=5)
PAGE_SIZE, PAGES_MAX = 100, 100
DEPTH_MAX = 20
# JSON text is not one text: writers escape accents and slashes, or do not (JavaScript, Python, PHP).
_WRITINGS = ((False, False), (True, False), (True, True))


class CassoGate(BankGate):
    """Casso with one key. `api_key` opens its list."""

    name = NAME

    def __init__(
        self,
        secret: str,
        *,
        api_key: str = "",
        api_url: str = API_URL,
        client: httpx2.AsyncClient | None = None,
    ) -> None:
        self.caps = Capabilities(query=False, collects=False, list_transactions=bool(api_key and client))
        self._secret, self._api_key, self._api_url, self._client = secret, api_key, api_url, client

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """A line of the bank; raises BadSignature, Stale (dated ahead) or Malformed. Its own test call is a test.

        The signature covers the sorted JSON, so the body must be taken apart before it is believed; nothing is
        done with it until the signature fits. An old date is no fault: repeats keep theirs, and a line counts once.
        """
        signed_at, said = _signature_in(only_header(request.headers, SIGNATURE))
        try:
            body = json_object(request.body)
            texts = [canonical(body, *how) for how in _WRITINGS]
        except Malformed as unreadable:
            raise BadSignature("no JSON, so nothing that could be signed") from unreadable
        if not self._secret or not any(_fits(self._secret, signed_at, text, said) for text in texts):
            raise BadSignature("the signature does not fit the body")
        if int(signed_at) / 1000 > (request.at + AHEAD_MAX).timestamp():
            raise Stale("the notice is dated ahead")
        return _event(body, request)

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """Any 2xx is enough for Casso."""
        if taken in (Taken.PROCESSED, Taken.DUPLICATE, Taken.NOT_FOUND, Taken.AMOUNT_MISMATCH):
            return json_answer(200, {"error": 0})
        status = {Taken.BAD_SIGNATURE: 401, Taken.MALFORMED: 400}.get(taken, 503)
        return json_answer(status, {"error": status, "message": taken.value})

    def test_callback(self, at: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of Casso's own test call: id 0, a reference of its own."""
        raw = json.dumps(
            {"error": 0, "data": {"id": 0, "reference": TEST_REFERENCE, "amount": 599_000}}
        ).encode()
        return {**sign(self._secret, at, raw), "Content-Type": "application/json"}, raw

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """Its list (GET /transactions), oldest first, page after page; from a day on, as its documentation has it."""
        for page in range(1, PAGES_MAX + 1):
            found = await asked_for(
                self._client,
                f"{self._api_url}/transactions",
                {
                    "fromDate": local_time(since)[:10],
                    "page": str(page),
                    "pageSize": str(PAGE_SIZE),
                    "sort": "ASC",
                },
                {"Authorization": f"Apikey {self._api_key}"},
            )
            answer = found.get("data")
            rows = answer.get("records") if isinstance(answer, dict) else None
            if found.get("error") != 0 or not isinstance(rows, list):
                raise GateRefused(str(found.get("error")), str(found.get("message"))[:200])
            for row in rows:
                line = _listed(row)
                if since <= line.at <= until or _is_of_the_day(line, since, until):
                    yield line
            if page >= _pages_in(answer, page, len(rows)):
                return


def sign(secret: str, at: datetime, raw: bytes) -> dict[str, str]:
    """The header of a notice, signed over its JSON as JavaScript writes it."""
    if not secret:
        raise ValueError("an empty secret signs nothing")
    signed_at = str(int(at.timestamp() * 1000))
    digest = _digest(secret, signed_at, canonical(json_object(raw), *_WRITINGS[0]))
    return {SIGNATURE: f"t={signed_at},v1={digest}"}


def written(body: Mapping[str, object]) -> bytes:
    """A notice's body as Casso posts it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def canonical(value: object, is_escaped: bool, has_slashes_escaped: bool, depth: int = 0) -> str:
    """A JSON value on one line without blanks, keys sorted at every level. Raises Malformed when nested too deep."""
    if depth > DEPTH_MAX:
        raise Malformed("nested too deep")
    if isinstance(value, dict):
        fields = (
            f"{_text(key, is_escaped, has_slashes_escaped)}:"
            f"{canonical(value[key], is_escaped, has_slashes_escaped, depth + 1)}"
            for key in sorted(value)
        )
        return "{" + ",".join(fields) + "}"
    if isinstance(value, list):
        inner = (canonical(one, is_escaped, has_slashes_escaped, depth + 1) for one in value)
        return "[" + ",".join(inner) + "]"
    if isinstance(value, str):
        return _text(value, is_escaped, has_slashes_escaped)
    if isinstance(value, Decimal):
        # JavaScript writes 25.00 as 25 and 1.50 as 1.5.
        plain = format(value, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return json.dumps(value)


def _text(text: str, is_escaped: bool, has_slashes_escaped: bool) -> str:
    written = json.dumps(text, ensure_ascii=is_escaped)
    return written.replace("/", "\\/") if has_slashes_escaped else written


def _signature_in(header: str) -> tuple[str, str]:
    found = re.fullmatch("t=([0-9]{1,15}),v1=([0-9A-Fa-f]{128})", header.replace(" ", ""))
    if found is None:
        raise BadSignature(f"{SIGNATURE} must be t=<ms>,v1=<128 hexadecimal digits>")
    return found[1], found[2].lower()


def _fits(secret: str, signed_at: str, text: str, said: str) -> bool:
    return hmac.compare_digest(_digest(secret, signed_at, text), said)


def _digest(secret: str, signed_at: str, text: str) -> str:
    message = f"{signed_at}.{text}".encode("utf-8", "replace")
    return hmac.new(secret.encode(), message, hashlib.sha512).hexdigest()


def _event(body: Mapping[str, Any], request: RawRequest) -> VerifiedEvent:
    told = body.get("data")
    if body.get("error") not in (0, None):
        return idle_event(NAME, EventKind.STATEMENT_LINE, Outcome.FAILED, request.at, request.digest)
    if not isinstance(told, dict):
        raise Malformed("data must be an object")
    if told.get("id") == 0 and told.get("reference") == TEST_REFERENCE:
        return idle_event(NAME, EventKind.TEST, Outcome.SUCCEEDED, request.at, request.digest)
    line = _line(told)
    return line_event(NAME, line.provider_ref, line, request.digest)


def _line(told: Mapping[str, Any]) -> StatementLine:
    amount_dong = whole_of(told, "amount", -AMOUNT_MAX_DONG, AMOUNT_MAX_DONG)
    if amount_dong == 0:
        raise Malformed("amount must not be 0")
    return StatementLine(
        provider_ref=str(whole_of(told, "id", 1, ID_MAX)),
        our_ref="",
        amount_dong=abs(amount_dong),
        is_incoming=amount_dong > 0,
        at=moment_of(told, "transactionDateTime"),
        account_number=text_of(told, "accountNumber", 40),
        content=optional_of(told, "description", 2_000),
        sub_account=optional_of(told, "virtualAccountNumber", 40),
        bank_reference=optional_of(told, "reference", 200)[:80],
        gateway=optional_of(told, "bankName", 100),
    )


def _pages_in(answer: object, page: int, rows: int) -> int:
    """How many pages there are: as told (`totalPages`), else more as long as this one is full."""
    told = answer.get("totalPages") if isinstance(answer, dict) else None
    if isinstance(told, int):
        return told
    return page + 1 if rows >= PAGE_SIZE else page


def _is_of_the_day(line: StatementLine, since: datetime, until: datetime) -> bool:
    """Whether a record of which only the day is known may lie in this time."""
    is_midnight = local_time(line.at).endswith(" 00:00:00")
    return is_midnight and line.at <= until and line.at + timedelta(days=1) > since


def _listed(row: object) -> StatementLine:
    """A record of the list (developer.casso.vn, «API lấy giao dịch»): `tid` is the bank's reference, `when` the time.

    Some banks tell no more than the day: `when` is then a date, or midnight.
    """
    if not isinstance(row, dict):
        raise GateRefused("records", "a record is no object")
    when = str(row.get("when", ""))[:19].replace("T", " ")
    named = {
        **row,
        "transactionDateTime": f"{when} 00:00:00" if len(when) == 10 else when,
        "accountNumber": row.get("bankSubAccId") or row.get("subAccId"),
        "reference": row.get("tid"),
        "virtualAccountNumber": row.get("virtualAccount"),
        "bankName": row.get("bankCodeName"),
    }
    try:
        return _line(named)
    except Malformed as wrong:
        raise GateRefused("records", str(wrong)) from wrong
