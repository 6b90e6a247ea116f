"""A person's own orders and basket: as a copy to take along, and without the person when they are erased."""

from datetime import datetime

from kit.db import is_in_transaction, locked
from kit.rows import Row, plain_rows
from orders.book_models import RevenueEntry
from orders.claims import ClaimParty
from orders.handing_models import Fetch, JointPart, Spot
from orders.heavy_models import WeightDifference
from orders.models import (
    BasketLine,
    ClaimStep,
    MarketFee,
    Order,
    OrderClaim,
    OrderEvent,
    OrderLine,
    ReturnAsk,
    TillCorrection,
    TillDay,
    TillLine,
    TillSale,
)
from orders.services.basket import Buyer
from orders.services.names import difference_reference, joint_reference, reference_of
from orders.states import OrderState
from vendors.services.ratings.writing import forget_authors

STANDING = (
    OrderState.PLACED,
    OrderState.CONFIRMED,
    OrderState.PAID,
    OrderState.POSTED,
    OrderState.READY,
    OrderState.DISPUTED,
)
NOBODY = "—"
FORGOTTEN_AT_ONCE = 200


async def rows_of_buyer(person_id: int) -> dict[str, list[Row]]:
    """A person's basket and orders with their lines and steps, by table."""
    orders = await Order.filter(person_id=person_id).order_by("id")
    ids = [order.id for order in orders]
    return {
        "basket": plain_rows(await BasketLine.filter(owner=Buyer(person_id, "").owner).order_by("id")),
        "orders": plain_rows(orders, leave_out=frozenset({"device"})),
        "order_lines": plain_rows(await OrderLine.filter(order_id__in=ids).order_by("id")),
        "return_asks": plain_rows(await ReturnAsk.filter(order_id__in=ids).order_by("id")),
        "order_claims": plain_rows(await OrderClaim.filter(order_id__in=ids).order_by("id")),
        "claim_steps": plain_rows(await ClaimStep.filter(claim__order_id__in=ids).order_by("id")),
        "order_fetches": plain_rows(await Fetch.filter(order_id__in=ids).order_by("id")),
        "weight_differences": plain_rows(await WeightDifference.filter(order_id__in=ids).order_by("id")),
        "order_spots": plain_rows(await Spot.filter(order_id__in=ids).order_by("id")),
        "order_steps": plain_rows(await OrderEvent.filter(order_id__in=ids).order_by("id")),
    }


async def rows_of_seller(vendor_ids: list[int]) -> dict[str, list[Row]]:
    """What these vendors sold at their tills, closed by day, and owed their markets; their revenue books."""
    sales = await TillSale.filter(vendor_id__in=vendor_ids).order_by("id")
    days = await TillDay.filter(vendor_id__in=vendor_ids).order_by("id")
    lines = TillLine.filter(sale_id__in=[one.id for one in sales]).order_by("id")
    corrections = TillCorrection.filter(closed_id__in=[one.id for one in days]).order_by("id")
    return {
        "till_sales": plain_rows(sales),
        "till_lines": plain_rows(await lines),
        "till_days": plain_rows(days),
        "till_corrections": plain_rows(await corrections),
        "revenue_book": plain_rows(await RevenueEntry.filter(vendor_id__in=vendor_ids).order_by("id")),
        "market_fees": plain_rows(await MarketFee.filter(vendor_id__in=vendor_ids).order_by("id")),
    }


async def references_of_buyer(person_id: int) -> list[str]:
    """What payments and parcels of a person's orders are called by."""
    ids = await Order.filter(person_id=person_id).order_by("id").values_list("id", flat=True)
    return await _references([int(str(id)) for id in ids])


async def _references(order_ids: list[int]) -> list[str]:
    """What the orders and their differences are called by, and the parcels that several of them share."""
    parts = await JointPart.filter(order_id__in=order_ids)
    shared = sorted({joint_reference(one.joint_id) for one in parts})
    weighed = WeightDifference.filter(order_id__in=order_ids).order_by("order_id")
    heavier = [difference_reference(int(str(id))) for id in await weighed.values_list("order_id", flat=True)]
    return [*(reference_of(id) for id in sorted(order_ids)), *heavier, *shared]


async def standing_orders(person_id: int, vendor_ids: list[int]) -> list[str]:
    """The codes of orders that are not over, as a buyer or as the seller; up to 20."""
    bought = (
        await Order.filter(person_id=person_id, state__in=STANDING).limit(20).values_list("code", flat=True)
    )
    sold = (
        await Order.filter(vendor_id__in=vendor_ids, state__in=STANDING)
        .limit(20)
        .values_list("code", flat=True)
    )
    return sorted({str(code) for code in (*bought, *sold)})[:20]


async def forget_buyer(person_id: int) -> list[str]:
    """Empties the basket and takes names, phones and addresses off all orders of a person; sums and goods stay.

    Needs an open transaction(), and that no order stands. Gives the references of the orders, for the parcels.
    """
    if not is_in_transaction():
        raise RuntimeError("forget_buyer() needs an open transaction()")
    ids = await Order.filter(person_id=person_id).values_list("id", flat=True)
    await BasketLine.filter(owner=Buyer(person_id, "").owner).delete()
    return await _forget([int(str(id)) for id in ids])


async def forget_old_buyers(*, placed_before: datetime) -> list[str]:
    """Takes the buyers off orders whose term of keeping is over, some at a time; gives the references."""
    if not is_in_transaction():
        raise RuntimeError("forget_old_buyers() needs an open transaction()")
    old = Order.filter(placed_at__lt=placed_before).exclude(recipient_name=NOBODY).exclude(state__in=STANDING)
    ids = await old.order_by("placed_at").limit(FORGOTTEN_AT_ONCE).values_list("id", flat=True)
    return await _forget([int(str(id)) for id in ids])


async def _forget(ids: list[int]) -> list[str]:
    await locked(Order, ids)
    await ClaimStep.filter(claim__order_id__in=ids, party=ClaimParty.BUYER).update(words="", person_id=None)
    await Order.filter(id__in=ids).update(
        recipient_name=NOBODY, recipient_phone="", recipient_line="", note="", device=""
    )
    await ReturnAsk.filter(order_id__in=ids).update(reason=NOBODY)
    await Spot.filter(order_id__in=ids).delete()
    line_ids = await OrderLine.filter(order_id__in=ids).values_list("id", flat=True)
    await forget_authors([int(str(id)) for id in line_ids])
    return await _references(ids)
