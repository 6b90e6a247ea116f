"""Goods ordered ahead of their harvest: open between two days, promised for a window, and ordinary once it begins."""

from dataclasses import dataclass
from datetime import date

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import NotFound
from kit.outbox import later
from vendors.models import Listing

TURNED_AT_ONCE = 200


@dataclass(frozen=True)
class Window:
    """The days between which orders are taken ahead, and those between which the goods leave; all inclusive."""

    preorder_from: date
    preorder_to: date
    ships_from: date
    ships_to: date

    def takes_orders(self, today: date) -> bool:
        """Whether orders are taken ahead on this day."""
        return self.preorder_from <= today <= self.preorder_to


def window_of(listing: Listing) -> Window | None:
    """The window of goods that are sold ahead."""
    days = (listing.preorder_from, listing.preorder_to, listing.ships_from, listing.ships_to)
    return Window(*days) if all(days) else None  # type: ignore[arg-type]


async def set_window(listing_id: int, window: Window | None, *, person_id: int, today: date) -> None:
    """Sells goods ahead from now on, or no longer; what was promised to orders stands."""
    async with transaction():
        listing = (await locked(Listing, [listing_id])).get(listing_id)
        if listing is None:
            raise NotFound()
        await _turn(listing, window, today)
        await record(person_id, "window_set" if window else "window_ended", "listing", listing.code)


async def turn_windows(*, today: date) -> None:
    """Opens and closes windows whose day has come, and makes goods ordinary whose harvest begins; one at a time."""
    ahead = Listing.filter(ships_from__isnull=False).order_by("ships_from", "id")
    for listing in await ahead.limit(TURNED_AT_ONCE):
        window = window_of(listing)
        if window is None or (
            window.ships_from > today and window.takes_orders(today) == listing.takes_orders
        ):
            continue
        async with transaction():
            standing = (await locked(Listing, [listing.id]))[listing.id]
            await _turn(standing, window_of(standing), today)


async def _turn(listing: Listing, window: Window | None, today: date) -> None:
    if window is not None and window.ships_from <= today:
        window = None
    days = {
        name: getattr(window, name, None)
        for name in ("preorder_from", "preorder_to", "ships_from", "ships_to")
    }
    listing.update_from_dict({**days, "takes_orders": window is None or window.takes_orders(today)})
    await listing.save(update_fields=[*days, "takes_orders", "changed_at"])
    await later("index_listing", listing.id)
