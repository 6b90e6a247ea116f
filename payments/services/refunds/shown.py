"""Refunds as pages and programs read them: of a payment, of a seller, all that wait, one opened for who transfers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from accounts.services import record
from kit.codes import tidy_code
from kit.db import select, transaction
from kit.errors import NotFound
from kit.sealed import SealKeys
from payments.models import Payment, PaymentAttempt, Refund, RefundEvent, RefundSource, RefundWay
from payments.models import RefundStatus as State
from payments.services.refunds.accounts import OpenedReturn, ReturnTo, opened_return, return_to
from payments.services.refunds.pots import pots_of
from payments.states import is_open
from vendors.services.markets.holders import vendor_names

PAGE_ROWS = 24
WAITING = (State.REQUESTED, State.MANUAL)
OPEN = tuple(state for state in State if is_open(state))


@dataclass(frozen=True)
class RefundView:
    """A refund. `came_through`: a provider had collected the money. `through` names the provider that it goes back by.

    `through` is "" for a transfer; `is_proved` once a bank told of it; `is_by_word`: done on somebody's word alone.
    `waits_for_account`: nobody knows yet where to.
    """

    id: int
    code: str
    key: str
    payment_id: int
    payment_code: str
    reference: str
    vendor_id: int
    state: State
    amount_dong: int
    through: str
    came_through: bool
    is_by_hand: bool
    is_open: bool
    is_proved: bool
    is_by_word: bool
    waits_for_account: bool
    needs_review: bool
    is_extra: bool
    lines: list[dict[str, int | str]]
    reason: str
    asked_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class RefundPage:
    """A page of refunds, newest first."""

    rows: list[RefundView]
    page: int
    has_more: bool


@dataclass(frozen=True)
class RefundLine:
    """One thing that happened to a refund."""

    kind: str
    note: str
    at: datetime


@dataclass(frozen=True)
class RefundShown:
    """One refund for who sees to it: its story, where it goes, and the account once it is opened for a transfer."""

    refund: RefundView
    vendor_name: str
    to: ReturnTo | None
    opened: OpenedReturn | None
    lines: list[RefundLine]


@dataclass(frozen=True)
class Returnable:
    """What of a payment can still go back, in đồng: what counted as payment, and what came beyond."""

    paid_dong: int
    owed_dong: int


async def refunds_of(*payment_ids: int) -> list[RefundView]:
    """The refunds of payments, oldest first. Two queries, one when they have none."""
    rows = await select(Refund, "WHERE payment_id = ANY($1) ORDER BY id", [list(payment_ids)])
    return await _views(rows) if rows else []


async def returnable(*payment_ids: int) -> Returnable:
    """What could be asked back of payments at this moment; who asks is checked again under their locks."""
    payments = await Payment.filter(id__in=payment_ids)
    paid = [pot for one in payments for pot in await pots_of(one, RefundSource.PAID)]
    owed = [pot for one in payments for pot in await pots_of(one, RefundSource.OWED)]
    return Returnable(sum(one.left_dong for one in paid), sum(one.left_dong for one in owed))


async def refunds_of_vendors(
    vendor_ids: Sequence[int], page: int = 1, *, only_waiting: bool = False
) -> RefundPage:
    """A page of sellers' refunds, or of those that wait for the seller's own transfer. Three queries at most."""
    rows = Refund.filter(vendor_id__in=list(vendor_ids))
    if only_waiting:
        rows = rows.filter(way=RefundWay.BANK, state__in=list(WAITING), attempt_id__isnull=True)
    return await _page(rows, page)


async def waiting_refunds(vendor_ids: Sequence[int]) -> int:
    """How many refunds wait for these sellers to transfer."""
    rows = Refund.filter(vendor_id__in=list(vendor_ids), way=RefundWay.BANK, state=State.MANUAL)
    return await rows.filter(attempt_id__isnull=True).count()


async def refund_queue(page: int = 1, *, all_of_them: bool = False) -> RefundPage:
    """For administrators: refunds that need a person first of all, and those still open; or every refund."""
    rows = Refund.all()
    if not all_of_them:
        rows = rows.filter(Q(needs_review=True) | Q(state__in=list(OPEN)))
    return await _page(rows, page)


async def refunds_to_see() -> int:
    """How many refunds need an administrator."""
    return await Refund.filter(needs_review=True).count()


async def refund_with(code: str) -> Refund:
    """The row with this code. Raises NotFound."""
    refund = await Refund.get_or_none(code=tidy_code(code))
    if refund is None:
        raise NotFound()
    return refund


async def refund_by_id(refund_id: int) -> RefundView:
    """One refund by its number."""
    [view] = await _views([await Refund.get(id=refund_id)])
    return view


async def refund_shown(refund: Refund, keys: SealKeys | None, *, person_id: int | None) -> RefundShown:
    """One refund with its story; with keys the payer's account is opened, which the trail notes."""
    [view] = await _views([refund])
    opened = None
    if keys is not None and refund.state in WAITING and refund.way is RefundWay.BANK:
        opened = await opened_return(refund, keys)
    if opened is not None:
        async with transaction():
            await record(person_id, "return_account_read", "refund", refund.code)
    events = await RefundEvent.filter(refund_id=refund.id).order_by("id")
    names = await vendor_names([refund.vendor_id])
    return RefundShown(
        view,
        names.get(refund.vendor_id, ""),
        await return_to(refund.payment_id),
        opened,
        [RefundLine(one.kind, one.note, one.at) for one in events],
    )


async def _page(rows: QuerySet[Refund], page: int) -> RefundPage:
    found = await rows.order_by("-id").offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    return RefundPage(await _views(found[:PAGE_ROWS]), page, len(found) > PAGE_ROWS)


async def _views(rows: Sequence[Refund]) -> list[RefundView]:
    ids = {one.payment_id for one in rows}
    payments = {one.id: one for one in await Payment.filter(id__in=list(ids))} if ids else {}
    gates = await _gates_of(rows)
    return [_view(one, payments[one.payment_id], gates.get(one.attempt_id or 0, "")) for one in rows]


async def _gates_of(rows: Sequence[Refund]) -> dict[int, str]:
    ids = {one.attempt_id for one in rows if one.attempt_id}
    found = await PaymentAttempt.filter(id__in=list(ids)).values_list("id", "gate") if ids else []
    return {int(str(id)): str(gate) for id, gate in found}


def _view(refund: Refund, payment: Payment, gate: str) -> RefundView:
    is_by_hand = refund.way is RefundWay.BANK
    return RefundView(
        id=refund.id,
        code=refund.code,
        key=refund.key,
        payment_id=refund.payment_id,
        payment_code=payment.code,
        reference=payment.reference,
        vendor_id=refund.vendor_id,
        state=refund.state,
        amount_dong=refund.amount_dong,
        through="" if is_by_hand else gate,
        came_through=refund.attempt_id is not None,
        is_by_hand=is_by_hand,
        is_open=is_open(refund.state),
        is_proved=refund.notice_id is not None or not is_by_hand,
        is_by_word=refund.confirmed_by.startswith("person:") and refund.notice_id is None,
        waits_for_account=is_by_hand and refund.state is State.REQUESTED,
        needs_review=refund.needs_review,
        is_extra=refund.source is RefundSource.OWED,
        lines=refund.lines,
        reason=refund.reason,
        asked_at=refund.asked_at,
        done_at=refund.done_at,
    )
