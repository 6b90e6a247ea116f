"""Jobs and rounds that read providers' lists: every few minutes what is new, at night the whole day before."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx2

from kit.clock import Clock
from kit.dates import day_start, vietnam_date
from kit.db import transaction
from kit.outbox import Every, Task, TryAgain, every, later
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from payments.bank_gates import PROVIDERS, own_gate, platform_gate
from payments.gate import GateAway, StatementLine
from payments.gates.bank_asking import BankGate
from payments.services.bank_keys import keys_with_lists, opened_key
from payments.services.notices import Source
from payments.services.reconciling import compare_lines, find_unlisted, hunt_stuck

POLL_SECONDS, NIGHTLY, HUNT_SECONDS = 300, 86400, 600
LOOK_BACK = timedelta(hours=2)
KEYS_AT_ONCE = 200


async def leave_polls(parts: Parts) -> None:
    """Leaves a job for each list that may hold something we were not told."""
    async with transaction():
        for number in _platform_lists(parts):
            await later("poll_platform_list", number)
    async for key_ids in _own_lists():
        async with transaction():
            for key_id in key_ids:
                await later("poll_own_list", key_id)


async def leave_reconciliation(parts: Parts) -> None:
    """Leaves a job for each list, to compare the whole of yesterday."""
    async with transaction():
        for number in _platform_lists(parts):
            await later("reconcile_platform", number)
    async for key_ids in _own_lists():
        async with transaction():
            for key_id in key_ids:
                await later("reconcile_own", key_id)


async def hunt_stuck_money(parts: Parts) -> None:
    """Looks for money that has not moved on for too long."""
    await hunt_stuck(now=parts[Clock].now())


async def poll_platform_list(parts: Parts, number: int) -> None:
    """Fetches what the platform's provider of this number lists and did not tell."""
    gate, source = _platform(parts, number)
    if gate is not None:
        await _poll(gate, source, parts[Clock].now())


async def poll_own_list(parts: Parts, key_id: int) -> None:
    """The same under a seller's own key."""
    gate, source = await _own(parts, key_id)
    if gate is not None:
        await _poll(gate, source, parts[Clock].now())


async def reconcile_platform(parts: Parts, number: int) -> None:
    """Compares yesterday at the platform's provider of this number."""
    gate, source = _platform(parts, number)
    if gate is not None:
        await _reconcile(gate, source, parts[Clock].now())


async def reconcile_own(parts: Parts, key_id: int) -> None:
    """The same under a seller's own key."""
    gate, source = await _own(parts, key_id)
    if gate is not None:
        await _reconcile(gate, source, parts[Clock].now())


def _platform_lists(parts: Parts) -> list[int]:
    gates = [platform_gate(one, parts[Settings], parts[httpx2.AsyncClient]) for one in PROVIDERS]
    return [number for number, gate in enumerate(gates) if gate and gate.caps.list_transactions]


async def _own_lists() -> AsyncIterator[list[int]]:
    after_id = 0
    while found := await keys_with_lists(after_id, KEYS_AT_ONCE):
        yield found
        after_id = found[-1]


def _platform(parts: Parts, number: int) -> tuple[BankGate | None, Source]:
    provider = PROVIDERS[number]
    return platform_gate(provider, parts[Settings], parts[httpx2.AsyncClient]), Source(provider)


async def _own(parts: Parts, key_id: int) -> tuple[BankGate | None, Source]:
    settings = parts[Settings]
    key = await opened_key(key_id, seal_keys(settings))
    if key is None:
        return None, Source("")
    gate = own_gate(key.provider, key.secret, key.list_key, settings, parts[httpx2.AsyncClient])
    return gate, key.source


async def _poll(gate: BankGate, source: Source, now: datetime) -> None:
    lines = await _listed(gate.list_transactions(now - LOOK_BACK, now))
    await compare_lines(lines, source, now=now)


async def _reconcile(gate: BankGate, source: Source, now: datetime) -> None:
    until = day_start(vietnam_date(now)) - timedelta(seconds=1)
    since = day_start(vietnam_date(until))
    lines = await _listed(gate.list_transactions(since, until))
    await compare_lines(lines, source, now=now)
    await find_unlisted(lines, source, since, until, now=now)


async def _listed(lines: AsyncIterator[StatementLine]) -> list[StatementLine]:
    try:
        return [line async for line in lines]
    except GateAway as away:
        raise TryAgain(str(away), seconds=60) from away


TASKS: list[Task] = [poll_platform_list, poll_own_list, reconcile_platform, reconcile_own]
CRONS: list[Every] = [
    every(POLL_SECONDS, leave_polls),
    every(NIGHTLY, leave_reconciliation),
    every(HUNT_SECONDS, hunt_stuck_money),
]
