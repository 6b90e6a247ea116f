"""Stall sales: asked for by QR, noted in cash, noted without signal; each once for its key."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.dates import vietnam_date
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from orders.models import TillLine, TillSale
from orders.services.book.taking import take_sale
from orders.services.names import till_reference
from orders.services.till.closed import correct_if_closed
from orders.services.till.log import Happened, tell_till
from orders.states import SaleState, SaleWay
from payments.services import ask
from vendors.services import Goods, goods_for_sale, reserve, sell

AMOUNT_LEAST_DONG, AMOUNT_MOST_DONG = 1_000, 499_999_999
WAITS_FOR = timedelta(minutes=30)
OLD_AFTER = timedelta(days=30)
AHEAD_MOST = timedelta(minutes=10)
SAME_MONEY_WITHIN = timedelta(minutes=60)


@dataclass(frozen=True)
class SaleTyped:
    """What the seller typed. With goods the amount is their sum; `made_at` is the phone's time of an offline note."""

    client_key: str
    way: SaleWay
    amount_dong: int
    quantities: Mapping[int, int] = field(default_factory=dict)
    note: str = ""
    made_at: datetime | None = None

    @property
    def mark(self) -> str:
        """What is compared when the same key comes again."""
        made_at = self.made_at.isoformat() if self.made_at else ""
        told = (str(self.way), self.amount_dong, sorted(self.quantities.items()), self.note, made_at)
        return hashlib.sha256(repr(told).encode()).hexdigest()


async def make_sale(vendor_id: int, typed: SaleTyped, *, person_id: int, now: datetime) -> TillSale:
    """The sale of this key, made now if it is new: QR asked for, cash noted and its goods sold, or noted to confirm.

    Raises Conflict when the key was used for something else, Refusal at `amount` for a sum that no sale has and
    when goods ran out.
    """
    known = await _known(vendor_id, typed)
    if known is not None:
        return known
    goods = await _goods(vendor_id, typed.quantities)
    sale = _row(vendor_id, typed, goods, person_id, now)
    _refuse_amount(int(sale.amount_dong))
    _refuse_time(sale, now)
    try:
        async with transaction():
            await sale.save()
            await _made(sale, typed, goods, person_id=person_id, now=now)
    except IntegrityError:
        known = await _known(vendor_id, typed)
        if known is None:
            raise
        return known
    return sale


async def own_stall_sale(sale_id: int, vendor_id: int) -> TillSale:
    """The sale if this vendor made it. NotFound otherwise."""
    sale = await TillSale.get_or_none(id=sale_id, vendor_id=vendor_id)
    if sale is None:
        raise NotFound()
    return sale


async def _known(vendor_id: int, typed: SaleTyped) -> TillSale | None:
    sale = await TillSale.get_or_none(vendor_id=vendor_id, client_key=typed.client_key)
    if sale is not None and sale.body_mark != typed.mark:
        raise Conflict(say("Lần bán này đã ghi với nội dung khác. Hãy xem lại sổ trong ngày."))
    return sale


def _row(
    vendor_id: int, typed: SaleTyped, goods: dict[int, Goods], person_id: int, now: datetime
) -> TillSale:
    amount_dong = sum(goods[id].price_dong * n for id, n in typed.quantities.items()) or typed.amount_dong
    made_at = typed.made_at or now
    return TillSale(
        vendor_id=vendor_id,
        client_key=typed.client_key,
        body_mark=typed.mark,
        way=typed.way,
        state={
            SaleWay.QR: SaleState.WAITING,
            SaleWay.CASH: SaleState.PAID,
            SaleWay.SEEN: SaleState.TO_CONFIRM,
        }[typed.way],
        amount_dong=amount_dong,
        noted_dong=amount_dong if typed.way is SaleWay.CASH else 0,
        person_id=person_id,
        note=typed.note,
        day=vietnam_date(made_at),
        made_at=made_at,
        received_at=now,
        settled_at=now if typed.way is SaleWay.CASH else None,
    )


async def _made(
    sale: TillSale, typed: SaleTyped, goods: dict[int, Goods], *, person_id: int, now: datetime
) -> None:
    reference = till_reference(sale.id)
    if typed.quantities:
        await TillLine.bulk_create([_line(sale, goods[id], n) for id, n in typed.quantities.items()])
        await reserve(typed.quantities, reference)
    if sale.way is SaleWay.QR:
        asked = await ask(
            reference,
            vendor_id=sale.vendor_id,
            amount_dong=sale.amount_dong,
            now=now,
            expires_at=now + WAITS_FOR,
        )
        sale.code = asked.code
        await sale.save(update_fields=["code"])
        await tell_till(
            sale.vendor_id, Happened.ASKED, now=now, sale_id=sale.id, amount_dong=sale.amount_dong
        )
        return
    if sale.way is SaleWay.CASH:
        if typed.quantities:
            await sell(reference)
        await take_sale(sale, now=now)
        await correct_if_closed(sale, sale.amount_dong, now=now)
    else:
        await _match_plate_money(sale)
    await record(person_id, "sale_noted", "till_sale", sale.id, way=str(sale.way), dong=sale.amount_dong)
    await tell_till(sale.vendor_id, Happened.NOTED, now=now, sale_id=sale.id, amount_dong=sale.amount_dong)


async def _match_plate_money(sale: TillSale) -> None:
    """A note «QR seen on the phone» whose money came on the plate before the note did is that money, not more."""
    near = (sale.made_at - SAME_MONEY_WITHIN, sale.made_at + SAME_MONEY_WITHIN)
    plate = TillSale.filter(
        vendor_id=sale.vendor_id,
        way=SaleWay.PLATE,
        state=SaleState.PAID,
        amount_dong=sale.amount_dong,
        made_at__range=near,
        note="",
    )
    found = await plate.order_by("made_at").first()
    if found is None:
        return
    sale.state, sale.settled_at = SaleState.MATCHED, found.made_at
    await sale.save(update_fields=["state", "settled_at"])
    found.note = sale.note or sale.client_key
    await found.save(update_fields=["note"])


async def _goods(vendor_id: int, quantities: Mapping[int, int]) -> dict[int, Goods]:
    found = await goods_for_sale(quantities) if quantities else {}
    if any(id not in found or found[id].vendor_id != vendor_id for id in quantities):
        raise Refusal(say("Có món không còn bán. Hãy mở lại trang này."), field="goods")
    return found


def _line(sale: TillSale, goods: Goods, quantity: int) -> TillLine:
    return TillLine(
        sale=sale,
        listing_id=goods.listing_id,
        name=goods.name,
        unit=goods.unit,
        price_dong=goods.price_dong,
        quantity=quantity,
        sum_dong=goods.price_dong * quantity,
    )


def _refuse_amount(amount_dong: int) -> None:
    if not AMOUNT_LEAST_DONG <= amount_dong <= AMOUNT_MOST_DONG:
        raise Refusal(say("Mỗi lần bán từ 1.000 ₫ đến 499.999.999 ₫."), field="amount")


def _refuse_time(sale: TillSale, now: datetime) -> None:
    if not now - OLD_AFTER <= sale.made_at <= now + AHEAD_MOST:
        raise Refusal(say("Giờ ghi trên máy sai quá nhiều. Hãy chỉnh lại giờ của máy."), field="made_at")
