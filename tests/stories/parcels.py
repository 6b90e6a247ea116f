"""Parcels for a story, booked in the running market by a process of its own: this one belongs to the browser."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from accounts.models import Person
from kit.db import connect, disconnect
from kit.embedded import find_running
from kit.settings import Settings
from kit.units import commune
from postal.models import ParcelEvent
from postal.staff_carrier import Act
from tests.factories import booked_parcel, carried, recipient
from tests.running import ROOT, RunningMarket

TO_THE_DOOR = (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT)
COMMUNES = ("05443", "05503", "05740")


def book(
    market: RunningMarket, key: str, count: int, *, out_with: str = "", alcohol: bool = False
) -> list[str]:
    """The codes of `count` parcels; `out_with`: the phone (E.164) of the carrier who has them out for delivery."""
    return list(_asked(market, "book", key, str(count), out_with, "18+" if alcohol else ""))


def carry(market: RunningMarket, code: str, *, out_with: str) -> None:
    """Brings a parcel from its stall to the road: the carrier of this phone (E.164) has it out for delivery."""
    _asked(market, "carry", code, out_with)


def acts(market: RunningMarket, codes: list[str]) -> dict[str, int]:
    """How often each act stands in the books for these parcels."""
    return dict(_asked(market, "acts", *codes))


def _asked(market: RunningMarket, *words: str) -> list[str] | dict[str, int]:
    command = [sys.executable, "-m", "tests.stories.parcels", str(market.var), *words]
    asked = subprocess.run(command, cwd=ROOT, env=market.environment(), capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    told: list[str] | dict[str, int] = json.loads(asked.stdout.splitlines()[-1])
    return told


async def _answer(var: Path, what: str, *words: str) -> object:
    server = find_running(var, "postgres")
    assert server is not None
    await connect(server.url)
    try:
        if what == "carry":
            return await _carried(*words)
        return await (_booked(*words) if what == "book" else _acts(list(words)))
    finally:
        await disconnect()


async def _booked(key: str, count: str, out_with: str, age: str) -> list[str]:
    now, codes = datetime.now(UTC), []
    carrier = await Person.get(phone=out_with) if out_with else None
    for number in range(int(count)):
        place = await commune(COMMUNES[number % len(COMMUNES)])
        assert place is not None
        to = recipient(
            name=f"Khách {key} {number + 1}",
            line=f"Số {number + 1}, ngõ 2",
            commune_code=place.code,
            commune=place.name,
            province=place.province,
        )
        secret, is_adult_only = Settings().secret_key, bool(age)
        made = await booked_parcel(
            f"{key}:{number}", now=now, secret=secret, recipient=to, is_adult_only=is_adult_only
        )
        if carrier:
            await carried(made.code, *TO_THE_DOOR, person_id=carrier.id, now=now)
        codes.append(made.code)
    return codes


async def _carried(code: str, out_with: str) -> list[str]:
    carrier = await Person.get(phone=out_with)
    await carried(code, *TO_THE_DOOR, person_id=carrier.id, now=datetime.now(UTC))
    return [code]


async def _acts(codes: list[str]) -> dict[str, int]:
    events = await ParcelEvent.filter(parcel__code__in=codes)
    return {act: sum(one.act == act for one in events) for act in {one.act for one in events}}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_answer(Path(sys.argv[1]), *sys.argv[2:]))))
