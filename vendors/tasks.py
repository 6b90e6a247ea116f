"""Jobs of vendors: certificates at their end, sheets of listings; changed listings leave `index_listing` for search."""

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.outbox import Every, Task, every
from kit.parts import Parts
from vendors.services.lapsed import show_lapsed, warn_of_ends

LAPSE_SECONDS = 300


async def show_lapsed_certificates(parts: Parts) -> None:
    """Every five minutes: listings whose certificate lapsed at midnight lose their stars in the index."""
    await show_lapsed(vietnam_date(parts[Clock].now()))


async def warn_of_certificates(parts: Parts) -> None:
    """Every night: texts about certificates in their last 6, 3 and 1 months."""
    await warn_of_ends(parts[Clock].now())


TASKS: list[Task] = []
CRONS: list[Every] = [every(LAPSE_SECONDS, show_lapsed_certificates), every(86400, warn_of_certificates)]
