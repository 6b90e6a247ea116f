"""The gate for text messages: a twin that shows them on the console and a page, or a webhook that sends them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import anyio.to_thread
import httpx2

from kit.clock import VIETNAM, Clock, SystemClock
from kit.told_lines import append_line, newest_lines

FILE = "texts.jsonl"
TAIL_BYTES = 128 * 1024
TIMES = httpx2.Timeout(10.0, connect=5.0)


class TextNotSent(Exception):
    """The text has not gone out, or nobody knows whether it has; worth another try."""


class SmsGate(Protocol):
    """Sends words to a phone (E.164). Raises TextNotSent."""

    async def send(self, phone: str, words: str) -> None: ...


class TwinSms:
    """Pretends to send: writes each text into a file that all processes share and says it on the console."""

    def __init__(self, folder: Path, echo: Callable[[str], None], clock: Clock | None = None) -> None:
        self.folder = folder
        self._echo, self._clock = echo, clock or SystemClock()

    async def send(self, phone: str, words: str) -> None:
        """Keeps and shows one text."""
        line = {"at": self._clock.now().isoformat(), "phone": phone, "words": words}
        await anyio.to_thread.run_sync(append_line, self.folder / FILE, line)
        self._echo(f"--- tin nhắn giả / pretend text · {phone} ---\n{words}\n---")


class WebhookSms:
    """Posts {phone, text} as JSON to an SMS or Zalo provider's relay, with a bearer key.

    Any 2xx answer means that the relay has taken the text over.
    """

    def __init__(self, url: str, key: str, *, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._url, self._key, self._transport = url, key, transport

    async def send(self, phone: str, words: str) -> None:
        """Hands one text over. Raises TextNotSent; neither its words nor the key are in the error."""
        headers = {"authorization": f"Bearer {self._key}"}
        content = {"phone": phone, "text": words}
        try:
            async with httpx2.AsyncClient(timeout=TIMES, transport=self._transport) as client:
                answer = await client.post(self._url, json=content, headers=headers)
        except httpx2.HTTPError as away:
            raise TextNotSent(f"the SMS relay is away: {type(away).__name__}") from away
        if not answer.is_success:
            raise TextNotSent(f"the SMS relay answered {answer.status_code}")


@dataclass(frozen=True)
class PretendText:
    """A text that the twin was asked to send."""

    at: datetime
    phone: str
    words: str


def recent_texts(folder: Path, limit: int = 50) -> list[PretendText]:
    """The twin's newest texts, newest first; reads only the end of its file. Broken lines are left out."""
    return newest_lines(folder / FILE, _read, limit, tail_bytes=TAIL_BYTES)


def _read(line: str) -> PretendText | None:
    try:
        read = json.loads(line)
        at = datetime.fromisoformat(read["at"]).astimezone(VIETNAM)
        return PretendText(at, str(read["phone"]), str(read["words"]))
    except (ValueError, TypeError, KeyError):
        return None
