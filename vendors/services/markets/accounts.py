"""The account that a market's fees go to: named by its board, in force only with a code sent for that very change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import ACCOUNT_CHANGE, record, request_code, use_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.identifiers import account_tail
from vendors.models import Bank, Market, MarketAccount
from vendors.services.banks import bank_of
from vendors.services.receiving import Asker, NewAccount
from vendors.services.sellers import PayTo

ASKED_GOOD_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class MarketAccountView:
    """An account as it is shown: the bank's name (its BIN when unknown), the holder, the last four."""

    id: int
    bin: str
    bank: str
    is_known_bank: bool
    tail: str
    holder: str
    asked_at: datetime
    done_at: datetime | None


async def fee_account(market_id: int) -> PayTo:
    """Where a market's fees go now. Refusal when its board has named no account yet."""
    row = await _in_force(market_id)
    if row is None:
        raise Refusal(say("Chợ chưa có tài khoản thu phí. Ban quản lý cần khai tài khoản trước."), status=409)
    bank = await bank_of(row.bin)
    return PayTo(row.bin, row.number, row.holder, bank.name if bank else row.bin)


async def market_account(market_id: int) -> MarketAccountView | None:
    """The account in force."""
    row = await _in_force(market_id)
    return await _view(row) if row else None


async def first_account(market: Market, new: NewAccount, *, by: int, now: datetime) -> None:
    """The account that a market is opened with: none stands yet that somebody could be cheated out of, so no code.

    Raises Conflict when there is one: that changes only with its code.
    """
    if await _in_force(market.id) is not None:
        raise Conflict(say("Chợ đã có tài khoản thu phí. Muốn đổi thì cần mã xác nhận."))
    row = MarketAccount(market_id=market.id, bin=new.bin, number=new.number, holder=new.holder)
    row.person_id, row.asked_at, row.done_at = by, now, now
    async with transaction():
        await row.save()
        tail = account_tail(row.number)
        await record(by, "market_account_set", "market", market.id, bin=row.bin, tail=tail)


async def ask_for_account(market: Market, new: NewAccount, *, by: Asker, now: datetime, secret: str) -> int:
    """Notes the account that fees shall go to and texts the code; the number of the change. Raises TooMany."""
    async with transaction():
        row = await MarketAccount.create(
            market_id=market.id,
            bin=new.bin,
            number=new.number,
            holder=new.holder,
            person_id=by.person_id,
            asked_at=now,
        )
        await record(by.person_id, "market_account_asked", "market", market.id, bin=new.bin)
        await request_code(
            by.phone,
            address=by.address,
            now=now,
            secret=secret,
            purpose=ACCOUNT_CHANGE,
            subject=_subject(row.id),
            language=by.language,
        )
    return int(row.id)


async def asked_account(
    change_id: int, market_id: int, *, person_id: int, now: datetime
) -> MarketAccountView:
    """A change that this person asked for and that waits or is done. NotFound otherwise."""
    row = await MarketAccount.get_or_none(id=change_id, market_id=market_id, person_id=person_id)
    if row is None or (row.done_at is None and row.asked_at + ASKED_GOOD_FOR <= now):
        raise NotFound(say("Yêu cầu đổi tài khoản này không còn. Hãy làm lại từ đầu."))
    return await _view(row)


async def confirm_account(
    change_id: int, market_id: int, code: str, *, by: Asker, now: datetime, secret: str
) -> None:
    """Puts the account in force with the code that was texted for it, once. Refusal at `code` as use_code gives."""
    await asked_account(change_id, market_id, person_id=by.person_id, now=now)
    async with transaction():
        row = (await locked(MarketAccount, [change_id]))[change_id]
        if row.done_at is not None:
            return
        refusal = await use_code(
            by.phone, code, now=now, secret=secret, purpose=ACCOUNT_CHANGE, subject=_subject(change_id)
        )
        if refusal is None:
            row.done_at = now
            await row.save(update_fields=["done_at"])
            tail = account_tail(row.number)
            await record(by.person_id, "market_account_set", "market", market_id, bin=row.bin, tail=tail)
            return
    raise refusal


async def _in_force(market_id: int) -> MarketAccount | None:
    done = MarketAccount.filter(market_id=market_id, done_at__isnull=False)
    return await done.order_by("-done_at", "-id").first()


async def _view(row: MarketAccount) -> MarketAccountView:
    bank = await Bank.get_or_none(bin=row.bin)
    return MarketAccountView(
        id=row.id,
        bin=row.bin,
        bank=bank.name if bank else row.bin,
        is_known_bank=bank is not None,
        tail=account_tail(row.number),
        holder=row.holder,
        asked_at=row.asked_at,
        done_at=row.done_at,
    )


def _subject(change_id: int) -> str:
    return f"market_account:{change_id}"
