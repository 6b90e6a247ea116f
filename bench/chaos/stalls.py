"""What sellers, desks and buyers do with paid orders: pack, lack pieces, bring, gather, give out, ask and give back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bench.chaos.callers import patiently
from bench.chaos.cast import Cast, fate_of, number_of
from kit.db import sql
from kit.rows import Row
from kit.settings import Settings
from orders.states import Handing
from postal.delivery_code import delivery_code

AT_ONCE = 8
WHY = "Mưa lớn, hái không đủ."
_ORDERS = """
    SELECT o.id, o.code, o.note, o.state, o.handing, o.vendor_id, o.person_id, o.pays_on_delivery,
        o.packed_at IS NOT NULL AS is_packed, s.state AS short, a.state AS asked, f.market_id, f.is_waiting,
        p.brought_at IS NULL AND p.left_at IS NULL AND p.id IS NOT NULL AS is_missing, j.market_id AS joint_market
    FROM customer_order o LEFT JOIN shortage s ON s.order_id = o.id LEFT JOIN order_fetch f ON f.order_id = o.id
    LEFT JOIN return_ask a ON a.order_id = o.id LEFT JOIN joint_part p ON p.order_id = o.id
    LEFT JOIN joint_parcel j ON j.id = p.joint_id
    WHERE o.note LIKE 'chaos %' AND o.state IN ('paid', 'confirmed', 'ready') ORDER BY o.id
"""
_LINES = "SELECT id, quantity, estimate_g FROM order_line WHERE order_id = $1 ORDER BY id"
_JOINTS = """
    SELECT j.id, j.market_id, count(*) FILTER (WHERE p.brought_at IS NULL AND p.left_at IS NULL
        AND o.state IN ('placed', 'paid')) AS missing, count(p.brought_at) AS brought
    FROM joint_parcel j JOIN joint_part p ON p.joint_id = j.id JOIN customer_order o ON o.id = p.order_id
    WHERE j.state = 'gathering' GROUP BY j.id HAVING count(p.brought_at) > 0
"""


Act = Callable[[Cast, Row], Awaitable[bool]]


async def work_orders(cast: Cast) -> int:
    """One look of everybody at what is to be done; how many acts were done."""
    rows = await patiently(lambda: sql(_ORDERS))
    due = [act for row in rows for act in _acts(cast, row)]
    return sum(await asyncio.gather(*(act() for act in due[:AT_ONCE])))


async def gather_joints(cast: Cast) -> int:
    """Desks pack the parcels of several stalls that are whole, and every third one without what is missing."""
    done = 0
    for row in await patiently(lambda: sql(_JOINTS)):
        joint, desk = int(str(row["id"])), cast.desks.get(int(str(row["market_id"])))
        leaves = joint % 3 == 0
        if desk and (leaves or not row["missing"]) and cast.tries("joint packed", str(joint)):
            path = f"{desk.path}/joints/{joint}/packing"
            done += await cast.act(desk.hand, "joint packed", str(joint), path, {"leaves": leaves})
    return done


def _acts(cast: Cast, row: Row) -> list[Callable[[], Awaitable[bool]]]:
    """What is to be done about an order now: nothing, one act, or several that race each other."""
    code = str(row["code"])
    if int(str(row["vendor_id"])) not in cast.sellers or row["person_id"] not in cast.buyers:
        return []
    fate = fate_of(number_of(str(row["note"])), cast.seed)
    return [partial(act, cast, row) for name, act in _due(fate, row) if cast.tries(name, code)]


def _due(fate: str, row: Row) -> Sequence[tuple[str, Act]]:
    """The acts by their names, as the fate of an order has it."""
    if row["short"] == "asked":
        all_at_once = ("rest taken", "found", "cancelled")
        answers = {"short, rest taken": all_at_once[:1], "short, found": all_at_once[1:2]}
        wanted = answers.get(fate, all_at_once if "at once" in fate else all_at_once[2:])
        return [(one, partial(_answer, what=one)) for one in wanted]
    if not row["is_packed"] and row["state"] != "ready":
        return _before_packing(fate, row)
    if row["is_missing"] or (row["handing"] == Handing.DESK and row["state"] == "paid"):
        return [("brought", _bring)]
    if row["state"] == "ready" and row["handing"] in (Handing.STALL, Handing.DESK):
        return [("handed over", _hand_over)]
    return []


def _before_packing(fate: str, row: Row) -> Sequence[tuple[str, Act]]:
    if fate == "left lying":
        return []
    is_paid = row["state"] == "paid" and not row["pays_on_delivery"]
    if fate.startswith(("short", "nothing")) and row["short"] is None and is_paid:
        return [("told short", _tell_short)]
    if fate == "asked back" and is_paid and row["asked"] in (None, "asked"):
        return [("asked back", _ask_back) if row["asked"] is None else ("agreed", _agree)]
    return [("packed", _pack)]


async def _pack(cast: Cast, row: Row) -> bool:
    """Weighed goods came out a little lighter than they were paid for; some sellers give a little back beside."""
    code, lines = str(row["code"]), await _lines(row)
    weights = [(one["id"], int(str(one["estimate_g"])) * 97 // 100) for one in lines if one["estimate_g"]]
    sent = {"weights": ",".join(f"{line}={grams}" for line, grams in weights)} if weights else {}
    seller = cast.sellers[int(str(row["vendor_id"]))]
    packed = await cast.act(seller, "packed", code, f"/sell/orders/{code}/packing", sent)
    if packed and fate_of(number_of(str(row["note"])), cast.seed) == "given back" and row["state"] == "paid":
        back = {"what": "sum", "amount_dong": 2_000, "reason": "Bớt cho khách"}
        await cast.act(seller, "given back", code, f"/sell/orders/{code}/refunds", back, f"chaos-back-{code}")
    return packed


async def _tell_short(cast: Cast, row: Row) -> bool:
    """The seller lacks one piece of what was ordered, or all of it."""
    code, lines = str(row["code"]), await _lines(row)
    nothing = fate_of(number_of(str(row["note"])), cast.seed) == "nothing there"
    counts = [(one["id"], 0 if nothing else int(str(one["quantity"])) - 1) for one in lines]
    sent = {"reason": WHY, "packed": ",".join(f"{line}={count}" for line, count in counts)}
    seller, path = cast.sellers[int(str(row["vendor_id"]))], f"/sell/orders/{code}/shortage"
    return await cast.act(seller, "told short", code, path, sent, f"chaos-short-{code}")


async def _answer(cast: Cast, row: Row, what: str) -> bool:
    code = str(row["code"])
    seller, buyer = cast.sellers[int(str(row["vendor_id"]))], cast.buyers[int(str(row["person_id"]))]
    if what == "found":
        return await cast.act(seller, what, code, f"/sell/orders/{code}/shortage/withdrawal", {})
    choice = {"choice": "accept" if what == "rest taken" else "cancel"}
    return await cast.act(buyer, what, code, f"/orders/{code}/shortage", choice)


async def _ask_back(cast: Cast, row: Row) -> bool:
    code, sent = str(row["code"]), {"what": "sum", "amount_dong": 3_000, "reason": "Mua nhầm loại"}
    buyer = cast.buyers[int(str(row["person_id"]))]
    return await cast.act(buyer, "asked back", code, f"/orders/{code}/returns", sent, f"chaos-ask-{code}")


async def _agree(cast: Cast, row: Row) -> bool:
    code, seller = str(row["code"]), cast.sellers[int(str(row["vendor_id"]))]
    sent = {"agrees": "yes"}
    return await cast.act(seller, "agreed", code, f"/sell/orders/{code}/answer", sent, f"chaos-agree-{code}")


async def _bring(cast: Cast, row: Row) -> bool:
    code, market = str(row["code"]), int(str(row["market_id"] or row["joint_market"] or 0))
    desk = cast.desks.get(market)
    if desk is None:
        return False
    return await cast.act(desk.hand, "brought", code, f"{desk.path}/brought", {"order": code})


async def _hand_over(cast: Cast, row: Row) -> bool:
    """Against the buyer's code."""
    code = str(row["code"])
    shown = {"code": f"{code}-{delivery_code(code, Settings().secret_key)}"}
    desk = cast.desks.get(int(str(row["market_id"] or 0))) if row["handing"] == Handing.DESK else None
    seller = cast.sellers[int(str(row["vendor_id"]))]
    hand, path = (desk.hand, f"{desk.path}/fetched") if desk else (seller, "/sell/fetching")
    return await cast.act(hand, "handed over", code, path, shown)


async def _lines(row: Row) -> list[Row]:
    return await patiently(lambda: sql(_LINES, [row["id"]]))
