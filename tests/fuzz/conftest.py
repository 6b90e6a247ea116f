"""One running market for the fuzz tests, and everybody of its demo signed in at it before anything is made up."""

from collections.abc import Iterator

import pytest

from tests.fuzz.forms import Visitor, look_around
from tests.fuzz.people import PHONES, People
from tests.running import RunningMarket, end_market, new_market


@pytest.fixture(scope="package")
def fuzzed_market() -> Iterator[RunningMarket]:
    """The market as `make run` starts it, in a folder of its own."""
    market = new_market()
    try:
        market.start()
        yield market
        market.assert_log_knows_nobody()
    finally:
        end_market(market)


@pytest.fixture(scope="package")
def visitors(fuzzed_market: RunningMarket) -> list[Visitor]:
    """Everybody with a browser's cookies, and the forms they saw."""
    return [look_around(fuzzed_market, phone) for phone in ("", *PHONES)]


@pytest.fixture(scope="package")
def people(fuzzed_market: RunningMarket, visitors: list[Visitor]) -> Iterator[People]:
    """A program of each of the demo's people, and a stranger's."""
    with People(fuzzed_market, visitors) as people:
        yield people
