"""Money on its way back: sellers transfer it and their banks tell of it, once or often; some of it comes back."""

import random
from datetime import UTC, datetime

from bench.chaos.callers import patiently
from bench.chaos.cast import Cast
from bench.chaos.told import transfer
from kit.db import sql
from kit.rows import Row

FIRST_KEY = 70_000_000
AT_ONCE = 6
# How often each comes among a hundred refunds by transfer.
KINDS = {"told": 45, "told three times": 15, "another sum": 5, "comes back": 10, "left": 25}
_OPEN = """
    SELECT r.id, r.code, r.amount_dong, r.state, p.account_number FROM refund r JOIN payment p ON p.id = r.payment_id
    WHERE r.way = 'bank' AND r.asked_at > $1 AND r.state IN ('requested', 'manual') ORDER BY r.id
"""
_DONE = """
    SELECT r.id, r.code, r.amount_dong, p.account_number FROM refund r JOIN payment p ON p.id = r.payment_id
    WHERE r.way = 'bank' AND r.asked_at > $1 AND r.state = 'succeeded' AND NOT r.id = ANY($2) ORDER BY r.id
"""
_ENDED = "SELECT id, code, state FROM refund WHERE way = 'bank' AND asked_at > $1 ORDER BY id"


def kind_of(refund_id: int, seed: int) -> str:
    """What becomes of a refund; always the same for the same seed and number."""
    return random.Random(f"refund {refund_id} of {seed}").choices(list(KINDS), list(KINDS.values()))[0]


class Tellers:
    """The sellers' banks, which remember what they have told."""

    def __init__(self, cast: Cast) -> None:
        self._cast, self._since = cast, datetime.now(UTC)
        self._told, self._back = set[int](), set[int]()

    async def work(self) -> int:
        """Tells of some transfers, and of some that came back; how many."""
        rows = await patiently(lambda: sql(_OPEN, [self._since]))
        left = [one for one in rows if int(str(one["id"])) not in self._told and self._kind(one) != "left"]
        for row in left[:AT_ONCE]:
            await self._leaves(row)
        done = [one for one in await patiently(lambda: sql(_DONE, [self._since, sorted(self._back)]))]
        bounced = [one for one in done if self._kind(one) == "comes back"]
        for row in bounced[:AT_ONCE]:
            await self._tell(row, int(str(row["amount_dong"])), place=9, is_incoming=True)
            self._back.add(int(str(row["id"])))
        return len(left) + len(bounced)

    def _kind(self, row: Row) -> str:
        return kind_of(int(str(row["id"])), self._cast.seed)

    async def _leaves(self, row: Row) -> None:
        kind, dong = self._kind(row), int(str(row["amount_dong"]))
        for _ in range(3 if kind == "told three times" else 1):
            await self._tell(row, dong + 1_000 * (kind == "another sum"))
        self._told.add(int(str(row["id"])))

    async def _tell(self, row: Row, dong: int, place: int = 0, *, is_incoming: bool = False) -> None:
        key, text = FIRST_KEY + 10 * int(str(row["id"])) + place, f"HOAN TIEN {row['code']} CHO KHACH"
        message = transfer(str(row["account_number"]), dong, text, key, is_incoming=is_incoming)
        assert self._cast.bank is not None
        await self._cast.bank.tell(message)
        self._cast.accepted.add(message.key)

    async def unlike(self) -> list[Row]:
        """Refunds that do not stand as their banks told."""
        wrong: list[Row] = []
        for row in await sql(_ENDED, [self._since]):
            id, kind = int(str(row["id"])), self._kind(row)
            may_be = (
                ("requested", "manual") if kind == "another sum" or id not in self._told else ("succeeded",)
            )
            if id in self._back:
                may_be = ("reversed",)
            if row["state"] not in (*may_be, "cancelled"):
                told = id in self._told
                wrong.append({"refund": row["code"], "kind": kind, "is": row["state"], "told": told})
        return wrong
