"""Who is buying, and how many lines their basket has: shared by the pages of buyers."""

from starlette.requests import Request
from starlette.responses import Response

from kit.settings import Settings
from kit.web.callers import caller_of, device_of, parts_of
from orders.services import Buyer, merge_basket

COUNT_COOKIE = "basket_count"
COUNT_DAYS = 30


def buyer_of_request(request: Request) -> Buyer:
    """The person or the device; the device is remembered by its cookie from now on."""
    return Buyer(caller_of(request).person_id, device_of(request))


async def buyer_with_basket(request: Request) -> Buyer:
    """The buyer, with what the device gathered before signing in brought into their basket."""
    buyer = buyer_of_request(request)
    await merge_basket(buyer)
    return buyer


def with_count(request: Request, answer: Response, count: int) -> Response:
    """The answer with the number that the frame shows at the basket."""
    answer.set_cookie(
        COUNT_COOKIE,
        str(count),
        max_age=COUNT_DAYS * 86400,
        httponly=True,
        samesite="lax",
        secure=parts_of(request)[Settings].is_production,
    )
    return answer
