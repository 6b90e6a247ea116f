"""A demo market in the test's own transaction, indexed."""

import json
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.parts import Parts
from kit.settings import Settings
from market.demo.load import GOODS_JSON, load_demo
from market.demo.places import MARKETS, POINTS
from market.demo.tales import ADDRESSES
from search.engine import Engine
from search.services import rebuild
from tests.factories import units
from vendors.services import load_banks


@pytest.fixture(scope="session")
def written() -> dict[str, Any]:
    """goods.json as it stands."""
    read: dict[str, Any] = json.loads(GOODS_JSON.read_text(encoding="utf-8"))
    return read


@pytest.fixture
async def demo(
    db: None, settings: Settings, clock: StoppedClock, parts: Parts, written: dict[str, Any]
) -> None:
    """Everybody came aboard and the orders of the last days were told."""
    codes = {one["commune_code"] for one in written["producers"]} | {one.commune_code for one in MARKETS}
    codes |= {code for _, code, _ in POINTS} | {one.commune_code for one in ADDRESSES.values()}
    await units("19", "01", *codes)
    await load_banks()
    assert await load_demo(settings, now=clock.now())
    await rebuild(parts[Engine], today=vietnam_date(clock.now()))
