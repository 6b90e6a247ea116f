"""Jobs of vendors: certificates and papers at their end, sheets, sellers whom nobody has verified or who are stuck.

Changed listings leave `index_listing`, which search works.
"""

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.media import Media
from kit.outbox import Every, Task, announce, every
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from vendors.import_rows import checked_rows, names_needed, shelf_of
from vendors.models import (
    CertificateRegistry,
    ImportRow,
    ImportState,
    ListingImport,
    RegistryRow,
    RegistryState,
)
from vendors.registry_rows import Looked, looked_through
from vendors.services import forget_unconfirmed
from vendors.services.ahead import turn_windows
from vendors.services.certificates.lapsed import show_lapsed, warn_of_ends
from vendors.services.certificates.registries import certificates_standing, known_here
from vendors.services.certificates.registry_work import work_registry_batch
from vendors.services.help.households import forget_households, queue_stuck
from vendors.services.help.papers import drop_due_signatures
from vendors.services.identity.papers import drop_due_papers
from vendors.services.identity.rounds import seal_anew, stop_unverified
from vendors.services.review import tell_of_review as tell_reviewed
from vendors.services.sheets.imports import sheet_of, tell_progress
from vendors.services.sheets.photos import names_in, note_photos, ready_some
from vendors.services.sheets.work import work_batch
from vendors.services.stock.lots import end_lots
from vendors.services.webhooks.endpoints import forget_messages
from vendors.services.webhooks.sending import Outcome, message_to_send, message_tried
from vendors.webhook_gate import post_message

LAPSE_SECONDS = 300


async def show_lapsed_certificates(parts: Parts) -> None:
    """Every five minutes: listings whose certificate lapsed at midnight lose their stars in the index."""
    await show_lapsed(vietnam_date(parts[Clock].now()))


async def warn_of_certificates(parts: Parts) -> None:
    """Every night: texts about certificates in their last 6, 3 and 1 months."""
    await warn_of_ends(parts[Clock].now())


async def tell_of_review(parts: Parts, listing_id: int) -> None:
    """Tells a seller what became of goods that waited for approval."""
    await tell_reviewed(listing_id, now=parts[Clock].now())


async def send_webhook(parts: Parts, message_id: int) -> None:
    """Posts one message to a seller's system, outside of any transaction, and writes down how it went."""
    settings, now = parts[Settings], parts[Clock].now()
    message = await message_to_send(message_id, keys=seal_keys(settings), now=now)
    if message is None:
        return
    posted = await post_message(message.url, message.headers, message.body, settings)
    outcome = Outcome(posted.status, posted.answer, posted.took_ms, posted.wait_seconds)
    await message_tried(message_id, outcome, now=parts[Clock].now())


async def forget_webhooks(parts: Parts) -> None:
    """Every night: messages to sellers' systems older than two months."""
    await forget_messages(parts[Clock].now())


async def check_sheet(parts: Parts, import_id: int) -> None:
    """Looks through every row of a sheet whose columns were named; what was looked through before is forgotten."""
    one = await ListingImport.get_or_none(id=import_id, state=ImportState.CHECKING).select_related("vendor")
    raw = await parts[Media].get(one.file_key) if one else None
    if one is None or raw is None:
        return
    shelf = await shelf_of(one.vendor, await names_in(one, parts[Media]))
    rows = await checked_rows(await sheet_of(raw), one, shelf)
    async with transaction():
        standing = (await locked(ListingImport, [one.id]))[one.id]
        if standing.state != ImportState.CHECKING or standing.changed_at != one.changed_at:
            return
        await ImportRow.filter(sheet_id=one.id).delete()
        await ImportRow.bulk_create(rows, batch_size=1000)
        await note_photos(one.id, names_needed(rows))
        standing.state, standing.rows = ImportState.CHECKED, len(rows)
        await standing.save(update_fields=["state", "rows", "changed_at"])
        await tell_progress(standing)


async def work_sheet(parts: Parts, import_id: int) -> None:
    """Makes photos small, then listings of the next rows of a sheet; leaves itself again while any are left."""
    if not await ready_some(import_id, parts[Media]):
        await work_batch(import_id)


async def check_registry(parts: Parts, registry_id: int) -> None:
    """Looks through every row of a registry whose columns were named, and whose certificate each is."""
    one = await CertificateRegistry.get_or_none(id=registry_id, state=RegistryState.CHECKING)
    raw = await parts[Media].get(one.file_key) if one else None
    if one is None or raw is None:
        return
    today = vietnam_date(parts[Clock].now())
    looked = Looked(await known_here(), await certificates_standing(), today)
    rows = await looked_through(await sheet_of(raw), one, looked)
    async with transaction():
        standing = (await locked(CertificateRegistry, [one.id]))[one.id]
        if standing.state != RegistryState.CHECKING or standing.changed_at != one.changed_at:
            return
        await RegistryRow.filter(registry_id=one.id).delete()
        await RegistryRow.bulk_create(rows, batch_size=1000)
        standing.state, standing.rows = RegistryState.CHECKED, len(rows)
        await standing.save(update_fields=["state", "rows", "changed_at"])
        await announce(f"registry:{one.code}")


async def work_registry(parts: Parts, registry_id: int) -> None:
    """Keeps the certificates of the next rows of a confirmed registry, and leaves itself again while any are left."""
    await work_registry_batch(registry_id)


async def forget_account_changes(parts: Parts) -> None:
    """Deletes changes of receiving accounts that nobody confirmed."""
    await forget_unconfirmed(parts[Clock].now())


async def stop_unverified_sellers(parts: Parts) -> None:
    """From the law's day on, puts sellers off the market whom nobody has verified."""
    await stop_unverified(now=parts[Clock].now())


async def delete_due_papers(parts: Parts) -> None:
    """Deletes pictures of identity papers whose time has come."""
    await drop_due_papers(parts[Media], now=parts[Clock].now())


async def seal_numbers_anew(parts: Parts) -> None:
    """Seals personal numbers of older keys under the present one."""
    await seal_anew(seal_keys(parts[Settings]))


async def turn_goods_ahead(parts: Parts) -> None:
    """Every five minutes: orders ahead open and close, goods whose harvest begins are ordinary, old lots leave."""
    today = vietnam_date(parts[Clock].now())
    await turn_windows(today=today)
    await end_lots(today=today)


async def queue_stuck_sellers(parts: Parts) -> None:
    """Puts persons who came aboard and got stuck into the queue of their commune's digital team."""
    await queue_stuck(parts[Clock].now())


async def forget_closed_households(parts: Parts) -> None:
    """Deletes households closed a year ago that never gave a consent, and signatures whose time has come."""
    await forget_households(parts[Clock].now())
    await drop_due_signatures(parts[Media], now=parts[Clock].now())


TASKS: list[Task] = [check_sheet, work_sheet, check_registry, work_registry, tell_of_review, send_webhook]
CRONS: list[Every] = [
    every(LAPSE_SECONDS, show_lapsed_certificates),
    every(300, turn_goods_ahead),
    every(86400, warn_of_certificates),
    every(86400, forget_account_changes),
    every(86400, forget_webhooks),
    every(300, stop_unverified_sellers),
    every(3600, delete_due_papers),
    every(3600, seal_numbers_anew),
    every(3600, queue_stuck_sellers),
    every(86400, forget_closed_households),
]
