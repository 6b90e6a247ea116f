"""A backup taken while people order, pay and photograph comes back whole: balanced books, a file for each photo."""

import asyncio
import json
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from kit.db import credentials_of
from kit.embedded import find_running
from tests.factories import LA_HIEN, photo_bytes
from tests.programs import signed_notice
from tests.running import (
    RunningMarket,
    end_market,
    eventually,
    new_market,
    on_sale,
    order_something,
    read_order,
    running_market,
)

GROWER = "0912000001"
PAUSE_SECONDS = 0.8  # nobody may search without end
GOODS = {"kind": "custard_apple", "price_dong": 60_000, "unit": "kg", "stock": 9, "commune_code": LA_HIEN}


class Load:
    """People who order and pay, and one who puts up goods with photos, until told to stop."""

    def __init__(self, market: RunningMarket) -> None:
        self.orders: list[str] = []
        self.photos = 0
        self.faults: list[str] = []
        self._teas: list[Any] = []
        self._market, self._ends = market, threading.Event()
        self._people = [
            threading.Thread(target=self._until_end, args=(one,), daemon=True)
            for one in (self._buy, self._sell)
        ]

    def start(self) -> None:
        """Everybody begins."""
        for one in self._people:
            one.start()

    def stop(self) -> None:
        """Everybody ends what they are at."""
        self._ends.set()
        for one in self._people:
            one.join(60)
        assert not self.faults, self.faults[:3]

    def _until_end(self, act: Any) -> None:
        phone = GROWER if act == self._sell else "0912000002"
        with self._market.program(phone) as client:
            number = 0
            while not self._ends.is_set():
                number += 1
                try:
                    act(client, number)
                    self._ends.wait(PAUSE_SECONDS)
                except Exception as fault:
                    self.faults.append(repr(fault))
                    return

    def _buy(self, client: httpx2.Client, number: int) -> None:
        teas = self._teas = self._teas or on_sale(client, q="tra", kind="tea", in_stock="1")
        try:
            order = order_something(client, f"backup-{number:04}", teas[number % len(teas)]["name"])
        except AssertionError as refused:
            if '"status":422' in str(refused):  # sold out meanwhile, or sold by size: something else, then
                return
            raise
        asked = order["payment"]
        raw, headers = signed_notice(
            "demo-sepay-secret",
            number=770_000 + number,
            account=asked["account_number"],
            amount_dong=asked["amount_dong"],
            content=asked["content"],
            at=datetime.now(UTC),
        )
        taken = client.post("/payments/notices/sepay", content=raw, headers=headers)
        assert taken.status_code == 200, taken.text
        self.orders.append(order["code"])

    def _sell(self, client: httpx2.Client, number: int) -> None:
        goods, key = {**GOODS, "name": f"Na dai sao lưu {number}"}, f"backup-goods-{number:04}"
        put_up = client.post("/api/v1/listings", json=goods, headers={"idempotency-key": key})
        assert put_up.status_code == 201, put_up.text
        path = f"/api/v1/listings/{put_up.json()['code']}/photos"
        assert client.post(path, content=photo_bytes()).status_code == 200
        self.photos += 1


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    """A demo market that runs."""
    with running_market() as made:
        yield made


def asked_of(market: RunningMarket, query: str) -> list[Any]:
    """Rows of the market's database, beside its processes."""
    server = find_running(market.var, "postgres")
    assert server is not None

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(**credentials_of(server.url))
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def backed_up(market: RunningMarket) -> Path:
    """A backup by the command; its folder."""
    told = market.command("backup", str(market.var / "backups"))
    assert told.returncode == 0, told.stdout + told.stderr
    found = re.match(r"(\S+): [0-9,]+ bytes", told.stdout)
    assert found, told.stdout
    return Path(found[1])


def test_what_was_sold_before_the_backup_is_there_and_nothing_is_half(market: RunningMarket) -> None:
    """Two backups while people act; the second comes back in another place, serves, and takes new orders."""
    load = Load(market)
    load.start()
    try:
        eventually(lambda: len(load.orders) >= 5 and load.photos >= 2, 90, lambda: str(load.faults))
        before, photos = list(load.orders), load.photos
        backed_up(market)
        folder = backed_up(market)
        eventually(lambda: len(load.orders) >= len(before) + 2, 60, lambda: str(load.faults))
    finally:
        load.stop()
    other = new_market()
    shutil.rmtree(other.var)
    shutil.copytree(folder, other.var / folder.name)
    other.var.chmod(0o711)
    try:
        told = other.command("restore", str(other.var / folder.name))
        assert told.returncode == 0 and "the books are balanced" in told.stdout, told.stdout + told.stderr
        again = other.command("restore", str(other.var / folder.name))
        assert again.returncode == 1 and "not empty" in again.stderr
        other.start()
        _assert_whole(other, folder, before, photos)
    finally:
        end_market(other)


# The shoppers' baskets may have been backed up with something in them.
NOBODY_SHOPPED_AS = "0912000006"


def _assert_whole(other: RunningMarket, folder: Path, before: list[str], photos: int) -> None:
    codes = {code for (code,) in asked_of(other, "SELECT code FROM customer_order")}
    assert set(before) <= codes, "an order that was placed before the backup is missing"
    keys = [key for (key,) in asked_of(other, "SELECT key FROM photo")]
    assert len(keys) >= photos
    files = {path.name for path in (other.var / "media").rglob("*") if path.is_file()}
    for key in keys:
        name = key.rsplit("/", 1)[-1]
        assert any(one.startswith(name) for one in files), f"{key} has no file"
    told = json.loads((folder / "settings.json").read_text())
    assert told["mode"] == "demo" and "secret_key" not in told
    with other.program(NOBODY_SHOPPED_AS) as client:
        order = order_something(client, "after-the-backup", "")
        other.pay(order)
        eventually(lambda: read_order(client, order["code"])["parcel_code"], 40, other.last_words)
        assert client.get("/api/v1/search", params={"q": ""}).json()["total"] >= 60, (
            "the index was built anew"
        )
    other.assert_balanced()
    health = httpx2.get(f"{other.url}/health").json()
    assert set(health.values()) == {"ok"}, health
