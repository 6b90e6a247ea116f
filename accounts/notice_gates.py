"""The gates that carry notices out of the market, each a protocol with a twin: what they take and how they fail."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from kit.clock import VIETNAM, Clock, SystemClock
from kit.told_lines import append_line, newest_lines

FILE = "notices.jsonl"
TAIL_BYTES = 256 * 1024


class NotCarried(Exception):
    """A message has not gone out, or nobody knows whether it has.

    `is_final`: another try would do no better; `is_gone`: the address itself is no more.
    """

    def __init__(self, reason: str, *, is_final: bool = False, is_gone: bool = False) -> None:
        super().__init__(reason)
        self.is_final, self.is_gone = is_final or is_gone, is_gone


@dataclass(frozen=True)
class Letter:
    """A notice in its reader's language. `key` is the same at every try; `url` is whole."""

    key: str
    kind: str
    name: str
    title: str
    words: str
    url: str
    at: datetime
    lasts_seconds: int


@dataclass(frozen=True)
class PushAddress:
    """Where a browser is told, and the keys that only it can read with (RFC 8291): base64url without padding."""

    device_id: int
    endpoint: str
    p256dh: str
    auth: str


class PushGate(Protocol):
    """Tells a browser. Raises NotCarried; final when the browser has taken its address back."""

    @property
    def public_key(self) -> str: ...

    async def send(self, address: PushAddress, letter: Letter) -> None: ...


class ZaloGate(Protocol):
    """Tells a Zalo account by its phone (E.164). Raises NotCarried; final when there is none or it wants none."""

    async def send(self, phone: str, letter: Letter) -> None: ...


class MailGate(Protocol):
    """Sends an e-mail. Raises NotCarried; final when the mailbox is refused."""

    async def send(self, address: str, letter: Letter) -> None: ...


@dataclass(frozen=True)
class PretendLetter:
    """What a twin was asked to carry, where to, by which channel."""

    at: datetime
    channel: str
    address: str
    title: str
    words: str
    url: str


class TwinBox:
    """Where the twins of all channels lay what they would have sent: a file that all processes share."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder, self._clock = folder, clock or SystemClock()

    async def lay(self, channel: str, address: str, letter: Letter, **more: object) -> None:
        """Keeps one letter."""
        line = {
            "at": self._clock.now().isoformat(),
            "channel": channel,
            "address": address,
            "key": letter.key,
            "title": letter.title,
            "words": letter.words,
            "url": letter.url,
            **more,
        }
        await anyio.to_thread.run_sync(append_line, self.folder / FILE, line)


class TwinZalo:
    """Pretends to be Zalo."""

    def __init__(self, box: TwinBox) -> None:
        self.box = box

    async def send(self, phone: str, letter: Letter) -> None:
        """Keeps the letter."""
        await self.box.lay("zalo", phone, letter)


class TwinMail:
    """Pretends to be a mail server."""

    def __init__(self, box: TwinBox) -> None:
        self.box = box

    async def send(self, address: str, letter: Letter) -> None:
        """Keeps the letter."""
        await self.box.lay("email", address, letter)


def recent_letters(folder: Path, limit: int = 50) -> list[PretendLetter]:
    """The twins' newest letters, newest first; reads only the end of their file. Broken lines are left out."""
    return newest_lines(folder / FILE, _read, limit, tail_bytes=TAIL_BYTES)


def _read(line: str) -> PretendLetter | None:
    try:
        read = json.loads(line)
        at = datetime.fromisoformat(read["at"]).astimezone(VIETNAM)
        said = (str(read[name]) for name in ("channel", "address", "title", "words", "url"))
        return PretendLetter(at, *said)
    except (ValueError, TypeError, KeyError):
        return None
