"""Placing orders: one for each seller, all or none, with goods reserved and money asked for in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kit.codes import new_code
from kit.db import insert_with, select, sql, within_transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.outbox import announce
from orders.models import Order, OrderEvent, OrderLine
from orders.services.basket import Buyer, Thing, locked_basket, read_basket
from orders.services.checkout import Courier, Recipient, Review, review_of
from orders.services.door.offering import door_words, refuse_at_door, terms_on
from orders.services.door.placing import ASKED_FOR, confirm_at_door
from orders.services.handing.placing import keep_handing, keep_joints
from orders.services.names import day_channel, reference_of
from orders.services.offers import Offer
from orders.states import OrderState
from payments.services import CODE_PREFIX, PaymentView, ask
from vendors.services import PayTo, old_label, reserve, short_province

_EMPTY = "DELETE FROM basket_line WHERE id = ANY($1)"


@dataclass(frozen=True)
class Wish:
    """What the buyer agreed to. `key` is made with the page, so that one page places once.

    `seen` stands for the things, prices and fees that the buyer read (Review.seen), `ways` for how each seller's part
    is brought (Way.key by vendor); what it costs is what the carriers said then. `is_joint`: in one parcel if that
    may be. `at_door` are the sellers whose part is paid when it is delivered.
    """

    key: str
    seen: str
    is_adult: bool
    ways: Mapping[int, str] = field(default_factory=dict)
    is_joint: bool = False
    at_door: frozenset[int] = frozenset()
    is_new: bool = False


@dataclass(frozen=True)
class Placed:
    """An order just made and what to transfer for it; None where it is paid at the door, and of an earlier order."""

    order: Order
    payment: PaymentView | None


async def place_orders(
    buyer: Buyer, recipient: Recipient, wish: Wish, *, now: datetime, payment_minutes: int
) -> list[str]:
    """The codes alone of what `place_each` makes."""
    placed = await place_each(buyer, recipient, wish, now=now, payment_minutes=payment_minutes)
    return [one.order.code for one in placed]


async def place_each(
    buyer: Buyer, recipient: Recipient, wish: Wish, *, now: datetime, payment_minutes: int
) -> list[Placed]:
    """The orders made of the buyer's basket, one for each seller; the same wish again gives the same.

    Raises Conflict when the basket, a price or a fee is not what the buyer read, Refusal when goods ran out,
    when the seller has no account or when somebody who buys alcohol has not said to be 18
    (Law 44/2019 on alcohol, Article 16). Then nothing is done.
    """
    expires_at = now + timedelta(minutes=payment_minutes)
    async with within_transaction():  # what it is part of ends with a refusal as well
        lines = await locked_basket(buyer.owner)
        if not wish.is_new and (placed := await _placed_before(wish.key, buyer)):
            return [Placed(order, None) for order in placed]
        is_fetched = not recipient.line
        courier = Courier(now, None, wish.ways, wish.is_joint, is_placing=True, is_fetched=is_fetched)
        review = await review_of(await read_basket(lines), recipient.commune.code, courier)
        _refuse_unread(review, wish)
        if wish.at_door:
            refuse_at_door(await door_words(review, buyer, recipient.phone, now=now), wish.at_door)
            pack_by = now + (await terms_on(now)).pack_for
        made = []
        for offer in review.offers:
            ends_at = pack_by if offer.vendor.id in wish.at_door else expires_at
            payee = review.payees.get(offer.vendor.id)
            made.append(await _place(offer, buyer, recipient, wish, payee, now=now, expires_at=ends_at))
        await keep_joints(review, wish.key, now=now)
        await sql(_EMPTY, [[line.id for line in lines]])
        return made


async def _placed_before(key: str, buyer: Buyer) -> list[Order]:
    orders = await select(Order, "WHERE group_code = $1 ORDER BY id", [key])
    if any(not is_buyer(order, buyer) for order in orders):
        raise Conflict(say("Trang đặt hàng này đã dùng rồi. Hãy mở lại giỏ hàng."))
    return orders


def is_buyer(order: Order, buyer: Buyer) -> bool:
    """Whether this order is the person's, or the device's as long as no person ordered."""
    if order.person_id is not None:
        return bool(order.person_id == buyer.person_id)
    return bool(buyer.device) and order.device == buyer.device


def _refuse_unread(review: Review, wish: Wish) -> None:
    if not review.offers:
        raise Conflict(say("Giỏ của bạn đang trống."))
    if not review.can_be_ordered:
        raise Conflict(say("Giỏ hàng vừa thay đổi. Mời bạn xem lại trước khi đặt."))
    if review.seen != wish.seen:
        raise Conflict(say("Giá hàng hoặc phí giao vừa đổi. Mời bạn đọc lại rồi đặt."))
    if review.is_adult_only and not wish.is_adult:
        raise Refusal(say("Đơn có rượu: hãy đánh dấu vào ô «Tôi đủ 18 tuổi»."), field="is_adult")


async def _place(
    offer: Offer,
    buyer: Buyer,
    recipient: Recipient,
    wish: Wish,
    payee: PayTo | None,
    *,
    now: datetime,
    expires_at: datetime,
) -> Placed:
    made = _order_of(offer, buyer, recipient, wish, now=now, expires_at=expires_at)
    at_door = made.pays_on_delivery
    placed = OrderEvent(state=OrderState.PLACED, person_id=buyer.person_id, at=now)
    order = await insert_with(made, [_line(thing) for thing in offer.things], [placed])
    await keep_handing(order, offer.way, recipient.spot)
    if at_door:
        await confirm_at_door(order, person_id=buyer.person_id, now=now)
    payment = await ask(
        reference_of(order.id),
        vendor_id=order.vendor_id,
        amount_dong=order.total_dong,
        now=now,
        expires_at=now + ASKED_FOR if at_door else expires_at,
        code=order.code,
        payee=payee,
    )
    served = await reserve(
        {one.listing_id: one.quantity for one in offer.things if one.variant_id is None},
        reference_of(order.id),
        of_variants={one.variant_id: one.quantity for one in offer.things if one.variant_id is not None},
        is_new=True,
    )
    await name_lots(order, served)
    await announce(day_channel(order.vendor_id))
    return Placed(order, None if at_door else payment)


def _order_of(
    offer: Offer, buyer: Buyer, recipient: Recipient, wish: Wish, *, now: datetime, expires_at: datetime
) -> Order:
    at_door = offer.vendor.id in wish.at_door
    return Order(
        code=new_code(CODE_PREFIX),
        group_code=wish.key,
        state=OrderState.CONFIRMED if at_door else OrderState.PLACED,
        pays_on_delivery=at_door,
        person_id=buyer.person_id,
        device=buyer.device,
        vendor_id=offer.vendor.id,
        vendor_name=offer.vendor.name,
        goods_dong=offer.goods_dong,
        delivery_dong=offer.delivery_dong,
        total_dong=offer.total_dong,
        more_most_dong=offer.more_most_dong,
        recipient_name=recipient.name,
        recipient_phone=recipient.phone,
        recipient_line=recipient.line,
        commune_code=recipient.commune.code,
        commune=recipient.commune.name,
        province=short_province(recipient.commune.province),
        old_commune_code=recipient.before.code if recipient.before else "",
        old_place=old_label(recipient.before) if recipient.before else "",
        note=recipient.note,
        is_adult_only=any(thing.is_adult_only for thing in offer.things),
        ships_from=max((one.ships_from for one in offer.things if one.ships_from), default=None),
        ships_to=max((one.ships_to for one in offer.things if one.ships_to), default=None),
        handing=offer.way.handing,
        carrier=offer.way.carrier,
        carrier_service=offer.way.service,
        delivery_days=offer.way.days_max or None,
        placed_at=now,
        expires_at=expires_at,
    )


async def name_lots(order: Order, served: Mapping[tuple[int, int | None], list[str]]) -> None:
    """Writes the lots into the lines that they serve."""
    for line in await order.lines.all() if served else ():
        line.lots = served.get((line.listing_id, line.variant_id), [])
        await line.save(update_fields=["lots"])


def _line(thing: Thing) -> OrderLine:
    return OrderLine(
        listing_id=thing.listing_id,
        variant_id=thing.variant_id,
        variant=thing.variant,
        name=thing.name,
        unit=thing.unit,
        price_dong=thing.price_dong,
        quantity=thing.quantity,
        sum_dong=thing.sum_dong,
        weight_g=thing.weight_g,
        price_per_kg_dong=thing.price_per_kg_dong,
        estimate_g=thing.estimate_g,
        band_percent=thing.band_percent,
        more_most_dong=thing.more_most_dong,
        picture_url=thing.picture_url,
    )
