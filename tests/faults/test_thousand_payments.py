"""A thousand payments of every kind while web, worker, Redis and PostgreSQL go down: nothing lost, nothing doubled."""

from bench.market import running_market
from bench.storm import storm


def test_a_thousand_payments_end_balanced_whatever_is_killed() -> None:
    """Also late, in parts, told again, and wallets' callbacks out of order; `bench.storm` is the long form."""
    with running_market() as market:
        assert storm(market, 1_000, rate=100)["audit"] == "nothing lost"
