"""Counts of orders for market boards and the province."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import F
from tortoise.functions import Count, Sum

from orders.models import Order
from orders.states import OrderState

ARRIVED = frozenset({OrderState.DELIVERED, OrderState.DISPUTED, OrderState.CLOSED})
PAID_STATES = ARRIVED | {OrderState.PAID, OrderState.POSTED, OrderState.READY}


@dataclass(frozen=True)
class SalesFigures:
    """Orders of some sellers: placed, paid without cash, delivered, and the paid sum in đồng."""

    placed: int = 0
    paid: int = 0
    delivered: int = 0
    paid_dong: int = 0

    def __add__(self, other: "SalesFigures") -> "SalesFigures":
        return SalesFigures(
            self.placed + other.placed,
            self.paid + other.paid,
            self.delivered + other.delivered,
            self.paid_dong + other.paid_dong,
        )


async def sales_since(since: datetime) -> dict[int, SalesFigures]:
    """The orders placed since then, by vendor. One query."""
    grouped = Order.filter(placed_at__gte=since).annotate(
        orders=Count("id"), sum_dong=Sum(F("total_dong") + F("more_dong"))
    )
    found: dict[int, SalesFigures] = {}
    for row in await grouped.group_by("vendor_id", "state", "pays_on_delivery").values(
        "vendor_id", "state", "pays_on_delivery", "orders", "sum_dong"
    ):
        vendor_id = int(row["vendor_id"])
        found[vendor_id] = found.get(vendor_id, SalesFigures()) + _of_state(
            OrderState(row["state"]),
            int(row["orders"]),
            int(row["sum_dong"]),
            in_cash=bool(row["pays_on_delivery"]),
        )
    return found


async def buyers_by_commune(since: datetime, person_ids: set[int]) -> dict[str, int]:
    """How many of these people bought something without cash since then, by their commune's name. One query."""
    paid = Order.filter(
        placed_at__gte=since,
        state__in=PAID_STATES,
        person_id__in=list(person_ids),
        pays_on_delivery=False,
    )
    rows = await paid.distinct().values_list("commune", "province", "person_id")
    found: dict[str, int] = {}
    for commune, province, _ in rows:
        found[f"{commune}, {province}"] = found.get(f"{commune}, {province}", 0) + 1
    return found


def _of_state(state: OrderState, orders: int, sum_dong: int, *, in_cash: bool) -> SalesFigures:
    is_paid = state in PAID_STATES and not in_cash
    return SalesFigures(
        placed=orders,
        paid=orders if is_paid else 0,
        delivered=orders if state in ARRIVED else 0,
        paid_dong=sum_dong if is_paid else 0,
    )
