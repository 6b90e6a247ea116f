"""What an auditor asks of orders: steps by the table, goods kept, money and parcels as the neighbours say."""

from collections.abc import AsyncIterator
from datetime import datetime

from kit.dates import vietnam_date
from kit.db import sql
from kit.rows import Row
from orders.heavy_models import WeightDifference
from orders.models import Order, TillSale
from orders.services.names import difference_reference, reference_of, till_reference
from orders.services.post import ENDS, WITH_THE_POST
from orders.states import BY_ITSELF, FOLLOWS, Handing, HeavyState, OrderState, SaleState
from payments.services.auditing import paid_among
from postal.services.auditing import standing_of
from postal.states import ParcelState
from vendors.services.auditing import pieces_held

AUDIT_ROWS_MAX = 20
AT_ONCE = 1_000
ARRIVED = frozenset({OrderState.DELIVERED, OrderState.DISPUTED, OrderState.CLOSED, OrderState.RETURNED})
# What is paid at the door is confirmed in the moment in which it is placed, and holds its goods until it is sent.
_ALLOWED = [f"{old}>{new}" for old, after in FOLLOWS.items() for new in after] + ["placed>confirmed"]
_TO_SEND = frozenset({"paid", "confirmed"})
_STEPS = """
    WITH walked AS (
        SELECT e.order_id, e.state, lag(e.state) OVER w AS before, lead(e.state) OVER w AS next
        FROM order_event e JOIN customer_order o ON o.id = e.order_id WHERE o.placed_at >= $1
        WINDOW w AS (PARTITION BY e.order_id ORDER BY e.id)
    )
    SELECT o.code AS "order", o.state, w.before AS step_from, w.state AS step_to FROM walked w
    JOIN customer_order o ON o.id = w.order_id
    WHERE (w.before IS NOT NULL AND w.before || '>' || w.state <> ALL($2)) OR (w.next IS NULL AND w.state <> o.state)
    ORDER BY o.id LIMIT $3
"""
_ORDERED = """
    SELECT o.id, sum(l.quantity)::bigint AS pieces FROM customer_order o JOIN order_line l ON l.order_id = o.id
    WHERE o.state IN ('placed', 'confirmed') GROUP BY o.id
"""
_UNPOSTED = """
    SELECT code AS "order", state, paid_at, ships_from, parcel_id FROM customer_order
    WHERE state = 'paid' AND paid_at < $1 AND (parcel_id IS NULL OR parcel_code = '')
        AND (more_most_dong = 0 OR packed_at < $1)
        AND handing = ANY($4) AND (ships_from IS NULL OR ships_from <= $2) ORDER BY id LIMIT $3
"""
# Nothing goes out while more is owed for its weight, and no clock of it stands still.
_SENT_UNPAID = """
    SELECT o.code AS "order", o.state, d.state AS difference, d.dong, o.more_dong, d.due_at
    FROM weight_difference d JOIN customer_order o ON o.id = d.order_id
    WHERE (d.state IN ('asked', 'lapsed') AND (o.state <> 'paid' OR o.packed_at IS NOT NULL OR o.parcel_id IS NOT NULL))
        OR (d.state = 'paid') <> (o.more_dong > 0) OR (d.state = 'asked' AND d.due_at < $1)
    ORDER BY o.id LIMIT $2
"""
_TWO_PARCELS = """
    SELECT parcel_id, count(*) AS orders FROM customer_order WHERE parcel_id IS NOT NULL AND handing <> 'joint'
    GROUP BY parcel_id HAVING count(*) > 1 LIMIT $1
"""
_FOUND = "SELECT o.code FROM found_parcel f JOIN customer_order o ON o.id = f.order_id WHERE o.code = ANY($1)"
_GAPS = """
    SELECT t.vendor_id, t.seq, count(e.id) AS events, max(e.seq) AS last FROM till t
    LEFT JOIN till_event e ON e.vendor_id = t.vendor_id
    GROUP BY t.vendor_id HAVING count(e.id) <> t.seq OR coalesce(max(e.seq), 0) <> t.seq ORDER BY 1 LIMIT $1
"""


async def wrong_steps(*, since: datetime) -> list[Row]:
    """Orders placed since then that made a step no table allows, or do not stand where their last step led."""
    return await sql(_STEPS, [since, _ALLOWED, AUDIT_ROWS_MAX])


async def goods_not_kept() -> list[Row]:
    """Goods kept for orders and stall sales that wait for no money, and unpaid orders whose goods are not kept."""
    held = await pieces_held()
    ordered = {reference_of(int(str(row["id"]))): int(str(row["pieces"])) for row in await sql(_ORDERED)}
    waiting = TillSale.filter(state__in=[SaleState.WAITING, SaleState.TO_CONFIRM])
    sales = {till_reference(int(str(id))) for id in await waiting.values_list("id", flat=True)}
    wrong = {
        name: (held.get(name, 0), ordered.get(name, 0))
        for name in held.keys() | ordered.keys()
        if name not in sales and held.get(name, 0) != ordered.get(name, 0)
    }
    rows = [{"of": name, "kept": kept, "ordered": asked} for name, (kept, asked) in sorted(wrong.items())]
    return [dict[str, object](row) for row in rows[:AUDIT_ROWS_MAX]]


async def unlike_money(*, since: datetime) -> list[Row]:
    """Orders placed since then that wait for money which is there, or went on without it."""
    wrong: list[Row] = []
    async for orders in _in_turn(since):
        paid = await paid_among([reference_of(one.id) for one in orders])
        wrong += [
            {"order": one.code, "state": str(one.state), "payment_is_paid": reference_of(one.id) in paid}
            for one in orders
            if (one.state is OrderState.PLACED and reference_of(one.id) in paid)
            or (one.paid_at is not None and reference_of(one.id) not in paid)
        ]
    return wrong[:AUDIT_ROWS_MAX]


async def uneven_weights(*, before: datetime) -> list[Row]:
    """Orders sent although their goods cost more than is paid, or differences unlike their money or past their clock.

    A clock that ran out after `before` may still be turned.
    """
    wrong = await sql(_SENT_UNPAID, [before, AUDIT_ROWS_MAX])
    found = WeightDifference.filter(ended_at__lt=before).order_by("-id").limit(AT_ONCE)
    states = {difference_reference(one.order_id): one.state for one in await found}
    paid = await paid_among(list(states))
    unlike: list[Row] = [
        {"difference": name, "state": str(state)}
        for name, state in states.items()
        if (state is HeavyState.PAID) != (name in paid)
    ]
    return [*wrong, *unlike][:AUDIT_ROWS_MAX]


async def without_parcel(*, before: datetime) -> list[Row]:
    """Orders paid before then, to be sent by now, that have no parcel; and parcels that are two orders'."""
    alone = [str(one) for one in BY_ITSELF]
    rows = await sql(_UNPOSTED, [before, vietnam_date(before), AUDIT_ROWS_MAX, alone])
    return rows + await sql(_TWO_PARCELS, [AUDIT_ROWS_MAX])


async def unlike_parcel(*, since: datetime, before: datetime) -> list[Row]:
    """Orders placed since then whose parcel, unchanged since `before`, is elsewhere than they are, or another's."""
    wrong: list[Row] = []
    async for orders in _in_turn(since):
        sent = [(one.parcel_id, one) for one in orders if one.parcel_id is not None]
        parcels = await standing_of(sorted({parcel_id for parcel_id, _ in sent}), before=before)
        for parcel_id, order in sent:
            parcel = parcels.get(parcel_id)
            is_own = parcel is not None and _is_for(order, parcel.reference)
            if is_own and parcel and (not parcel.is_old or _is_where(order.state, parcel.state)):
                continue
            if is_own and parcel and parcel.is_told and order.state is OrderState.CANCELLED:
                continue
            state = str(parcel.state) if parcel else "missing"
            wrong.append({"order": order.code, "state": str(order.state), "parcel": parcel_id, "is": state})
    put_before = await _put_before_somebody([str(one["order"]) for one in wrong if one["state"] == "lost"])
    return [one for one in wrong if one["order"] not in put_before][:AUDIT_ROWS_MAX]


async def _put_before_somebody(codes: list[str]) -> set[str]:
    """Of these lost orders those whose parcel was found: a person decides, or has decided that they stay lost."""
    rows = await sql(_FOUND, [codes]) if codes else []
    return {str(row["code"]) for row in rows}


def _is_for(order: Order, reference: str) -> bool:
    """Whether a parcel of this reference is the order's own, or the one it shares with other stalls' goods."""
    is_shared = order.handing is Handing.JOINT
    return reference.startswith("joint:") if is_shared else reference == reference_of(order.id)


def _is_where(order: OrderState, parcel: ParcelState) -> bool:
    """Whether an order stands where follow_parcel() leaves it for a parcel, or further on."""
    if parcel is ParcelState.RETURNED and order is OrderState.CANCELLED:
        return True
    if parcel in ENDS:
        return order in ARRIVED or order is ENDS[parcel]
    if parcel in WITH_THE_POST:
        return order not in _TO_SEND
    return order not in ARRIVED and order is not OrderState.LOST


async def till_gaps() -> list[Row]:
    """Tills whose events are not numbered from 1 on without a gap: screens would wait for one that never was."""
    return await sql(_GAPS, [AUDIT_ROWS_MAX])


async def _in_turn(since: datetime) -> AsyncIterator[list[Order]]:
    """Orders placed since then, so many at a time."""
    last = 0
    read = ("id", "code", "state", "parcel_id", "handing", "paid_at")
    placed = Order.filter(placed_at__gte=since).order_by("id").only(*read)
    while orders := await placed.filter(id__gt=last).limit(AT_ONCE):
        yield orders
        last = orders[-1].id
