"""Pages that may lag a little for strangers: whoever is signed in may have changed what they show."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request

from kit.replica import lagging
from kit.web.callers import caller_of

T = TypeVar("T")


async def for_strangers(request: Request, read: Callable[[], Awaitable[T]]) -> T:
    """What `read` gives: for strangers from the replica when there is one, else from the main database."""
    return await read() if caller_of(request).is_signed_in else await lagging(read)
