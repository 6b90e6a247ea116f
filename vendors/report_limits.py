"""How often somebody may report goods: by network address, and by device and goods."""

from starlette.requests import Request

from kit.errors import TooMany
from kit.i18n import say
from kit.limits import Limits
from kit.web.callers import address_of, device_of, parts_of

HOUR, DAY = 3600, 86400
PER_ADDRESS, PER_GOODS = 10, 2


async def refuse_too_many(request: Request, code: str) -> None:
    """Raises TooMany for the eleventh report of an address within an hour, or the third about the same goods."""
    limits = parts_of(request)[Limits]
    few = await limits.allows(f"report:{address_of(request)}", times=PER_ADDRESS, seconds=HOUR)
    once = await limits.allows(f"report:{device_of(request)}:{code}", times=PER_GOODS, seconds=DAY)
    if not (few and once):
        raise TooMany(say("Bạn đã báo nhiều lần rồi. Chợ đang xem, bạn quay lại sau nhé."), wait_seconds=HOUR)
