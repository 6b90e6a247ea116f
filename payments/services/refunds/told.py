"""The end of refunds as others tell it: the bank's outgoing notice, the seller's own word, a provider's callback."""

from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from payments.gate import Outcome
from payments.matching import bare_account
from payments.models import Notice, Payment, Refund, RefundSource, RefundWay, ReturnAccount
from payments.models import RefundStatus as State
from payments.services.refunds.accounts import payer_of
from payments.services.refunds.asking import REFUND_PREFIX, Wish, ask_refund, owe_part
from payments.services.refunds.pots import pots_of
from payments.services.refunds.steps import Case, Why, advance, flag, locked_case, note, told_end
from payments.services.refunds.through_gates import settle_outcome
from payments.services.settling import Settled
from payments.states import is_open
from payments.transfer_text import candidate_codes

REFUND, REFUND_BACK = "refund", "refund_back"
BY_HAND = (State.REQUESTED, State.MANUAL)


async def take_outgoing(notice: Notice, *, now: datetime) -> Settled | None:
    """Money that left an account with a refund's code: that refund is done, or a person looks at what does not fit.

    The caller has locked the notice; locks the payment, then the refund. None when the text names no refund of a
    transfer. A code with a slip is not looked for: the seller's own word is quicker than a wrong guess.
    """
    case = await _named(notice)
    if case is None:
        return None
    refund, why = case.refund, Why(notice_id=notice.id, proof=f"notice:{notice.id}")
    wrong = await _misfit(case, notice)
    if wrong:
        await flag(refund, Why(wrong, notice.id), now=now)
    elif refund.state is State.SUCCEEDED and refund.notice_id is None:
        refund.notice_id = notice.id
        await refund.save(update_fields=["notice_id"])
        await note(refund, "proved", why, now=now)
    elif not await advance(case, State.SUCCEEDED, why, now=now):
        await flag(refund, Why(f"paid while {refund.state}", notice.id), now=now)
    return Settled(case.payment.reference, REFUND, False, case.payment.id)


async def take_bounced(notice: Notice, *, now: datetime) -> Settled | None:
    """Money that came back with a refund's code and sum, because the payer's account did not take it: reversed.

    None when the notice is nothing of the kind.
    """
    case = await _named(notice)
    if (
        case is None
        or case.refund.state is not State.SUCCEEDED
        or notice.amount_dong != case.refund.amount_dong
    ):
        return None
    why = Why(notice_id=notice.id)
    if not await advance(case, State.REVERSED, why, now=now):
        return None
    return Settled(case.payment.reference, REFUND_BACK, False, case.payment.id)


async def take_callback(notice: Notice, event: dict[str, str], *, now: datetime) -> Settled | None:
    """News of a refund from its provider, written down before; None when nobody asked for this refund."""
    found = await Refund.get_or_none(code=event["our_ref"], attempt__gate=notice.source)
    case = await locked_case(found.id) if found else None
    if case is None:
        return None
    amount_dong = notice.amount_dong if event["has_amount"] else None
    refund = case.refund
    if not refund.provider_ref and event["provider_ref"]:
        refund.provider_ref = event["provider_ref"][:80]
        await refund.save(update_fields=["provider_ref"])
    await settle_outcome(case, Outcome(event["outcome"]), amount_dong, Why(notice_id=notice.id), now=now)
    return Settled(case.payment.reference, REFUND, False, case.payment.id)


async def confirm_refund(refund_id: int, *, person_id: int, words: str, now: datetime) -> None:
    """Who had to transfer says that it is done: with who and when. A notice that comes later proves it.

    Twice is once. Raises NotFound, and Conflict for one that goes through a provider or was called off.
    """
    async with transaction():
        case = await locked_case(refund_id)
        if case is None:
            raise NotFound()
        if case.refund.state is State.SUCCEEDED:
            return
        why = Why(words, person_id=person_id, proof=f"person:{person_id}")
        if case.refund.way is not RefundWay.BANK or not await advance(case, State.SUCCEEDED, why, now=now):
            raise Conflict(say("Khoản hoàn này không còn chờ chuyển tay nữa."))
        await record(person_id, "refund_confirmed", "refund", case.refund.code, words=words)


async def decide_refund(refund_id: int, *, came: bool, person_id: int, words: str, now: datetime) -> None:
    """An administrator says how a refund that waits for a person ended, seen at the provider or the bank.

    Raises NotFound, and Conflict when nothing waits or the refund cannot end so any more.
    """
    async with transaction():
        case = await locked_case(refund_id)
        if case is None:
            raise NotFound()
        refund = case.refund
        if not refund.needs_review and not is_open(refund.state):
            raise Conflict(say("Khoản hoàn này đã có người xem rồi."))
        state = State.SUCCEEDED if came else State.FAILED
        why = Why(words, person_id=person_id, proof=f"person:{person_id}")
        if refund.state is not state and not _has_ended_so(refund, came):
            if refund.state in BY_HAND and not came:
                state = State.CANCELLED
            if not await told_end(case, state, why, now=now):
                raise Conflict(say("Khoản hoàn này đã kết thúc rồi, không ghi khác được."))
        refund.needs_review = False
        await refund.save(update_fields=["needs_review"])
        await note(refund, "decided", why, now=now)
        await record(person_id, "refund_decided", "refund", refund.code, came=came, words=words)


async def doubt_refund(refund_id: int, *, person_id: int | None, now: datetime) -> None:
    """The buyer says that money told as given back has not come: a person looks. Raises Conflict when it cannot be."""
    async with transaction():
        case = await locked_case(refund_id)
        if case is None:
            raise NotFound()
        if case.refund.state is not State.SUCCEEDED or case.refund.notice_id is not None:
            raise Conflict(say("Chỉ báo chưa nhận được khi người bán nói đã chuyển mà ngân hàng chưa báo."))
        if not case.refund.needs_review:
            await flag(case.refund, Why("doubted", person_id=person_id), now=now)


async def return_by_word(payment_id: int, *, person_id: int, words: str, now: datetime) -> int:
    """An administrator has it from the seller that all beyond what was asked, or a part paid, went back; how much.

    Needs the caller's open transaction() and the payment locked. What waits for a transfer is done, what nobody has
    asked for yet is asked and done; what a provider is asked for already is left to the provider.
    """
    waiting = Refund.filter(payment_id=payment_id, source=RefundSource.OWED, state__in=list(BY_HAND))
    ids = [int(str(id)) for id in await waiting.order_by("id").values_list("id", flat=True)]
    payment = (await locked(Payment, [payment_id]))[payment_id]
    await owe_part(payment, now=now)
    if await pots_of(payment, RefundSource.OWED):
        key = f"word:{now.timestamp():.0f}:{person_id}"
        wish = Wish(key, RefundSource.OWED, None, words)
        ids += await ask_refund(payment_id, wish, person_id=person_id, now=now)
    done_dong = 0
    for refund_id in ids:
        case = await locked_case(refund_id)
        why = Why(words, person_id=person_id, proof=f"person:{person_id}")
        if case is not None and await advance(case, State.SUCCEEDED, why, now=now):
            done_dong += case.refund.amount_dong
    return done_dong


def _has_ended_so(refund: Refund, came: bool) -> bool:
    ended = (State.SUCCEEDED,) if came else (State.FAILED, State.REVERSED, State.CANCELLED)
    return refund.state in ended


async def _named(notice: Notice) -> Case | None:
    """The one refund by transfer whose code stands in the text, locked; under a seller's key only that seller's."""
    codes = candidate_codes(notice.said_code, notice.content, prefix=REFUND_PREFIX)
    own = {} if notice.vendor_id is None else {"vendor_id": notice.vendor_id}
    found = await Refund.filter(code__in=codes, way=RefundWay.BANK, **own).limit(2) if codes else []
    return await locked_case(found[0].id) if len(found) == 1 else None


async def _misfit(case: Case, notice: Notice) -> str:
    """Why an outgoing notice does not settle the refund that it names; "" when it does.

    Under the platform's key the money must have left the account that was paid into: any seller may write any code.
    Where the provider names the receiver it must be the payer's own account, as far as that is known to us.
    """
    if notice.amount_dong != case.refund.amount_dong:
        return f"{notice.amount_dong} đồng"
    direct = case.attempt is None and notice.vendor_id is None
    if direct and bare_account(notice.account_number) != bare_account(case.payment.account_number):
        return f"from …{notice.account_number[-4:]}"
    receiver = payer_of(notice)
    wanted = await ReturnAccount.get_or_none(payment_id=case.payment.id)
    if receiver and wanted and receiver.number[-4:] != wanted.tail:
        return f"to …{receiver.number[-4:]}"
    return ""
