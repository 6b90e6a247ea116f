"""The seller's day: what came in, what to pack, what runs low; and one sale."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import F
from tortoise.functions import Count, Sum
from tortoise.queryset import QuerySet

from kit.codes import tidy_code
from kit.dates import day_start, vietnam_date
from kit.errors import NotFound
from kit.money import show_weight
from orders.heavy_models import WeightDifference
from orders.models import Order, OrderLine
from orders.services.awaited import TO_SELLER
from orders.services.handing.shown import HandingFacts, handing_of
from orders.services.heavy.asking import DifferenceFacts, difference_facts
from orders.services.heavy.words import said_while_open_to_seller
from orders.services.names import reference_of
from orders.services.post import weight_of
from orders.services.restock import GoodsBack, goods_back
from orders.services.returns import Returns, returns_of
from orders.services.said import Said, Step
from orders.services.short import shortage_of
from orders.services.short_words import said_while_asked_to_seller
from orders.services.show import OrderRows, rows_of, things_of
from orders.services.words import said_to_seller, steps_of
from orders.short_models import Shortage
from orders.states import HEAVY_OPEN, TO_SEND, AskState, HeavyState, OrderState, ShortState
from payments.services import payment_for, waiting_refunds
from postal.services import TimelineStep, timeline
from vendors.services import EndingCertificate, ending_certificates
from vendors.services.pages import OwnRow, own_listings

WORK_ROWS = 50
LOW_STOCK = 5
LOW_PAGES = 3


@dataclass(frozen=True)
class PackRow:
    """An order that waits in the stall: to be packed, for the post, or for money to be given back.

    `pack_by` is the end of the time to pack one that is paid at the door, `difference` stands while it waits for its
    buyer to pay for more weight, or for its seller to decide.
    """

    code: str
    things: str
    recipient: str
    commune: str
    total_dong: int
    give_back_dong: int
    paid_at: datetime | None
    parcel_code: str
    pack_by: datetime | None = None
    difference: HeavyState | None = None


@dataclass(frozen=True)
class SellersDay:
    """A seller's day in Vietnam. Counts and đồng are of today; the work lists hold at most 50 each."""

    orders: int
    paid: int
    paid_dong: int
    waiting: int
    to_pack: list[PackRow]
    packed: list[PackRow]
    to_give_back: list[PackRow]
    to_transfer: int
    asking: list[PackRow]
    low: list[OwnRow]
    endings: list[EndingCertificate]
    mark: str


@dataclass(frozen=True)
class Sale:
    """One order as its seller sees it."""

    order: Order
    lines: list[OrderLine]
    said: Said
    steps: list[Step]
    parcel_step: TimelineStep | None
    weight: str
    can_be_packed: bool
    waits_for_money: bool
    returns: Returns
    short: Shortage | None
    handing: HandingFacts
    goods_back: GoodsBack | None = None
    difference: DifferenceFacts | None = None


async def sellers_day(vendor_ids: tuple[int, ...], *, now: datetime) -> SellersDay:
    """Today for these vendors, in a bounded number of queries."""
    mine = Order.filter(vendor_id__in=vendor_ids)
    since = day_start(vietnam_date(now))
    paid = (
        await mine.filter(paid_at__gte=since)
        .annotate(n=Count("id"), dong=Sum(F("total_dong") + F("more_dong")))
        .values("n", "dong")
    )
    to_pack, packed = await _work(vendor_ids, is_packed=False), await _work(vendor_ids, is_packed=True)
    to_give_back = await _rows(mine.filter(give_back_dong__gt=0, given_back_at__isnull=True))
    to_transfer = await waiting_refunds(vendor_ids)
    asking = await _rows(mine.filter(asks__state=AskState.ASKED))
    orders = await mine.filter(placed_at__gte=since).count()
    waiting = await mine.filter(state=OrderState.PLACED).count()
    counted = paid[0] if paid else {"n": 0, "dong": 0}
    codes = [
        (row.code, row.parcel_code, row.difference) for row in (*to_pack, *packed, *to_give_back, *asking)
    ]
    return SellersDay(
        orders=orders,
        paid=int(counted["n"] or 0),
        paid_dong=int(counted["dong"] or 0),
        waiting=waiting,
        to_pack=to_pack,
        packed=packed,
        to_give_back=to_give_back,
        to_transfer=to_transfer,
        asking=asking,
        low=await _running_low(vendor_ids),
        endings=await ending_certificates(vendor_ids, today=vietnam_date(now)),
        mark=hashlib.sha256(repr((orders, waiting, counted["n"], codes, to_transfer)).encode()).hexdigest()[
            :20
        ],
    )


async def _running_low(vendor_ids: tuple[int, ...]) -> list[OwnRow]:
    """Goods on sale of which few are left, among the newest pages of the vendors' listings."""
    low: list[OwnRow] = []
    for page in range(1, LOW_PAGES + 1):
        leaf = await own_listings(vendor_ids, page)
        low += [
            row for row in leaf.items if row.listing.state == "on_sale" and row.listing.stock <= LOW_STOCK
        ]
        if not leaf.has_more:
            break
    return sorted(low, key=lambda row: row.listing.stock)


async def _work(vendor_ids: tuple[int, ...], *, is_packed: bool) -> list[PackRow]:
    ready = Order.filter(vendor_id__in=vendor_ids, state__in=TO_SEND, packed_at__isnull=not is_packed)
    return await _rows(ready)


async def _rows(query: QuerySet[Order]) -> list[PackRow]:
    orders = await query.order_by("paid_at", "id").limit(WORK_ROWS).prefetch_related("lines")
    charged = [one.id for one in orders if one.more_most_dong]
    unpaid = WeightDifference.filter(order_id__in=charged, state__in=list(HEAVY_OPEN))
    waiting = {one.order_id: one.state for one in await unpaid} if charged else {}
    return [
        PackRow(
            code=order.code,
            things=things_of(list(order.lines)),
            recipient=order.recipient_name,
            commune=f"{order.commune}, {order.province}",
            total_dong=order.total_dong,
            give_back_dong=order.give_back_dong,
            paid_at=order.paid_at,
            parcel_code=order.parcel_code,
            pack_by=order.expires_at if order.state is OrderState.CONFIRMED else None,
            difference=waiting.get(order.id),
        )
        for order in orders
    ]


async def sales_of(vendor_ids: tuple[int, ...], *, page: int = 1) -> OrderRows:
    """A page of these vendors' orders, newest first; three queries."""
    mine = Order.filter(vendor_id__in=vendor_ids).order_by("-placed_at", "-id")
    return await rows_of(mine, page, TO_SELLER)


async def own_sale(code: str, vendor_ids: tuple[int, ...]) -> Order:
    """The order if one of these vendors sold it. NotFound otherwise."""
    order = await Order.get_or_none(code=tidy_code(code))
    if order is None or order.vendor_id not in vendor_ids:
        raise NotFound()
    return order


async def sale_facts(order: Order, *, now: datetime) -> Sale:
    """All that a seller sees of an order."""
    lines = await order.lines.all().order_by("id")
    parcel_steps = await timeline(order.parcel_id) if order.parcel_id else []
    payment = await payment_for(reference_of(order.id))
    short = await shortage_of(order)
    is_asked = short is not None and short.state is ShortState.ASKED
    difference = await difference_facts(order, now=now)
    open_one = said_while_open_to_seller(difference.row if difference else None)
    return Sale(
        order=order,
        lines=lines,
        said=open_one or said_while_asked_to_seller(short) or said_to_seller(order, payment),
        steps=steps_of(order, await order.events.all().order_by("id")),
        parcel_step=parcel_steps[-1] if parcel_steps else None,
        weight=show_weight(weight_of(lines)),
        can_be_packed=order.state in TO_SEND and order.packed_at is None and not is_asked,
        waits_for_money=order.state is OrderState.PLACED,
        returns=await returns_of(order, payment, now=now),
        short=short,
        handing=await handing_of(order, now=now),
        goods_back=await goods_back(order),
        difference=difference,
    )
