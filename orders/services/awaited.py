"""Orders of a list that wait for their buyer's word: pieces lack, or goods weighed more than was paid for."""

from collections.abc import Mapping, Sequence

from kit.db import sql
from kit.i18n import Sentence, say
from orders.models import Order
from orders.states import TO_SEND

SHORT, HEAVIER = "short", "heavier"
TO_BUYER: Mapping[str, Sentence] = {SHORT: say("Chờ bạn chọn"), HEAVIER: say("Chờ bạn trả phần chênh")}
TO_SELLER: Mapping[str, Sentence] = {
    SHORT: say("Thiếu hàng, chờ khách chọn"),
    HEAVIER: say("Chờ khách trả phần chênh"),
}
_AWAITED = """
    SELECT order_id, 'short' AS what FROM shortage WHERE state = 'asked' AND order_id = ANY($1)
    UNION ALL SELECT order_id, 'heavier' FROM weight_difference WHERE state = 'asked' AND order_id = ANY($1)
"""


async def awaited(orders: Sequence[Order], words: Mapping[str, Sentence]) -> dict[int, Sentence]:
    """What is said of those that wait, by number. One query, none when nothing is to be sent."""
    ids = [one.id for one in orders if one.state in TO_SEND]
    rows = await sql(_AWAITED, [ids]) if ids else []
    return {int(str(row["order_id"])): words[str(row["what"])] for row in rows}
