"""A line between the market and what it reaches by its own address: TCP passed on, until it is cut, slow or deaf.

The market's BASE_URL names this line, so gates ask their twins over it and twins tell the market over it. A connection
whose first request is for `/twins/` goes to the twins' process, any other to a web process.
"""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

READ_BYTES = 16_384
SLOW_SECONDS = (0.2, 1.5)
HEAD_SECONDS = 30.0


class Wire:
    """Listens on a port of its own. `cut`: nobody gets through, what is open breaks off. `slow`: each piece waits.
    `deaf`: what is asked arrives, the answer is lost.
    """

    def __init__(self, twins: int, webs: Sequence[int], seed: int) -> None:
        self.port = 0
        self._twins, self._webs = twins, itertools.cycle(webs)
        self._dice = random.Random(f"line of {seed}")
        self._troubles: list[str] = []
        self._open: set[asyncio.StreamWriter] = set()

    @contextmanager
    def disturbed(self, how: str) -> Iterator[None]:
        """The line is cut, slow or deaf inside; troubles may overlap."""
        self._troubles.append(how)
        if how == "cut":
            for one in list(self._open):
                _end(one)
        try:
            yield
        finally:
            self._troubles.remove(how)

    async def serve(self, caller: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        there: asyncio.StreamWriter | None = None
        self._open.add(back)
        try:
            if "cut" in self._troubles:
                return
            async with asyncio.timeout(HEAD_SECONDS):
                first = await caller.read(READ_BYTES)
            port = self._twins if b" /twins/" in first.partition(b"\r\n")[0] else next(self._webs)
            answers, there = await asyncio.open_connection("127.0.0.1", port)
            self._open.add(there)
            await asyncio.gather(
                self._pass(caller, there, first=first), self._pass(answers, back, is_answer=True)
            )
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            for one in (back, there):
                if one is not None:
                    self._open.discard(one)
                    _end(one)

    async def _pass(
        self,
        source: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        *,
        first: bytes = b"",
        is_answer: bool = False,
    ) -> None:
        piece = first or await source.read(READ_BYTES)
        while piece:
            if "slow" in self._troubles:
                await asyncio.sleep(self._dice.uniform(*SLOW_SECONDS))
            if is_answer and "deaf" in self._troubles:
                raise ConnectionResetError("the answer is lost")
            to.write(piece)
            await to.drain()
            piece = await source.read(READ_BYTES)
        with contextlib.suppress(OSError, RuntimeError):
            to.write_eof()


@asynccontextmanager
async def opened(wire: Wire, port: int) -> AsyncIterator[Wire]:
    """The line, listening on a port."""
    server = await asyncio.start_server(wire.serve, "127.0.0.1", port)
    wire.port = port
    try:
        yield wire
    finally:
        server.close()
        for one in list(wire._open):
            _end(one)


def _end(one: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        one.transport.abort()
