"""Rounds of vendors; changed listings leave `index_listing`, which search works."""

from kit.clock import Clock
from kit.outbox import Every, Task, every
from kit.parts import Parts
from vendors.services import forget_unconfirmed


async def forget_account_changes(parts: Parts) -> None:
    """Deletes changes of receiving accounts that nobody confirmed."""
    await forget_unconfirmed(parts[Clock].now())


TASKS: list[Task] = []
CRONS: list[Every] = [every(86400, forget_account_changes)]
