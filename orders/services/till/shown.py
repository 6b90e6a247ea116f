"""What the till's screen shows: one sale large, the last ones, the day's sums, the goods to tap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tortoise.functions import Count, Sum

from kit.dates import vietnam_date
from kit.i18n import Sentence
from kit.money import Dialect
from kit.spoken import spoken_dong
from orders.models import TillLine, TillSale
from orders.services.names import till_reference
from orders.services.till.log import till_seq
from orders.services.till.words import WAY_WORDS, state_of
from orders.states import SaleState, SaleWay
from payments.services import PaymentView, payment_for
from vendors.services.pages import OwnRow, own_listings

LAST_SHOWN = 8
GOODS_SHOWN = 12
PAGE_ROWS = 24
UNCOUNTED = (SaleState.NOT_SALE, SaleState.MATCHED)
COUNTED = tuple(state for state in SaleState if state not in UNCOUNTED)


@dataclass(frozen=True)
class SaleRow:
    """A sale in the list: its sum, how it is paid, where it stands."""

    sale: TillSale
    way: Sentence
    state: Sentence
    tone: str


@dataclass(frozen=True)
class SaleShown:
    """One sale large. `words` is its sum in words; `payment` asks for what is lacking, while it may be paid."""

    row: SaleRow
    words: str
    rest_words: str
    payment: PaymentView | None
    lines: list[TillLine]
    can_cancel: bool
    can_confirm: bool


@dataclass(frozen=True)
class DaySums:
    """What a day has seen so far, in đồng: through the bank, of it on the plate, on the seller's word, in cash."""

    sales: int
    cash_dong: int
    seen_dong: int
    plate_dong: int
    said_dong: int
    open_dong: int

    @property
    def all_dong(self) -> int:
        """All money of the day."""
        return self.cash_dong + self.seen_dong + self.said_dong


@dataclass(frozen=True)
class TillScreen:
    """The till: `seq` is the newest event that it knows of."""

    seq: int
    last: list[SaleRow]
    sums: DaySums
    shown: SaleShown | None


async def till_screen(
    vendor_id: int, sale_id: int | None, *, now: datetime, language: str, speech: Dialect
) -> TillScreen:
    """The screen now, with this sale large if it is the vendor's. Bounded queries; the number is read first."""
    seq = await till_seq(vendor_id)
    last = await TillSale.filter(vendor_id=vendor_id).order_by("-id").limit(LAST_SHOWN)
    sale = await TillSale.get_or_none(id=sale_id, vendor_id=vendor_id) if sale_id else None
    return TillScreen(
        seq=seq,
        last=[row_of(one) for one in last],
        sums=await day_sums(vendor_id, vietnam_date(now)),
        shown=await _shown(sale, language, speech) if sale else None,
    )


async def sales_of_day(vendor_id: int, day: date, page: int) -> tuple[list[SaleRow], bool]:
    """A page of a day's sales, newest first, and whether there are more."""
    rows = TillSale.filter(vendor_id=vendor_id, day=day).order_by("-id")
    found = await rows.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    return [row_of(one) for one in found[:PAGE_ROWS]], len(found) > PAGE_ROWS


async def day_sums(vendor_id: int, day: date) -> DaySums:
    """What a day of a till sums to. One query."""
    rows = (
        await TillSale.filter(vendor_id=vendor_id, day=day)
        .annotate(
            n=Count("id"),
            came=Sum("received_dong"),
            noted=Sum("noted_dong"),
            asked=Sum("amount_dong"),
            said=Sum("said_dong"),
        )
        .group_by("way", "state")
        .values("way", "state", "said", "n", "came", "noted", "asked")
    )
    return _sums(rows)


async def goods_to_tap(vendor_id: int) -> list[OwnRow]:
    """Up to twelve of the vendor's goods that are on sale and in stock, the newest first."""
    leaf = await own_listings((vendor_id,), 1)
    on_sale = [row for row in leaf.items if row.listing.state == "on_sale" and row.listing.stock > 0]
    return on_sale[:GOODS_SHOWN]


def row_of(sale: TillSale) -> SaleRow:
    """A sale for a list."""
    words, tone = state_of(sale)
    return SaleRow(sale, WAY_WORDS[sale.way], words, tone)


async def _shown(sale: TillSale, language: str, speech: Dialect) -> SaleShown:
    payment = await payment_for(till_reference(sale.id)) if sale.way is SaleWay.QR else None
    rest_dong = sale.amount_dong - sale.received_dong - sale.noted_dong
    is_open = sale.state in (SaleState.WAITING, SaleState.TO_CONFIRM)
    return SaleShown(
        row=row_of(sale),
        words=spoken_dong(sale.amount_dong, language, speech),
        rest_words=spoken_dong(max(rest_dong, 0), language, speech),
        payment=payment,
        lines=await sale.lines.all().order_by("id"),
        can_cancel=(is_open and not sale.received_dong)
        or (sale.way is SaleWay.CASH and sale.state is SaleState.PAID),
        can_confirm=is_open,
    )


def _sums(rows: Sequence[dict[str, object]]) -> DaySums:
    def total(
        name: str, *, ways: Sequence[SaleWay] = tuple(SaleWay), states: Sequence[SaleState] = COUNTED
    ) -> int:
        return sum(int(str(row[name] or 0)) for row in rows if row["way"] in ways and row["state"] in states)

    said_dong = total("said")
    return DaySums(
        sales=total("n", states=[SaleState.PAID]),
        cash_dong=total("noted", states=[SaleState.PAID]),
        seen_dong=total("came") - said_dong,
        plate_dong=total("came", ways=[SaleWay.PLATE]),
        said_dong=said_dong,
        open_dong=total("asked", states=[SaleState.WAITING, SaleState.TO_CONFIRM]),
    )
