"""A hundred orders through five faults, and all auditors; `make chaos` is the long form, docs/faults.md says how."""

import asyncio

from bench.chaos.buyers import WAYS, plan
from bench.chaos.faults import DECK, schedule
from bench.chaos.run import chaos
from market.audit import lines

# Answers of the twins lost, Redis emptied, a worker killed, PostgreSQL restarted, a web process killed.
SEED = 1583


def test_a_seed_replays_its_faults_and_what_every_buyer_means_to_do() -> None:
    """Another seed is another run; forty faults deal out the whole deck."""
    assert schedule(7, 40) == schedule(7, 40) != schedule(8, 40)
    assert {(one.how, one.part) for one in schedule(7, 40)} == set(DECK) and len(DECK) <= 40
    shares = [one.share for one in schedule(7, 40)]
    assert shares == sorted(shares) and shares[0] > 0 and shares[-1] < 1
    goods = [f"H{number}" for number in range(20)]
    drawn = [str(plan(number, 7, goods, ["H99"])) for number in range(300)]
    assert drawn == [str(plan(number, 7, goods, ["H99"])) for number in range(300)]
    assert {one.split(":")[0] for one in drawn} == set(WAYS)


def test_a_hundred_orders_and_five_faults_lose_nothing() -> None:
    """Orders, banks' notices, wallets, parcels and their webhooks: each once, whatever is killed."""
    report = asyncio.run(chaos(SEED, orders=100, faults=5, rate=15))
    assert len(report.happened) == 5
    assert report.is_well, "\n".join([*lines(report.found), report.last_words])
