"""The JSON API of refunds and payouts: a seller's own, the administrators' queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import NotFound
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import roles
from payments.refund_forms import WordsForm
from payments.services import RefundView, confirm_refund, refund_by_id, refund_queue, refunds_of_vendors
from payments.services.payouts.gathering import owed_to
from payments.services.payouts.shown import PayoutRow, payouts
from payments.services.refunds.shown import refund_with


@dataclass
class RefundRowAnswer:
    """A refund in a list; one by transfer carries its code as content."""

    code: str
    order: str
    state: str
    amount_dong: int
    through: str
    is_proved: bool
    waits_for_account: bool
    needs_review: bool
    asked_at: datetime
    done_at: datetime | None


@dataclass
class PayoutAnswer:
    """A payout of collected money, to the account as it was then."""

    code: str
    seller: str
    state: str
    amount_dong: int
    account_tail: str
    gathered_at: datetime
    done_at: datetime | None


@dataclass
class OwedAnswer:
    """What providers collected for the caller's stall and is not paid on yet, below zero when the stall owes."""

    owed_dong: int
    payouts: list[PayoutAnswer]


async def refund_index(request: Request) -> list[RefundRowAnswer]:
    """The caller's stall's refunds, newest first."""
    found = await refunds_of_vendors(caller_of(request).scope_ids(Role.VENDOR), page_number(request))
    return [_row(one) for one in found.rows]


async def refund_confirm(request: Request) -> RefundRowAnswer:
    """The seller says that a transfer back is done."""
    form, refund = cast(WordsForm, json_form(request)), await refund_with(request.path_params["code"])
    if refund.vendor_id not in caller_of(request).scope_ids(Role.VENDOR) or refund.attempt_id is not None:
        raise NotFound()
    now, person_id = parts_of(request)[Clock].now(), person_id_of(request)
    await confirm_refund(refund.id, person_id=person_id, words=form.words or "", now=now)
    return _row(await refund_by_id(refund.id))


async def payout_index(request: Request) -> OwedAnswer:
    """What is owed to the caller's stall, and what was paid on."""
    vendor_id = vendor_id_of(request)
    found = await payouts(page_number(request), vendor_id=vendor_id)
    return OwedAnswer(await owed_to(vendor_id), [_payout(one) for one in found.rows])


async def admin_refund_index(request: Request) -> list[RefundRowAnswer]:
    """Refunds that need a person or are under way."""
    return [_row(one) for one in (await refund_queue(page_number(request))).rows]


async def admin_payout_index(request: Request) -> list[PayoutAnswer]:
    """Every payout, newest first."""
    return [_payout(one) for one in (await payouts(page_number(request))).rows]


def _row(refund: RefundView) -> RefundRowAnswer:
    return RefundRowAnswer(
        code=refund.code,
        order=refund.payment_code,
        state=refund.state,
        amount_dong=refund.amount_dong,
        through=refund.through,
        is_proved=refund.is_proved,
        waits_for_account=refund.waits_for_account,
        needs_review=refund.needs_review,
        asked_at=refund.asked_at,
        done_at=refund.done_at,
    )


def _payout(row: PayoutRow) -> PayoutAnswer:
    return PayoutAnswer(
        code=row.code,
        seller=row.vendor_name,
        state=row.state,
        amount_dong=row.amount_dong,
        account_tail=row.account_tail,
        gathered_at=row.gathered_at,
        done_at=row.done_at,
    )


_VENDOR, _ADMIN = roles(Role.VENDOR), roles(Role.ADMIN)
_PAGE = {"page": "1 for the newest"}

REFUNDS_API: list[JsonRoute] = [
    api_get(
        "/sell/refunds",
        refund_index,
        who=_VENDOR,
        name="payments:api_refund_index",
        summary="Refunds of the caller's stall, newest first",
        answer=RefundRowAnswer,
        many=True,
        query=_PAGE,
    ),
    api_post(
        "/sell/refunds/{code}/confirmation",
        refund_confirm,
        who=_VENDOR,
        name="payments:api_refund_confirm",
        summary="Says that a transfer back to a buyer is done",
        form=WordsForm,
        answer=RefundRowAnswer,
        once=False,
        status=200,
    ),
    api_get(
        "/sell/payouts",
        payout_index,
        who=_VENDOR,
        name="payments:api_payout_index",
        summary="What providers collected for the caller's stall, and what was paid on",
        answer=OwedAnswer,
        query=_PAGE,
    ),
    api_get(
        "/admin/refunds",
        admin_refund_index,
        who=_ADMIN,
        name="payments:api_admin_refund_index",
        summary="Refunds that need a person or are under way",
        answer=RefundRowAnswer,
        many=True,
        query=_PAGE,
    ),
    api_get(
        "/admin/payouts",
        admin_payout_index,
        who=_ADMIN,
        name="payments:api_admin_payout_index",
        summary="Payouts of collected money, newest first",
        answer=PayoutAnswer,
        many=True,
        query=_PAGE,
    ),
]
