"""After all has settled: every plan's order and payment stand as they may, every accepted notice stands once."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from bench.chaos.buyers import Load, Outcome
from kit.db import sql
from kit.rows import Row
from market.audit import Audited
from orders.services import reference_of
from payments.services import payment_for

_ORDERS = """
    SELECT o.id, o.code, o.note, o.group_code, o.state, o.paid_at, o.pays_on_delivery, s.state AS short
    FROM customer_order o LEFT JOIN shortage s ON s.order_id = o.id WHERE o.note LIKE 'chaos %' ORDER BY o.id
"""
_OWED = """
    SELECT coalesce(sum(amount_dong), 0)::bigint AS dong FROM refund
    WHERE payment_id = $1 AND source = 'owed' AND state NOT IN ('failed', 'reversed', 'cancelled')
"""
_NOTICES = """
    SELECT source || ':' || event_key AS key, count(*) AS n, count(handled_at) AS handled FROM notice
    WHERE source IN ('sepay', 'casso') GROUP BY 1
"""
_TWINS = """
    SELECT o.code AS "order", p.code AS parcel, count(t.id) AS made FROM customer_order o
    JOIN parcel p ON p.id = o.parcel_id
    LEFT JOIN twin_parcel t ON t.reference = p.code AND t.carrier = p.carrier
    WHERE p.carrier <> 'staff' AND o.note LIKE 'chaos %' GROUP BY o.code, p.code HAVING count(t.id) <> 1
"""
_LACKING = """
    SELECT coalesce(sum((line->>'ordered')::int - (line->>'packed')::int), 0)::bigint AS pieces
    FROM shortage s JOIN customer_order o ON o.id = s.order_id, jsonb_array_elements(s.lines) AS line
    WHERE s.state IN ('accepted', 'cancelled') AND o.note LIKE 'chaos %'
"""
ROWS_MAX = 20
_WAITED = """
    SELECT percentile_disc(ARRAY[0.5, 0.95, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM handled_at - received_at))
    AS waited FROM notice WHERE received_at > $1 AND handled_at IS NOT NULL
"""
GONE_ON = ("paid", "posted", "ready", "delivered", "returned", "lost", "disputed", "closed")


async def checked(load: Load, pieces: tuple[tuple[int, int], tuple[int, int]]) -> list[Audited]:
    """What the auditors of the market cannot know: what was meant and what was accepted."""
    orders = await sql(_ORDERS)
    found = [
        Audited("plans carried out", [{"wrong": one} for one in load.faults]),
        Audited("orders placed once", _placed_twice(orders)),
        Audited("payments as paid", await _unlike(load.outcomes, orders)),
        Audited("doors as they stand", _doors(load.at_door, orders)),
        Audited("accepted notices stand once", await _lost(load.accepted)),
        Audited("one waybill an order", await sql(_TWINS)),
        Audited("pieces conserved", _pieces(*pieces, await _never_there())),
    ]
    return [Audited(one.name, one.rows[:ROWS_MAX]) for one in found]


async def waited(since: datetime) -> dict[str, float]:
    """How long notices waited to be settled while all this went on: the middle one, 95 of a hundred, the longest."""
    [row] = await sql(_WAITED, [since])
    names = ("notice p50", "notice p95", "notice longest")
    return {name: float(str(one)) for name, one in zip(names, cast(list[object], row["waited"]), strict=True)}


def _placed_twice(orders: Sequence[Row]) -> list[Row]:
    groups: dict[str, set[str]] = {}
    for row in orders:
        groups.setdefault(str(row["note"]), set()).add(str(row["group_code"]))
    return [{"plan": note, "orders": len(found)} for note, found in groups.items() if len(found) > 1]


async def _unlike(outcomes: Sequence[Outcome], orders: Sequence[Row]) -> list[Row]:
    """Payments that do not stand in one of the ways they may, and orders that do not go with theirs."""
    by_code = {str(row["code"]): row for row in orders}
    wrong: list[Row] = []
    for one in outcomes:
        row = by_code.get(one.asked.order)
        now = await payment_for(reference_of(int(str(row["id"])))) if row else None
        if row is None or now is None:
            wrong.append({"order": one.asked.order, "way": one.way, "wrong": "the order is gone"})
            continue
        # What is too much is asked back by itself as soon as a worker comes to it.
        [owed] = await sql(_OWED, [now.id])
        extra_dong = now.extra_dong + int(str(owed["dong"]))
        stands = (str(now.state), now.received_dong, extra_dong)
        has_gone_on = row["state"] in GONE_ON or row["short"] == "cancelled"
        if stands not in one.may_be or (now.state == "paid") != has_gone_on:
            wrong.append(
                {
                    "order": one.asked.order,
                    "way": one.way,
                    "stands": stands,
                    "may be": one.may_be,
                    "is": row["state"],
                }
            )
    return wrong


def _doors(codes: Sequence[str], orders: Sequence[Row]) -> list[Row]:
    """Orders paid at the door that are gone, or wait as if they were to be paid before."""
    by_code = {str(row["code"]): row for row in orders}
    return [
        {"order": code, "is": by_code[code]["state"] if code in by_code else "gone"}
        for code in codes
        if code not in by_code or by_code[code]["state"] in ("placed", "expired")
    ]


async def _lost(accepted: set[str]) -> list[Row]:
    kept = {str(row["key"]): row for row in await sql(_NOTICES)}
    return [
        {"notice": key, "rows": kept[key]["n"] if key in kept else 0}
        for key in sorted(accepted)
        if key not in kept or (kept[key]["n"], kept[key]["handled"]) != (1, 1)
    ]


async def _never_there() -> int:
    """Pieces that sellers found lacking: they were counted on the shelf and were not there."""
    [row] = await sql(_LACKING)
    return int(str(row["pieces"]))


def _pieces(before: tuple[int, int], after: tuple[int, int], lacking: int) -> list[Row]:
    is_right = before[0] == after[0] + lacking
    return [] if is_right else [{"before": before[0], "after": after[0], "found lacking": lacking}]
