"""Jobs of orders."""

from kit.clock import Clock
from kit.outbox import Every, Task, TryAgain, every
from kit.parts import Parts
from kit.settings import Settings
from orders import services
from orders.services.till.money import expire_sales as expire_stall_sales
from payments.gates.register import Gates
from payments.services import look_at
from postal.carrier import CarrierUnavailable
from postal.gates.register import Carriers


async def settle_notice(parts: Parts, notice_id: int) -> None:
    """Works a bank notice and all that wait with it: payments and the orders they pay in one transaction."""
    await services.settle_waiting(notice_id, now=parts[Clock].now())


async def book_parcel(parts: Parts, order_id: int) -> None:
    """Books the parcel of a paid order; a carrier in trouble is asked again with the same key."""
    try:
        secret = parts[Settings].secret_key
        carriers = parts[Carriers] if parts.has(Carriers) else None
        await services.book_parcel(order_id, now=parts[Clock].now(), secret=secret, carriers=carriers)
    except CarrierUnavailable as away:
        raise TryAgain(str(away), seconds=away.retry_after_s) from away


async def follow_parcel(parts: Parts, parcel_id: int) -> None:
    """Brings an order to where its parcel is."""
    await services.follow_parcel(parcel_id, now=parts[Clock].now())


async def expire_orders(parts: Parts) -> None:
    """Ends orders whose time to pay is over."""
    await services.expire_orders(now=parts[Clock].now())


async def query_attempt(parts: Parts, attempt_id: int) -> None:
    """Asks a provider how a try to pay stands, outside any transaction; what it says is settled in one."""
    now = parts[Clock].now()
    state = await look_at(attempt_id, parts[Gates].by_name, now=now)
    await services.settle_look(attempt_id, state, now=now)


async def expire_sales(parts: Parts) -> None:
    """Ends stall sales that nobody paid in time."""
    await expire_stall_sales(now=parts[Clock].now())


async def book_harvested(parts: Parts) -> None:
    """Every half hour: parcels of goods ordered ahead whose promised days have begun."""
    await services.book_harvested(now=parts[Clock].now())


TASKS: list[Task] = [query_attempt, settle_notice, book_parcel, follow_parcel]
CRONS: list[Every] = [every(30, expire_orders), every(60, expire_sales), every(1800, book_harvested)]
