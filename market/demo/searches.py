"""What people of the demo market looked for in the last days, counted as the search page counts it."""

from datetime import datetime, timedelta

from kit.dates import vietnam_date
from search.tally import CountedTally
from search.wanted import keep_counts, note_search

DAYS = 6
# Words, how often on each of the days, and whether the market has it.
LOOKED_FOR = (
    ("chè đinh", 4, True),
    ("mật ong", 3, True),
    ("miến việt cường", 2, True),
    ("na la hiên", 2, True),
    ("trứng gà", 2, False),
    ("nem chua", 1, False),
    ("cam sành", 1, False),
)


async def tell_searches(*, now: datetime) -> None:
    """Counts of the six days before `now`: what sells, and what the market lacks."""
    for ago in range(1, DAYS + 1):
        tally, today = CountedTally(), vietnam_date(now - timedelta(days=ago))
        for words, times, found in LOOKED_FOR:
            for _ in range(times):
                await note_search(tally, words, found=found, today=today)
        await keep_counts(tally, today=today)
