"""How long goods that spoil may be under way. Pure."""

from collections.abc import Iterable

# Days from collection to the door, by kind of goods: the market's own rule, looser than what sellers promise.
DAYS = {"poultry": 3, "vegetable": 4, "custard_apple": 5, "fruit": 6}


def days_for(kinds: Iterable[str]) -> int | None:
    """The most days that goods of these kinds may take together; None when nothing of them spoils."""
    return min((DAYS[kind] for kind in kinds if kind in DAYS), default=None)
