"""Payment links at payOS under a seller's own keys: written down, asked for, found again by what payOS tells."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.sealed import SealKeys
from payments.gate import GateAway, GateFault, GateRefused, GateUnsure, StatementLine
from payments.gates.payos_links import LinkMade, LinkWanted, PayosLinks
from payments.models import BankKey, BankProvider, LinkState, Payment, PaymentLink, PaymentState
from payments.services.bank_keys import opened
from payments.services.notices import Source

LINKS_MAX = 12
GONE = (LinkState.REFUSED, LinkState.CLOSED)
log = logging.getLogger("payments")
Opener = Callable[[str, str], PayosLinks]


@dataclass(frozen=True)
class LinkView:
    """A link that may be paid on."""

    url: str
    amount_dong: int


async def has_links(vendor_id: int) -> bool:
    """Whether a seller's buyers may pay by a payOS link. One query."""
    return await _linked(vendor_id).exists()


async def start_link(
    reference: str, *, return_url: str, now: datetime, keys: SealKeys, links: Opener
) -> LinkView:
    """A payOS link for what is left of a payment ("order:17"); the one that stands when it was asked for before.

    The row is committed before payOS is asked; what was never answered is looked up by its order code first. Raises
    NotFound when the seller has no link keys, Conflict when nothing is to be paid, Refusal when payOS is away or
    says no.
    """
    row, key, payment = await _written(reference, now)
    if row.state is LinkState.OPEN:
        return LinkView(row.url, row.amount_dong)
    own = opened(key, keys)
    gate = links(own.link_key, own.secret)
    wanted = LinkWanted(row.order_code, row.amount_dong, payment.code, return_url, payment.expires_at)
    try:
        made = await gate.find(row.order_code) if row.state is LinkState.UNKNOWN else None
        made = made or await gate.create(wanted)
    except GateFault as fault:
        log.warning("payment link %s: %s", row.order_code, fault)
        unsure = isinstance(fault, GateUnsure) or row.state is LinkState.UNKNOWN
        await _answered(row.id, LinkState.UNKNOWN if unsure else LinkState.REFUSED, None)
        raise _refusal(fault) from fault
    if not made.url or made.amount_dong != row.amount_dong:
        await _answered(row.id, LinkState.REFUSED, made)
        raise Conflict(say("Link này đã đóng. Bạn quét mã VietQR để trả nhé."))
    await _answered(row.id, LinkState.OPEN, made)
    return LinkView(made.url, row.amount_dong)


async def take_back(link_id: int, *, keys: SealKeys, links: Opener) -> None:
    """Job `take_back_link`: a payment that is paid otherwise is not to be paid once more on its link.

    Closed at payOS unless it is closed there, as it is when it was itself paid. Raises GateAway and GateUnsure: asked
    again later.
    """
    row = await PaymentLink.get_or_none(id=link_id).prefetch_related("payment", "bank_key")
    if row is None or row.state not in (LinkState.OPEN, LinkState.UNKNOWN):
        return
    if row.payment.state is PaymentState.PENDING or not row.bank_key.link_key:
        return
    own = opened(row.bank_key, keys)
    gate = links(own.link_key, own.secret)
    made = await gate.find(row.order_code)
    if made is not None and made.url:
        try:
            await gate.cancel(row.order_code)
        except GateRefused as no:
            log.warning("payment link %s cannot be taken back: %s", row.order_code, no)
    await PaymentLink.filter(id=link_id).update(state=LinkState.CLOSED)


async def open_link(reference: str, *, now: datetime) -> LinkView | None:
    """The link that may be paid on for what is left of a payment; None when there is none. One query."""
    rows = PaymentLink.filter(payment__reference=reference, state=LinkState.OPEN).prefetch_related("payment")
    for row in await rows.order_by("-id").limit(1):
        payment = row.payment
        rest_dong = payment.asked_dong - payment.received_dong
        is_payable = payment.state is PaymentState.PENDING and now < payment.expires_at
        return LinkView(row.url, row.amount_dong) if is_payable and rest_dong == row.amount_dong else None
    return None


async def named_by_link(line: StatementLine, source: Source) -> StatementLine:
    """A line under a seller's payOS key, with the code of the payment that its link was made for, if it was one."""
    if source.bank_key_id is None or not line.our_ref.isdecimal() or len(line.our_ref) > 18:
        return line
    of = PaymentLink.filter(order_code=int(line.our_ref), bank_key_id=source.bank_key_id)
    codes = await of.values_list("payment__code", flat=True)
    return replace(line, our_ref=str(codes[0])) if codes else line


async def _written(reference: str, now: datetime) -> tuple[PaymentLink, BankKey, Payment]:
    async with transaction():
        ids = await Payment.filter(reference=reference).values_list("id", flat=True)
        payment = next(iter((await locked(Payment, ids)).values()), None)
        key = await _linked(payment.vendor_id).first() if payment else None
        if payment is None or key is None:
            raise NotFound()
        rest_dong = int(payment.asked_dong - payment.received_dong)
        if payment.state is not PaymentState.PENDING or now >= payment.expires_at or rest_dong <= 0:
            raise Conflict(say("Đơn này không còn chờ tiền nữa."))
        rows = await PaymentLink.filter(payment_id=payment.id, bank_key_id=key.id).order_by("id")
        for row in rows:
            if row.amount_dong == rest_dong and row.state not in GONE:
                return row, key, payment
        if len(rows) >= LINKS_MAX:
            raise Conflict(say("Đơn này đã thử quá nhiều lần. Bạn quét mã VietQR để trả nhé."))
        return await _new(payment, key, rest_dong, now), key, payment


async def _new(payment: Payment, key: BankKey, amount_dong: int, now: datetime) -> PaymentLink:
    """A row with an order code of its own: milliseconds and three digits, within what JavaScript counts exactly."""
    while True:
        code = int(now.timestamp() * 1000) * 1000 + secrets.randbelow(1000)
        row = PaymentLink(
            payment=payment, bank_key=key, order_code=code, amount_dong=amount_dong, created_at=now
        )
        try:
            async with transaction():
                await row.save()
        except IntegrityError:
            continue
        return row


async def _answered(link_id: int, state: LinkState, made: LinkMade | None) -> None:
    async with transaction():
        row = (await locked(PaymentLink, [link_id]))[link_id]
        row.state, row.url, row.link_id = state, made.url if made else "", made.link_id if made else ""
        await row.save(update_fields=["state", "url", "link_id"])


def _linked(vendor_id: int) -> QuerySet[BankKey]:
    mine = BankKey.filter(vendor_id=vendor_id, provider=BankProvider.PAYOS, closed_at__isnull=True)
    return mine.exclude(link_key="")


def _refusal(fault: GateFault) -> Refusal:
    if isinstance(fault, GateAway | GateUnsure):
        return Refusal(say("payOS chưa trả lời. Bạn thử lại, hoặc quét mã VietQR."), status=503)
    return Refusal(say("payOS không nhận khoản này. Bạn quét mã VietQR để trả nhé."))
