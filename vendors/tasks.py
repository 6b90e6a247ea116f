"""Jobs of vendors: one daily round, so that lapsed stars leave the search results."""

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.outbox import Every, Task, every
from kit.parts import Parts
from vendors.services.lapsed import newly_lapsed

HALF_A_DAY_SECONDS = 12 * 3600


async def refresh_stars(parts: Parts) -> None:
    """Has listings indexed again whose certificate began or ended lately; repeating it is harmless."""
    await newly_lapsed(vietnam_date(parts[Clock].now()))


TASKS: list[Task] = []
CRONS: list[Every] = [every(HALF_A_DAY_SECONDS, refresh_stars)]
