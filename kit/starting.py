"""What a process spares itself while it begins: reading its own sources, and looking for garbage in what it imports."""

import gc

from tortoise import models

# New things that outlive the youngest generation, before it is looked through. At the usual 700 what a start imports
# is looked through a thousand times, and nearly all of it stays until the process ends.
YOUNG_MOST = 50_000


def start_swiftly() -> None:
    """To be said before anything else is imported. Both together are a third of the time that a start works."""
    gc.set_threshold(YOUNG_MOST, *gc.get_threshold()[1:])
    # For each of our models Tortoise parses its file anew, for comments begun with «#:», of which we write none.
    models._get_comments = lambda cls: {}
