"""What `make run` starts, as real processes: it serves, it ends clean, and a kill loses nothing."""

import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest

from tests.running import ROOT, RunningMarket, end_market, eventually, new_market

SHOPPER = "0912000002"


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    """One running market for the module; the tests go on where the one before ended."""
    made = new_market()
    made.start()
    yield made
    end_market(made)


def program(market: RunningMarket) -> httpx2.Client:
    """A program of the demo shopper, signed in with a texted code."""
    client = httpx2.Client(base_url=market.url, timeout=20)
    assert client.post("/api/v1/sign-in/codes", json={"phone": SHOPPER}).status_code == 202
    code = market.last_code(SHOPPER[1:])
    answer = client.post("/api/v1/sign-in", json={"phone": SHOPPER, "code": code})
    assert answer.status_code == 201, answer.text
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


def order_something(client: httpx2.Client, key: str) -> dict[str, object]:
    """One order for what "na la hien" finds."""
    found = client.get("/api/v1/search", params={"q": "na la hien"}).json()["items"][0]
    order = {
        "lines": [{"listing": found["code"], "quantity": 1}],
    }
    line = {"listing": found["code"], "quantity": 1}
    kept = client.post("/api/v1/basket/lines", json=line, headers={"idempotency-key": f"line-{key}"})
    assert kept.status_code == 201, kept.text
    order = {
        "recipient_name": "Nguyễn Văn Minh",
        "recipient_phone": SHOPPER,
        "recipient_line": "Số 5, tổ 3",
        "commune_code": "05443",
    }
    placed = client.post("/api/v1/orders", json=order, headers={"idempotency-key": f"order-{key}"})
    assert placed.status_code == 201, placed.text
    return dict(placed.json())


def pay(market: RunningMarket, qr_text: str) -> None:
    """The bank command, as the README says it."""
    environment = {"BASE_URL": market.url, "VAR": str(market.var), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "market.cli", "bank", qr_text]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def test_it_answers_and_says_so(market: RunningMarket) -> None:
    """Health, home with the demo's goods, and the sign-ins in the banner."""
    assert httpx2.get(f"{market.url}/health").json()["status"] == "ok"
    assert "La Hiên" in httpx2.get(market.url).text
    for phone in ("0912 000 001", "0912 000 002", "0912 000 003", "0912 000 004"):
        assert phone in market.last_words()


def test_an_order_is_paid_and_posted_by_the_worker(market: RunningMarket) -> None:
    """Web, worker, PostgreSQL, Redis, search and the pretend bank, each a process of its own."""
    client = program(market)
    order = order_something(client, "smoke-0001")
    pay(market, str(order["payment"]["qr_text"]))  # type: ignore[index]
    path = f"/api/v1/orders/{order['code']}"
    eventually(lambda: client.get(path).json()["parcel_code"], 20, market.last_words)
    assert client.get(path).json()["state"] == "paid"
    market.assert_balanced()


def test_kill_9_of_everything_loses_nothing_and_starts_clean(market: RunningMarket) -> None:
    """An order placed before the kill is paid after it."""
    client = program(market)
    order = order_something(client, "smoke-0002")
    market.kill()
    eventually(lambda: not market.remains(), 10, lambda: str(market.remains()))
    assert market.start() < 30
    path = f"/api/v1/orders/{order['code']}"
    assert client.get(path).json()["state"] == "placed"
    pay(market, str(order["payment"]["qr_text"]))  # type: ignore[index]
    eventually(lambda: client.get(path).json()["state"] == "paid", 20, market.last_words)
    market.assert_balanced()


def test_ctrl_c_stops_every_child(market: RunningMarket) -> None:
    """Nothing is left running, and the exit is a good one."""
    assert market.interrupt() == 0
    eventually(lambda: not market.remains(), 10, lambda: str(market.remains()))
