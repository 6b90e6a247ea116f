"""Cash out of the post's box into the bank: a cashier's pay-in, its slip, calling it off, explaining a difference."""

from datetime import datetime
from enum import StrEnum

from accounts.services import record
from kit.codes import new_code, tidy_code
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotAllowed, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from payments import ledger
from payments.models import PayIn, PayInState
from payments.states import may_follow, stepped

PAY_IN_PREFIX = "NQ"
TAKEN, PUT_BACK, BANKED, EXPLAINED = "box_taken", "box_put_back", "box_banked", "box_explained"
_ONE_BOX = "SELECT pg_advisory_xact_lock(hashtextextended('post:box', 0))"


class Explanation(StrEnum):
    """Why the bank told another sum: the rest lies in the box, the bank kept a fee, or the cashier answers for it."""

    BOX = "box"
    FEE = "fee"
    OWED = "owed"


async def prepare_pay_in(amount_dong: int, *, person_id: int, now: datetime) -> str:
    """A cashier takes cash out of the box for the bank; the code that goes into the text of the pay-in.

    Raises Refusal at `amount` when that much does not lie in the box.
    """
    async with transaction():
        await _hold_box()
        in_box_dong = await ledger.balance(ledger.POST_BOX)
        if amount_dong > in_box_dong:
            raise Refusal(_too_little(in_box_dong), field="amount")
        row = await PayIn.create(
            code=new_code(PAY_IN_PREFIX), amount_dong=amount_dong, person_id=person_id, prepared_at=now
        )
        sides = [(ledger.POST_ON_THE_WAY, amount_dong), (ledger.POST_BOX, -amount_dong)]
        await ledger.post(TAKEN, booked_as(row), sides, at=now)
        await record(person_id, "pay_in_prepared", "pay_in", row.code, dong=amount_dong)
        return str(row.code)


async def note_slip(code: str, slip_number: str, photo_key: str, *, person_id: int, now: datetime) -> None:
    """The cashier was at the bank: the number and the picture of its slip, which the bank may have told before.

    Raises NotFound, NotAllowed for another's pay-in, Conflict when it has a slip or was called off.
    """
    async with transaction():
        row = await locked_pay_in(code)
        _refuse_other(row, person_id)
        if row.slip_number or row.state is PayInState.CANCELLED:
            raise Conflict(say("Lần nộp này đã có giấy nộp tiền hoặc đã bỏ."))
        row.slip_number, row.photo_key, row.paid_in_at = slip_number, photo_key, now
        if row.state is PayInState.PREPARED:
            row.state = stepped(row.state, PayInState.PAID_IN)
        await row.save(update_fields=["slip_number", "photo_key", "paid_in_at", "state"])
        await record(person_id, "pay_in_slip", "pay_in", row.code, slip=slip_number)


async def refuse_others(code: str, *, person_id: int) -> None:
    """Raises NotFound, and NotAllowed to anybody but who carries the cash to the bank."""
    row = await PayIn.get_or_none(code=tidy_code(code))
    if row is None:
        raise NotFound()
    _refuse_other(row, person_id)


async def cancel_pay_in(code: str, words: str, *, person_id: int, now: datetime) -> None:
    """The cash lies in the box again. Raises NotFound, Conflict once the bank has told of it."""
    async with transaction():
        row = await locked_pay_in(code)
        _refuse_step(row, PayInState.CANCELLED)
        await ledger.reverse(PUT_BACK, booked_as(row), of=(TAKEN,), at=now)
        await _close(row, PayInState.CANCELLED, words, person_id=person_id, now=now)
        await record(person_id, "pay_in_cancelled", "pay_in", row.code, words=words)


async def explain_difference(
    code: str, why: Explanation, words: str, *, person_id: int, now: datetime
) -> None:
    """Somebody else than the cashier says where the difference is, and the books follow.

    Raises NotFound, Conflict when nothing differs or the cashier explains it, Refusal at `why` for a fee where the
    bank told more, or when the box does not hold what it should have given.
    """
    async with transaction():
        row = await locked_pay_in(code)
        _refuse_step(row, PayInState.EXPLAINED)
        if row.person_id == person_id:
            raise Conflict(say("Người khác phải xem khoản lệch này, người đi nộp không tự giải thích được."))
        lacking_dong = difference_of(row)
        if why is Explanation.FEE and lacking_dong < 0:
            raise Refusal(say("Ngân hàng báo nhiều hơn số nộp thì không phải là phí."), field="why")
        await _hold_box()
        in_box_dong = await ledger.balance(ledger.POST_BOX)
        if why is Explanation.BOX and in_box_dong + lacking_dong < 0:
            raise Refusal(_too_little(in_box_dong), field="why")
        sides = [(_where(why, row), lacking_dong), (ledger.POST_BANK_DIFFERENCE, -lacking_dong)]
        await ledger.post(EXPLAINED, booked_as(row), sides, at=now)
        row.explanation = why
        await _close(row, PayInState.EXPLAINED, words, person_id=person_id, now=now)
        said = {"why": str(why), "dong": lacking_dong, "words": words}
        await record(person_id, "pay_in_explained", "pay_in", row.code, **said)


def difference_of(row: PayIn) -> int:
    """What the bank told less than was taken out of the box, in đồng; below zero when it told more; 0 before."""
    return 0 if row.told_dong is None else row.amount_dong - row.told_dong


def booked_as(row: PayIn) -> str:
    """What its bookings are called."""
    return f"pay_in:{row.id}"


async def locked_pay_in(code: str) -> PayIn:
    """Locks a pay-in by its code. Raises NotFound."""
    ids = await PayIn.filter(code=tidy_code(code)).values_list("id", flat=True)
    found = await locked(PayIn, ids)
    if not found:
        raise NotFound()
    return next(iter(found.values()))


async def _hold_box() -> None:
    """Whoever takes cash out of the box, or says what it holds, follows one after the other."""
    await sql(_ONE_BOX, [])


def _refuse_other(row: PayIn, person_id: int) -> None:
    if row.person_id != person_id:
        raise NotAllowed(say("Chỉ người đi nộp ghi giấy nộp tiền của lần này."))


def _refuse_step(row: PayIn, state: PayInState) -> None:
    if not may_follow(row.state, state):
        raise Conflict(say("Lần nộp này đã sang bước khác. Hãy mở lại trang."))


async def _close(row: PayIn, state: PayInState, words: str, *, person_id: int, now: datetime) -> None:
    row.state, row.words = stepped(row.state, state), words.strip()[:300]
    row.closed_by, row.closed_at = person_id, now
    await row.save(update_fields=["state", "words", "closed_by", "closed_at", "explanation"])


def _where(why: Explanation, row: PayIn) -> str:
    accounts = {
        Explanation.BOX: ledger.POST_BOX,
        Explanation.FEE: ledger.POST_BANK_FEES,
        Explanation.OWED: ledger.post_difference(row.person_id),
    }
    return accounts[why]


def _too_little(in_box_dong: int) -> Sentence:
    return say("Trong két chỉ có {sum}.", sum=show_dong(max(0, in_box_dong)))
