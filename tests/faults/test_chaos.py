"""A hundred orders through five faults, and all auditors; `make chaos` is the long form, docs/faults.md says how."""

import asyncio

from bench.chaos.run import chaos
from market.audit import lines

# Answers of the twins lost, Redis emptied, a worker killed, PostgreSQL restarted, a web process killed.
SEED = 1583


def test_a_hundred_orders_and_five_faults_lose_nothing() -> None:
    """Orders, banks' notices, wallets, parcels and their webhooks: each once, whatever is killed."""
    report = asyncio.run(chaos(SEED, orders=100, faults=5, rate=15))
    assert len(report.happened) == 5
    assert report.is_well, "\n".join([*lines(report.found), report.last_words])
