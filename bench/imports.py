"""A sheet of 10,000 rows: how long the look through and the taking over last, on a database of its own.

    python -m bench.imports [ROWS]

First all rows are new, then the same sheet with every price raised changes them all, then nothing is left to change.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from accounts.services import person_of
from kit import schema
from kit.clock import Clock, SystemClock
from kit.db import connect, disconnect
from kit.embedded import start_postgres
from kit.media import Media, open_media
from kit.models import Job
from kit.parts import Parts
from kit.settings import Settings
from kit.sheets_out import xlsx_of
from kit.units import communes_like, load_units
from vendors.models import ImportState, ListingImport, Vendor, VendorKind, VendorState
from vendors.services.sheets.imports import confirm_sheet, counts_of, name_columns, take_sheet
from vendors.tasks import check_sheet, work_sheet

T = TypeVar("T")
HEADS = ["Mã", "Tên hàng", "Loại hàng", "Giá", "ĐVT", "Số lượng", "Xã", "Mô tả"]
ROWS = 10_000


def main(words: list[str]) -> None:
    """Measures on an embedded PostgreSQL in a folder of its own."""
    rows = int(words[0]) if words else ROWS
    folder = Path(tempfile.mkdtemp(prefix="cho-bench-"))
    folder.chmod(0o711)
    try:
        with start_postgres(folder) as server:
            asyncio.run(_on_scratch(server.url, rows, open_media("", folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _on_scratch(server_url: str, rows: int, media: Media) -> None:
    async with schema.scratch_database(server_url, prefix="bench") as url:
        await asyncio.to_thread(schema.upgrade, url)
        await connect(url)
        try:
            await _measure(rows, media)
        finally:
            await disconnect()


async def _measure(rows: int, media: Media) -> None:
    await load_units()
    parts = Parts({Settings: replace(Settings()), Clock: SystemClock(), Media: media})
    vendor, person_id = await _vendor(), (await person_of("+84912345678")).id
    print(f"{rows} rows")
    for label, raise_dong in (("new", 0), ("changed", 1_000), ("same", 1_000)):
        raw = xlsx_of(HEADS, [_row(number, raise_dong) for number in range(rows)])
        one = await _timed(
            f"{label}: take in ({len(raw) // 1024} KB)",
            take_sheet(vendor.id, f"{label}.xlsx", raw, person_id=person_id, media=media),
        )
        await name_columns(one.code, [vendor.id], one.mapping, "")
        await _timed(f"{label}: dry run", check_sheet(parts, one.id))
        counts = await counts_of(one.id)
        await confirm_sheet(one.code, [vendor.id], person_id=person_id)
        await _timed(f"{label}: take over", _work_out(parts, one))
        print(f"    {counts}; jobs left for search: {await Job.filter(name='index_listing').count()}")


async def _work_out(parts: Parts, one: ListingImport) -> None:
    while (await ListingImport.get(id=one.id)).state == ImportState.WORKING:
        await work_sheet(parts, one.id)


async def _timed(label: str, work: Awaitable[T]) -> T:
    began = time.perf_counter()
    found = await work
    print(f"  {label}: {time.perf_counter() - began:.2f} s", flush=True)
    return found


def _row(number: int, raise_dong: int) -> list[str | int]:
    places = ("Tân Cương, Thái Nguyên", "La Hiên, Thái Nguyên", "Đồng Hỷ, Thái Nguyên")
    return [
        f"SP{number:05}",
        f"Chè búp khô số {number}",
        ("Chè", "Miến", "Mật ong")[number % 3],
        50_000 + number + raise_dong,
        "gói 500 g",
        number % 90,
        places[number % 3],
        "Sao tay, đóng gói hút chân không, hạn dùng 12 tháng.",
    ]


async def _vendor() -> Vendor:
    place = (await communes_like("Tân Cương"))[0]
    return await Vendor.create(
        slug="hop-tac-xa",
        kind=VendorKind.COOPERATIVE,
        name="Hợp tác xã chè",
        name_key="hop tac xa che",
        contact_name="Đào Thanh Hảo",
        phone="+84912000111",
        commune_code=place.code,
        commune=place.name,
        province=place.province,
        state=VendorState.CAN_SELL,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
