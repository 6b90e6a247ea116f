"""A person's copy of all the market holds about them: asked of each package, sealed as a ZIP of JSON and CSV."""

import csv
import io
import json
import zipfile
from datetime import datetime

from anyio import to_thread

from accounts.services.personal import rows_of_person, vendors_held
from accounts.services.requests import copies_past, copy_dropped, copy_ready, open_request
from kit.codes import token
from kit.media import Media
from kit.rows import Row
from kit.sealed import SealKeys
from kit.sheets_out import harmless
from orders.services.personal import references_of_buyer
from orders.services.personal import rows_of_buyer as orders_of_buyer
from orders.services.personal import rows_of_seller as orders_of_seller
from payments.services.personal import rows_of_buyer as payments_of_buyer
from payments.services.personal import rows_of_seller as payments_of_seller
from postal.services.personal import rows_of_carrier, rows_of_recipient
from vendors.services.help.personal import rows_of_helped
from vendors.services.personal import rows_of_seller, rows_of_visitor

READ_ME = """Chợ 4.0: bản sao dữ liệu của bạn / a copy of your data
{at}

Mỗi bảng có một tệp CSV (mở bằng phần mềm bảng tính) và cùng nội dung trong copy.json.
Each table is a CSV file (for spreadsheets); copy.json holds the same for programs.
Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15.
"""
Tables = dict[str, list[Row]]


async def make_copy_of(request_id: int, *, media: Media, keys: SealKeys, now: datetime) -> None:
    """Makes the copy of an open request; nothing when it is closed or was made before."""
    request = await open_request(request_id)
    if request is None or request.kind != "copy":
        return
    tables = await tables_of(request.person_id, keys=keys)
    content = await to_thread.run_sync(packed, tables, now)
    key = f"copies/{token()}"
    await media.put(key, keys.seal_file(content, key))
    if not await copy_ready(request_id, key, now=now):
        await media.drop(key)


async def tables_of(person_id: int, *, keys: SealKeys) -> Tables:
    """Everything about a person, by package and table."""
    own = await rows_of_person(person_id)
    phone = str(own["person"][0]["phone"])
    vendor_ids = await vendors_held(person_id)
    references = await references_of_buyer(person_id)
    parts: dict[str, Tables] = {
        "accounts": own,
        "vendors": {
            **await rows_of_seller(vendor_ids, phone=phone, keys=keys),
            **await rows_of_visitor(person_id, phone=phone),
            **await rows_of_helped(person_id, phone=phone, vendor_ids=vendor_ids),
        },
        "orders": {**await orders_of_buyer(person_id), **await orders_of_seller(vendor_ids)},
        "payments": {**await payments_of_buyer(references), **await payments_of_seller(vendor_ids)},
        "postal": {**await rows_of_recipient(references), **await rows_of_carrier(person_id)},
    }
    return {f"{part}/{name}": rows for part, tables in parts.items() for name, rows in tables.items()}


def packed(tables: Tables, now: datetime) -> bytes:
    """The tables as a ZIP: copy.json, a CSV with a byte order mark for each table that has rows, a note."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", READ_ME.format(at=now.isoformat()))
        file.writestr("copy.json", json.dumps(tables, ensure_ascii=False, indent=1, default=str))
        for name, rows in tables.items():
            if rows:
                file.writestr(f"{name}.csv", as_csv(rows))
    return written.getvalue()


def as_csv(rows: list[Row]) -> str:
    """Rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "\ufeff" + text.getvalue()


async def drop_past_copies(media: Media, *, now: datetime) -> int:
    """Deletes copies whose days are over. Gives how many."""
    past = await copies_past(now=now)
    for request in past:
        await media.drop(request.file_key)
        await copy_dropped(request.id)
    return len(past)


def _cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return harmless(value)
