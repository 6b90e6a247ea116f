"""The rows of a confirmed sheet become listings, a batch a job, each batch in one commit: a repeat changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tortoise.exceptions import IntegrityError

from kit.db import locked, transaction
from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.outbox import later
from kit.units import Unit, commune
from vendors.models import ImportRow, ImportState, Listing, ListingImport, ListingState, RowState
from vendors.services.listings import ListingContent, change_listing
from vendors.services.names import sale_key
from vendors.services.photos import ReadyPhoto
from vendors.services.sheets.bulk import Change, change_listings, put_up_listings
from vendors.services.sheets.imports import one_at_a_time, tell_progress
from vendors.services.sheets.photos import hang_all, made_photos
from vendors.sheet_faults import row_fault

Units = dict[str, Unit]  # communes by code, each looked up once a batch
BATCH = 500
CHANGES_MAX = 200  # they are locked together: shoppers wait no longer than this takes


@dataclass
class Batch:
    """A sheet's next rows at work: communes met so far, and the photos that the rows need."""

    one: ListingImport
    units: Units = field(default_factory=dict)
    photos: dict[str, ReadyPhoto | Sentence] = field(default_factory=dict)

    def of(self, row: ImportRow) -> list[ReadyPhoto]:
        """The photos of a row, in its order."""
        found = [self.photos.get(name) for name in _names(row)]
        return [one for one in found if isinstance(one, ReadyPhoto)]


async def work_batch(import_id: int) -> bool:
    """Works the next rows of a sheet; whether more are left. Nothing happens unless the sheet was confirmed."""
    async with transaction():
        one = (await locked(ListingImport, [import_id])).get(import_id)
        if one is None or one.state != ImportState.WORKING:
            return False
        await one_at_a_time(one.vendor_id)
        batch = Batch(one)
        fresh = await _waiting(one, RowState.NEW, BATCH)
        changes = await _waiting(one, RowState.CHANGE, CHANGES_MAX) if not fresh else []
        batch.photos = await made_photos(one.id, [name for row in [*fresh, *changes] for name in _names(row)])
        if fresh:
            changes += await _put_up(batch, await _with_photos(batch, fresh))
        await _change_all(batch, await _with_photos(batch, changes))
        if fresh or changes:
            await later("work_sheet", one.id)
        else:
            one.state = ImportState.DONE
            await one.save(update_fields=["state", "changed_at"])
        await tell_progress(one)
    return bool(fresh or changes)


async def _waiting(one: ListingImport, state: RowState, limit: int) -> list[ImportRow]:
    return await ImportRow.filter(sheet_id=one.id, state=state).order_by("number").limit(limit)


async def _with_photos(batch: Batch, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """The rows whose photos could all be opened; the others are refused, naming the photo."""
    good = []
    for row in rows:
        found = [batch.photos.get(name) for name in _names(row)]
        wrong = next((one for one in found if isinstance(one, Sentence)), None)
        if wrong is not None:
            await _refuse([row], wrong)
        else:
            good.append(row)
    return good


async def _put_up(batch: Batch, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Puts new goods up; gives the rows whose goods were put up since the dry run and now are changes."""
    standing = await _standing_keys(batch.one.vendor_id)
    fresh = [row for row in rows if sale_key(row.content) not in standing]
    changes = [row for row in rows if sale_key(row.content) in standing]
    for row in changes:
        row.listing_id = standing[sale_key(row.content)]
    contents = [await _content(row, batch.units) for row in fresh]
    person_id = batch.one.person_id
    try:
        listings = await put_up_listings(batch.one.vendor_id, contents, person_id=person_id) if fresh else []
    except Refusal as refusal:
        await _refuse(fresh, refusal.sentence)
        return changes
    for row, listing in zip(fresh, listings, strict=True):
        row.listing_id, row.state = listing.id, RowState.DONE
    if fresh:
        await hang_all([(listing.id, batch.of(row)) for row, listing in zip(fresh, listings, strict=True)])
        await ImportRow.bulk_update(fresh, ["listing_id", "state"])
    return changes


async def _change_all(batch: Batch, rows: Sequence[ImportRow]) -> None:
    """Changes goods as the form does: the plain ones all at once, those with photos or variants one by one.

    All of them are locked first, in the order of their ids, as baskets lock theirs: neither waits for the other.
    """
    listings = await locked(Listing, [row.listing_id for row in rows if row.listing_id is not None])
    owned = {id: one for id, one in listings.items() if one.vendor_id == batch.one.vendor_id}
    plain = [
        row
        for row in rows
        if row.listing_id in owned and not _names(row) and _is_plain(owned[row.listing_id])
    ]
    done = await _change_plain(batch, plain, owned)
    rest = [row for row in rows if row not in done]
    done += [row for row in rest if await _change(batch, row, is_owned=row.listing_id in owned)]
    met = [row for row in done if row.state == RowState.NEW]
    if met:
        await ImportRow.bulk_update(met, ["listing_id"])
    if done:
        await ImportRow.filter(id__in=[row.id for row in done]).update(state=RowState.DONE)


async def _change_plain(
    batch: Batch, rows: Sequence[ImportRow], owned: Mapping[object, Listing]
) -> list[ImportRow]:
    """Changes these in one go; none when two of them want the same code, so that the one at fault is found."""
    changes = [Change(owned[row.listing_id], await _content(row, batch.units), _seen(row)) for row in rows]
    try:
        if changes:
            await change_listings(changes, person_id=batch.one.person_id)
    except IntegrityError:
        return []
    return list(rows)


async def _change(batch: Batch, row: ImportRow, *, is_owned: bool) -> bool:
    try:
        if not is_owned or row.listing_id is None:
            raise Refusal(say("Món hàng này không còn trong quầy."))
        content = await _content(row, batch.units)
        person_id = batch.one.person_id
        await change_listing(
            row.listing_id, content, batch.of(row), person_id=person_id, stock_seen=_seen(row)
        )
    except Refusal as refusal:
        await _refuse([row], refusal.sentence)
        return False
    except IntegrityError:  # the code was given to other goods since the look through
        taken = say("Mã «{code}» vừa được dùng cho món khác.", code=row.content["own_code"])
        await _refuse([row], taken)
        return False
    return True


def _is_plain(listing: Listing) -> bool:
    """Whether goods have one price and one shelf, by the piece, and nobody has taken them down."""
    by_piece = listing.price_to_dong is None and listing.portion_g is None
    return by_piece and listing.state != ListingState.TAKEN_DOWN


def _seen(row: ImportRow) -> int | None:
    return _whole(row.content.get("stock_seen", 0)) if row.state == RowState.CHANGE else None


def _names(row: ImportRow) -> list[str]:
    kept = row.content.get("photos")
    return [str(name) for name in kept] if isinstance(kept, list) else []


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
