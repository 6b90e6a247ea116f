"""The post's jobs: carriers' news, lost bookings, tracking, areas, and what pretend carriers send.

`follow_parcel` is left for the package that owns orders.
"""

from kit.clock import Clock
from kit.media import Media
from kit.outbox import Every, Task, TryAgain, every
from kit.parts import Parts
from postal.carrier import CarrierUnavailable
from postal.gates.register import Carriers
from postal.services import areas, booking, looking, notices, quoting
from postal.services.claims.shown import remind_of_claims
from postal.services.proofs import drop_old_proofs
from postal.services.statements import naming, shown, taking
from postal.twins import ghn, ghtk, viettel_post, vnpost
from postal.twins.parcels import send_push

TWINS = {one.TWIN.name: one.TWIN for one in (viettel_post, vnpost, ghn, ghtk)}


async def fold_carrier_notices(parts: Parts, _: int) -> None:
    """Reads what carriers told, many notices in one commit."""
    await notices.fold_notices(parts[Carriers], now=parts[Clock].now())


async def find_booking(parts: Parts, parcel_id: int) -> None:
    """Looks for a booking whose answer was lost."""
    try:
        await booking.find(parcel_id, parts[Carriers], now=parts[Clock].now())
    except CarrierUnavailable as away:
        raise TryAgain(str(away), seconds=away.retry_after_s) from away


async def submit_parcel(parts: Parts, parcel_id: int) -> None:
    """Asks a carrier outside the house for a parcel."""
    try:
        await booking.submit(parcel_id, parts[Carriers], now=parts[Clock].now())
    except CarrierUnavailable as away:
        raise TryAgain(str(away), seconds=away.retry_after_s) from away


async def track_parcel(parts: Parts, parcel_id: int) -> None:
    """Asks a carrier where a parcel is."""
    try:
        await looking.track(parcel_id, parts[Carriers], now=parts[Clock].now())
    except CarrierUnavailable as away:
        raise TryAgain(str(away), seconds=away.retry_after_s) from away


async def tell_wish(parts: Parts, parcel_id: int) -> None:
    """Tells a carrier to try again or to bring a parcel back."""
    try:
        await looking.tell_wish(parcel_id, parts[Carriers], now=parts[Clock].now())
    except CarrierUnavailable as away:
        raise TryAgain(str(away), seconds=away.retry_after_s) from away


async def sync_carrier_areas(parts: Parts, _: int) -> None:
    """Fetches the communes of carriers that number them."""
    try:
        await areas.sync_areas(parts[Carriers], now=parts[Clock].now())
    except CarrierUnavailable as away:
        raise TryAgain(str(away), seconds=away.retry_after_s) from away


async def send_twin_push(parts: Parts, push_id: int) -> None:
    """A pretend carrier tells the market."""
    await send_push(parts, push_id, TWINS)


async def match_statement(parts: Parts, statement_id: int) -> None:
    """Looks at the lines of a carrier's statement beside their parcels."""
    await taking.match_statement(statement_id, now=parts[Clock].now())


async def remind_of_late(parts: Parts) -> None:
    """At night: carriers that delivered long ago and have not remitted, or are late with a claim."""
    await shown.remind_of_late(now=parts[Clock].now())
    await remind_of_claims(now=parts[Clock].now())


async def forget_statement_files(parts: Parts) -> None:
    """At night: files that have waited a month for somebody to name their columns."""
    await naming.put_old_away(now=parts[Clock].now())


async def leave_unfolded(parts: Parts) -> None:
    """Every twenty seconds: news that no job was left for."""
    await notices.leave_unfolded(now=parts[Clock].now())


async def leave_areas(parts: Parts) -> None:
    """Every minute: lists of communes that are missing or a week old."""
    await areas.leave_sync(parts[Carriers], now=parts[Clock].now())


async def look_after_parcels(parts: Parts) -> None:
    """Every five minutes: bookings whose worker died, and carriers' lists of changes."""
    await booking.leave_lost(now=parts[Clock].now())
    await looking.poll(parts[Carriers], now=parts[Clock].now())


async def leave_parcel_looks(parts: Parts) -> None:
    """Every hour: parcels nobody tells of, and prices nobody may order by."""
    await looking.leave_looks(parts[Carriers], now=parts[Clock].now())
    await quoting.forget_quotes(now=parts[Clock].now())


async def drop_proofs(parts: Parts) -> None:
    """Every hour: pictures from doors whose time has come."""
    await drop_old_proofs(parts[Media], now=parts[Clock].now())


TASKS: list[Task] = [
    fold_carrier_notices,
    find_booking,
    submit_parcel,
    track_parcel,
    tell_wish,
    sync_carrier_areas,
    send_twin_push,
    match_statement,
]
CRONS: list[Every] = [
    every(20, leave_unfolded),
    every(60, leave_areas),
    every(300, look_after_parcels),
    every(3600, leave_parcel_looks),
    every(3600, drop_proofs),
    every(86400, remind_of_late),
    every(86400, forget_statement_files),
]
