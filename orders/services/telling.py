"""Who is told what of an order: its buyer and its seller, at each step that is news to them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services.notices import ToTell, holders_of, notify_all, notify_role
from kit.dates import show_day
from kit.db import select, transaction
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.roles import Role
from orders.models import Order, OrderEvent, OrderLine
from orders.services.door.telling import to_buyer_at_door, to_seller_at_door
from orders.services.names import reference_of
from orders.services.said import Words
from orders.services.show import things_of
from orders.states import BY_PEOPLE, Handing, OrderState
from payments.services import PaymentView
from vendors.services.webhooks.endpoints import emit, who_listens

NEWS_LIFE = timedelta(hours=20)
THINGS_MAX = 120
_S = OrderState


@dataclass(frozen=True)
class Told:
    """Something to tell a person, or all who sell for a vendor."""

    telling: Telling
    key: str
    person_id: int | None
    vendor_id: int | None


async def tell_of_orders(event_ids: Sequence[int], *, now: datetime) -> None:
    """Tells buyers and sellers of steps of orders; to the buyer a step already left behind is no news any more."""
    events = await select(OrderEvent, "WHERE id = ANY($1) ORDER BY id", [list(event_ids)])
    fresh = [one for one in events if now - one.at <= NEWS_LIFE]
    orders = await _orders_of(fresh)
    listening = await who_listens({order.vendor_id for order, _ in orders.values()})
    async with transaction():
        for event in fresh:
            order, lines = orders[event.order_id]
            if order.vendor_id in listening:
                await _emit(event, order, lines, now)
        await _tell([one for event in fresh for one in _told_of(event, *orders[event.order_id])], now)


async def _emit(event: OrderEvent, order: Order, lines: list[OrderLine], now: datetime) -> None:
    await emit(
        order.vendor_id,
        f"order.{event.state}",
        _content(order, lines),
        event_key=f"order:{order.id}:{event.state}",
        at=event.at,
        now=now,
    )


async def _orders_of(events: Sequence[OrderEvent]) -> dict[int, tuple[Order, list[OrderLine]]]:
    """The orders of these events by number, each with its lines."""
    ids = sorted({one.order_id for one in events})
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for line in await select(OrderLine, "WHERE order_id = ANY($1) ORDER BY id", [ids]) if ids else []:
        lines[line.order_id].append(line)
    orders = await select(Order, "WHERE id = ANY($1)", [ids]) if ids else []
    return {one.id: (one, lines[one.id]) for one in orders}


def _told_of(event: OrderEvent, order: Order, lines: list[OrderLine]) -> list[Told]:
    things = things_of(lines)[:THINGS_MAX]
    buyer = _to_buyer(event, order) if order.state is event.state else None
    return _told_both(order, f"order:{order.id}:{event.state}", buyer, _to_seller(event, order, things))


def _content(order: Order, lines: list[OrderLine]) -> dict[str, object]:
    """What a seller's system learns of an order: things and sums, and where to ask for the rest."""
    things = [
        {
            "listing": line.listing_id,
            "variant": line.variant_id,
            "name": line.name,
            "quantity": line.quantity,
            "unit": line.unit,
            "price_dong": line.price_dong,
            "sum_dong": line.sum_dong,
        }
        for line in lines
    ]
    return {
        "order": order.code,
        "state": str(order.state),
        "goods_dong": order.goods_dong,
        "delivery_dong": order.delivery_dong,
        "total_dong": order.total_dong,
        "parcel": order.parcel_code,
        "ships_from": order.ships_from.isoformat() if order.ships_from else None,
        "lines": things,
    }


async def tell_of_money(order: Order, payment: PaymentView | None, verdict: str, *, now: datetime) -> None:
    """Tells of money that did not simply pay an order or its difference: too little, too much, too late.

    A difference's late money is told by whom sends it back. Needs the transaction.
    """
    if payment is None or verdict not in _MONEY:
        return
    if verdict == "late" and payment.reference != reference_of(order.id):
        return
    values: dict[str, object] = {
        "code": order.code,
        "seller": order.vendor_name,
        "received": show_dong(payment.received_dong),
        "missing": show_dong(payment.rest_dong),
        "extra": show_dong(payment.extra_dong),
    }
    title, buyer, seller = _MONEY[verdict]
    key = f"{payment.reference}:{verdict}:{payment.received_dong}:{payment.extra_dong}"
    to_buyer = Words(Sentence(title.text, values), Sentence(buyer.text, values))
    await _tell(_told_both(order, key, to_buyer, Words(to_buyer.title, Sentence(seller.text, values))), now)


async def tell_of_harvest(vendor_id: int, orders: int, *, day: str, now: datetime) -> None:
    """Tells a seller that the promised days of orders taken ahead have begun. Needs the open transaction()."""
    telling = Telling(
        NoticeKind.HARVEST,
        say("Đến ngày gửi hàng đặt trước"),
        say("{n} đơn khách đặt trước đến ngày gửi. Cô bác gói hàng, bưu tá đến lấy.", n=orders),
        "/sell",
    )
    await notify_role(Role.VENDOR, str(vendor_id), telling, event_key=f"harvest:{vendor_id}:{day}", now=now)


def _told_both(order: Order, key: str, buyer: Words | None, seller: Words | None) -> list[Told]:
    told = []
    if buyer and order.person_id is not None:
        telling = Telling(NoticeKind.ORDER, buyer.title, buyer.words, f"/orders/{order.code}", NEWS_LIFE)
        told.append(Told(telling, key, order.person_id, None))
    if seller:
        telling = Telling(
            NoticeKind.SALE, seller.title, seller.words, f"/sell/orders/{order.code}", NEWS_LIFE
        )
        told.append(Told(telling, f"{key}:sale", None, order.vendor_id))
    return told


async def _tell(told: Sequence[Told], now: datetime) -> None:
    """Tells all of it in three statements; needs the open transaction()."""
    sellers = await holders_of(Role.VENDOR, {str(one.vendor_id) for one in told if one.vendor_id is not None})
    await notify_all(
        [
            ToTell(
                [one.person_id] if one.person_id is not None else sellers.get(str(one.vendor_id), []),
                one.telling,
                one.key,
            )
            for one in told
        ],
        now=now,
    )


_MONEY: dict[str, tuple[Sentence, Sentence, Sentence]] = {
    "partial": (
        say("Đơn {code} còn thiếu tiền"),
        say("Đã nhận {received}, còn thiếu {missing}. Bạn chuyển nốt trong giờ của đơn."),
        say("Khách mới chuyển {received}, còn thiếu {missing}. Chưa đủ tiền thì chưa giao hàng."),
    ),
    "over": (
        say("Đơn {code} dư tiền"),
        say("Bạn chuyển dư {extra}. Người bán {seller} hoàn lại phần dư cho bạn."),
        say("Khách chuyển dư {extra}. Cô bác hoàn lại phần dư cho khách."),
    ),
    "duplicate": (
        say("Đơn {code} được trả hai lần"),
        say("Bạn chuyển thừa {extra}. Người bán {seller} hoàn lại cho bạn."),
        say("Khách chuyển thừa {extra}. Cô bác hoàn lại cho khách."),
    ),
    "late": (
        say("Đơn {code}: tiền đến muộn"),
        say("{extra} đến khi đơn đã đóng. Ban quản lý chợ sẽ gọi hỏi ý bạn; bạn không cần làm gì thêm."),
        say("{extra} vào tài khoản cô bác khi đơn đã đóng. Ban quản lý chợ sẽ gọi cho cô bác."),
    ),
}


UNEVEN = frozenset(_MONEY)


def _to_buyer(event: OrderEvent, order: Order) -> Words | None:
    named = {"code": order.code, "seller": order.vendor_name}
    told: dict[OrderState, Words] = {
        _S.PAID: Words(
            say("Đơn {code} đã trả tiền", code=order.code),
            say("Đơn {code} của {seller}: đã nhận đủ tiền, người bán đang gói hàng.", **named),
        ),
        _S.POSTED: Words(
            say("Đơn {code} đã gửi đi", code=order.code),
            say("Đơn {code} của {seller} đã gửi đi, mã bưu gửi {parcel}.", parcel=order.parcel_code, **named),
        ),
        _S.READY: Words(
            say("Đơn {code} chờ bạn đến lấy", code=order.code),
            say(
                "Hàng của {seller} chờ bạn ở {place}. Mã nhận hàng có trong đơn.",
                place=event.note,
                seller=order.vendor_name,
            ),
        ),
        _S.DELIVERED: Words(
            say("Đơn {code} đã giao", code=order.code), say("Đơn {code} của {seller} đã giao.", **named)
        ),
        _S.EXPIRED: Words(
            say("Đơn {code} hết giờ chuyển tiền", code=order.code),
            say("Đơn {code} của {seller} đã đóng vì hết giờ. Xin đừng chuyển tiền cho đơn này.", **named),
        ),
        _S.RETURNED: Words(
            say("Đơn {code} không giao được", code=order.code),
            say("Hàng của đơn {code} đã về {seller}. Người bán hoàn tiền cho bạn.", **named),
        ),
        _S.LOST: Words(
            say("Đơn {code} thất lạc", code=order.code),
            say("Bưu gửi của đơn {code} bị thất lạc. Ban quản lý chợ sẽ gọi cho bạn.", code=order.code),
        ),
    }
    if order.pays_on_delivery and (words := to_buyer_at_door(event, order)):
        return words
    if event.state is _S.RETURNED and order.handing in BY_PEOPLE:
        ended = say(
            "Hết hạn giữ mà chưa có người đến lấy, {seller} hoàn tiền cho bạn.", seller=order.vendor_name
        )
        return Words(say("Đơn {code} đã kết thúc", code=order.code), ended)
    if event.state is _S.CANCELLED and event.person_id != order.person_id:
        why = say("Đơn {code} của {seller} đã bị hủy. {why}", why=event.note, **named)
        return Words(say("Đơn {code} bị hủy", code=order.code), why)
    return told.get(event.state)


def _to_seller(event: OrderEvent, order: Order, things: str) -> Words | None:
    if order.pays_on_delivery and (words := to_seller_at_door(event, order, things)):
        return words
    if event.state is _S.PAID and order.ships_from:
        ahead = say(
            "Khách đặt trước {things}, đã trả {sum}. Gửi từ ngày {day}.",
            things=things,
            sum=show_dong(order.total_dong),
            day=show_day(order.ships_from),
        )
        return Words(say("Đơn đặt trước {code}", code=order.code), ahead)
    if event.state is _S.RETURNED and order.handing in BY_PEOPLE:
        return None
    told: dict[OrderState, Words] = {
        _S.PAID: Words(
            say("Đơn mới {code}", code=order.code),
            _paid_words(order, things),
        ),
        _S.DELIVERED: Words(
            say("Đơn {code} đã giao", code=order.code),
            say("Khách đã nhận hàng của đơn {code}.", code=order.code),
        ),
        _S.RETURNED: Words(
            say("Đơn {code} trả về", code=order.code),
            say(
                "Hàng của đơn {code} không giao được, đang ở chỗ cô bác. Mở đơn để hoàn tiền và cho bán lại.",
                code=order.code,
            ),
        ),
        _S.LOST: Words(
            say("Đơn {code} thất lạc", code=order.code),
            say("Bưu gửi của đơn {code} bị thất lạc. Ban quản lý chợ sẽ gọi cho cô bác.", code=order.code),
        ),
    }
    return told.get(event.state)


def _paid_words(order: Order, things: str) -> Sentence:
    values: dict[str, object] = {"sum": show_dong(order.total_dong), "things": things}
    if order.handing is Handing.STALL:
        said = say("Khách đã trả {sum}: {things}. Khách đến lấy, cô bác chuẩn bị rồi bấm «Sẵn sàng».")
    elif order.handing in (Handing.DESK, Handing.JOINT):
        said = say("Khách đã trả {sum}: {things}. Cô bác gói hàng rồi mang ra bàn của chợ.")
    else:
        said = say("Khách đã trả {sum}: {things}. Cô bác gói hàng, dán nhãn, bưu tá đến lấy.")
    return Sentence(said.text, values)
