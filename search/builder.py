"""Building the index anew in a process of its own: the worker's jobs go on, and the memory it takes is given back."""

import asyncio
import logging
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress

log = logging.getLogger("search")


class IndexBuilder:
    """Runs a command that builds the index, one at a time. Killed in the middle, the old index goes on serving."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._running: Process | None = None

    async def begin(self) -> bool:
        """Begins to build and does not wait for the end; False when a build is under way."""
        if self._running is not None and self._running.returncode is None:
            return False
        if self._running is not None and self._running.returncode:
            log.warning("the last build of the index ended with %s", self._running.returncode)
        self._running = await asyncio.create_subprocess_exec(*self._command, stdin=asyncio.subprocess.DEVNULL)
        return True

    async def close(self) -> None:
        """Ends a build that is under way; the next one begins anew."""
        if self._running is not None and self._running.returncode is None:
            with suppress(ProcessLookupError):
                self._running.terminate()
            await self._running.wait()
