"""Gathering payouts: what providers collected for a seller, taken out of what is owed before anything leaves."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.codes import new_code
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.outbox import later
from payments import ledger
from payments.models import Payout, PayoutEvent, PayoutStatus
from payments.services.at_the_door import hold_payable
from payments.states import is_open, may_follow, stepped
from vendors.services import pay_to

PAYOUT_PREFIX = "TC"
GATHERED, PUT_BACK, DONE, RETURNED = "payout_gathered", "payout_put_back", "payout_done", "payout_returned"
OPEN = (PayoutStatus.DRAFT, PayoutStatus.APPROVED, PayoutStatus.SENT, PayoutStatus.UNKNOWN)
_OWED = (
    "SELECT split_part(account, ':', 2)::bigint AS vendor_id, (-sum(amount_dong))::bigint AS dong FROM ledger_entry"
    " WHERE account LIKE 'seller:%' AND account LIKE '%:payable' GROUP BY account HAVING sum(amount_dong) <> 0"
    " ORDER BY dong DESC LIMIT 200"
)


@dataclass(frozen=True)
class Owed:
    """What a seller is owed of collected money, in đồng; below zero when more was given back than is owed."""

    vendor_id: int
    dong: int


@dataclass(frozen=True)
class Because:
    """What made a step of a payout happen."""

    note: str = ""
    notice_id: int | None = None
    person_id: int | None = None
    proof: str = ""


async def owed_to_sellers() -> list[Owed]:
    """Every seller with something owed or owing, the most first. One query."""
    return [Owed(int(str(row["vendor_id"])), int(str(row["dong"]))) for row in await sql(_OWED)]


async def owed_to(vendor_id: int) -> int:
    """What one seller is owed, in đồng."""
    return -await ledger.balance(ledger.payable(vendor_id))


async def gather_payout(vendor_id: int, *, person_id: int, now: datetime) -> int:
    """Gathers all that a seller is owed into one payout, to their account as it is now; its number.

    From then on it is no longer owed. Raises Refusal when nothing is owed or more was given back than was owed,
    Conflict when an earlier payout is still open, and what pay_to raises when the seller has no account.
    """
    owed_dong = await owed_to(vendor_id)
    if owed_dong <= 0:
        raise Refusal(
            say("Người bán này chưa có tiền thu hộ để chuyển, hoặc đã hoàn cho khách nhiều hơn số thu.")
        )
    to = await pay_to(vendor_id)
    payout = Payout(
        code=new_code(PAYOUT_PREFIX),
        vendor_id=vendor_id,
        amount_dong=owed_dong,
        bin=to.bin,
        bank_name=to.bank_name,
        account_number=to.number,
        account_holder=to.holder,
        gathered_at=now,
        gathered_by=person_id,
    )
    try:
        async with transaction():
            await hold_payable(vendor_id)
            await payout.save()
            if await owed_to(vendor_id) != owed_dong:
                raise Conflict(say("Số tiền vừa đổi. Hãy mở lại trang rồi gom lại."))
            entries = [(ledger.payable(vendor_id), owed_dong), (ledger.paying_out(vendor_id), -owed_dong)]
            await ledger.post(GATHERED, _name(payout), entries, at=now)
            await _note(payout, "draft", Because(person_id=person_id), now)
            await record(person_id, "payout_gathered", "payout", payout.code, dong=owed_dong)
    except IntegrityError as open_one:
        raise Conflict(say("Người bán này đang có một lần chuyển chưa xong.")) from open_one
    return int(payout.id)


async def approve_payout(payout_id: int, *, person_id: int, now: datetime) -> None:
    """Lets a payout go. Refused as long as the seller owes: more was given back meanwhile than is left for them.

    Raises NotFound, Conflict when it is past that.
    """
    async with transaction():
        payout = await locked_payout(payout_id)
        if payout.state is PayoutStatus.APPROVED:
            return
        if await owed_to(payout.vendor_id) < 0:
            raise Conflict(
                say("Vừa có tiền hoàn cho khách nên người bán đang nợ lại. Hãy bỏ lần này rồi gom lại.")
            )
        payout.approved_at, payout.approved_by = now, person_id
        await advance_payout(payout, PayoutStatus.APPROVED, Because(person_id=person_id), now=now)
        await record(person_id, "payout_approved", "payout", payout.code)


async def say_sent(payout_id: int, *, person_id: int, now: datetime) -> None:
    """Who transferred says so; the bank's notice ends it. Raises NotFound, Conflict when it may not be sent."""
    async with transaction():
        payout = await locked_payout(payout_id)
        if payout.state is PayoutStatus.SENT:
            return
        await advance_payout(payout, PayoutStatus.SENT, Because(person_id=person_id), now=now)
        await record(person_id, "payout_sent", "payout", payout.code)


async def end_payout(
    payout_id: int, state: PayoutStatus, *, person_id: int, words: str, now: datetime
) -> None:
    """A person says how a payout ended, in words: succeeded, failed, returned by the seller's bank, or called off.

    What did not arrive is owed again. Raises NotFound, and Conflict when its state does not allow it.
    """
    async with transaction():
        payout = await locked_payout(payout_id)
        if payout.state is state:
            return
        because = Because(words, person_id=person_id, proof=f"person:{person_id}")
        await advance_payout(payout, state, because, now=now)
        payout.needs_review = False
        await payout.save(update_fields=["needs_review"])
        await record(person_id, "payout_ended", "payout", payout.code, state=state.value, words=words)


async def locked_payout(payout_id: int) -> Payout:
    """Locks a payout. Raises NotFound."""
    payout = (await locked(Payout, [payout_id])).get(payout_id)
    if payout is None:
        raise NotFound()
    return payout


async def advance_payout(payout: Payout, state: PayoutStatus, because: Because, *, now: datetime) -> None:
    """A step of a locked payout with its booking and event. Raises Conflict when the table does not allow it."""
    if not may_follow(payout.state, state):
        raise Conflict(say("Lần chuyển này đã sang bước khác. Hãy mở lại trang."))
    payout.state = stepped(payout.state, state)
    vendor_id, dong = payout.vendor_id, payout.amount_dong
    if state is PayoutStatus.SENT:
        payout.sent_at = now
    elif state is PayoutStatus.SUCCEEDED:
        payout.done_at, payout.confirmed_by = now, because.proof[:60]
        payout.notice_id = because.notice_id
        entries = [(ledger.paying_out(vendor_id), dong), (ledger.PLATFORM_BANK, -dong)]
        await ledger.post(DONE, _name(payout), entries, at=now)
    elif state is PayoutStatus.RETURNED:
        await ledger.reverse(RETURNED, _name(payout), of=(GATHERED, DONE), at=now)
    elif not is_open(state):
        await ledger.reverse(PUT_BACK, _name(payout), of=(GATHERED,), at=now)
    await payout.save()
    await later("follow_payout", payout.id)
    await _note(payout, state.value, because, now)


async def flag_payout(payout: Payout, because: Because, *, now: datetime) -> None:
    """Puts a locked payout before a person."""
    payout.needs_review = True
    await payout.save(update_fields=["needs_review"])
    await _note(payout, "flagged", because, now)


async def prove_payout(payout: Payout, notice_id: int, *, now: datetime) -> None:
    """The bank tells of a payout that a person said done before."""
    payout.notice_id = notice_id
    await payout.save(update_fields=["notice_id"])
    await later("follow_payout", payout.id)
    await _note(payout, "proved", Because(notice_id=notice_id), now)


async def _note(payout: Payout, kind: str, because: Because, now: datetime) -> None:
    await PayoutEvent.create(
        payout=payout,
        kind=kind,
        note=because.note[:300],
        notice_id=because.notice_id,
        person_id=because.person_id,
        at=now,
    )


def _name(payout: Payout) -> str:
    return f"payout:{payout.id}"
