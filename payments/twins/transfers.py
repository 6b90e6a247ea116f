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
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.twins import TwinsAreOff
from payments.bank_gates import has_twin, platform_secret
from payments.forms import TransferForm
from payments.gate import StatementLine
from payments.models import Notice, TwinTransfer
from payments.services.bank_keys import key_of_account, opened_key
from payments.twins.sepay import RETRY_MINUTES, SENDS_MAX, mangled
from payments.twins.telling import Post, told
from vendors.services import bank_of

ROWS_MAX = 20
ANSWER_MAX = 200
log = logging.getLogger("twins")


@dataclass(frozen=True)
class TransferLine:
    """A transfer and how its notices fared; `verdict` is what the market made of it, "" while it has not."""

    id: int
    account_tail: str
    from_tail: str
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
    provider = form.provider or "sepay"
    async with transaction():
        transfer = await TwinTransfer.create(
            bin=form.bin,
            account_number=form.account_number,
            amount_dong=form.amount_dong,
            content=mangled(form.content, form.mangling)[:200],
            provider=provider,
            bank_key_id=await key_of_account(provider, form.from_account or form.account_number),
            is_forged=form.is_forged,
            from_account=form.from_account or "",
            made_at=now.replace(microsecond=0),
            sends_left=0 if form.is_untold else 2 if form.is_twice else 1,
        )
        await later("send_twin_notice", transfer.id, at=now + timedelta(seconds=form.delay_seconds))
    return int(transfer.id)


async def last_transfers() -> list[TransferLine]:
    """The last 20 transfers, newest first. Two queries."""
    rows = await TwinTransfer.all().order_by("-id").limit(ROWS_MAX)
    verdicts = await _verdicts(rows)
    return [_line(row, verdicts.get(row.id, "")) for row in rows]


async def send_twin_notice(parts: Parts, transfer_id: int) -> None:
    """Job: posts a transfer's notice as often as it should arrive; on any other answer again as SePay would."""
    if not has_twin(parts[Settings]):
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


async def line_of(transfer: TwinTransfer) -> StatementLine:
    """A transfer as a line of the pretend bank."""
    bank = await bank_of(transfer.bin)
    return StatementLine(
        provider_ref=str(transfer.id),
        our_ref=transfer.order_code,
        amount_dong=transfer.amount_dong,
        is_incoming=not transfer.from_account,
        at=transfer.made_at,
        account_number=transfer.from_account or transfer.account_number,
        content=transfer.content,
        bank_reference=f"FT{transfer.id:012}",
        gateway=bank.code if bank else transfer.bin,
    )


async def _post(parts: Parts, transfer: TwinTransfer) -> tuple[bool, str]:
    settings = parts[Settings]
    path, post = await _told(parts, transfer)
    try:
        answer = await parts[httpx2.AsyncClient].post(
            settings.base_url + path, content=post.raw, headers=post.headers
        )
    except httpx2.HTTPError as lost:
        log.warning("notice of transfer %s was not delivered: %s", transfer.id, lost)
        return False, f"{type(lost).__name__}: {lost}"
    return 200 <= answer.status_code < 300, f"{answer.status_code} {answer.text}"


async def _told(parts: Parts, transfer: TwinTransfer) -> tuple[str, Post]:
    """Where and how the provider tells: under the seller's own key if they have one there, else the platform's."""
    settings, now, line = parts[Settings], parts[Clock].now(), await line_of(transfer)
    path = f"/payments/notices/{transfer.provider}"
    secret = platform_secret(transfer.provider, settings)
    if transfer.bank_key_id is not None:
        own = await opened_key(transfer.bank_key_id, seal_keys(settings))
        path, secret = (own.path, own.secret) if own else (path, secret)
    return path, told(transfer.provider, secret, line, now=now, is_forged=transfer.is_forged)


async def _verdicts(rows: Sequence[TwinTransfer]) -> dict[int, str]:
    """What the market made of each, by the transfer's number; told under whichever key."""
    references = {f"FT{row.id:012}": row.id for row in rows}
    found = Notice.filter(bank_reference__in=list(references)).order_by("-id")
    told_of = await found.values_list("bank_reference", "verdict")
    return {references[str(reference)]: str(verdict) for reference, verdict in told_of}


def _line(row: TwinTransfer, verdict: str) -> TransferLine:
    return TransferLine(
        id=row.id,
        account_tail=row.account_number[-4:],
        from_tail=row.from_account[-4:],
        amount_dong=row.amount_dong,
        content=row.content,
        is_forged=row.is_forged,
        made_at=row.made_at,
        sends=row.sends,
        sends_left=row.sends_left,
        last_answer=row.last_answer,
        verdict=verdict,
    )
