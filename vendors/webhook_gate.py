"""The way to sellers' own systems: one signed post to a public address, and the pretend receiver of the demo."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kit.clock import VIETNAM
from kit.outward import NotReached, post_outward, public_only
from kit.settings import Settings
from kit.told_lines import append_line, newest_lines

TWIN_PATH = "/twins/webhooks/"
FILE = "webhooks.jsonl"
TAIL_BYTES = 256 * 1024
KEPT_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature", "content-type")


@dataclass(frozen=True)
class Posted:
    """What came back: 0 when nothing did."""

    status: int
    answer: str
    took_ms: int
    wait_seconds: int


@dataclass(frozen=True)
class Received:
    """What the pretend receiver heard, and what it answered."""

    at: datetime
    name: str
    headers: dict[str, str]
    body: str
    status: int


def twin_url(settings: Settings) -> str:
    """Where this installation's pretend receiver stands; "" for none."""
    return f"{settings.base_url}{TWIN_PATH}" if settings.webhook_twin else ""


async def post_message(url: str, headers: Mapping[str, str], body: bytes, settings: Settings) -> Posted:
    """Posts a message. Private addresses are refused, but for the pretend receiver's where there is one."""
    twin = twin_url(settings)
    allowed = (lambda address, host, port: True) if twin and url.startswith(twin) else public_only
    began = time.monotonic()
    try:
        answer = await post_outward(url, headers=headers, content=body, allowed=allowed)
    except NotReached as away:
        return Posted(0, str(away), _ms_since(began), 0)
    asked = answer.headers.get("retry-after", "")
    wait_seconds = int(asked) if asked.isdecimal() and len(asked) < 7 else 0
    return Posted(answer.status, answer.body, _ms_since(began), wait_seconds)


def hear(
    folder: Path, name: str, headers: Mapping[str, str], body: bytes, *, misses: int, now: datetime
) -> int:
    """What the pretend receiver answers: 500 to the first `misses` tries of a message, then 204. It keeps them all."""
    told = {one: headers.get(one, "") for one in KEPT_HEADERS}
    before = sum(
        one.name == name and one.headers["webhook-id"] == told["webhook-id"]
        for one in heard(folder, limit=1000)
    )
    status = 500 if before < misses else 204
    line = {
        "at": now.isoformat(),
        "name": name,
        "headers": told,
        "body": body.decode(errors="replace"),
        "status": status,
    }
    append_line(folder / FILE, line)
    return status


def heard(folder: Path, limit: int = 50) -> list[Received]:
    """What the pretend receiver heard last, newest first."""
    return newest_lines(folder / FILE, _read, limit, tail_bytes=TAIL_BYTES)


def _read(line: str) -> Received | None:
    try:
        read = json.loads(line)
        at = datetime.fromisoformat(read["at"]).astimezone(VIETNAM)
        return Received(at, str(read["name"]), dict(read["headers"]), str(read["body"]), int(read["status"]))
    except (ValueError, TypeError, KeyError):
        return None


def _ms_since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
