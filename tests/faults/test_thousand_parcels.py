"""Redis flushed and workers killed while parcels are booked with carriers that lose answers: each order has its one.

FAULT_PARCELS=1000 runs the long form; without, a short one that fits a continuous run.
"""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from bench.chaos import settling
from kit.embedded import find_running
from tests.faults import parcels
from tests.faults.parcels import Sums, inside
from tests.running import RunningMarket, eventually, running_market

COUNT = int(os.environ.get("FAULT_PARCELS", "100"))
SECONDS = 120 + COUNT // 3
LOOK_SECONDS = 0.5


@pytest.fixture
def market() -> Iterator[RunningMarket]:
    """A running market of its own."""
    with running_market() as made:
        yield made


def test_a_thousand_orders_end_with_exactly_as_many_parcels(market: RunningMarket) -> None:
    """Answers lost, answers garbled, Redis emptied, the worker killed twice and the web process once."""
    found = find_running(market.var, "postgres")
    assert found is not None
    url = found.url
    inside(url, parcels.know_places)
    eventually(lambda: inside(url, parcels.places_known), 60, market.last_words)
    inside(url, lambda: parcels.place_paid(COUNT))
    for share, trouble in ((0.1, worker_dies), (0.3, flush), (0.5, web_dies), (0.7, worker_dies)):
        least = int(share * COUNT * 4 / 5)
        eventually(lambda least=least: waybills(url) >= least, SECONDS, market.last_words)
        trouble(market)
        inside(url, lambda: settling.free_the_dead(after_seconds=0))

    def all_there() -> Sums | None:
        inside(url, settling.viettel_tells)
        inside(url, settling.clerk_looks)
        inside(url, settling.hurry)
        now = inside(url, parcels.sums)
        time.sleep(LOOK_SECONDS)
        return now if now.booked == now.orders else None

    now = eventually(all_there, SECONDS, lambda: f"{inside(url, parcels.sums)}\n{market.last_words()}")
    outside = COUNT * 4 // 5
    assert now == Sums(COUNT, COUNT, COUNT, outside, outside, outside, 0)


def waybills(url: str) -> int:
    """How many pretend parcels there are; looked at now and then, the machine has other work."""
    time.sleep(LOOK_SECONDS)
    return inside(url, parcels.waybills)


def worker_dies(market: RunningMarket) -> None:
    """kill -9; the supervisor starts another."""
    os.kill(market.pid_of("worker"), signal.SIGKILL)


def web_dies(market: RunningMarket) -> None:
    """kill -9: the pretend carriers live in it."""
    os.kill(market.pid_of("web"), signal.SIGKILL)


def flush(market: RunningMarket) -> None:
    """Empties Redis."""
    found = find_running(market.var, "redis")
    assert found is not None
    Redis.from_url(found.url).flushall()
