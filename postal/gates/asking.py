"""What every gate is given, and asking a carrier with it: honest faults in the protocol's words; times, cut texts."""

import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx2

from kit.clock import VIETNAM
from kit.gates import BadSignature, GateAway, GateRefused, GateUnsure, Malformed, RawRequest
from kit.wire import asked_any
from postal.carrier import CarrierAmbiguous, CarrierRejected, CarrierUnavailable, Party, WebhookVerdict
from vendors.services import short_province

QUOTE_SECONDS = 4.0
ACT_SECONDS = 25.0
NO_ACCESS = frozenset({401, 403})
_TIMES = (
    (re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d"), "%d/%m/%Y %H:%M:%S"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "%Y-%m-%d %H:%M:%S"),
)


class AccessRefused(Exception):
    """The carrier does not know our token any more."""


@dataclass(frozen=True)
class Line:
    """What every gate is given beside its carrier's keys: where that carrier answers, a client and the clock.

    `label_url` is where it shows labels to a browser. `is_twin`: a pretend carrier is at the other end.
    """

    url: str
    client: httpx2.AsyncClient
    now: Callable[[], datetime]
    label_url: str = ""
    is_twin: bool = False

    def at(self, path: str) -> str:
        """The whole address of a question."""
        return self.url.rstrip("/") + path


async def ask(
    line: Line,
    method: str,
    path: str,
    *,
    body: Mapping[str, object] | Sequence[object] | None = None,
    headers: Mapping[str, str] | None = None,
    creates: str = "",
    seconds: float = ACT_SECONDS,
) -> Any:
    """Any JSON that the carrier answers, numbers as text.

    With `creates` (our reference) an answer that was lost raises CarrierAmbiguous; a question that only reads may be
    asked again: CarrierUnavailable. A 4xx without JSON is CarrierRejected, a refused token AccessRefused.
    """
    try:
        return await asked_any(
            line.client,
            method,
            line.at(path),
            body=body,
            headers=headers,
            seconds=seconds,
            refusals=NO_ACCESS,
        )
    except GateAway as away:
        raise CarrierUnavailable() from away
    except GateUnsure as unsure:
        if creates:
            raise CarrierAmbiguous(creates) from unsure
        raise CarrierUnavailable() from unsure
    except GateRefused as refused:
        if refused.code in {f"HTTP {one}" for one in NO_ACCESS}:
            raise AccessRefused from refused
        raise CarrierRejected("", refused.code) from refused


async def ask_file(
    line: Line, method: str, path: str, *, body: object, headers: Mapping[str, str]
) -> tuple[bytes, str]:
    """A file and its media type. Raises CarrierUnavailable."""
    try:
        answer = await line.client.request(
            method, line.at(path), json=body, headers=dict(headers), timeout=ACT_SECONDS
        )
    except httpx2.HTTPError as lost:
        raise CarrierUnavailable() from lost
    if answer.status_code != 200:
        raise CarrierUnavailable()
    return answer.content, answer.headers.get("content-type", "application/pdf").partition(";")[0]


def hook_status(verdict: WebhookVerdict) -> int:
    """The HTTP status that tells a carrier what became of its webhook: 200 ends its repeats, 500 asks for one."""
    return {WebhookVerdict.REFUSED: 401, WebhookVerdict.FAULT: 500}.get(verdict, 200)


def check_key(secret: str, request: RawRequest, name: str) -> None:
    """Refuses a call whose address does not carry the secret. Raises BadSignature."""
    sent = parse_qs(request.query).get(name, [""])
    if not secret or len(sent) != 1 or not hmac.compare_digest(sent[0].encode(), secret.encode()):
        raise BadSignature("the address does not hold the secret")


def object_in(answer: object, creates: str = "") -> dict[str, Any]:
    """An answer that has to be an object. Anything else is no answer."""
    if isinstance(answer, dict):
        return answer
    if creates:
        raise CarrierAmbiguous(creates)
    raise CarrierUnavailable()


def objects_in(answer: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing else counts."""
    return [one for one in answer if isinstance(one, dict)] if isinstance(answer, list) else []


def moment_of(text: str) -> datetime:
    """A carrier's time: dd/MM/yyyy HH:mm:ss or yyyy-MM-dd HH:mm:ss on Vietnam's clock, or ISO 8601.

    Fractions of a second may have any number of digits. Raises Malformed.
    """
    text = text.strip()
    try:
        for shape, form in _TIMES:
            if shape.fullmatch(text):
                return datetime.strptime(text, form).replace(tzinfo=VIETNAM).astimezone(UTC)
        found = datetime.fromisoformat(re.sub(r"\.(\d{6})\d+", r".\1", text))
        return (found if found.tzinfo else found.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise Malformed(f"no time: {text[:40]!r}") from fault


def local_stamp(moment: datetime) -> str:
    """dd/MM/yyyy HH:mm:ss on Vietnam's clock, as Viettel Post and VNPost write times."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")


def days_in(text: str, *, otherwise: int) -> int:
    """Whole days in "48 giờ", "2 ngày" or "36"; a bare number is hours."""
    found = re.search(r"\d+(?:[.,]\d+)?", text)
    if not found:
        return otherwise
    number = float(found[0].replace(",", "."))
    days = number if "ngày" in text.lower() else number / 24
    return max(0, -int(-days // 1))


def cut_bytes(text: str, most: int) -> str:
    """The beginning of a text that is at most so many bytes of UTF-8, never half a letter."""
    return text.encode()[:most].decode(errors="ignore").rstrip()


def dong_of(found: Mapping[str, Any], name: str) -> int | None:
    """A sum in whole đồng, "12000.0" too; None when there is none."""
    value = found.get(name)
    try:
        return int(float(value)) if isinstance(value, str) and value.strip() else None
    except (ValueError, OverflowError):
        return None


def word_of(found: Mapping[str, Any], name: str) -> str:
    """A field as a plain word, "" for anything else."""
    value = found.get(name)
    return value.strip() if isinstance(value, str) else ""


def is_true(found: Mapping[str, Any], name: str) -> bool:
    """A field that says yes: true, "true" or 1."""
    return str(found.get(name)).lower() in ("true", "1")


def address_of(party: Party) -> str:
    """The address as one text: two levels, and in brackets the three that the person gave, for carriers who sort so."""
    before = f" ({party.old_place})" if party.old_place else ""
    return f"{party.line}, {party.commune}, {party.province}{before}"


def names_of(party: Party) -> tuple[str, str]:
    """Commune and province for carriers that want names: as a person wrote that carrier spells them, else official.

    The province goes without its type, «Thái Nguyên», whether it comes from our list of units or from an order.
    """
    if party.area:
        return party.area.name, party.area.parent_name
    return party.commune, short_province(party.province)


def local_phone(phone: str) -> str:
    """A number as it is dialled at home: 0912345678."""
    return "0" + phone[3:] if phone.startswith("+84") else phone


def raw_text(found: Mapping[str, Any]) -> str:
    """What was answered, to be kept as it came."""
    return json.dumps(found, ensure_ascii=False, sort_keys=True)
