"""The till's stream: each event once and in order, also those of a gap, spoken in the listener's words."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kit.fanout import Fanout
from kit.money import Dialect
from kit.web.callers import is_still_let_in, parts_of
from orders.services.names import till_channel
from orders.services.till.log import CAUGHT_UP_MAX, TillNews, till_news
from orders.services.till.words import said_of

HEARTBEAT_SECONDS = 20.0
STREAM_SECONDS = 600.0


def till_events(request: Request, vendor_id: int, language: str, speech: Dialect) -> Response:
    """A stream of `sale` events after the Last-Event-ID header's, else after `?after=`, the number on the page.

    News wakes the stream, and it reads what is new from PostgreSQL: nothing is lost when news is, only later
    (orders.services.till.log.wake_behind). It says something every 20 s, tells nobody whose session has
    ended, and ends after 10 minutes; then browsers ask again.
    """
    return StreamingResponse(
        _events(request, vendor_id, language, speech),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(request: Request, vendor_id: int, language: str, speech: Dialect) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    ends, looked = loop.time() + STREAM_SECONDS, loop.time()
    async with parts_of(request)[Fanout].listening(till_channel(vendor_id)) as news:
        news.seen = _after(request)
        yield "retry: 2000\n\n"
        while loop.time() < ends and not await request.is_disconnected():
            news.clear()
            found = await till_news(vendor_id, news.seen)
            if found or loop.time() >= looked + HEARTBEAT_SECONDS:
                looked = loop.time()
                if not await is_still_let_in(request):
                    return
            for one in found:
                news.seen = one.seq
                yield _event(one, language, speech)
            if len(found) == CAUGHT_UP_MAX:
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await news.wait()
            if not news.is_set():
                yield ": still here\n\n"


def _after(request: Request) -> int:
    for said in (request.headers.get("last-event-id", ""), request.query_params.get("after", "")):
        if said.isascii() and said.isdecimal() and len(said) < 18:
            return int(said)
    return 0


def _event(news: TillNews, language: str, speech: Dialect) -> str:
    said = said_of(news, language, speech)
    told = {
        "kind": news.kind,
        "sale": news.sale_id,
        "amount_dong": news.amount_dong,
        "words": said.words if said else "",
        "tone": said.tone if said else "",
        "at": news.at.isoformat(),
    }
    return f"id: {news.seq}\nevent: sale\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
