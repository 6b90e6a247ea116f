"""Jobs of orders."""

import logging
from collections.abc import Mapping, Sequence

from kit.clock import Clock
from kit.outbox import Every, Grouped, Task, TryAgain, every
from kit.parts import Parts
from kit.settings import Settings
from orders import services
from orders.services.basket import forget_baskets
from orders.services.book.taking import take_missed
from orders.services.claims import turn_claims
from orders.services.door import following as door
from orders.services.door.placing import end_unpacked
from orders.services.heavy.ending import turn_differences
from orders.services.short import turn_shorts
from orders.services.till.money import expire_sales as expire_stall_sales
from orders.services.unwind import call_off_parcel as unwind_parcel
from payments.gates.register import Gates
from payments.services import look_at
from postal.carrier import CarrierFault, CarrierUnavailable
from postal.gates.register import Carriers

log = logging.getLogger("orders")


async def settle_notice(parts: Parts, notice_ids: Sequence[int]) -> Mapping[int, Exception]:
    """Works bank notices that wait: payments and what they pay in one transaction; what failed, by notice."""
    return await services.settle_waiting(notice_ids, now=parts[Clock].now())


async def book_parcel(parts: Parts, order_ids: Sequence[int]) -> Mapping[int, Exception]:
    """Books the parcels of paid orders; a carrier in trouble is asked again with the same key."""
    secret = parts[Settings].secret_key
    failed = await services.book_parcels(order_ids, now=parts[Clock].now(), secret=secret)
    return {order_id: _again(fault) for order_id, fault in failed.items()}


def _again(fault: CarrierFault) -> Exception:
    if isinstance(fault, CarrierUnavailable):
        return TryAgain(str(fault), seconds=fault.retry_after_s)
    return fault


async def book_joint(parts: Parts, joint_id: int) -> None:
    """Books one parcel of several stalls."""
    await services.book_joint(joint_id, now=parts[Clock].now(), secret=parts[Settings].secret_key)


async def remind_of_fetching(parts: Parts) -> None:
    """Every half hour: who waits for goods, or for a buyer to come, is reminded."""
    await services.remind_of_fetching(now=parts[Clock].now())


async def follow_refund(parts: Parts, refund_id: int) -> None:
    """Tells the screens of an order that its buyer's money has moved."""
    await services.follow_refund(refund_id, now=parts[Clock].now())


async def return_weighed(parts: Parts, order_id: int) -> None:
    """Has go back what the goods of an order weighed less."""
    await services.return_weighed(order_id, person_id=None, now=parts[Clock].now())


async def follow_collection(parts: Parts, parcel_id: int) -> None:
    """Books what became of the money of a parcel that is paid at the door."""
    await door.follow_collection(parcel_id, now=parts[Clock].now())


async def follow_debrief(parts: Parts, debrief_id: int) -> None:
    """Books the cash of an evening's count."""
    await door.follow_debrief(debrief_id)


async def follow_claim(parts: Parts, claim_id: int) -> None:
    """Books what a carrier paid for a lost parcel."""
    await door.follow_claim(claim_id)


async def follow_payout(parts: Parts, payout_id: int) -> None:
    """A payout brought money from doors to its seller, or it came back."""
    await door.follow_payout(payout_id, now=parts[Clock].now())


async def note_paid_otherwise(parts: Parts, order_id: int) -> None:
    """An order to be paid at the door was paid by transfer."""
    await door.note_paid_otherwise(order_id, now=parts[Clock].now())


async def call_off_parcel(parts: Parts, order_id: int) -> None:
    """Calls the parcel of a cancelled order off; a carrier in trouble is asked again."""
    try:
        await unwind_parcel(order_id, carriers=parts[Carriers], now=parts[Clock].now())
    except CarrierUnavailable as fault:
        raise TryAgain(str(fault), seconds=fault.retry_after_s) from fault


async def follow_parcel(parts: Parts, parcel_id: int) -> None:
    """Brings an order to where its parcel is."""
    await services.follow_parcel(parcel_id, now=parts[Clock].now())


async def tell_of_order(parts: Parts, event_ids: Sequence[int]) -> Mapping[int, Exception]:
    """Tells buyers and sellers of steps of their orders."""
    await services.tell_of_orders(event_ids, now=parts[Clock].now())
    return {}


async def turn_shortages(parts: Parts) -> None:
    """Every five minutes: orders that lack pieces and whose buyers said nothing in time."""
    await turn_shorts(now=parts[Clock].now())


async def turn_weight_differences(parts: Parts) -> None:
    """Every five minutes: differences of heavier goods whose time to pay is over."""
    await turn_differences(now=parts[Clock].now())


async def turn_order_claims(parts: Parts) -> None:
    """Every half hour: claims whose time is over move on, delivered orders whose 30 days are over are closed."""
    await turn_claims(now=parts[Clock].now())


async def expire_orders(parts: Parts) -> None:
    """Ends orders whose time to pay, or to be packed, is over."""
    await services.expire_orders(now=parts[Clock].now())
    await end_unpacked(now=parts[Clock].now())


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


async def take_to_book(parts: Parts) -> None:
    """Money that the books count and no act has taken into its seller's revenue book."""
    await take_missed(now=parts[Clock].now())


async def forget_left_baskets(parts: Parts) -> None:
    """Baskets that nobody came back to for a season."""
    await forget_baskets(now=parts[Clock].now())


async def audit_revenue(parts: Parts) -> None:
    """At night the revenue books beside all of the payments' books and the tills."""
    if missed := await take_missed(now=parts[Clock].now(), all_of_it=True):
        log.warning("%s lines were missing in the revenue books", missed)


TASKS: list[Task | Grouped] = [
    query_attempt,
    Grouped(settle_notice),
    Grouped(book_parcel),
    book_joint,
    follow_parcel,
    follow_collection,
    follow_debrief,
    follow_payout,
    follow_claim,
    note_paid_otherwise,
    follow_refund,
    return_weighed,
    call_off_parcel,
    Grouped(tell_of_order),
]
CRONS: list[Every] = [
    every(30, expire_orders),
    every(60, expire_sales),
    every(60, take_to_book),
    every(1800, book_harvested),
    every(1800, remind_of_fetching),
    every(1800, turn_order_claims),
    every(300, turn_shortages),
    every(300, turn_weight_differences),
    every(86400, audit_revenue),
    every(86400, forget_left_baskets),
]
