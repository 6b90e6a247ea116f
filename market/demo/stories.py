"""Orders of the last days in every state, told through the real services with the clock set back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from accounts.notice_gates import MailGate, TwinBox, TwinMail, TwinZalo, ZaloGate
from accounts.services import change_profile, person_of
from accounts.services.notices import read_all
from accounts.sms_gate import SmsGate, TwinSms
from kit.clock import VIETNAM, Clock, StoppedClock
from kit.outbox import due_jobs, work
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.units import commune
from market.demo.at_door import give_at_door
from market.demo.bank import NOBODYS_ACCOUNT, bank_tells
from market.demo.by_file import BY_FILE_STEPS, carrier_tells, carriers_at, hand_over, tell_carrier_claim
from market.demo.cash_box import bring_to_bank, count_cash, explain_less
from market.demo.claims import tell_claims
from market.demo.fetching import bring_to_desk, fetch_ways
from market.demo.heavier import pack_heavier
from market.demo.people import BY_KEY
from market.demo.ratings import tell_ratings
from market.demo.returns import RETURN_STEPS, ReturnCast, tell_return
from market.demo.shorts import tell_lack
from market.demo.tales import ADDRESSES, MINUTES, SHOPPERS, TALES, Tale
from market.jobs import TASKS
from market.services import INDEX_JOB
from orders.services import (
    Buyer,
    Courier,
    Recipient,
    Wish,
    cancel_order,
    expire_orders,
    pack_order,
    place_orders,
    put_in_basket,
    review_basket,
)
from orders.services.names import order_id_of
from payments.services import PaymentView, payment_by_code
from postal.carrier import Quote
from postal.gates.register import Carriers
from postal.services import act, delivery_code, parcel_for
from postal.services.collecting import cash_due
from postal.services.quoting import keep_prices, request_for, way_of
from postal.staff_carrier import Act, Reason
from vendors.services import goods_by_code, vendor_card

FIRST_NOTICE = 900_000_001
READ_AFTER = timedelta(hours=20)
OVER_DONG = 20_000
WAY_DONG = 28_500
LEFT_FOR_THE_WORKER = frozenset({INDEX_JOB, "submit_parcel"})
CARRIERS_ACTS = frozenset({Act.ACCEPT, Act.TAKE_OUT, Act.DELIVER, Act.FAIL, Act.GIVE_BACK, Act.FAIL_PICKUP})
REASONS = {Act.FAIL: Reason.RECIPIENT_UNREACHABLE, Act.FAIL_PICKUP: Reason.SENDER_ABSENT}


@dataclass
class Cast:
    """Who plays: people by key, sellers' people by vendor, listing codes by the goods' own code."""

    people: dict[str, int]
    sellers: dict[int, int]
    listings: dict[str, str]


@dataclass
class Telling:
    """The state of the telling: the clock that is set back, the number of the next bank notice, what has arrived."""

    cast: Cast
    settings: Settings
    clock: StoppedClock
    parts: Parts
    notice: int = FIRST_NOTICE
    arrived: list[tuple[int, int]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


async def tell_stories(settings: Settings, cast: Cast, *, now: datetime) -> None:
    """Places and moves the orders of TALES, the oldest first."""
    clock = StoppedClock(now)
    telling = Telling(cast, settings, clock, _parts(settings, clock))
    for key, (name, phone) in SHOPPERS.items():
        cast.people[key] = (await person_of(phone)).id
        await change_profile(cast.people[key], name=name)
    tales = sorted(TALES, key=lambda tale: placed_at(tale, now))
    for tale in tales:
        if placed_at(tale, now) < now - READ_AFTER:
            await _tell(telling, tale, now=now)
    for person_id in cast.people.values():
        await read_all(person_id, now=now - READ_AFTER)
    for tale in tales:
        if placed_at(tale, now) >= now - READ_AFTER:
            await _tell(telling, tale, now=now)
    await tell_claims(telling.arrived, seller_id=next(iter(cast.sellers.values())), now=now)
    await tell_carrier_claim(clerk_id=cast.people["thao"], now=now)
    await _cash_to_bank(telling, now=now)
    bought = [(code, buyer_id) for code, (_, buyer_id) in zip(telling.codes, telling.arrived, strict=True)]
    await tell_ratings(bought[1:], seller_id=next(iter(cast.sellers.values())), now=now)


def _parts(settings: Settings, clock: StoppedClock) -> Parts:
    """What the jobs of the stories work with: nothing leaves this machine, whatever the settings say."""
    folder = settings.var_path / "twins"
    box = TwinBox(folder, clock)
    return Parts(
        {
            Settings: settings,
            Clock: clock,
            SmsGate: TwinSms(folder, _unheard, clock),
            ZaloGate: TwinZalo(box),
            MailGate: TwinMail(box),
            Carriers: carriers_at(clock.now),
        }
    )


def _unheard(words: str) -> None:
    """The console says nothing of texts of the past."""


def placed_at(tale: Tale, now: datetime) -> datetime:
    """When the order of a tale was placed."""
    if tale.minutes_ago:
        return now - timedelta(minutes=tale.minutes_ago)
    hour, minute = tale.at
    day = now.astimezone(VIETNAM) - timedelta(days=tale.days_ago)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(now.tzinfo)


async def _tell(telling: Telling, tale: Tale, *, now: datetime) -> None:
    start = telling.clock.at = placed_at(tale, now)
    for code in await _order(telling, tale):
        for step in tale.steps:
            telling.clock.at = start + timedelta(minutes=MINUTES[step])
            await _step(telling, tale, code, step)
            await work_jobs(telling.parts)
        if tale.steps[-1:] == ("deliver",) and not tale.at_door:
            order_id = order_id_of((await payment_by_code(code)).reference) or 0
            telling.arrived.append((order_id, telling.cast.people[tale.buyer]))
            telling.codes.append(code)


async def _order(telling: Telling, tale: Tale) -> list[str]:
    person_id = telling.cast.people[tale.buyer]
    buyer = Buyer(person_id, f"demo-{tale.buyer}")
    for goods, quantity in tale.items:
        await put_in_basket(buyer.owner, telling.cast.listings[goods], quantity)
    recipient = await _recipient(tale.buyer)
    place, joint = recipient.commune.code, tale.handing == "joint"
    ways = await way_of_tale(telling, tale, place)
    if tale.handing and not joint:
        ways = {**fetch_ways(tale, await review_basket(buyer.owner, place))}
    review = await review_basket(buyer.owner, place, Courier(telling.clock.at, None, ways, joint))
    at_door = frozenset(one.vendor.id for one in review.offers if tale.at_door)
    key = f"DEMO{TALES.index(tale):04d}"
    wish = Wish(key, review.seen, is_adult=True, ways=ways, is_joint=joint, at_door=at_door)
    minutes = tale.keep_minutes or telling.settings.payment_minutes
    return await place_orders(buyer, recipient, wish, now=telling.clock.at, payment_minutes=minutes)


async def way_of_tale(telling: Telling, tale: Tale, commune_code: str) -> dict[int, str]:
    """The way a tale's goods go, by their seller, with a price as its carrier would have said it."""
    if not tale.way:
        return {}
    [(goods, quantity)] = tale.items
    found = await goods_by_code(telling.cast.listings[goods])
    assert found is not None
    seller, (carrier, _, service) = await vendor_card(found.vendor_id), tale.way.partition(".")
    weight_g, value_dong = found.weight_g * quantity, found.price_dong * quantity
    asked = await request_for(seller.id, seller.commune_code, commune_code, weight_g, value_dong)
    price = [Quote(WAY_DONG, 1, 3, service, "", asked.weight_g)]
    await keep_prices(carrier, way_of(asked), price, now=telling.clock.at)
    return {seller.id: tale.way}


async def _recipient(key: str) -> Recipient:
    name, phone = SHOPPERS.get(key) or (BY_KEY[key].name, BY_KEY[key].phone)
    address = ADDRESSES[key]
    place = await commune(address.commune_code)
    if place is None:
        raise LookupError(f"no commune {address.commune_code} in force")
    return Recipient(name, phone, address.line, place)


async def _step(telling: Telling, tale: Tale, code: str, step: str) -> None:
    payment, now = await payment_by_code(code), telling.clock.at
    order_id = order_id_of(payment.reference)
    assert order_id is not None
    if step.startswith("pay"):
        await _pay(telling, payment, step)
    elif step == "pack":
        await pack_order(order_id, person_id=telling.cast.sellers[payment.vendor_id], now=now)
    elif step == "bring":
        await bring_to_desk(code, by=telling.cast.people["binh"], now=now)
    elif step == "weighs_more":
        await pack_heavier(payment, seller_id=telling.cast.sellers[payment.vendor_id], now=now)
    elif step == "short":
        await tell_lack(payment, seller_id=telling.cast.sellers[payment.vendor_id], now=now)
    elif step == "cancel":
        await cancel_order(order_id, person_id=telling.cast.people[tale.buyer], now=now)
    elif step == "expire":
        await expire_orders(now=now)
    elif step in RETURN_STEPS:
        cast = telling.cast
        who = ReturnCast(
            cast.people[tale.buyer], cast.sellers[payment.vendor_id], seal_keys(telling.settings)
        )
        await tell_return(step, payment, who, now=now)
    elif step in (*BY_FILE_STEPS, "count"):
        await _office(telling, payment, step)
    else:
        await _post(telling, payment, Act(step))


async def _pay(telling: Telling, payment: PaymentView, how: str) -> None:
    """A transfer as the bank would tell of it, signed and checked like any other notice."""
    amounts = {"pay_half": payment.asked_dong // 2, "pay_over": payment.asked_dong + OVER_DONG}
    is_stray = how == "pay_stray"
    telling.notice += 1
    await bank_tells(
        telling.notice - 1,
        telling.settings,
        account=NOBODYS_ACCOUNT if is_stray else payment.account_number,
        bank_name=payment.bank_name,
        content="chuyen tien mua hang" if is_stray else f"{payment.code} thanh toan",
        dong=amounts.get(how, payment.asked_dong),
        at=telling.clock.at,
    )


async def _post(telling: Telling, payment: PaymentView, done: Act) -> None:
    parcel = await parcel_for(payment.reference)
    assert parcel is not None
    if done is Act.DELIVER and cash_due(parcel):
        tuan, secret = telling.cast.people["tuan"], telling.settings.secret_key
        await give_at_door(parcel, person_id=tuan, secret=secret, now=telling.clock.at)
        return
    await act(
        parcel.code,
        done,
        person_id=telling.cast.people["tuan" if done in CARRIERS_ACTS else "thao"],
        event_key=f"demo-{done}",
        now=telling.clock.at,
        reason=REASONS.get(done, ""),
        delivery_code=delivery_code(parcel.code, telling.settings.secret_key) if done is Act.DELIVER else "",
        secret=telling.settings.secret_key,
    )


async def _office(telling: Telling, payment: PaymentView, step: str) -> None:
    """What chị Thảo does at her desk: counting a carrier's cash, lists and files of the carrier by files."""
    thao, now = telling.cast.people["thao"], telling.clock.at
    if step == "count":
        await count_cash(carrier_id=telling.cast.people["tuan"], clerk_id=thao, now=now)
        return
    parcel = await parcel_for(payment.reference)
    assert parcel is not None
    if step == "carrier_takes":
        await hand_over(parcel, telling.parts, clerk_id=thao, now=now)
    await carrier_tells(parcel, BY_FILE_STEPS[step], clerk_id=thao, now=now)


async def _cash_to_bank(telling: Telling, *, now: datetime) -> None:
    """Three times to the bank; the second time it told less, and the administrator has looked at that."""
    people, telling.clock.at = telling.cast.people, now - timedelta(hours=2)
    _, less, _ = await bring_to_bank(telling.settings, clerk_id=people["thao"], now=now)
    await work_jobs(telling.parts)
    await explain_less(less, admin_id=people["son"], now=telling.clock.at)


async def work_jobs(parts: Parts) -> None:
    """Works what the telling has left, but for the index and for carriers, whose pretend ones do not run yet."""
    while jobs := [job for job in await due_jobs() if job.name not in LEFT_FOR_THE_WORKER]:
        for job in jobs:
            await work(parts, TASKS[job.name], job.id, job.attempts)
