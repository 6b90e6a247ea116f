"""The market's own postal staff: parcels are collected, given out for money, brought back; the cash is counted."""

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime

from bench.chaos.callers import patiently
from bench.chaos.cast import Cast
from kit.dates import vietnam_date
from kit.db import sql
from kit.errors import Conflict
from kit.rows import Row
from kit.settings import Settings
from postal.delivery_code import delivery_code
from postal.services.debriefs import Count, close_day, day_of_carrier
from postal.staff_carrier import Act, Reason
from postal.states import ParcelState

S = ParcelState
AT_ONCE = 6
# How often each comes among a hundred parcels.
ENDS = {"given": 62, "refused": 10, "left": 28}
_PARCELS = """
    SELECT code, state, cod_dong, money, point_id, reference FROM parcel
    WHERE carrier = 'staff' AND booked_at > $1 AND (reference LIKE 'order:%' OR reference LIKE 'joint:%')
        AND state = ANY($2) ORDER BY changed_at, id LIMIT 300
"""
NEXT: Mapping[ParcelState, Act] = {
    S.CREATED: Act.ACCEPT,
    S.AWAITING_PICKUP: Act.ACCEPT,
    S.PICKED_UP: Act.TAKE_OUT,
    S.OUT_FOR_DELIVERY: Act.DELIVER,
    S.AT_DELIVERY_OFFICE: Act.DELIVER,
    S.FAILED_ATTEMPT: Act.SEND_BACK,
    S.RETURNING: Act.GIVE_BACK,
}


class Post:
    """One of the staff who does it all, by program, and knows since when."""

    def __init__(self, cast: Cast) -> None:
        self._cast, self._since = cast, datetime.now(UTC)

    async def work(self) -> int:
        """Some parcels come one step further; how many."""
        rows = await patiently(lambda: sql(_PARCELS, [self._since, [str(one) for one in NEXT]]))
        due = [
            (row, act) for row in rows if (act := self._next(row)) and self._cast.tries(act, str(row["code"]))
        ]
        return sum(await asyncio.gather(*(self._do(row, act) for row, act in due[:AT_ONCE])))

    def _next(self, row: Row) -> Act | None:
        state, code = ParcelState(str(row["state"])), str(row["code"])
        end = random.Random(f"{row['reference']} of {self._cast.seed}").choices(
            list(ENDS), list(ENDS.values())
        )[0]
        if end == "left" or not code:
            return None
        if state is S.PICKED_UP and row["point_id"] is not None:
            return Act.ARRIVE
        if state is S.OUT_FOR_DELIVERY and end == "refused":
            return Act.FAIL
        return NEXT[state]

    async def _do(self, row: Row, act: Act) -> bool:
        code, hand = str(row["code"]), self._cast.clerk
        assert hand is not None
        proof = delivery_code(code, Settings().secret_key)
        if act is Act.DELIVER and row["point_id"] is None:
            told = {"code": code, "act": act, "sent_id": f"chaos-{code}-given", "received_by": "self"}
            due_dong = row["cod_dong"] if row["money"] == "expected" else 0
            told |= {"delivery_code": proof, **({"collected": str(due_dong)} if due_dong else {})}
            return await self._cast.act(hand, act, code, "/post/round/acts", told, f"chaos-{code}-given")
        key = f"chaos:{code}:{act}"
        sent = {"act": act, "event_key": key}
        if act is Act.FAIL:
            sent["reason"] = Reason.RECIPIENT_REFUSED
        if act is Act.DELIVER:
            sent["delivery_code"] = proof
        return await self._cast.act(hand, act, code, f"/post/parcels/{code}/acts", sent, key)

    async def count_evening(self) -> None:
        """Counts the cash with somebody else of the house: all of it is there."""
        day = vietnam_date(datetime.now(UTC))
        [other] = await patiently(lambda: sql("SELECT min(id) AS id FROM person"))

        async def count() -> None:
            due_dong = (await day_of_carrier(self._cast.clerk_id, day)).cash_due_dong
            counted = Count(due_dong, {}, "Còn gói chưa giao")
            await close_day(
                self._cast.clerk_id, day, counted, clerk_id=int(str(other["id"])), now=datetime.now(UTC)
            )

        try:
            await patiently(count)
        except Conflict:
            return  # it was closed, and the answer was lost
