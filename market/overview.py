"""What the administrator sees first: the work that waits for a person, and the market's totals."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services.requests import open_requests
from market.services import OutboxCounts, outbox_counts
from payments.services import balances, open_reviews, refunds_to_see
from postal.services import ParcelView, deliveries, pickups
from postal.states import Flag
from search.services import Standing, standing
from vendors.services import ids_on_sale
from vendors.services.waiting import WaitingWork, waiting_work

STUCK_AFTER = timedelta(days=3)
INDEX_UNSEEN = timedelta(minutes=5)
PARCELS_LOOKED_AT = 500
ASKING = frozenset({Flag.EXCEPTION, Flag.DECISION_NEEDED, Flag.PICKUP_FAILED, Flag.ON_HOLD})


@dataclass(frozen=True)
class Overview:
    """Counts of what waits, and totals. `seen_dong` is all money seen coming in for sellers, in đồng."""

    waiting: WaitingWork
    requests_open: int
    payments_waiting: int
    refunds_waiting: int
    parcels_stuck: list[ParcelView]
    outbox: OutboxCounts
    index: Standing
    index_is_well: bool
    on_sale: int
    sellers_paid: int
    seen_dong: int

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits for a person."""
        waiting = self.waiting
        counts = (
            waiting.listings,
            waiting.identities,
            waiting.certificates,
            waiting.plates,
            waiting.moderation,
            self.requests_open,
        )
        return self.index_is_well and not (
            any(counts)
            or self.payments_waiting
            or self.refunds_waiting
            or self.parcels_stuck
            or self.outbox.dead
        )


async def overview(now: datetime) -> Overview:
    """The market at this moment, in a bounded number of queries."""
    reviews = await open_reviews()
    seen, index = await balances("seller:"), await standing()
    return Overview(
        waiting=await waiting_work(),
        requests_open=await open_requests(),
        payments_waiting=reviews.payments_count + reviews.notices_count,
        refunds_waiting=await refunds_to_see(),
        parcels_stuck=await stuck_parcels(now),
        outbox=await outbox_counts(),
        index=index,
        index_is_well=is_well(index, now),
        on_sale=len(await ids_on_sale()),
        sellers_paid=len(seen),
        seen_dong=sum(seen.values()),
    )


def is_well(index: Standing, now: datetime) -> bool:
    """Whether the worker looks at it and finds nothing amiss, and the index has all that it should."""
    looked = index.seen_at is None or now - index.seen_at < INDEX_UNSEEN
    return looked and not index.trouble and not index.owed


async def stuck_parcels(now: datetime) -> list[ParcelView]:
    """Parcels that nobody has touched for three days, or that ask for a decision; the longest untouched first."""
    waiting = (await pickups(rows=PARCELS_LOOKED_AT)).parcels
    held = (await deliveries(rows=PARCELS_LOOKED_AT)).parcels
    stuck = [one for one in (*waiting, *held) if is_stuck(one, now)]
    return sorted(stuck, key=lambda one: one.changed_at)


def is_stuck(parcel: ParcelView, now: datetime) -> bool:
    """Whether somebody should look at a parcel."""
    return bool(parcel.flags & ASKING) or now - parcel.changed_at > STUCK_AFTER
