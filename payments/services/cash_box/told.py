"""What the bank tells of cash paid in: by the code in the text, by the slip's number, or as a person finds it."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict
from kit.i18n import say
from payments import ledger
from payments.matching import Verdict
from payments.models import Notice, PayIn, PayInState
from payments.services.cash_box.paying_in import (
    BANKED,
    PAY_IN_PREFIX,
    booked_as,
    difference_of,
    locked_pay_in,
)
from payments.services.settling import Settled, aside_entries
from payments.states import stepped
from payments.transfer_text import candidate_codes
from vendors.services import vendors_with_accounts

CASH = "pay_in"
WAITING = (PayInState.PREPARED, PayInState.PAID_IN)
SLIP_LEAST = 6  # a shorter number may stand in any text


async def take_cash_in(notice: Notice, *, now: datetime) -> Settled | None:
    """Cash that a locked notice says was paid in: proved, or it differs. None when it names no pay-in that waits.

    Notices under a seller's own key, or about a seller's account, say nothing about the market's money.
    """
    if notice.vendor_id is not None or await _is_sellers(notice):
        return None
    code = await _meant(notice)
    row = await locked_pay_in(code) if code else None
    if row is None or row.state not in WAITING:
        return None
    await _bank(row, notice, [], now)
    return Settled("", CASH, False, None)


async def find_cash_in(code: str, notice_id: int, *, person_id: int, now: datetime) -> None:
    """A person says that a notice which nobody could place is this pay-in. Locks the notice, then the pay-in.

    Raises NotFound, Conflict when either does not wait for that any more.
    """
    async with transaction():
        notice = (await locked(Notice, [notice_id])).get(notice_id)
        row = await locked_pay_in(code)
        is_stray = notice is not None and notice.verdict == Verdict.NONE and notice.event is None
        if notice is None or not is_stray or await _is_sellers(notice) or row.state not in WAITING:
            raise Conflict(say("Lần nộp này hoặc thông báo này đã sang bước khác. Hãy mở lại trang."))
        await _bank(row, notice, [(account, -dong) for account, dong in aside_entries(notice)], now)
        notice.verdict = CASH
        await notice.save(update_fields=["verdict"])
        await record(person_id, "pay_in_found", "pay_in", row.code, notice=notice.id)


async def _bank(row: PayIn, notice: Notice, more: list[tuple[str, int]], now: datetime) -> None:
    """The money is in the bank: as much as was taken out of the box, or another sum, whose difference is named."""
    row.told_dong, row.notice_id, row.told_at = notice.amount_dong, notice.id, now
    lacking_dong = difference_of(row)
    row.state = stepped(row.state, PayInState.DIFFERS if lacking_dong else PayInState.PROVED)
    await row.save(update_fields=["told_dong", "notice_id", "told_at", "state"])
    sides = [
        (ledger.PLATFORM_BANK, notice.amount_dong),
        (ledger.POST_BANK_DIFFERENCE, lacking_dong),
        (ledger.POST_ON_THE_WAY, -row.amount_dong),
        *more,
    ]
    await ledger.post(BANKED, booked_as(row), [one for one in sides if one[1]], at=now)


async def _is_sellers(notice: Notice) -> bool:
    numbers = {one for one in (notice.account_number, notice.sub_account) if one}
    return bool(await vendors_with_accounts(numbers))


async def _meant(notice: Notice) -> str:
    """The code of the one pay-in that the text names, or whose slip it names with the very sum."""
    codes = candidate_codes(notice.said_code, notice.content, prefix=PAY_IN_PREFIX)
    found = await PayIn.filter(code__in=codes).limit(2) if codes else []
    if not found:
        waiting = PayIn.filter(state=PayInState.PAID_IN, amount_dong=notice.amount_dong)
        said = f"{notice.bank_reference} {notice.content}".split()
        found = [
            one for one in await waiting if len(one.slip_number) >= SLIP_LEAST and one.slip_number in said
        ]
    return found[0].code if len(found) == 1 else ""
