"""Settling: what a notice means for which payment, booked, once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kit.db import locked
from payments import ledger, matching
from payments.matching import Verdict
from payments.models import Notice, Payment, PaymentEvent, PaymentState
from payments.services.same_line import told_before, wait_for_later
from payments.states import stepped
from payments.transfer_text import candidate_codes

OUT = "out"
TOLD_TWICE = "told_twice"
ROUTINE = (Verdict.MATCHED, Verdict.PARTIAL)
COUNTED = (*ROUTINE, Verdict.OVER)
UNMATCHED = (Verdict.NONE, Verdict.AMBIGUOUS)
LATELY = timedelta(days=7)
LATELY_ROWS_MAX = 300


@dataclass(frozen=True)
class Settled:
    """What became of a notice. `reference` and `payment_id` are "" and None when it belongs to no payment.

    `verdict` is a matching.Verdict, "out" for money that left the account, or "told_twice" for a line that another
    provider told of before. `others`: further payments that the same transfer paid.
    """

    reference: str
    verdict: str
    became_paid: bool
    payment_id: int | None
    others: tuple["Settled", ...] = ()


async def settle_transfer(notice: Notice, *, now: datetime) -> Settled:
    """Settles a bank's notice, which the caller has locked, by the code that its text names. Locks its payments."""
    if not notice.is_incoming:
        return await _handled(notice, OUT, now)
    by_hand = notice.payment_id is not None
    named = await _named(notice)
    if named and await _is_told_twice(notice, named):
        return await _handled(notice, TOLD_TWICE, now, named[0])
    if not named and await _is_told_before(notice):
        return await _handled(notice, TOLD_TWICE, now)
    verdict = _judged(named, notice)
    if verdict is Verdict.DUPLICATE and (said_dong := await ledger.balance(ledger.said(named[0].reference))):
        return await _prove(named[0], notice, min(said_dong, notice.amount_dong), by_hand=by_hand, now=now)
    if len(named) == 1 and verdict not in UNMATCHED:
        became_paid = await _take(named[0], notice, verdict, by_hand=by_hand, now=now)
        return await _handled(notice, verdict, now, named[0], became_paid)
    if verdict is Verdict.MATCHED:
        return await _take_several(named, notice, now)
    await _book_aside(notice, now)
    return await _handled(notice, verdict, now)


async def _is_told_twice(notice: Notice, named: Sequence[Payment]) -> bool:
    """Whether another source told of the same line of the bank, and it settled one of these locked payments."""
    if not notice.bank_reference:
        return False
    others = Notice.filter(
        payment_id__in=[one.id for one in named],
        bank_reference=notice.bank_reference,
        account_number=notice.account_number,
        amount_dong=notice.amount_dong,
        happened_at=notice.happened_at,
        handled_at__isnull=False,
    )
    return bool(await others.exclude(source=notice.source).exists())


async def _is_told_before(notice: Notice) -> bool:
    await wait_for_later(notice.id)
    return bool(await told_before([notice.id]))


def bank_of_payment(payment: Payment) -> str:
    """The books' account for the bank account that a payment goes to: the seller's, or the market's for a fee."""
    if payment.market_id is not None:
        return ledger.market_bank(payment.market_id)
    return ledger.seller_bank(payment.vendor_id)


async def _named(notice: Notice) -> list[Payment]:
    """The payments that the notice speaks of, locked: those whose codes it says, else the one it nearly says."""
    if notice.payment_id is not None:
        return list((await locked(Payment, [notice.payment_id])).values())
    own = {} if notice.vendor_id is None else {"vendor_id": notice.vendor_id}
    said = candidate_codes(notice.said_code, notice.content)
    ids = await Payment.filter(code__in=said, **own).values_list("id", flat=True) if said else []
    return list((await locked(Payment, ids or await _meant_nearly(notice, own))).values())


async def _meant_nearly(notice: Notice, own: dict[str, int]) -> list[int]:
    transfer = transfer_of(notice, ())
    accounts = {matching.bare_account(one) for one in (transfer.account_number, transfer.sub_account or "")}
    lately = Payment.filter(account_number__in=accounts - {""}, created_at__gt=transfer.at - LATELY, **own)
    asked = {one.code: one for one in await lately.order_by("-created_at").limit(LATELY_ROWS_MAX)}
    lately_asked = [seen(one) for one in asked.values()]
    meant = matching.meant_nearly(lately_asked, transfer, notice.said_code, notice.content)
    return [asked[meant].id] if meant else []


def _judged(named: Sequence[Payment], notice: Notice) -> Verdict:
    transfer = transfer_of(notice, tuple(one.code for one in named))
    if len({bank_of_payment(one) for one in named}) > 1:
        return Verdict.AMBIGUOUS
    if len(named) > 1:
        return matching.judge_several([seen(one) for one in named], transfer)
    return matching.judge(seen(named[0]) if named else None, transfer)


def seen(payment: Payment) -> matching.PaymentView:
    """A payment as the matcher sees it."""
    return matching.PaymentView(
        code=payment.code,
        asked_dong=payment.asked_dong,
        paid_dong=payment.received_dong,
        state=payment.state,
        expires_at=payment.expires_at,
        account_number=payment.account_number,
        bin=payment.bin,
    )


def transfer_of(notice: Notice, codes: tuple[str, ...]) -> matching.TransferView:
    """A notice as the matcher sees it; `codes` are those of its text that belong to payments."""
    return matching.TransferView(
        amount_dong=notice.amount_dong,
        account_number=notice.account_number,
        at=notice.happened_at or notice.received_at,
        codes=codes,
        sub_account=notice.sub_account or None,
    )


async def _take(payment: Payment, notice: Notice, verdict: Verdict, *, by_hand: bool, now: datetime) -> bool:
    """Counts the money towards the payment as far as it goes, books all of it; whether it is paid by this."""
    rest_dong = payment.asked_dong - payment.received_dong
    counted_dong = min(notice.amount_dong, rest_dong) if verdict in COUNTED else 0
    became_paid = await _count(payment, notice, verdict, counted_dong, notice.amount_dong, now)
    if verdict is not Verdict.WRONG_ACCOUNT:
        await _book(payment, notice, counted_dong, by_hand=by_hand, now=now)
    elif not by_hand:
        await _book_aside(notice, now)
    return became_paid


async def _take_several(named: Sequence[Payment], notice: Notice, now: datetime) -> Settled:
    """One transfer that pays several payments of a seller to the đồng: one booking, each paid."""
    entries = [(bank_of_payment(named[0]), notice.amount_dong)]
    for one in named:
        rest_dong = one.asked_dong - one.received_dong
        entries.append((ledger.paid(one.reference), -rest_dong))
        await _count(one, notice, Verdict.MATCHED, rest_dong, rest_dong, now)
    await ledger.post("received", f"notice:{notice.id}", entries, at=now)
    first = await _handled(notice, Verdict.MATCHED, now, named[0], True)
    others = (Settled(one.reference, first.verdict, True, one.id) for one in named[1:])
    return replace(first, others=tuple(others))


async def _count(
    payment: Payment, notice: Notice, verdict: Verdict, counted_dong: int, told_dong: int, now: datetime
) -> bool:
    """Moves the payment on by what counts and notes what was told; whether it is paid by this."""
    payment.received_dong += counted_dong
    payment.needs_review = payment.needs_review or verdict not in ROUTINE
    payment.is_paid_late = payment.is_paid_late or verdict is Verdict.LATE
    became_paid = counted_dong > 0 and payment.received_dong == payment.asked_dong
    if became_paid:
        payment.state = stepped(payment.state, PaymentState.PAID)
        payment.paid_at = now
        payment.confirmed_by = f"{notice.source}:{notice.event_key}"[:40]
    await payment.save(
        update_fields=["received_dong", "needs_review", "is_paid_late", "state", "paid_at", "confirmed_by"]
    )
    await PaymentEvent.create(
        payment=payment, kind=verdict.value, amount_dong=told_dong, notice_id=notice.id, at=now
    )
    return became_paid


async def _prove(
    payment: Payment, notice: Notice, proved_dong: int, *, by_hand: bool, now: datetime
) -> Settled:
    """The bank tells of money that the seller has confirmed before: nothing new, only what is over is."""
    verdict = Verdict.MATCHED if proved_dong == notice.amount_dong else Verdict.OVER
    payment.needs_review = payment.needs_review or verdict is Verdict.OVER
    await payment.save(update_fields=["needs_review"])
    await PaymentEvent.create(
        payment=payment, kind="proved", amount_dong=notice.amount_dong, notice_id=notice.id, at=now
    )
    counted = (ledger.said(payment.reference), -proved_dong)
    await _book(payment, notice, proved_dong, counted=counted, by_hand=by_hand, now=now)
    return await _handled(notice, verdict, now, payment)


async def _book(
    payment: Payment,
    notice: Notice,
    counted_dong: int,
    *,
    by_hand: bool,
    now: datetime,
    counted: tuple[str, int] | None = None,
) -> None:
    entries = [
        (bank_of_payment(payment), notice.amount_dong),
        counted or (ledger.paid(payment.reference), -counted_dong),
        (ledger.owed_to_buyer(payment.reference), counted_dong - notice.amount_dong),
    ]
    if by_hand:
        entries += [
            (ledger.other_bank(notice.account_number), -notice.amount_dong),
            (ledger.suspense(notice.id), notice.amount_dong),
        ]
    kind = "attached" if by_hand else "received"
    await ledger.post(kind, f"notice:{notice.id}", [one for one in entries if one[1]], at=now)


def aside_entries(notice: Notice) -> list[tuple[str, int]]:
    """The booking of money that belongs to no payment yet."""
    return [
        (ledger.other_bank(notice.account_number), notice.amount_dong),
        (ledger.suspense(notice.id), -notice.amount_dong),
    ]


async def _book_aside(notice: Notice, now: datetime) -> None:
    await ledger.post("received", f"notice:{notice.id}", aside_entries(notice), at=now)


async def _handled(
    notice: Notice, verdict: str, now: datetime, payment: Payment | None = None, became_paid: bool = False
) -> Settled:
    notice.verdict, notice.handled_at = str(verdict), now
    notice.payment_id = payment.id if payment else None
    await notice.save(update_fields=["verdict", "handled_at", "payment_id"])
    reference, payment_id = (payment.reference, payment.id) if payment else ("", None)
    return Settled(reference, notice.verdict, became_paid, payment_id)
