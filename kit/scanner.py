"""Files looked at for malware before anybody reads them: the gate, and clamd behind it (man clamd, INSTREAM)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

SCAN_SECONDS = 20.0
ANSWER_MAX = 1024


class ScannerAway(Exception):
    """Nobody looked at the file: no answer, no connection, too large for the scanner; the text is for the log."""


class Scanner(Protocol):
    """Looks at files."""

    async def found(self, pieces: AsyncIterator[bytes]) -> str:
        """The name of what was found in a file, "" for nothing. Raises ScannerAway."""
        ...


class Clamd:
    """ClamAV's daemon at tcp://host:port or unix:///path: one connection a file, sent in pieces as it is read."""

    def __init__(self, address: str, *, seconds: float = SCAN_SECONDS) -> None:
        self._address, self._seconds = urlsplit(address), seconds

    async def found(self, pieces: AsyncIterator[bytes]) -> str:
        """The name of what was found in a file, "" for nothing. Raises ScannerAway."""
        try:
            async with asyncio.timeout(self._seconds):
                return _read(await self._asked(pieces))
        except TimeoutError as late:
            raise ScannerAway(f"no answer in {self._seconds:.0f} s") from late
        except (OSError, asyncio.IncompleteReadError) as away:
            raise ScannerAway(str(away) or type(away).__name__) from away

    async def _asked(self, pieces: AsyncIterator[bytes]) -> bytes:
        reader, writer = await self._connected()
        try:
            writer.write(b"zINSTREAM\0")
            # Where the file is too large clamd answers and hangs up while we still send: its answer counts.
            with suppress(ConnectionError):
                async for piece in pieces:
                    if piece:
                        writer.write(len(piece).to_bytes(4) + piece)
                        await writer.drain()
                writer.write(bytes(4))
                await writer.drain()
            return await reader.read(ANSWER_MAX)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.scheme == "unix":
            return await asyncio.open_unix_connection(self._address.path)
        return await asyncio.open_connection(self._address.hostname, self._address.port)


def _read(answer: bytes) -> str:
    """«stream: OK», «stream: Eicar-Test-Signature FOUND», or an error, which is no answer."""
    said = answer.rstrip(b"\0\n").decode(errors="replace")
    if said == "stream: OK":
        return ""
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerAway(f"it says {said[:100]!r}")
