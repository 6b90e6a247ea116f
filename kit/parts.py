"""The outside parts one process works with, found by their type."""

from typing import TypeVar, cast

T = TypeVar("T")


class Parts:
    """A registry keyed by type: `parts[Clock]`. Built once per process and handed down as an argument."""

    def __init__(self, parts: dict[type, object]) -> None:
        self._parts = parts

    def __getitem__(self, kind: type[T]) -> T:
        return cast(T, self._parts[kind])

    def has(self, kind: type) -> bool:
        """Whether this process was given such a part."""
        return kind in self._parts

    def put(self, kind: type[T], part: T) -> None:
        """Adds or replaces the part of this type, at start-up only."""
        self._parts[kind] = part
