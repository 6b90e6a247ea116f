"""A new release without a gap: web and worker processes restarted one after the other while people go on."""

import asyncio
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx2
import pytest

from kit.db import credentials_of
from kit.embedded import free_port, start_postgres, start_redis
from tests.balancer import Balancer
from tests.factories import LA_HIEN, photo_bytes
from tests.installation import SEPAY_SECRET, Installation, SmsRelay, end_all, settings_for
from tests.programs import signed_notice
from tests.running import balanced, eventually, new_folder, order_something, read_order, sign_in
from tests.smoke.test_production import aboard

SHOPPERS = ("0912000401", "0912000402")
SLOW_SECONDS = 1.5
PAUSE_SECONDS = 0.7  # all come from one address, which may ask the API's search 300 times a minute
GOODS = "Na dai La Hiên"
# At night what people are told waits for the morning: that is no work left lying.
STILL_TO_DO = (
    "SELECT 1 FROM outbox_job WHERE state = 'waiting' AND due_at < now() + interval '10 minutes' LIMIT 1"
)


@pytest.fixture(scope="module")
def market() -> Iterator[Installation]:
    """Two web and two worker processes that drain before they end, and goods enough for everybody."""
    folder = new_folder()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        relay = SmsRelay()
        stack.callback(relay.close)
        settings = settings_for(folder, relay.url) | {
            "DATABASE_URL": stack.enter_context(start_postgres(folder / "outside", fast=True)).url,
            "REDIS_URL": stack.enter_context(start_redis(folder / "outside")).url,
            "DRAIN_SECONDS": "2",
        }
        made = Installation(settings, relay, folder)
        made.own = {name: {"PORT": str(free_port())} for name in ("web1", "web2")}
        stack.callback(end_all, made)
        made.succeed("migrate")
        made.succeed("fill")
        for name in ("web1", "web2", "worker1", "worker2"):
            made.start(name)
        made.wait_ready()
        put_up_goods(made, stack)
        yield made


def put_up_goods(market: Installation, stack: ExitStack) -> None:
    """A grower comes aboard with more than all will buy, and the first administrator approves it."""
    grower = stack.enter_context(market.program("web1", "0912000404"))
    made = grower.post("/api/v1/vendors", json=aboard(), headers={"idempotency-key": "aboard-1"})
    assert made.status_code == 201, made.text
    goods = {"name": GOODS, "kind": "custard_apple", "price_dong": 60_000, "unit": "kg", "stock": 5000}
    sent = {"json": {**goods, "commune_code": LA_HIEN}, "headers": {"idempotency-key": "listing-1"}}
    code = grower.post("/api/v1/listings", **sent).json()["code"]
    assert grower.post(f"/api/v1/listings/{code}/photos", content=photo_bytes()).status_code == 200
    market.succeed("grant", "0912000405", "admin")
    admin = stack.enter_context(market.program("web2", "0912000405"))
    approved = admin.post(f"/api/v1/listings/{code}/approval", headers={"idempotency-key": "approval-1"})
    assert approved.json()["state"] == "on_sale", approved.text
    for url in market.urls.values():
        eventually(
            lambda url=url: httpx2.get(f"{url}/api/v1/search", params={"q": GOODS}).json()["items"], 60
        )


@pytest.fixture(scope="module")
def balancer(market: Installation) -> Iterator[Balancer]:
    """Before both web processes."""
    made = Balancer(*(int(own["PORT"]) for own in market.own.values()))
    yield made
    made.close()


class People:
    """Shoppers who look, order and pay through the balancer until told to stop; every fault is remembered."""

    def __init__(self, market: Installation, url: str) -> None:
        self.asked, self.paid = 0, 0
        self.codes: list[str] = []
        self.faults: list[str] = []
        self._market, self._url, self._ends = market, url, threading.Event()
        self._threads = [threading.Thread(target=self._shop, args=(one,), daemon=True) for one in SHOPPERS]
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        """Everybody ends what they are at."""
        self._ends.set()
        for one in self._threads:
            one.join(120)

    def _shop(self, phone: str) -> None:
        hooks = {"response": [self._seen]}
        try:
            with httpx2.Client(base_url=self._url, timeout=30, event_hooks=hooks) as client:
                sign_in(client, phone, self._market.relay.code_for)
                number = 0
                while not self._ends.wait(PAUSE_SECONDS):
                    number += 1
                    self._once(client, f"{phone}-{number}", number)
        except Exception as fault:  # whatever ends a shopper's round is a fault
            self.faults.append(repr(fault))

    def _seen(self, answer: httpx2.Response) -> None:
        self.asked += 1
        if answer.status_code >= 500:
            self.faults.append(f"{answer.request.method} {answer.request.url} {answer.status_code}")

    def _once(self, client: httpx2.Client, key: str, number: int) -> None:
        for path in ("/", "/search?q=na", "/markets"):
            client.get(path)
        order = order_something(client, f"rolling-{key}", GOODS)
        self.codes.append(order["code"])
        pay(client, order, number + 10_000 * int(key[9]))
        self.paid += 1


def pay(client: httpx2.Client, order: dict[str, Any], number: int) -> None:
    """The bank tells of the money."""
    asked = order["payment"]
    raw, headers = signed_notice(
        SEPAY_SECRET,
        number=880_000 + number,
        account=asked["account_number"],
        amount_dong=asked["amount_dong"],
        content=asked["content"],
        at=datetime.now(UTC),
    )
    assert client.post("/payments/notices/sepay", content=raw, headers=headers).status_code == 200


class Screen:
    """An order's live screen: as a browser does, it dials again whenever its line ends."""

    def __init__(self, client: httpx2.Client, path: str) -> None:
        self.marks: list[str] = []
        self.dials = 0
        self._url, self._headers = f"{client.base_url}".rstrip("/") + path, dict(client.headers)
        self._ends = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def end(self) -> None:
        """Dials no more."""
        self._ends.set()

    def _listen(self) -> None:
        while not self._ends.wait(0.2):
            self.dials += 1
            with (
                suppress(httpx2.HTTPError),
                httpx2.Client(timeout=60, headers=self._headers) as client,
                client.stream("GET", self._url) as answer,
            ):
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        self.marks.append(line.removeprefix("data: "))


def test_nobody_notices_that_every_process_was_restarted(market: Installation, balancer: Balancer) -> None:
    """No request fails or is lost, a live screen dials again and is told, every paid order has one parcel."""
    with httpx2.Client(base_url=balancer.url, timeout=30) as client:
        sign_in(client, "0912000403", market.relay.code_for)
        people = People(market, balancer.url)
        waited_for = order_something(client, "rolling-screen", GOODS)
        screen = Screen(client, f"/orders/{waited_for['code']}/events")
        try:
            eventually(lambda: people.paid >= 4 and screen.marks, 150, lambda: str(people.faults))
            for name in ("web1", "worker1", "web2", "worker2"):
                status, _ = market.stop(name)
                assert status in (0, -signal.SIGTERM), market.said(name)
                market.start(name)
                market.wait_ready()
                balancer.await_all(120)
            seen, before = len(screen.marks), people.paid
            eventually(lambda: people.paid >= before + 4, 150, lambda: str(people.faults))
            pay(client, waited_for, 1)
            eventually(lambda: len(screen.marks) > seen, 90, lambda: f"{screen.dials} {screen.marks}")
        finally:
            people.stop()
            screen.end()
        assert not people.faults and not balancer.lost, (people.faults[:3], balancer.lost[:3])
        assert screen.dials > 1, "its process was restarted"
        eventually(lambda: read_order(client, waited_for["code"])["parcel_code"], 90)
    _assert_whole(market, people)


def _assert_whole(market: Installation, people: People) -> None:
    eventually(lambda: asked_of(market, STILL_TO_DO) == [], 60)
    assert asked_of(market, "SELECT 1 FROM outbox_job WHERE state = 'dead'") == []
    parcels = Counter(code for (code,) in asked_of(market, "SELECT order_code FROM parcel"))
    assert set(people.codes) <= set(parcels) and max(parcels.values()) == 1
    balanced(market.settings["DATABASE_URL"])
    print(f"{people.asked} requests, {people.paid} paid orders, none lost")


def asked_of(market: Installation, query: str) -> list[Any]:
    """Rows of the market's database."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(**credentials_of(market.settings["DATABASE_URL"]))
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_a_job_in_flight_is_finished_once_before_its_worker_ends(market: Installation) -> None:
    """Texts that the relay takes its time over: a worker told to end finishes those it has begun, none goes twice."""
    phones = [f"09120005{number:02}" for number in range(6)]
    market.relay.seconds = SLOW_SECONDS
    try:
        for phone in phones:
            asked = httpx2.post(f"{market.urls['web1']}/api/v1/sign-in/codes", json={"phone": phone})
            assert asked.status_code == 202, asked.text
        eventually(lambda: market.relay.begun > 0, 20)
        for name in ("worker1", "worker2"):
            market.stop(name)
            market.start(name)
            market.wait_ready()
        for phone in phones:
            assert market.relay.code_for(phone)
    finally:
        market.relay.seconds = 0
    eventually(lambda: asked_of(market, STILL_TO_DO) == [], 60)
    sent = Counter(to for to, _ in market.relay.texts)
    assert [sent[f"+84{phone[1:]}"] for phone in phones] == [1] * len(phones)
