"""Who is told what of an order: its buyer and its seller, at each step that is news to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services.notices import notify, notify_role
from kit.dates import show_day
from kit.db import transaction
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.roles import Role
from orders.models import Order, OrderEvent, OrderLine
from orders.services.show import things_of
from orders.states import OrderState
from payments.services import PaymentView
from vendors.services.webhooks import emit

NEWS_LIFE = timedelta(hours=20)
THINGS_MAX = 120
_S = OrderState


@dataclass(frozen=True)
class Words:
    """A notice's title and words."""

    title: Sentence
    words: Sentence


async def tell_of_order(event_id: int, *, now: datetime) -> None:
    """Tells buyer and seller of one step of an order; to the buyer a step already left behind is no news any more."""
    event = await OrderEvent.get_or_none(id=event_id).select_related("order")
    if event is None or now - event.at > NEWS_LIFE:
        return
    order = event.order
    buyer = _to_buyer(event) if order.state is event.state else None
    lines = await order.lines.all().order_by("id")
    things = things_of(lines)[:THINGS_MAX]
    async with transaction():
        await emit(
            order.vendor_id,
            f"order.{event.state}",
            _content(order, lines),
            event_key=f"order:{order.id}:{event.state}",
            at=event.at,
            now=now,
        )
        await _tell_both(order, f"order:{order.id}:{event.state}", buyer, _to_seller(event, things), now)


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
    """Tells of money that did not simply pay an order: too little, too much, too late. Needs the transaction."""
    if payment is None or verdict not in _MONEY:
        return
    values: dict[str, object] = {
        "code": order.code,
        "seller": order.vendor_name,
        "received": show_dong(payment.received_dong),
        "missing": show_dong(max(0, order.total_dong - payment.received_dong)),
        "extra": show_dong(payment.extra_dong),
    }
    title, buyer, seller = _MONEY[verdict]
    key = f"order:{order.id}:{verdict}:{payment.received_dong}:{payment.extra_dong}"
    to_buyer = Words(Sentence(title.text, values), Sentence(buyer.text, values))
    await _tell_both(order, key, to_buyer, Words(to_buyer.title, Sentence(seller.text, values)), now)


async def tell_of_harvest(vendor_id: int, orders: int, *, day: str, now: datetime) -> None:
    """Tells a seller that the promised days of orders taken ahead have begun. Needs the open transaction()."""
    telling = Telling(
        NoticeKind.HARVEST,
        say("Đến ngày gửi hàng đặt trước"),
        say("{n} đơn khách đặt trước đến ngày gửi. Cô bác gói hàng, bưu tá đến lấy.", n=orders),
        "/sell",
    )
    await notify_role(Role.VENDOR, str(vendor_id), telling, event_key=f"harvest:{vendor_id}:{day}", now=now)


async def _tell_both(
    order: Order, key: str, buyer: Words | None, seller: Words | None, now: datetime
) -> None:
    if buyer and order.person_id is not None:
        told = Telling(NoticeKind.ORDER, buyer.title, buyer.words, f"/orders/{order.code}", NEWS_LIFE)
        await notify([order.person_id], told, event_key=key, now=now)
    if seller:
        told = Telling(NoticeKind.SALE, seller.title, seller.words, f"/sell/orders/{order.code}", NEWS_LIFE)
        await notify_role(Role.VENDOR, str(order.vendor_id), told, event_key=f"{key}:sale", now=now)


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


def _to_buyer(event: OrderEvent) -> Words | None:
    order = event.order
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
    if event.state is _S.CANCELLED and event.person_id != order.person_id:
        why = say("Đơn {code} của {seller} đã bị hủy. {why}", why=event.note, **named)
        return Words(say("Đơn {code} bị hủy", code=order.code), why)
    return told.get(event.state)


def _to_seller(event: OrderEvent, things: str) -> Words | None:
    order = event.order
    if event.state is _S.PAID and order.ships_from:
        ahead = say(
            "Khách đặt trước {things}, đã trả {sum}. Gửi từ ngày {day}.",
            things=things,
            sum=show_dong(order.total_dong),
            day=show_day(order.ships_from),
        )
        return Words(say("Đơn đặt trước {code}", code=order.code), ahead)
    told: dict[OrderState, Words] = {
        _S.PAID: Words(
            say("Đơn mới {code}", code=order.code),
            say(
                "Khách đã trả {sum}: {things}. Cô bác gói hàng, dán nhãn, bưu tá đến lấy.",
                sum=show_dong(order.total_dong),
                things=things,
            ),
        ),
        _S.DELIVERED: Words(
            say("Đơn {code} đã giao", code=order.code),
            say("Khách đã nhận hàng của đơn {code}.", code=order.code),
        ),
        _S.RETURNED: Words(
            say("Đơn {code} trả về", code=order.code),
            say(
                "Hàng của đơn {code} không giao được, đang ở chỗ cô bác. Cô bác hoàn tiền cho khách.",
                code=order.code,
            ),
        ),
        _S.LOST: Words(
            say("Đơn {code} thất lạc", code=order.code),
            say("Bưu gửi của đơn {code} bị thất lạc. Ban quản lý chợ sẽ gọi cho cô bác.", code=order.code),
        ),
    }
    return told.get(event.state)
