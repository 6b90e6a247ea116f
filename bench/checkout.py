"""How long a browser waits from «Đặt hàng» to the page with the QR code: 8 shoppers by pages and forms, then the audit.

python -m bench.checkout [--rounds 3] [--seconds 15] [--think 0.5]

Each shopper puts goods in, reads the review, orders, and is led to the order's page; the picture of the code is asked
for after it, as browsers do. Between two pages they look at the page for `--think` seconds, drawn evenly between
half and one and a half times that.
"""

import argparse
import asyncio
import random
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.audit import audit, pieces
from bench.load import AS_BROWSERS_ASK, Answer, Line, Measured, measure, spread
from bench.market import BenchMarket, running_floor, running_market, with_database
from bench.results import Row, median_row, show
from bench.shoppers import COMMUNES, stock_up
from bench.spent import Spent

SHOPPERS = 8
PAGE_BYTES, FLOOR_SECONDS = 5_000, 2.0
FIELD = r'name="{name}" value="([^"]*)"'
PICTURE = re.compile(r"/payments/\w+/qr\.svg\?dong=\d+")


@dataclass
class Round:
    """One round's times in milliseconds, of the order's answer, of that and the page, and of all with the picture."""

    placed_ms: list[float] = field(default_factory=list)
    page_ms: list[float] = field(default_factory=list)
    picture_ms: list[float] = field(default_factory=list)


class Browser:
    """One shopper's browser: a device cookie, and the last page's form token."""

    def __init__(self, port: int) -> None:
        self._line = Line(port, {**AS_BROWSERS_ASK, "cookie": f"device={secrets.token_urlsafe(16)}"})
        self.page = ""

    async def get(self, path: str) -> None:
        """Opens a page. RuntimeError for anything but 200."""
        answer = await self._line.ask("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status}")
        self.page = answer.text()

    async def post(self, path: str, **fields: str) -> Answer:
        """Sends a form with the page's token; the answer may lead on."""
        body = urlencode({"csrf": self.said("csrf"), **fields}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await self._line.ask("POST", path, body, headers)
        if answer.status not in (200, 303):
            raise RuntimeError(f"POST {path}: {answer.status} {answer.text()[-500:]}")
        if answer.status == 200:
            self.page = answer.text()
        return answer

    def said(self, name: str) -> str:
        """A hidden field of the page. RuntimeError when there is none."""
        found = re.search(FIELD.format(name=name), self.page)
        if found is None:
            raise RuntimeError(f"no {name} on the page")
        return found[1]

    async def close(self) -> None:
        """Hangs up."""
        await self._line.close()


def main(argv: Sequence[str] | None = None) -> None:
    """Measures, audits and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.checkout", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--think", type=float, default=0.5)
    asked = parser.parse_args(argv)
    with running_market() as market, running_floor(market.database_url) as floor_port:
        codes = with_database(market, stock_up)
        _round(market, codes, min(2, asked.seconds), asked.think)
        rows = [
            _beside(
                _round(market, codes, asked.seconds, asked.think),
                measure(floor_port, [f"/write/{PAGE_BYTES}"], seconds=min(FLOOR_SECONDS, asked.seconds)),
            )
            for _ in range(asked.rounds)
        ]
    show("checkout", [median_row(rows)], rounds=asked.rounds, by="the client of bench/load.py")


def _beside(row: dict[str, float], floor: Measured) -> Row:
    """The page with the code is two answers: twice what a bare one takes after a bare insert is its floor."""
    floor_ms = 2 * floor.p50_ms
    return {**row, "floor ms": floor_ms, "times the floor": row["page p50 ms"] / floor_ms}


def _round(market: BenchMarket, codes: Sequence[str], seconds: float, think: float) -> dict[str, float]:
    before, spent = with_database(market, pieces), Spent(market)
    began = time.perf_counter()
    seen = asyncio.run(_shop(market.port, codes, seconds, think))
    took, count = time.perf_counter() - began, len(seen.page_ms)
    cost = spent.each(count)
    with_database(market, lambda: audit(before, paid=0))
    return {
        "shoppers": SHOPPERS,
        "think s": think,
        "orders/s": count / took,
        "placed p50 ms": spread(seen.placed_ms)[0],
        "page p50 ms": spread(seen.page_ms)[0],
        "page p95 ms": spread(seen.page_ms)[1],
        "page p99 ms": spread(seen.page_ms)[2],
        "with picture p95 ms": spread(seen.picture_ms)[1],
        **cost,
        "orders": count,
    }


async def _shop(port: int, codes: Sequence[str], seconds: float, think: float) -> Round:
    seen, until = Round(), time.perf_counter() + seconds

    async def shop_again_and_again() -> None:
        await asyncio.sleep(random.random() * think)
        while time.perf_counter() < until:
            browser = Browser(port)
            await _buy(browser, random.choice(codes), seen, think)
            await browser.close()

    await asyncio.gather(*(shop_again_and_again() for _ in range(SHOPPERS)))
    return seen


async def _buy(browser: Browser, code: str, seen: Round, think: float) -> None:
    async def look() -> None:
        await asyncio.sleep(think * random.uniform(0.5, 1.5))

    to = {
        "name": "Người Mua Thử",
        "phone": "0912 700 000",
        "line": "Số 5, tổ 3",
        "commune_code": random.choice(COMMUNES),
    }
    await browser.get(f"/goods/{code}")
    await look()
    await browser.post("/basket/lines", listing=code, quantity="1")
    await browser.get("/checkout")
    await look()
    await browser.post("/checkout", **to, step="review")
    await look()
    began = time.perf_counter()
    read = {name: browser.said(name) for name in ("order_key", "seen")}
    placed = await browser.post("/orders", **to, **read)
    seen.placed_ms.append((time.perf_counter() - began) * 1000)
    await browser.get(placed.headers["location"])
    seen.page_ms.append((time.perf_counter() - began) * 1000)
    picture = PICTURE.search(browser.page)
    if picture is None:
        raise RuntimeError("the order's page shows no QR code")
    await browser.get(picture[0])
    seen.picture_ms.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    main()
