"""A sheet of 10,000 rows: how long the look through and the taking over last, on a database of its own.

    python -m bench.imports [--rows 10000]

First all rows are new, then the same sheet with every price raised changes them all, then nothing is left to change.
The floor: the sheet read, and its texts written by a bare insert and a commit for every 500 rows.
"""

import argparse
import asyncio
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import asyncpg

from accounts.services import person_of
from bench.market import BenchMarket
from bench.results import Row, show
from kit import schema
from kit.clock import Clock, SystemClock
from kit.db import connect, credentials_of, disconnect
from kit.embedded import start_postgres
from kit.media import Media, open_media
from kit.parts import Parts
from kit.settings import Settings
from kit.sheets import read_sheet
from kit.sheets_out import xlsx_of
from kit.units import communes_like, load_units
from vendors.models import ImportState, ListingImport, Vendor, VendorKind, VendorState
from vendors.services.sheets.imports import confirm_sheet, counts_of, name_columns, take_sheet
from vendors.tasks import check_sheet, work_sheet

T = TypeVar("T")
HEADS = ["Mã", "Tên hàng", "Loại hàng", "Giá", "ĐVT", "Số lượng", "Xã", "Mô tả"]
ROWS, AT_ONCE = 10_000, 500
RAISED_DONG = {"new": 0, "changed": 1_000, "same": 1_000}
FLOOR_TABLE = "CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, words jsonb NOT NULL)"
FLOOR_WRITE = "INSERT INTO bench_floor (words) SELECT value FROM jsonb_array_elements($1::jsonb)"


def main(argv: Sequence[str] | None = None) -> None:
    """Measures on an embedded PostgreSQL in a folder of its own, and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    asked = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="cho-bench-"))
    folder.chmod(0o711)
    try:
        with start_postgres(folder) as server:
            rows = asyncio.run(_on_scratch(server.url, asked.rows, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show("imports", rows, rounds=1, by="one process, as a worker does it")


async def _on_scratch(server_url: str, count: int, folder: Path) -> list[Row]:
    async with schema.scratch_database(server_url, prefix="bench") as url:
        await asyncio.to_thread(schema.upgrade, url)
        await connect(url)
        try:
            return await _measure(url, count, folder)
        finally:
            await disconnect()


async def _measure(url: str, count: int, folder: Path) -> list[Row]:
    await load_units()
    media = open_media("", folder)
    parts = Parts({Settings: replace(Settings()), Clock: SystemClock(), Media: media})
    vendor, person_id = await _vendor(), (await person_of("+84912345678")).id
    rows, market = list[dict[str, float | str]](), BenchMarket(folder, port=0)
    for label, raised_dong in RAISED_DONG.items():
        raw = xlsx_of(HEADS, [_row(number, raised_dong) for number in range(count)])
        own, postgres = time.process_time(), market.cpu_seconds("postgres")
        one, taking = await _timed(
            take_sheet(vendor.id, f"{label}.xlsx", raw, person_id=person_id, media=media)
        )
        await name_columns(one.code, [vendor.id], one.mapping, "")
        _, looking = await _timed(check_sheet(parts, one.id))
        counts = await counts_of(one.id)
        if getattr(counts, label.removesuffix("d")) != count:
            raise RuntimeError(f"{label}: {counts}")
        await confirm_sheet(one.code, [vendor.id], person_id=person_id)
        _, working = await _timed(_work_out(parts, one))
        rows.append(
            {
                "sheet": label,
                "rows": count,
                "taken in s": taking,
                "looked through s": looking,
                "taken over s": working,
                "rows/s": count / (taking + looking + working),
                "worker CPU ms": (time.process_time() - own) * 1000 / count,
                "PostgreSQL CPU ms": (market.cpu_seconds("postgres") - postgres) * 1000 / count,
                "worker MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "PostgreSQL MB": market.megabytes("postgres"),
            }
        )
    _, floor = await _timed(_bare(url, raw))
    return [
        {**row, "floor/s": count / floor, "times the floor": count / floor / float(row["rows/s"])}
        for row in rows
    ]


async def _bare(url: str, raw: bytes) -> None:
    connection = await asyncpg.connect(**credentials_of(url))
    await connection.execute(FLOOR_TABLE)
    rows = (await asyncio.to_thread(read_sheet, raw)).rows
    for place in range(0, len(rows), AT_ONCE):
        await connection.execute(FLOOR_WRITE, json.dumps(rows[place : place + AT_ONCE]))
    await connection.close()


async def _work_out(parts: Parts, one: ListingImport) -> None:
    while (await ListingImport.get(id=one.id)).state == ImportState.WORKING:
        await work_sheet(parts, one.id)


async def _timed(work: Awaitable[T]) -> tuple[T, float]:
    """What it gives, and the seconds that it took."""
    began = time.perf_counter()
    return await work, time.perf_counter() - began


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
    main()
