"""Certificates that ended: the index is told, so that stars leave the results with them."""

from datetime import date, timedelta

from kit.db import transaction
from kit.outbox import later
from vendors.models import Certificate, ListingState

LOOK_BACK_DAYS = 2


async def newly_lapsed(today: date) -> int:
    """Leaves a job for each listing on sale whose certificate began or ended in the last days; their number."""
    since = today - timedelta(days=LOOK_BACK_DAYS)
    on_sale = Certificate.filter(listing__state=ListingState.ON_SALE)
    ended = await on_sale.filter(valid_to__gte=since, valid_to__lt=today).values_list("listing_id", flat=True)
    begun = await on_sale.filter(decided_on__gt=since, decided_on__lte=today).values_list(
        "listing_id", flat=True
    )
    ids = sorted({int(str(id)) for id in [*ended, *begun]})
    async with transaction():
        for id in ids:
            await later("index_listing", id)
    return len(ids)
