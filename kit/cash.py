"""Notes and how they are counted."""

from collections.abc import Mapping

NOTES_DONG = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000)


def notes_in(typed: Mapping[str, object]) -> dict[int, int]:
    """The notes that were counted: fields named «note-50000» hold how many; nonsense counts as none."""
    said = {note: str(typed.get(f"note-{note}", "")).strip() for note in NOTES_DONG}
    return {
        note: int(count)
        for note, count in said.items()
        if count.isascii() and count.isdecimal() and len(count) < 5 and int(count)
    }
