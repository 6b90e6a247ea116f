"""Where a payer wants money back: told by the buyer, or by the notice that named the payer's account; kept sealed."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import NotFound
from kit.sealed import CannotOpen, SealKeys
from kit.text import ascii_name
from payments.models import Notice, Payment, Refund, RefundWay, ReturnAccount
from payments.models import RefundStatus as State
from payments.qr import vietqr
from payments.services.refunds.steps import Case, Why, advance, attempt_of_refund
from vendors.services import bank_of

HOLDER_MAX = 80
NUMBER = re.compile(r"[0-9A-Z]{4,19}")
BIN = re.compile(r"[0-9]{6}")
BUYER = "buyer"


@dataclass(frozen=True)
class PayerAccount:
    """An account that money goes back to; `holder` in ASCII capitals, "" where nobody said."""

    bin: str
    number: str
    holder: str


@dataclass(frozen=True)
class ReturnTo:
    """A payer's account as the buyer's page shows it: only its end."""

    bank_name: str
    tail: str
    told_by: str
    told_at: datetime


@dataclass(frozen=True)
class OpenedReturn:
    """A payer's account opened for who transfers: `qr_text` asks their own bank for exactly this refund."""

    bank_name: str
    number: str
    holder: str
    qr_text: str


async def say_return_account(
    payment_id: int, account: PayerAccount, *, person_id: int | None, now: datetime, keys: SealKeys
) -> None:
    """The buyer says where money should go back; transfers that waited for it may now be made.

    Raises NotFound.
    """
    async with transaction():
        payment = (await locked(Payment, [payment_id])).get(payment_id)
        if payment is None:
            raise NotFound()
        await _keep(payment, account, BUYER, now=now, keys=keys)
        await record(person_id, "return_account_told", "payment", payment.code, tail=account.number[-4:])


async def find_return_account(refund_id: int, *, now: datetime, keys: SealKeys) -> bool:
    """Job: takes the payer's account from the notices of the payment, where their provider tells it."""
    found = await Refund.get_or_none(id=refund_id)
    if found is None or found.state is not State.REQUESTED:
        return False
    for notice in await Notice.filter(payment_id=found.payment_id, is_incoming=True).order_by("-id").limit(5):
        account = payer_of(notice)
        if account is None or await bank_of(account.bin) is None:
            continue
        async with transaction():
            payment = (await locked(Payment, [found.payment_id]))[found.payment_id]
            if await ReturnAccount.exists(payment_id=payment.id):
                return False
            await _keep(payment, account, notice.source.partition(":")[0], now=now, keys=keys)
        return True
    return False


async def return_to(payment_id: int) -> ReturnTo | None:
    """Where a payment's money goes back to, as far as anybody may see it."""
    row = await ReturnAccount.get_or_none(payment_id=payment_id)
    return ReturnTo(row.bank_name, row.tail, row.told_by, row.told_at) if row else None


async def opened_return(refund: Refund, keys: SealKeys) -> OpenedReturn | None:
    """The account and the QR text for who transfers; None when it is not known. The caller notes that it was read."""
    row = await ReturnAccount.get_or_none(payment_id=refund.payment_id)
    if row is None:
        return None
    try:
        number, holder = (keys.open(text, _place(refund.payment_id)) for text in (row.number, row.holder))
    except CannotOpen:
        return None
    qr_text = vietqr(row.bin, number, amount_dong=refund.amount_dong, purpose=refund.code)
    return OpenedReturn(row.bank_name, number, holder, qr_text)


def payer_of(notice: Notice) -> PayerAccount | None:
    """The other side of a transfer as Casso and payOS name it in their webhooks; None where they do not.

    Fields counterAccountNumber, …BankId, …Name (developer.casso.vn, payos.vn/docs/tich-hop-webhook).
    """
    try:
        body = json.loads(notice.body)
    except ValueError:
        return None
    inner = body.get("data") if isinstance(body, dict) else None
    if not isinstance(inner, dict):
        return None
    number, bin, holder = (
        str(inner.get(f"counterAccount{name}") or "").strip().upper() for name in ("Number", "BankId", "Name")
    )
    if not NUMBER.fullmatch(number) or not BIN.fullmatch(bin):
        return None
    return PayerAccount(bin, number, ascii_name(holder, HOLDER_MAX))


async def _keep(
    payment: Payment, account: PayerAccount, told_by: str, *, now: datetime, keys: SealKeys
) -> None:
    bank = await bank_of(account.bin)
    place = _place(payment.id)
    facts = {
        "bin": account.bin,
        "bank_name": bank.name if bank else account.bin,
        "number": keys.seal(account.number, place),
        "tail": account.number[-4:],
        "holder": keys.seal(account.holder, place),
        "told_by": told_by,
        "told_at": now,
    }
    await ReturnAccount.update_or_create(defaults=facts, payment_id=payment.id)
    waiting = Refund.filter(payment_id=payment.id, way=RefundWay.BANK, state=State.REQUESTED)
    for refund_id in await waiting.order_by("id").values_list("id", flat=True):
        refund = (await locked(Refund, [refund_id]))[refund_id]
        case = Case(refund, payment, await attempt_of_refund(refund))
        await advance(case, State.MANUAL, Why(told_by), now=now)


def _place(payment_id: int) -> str:
    return f"return:{payment_id}"
