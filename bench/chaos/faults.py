"""The faults: which part is hurt how and when, drawn from a seed, and the conductor that makes them happen."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from bench.chaos.wire import Wire
from bench.market import part_pids
from kit.embedded import find_running

# How often each comes among a full deck: (how, what). The deck is dealt out before anything comes a second time.
DECK: tuple[tuple[str, str], ...] = (
    *(("kill", part) for part in ("web1", "web2", "worker1", "worker2", "twins", "redis", "postgres")),
    *(("kill", part) for part in ("worker1", "worker2", "web1")),
    *(("pause", part) for part in ("web1", "web2", "worker1", "worker2", "twins", "redis", "postgres")),
    *(("restart", part) for part in ("web1", "web2", "worker1", "worker2", "redis", "postgres")),
    ("flush", "redis"),
    ("flush", "redis"),
    ("crash", "postgres"),
    *(("cut", "line"), ("slow", "line"), ("deaf", "line")) * 2,
)
# What is dealt in besides where Meilisearch searches.
OF_MEILI = (("kill", "meili"), ("pause", "meili"), ("restart", "meili"))
SECONDS = {"pause": (1.0, 6.0), "cut": (1.0, 6.0), "slow": (2.0, 8.0), "deaf": (1.0, 5.0)}
FIRST, LAST = 0.03, 0.97
FOUND_WITHIN_SECONDS = 30.0


@dataclass(frozen=True)
class Fault:
    """One fault: when so much of the load has begun, how (kill, pause …), what (web1, redis, line …), how long."""

    share: float
    how: str
    part: str
    seconds: float

    def __str__(self) -> str:
        lasting = f" {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.how} {self.part}{lasting}"


def schedule(seed: int, count: int, more: Sequence[tuple[str, str]] = ()) -> list[Fault]:
    """So many faults in the order they happen; the same seed, count and `more` always give the same."""
    dice = random.Random(f"faults of {seed}")
    dealt: list[tuple[str, str]] = []
    while len(dealt) < count:
        deck = [*DECK, *more]
        dice.shuffle(deck)
        dealt += deck
    width = (LAST - FIRST) / max(count, 1)
    return [
        Fault(FIRST + width * (place + dice.random()), how, part, _lasting(dice, how))
        for place, (how, part) in enumerate(dealt[:count])
    ]


def _lasting(dice: random.Random, how: str) -> float:
    return round(dice.uniform(*SECONDS[how]), 1) if how in SECONDS else 0.0


@dataclass
class Conductor:
    """Makes the faults happen as the load goes on; `happened` says which did, at which second of it."""

    var: Path
    wire: Wire | None
    due: list[Fault]
    happened: list[dict[str, float | str]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _lasting: set[asyncio.Task[None]] = field(default_factory=set)

    def look(self, share: float) -> None:
        """Begins what is due when so much of the load has begun; nobody waits for it to end."""
        while self.due and self.due[0].share <= share:
            task = asyncio.create_task(self._happen(self.due.pop(0)))
            self._lasting.add(task)
            task.add_done_callback(self._lasting.discard)

    async def finish(self) -> None:
        """Waits until nothing that was begun lasts on."""
        await asyncio.gather(*self._lasting)

    async def _happen(self, fault: Fault) -> None:
        said: dict[str, float | str] = {"at": round(time.monotonic() - self._began, 1), "fault": str(fault)}
        self.happened.append(said)
        try:
            if fault.part == "line":
                await self._disturb(fault)
            elif fault.how == "flush":
                await asyncio.to_thread(self._flush)
            else:
                await self._hurt(fault)
        except (ProcessLookupError, LookupError, OSError) as gone:
            said["fault"] = f"{fault} (not there: {gone or type(gone).__name__})"

    async def _disturb(self, fault: Fault) -> None:
        if self.wire is None:
            raise LookupError("no line")
        with self.wire.disturbed(fault.how):
            await asyncio.sleep(fault.seconds)

    async def _hurt(self, fault: Fault) -> None:
        pids = await self._pids(fault.part)
        if fault.how == "pause":
            _send(pids, signal.SIGSTOP)
            await asyncio.sleep(fault.seconds)
            _send(pids, signal.SIGCONT)
        elif fault.how == "crash":
            _send(pids[1:][-1:], signal.SIGKILL)  # one session of the server: it throws out all of them
        elif fault.how == "restart":
            # For PostgreSQL SIGTERM would wait for sessions to end; SIGINT is what a service manager sends.
            _send(pids[:1], signal.SIGINT if fault.part == "postgres" else signal.SIGTERM)
        else:
            _send(pids[:1], signal.SIGKILL)

    async def _pids(self, part: str) -> list[int]:
        """The part's process and its children; waits for one that is just being started again."""
        until = time.monotonic() + FOUND_WITHIN_SECONDS
        while not (pids := self._pids_now(part)):
            if time.monotonic() > until:
                raise LookupError(f"no {part}")
            await asyncio.sleep(0.1)
        return pids

    def _pids_now(self, part: str) -> list[int]:
        if part in ("postgres", "redis"):
            found = find_running(self.var, part)
            return [found.pid, *_children(found.pid)] if found else []
        return part_pids(self.var, part)[:1]

    def _flush(self) -> None:
        found = find_running(self.var, "redis")
        if found is None:
            raise LookupError("no redis")
        with contextlib.closing(Redis.from_url(found.url, socket_timeout=10)) as redis:
            redis.flushall()


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as listed:
            return [int(one) for one in listed.read().split()]
    except OSError:
        return []


def _send(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
