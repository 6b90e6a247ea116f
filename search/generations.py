"""The folder of an index that several processes share: generations, the pointer to the one in use, the locks.

`current-2` names the generation in use of form 2, a folder beside it: processes of an older version go on with theirs
while a newer one builds its own. `write.lock` is held while one process writes, `rebuild.lock` while one builds a new
generation; what is written meanwhile is also kept in `late.jsonl` and repeated in the new one. Locks are the kernel's
(flock): a killed process lets go of them.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from search.engine import EngineAway

OLDER_FORMS_KEPT_SECONDS = 86_400


class Generations:
    """Paths and locks of one index folder; `form` is the version of the index's schema."""

    def __init__(self, folder: Path, form: str) -> None:
        self._folder = folder
        self._form = form
        self._pointer = folder / f"current-{form}"
        folder.mkdir(parents=True, exist_ok=True)

    def current(self) -> Path | None:
        """The generation in use; None before the first."""
        try:
            return self._folder / self._pointer.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def fits(self, generation: Path) -> bool:
        """Whether a generation was built in this form."""
        return generation.name.startswith(f"{self._form}-")

    def stamp(self, generation: Path) -> tuple[int, ...]:
        """Changes with every commit and every swap; cheap enough to look at each time."""
        seen = [os.stat(self._pointer), os.stat(generation / "meta.json")]
        return tuple(number for stat in seen for number in (stat.st_mtime_ns, stat.st_ino, stat.st_size))

    def stamp_now(self) -> tuple[int, ...] | None:
        """The stamp of the generation in use; None when there is none, or it is being swapped right now."""
        try:
            generation = self.current()
            return self.stamp(generation) if generation else None
        except OSError:
            return None

    def new(self) -> Path:
        """An empty folder for a new generation, not yet in use."""
        generation = self._folder / f"{self._form}-{uuid4().hex[:12]}"
        generation.mkdir()
        return generation

    def use(self, generation: Path) -> None:
        """Swaps to a generation at once and removes those nobody uses; what readers have open stays readable."""
        fresh = self._folder / f"new-{uuid4().hex[:12]}"
        fresh.write_text(generation.name, "ascii")
        os.replace(fresh, self._pointer)
        in_use = set(self._pointed_to())
        for other in self._folder.iterdir():
            if other.is_dir() and other.name not in in_use:
                shutil.rmtree(other, ignore_errors=True)

    def _pointed_to(self) -> Iterator[str]:
        """Generations in use; those of other forms until a day after they were built."""
        for pointer in [*self._folder.glob("current*")]:
            if pointer != self._pointer and time.time() - pointer.stat().st_mtime > OLDER_FORMS_KEPT_SECONDS:
                pointer.unlink(missing_ok=True)
            else:
                yield pointer.read_text("ascii", errors="replace").strip()

    @contextmanager
    def writing(self, patience_seconds: float) -> Iterator[None]:
        """Holds the write lock. Raises EngineAway when another process keeps it longer than this."""
        with self._locked("write.lock", patience_seconds):
            yield

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Holds the rebuild lock. Raises EngineAway when a rebuild is under way."""
        with self._locked("rebuild.lock", 0):
            yield

    def under_rebuild(self) -> bool:
        """Whether some process is building a new generation."""
        try:
            with self._locked("rebuild.lock", 0):
                return False
        except EngineAway:
            return True

    def note_late(self, entry: dict[str, Any]) -> None:
        """Keeps a write for the generation being built; call it with the write lock held."""
        with (self._folder / "late.jsonl").open("a", encoding="utf-8") as late:
            late.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def late(self) -> list[dict[str, Any]]:
        """What was written since the rebuild began, in order."""
        try:
            lines = (self._folder / "late.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def forget_late(self) -> None:
        """Begins the list of late writes anew."""
        (self._folder / "late.jsonl").unlink(missing_ok=True)

    @contextmanager
    def _locked(self, name: str, patience_seconds: float) -> Iterator[None]:
        until = time.monotonic() + patience_seconds
        with (self._folder / name).open("w") as file:
            while not _taken(file.fileno()):
                if time.monotonic() >= until:
                    raise EngineAway(f"the index is being written by another process ({name})")
                time.sleep(0.01)
            yield


def _taken(file_number: int) -> bool:
    try:
        fcntl.flock(file_number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
