"""What `make run` starts, as real processes: it serves, it ends clean, and a kill loses nothing."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator

import httpx2
import pytest

from tests.running import (
    RunningMarket,
    end_market,
    eventually,
    new_market,
    order_something,
    read_order,
    running_market,
)


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    """One running market for the module; the tests go on where the one before ended."""
    with running_market() as made:
        yield made


@pytest.fixture(scope="module")
def client(market: RunningMarket) -> Iterator[httpx2.Client]:
    """The demo shopper's program; its token outlives the processes."""
    with market.program() as made:
        yield made


def test_it_answers_and_says_so(market: RunningMarket) -> None:
    """Health, home with the demo's goods, and the sign-ins in the banner."""
    assert httpx2.get(f"{market.url}/health").json() == {"database": "ok", "engine": "ok", "redis": "ok"}
    assert "La Hiên" in httpx2.get(market.url).text
    for phone in ("0912 000 001", "0912 000 002", "0912 000 003", "0912 000 004"):
        assert phone in market.last_words()


def test_an_order_is_paid_and_posted_by_the_worker(market: RunningMarket, client: httpx2.Client) -> None:
    """Web, worker, PostgreSQL, Redis, search and the pretend bank, each a process of its own."""
    order = order_something(client, "smoke-0001")
    market.pay(order)
    eventually(lambda: read_order(client, order["code"])["parcel_code"], 20, market.last_words)
    assert read_order(client, order["code"])["state"] == "paid"
    market.assert_balanced()


def test_the_doctor_finds_a_running_market_well(market: RunningMarket) -> None:
    """Nothing to complain of, every part named."""
    told = market.command("doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "BAD" not in told.stdout
    for part in (
        "mode      demo",
        "database  embedded",
        "schema    at ",
        "redis     embedded",
        "search ",
        "outbox ",
    ):
        assert f"ok   {part}" in told.stdout, told.stdout


def test_a_second_start_in_the_same_folder_is_refused_in_words(market: RunningMarket) -> None:
    """Who runs already is named, and goes on undisturbed."""
    assert market.process is not None
    refused = market.command("run")
    assert refused.returncode == 2
    assert f"already running in this checkout (pid {market.process.pid})" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert httpx2.get(f"{market.url}/health").status_code == 200


def test_two_markets_run_side_by_side(market: RunningMarket, client: httpx2.Client) -> None:
    """Another folder, the usual port taken: a second market on a port of its own choice, with orders of its own.

    A port that somebody insists on is not left for another: that is refused in words.
    """
    order = order_something(client, "smoke-0002")
    insisting = new_market(port=market.port)
    other = new_market(port=0)
    with contextlib.closing(socket.socket()) as usual:
        with contextlib.suppress(OSError):  # somebody else has it: as good
            usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            usual.bind(("127.0.0.1", 8000))
            usual.listen()
        try:
            refused = insisting.command("run")
            assert refused.returncode == 2 and f"Port {market.port} is taken" in refused.stderr
            other.start()
            assert other.url not in (market.url, "http://127.0.0.1:8000")
            with other.program() as neighbour:
                assert neighbour.get(f"/api/v1/orders/{order['code']}").status_code == 404
            assert read_order(client, order["code"])["state"] == "placed"
            assert client.get("/api/v1/me").status_code == 200
        finally:
            end_market(other)
            end_market(insisting)
    assert not other.remains()


def test_kill_9_of_everything_loses_nothing_and_starts_clean(
    market: RunningMarket, client: httpx2.Client
) -> None:
    """An order placed before the kill is paid after it."""
    order = order_something(client, "smoke-0003")
    market.kill()
    eventually(lambda: not market.remains(), 10, lambda: str(market.remains()))
    assert market.start() < 30
    assert read_order(client, order["code"])["state"] == "placed"
    market.pay(order)
    eventually(lambda: read_order(client, order["code"])["state"] == "paid", 20, market.last_words)
    market.assert_balanced()


def test_ctrl_c_stops_every_child(market: RunningMarket) -> None:
    """Nothing is left running, the exit is a good one, and the doctor says what a start would do."""
    assert market.interrupt() == 0
    eventually(lambda: not market.remains(), 10, lambda: str(market.remains()))
    told = market.command("doctor")
    assert told.returncode == 1
    assert "BAD  database  embedded, does not run now; `run` would start PostgreSQL" in told.stdout
    assert "BAD  redis     embedded, does not run now; `run` would start" in told.stdout


def test_a_plain_stop_signal_ends_it_as_well(market: RunningMarket) -> None:
    """What a service manager sends; the start before it was one of an existing market."""
    assert market.start() < 30
    assert market.process is not None
    os.kill(market.process.pid, signal.SIGTERM)
    assert market.process.wait(30) == 0
    eventually(lambda: not market.remains(), 10, lambda: str(market.remains()))
