"""The rows of a confirmed sheet become listings, a batch a job, each batch in one commit: a repeat changes nothing."""

from collections.abc import Sequence

from tortoise.exceptions import IntegrityError

from kit.db import locked, transaction
from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.outbox import later
from kit.units import Unit, commune
from vendors.models import ImportRow, ImportState, Listing, ListingImport, RowState
from vendors.services.bulk import put_up_listings
from vendors.services.imports import one_at_a_time, tell_progress
from vendors.services.listings import ListingContent, change_listing
from vendors.services.names import sale_key
from vendors.sheet_faults import row_fault

Units = dict[str, Unit]  # communes by code, each looked up once a batch
BATCH = 500
CHANGES_MAX = 100  # they are locked together: shoppers wait no longer than this takes


async def work_batch(import_id: int) -> bool:
    """Works the next rows of a sheet; whether more are left. Nothing happens unless the sheet was confirmed."""
    async with transaction():
        one = (await locked(ListingImport, [import_id])).get(import_id)
        if one is None or one.state != ImportState.WORKING:
            return False
        await one_at_a_time(one.vendor_id)
        units: Units = {}
        fresh = await _waiting(one, RowState.NEW, BATCH)
        changes = await _waiting(one, RowState.CHANGE, CHANGES_MAX) if not fresh else []
        if fresh:
            changes += await _put_up(one, fresh, units)
        await _change_all(one, changes, units)
        if fresh or changes:
            await later("work_sheet", one.id)
        else:
            one.state = ImportState.DONE
            await one.save(update_fields=["state", "changed_at"])
        await tell_progress(one)
    return bool(fresh or changes)


async def _waiting(one: ListingImport, state: RowState, limit: int) -> list[ImportRow]:
    return await ImportRow.filter(sheet_id=one.id, state=state).order_by("number").limit(limit)


async def _put_up(one: ListingImport, rows: Sequence[ImportRow], units: Units) -> list[ImportRow]:
    """Puts new goods up; gives the rows whose goods were put up since the dry run and now are changes."""
    standing = await _standing_keys(one.vendor_id)
    fresh = [row for row in rows if sale_key(row.content) not in standing]
    changes = [row for row in rows if sale_key(row.content) in standing]
    for row in changes:
        row.listing_id = standing[sale_key(row.content)]
    contents = [await _content(row, units) for row in fresh]
    try:
        listings = await put_up_listings(one.vendor_id, contents, person_id=one.person_id) if fresh else []
    except Refusal as refusal:
        await _refuse(fresh, refusal.sentence)
        return changes
    for row, listing in zip(fresh, listings, strict=True):
        row.listing_id, row.state = listing.id, RowState.DONE
    if fresh:
        await ImportRow.bulk_update(fresh, ["listing_id", "state"])
    return changes


async def _change_all(one: ListingImport, rows: Sequence[ImportRow], units: Units) -> None:
    """Changes goods as the form does, each on a savepoint of its own; then notes all rows at once.

    All of them are locked first, in the order of their ids, as baskets lock theirs: neither waits for the other.
    """
    listings = await locked(Listing, [row.listing_id for row in rows if row.listing_id is not None])
    owned = {id for id, listing in listings.items() if listing.vendor_id == one.vendor_id}
    done = [row for row in rows if await _change(one, row, units, is_owned=row.listing_id in owned)]
    for row in done:
        row.state = RowState.DONE
    if done:
        await ImportRow.bulk_update(done, ["state", "listing_id"])


async def _change(one: ListingImport, row: ImportRow, units: Units, *, is_owned: bool) -> bool:
    seen = row.content.get("stock_seen", 0) if row.state == RowState.CHANGE else None
    try:
        if not is_owned or row.listing_id is None:
            raise Refusal(say("Món hàng này không còn trong quầy."))
        content = await _content(row, units)
        await change_listing(row.listing_id, content, (), person_id=one.person_id, stock_seen=_whole(seen))
    except Refusal as refusal:
        await _refuse([row], refusal.sentence)
        return False
    except IntegrityError:  # the code was given to other goods since the look through
        taken = say("Mã «{code}» vừa được dùng cho món khác.", code=row.content["own_code"])
        await _refuse([row], taken)
        return False
    return True


async def _refuse(rows: Sequence[ImportRow], sentence: Sentence) -> None:
    for row in rows:
        row.state = RowState.FAULTY
        row.faults = [row_fault(row.number, sentence)]
        await row.save(update_fields=["state", "faults"])


async def _standing_keys(vendor_id: int) -> dict[str, int]:
    rows = await Listing.filter(vendor_id=vendor_id).values("id", "name", "unit", "own_code")
    found = {sale_key({**row, "own_code": ""}): int(row["id"]) for row in rows if not row["own_code"]}
    return {**found, **{sale_key(row): int(row["id"]) for row in rows if row["own_code"]}}


async def _content(row: ImportRow, units: Units) -> ListingContent:
    kept, code = row.content, str(row.content["commune_code"])
    unit = units.get(code) or await commune(code)
    if unit is None:
        raise LookupError(f"no commune {code} in force")
    units[code] = unit
    return ListingContent(
        name=str(kept["name"]),
        kind=str(kept["kind"]),
        price_dong=_whole(kept["price_dong"]) or 0,
        unit=str(kept["unit"]),
        weight_g=_whole(kept["weight_g"]) or 0,
        stock=_whole(kept["stock"]) or 0,
        commune=unit,
        about=str(kept["about"]),
        own_code=str(kept["own_code"]),
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
