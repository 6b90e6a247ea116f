"""A person settles what did not settle itself: by naming the payment, or by saying what was done outside."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.outbox import later
from payments import ledger
from payments.matching import Verdict
from payments.models import Notice, Payment, PaymentEvent
from payments.services.deciding import keep_decision
from payments.services.reading import payment_with
from payments.services.refunds.told import return_by_word
from payments.services.reviews import OPEN_VERDICTS
from payments.services.settling import UNMATCHED

SET_ASIDE = "set_aside"


async def attach_notice(notice_id: int, code: str, *, person_id: int, now: datetime) -> None:
    """Says which payment a notice was for; the settling job then judges it by the same rules as any other.

    Raises Refusal at `code` when no payment has it, Conflict when the notice is not waiting for a person.
    """
    async with transaction():
        notice = await _waiting(notice_id)
        if notice.verdict not in UNMATCHED:
            raise Conflict(say("Thông báo này không đọc được nên không gắn vào khoản nào."))
        if notice.event is not None:
            raise Conflict(
                say("Tiền này do ví thu hộ, không gắn tay được. Hãy hoàn lại qua ví rồi xếp riêng.")
            )
        payment = await payment_with(code)
        if payment is None:
            raise Refusal(say("Không có khoản tiền nào mang mã «{code}».", code=code), field="code")
        notice.payment_id, notice.handled_at, notice.verdict = payment.id, None, ""
        await notice.save(update_fields=["payment_id", "handled_at", "verdict"])
        await PaymentEvent.create(
            payment=payment,
            kind="attached",
            amount_dong=notice.amount_dong,
            notice_id=notice.id,
            person_id=person_id,
            at=now,
        )
        await keep_decision(notice, "attached", payment.id, person_id=person_id, note="", now=now)
        await record(person_id, "notice_attached", "notice", notice.id, payment=payment.code)
        await later("settle_notice", notice.id)


async def set_aside_notice(notice_id: int, *, person_id: int, note: str, now: datetime) -> None:
    """Closes a notice that is none of the market's business, or was dealt with outside; the books let go of it.

    Raises Conflict when it is not waiting for a person.
    """
    async with transaction():
        notice = await _waiting(notice_id)
        if notice.verdict in UNMATCHED:
            await _let_go(notice, now)
        await keep_decision(notice, SET_ASIDE, None, person_id=person_id, note=note, now=now)
        notice.verdict = SET_ASIDE
        await notice.save(update_fields=["verdict"])
        await record(person_id, "notice_set_aside", "notice", notice.id, note=note)


async def resolve_review(
    payment_id: int, *, person_id: int, note: str, now: datetime, is_returned: bool = False
) -> None:
    """Marks a payment as seen to. `is_returned`: the seller has paid back what could not count; the books follow.

    That is what came in excess, and for a payment still open also what was partly paid, so that it can end.
    Raises NotFound, and Conflict when nothing waits.
    """
    async with transaction():
        payment = (await locked(Payment, [payment_id])).get(payment_id)
        if payment is None:
            raise NotFound()
        if not payment.needs_review:
            raise Conflict(say("Khoản tiền này đã có người xem rồi."))
        returned_dong = 0
        if is_returned:
            returned_dong = await return_by_word(payment.id, person_id=person_id, words=note, now=now)
            payment = (await locked(Payment, [payment_id]))[payment_id]
        if payment.needs_review:  # giving back all that was over has cleared it already
            await PaymentEvent.create(payment=payment, kind="resolved", person_id=person_id, at=now)
        for notice in await Notice.filter(payment_id=payment.id, verdict=Verdict.WRONG_ACCOUNT):
            await _let_go(notice, now)
        payment.needs_review = False
        await payment.save(update_fields=["needs_review"])
        details = {"note": note, "returned_dong": returned_dong}
        await record(person_id, "payment_resolved", "payment", payment.code, **details)


async def _waiting(notice_id: int) -> Notice:
    notice = (await locked(Notice, [notice_id])).get(notice_id)
    if notice is None:
        raise NotFound()
    if notice.verdict not in OPEN_VERDICTS:
        raise Conflict(say("Thông báo này đã có người xem rồi."))
    return notice


async def _let_go(notice: Notice, now: datetime) -> None:
    entries = [
        (ledger.suspense(notice.id), notice.amount_dong),
        (ledger.other_bank(notice.account_number), -notice.amount_dong),
    ]
    await ledger.post(SET_ASIDE, f"notice:{notice.id}", entries, at=now)
