"""A program's look at an order that waits until it has moved on: one request instead of many."""

import asyncio

from starlette.requests import Request

from kit.codes import tidy_code
from kit.errors import Refusal
from kit.fanout import Fanout, News
from kit.i18n import say
from kit.web.callers import caller_of, parts_of
from orders.models import Order, OrderLine
from orders.services import order_again, order_channel, order_with_lines
from orders.states import OrderState

WAIT_SECONDS = 15.0  # no longer than a screen goes on after its session has ended
LOOK_SECONDS = 5.0  # news may be lost, the database is the truth
Read = tuple[Order, list[OrderLine]]


async def order_once_moved(request: Request, code: str) -> Read:
    """The order with its lines; asked with `was`, it waits up to 15 s while the order is still in that state.

    Raises Refusal at `was` when there is no such state, NotFound as orders.services.order_for does.
    """
    was, caller = request.query_params.get("was", ""), caller_of(request)
    if not was:
        return await order_with_lines(code, caller)
    if was not in {str(one) for one in OrderState}:
        raise Refusal(say("Không có trạng thái đơn hàng nào tên như vậy."), field="was")
    async with parts_of(request)[Fanout].listening(order_channel(tidy_code(code))) as news:
        return await _moved_on(await order_with_lines(code, caller), was, news)


async def _moved_on(read: Read, was: str, news: News) -> Read:
    loop = asyncio.get_running_loop()
    ends = loop.time() + WAIT_SECONDS
    while read[0].state == was and (left := ends - loop.time()) > 0:
        await _any_news(news, min(left, LOOK_SECONDS))
        read = await order_again(read[0].id)
    return read


async def _any_news(news: News, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
    news.clear()
