"""Money taken at the door, in the books: expected, said, taken, paid in, remitted. The platform never holds it.

What a carrier collects is the carrier's debt to the seller; what our own staff collects lies in the post's cash box
until it is paid on. Each step is one booking, once by its own number. docs/ledger.md has the table.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kit.db import locked, sql
from payments import ledger
from payments.matching import Verdict
from payments.models import Payment, PaymentEvent, PaymentState
from payments.services.asking import qr_of
from payments.states import is_open, stepped

TAKEN = "taken_at_door"
EXPECTED, COLLECTED, RELEASED, REMITTED, COUNTED, MADE_UP = (
    "door_expected",
    "door_collected",
    "door_released",
    "door_remitted",
    "door_counted",
    "door_made_up",
)
_ONE_SELLER = "SELECT pg_advisory_xact_lock(hashtextextended('payable:' || $1::text, 0))"
_PAID_OUT = """
    SELECT t.reference FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
    WHERE e.account = $1 AND t.kind = 'door_released' AND t.id < (
        SELECT id FROM ledger_transaction WHERE kind = 'payout_gathered' AND reference = $2)
"""


class Held(StrEnum):
    """What is expected of a parcel's money before anybody we trust has it."""

    NOTHING = "nothing"
    TO_COLLECT = "to_collect"
    SAID = "said"


@dataclass(frozen=True)
class AtDoor:
    """A step of a parcel's money. `key` is the step's own name in the books, `reference` the thing paid for."""

    key: str
    reference: str
    vendor_id: int
    carrier: str
    dong: int
    was: Held = Held.NOTHING


@dataclass(frozen=True)
class TakenAtDoor:
    """What became of it: how much counts, how much came beyond what was asked, whether the payment is paid by this."""

    counted_dong: int
    extra_dong: int
    became_paid: bool


async def hold_payable(vendor_id: int) -> None:
    """Makes releasing to a seller and gathering their payout follow each other: what was released is in or not."""
    await sql(_ONE_SELLER, [str(vendor_id)])


async def hold_payment(*references: str) -> bool:
    """Locks the payments of a thing before its own row is locked; False when there is none."""
    ids = await Payment.filter(reference__in=references).values_list("id", flat=True)
    return bool(await locked(Payment, ids))


async def ask_anew(reference: str, asked_dong: int) -> bool:
    """Asks another sum than before, of a payment nothing has come for; False, unchanged, otherwise. Locks it."""
    payment = await _payment(reference)
    if payment is None or payment.received_dong or payment.state is not PaymentState.PENDING:
        return False
    if asked_dong <= 0:
        return False
    payment.asked_dong, payment.qr_text = asked_dong, qr_of(payment, asked_dong)
    await payment.save(update_fields=["asked_dong", "qr_text"])
    return True


async def expect_at_door(step: AtDoor, became: Held, *, at: datetime) -> bool:
    """What is expected changes: a carrier is to collect it, says that it did, or will not. False when booked before."""
    sides = _sum([*_expected(step, step.was, -1), *_expected(step, became, 1)])
    return bool(sides) and await ledger.post(EXPECTED, step.key, sides, at=at)


async def take_from_staff(step: AtDoor, person_id: int, *, at: datetime) -> TakenAtDoor | None:
    """A member of our own staff has taken the money: it counts, and is owed on. None when it was booked before.

    Locks the payment. What comes beyond what is still asked is owed to the buyer; a person sees it.
    """
    payment = await _payment(step.reference)
    if payment is None:
        return None
    counted_dong = _counting(payment, step.dong)
    sides = [
        *_expected(step, step.was, -1),
        (ledger.post_cash(person_id), step.dong),
        (ledger.collected(step.reference), step.dong),
        (ledger.paid(step.reference), -counted_dong),
        (ledger.owed_to_buyer(step.reference), counted_dong - step.dong),
        (ledger.coming(step.vendor_id), -step.dong),
    ]
    if not await ledger.post(COLLECTED, step.key, _sum(sides), at=at):
        return None
    return await _count(payment, step, counted_dong, f"post:{person_id}", at=at)


async def release_to_seller(step: AtDoor, *, at: datetime) -> bool:
    """What was taken is paid in at the office: from now on it is gathered into payouts. False when booked before."""
    await hold_payable(step.vendor_id)
    sides = [(ledger.coming(step.vendor_id), step.dong), (ledger.payable(step.vendor_id), -step.dong)]
    return await ledger.post(RELEASED, step.key, sides, at=at)


async def take_from_statement(
    step: AtDoor, fee_dong: int, short_dong: int, *, at: datetime
) -> TakenAtDoor | None:
    """A reconciled line of a carrier's statement: the carrier has paid the seller. None when booked before.

    Of `step.dong` taken at the door the carrier kept its fee and still owes `short_dong` (below zero: it gave more);
    the rest it remitted straight to the seller's account. Locks the payment.
    """
    payment = await _payment(step.reference)
    if payment is None:
        return None
    counted_dong = _counting(payment, step.dong)
    sides = [
        *_expected(step, step.was, -1),
        (ledger.seller_bank(step.vendor_id), step.dong - fee_dong - short_dong),
        (ledger.post_fees(step.vendor_id), fee_dong),
        (ledger.carrier_short(step.carrier), short_dong),
        (ledger.paid(step.reference), -counted_dong),
        (ledger.owed_to_buyer(step.reference), counted_dong - step.dong),
    ]
    if not await ledger.post(REMITTED, step.key, _sum(sides), at=at):
        return None
    return await _count(payment, step, counted_dong, f"carrier:{step.carrier}", at=at)


async def make_up(key: str, vendor_id: int, carrier: str, dong: int, *, is_lost: bool, at: datetime) -> bool:
    """A carrier's difference ends: it paid the seller the rest, or the rest is the seller's loss."""
    to = ledger.door_loss(vendor_id) if is_lost else ledger.seller_bank(vendor_id)
    return await ledger.post(MADE_UP, key, [(to, dong), (ledger.carrier_short(carrier), -dong)], at=at)


async def count_cash(key: str, person_id: int, due_dong: int, counted_dong: int, *, at: datetime) -> bool:
    """The evening's count with one of our staff: cash into the box, a difference on the person's own account."""
    sides = [
        (ledger.POST_BOX, counted_dong),
        (ledger.post_cash(person_id), -due_dong),
        (ledger.post_difference(person_id), due_dong - counted_dong),
    ]
    sides = _sum(sides)
    return bool(sides) and await ledger.post(COUNTED, key, sides, at=at)


async def paid_out_with(payout_id: int, vendor_id: int) -> list[str]:
    """The keys of what was released to a seller before this payout was gathered: with it, or with an earlier one."""
    rows = await sql(_PAID_OUT, [ledger.payable(vendor_id), f"payout:{payout_id}"])
    return [str(row["reference"]) for row in rows]


def _expected(step: AtDoor, held: Held, sign: int) -> list[tuple[str, int]]:
    if held is Held.NOTHING:
        return []
    where = ledger.to_collect if held is Held.TO_COLLECT else ledger.carrier_said
    return [(where(step.carrier), sign * step.dong), (ledger.due_at_door(step.reference), -sign * step.dong)]


def _sum(sides: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """One entry for each account, none of nothing."""
    sums: dict[str, int] = {}
    for account, dong in sides:
        sums[account] = sums.get(account, 0) + dong
    return [(account, dong) for account, dong in sums.items() if dong]


async def _payment(reference: str) -> Payment | None:
    ids = await Payment.filter(reference=reference).values_list("id", flat=True)
    return next(iter((await locked(Payment, ids)).values()), None)


def _counting(payment: Payment, dong: int) -> int:
    return int(min(dong, payment.asked_dong - payment.received_dong)) if is_open(payment.state) else 0


async def _count(payment: Payment, step: AtDoor, counted_dong: int, by: str, *, at: datetime) -> TakenAtDoor:
    """Moves the locked payment on by what counts; what came beyond is put before a person."""
    payment.received_dong += counted_dong
    became_paid = counted_dong > 0 and payment.received_dong == payment.asked_dong
    payment.needs_review = payment.needs_review or counted_dong != step.dong or not became_paid
    if became_paid:
        payment.state, payment.paid_at = stepped(payment.state, PaymentState.PAID), at
        payment.confirmed_by = by[:40]
    await payment.save(update_fields=["received_dong", "state", "paid_at", "confirmed_by", "needs_review"])
    await PaymentEvent.create(payment=payment, kind=TAKEN, amount_dong=step.dong, at=at)
    if counted_dong != step.dong:
        await PaymentEvent.create(
            payment=payment, kind=Verdict.DUPLICATE.value, amount_dong=step.dong - counted_dong, at=at
        )
    return TakenAtDoor(counted_dong, step.dong - counted_dong, became_paid)
