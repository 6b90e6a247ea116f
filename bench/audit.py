"""After the load: the books balance, and every piece that left the stock is in an order that was placed."""

from orders.services.auditing import goods_not_kept
from payments.services import assert_balanced
from vendors.services.auditing import ended_twice, pieces_in_all, wrong_shelves


class AuditFailed(Exception):
    """The load left something that must not be."""


async def pieces() -> tuple[int, int]:
    """All pieces there are (to be had, waiting for money, sold), and those of them that are sold."""
    return await pieces_in_all()


async def audit(before: tuple[int, int], *, paid: int) -> None:
    """Raises AuditFailed or LedgerWrong. `before` is pieces() before the load, `paid` the single pieces paid in it.

    What may still be under way (jobs, parcels, the index) is left to market.audit.
    """
    await assert_balanced()
    for ask in (wrong_shelves, ended_twice, goods_not_kept):
        if wrong := await ask():
            raise AuditFailed(f"{ask.__name__}: {len(wrong)} rows, the first {wrong[0]}")
    after = await pieces_in_all()
    if after[0] != before[0] or after[1] != before[1] + paid:
        raise AuditFailed(f"pieces {before} became {after} with {paid} paid")
