"""What an auditor asks of goods handed over, of pieces that lacked, of doors, tills and the revenue book."""

from datetime import datetime

from kit.db import sql
from kit.rows import Row
from orders.models import Order, TillSale
from orders.services.names import SHORT, reference_of, till_reference
from orders.short_models import Shortage
from orders.states import SaleState, ShortState
from payments.services.auditing import asked_back, booked_lately, counted_towards, due_at_doors
from postal.services.auditing import money_at_doors

AUDIT_ROWS_MAX = 20
AT_ONCE = 1_000
_FETCHED = """
    SELECT o.code AS "order", o.state, f.handing, f.is_waiting, f.ready_at, f.fetched_at, f.ended_at
    FROM order_fetch f JOIN customer_order o ON o.id = f.order_id
    WHERE o.placed_at >= $1 AND f.handing IN ('stall', 'desk') AND (
        (f.is_waiting <> (o.state = 'ready'))
        OR (f.fetched_at IS NOT NULL) <> (o.state IN ('delivered', 'disputed', 'closed')
            OR (o.state = 'returned' AND f.ended_at IS NULL))
        OR (f.ended_at IS NOT NULL AND (o.state <> 'returned' OR f.fetched_at IS NOT NULL))
        OR (f.fetched_at IS NOT NULL AND f.ready_at IS NULL)
    ) ORDER BY o.id LIMIT $2
"""
# What goes with a packed parcel was brought, is paid, and follows that parcel; nothing waits long for its number.
_JOINT = """
    SELECT j.id AS joint, j.state, j.parcel_id, o.code AS "order", o.parcel_id AS order_parcel, p.brought_at
    FROM joint_parcel j LEFT JOIN joint_part p ON p.joint_id = j.id AND p.left_at IS NULL
    LEFT JOIN customer_order o ON o.id = p.order_id
    WHERE j.opened_at >= $1 AND j.state = 'packed' AND j.packed_at < $2 AND (
        j.parcel_id IS NULL OR p.id IS NULL OR p.brought_at IS NULL OR o.parcel_id IS DISTINCT FROM j.parcel_id
    ) ORDER BY j.id LIMIT $3
"""
_BOOKED = """
    SELECT subject AS reference, sum(amount_dong)::bigint AS dong FROM revenue_entry
    WHERE source = 'ledger' AND subject = ANY($1) GROUP BY subject
"""


async def wrongly_fetched(*, since: datetime) -> list[Row]:
    """Orders placed since then that were given out and do not say so, or say so and were not, or twice ended."""
    return await sql(_FETCHED, [since, AUDIT_ROWS_MAX])


async def broken_joints(*, since: datetime, before: datetime) -> list[Row]:
    """Parcels of several stalls, packed before then, without a number, or whose orders are not all in them."""
    return await sql(_JOINT, [since, before, AUDIT_ROWS_MAX])


async def wrong_shortages(*, since: datetime) -> list[Row]:
    """Shortages told since then whose answer is not what became of their order, its pieces and its money."""
    wrong: list[Row] = []
    last = 0
    told = Shortage.filter(asked_at__gte=since).order_by("id")
    while rows := await told.filter(id__gt=last).limit(AT_ONCE):
        orders = {one.id: one for one in await _with_lines([row.order_id for row in rows])}
        back = await asked_back(SHORT, [reference_of(row.order_id) for row in rows])
        for row in rows:
            order = orders[row.order_id]
            asked_dong = back.get(reference_of(order.id), 0)
            if not _is_as_answered(row, order, asked_dong):
                short_dong = row.short_dong
                found = {"order": order.code, "is": str(order.state), "answer": str(row.state)}
                wrong.append({**found, "short_dong": short_dong, "back_dong": asked_dong})
        last = rows[-1].id
    return wrong[:AUDIT_ROWS_MAX]


async def _with_lines(order_ids: list[int]) -> list[Order]:
    return await Order.filter(id__in=order_ids).prefetch_related("lines")


def _is_as_answered(row: Shortage, order: Order, asked_dong: int) -> bool:
    lacking_dong = sum(line.short_dong for line in order.lines)
    if row.state is ShortState.ACCEPTED:
        return bool(asked_dong == row.short_dong == lacking_dong)
    if row.state is ShortState.CANCELLED:
        return bool(order.state == "cancelled" and asked_dong > 0)
    return bool(asked_dong == lacking_dong == 0 and order.state != "cancelled")


async def wrong_doors(*, before: datetime) -> list[Row]:
    """Orders to be paid at the door, quiet since `before`, whose money the books hold other than the post says."""
    wrong: list[Row] = []
    due, last = await due_at_doors(), 0
    orders = Order.filter(pays_on_delivery=True, parcel_id__isnull=False).order_by("id")
    while rows := await orders.filter(id__gt=last).limit(AT_ONCE).only("id", "code", "parcel_id"):
        steps = await money_at_doors([int(one.parcel_id or 0) for one in rows], before=before)
        for order in rows:
            found = steps.get(int(order.parcel_id or 0))
            booked_dong = due.get(reference_of(order.id), 0)
            if found and found.is_old and (not found.is_told or found.due_dong != booked_dong):
                wrong.append({"order": order.code, "due_dong": found.due_dong, "booked_dong": booked_dong})
        last = rows[-1].id
    return wrong[:AUDIT_ROWS_MAX]


async def wrong_sales(*, since: datetime) -> list[Row]:
    """Stall sales since then, but those in cash, that say other than the books what counts towards them."""
    wrong: list[Row] = []
    last = 0
    made = TillSale.filter(made_at__gte=since).exclude(way="cash").order_by("id")
    while rows := await made.filter(id__gt=last).limit(AT_ONCE):
        came = await counted_towards([till_reference(one.id) for one in rows])
        for sale in rows:
            came_dong = came.get(till_reference(sale.id), 0)
            said_dong = _counted_dong(sale)
            if came_dong != said_dong:
                found = {"sale": sale.id, "way": str(sale.way), "state": str(sale.state)}
                wrong.append({**found, "said_dong": said_dong, "booked_dong": came_dong})
        last = rows[-1].id
    return wrong[:AUDIT_ROWS_MAX]


def _counted_dong(sale: TillSale) -> int:
    """What of a sale stands in the payments' books; a note «QR seen» does only when a bank has proved it."""
    if sale.state in (SaleState.NOT_SALE, SaleState.MATCHED) or (
        sale.way == "seen" and sale.notice_id is None
    ):
        return 0
    return int(sale.received_dong + sale.noted_dong)


async def unlike_book(*, since: datetime, before: datetime) -> list[Row]:
    """Orders placed since then, quiet since `before`, whose lines in the revenue book are not what the books count."""
    wrong: list[Row] = []
    moving, last = await booked_lately(before), 0
    paid = Order.filter(placed_at__gte=since, paid_at__isnull=False).order_by("id")
    while rows := await paid.filter(id__gt=last).limit(AT_ONCE).only("id", "code", "vendor_id"):
        references = [reference_of(one.id) for one in rows]
        counted, booked = await counted_towards(references), await _in_book(references)
        wrong += [
            {"order": one.code, "counted_dong": counted.get(name, 0), "in_book_dong": booked.get(name, 0)}
            for name, one in zip(references, rows, strict=True)
            if name not in moving and counted.get(name, 0) != booked.get(name, 0)
        ]
        last = rows[-1].id
    return wrong[:AUDIT_ROWS_MAX]


async def _in_book(references: list[str]) -> dict[str, int]:
    return {str(row["reference"]): int(str(row["dong"])) for row in await sql(_BOOKED, [references])}
