"""Goods given out against a buyer's code: shared by the pages and the API of stalls and market desks."""

from starlette.requests import Request

from kit.clock import Clock
from kit.settings import Settings
from kit.web.asked import person_id_of, refuse_guessing
from kit.web.callers import parts_of
from orders.handing_forms import ShownForm
from orders.models import Order
from orders.services.handing.ready import Place, hand_over, order_shown
from postal.delivery_code import read_shown

STALL_TRIES, DESK_TRIES = 60, 300  # codes an hour: six digits are not to be guessed


async def given_out(request: Request, form: ShownForm, place: Place) -> Order:
    """The order whose code was shown, given out now. Refusal at `code`, `age_checked`, TooMany."""
    parts, person_id = parts_of(request), person_id_of(request)
    times = STALL_TRIES if place.market_id is None else DESK_TRIES
    await refuse_guessing(request, "fetch", times=times)
    secret, shown = parts[Settings].secret_key, read_shown(form.code)
    order_id = await order_shown(shown, place, secret=secret)
    return await hand_over(
        order_id,
        shown.digits,
        person_id=person_id,
        now=parts[Clock].now(),
        secret=secret,
        age_checked=form.age_checked,
    )
