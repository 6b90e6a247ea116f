"""The figures of the whole market that somebody on watch wants: the outbox, money in limbo, parcels nobody knows of."""

from dataclasses import dataclass
from datetime import datetime

from kit.metrics import Figure
from kit.outbox_standing import KindStanding, outbox_standing
from payments.services.limbo import Limbo, money_in_limbo, notices_by_verdict
from payments.services.tallies import notices_in_all
from postal.services.limbo import CashOut, cash_out, parcels_unknown


@dataclass(frozen=True)
class MarketFigures:
    """All of them, at one moment. Every process tells the same."""

    outbox: list[KindStanding]
    limbo: list[Limbo]
    cash: list[CashOut]
    parcels_unknown: int
    verdicts: dict[str, int]
    notices: dict[str, int]

    @property
    def oldest_seconds(self) -> float:
        """How long the oldest job has been due."""
        return max((one.oldest_seconds for one in self.outbox), default=0.0)

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return sum(one.waiting for one in self.outbox)

    @property
    def dead(self) -> int:
        """Jobs that were given up."""
        return sum(one.dead for one in self.outbox)


async def market_figures(now: datetime) -> MarketFigures:
    """The figures of this moment, in seven queries."""
    return MarketFigures(
        outbox=await outbox_standing(),
        limbo=await money_in_limbo(),
        cash=await cash_out(),
        parcels_unknown=await parcels_unknown(),
        verdicts=await notices_by_verdict(now),
        notices=await notices_in_all(),
    )


def as_figures(found: MarketFigures) -> list[Figure]:
    """The figures as Prometheus is told them. Take the maximum over processes, never the sum."""
    cash = [Limbo(f"cash_{one.state}", one.count, one.dong) for one in found.cash]
    limbo, jobs = [*found.limbo, *cash], found.outbox
    return [
        Figure("cho_outbox_waiting", "Jobs that wait.", "job", {one.name: one.waiting for one in jobs}),
        Figure(
            "cho_outbox_oldest_seconds",
            "How long the oldest job of a kind has been due.",
            "job",
            {one.name: one.oldest_seconds for one in jobs},
        ),
        Figure("cho_outbox_dead", "Jobs that were given up.", "job", {one.name: one.dead for one in jobs}),
        Figure("cho_limbo_count", "Matters of money.", "kind", {one.kind: one.count for one in limbo}),
        Figure("cho_limbo_dong", "Their money in đồng.", "kind", {one.kind: one.dong for one in limbo}),
        Figure("cho_notices_total", "Notices settled so far.", "verdict", found.notices, only_grows=True),
        Figure("cho_notices_last_hour", "Notices of the last hour.", "verdict", found.verdicts),
        Figure("cho_parcels_unknown", "Bookings nobody knows the end of.", "", {"": found.parcels_unknown}),
    ]
