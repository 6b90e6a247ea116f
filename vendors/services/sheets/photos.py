"""Photos that come with a sheet in a ZIP: found by the names its rows say, made small a few at a time, then hung."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from anyio import to_thread

from kit.archives import ARCHIVE_BYTES_MAX, ENTRIES_MAX, Archive, BadArchive, open_archive, plain_name
from kit.db import transaction
from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.outbox import later
from vendors.models import ImportPhoto, ImportState, ListingImport, Photo
from vendors.services.photos import PHOTO_REASONS, PHOTOS_MAX, ReadyPhoto, ready_photo
from vendors.services.sheets.imports import tell_progress

WORK_SECONDS = 20  # of a job's lease of 60
ZIP_REASONS: dict[str, Sentence] = {
    "kind": say("Tệp ảnh cần là ZIP. Hãy chọn các ảnh rồi nén thành một tệp .zip."),
    "bytes": say("Tệp ZIP nhiều nhất {n} MB. Hãy chia ảnh thành nhiều lần.", n=ARCHIVE_BYTES_MAX // 1024**2),
    "entries": say("Tệp ZIP nhiều nhất {n} tệp. Hãy chia ảnh thành nhiều lần.", n=ENTRIES_MAX),
    "bomb": say("Tệp ZIP nén bất thường nên chợ không mở. Hãy nén lại từ ảnh gốc."),
    "locked": say("Tệp ZIP có mật khẩu. Hãy nén lại không mật khẩu."),
    "broken": say("Tệp ZIP bị hỏng, không mở được. Hãy nén lại rồi gửi."),
}
NO_ZIP = say("bảng ghi tên ảnh mà chưa gửi tệp ZIP. Hãy gửi lại bảng kèm tệp ZIP, hoặc bỏ qua cột ảnh.")


@dataclass(frozen=True)
class PhotoNames:
    """The names that a ZIP's files go by: whole, and without their ending when that is one file's alone."""

    names: frozenset[str]
    doubled: frozenset[str]
    by_stem: dict[str, str]
    hung: dict[int, set[str]] = field(default_factory=dict)

    def find(self, typed: str) -> str:
        """The file that a cell means, whatever its capitals; "" when there is none."""
        name = plain_name(typed)
        return name if name in self.names else self.by_stem.get(name, "")


async def weighed(raw: bytes) -> Archive:
    """A ZIP that is safe to open. Refusal at `photos`."""
    try:
        return await to_thread.run_sync(open_archive, raw)
    except BadArchive as bad:
        raise Refusal(ZIP_REASONS[bad.reason], field="photos") from None


async def names_in(one: ListingImport, media: Media) -> PhotoNames | None:
    """The names of a sheet's ZIP, and which of them hang on which goods by an earlier sheet; None without a ZIP."""
    raw = await media.get(one.photos_key) if one.photos_key else None
    if raw is None:
        return None
    archive = await weighed(raw)
    stems: dict[str, list[str]] = {}
    for name in archive.entries:
        stems.setdefault(name.rsplit(".", 1)[0], []).append(name)
    by_stem = {stem: names[0] for stem, names in stems.items() if len(names) == 1}
    hung = await _hung(one)
    return PhotoNames(frozenset(archive.entries), archive.doubled, by_stem, hung)


def photos_meant(cell: str, names: PhotoNames | None) -> tuple[list[str], Sentence | None]:
    """The files that a cell names, parted by commas, semicolons or lines; or what is wrong with it."""
    typed = [one.strip() for one in cell.replace("\n", ";").replace(",", ";").split(";") if one.strip()]
    if not typed:
        return [], None
    if names is None:
        return [], NO_ZIP
    if len(typed) > PHOTOS_MAX:
        return [], say("nhiều nhất {n} ảnh một món. Ô này ghi {typed}.", n=PHOTOS_MAX, typed=len(typed))
    found = {one: names.find(one) for one in typed}
    missing = [one for one in typed if not found[one]]
    if missing:
        shown = ", ".join(f"«{one[:60]}»" for one in missing)
        return [], say("trong tệp ZIP không có ảnh {names}.", names=shown)
    doubled = [one for one in typed if found[one] in names.doubled]
    if doubled:
        return [], say("trong tệp ZIP có hai ảnh khác nhau cùng tên «{name}».", name=doubled[0][:60])
    return list(dict.fromkeys(found.values())), None


async def note_photos(import_id: int, names: Iterable[str]) -> None:
    """Writes down which files of the ZIP the rows need; what was noted before is forgotten."""
    await ImportPhoto.filter(sheet_id=import_id).delete()
    rows = [ImportPhoto(sheet_id=import_id, name=name[:200]) for name in sorted(set(names))]
    await ImportPhoto.bulk_create(rows, batch_size=1000)


async def ready_some(import_id: int, media: Media) -> bool:
    """Makes photos of a confirmed sheet small, for some seconds, outside any transaction; whether more are left.

    What an earlier sheet with the same ZIP made is taken from there. A photo that cannot be opened keeps its reason.
    """
    one = await ListingImport.get_or_none(id=import_id, state=ImportState.WORKING)
    waiting = await ImportPhoto.filter(sheet_id=import_id, is_ready=False).order_by("id") if one else []
    if one is None or not waiting:
        return False
    known = await _made_before(one)
    raw = await media.get(one.photos_key)
    archive = await weighed(raw) if raw else None
    ends = time.monotonic() + WORK_SECONDS
    for number, photo in enumerate(waiting):
        if time.monotonic() > ends and number:
            break
        photo.token, photo.reason = known.get(photo.name) or await _made(archive, photo.name, media)
        photo.is_ready = True
        await photo.save(update_fields=["token", "reason", "is_ready"])
    async with transaction():
        await later("work_sheet", one.id)
        await tell_progress(one)
    return True


async def made_photos(import_id: int, names: Iterable[str]) -> dict[str, ReadyPhoto | Sentence]:
    """By name the photos that rows need, ready to be hung, or why one cannot be; one query."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    rows = await ImportPhoto.filter(sheet_id=import_id, name__in=wanted, is_ready=True)
    return {row.name: _photo(row) for row in rows}


async def hang_all(photos: Sequence[tuple[int, Sequence[ReadyPhoto]]]) -> None:
    """Hangs photos on new listings, by listing id, in their order; one statement."""
    rows = [
        Photo(
            listing_id=listing_id,
            position=position,
            key=photo.key,
            width_px=photo.width_px,
            height_px=photo.height_px,
            blur_url=photo.blur_url,
        )
        for listing_id, several in photos
        for position, photo in enumerate({one.key: one for one in several}.values())
    ]
    await Photo.bulk_create(rows, batch_size=500)


async def photos_left(import_id: int) -> tuple[int, int]:
    """How many photos of a sheet are made, of how many; one query."""
    states = await ImportPhoto.filter(sheet_id=import_id).values_list("is_ready", flat=True)
    return sum(1 for one in states if one), len(states)


async def _made(archive: Archive | None, name: str, media: Media) -> tuple[str, str]:
    if archive is None or name not in archive.entries:
        return "", "broken"
    try:
        ready = await ready_photo(await to_thread.run_sync(archive.content, name), media)
    except BadArchive:
        return "", "broken"
    except Refusal as refusal:
        why = refusal.sentence.values.get("why")
        reason = next((key for key, words in PHOTO_REASONS.items() if words == why), "broken")
        return "", reason
    return f"{ready.key}|{ready.width_px}|{ready.height_px}|{ready.blur_url}", ""


def _photo(row: ImportPhoto) -> ReadyPhoto | Sentence:
    if not row.token:
        return say("ảnh «{name}»: {why}", name=row.name, why=PHOTO_REASONS[row.reason or "broken"])
    key, width, height, blur = row.token.split("|", 3)
    return ReadyPhoto(key, int(width), int(height), blur)


async def _made_before(one: ListingImport) -> dict[str, tuple[str, str]]:
    rows = ImportPhoto.filter(sheet__photos_key=one.photos_key, is_ready=True).exclude(sheet_id=one.id)
    return {row.name: (row.token, row.reason) for row in await rows.exclude(token="")}


async def _hung(one: ListingImport) -> dict[int, set[str]]:
    """By listing the names of this ZIP whose photos hang there already."""
    names = {token.split("|", 1)[0]: name for name, (token, _) in (await _made_before(one)).items()}
    if not names:
        return {}
    found: dict[int, set[str]] = {}
    rows = Photo.filter(listing__vendor_id=one.vendor_id, key__in=list(names))
    for listing_id, key in await rows.values_list("listing_id", "key"):
        found.setdefault(int(str(listing_id)), set()).add(names[str(key)])
    return found
