"""Redis flushed, any process killed, notices twice and late: nothing is lost and nothing is done twice."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from redis import Redis

from kit.embedded import find_running
from tests.running import RunningMarket, eventually, order_something, read_order, running_market


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    """One running market for the module."""
    with running_market() as made:
        yield made


@pytest.fixture(scope="module")
def client(market: RunningMarket) -> Iterator[httpx2.Client]:
    """The demo shopper's program."""
    with market.program() as made:
        yield made


def flush(market: RunningMarket) -> None:
    """Empties Redis."""
    found = find_running(market.var, "redis")
    assert found is not None
    Redis.from_url(found.url).flushall()


def assert_paid_once(market: RunningMarket, client: httpx2.Client, order: dict[str, Any]) -> None:
    """Paid and posted after a while, with what was asked and no đồng more."""
    path = order["code"]
    eventually(lambda: read_order(client, path)["state"] == "paid", 60, market.last_words)
    eventually(lambda: read_order(client, path)["parcel_code"], 60, market.last_words)
    payment = client.get(f"/api/v1/payments/{order['payment']['content']}").json()
    assert (payment["received_dong"], payment["extra_dong"]) == (order["total_dong"], 0)
    market.assert_balanced()


def test_flushing_redis_after_the_notice_loses_no_money(market: RunningMarket, client: httpx2.Client) -> None:
    """The sweeper finds the job that Redis forgot."""
    order = order_something(client, "flushed-1")
    worker = market.pid_of("worker")
    os.kill(worker, signal.SIGSTOP)
    market.pay(order)
    flush(market)
    os.kill(worker, signal.SIGCONT)
    assert_paid_once(market, client, order)


def test_a_killed_worker_comes_back_and_goes_on(market: RunningMarket, client: httpx2.Client) -> None:
    """The supervisor starts it again; the notice that came twice meanwhile is settled once."""
    order = order_something(client, "killed-01")
    worker = market.pid_of("worker")
    os.kill(worker, signal.SIGKILL)
    market.pay(order, "--twice")
    assert_paid_once(market, client, order)
    assert market.pid_of("worker") != worker


@pytest.mark.parametrize("victim", ["web", "redis", "postgres"])
def test_a_killed_part_comes_back_and_an_open_order_is_paid(
    victim: str, market: RunningMarket, client: httpx2.Client
) -> None:
    """Placed before the kill, paid after it; the bank repeats its notice until somebody answers."""
    order = order_something(client, f"without-{victim}")
    os.kill(market.pid_of(victim), signal.SIGKILL)
    eventually(
        lambda: httpx2.get(f"{market.url}/health", timeout=5).status_code == 200, 40, market.last_words
    )
    eventually(
        lambda: market.command("bank", order["payment"]["qr_text"]).returncode == 0, 40, market.last_words
    )
    assert_paid_once(market, client, order)


def test_a_forged_notice_is_nothing(market: RunningMarket, client: httpx2.Client) -> None:
    """Refused by the real processes too; the order waits on, and the right one is still taken."""
    order = order_something(client, "forged-01")
    forged = market.command("bank", order["payment"]["qr_text"], "--forged")
    assert forged.returncode == 1 and "401" in forged.stdout
    assert read_order(client, order["code"])["state"] == "placed"
    market.pay(order)
    assert_paid_once(market, client, order)
