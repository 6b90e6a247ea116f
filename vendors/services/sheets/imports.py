"""Sheets of listings: taken in, their columns named, looked through, confirmed; and what became of each row."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from tortoise.functions import Count

from accounts.services import record
from kit.codes import new_code, tidy_code
from kit.db import locked, select, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.identifiers import BadIdentifier, normal_phone
from kit.media import Media
from kit.outbox import announce, later
from kit.sheets import BYTES_MAX, COLUMNS_MAX, ROWS_MAX, BadSheet, Sheet, read_sheet
from kit.text import nfc
from vendors.columns import clean_mapping, guessed, head_row, heads_hash
from vendors.models import ImportMapping, ImportRow, ImportState, ListingImport, RowState, Vendor
from vendors.services.cards import Leaf, leaf_of

REASONS: dict[str, Sentence] = {
    "kind": say("Tệp cần là Excel (.xlsx), LibreOffice (.ods) hoặc CSV."),
    "bytes": say("Tệp nhiều nhất {n} MB.", n=BYTES_MAX // (1024 * 1024)),
    "bomb": say(
        "Tệp nén bất thường nên chợ không mở. Hãy mở bằng Excel, chọn «Lưu thành» một tệp mới rồi gửi lại."
    ),
    "rows": say("Bảng nhiều nhất {n} dòng. Hãy chia thành nhiều tệp.", n=ROWS_MAX),
    "columns": say("Bảng nhiều nhất {n} cột. Hãy bỏ bớt cột.", n=COLUMNS_MAX),
    "broken": say("Tệp bị hỏng, không mở được. Hãy lưu lại bằng Excel rồi gửi lại."),
    "empty": say("Trang tính đầu tiên không có gì. Hãy để bảng hàng ở trang đầu."),
    "letters": say("Tệp CSV cần lưu dạng UTF-8, nếu không chữ có dấu bị hỏng. Trong Excel chọn «CSV UTF-8»."),
    "locked": say("Tệp .xls cũ hoặc có mật khẩu. Hãy lưu lại thành .xlsx không mật khẩu."),
}
TABLE_ONLY_HEADS = say("Bảng chỉ có tiêu đề, chưa có dòng hàng nào.")
_limiters: dict[str, CapacityLimiter] = {}


@dataclass(frozen=True)
class Counts:
    """How many rows of a sheet are new, change something, change nothing, are faulty or done."""

    new: int
    change: int
    same: int
    faulty: int
    done: int

    @property
    def to_work(self) -> int:
        """Rows that wait to become listings."""
        return self.new + self.change

    @property
    def all(self) -> int:
        """All rows."""
        return self.new + self.change + self.same + self.faulty + self.done


async def sheet_of(raw: bytes) -> Sheet:
    """A file's sheet, read in a thread. Refusal at `sheet` saying what is wrong with it."""
    limiter = _limiters.setdefault("sheets", CapacityLimiter(1))
    try:
        return await to_thread.run_sync(read_sheet, raw, limiter=limiter)
    except BadSheet as bad:
        raise Refusal(REASONS[bad.reason], field="sheet") from None


async def take_sheet(
    vendor_id: int,
    file_name: str,
    raw: bytes,
    *,
    person_id: int,
    media: Media,
    photos: bytes = b"",
) -> ListingImport:
    """Keeps a file and guesses its columns, or takes what the vendor said for such heads before.

    `photos` is a ZIP that was weighed (sheet_photos.weighed). The same two files sent twice before they are worked
    through are the same import. Refusal at `sheet`.
    """
    sheet = await sheet_of(raw)
    head = head_row(sheet.rows)
    if not any(any(row) for row in sheet.rows[head + 1 :]):
        raise Refusal(TABLE_ONLY_HEADS, field="sheet")
    heads, digest = sheet.rows[head], hashlib.sha256(raw).hexdigest()
    key = f"sheets/{digest}"
    await media.put(key, raw)
    photos_key = f"sheets/{hashlib.sha256(photos).hexdigest()}.zip" if photos else ""
    if photos:
        await media.put(photos_key, photos)
    async with transaction():
        await one_at_a_time(vendor_id)
        open_states = [ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.WORKING]
        same = ListingImport.filter(
            vendor_id=vendor_id, file_hash=digest, photos_key=photos_key, state__in=open_states
        )
        if (standing := await same.first()) is not None:
            return standing
        kept = await ImportMapping.get_or_none(vendor_id=vendor_id, heads_hash=heads_hash(heads))
        made = await ListingImport.create(
            code=new_code("N"),
            vendor_id=vendor_id,
            person_id=person_id,
            file_name=nfc(file_name)[-160:] or "bang-hang",
            file_hash=digest,
            file_key=key,
            photos_key=photos_key,
            heads=heads,
            mapping=kept.mapping if kept else guessed(heads),
            default_kind=kept.default_kind if kept else "",
            rows=len(sheet.rows) - head - 1,
        )
        await record(person_id, "sheet_sent", "import", made.code, vendor=vendor_id)
    return made


async def name_columns(
    code: str, vendor_ids: Sequence[int] | None, mapping: Mapping[str, str], default_kind: str
) -> ListingImport:
    """Says which column holds what, remembers it for the vendor, and leaves the look through to a worker.

    Refusal at `mapping` when the goods could not be told apart; Conflict when rows were taken over already.
    """
    async with transaction():
        one = await _locked(code, vendor_ids)
        if one.state not in (ImportState.UPLOADED, ImportState.CHECKED, ImportState.CHECKING):
            raise Conflict(say("Bảng này đã nhập rồi, không đổi cột được nữa."))
        said = clean_mapping(mapping, len(one.heads))
        if not {"name", "code", "own_code"} & set(said.values()):
            raise Refusal(say("Hãy chọn cột nào là tên hàng."), field="mapping")
        one.mapping, one.default_kind, one.state = said, default_kind, ImportState.CHECKING
        await one.save(update_fields=["mapping", "default_kind", "state", "changed_at"])
        await ImportMapping.update_or_create(
            {"mapping": said, "default_kind": default_kind},
            vendor_id=one.vendor_id,
            heads_hash=heads_hash(one.heads),
        )
        await later("check_sheet", one.id)
    return one


async def confirm_sheet(code: str, vendor_ids: Sequence[int] | None, *, person_id: int) -> ListingImport:
    """Lets a worker make listings of the rows that are right. A second press changes nothing."""
    async with transaction():
        one = await _locked(code, vendor_ids)
        if one.state in (ImportState.WORKING, ImportState.DONE):
            return one
        if one.state != ImportState.CHECKED:
            raise Conflict(say("Bảng này chưa kiểm xong. Hãy chờ một lát."))
        one.state, one.person_id = ImportState.WORKING, person_id
        await one.save(update_fields=["state", "person_id", "changed_at"])
        await record(person_id, "sheet_confirmed", "import", one.code)
        await later("work_sheet", one.id)
    return one


async def own_import(code: str, vendor_ids: Sequence[int] | None) -> ListingImport:
    """The import with this code, vendor fetched, of one of these vendors (None: of any). NotFound."""
    rows = ListingImport.filter(code=tidy_code(code))
    if vendor_ids is not None:
        rows = rows.filter(vendor_id__in=list(vendor_ids))
    one = await rows.select_related("vendor").first()
    if one is None:
        raise NotFound()
    return one


async def imports_of(vendor_ids: Sequence[int] | None, page: int) -> Leaf[ListingImport]:
    """A page of imports, newest first, vendors fetched; one query."""
    rows = ListingImport.all() if vendor_ids is None else ListingImport.filter(vendor_id__in=list(vendor_ids))
    return await leaf_of(rows.order_by("-id").select_related("vendor"), page)


async def counts_of(import_id: int) -> Counts:
    """How the rows stand; one query."""
    rows = (
        await ImportRow.filter(sheet_id=import_id)
        .annotate(n=Count("id"))
        .group_by("state")
        .values("state", "n")
    )
    counted = {str(row["state"]): int(row["n"]) for row in rows}
    return Counts(**{state.value: counted.get(state.value, 0) for state in RowState})


async def rows_in(import_id: int, state: RowState, *, limit: int) -> list[ImportRow]:
    """The first rows in a state, as they stand in the sheet."""
    return await ImportRow.filter(sheet_id=import_id, state=state).order_by("number").limit(limit)


async def vendor_named(text: str) -> Vendor | None:
    """The vendor whom an administrator means: by the short name in the address, the phone, or the whole name."""
    typed = nfc(text).strip()
    found = await select(Vendor, "WHERE slug = $1", [typed.lower()])
    if not found and (phone := _phone_in(typed)):
        found = await select(Vendor, "WHERE phone = $1 LIMIT 2", [phone])
    elif not found:
        found = await select(Vendor, "WHERE name = $1 LIMIT 2", [typed])
    return found[0] if len(found) == 1 else None


def _phone_in(typed: str) -> str:
    try:
        return normal_phone(typed)
    except BadIdentifier:
        return ""


async def one_at_a_time(vendor_id: int) -> None:
    """Holds other imports of this vendor until the commit, so that two sheets never make the same goods twice."""
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text", [f"import:{vendor_id}"])


async def tell_progress(one: ListingImport) -> None:
    """Tells open screens that rows have moved on."""
    await announce(f"import:{one.code}")


async def _locked(code: str, vendor_ids: Sequence[int] | None) -> ListingImport:
    found = await own_import(code, vendor_ids)
    return (await locked(ListingImport, [found.id]))[found.id]
