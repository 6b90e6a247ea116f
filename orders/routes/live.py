"""Server-sent events: a screen that waits is told when what it shows has changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kit.fanout import Fanout
from kit.web.callers import is_still_let_in, parts_of

LOOK_SECONDS = 5.0
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 600.0
Read = Callable[[], Awaitable[str]]


def live_answer(request: Request, channels: list[str], read: Read) -> Response:
    """A stream of `state` events, each with the mark that `read` gives for what the screen shows.

    It reads at once, at each news of a channel and every 5 s (news may be lost, the database is the truth), says
    something every 15 s at the latest, and ends when the reader goes, within 15 s of their session's end, and after 10
    minutes; then browsers ask again.
    """
    return StreamingResponse(
        _events(request, channels, read),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(request: Request, channels: list[str], read: Read) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    ends, spoken, asked, mark = loop.time() + STREAM_SECONDS, loop.time(), loop.time(), ""
    async with AsyncExitStack() as stack:
        fanout = parts_of(request)[Fanout]
        news = [await stack.enter_async_context(fanout.listening(channel)) for channel in channels]
        yield "retry: 3000\n\n"
        while loop.time() < ends and not await request.is_disconnected():
            for event in news:
                event.clear()
            fresh = await read()
            if fresh != mark:
                mark, spoken = fresh, loop.time()
                yield f"event: state\nid: {mark}\ndata: {mark}\n\n"
            elif loop.time() - spoken >= HEARTBEAT_SECONDS:
                spoken = loop.time()
                yield ": still here\n\n"
            if loop.time() >= asked + HEARTBEAT_SECONDS:
                asked = loop.time()
                if not await is_still_let_in(request):
                    return
            await _any(news, LOOK_SECONDS)


async def _any(news: Sequence[asyncio.Event], seconds: float) -> None:
    """Waits until one of the events is set, at most so many seconds."""
    if not news:
        await asyncio.sleep(seconds)
        return
    waiting = [asyncio.ensure_future(event.wait()) for event in news]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
