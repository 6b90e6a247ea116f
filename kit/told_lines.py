"""Files of JSON lines that all processes share: what twins would have sent, appended whole, the newest read back."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def append_line(path: Path, told: Mapping[str, object]) -> None:
    """Appends one line that only its owner may read. Blocking."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, json.dumps(told, ensure_ascii=False).encode() + b"\n")
    finally:
        os.close(file)


def newest_lines(path: Path, read: Callable[[str], T | None], limit: int, *, tail_bytes: int) -> list[T]:
    """The newest lines as `read` makes them, newest first; those it makes nothing of are left out.

    Only the end of the file is read. Blocking.
    """
    if not path.exists():
        return []
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - tail_bytes))
        lines = file.read().decode(errors="replace").splitlines()
    return [one for line in lines if (one := read(line)) is not None][::-1][:limit]
