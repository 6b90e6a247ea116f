"""Redis flushed, the worker killed, notices twice and late: nothing is lost and nothing is done twice."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from redis import Redis

from kit.embedded import find_running
from tests.running import RunningMarket, end_market, eventually, new_market
from tests.smoke.test_make_run import order_something, pay, program


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    """One running market for the module."""
    made = new_market()
    made.start()
    yield made
    end_market(made)


@pytest.fixture(scope="module")
def client(market: RunningMarket) -> httpx2.Client:
    """The demo shopper's program."""
    return program(market)


def flush(market: RunningMarket) -> None:
    """Empties Redis."""
    found = find_running(market.var, "redis")
    assert found is not None
    Redis.from_url(found.url).flushall()


def worker_pid(market: RunningMarket) -> int:
    """The process number of the worker."""
    assert market.process is not None
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (folder / "stat").exists():
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if words[-2:-1] == [b"worker"] and str(market.var).encode() in (folder / "environ").read_bytes():
                return int(folder.name)
    raise AssertionError("no worker")


def test_flushing_redis_after_the_notice_loses_no_money(market: RunningMarket, client: httpx2.Client) -> None:
    """The sweeper finds the job that Redis forgot."""
    order = order_something(client, "flushed-1")
    path = f"/api/v1/orders/{order['code']}"
    os.kill(worker_pid(market), signal.SIGSTOP)
    pay(market, str(order["payment"]["qr_text"]))  # type: ignore[index]
    flush(market)
    os.kill(worker_pid(market), signal.SIGCONT)
    eventually(lambda: client.get(path).json()["state"] == "paid", 40, market.last_words)
    eventually(lambda: client.get(path).json()["parcel_code"], 40, market.last_words)
    market.assert_balanced()


def test_a_killed_worker_comes_back_and_goes_on(market: RunningMarket, client: httpx2.Client) -> None:
    """The supervisor starts it again; the notice that came meanwhile is settled once."""
    order = order_something(client, "killed-01")
    path = f"/api/v1/orders/{order['code']}"
    os.kill(worker_pid(market), signal.SIGKILL)
    pay(market, str(order["payment"]["qr_text"]))  # type: ignore[index]
    pay(market, str(order["payment"]["qr_text"]))  # type: ignore[index]
    eventually(lambda: client.get(path).json()["state"] == "paid", 90, market.last_words)
    market.assert_balanced()
