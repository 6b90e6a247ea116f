"""What a process spares itself: reading its own sources while it begins, and looking through what stays for garbage."""

import gc

from tortoise import models

# New things that outlive the youngest generation, before it is looked through. At the usual 700 what a start imports
# is looked through a thousand times, and nearly all of it stays until the process ends.
YOUNG_MOST = 50_000
USUAL = gc.get_threshold()


def start_swiftly() -> None:
    """To be said before anything else is imported. Both together are a third of the time that a start works."""
    gc.set_threshold(YOUNG_MOST, *USUAL[1:])
    # For each of our models Tortoise parses its file anew, for comments begun with «#:», of which we write none.
    models._get_comments = lambda cls: {}


def serve_swiftly() -> None:
    """To be said once, when a process that stays has begun.

    What is there by now stays until the end and is never looked through again: that took a tenth of a second, several
    times a minute, while everybody waited. What comes from now on is looked through as usual, in small pieces.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*USUAL)
