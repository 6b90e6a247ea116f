"""Transfers at the pretend bank: made on paper only, told as SePay tells real ones, over real HTTP."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx2

from kit.clock import Clock
from kit.db import transaction
from kit.outbox import TryAgain, later
from kit.parts import Parts
from kit.settings import Settings
from payments.forms import TransferForm
from payments.models import Notice, TwinTransfer
from payments.services.notices import SOURCE
from payments.twins.sepay import (
    NOTICE_PATH,
    RETRY_MINUTES,
    SENDS_MAX,
    mangled,
    notice_body,
    notice_headers,
    was_taken,
)
from vendors.services import bank_of

ROWS_MAX = 20
ANSWER_MAX = 200
log = logging.getLogger("twins")


class TwinsAreOff(Exception):
    """The pretend bank may not run here."""


@dataclass(frozen=True)
class TransferLine:
    """A transfer and how its notices fared; `verdict` is what the market made of it, "" while it has not."""

    id: int
    account_tail: str
    amount_dong: int
    content: str
    is_forged: bool
    made_at: datetime
    sends: int
    sends_left: int
    last_answer: str
    verdict: str


async def make_transfer(form: TransferForm, *, now: datetime) -> int:
    """Notes a transfer and leaves its notice for later; its number."""
    async with transaction():
        transfer = await TwinTransfer.create(
            bin=form.bin,
            account_number=form.account_number,
            amount_dong=form.amount_dong,
            content=mangled(form.content, form.mangling)[:200],
            is_forged=form.is_forged,
            made_at=now,
            sends_left=2 if form.is_twice else 1,
        )
        await later("send_twin_notice", transfer.id, at=now + timedelta(seconds=form.delay_seconds))
    return int(transfer.id)


async def last_transfers() -> list[TransferLine]:
    """The last 20 transfers, newest first. Two queries."""
    rows = await TwinTransfer.all().order_by("-id").limit(ROWS_MAX)
    verdicts = await _verdicts(rows)
    return [_line(row, verdicts.get(str(row.id), "")) for row in rows]


async def send_twin_notice(parts: Parts, transfer_id: int) -> None:
    """Job: posts a transfer's notice as often as it should arrive; on any other answer again as SePay would."""
    settings = parts[Settings]
    if settings.is_production or not settings.bank_twin:
        raise TwinsAreOff("the pretend bank sends nothing here")
    transfer = await TwinTransfer.get_or_none(id=transfer_id)
    while transfer is not None and transfer.sends_left > 0:
        taken, answer = await _post(parts, transfer)
        transfer.sends += 1
        transfer.sends_left -= 1 if taken else 0
        transfer.last_answer = answer[:ANSWER_MAX]
        given_up = not taken and transfer.sends >= SENDS_MAX
        transfer.sends_left = 0 if given_up else transfer.sends_left
        await transfer.save(update_fields=["sends", "sends_left", "last_answer"])
        if not taken and not given_up:
            raise TryAgain(answer, seconds=60 * RETRY_MINUTES[transfer.sends - 1])


async def _post(parts: Parts, transfer: TwinTransfer) -> tuple[bool, str]:
    settings = parts[Settings]
    bank = await bank_of(transfer.bin)
    raw = notice_body(
        transfer.id,
        gateway=bank.code if bank else transfer.bin,
        account_number=transfer.account_number,
        amount_dong=transfer.amount_dong,
        content=transfer.content,
        at=transfer.made_at,
    )
    now = parts[Clock].now()
    headers = notice_headers(settings.sepay_secret, raw, now=now, is_forged=transfer.is_forged)
    try:
        answer = await parts[httpx2.AsyncClient].post(
            settings.base_url + NOTICE_PATH, content=raw, headers=headers
        )
    except httpx2.HTTPError as lost:
        log.warning("notice of transfer %s was not delivered: %s", transfer.id, lost)
        return False, f"{type(lost).__name__}: {lost}"
    return was_taken(answer.status_code, answer.content), f"{answer.status_code} {answer.text}"


async def _verdicts(rows: Sequence[TwinTransfer]) -> dict[str, str]:
    keys = [str(row.id) for row in rows]
    found = await Notice.filter(source=SOURCE, event_key__in=keys).values_list("event_key", "verdict")
    return {str(key): str(verdict) for key, verdict in found}


def _line(row: TwinTransfer, verdict: str) -> TransferLine:
    return TransferLine(
        id=row.id,
        account_tail=row.account_number[-4:],
        amount_dong=row.amount_dong,
        content=row.content,
        is_forged=row.is_forged,
        made_at=row.made_at,
        sends=row.sends,
        sends_left=row.sends_left,
        last_answer=row.last_answer,
        verdict=verdict,
    )
