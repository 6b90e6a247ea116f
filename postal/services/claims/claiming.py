"""A claim on a carrier: opened with a sum within its contract, answered, paid or refused.

Law 49/2010/QH12 on the post, Article 38: a claim about a lost parcel within 6 months of the end of its time, about a
damaged one within a month of being given to its recipient, answered within 2 months. Decree 47/2011/NĐ-CP, to be
looked at by a lawyer (docs/postal.md): at least 4 times the fee (Article 25), paid within 30 days of the paper that
says who answers for it (Article 26). All are dated rules that a person changes, and so is each contract's ceiling. The
buyer's money goes back by the order's own way and never waits for any of this.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.money import show_dong
from kit.outbox import later
from kit.rules import days_after, rule_on
from postal.models import CarrierClaim, Parcel, ParcelEvent
from postal.services.promise import due_at
from postal.services.reading import row_of
from postal.services.views import view_of
from postal.staff_carrier import CODE as STAFF
from postal.states import CLAIM_FOLLOWS, ClaimState, ParcelState

GONE = (ParcelState.LOST, ParcelState.DAMAGED)
LOST_RULE, DAMAGED_RULE = "carrier_claim_lost_days", "carrier_claim_damaged_days"
ANSWER_RULE, PAY_RULE = "carrier_claim_answer_days", "carrier_claim_pay_days"
FEE_TIMES_RULE, CEILING_RULE = "carrier_claim_fee_times", "carrier_ceiling_"
DAYS = {LOST_RULE: 180, DAMAGED_RULE: 30, ANSWER_RULE: 60, PAY_RULE: 30}
FEE_TIMES = 4
ANSWERS = (ClaimState.ANSWERED, ClaimState.REFUSED, ClaimState.WITHDRAWN)
_MOVED_ON = say("Việc đòi bồi thường này đã sang bước khác. Hãy mở lại trang.")


class PaidTo(StrEnum):
    """Whose account compensation came into: straight the seller's, or the market's own, which owes it on."""

    SELLER = "seller"
    MARKET = "market"


@dataclass(frozen=True)
class ClaimMoney:
    """What arrived of a claim, for the books; in đồng."""

    claim_id: int
    vendor_id: int
    carrier: str
    dong: int
    to: PaidTo
    at: datetime


@dataclass(frozen=True)
class Claimable:
    """What may be claimed for a parcel: the goods' worth within the contract, and until when. `most_dong` None: no
    ceiling is known.
    """

    sum_dong: int
    most_dong: int | None
    claim_by: date


async def claimable(parcel: Parcel) -> Claimable:
    """The sum to claim: the goods' worth, at most what the contract pays, which is never below the law's least."""
    today = vietnam_date(parcel.changed_at)
    ceiling_dong = int(await rule_on(f"{CEILING_RULE}{parcel.carrier}", today) or 0)
    times = int(await rule_on(FEE_TIMES_RULE, today) or FEE_TIMES)
    least_dong = times * (parcel.fee_dong or 0)
    most_dong = max(ceiling_dong, least_dong) if ceiling_dong else None
    worth_dong = max(parcel.value_dong, least_dong)
    return Claimable(min(worth_dong, most_dong or worth_dong), most_dong, await claim_by(parcel))


async def claim_by(parcel: Parcel) -> date:
    """The last day to claim: counted from the end of the promised time, or from the day it was told damaged."""
    if parcel.state is not ParcelState.DAMAGED:
        return await _after(LOST_RULE, vietnam_date(due_at(view_of(parcel))))
    told = ParcelEvent.filter(parcel_id=parcel.id, state=ParcelState.DAMAGED).order_by("happened_at")
    first = await told.first()
    return await _after(DAMAGED_RULE, vietnam_date(first.happened_at if first else parcel.changed_at))


async def open_claim(code: str, dong: int, words: str, *, person_id: int, now: datetime) -> None:
    """Compensation is claimed, in writing outside of here; once for a parcel.

    Raises NotFound, Conflict when the parcel is not lost or damaged with an outside carrier or was claimed before,
    Refusal at `dong` above what the contract pays.
    """
    parcel = await row_of(code)
    if parcel.state not in GONE or parcel.carrier == STAFF or parcel.vendor_id is None:
        raise Conflict(say("Chỉ đòi bồi thường bưu gửi mà hãng ngoài chở làm mất hoặc hỏng."))
    may = await claimable(parcel)
    if may.most_dong is not None and dong > may.most_dong:
        raise Refusal(
            say("Hợp đồng với hãng chỉ bồi thường đến {sum}.", sum=show_dong(may.most_dong)), field="dong"
        )
    try:
        async with transaction():
            await CarrierClaim.create(
                parcel_id=parcel.id,
                carrier=parcel.carrier,
                vendor_id=parcel.vendor_id,
                claimed_dong=dong,
                words=words.strip()[:300],
                opened_by=person_id,
                opened_at=now,
                answer_by=await _after(ANSWER_RULE, vietnam_date(now)),
            )
            await record(person_id, "carrier_claim_opened", "parcel", parcel.code, dong=dong, words=words)
    except IntegrityError:
        raise Conflict(say("Bưu gửi này đã có người đòi bồi thường rồi.")) from None


async def answer_claim(
    code: str, state: ClaimState, dong: int | None, words: str, *, person_id: int, now: datetime
) -> None:
    """What the carrier answered (`answered` with the sum it agrees to, `refused`), or the claim is withdrawn.

    Raises NotFound, Conflict when the claim is past that, Refusal at `dong` for an agreement without a sum.
    """
    if state not in ANSWERS:
        raise Conflict(_MOVED_ON)
    agrees = state is ClaimState.ANSWERED
    if agrees and not dong:
        raise Refusal(say("Ghi số tiền hãng đồng ý bồi thường."), field="dong")
    async with transaction():
        claim = await _stepped(code, state)
        claim.words, claim.answered_at = words.strip()[:300], now
        claim.agreed_dong = dong if agrees else None
        claim.pay_by = await _after(PAY_RULE, vietnam_date(now)) if agrees else None
        await claim.save(update_fields=["state", "words", "answered_at", "agreed_dong", "pay_by"])
        said = {"state": str(state), "dong": dong or 0, "words": words}
        await record(person_id, "carrier_claim_answered", "parcel", code, **said)


async def take_compensation(
    code: str, dong: int, to: PaidTo, words: str, *, person_id: int, now: datetime
) -> None:
    """The money has arrived: the books follow. Raises NotFound, Conflict when the claim ended, Refusal at `words` when
    another sum came than was agreed and no word says why.
    """
    async with transaction():
        claim = await _stepped(code, ClaimState.PAID)
        if dong != (claim.agreed_dong or claim.claimed_dong) and not words.strip():
            raise Refusal(say("Tiền về khác số đã thoả thuận. Ghi vài chữ vì sao."), field="words")
        claim.paid_dong, claim.paid_to, claim.paid_at = dong, to, now
        claim.words = words.strip()[:300] or claim.words
        await claim.save(update_fields=["state", "words", "paid_dong", "paid_to", "paid_at"])
        await later("follow_claim", claim.id)
        said = {"dong": dong, "to": str(to), "words": words}
        await record(person_id, "carrier_claim_paid", "parcel", code, **said)


async def claim_money(claim_id: int) -> ClaimMoney:
    """What arrived of a paid claim. Raises NotFound."""
    claim = await CarrierClaim.get_or_none(id=claim_id, state=ClaimState.PAID)
    if claim is None or claim.paid_dong is None or claim.paid_at is None:
        raise NotFound()
    to = PaidTo(claim.paid_to)
    return ClaimMoney(claim.id, claim.vendor_id, claim.carrier, claim.paid_dong, to, claim.paid_at)


async def _stepped(code: str, state: ClaimState) -> CarrierClaim:
    """The locked claim on a parcel, in its new state. Raises NotFound, Conflict."""
    parcel = await row_of(code)
    found = await locked(
        CarrierClaim, await CarrierClaim.filter(parcel_id=parcel.id).values_list("id", flat=True)
    )
    if not found:
        raise NotFound(say("Chưa ai đòi bồi thường bưu gửi này."))
    claim = next(iter(found.values()))
    if state not in CLAIM_FOLLOWS[claim.state]:
        raise Conflict(_MOVED_ON)
    claim.state = state
    return claim


async def _after(rule: str, day: date) -> date:
    return await days_after(rule, day, DAYS[rule])
