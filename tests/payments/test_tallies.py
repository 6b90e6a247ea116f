"""Notices by verdict: each settled one counts once, whoever asks and however often the round comes by."""

from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.metrics import exposed_figures
from kit.parts import Parts
from market.figures import as_figures, market_figures
from payments.models import Notice, NoticeTally
from payments.services.tallies import CERTAIN_AFTER, notices_in_all, tally_notices
from payments.tasks import keep_tally
from tests.factories import bank_notice, payment, recorded, told

pytestmark = pytest.mark.usefixtures("db")


async def test_what_was_settled_counts_once_before_and_after_it_is_tallied(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=1_000)
    assert await notices_in_all() == {"partial": 1}
    clock.forward(seconds=CERTAIN_AFTER.total_seconds() + 60)
    for _ in range(2):
        await tally_notices(now=clock.now())
        assert await notices_in_all() == {"partial": 1}
    assert [(one.verdict, one.count) for one in await NoticeTally.all()] == [("partial", 1)]
    await told(asked, 2, now=clock.now(), amount_dong=2_000)
    assert await notices_in_all() == {"partial": 1, "late": 1}, "what came since is counted beside it"
    await tally_notices(now=clock.now())
    assert await notices_in_all() == {"partial": 1, "late": 1}, (
        "nothing that may not be committed yet is closed"
    )
    assert await NoticeTally.all().count() == 1


async def test_a_clock_that_goes_back_counts_nothing_twice(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=1_000)
    for minutes in (40, 20, 60):
        await tally_notices(now=clock.now() + timedelta(minutes=minutes))
        assert await notices_in_all() == {"partial": 1}


async def test_what_waits_or_is_gone_from_the_table_changes_nothing(
    clock: StoppedClock, parts: Parts
) -> None:
    """A notice that nobody has settled is none; a tally stays what it was when notices are moved away."""
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=1_000)
    await recorded(bank_notice(asked, 99, at=clock.now()), now=clock.now())
    clock.forward(seconds=CERTAIN_AFTER.total_seconds() + 1)
    await keep_tally(parts)
    await Notice.filter(verdict="partial").delete()
    assert await notices_in_all() == {"partial": 1}


async def test_it_is_told_as_a_counter(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=1_000)
    text = exposed_figures(as_figures(await market_figures(clock.now()))).decode()
    assert "# TYPE cho_notices_total counter" in text
    assert 'cho_notices_total{verdict="partial"} 1.0' in text
    assert "# TYPE cho_outbox_oldest_seconds gauge" in text and "# TYPE cho_limbo_dong gauge" in text
