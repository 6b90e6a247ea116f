"""Rounds of vendors; changed listings leave `index_listing`, which search works."""

from kit.clock import Clock
from kit.media import Media
from kit.outbox import Every, Task, every
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from vendors.services import forget_unconfirmed
from vendors.services.identity_papers import drop_due_papers
from vendors.services.identity_rounds import seal_anew, stop_unverified


async def forget_account_changes(parts: Parts) -> None:
    """Deletes changes of receiving accounts that nobody confirmed."""
    await forget_unconfirmed(parts[Clock].now())


async def stop_unverified_sellers(parts: Parts) -> None:
    """From the law's day on, puts sellers off the market whom nobody has verified."""
    await stop_unverified(now=parts[Clock].now())


async def delete_due_papers(parts: Parts) -> None:
    """Deletes pictures of identity papers whose time has come."""
    await drop_due_papers(parts[Media], now=parts[Clock].now())


async def seal_numbers_anew(parts: Parts) -> None:
    """Seals personal numbers of older keys under the present one."""
    await seal_anew(seal_keys(parts[Settings]))


TASKS: list[Task] = []
CRONS: list[Every] = [
    every(86400, forget_account_changes),
    every(300, stop_unverified_sellers),
    every(3600, delete_due_papers),
    every(3600, seal_numbers_anew),
]
