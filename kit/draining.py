"""Whether this process was told to end: it still serves, and asks everybody to go elsewhere the next time."""

_ends = False


def drain() -> None:
    """From now on /ready says no and answers close their connection."""
    global _ends
    _ends = True


def is_draining() -> bool:
    """Whether the end was announced."""
    return _ends
