"""The JSON API of the post's cash box: what lies in it, cash taken to the bank, its slips and differences."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.media import Media
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.routing import roles
from payments.cash_forms import CancelForm, ExplainForm, PayInForm, SlipForm
from payments.models import PayInState
from payments.services.cash_box.paying_in import (
    cancel_pay_in,
    explain_difference,
    note_slip,
    prepare_pay_in,
)
from payments.services.cash_box.shown import PayInRow, box_day, pay_in_shown
from payments.services.cash_box.slips import keep_slip, refuse_lost

DESK = roles(Role.CLERK, Role.ADMIN)


@dataclass(frozen=True)
class BoxLineOut:
    """What moved cash of the box today: the kind of booking, how often, đồng in (or out, below zero)."""

    kind: str
    times: int
    dong: int


@dataclass(frozen=True)
class BoxOut:
    """The post's cash box; kinds of bookings as in docs/ledger.md."""

    day: date
    in_box_dong: int
    on_the_way_dong: int
    unexplained_dong: int
    today: list[BoxLineOut]


@dataclass(frozen=True)
class PayInOut:
    """Cash on its way to the bank; `lacking_dong` is what the bank told less than was taken out of the box."""

    code: str
    amount_dong: int
    state: PayInState
    slip_number: str
    prepared_at: datetime
    paid_in_at: datetime | None
    told_dong: int | None
    told_at: datetime | None
    lacking_dong: int
    explanation: str
    words: str


@dataclass(frozen=True)
class SlipPhotoOut:
    """The name of a picture that was sent, for the slip that it belongs to."""

    photo: str


async def api_box_show(request: Request) -> BoxOut:
    """GET /post/box."""
    found = await box_day(now=_now(request))
    lines = [BoxLineOut(one.kind, one.times, one.dong) for one in found.lines]
    return BoxOut(found.day, found.in_box_dong, found.on_the_way_dong, found.unexplained_dong, lines)


async def api_pay_in_index(request: Request) -> list[PayInOut]:
    """GET /post/box/pay-ins."""
    found = await box_day(now=_now(request), page=page_number(request))
    return [_out(one) for one in found.pay_ins]


async def api_pay_in_create(request: Request) -> PayInOut:
    """POST /post/box/pay-ins."""
    form = cast(PayInForm, json_form(request))
    code = await prepare_pay_in(form.amount, person_id=person_id_of(request), now=_now(request))
    return _out(await pay_in_shown(code, now=_now(request)))


async def api_slip_photo_create(request: Request) -> SlipPhotoOut:
    """POST /post/box/slip-photos: the picture is the body."""
    parts = parts_of(request)
    return SlipPhotoOut(await keep_slip(await request.body(), parts[Media], seal_keys(parts[Settings])))


async def api_slip_create(request: Request) -> PayInOut:
    """POST /post/box/pay-ins/{code}/slip: with the picture's name, or without a picture."""
    form, code = cast(SlipForm, json_form(request)), request.path_params["code"]
    if form.photo:
        await refuse_lost(form.photo, parts_of(request)[Media])
    by, now = person_id_of(request), _now(request)
    await note_slip(code, form.slip_number, form.photo or "", person_id=by, now=now)
    return _out(await pay_in_shown(code, now=now))


async def api_pay_in_cancel(request: Request) -> PayInOut:
    """POST /post/box/pay-ins/{code}/cancellation."""
    form, code = cast(CancelForm, json_form(request)), request.path_params["code"]
    await cancel_pay_in(code, form.words, person_id=person_id_of(request), now=_now(request))
    return _out(await pay_in_shown(code, now=_now(request)))


async def api_pay_in_explain(request: Request) -> PayInOut:
    """POST /post/box/pay-ins/{code}/explanation."""
    form, code = cast(ExplainForm, json_form(request)), request.path_params["code"]
    await explain_difference(code, form.why, form.words, person_id=person_id_of(request), now=_now(request))
    return _out(await pay_in_shown(code, now=_now(request)))


def _out(row: PayInRow) -> PayInOut:
    return PayInOut(
        code=row.code,
        amount_dong=row.amount_dong,
        state=row.state,
        slip_number=row.slip_number,
        prepared_at=row.prepared_at,
        paid_in_at=row.paid_in_at,
        told_dong=row.told_dong,
        told_at=row.told_at,
        lacking_dong=row.lacking_dong,
        explanation=row.explanation,
        words=row.words,
    )


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


_ONE = "/post/box/pay-ins/{code}"
CASH_API: list[JsonRoute] = [
    api_get(
        "/post/box",
        api_box_show,
        who=DESK,
        name="payments:api_box_show",
        summary="The post's cash box, and what moved its cash today",
        answer=BoxOut,
    ),
    api_get(
        "/post/box/pay-ins",
        api_pay_in_index,
        who=DESK,
        name="payments:api_pay_in_index",
        summary="Cash that was taken to the bank, the newest first",
        answer=PayInOut,
        many=True,
        query={"page": "Page number, from 1; up to 24 a page."},
    ),
    api_post(
        "/post/box/pay-ins",
        api_pay_in_create,
        who=DESK,
        name="payments:api_pay_in_create",
        summary="Take cash out of the box for the bank; its code goes into the text of the pay-in",
        form=PayInForm,
        answer=PayInOut,
    ),
    api_post(
        "/post/box/slip-photos",
        api_slip_photo_create,
        who=DESK,
        name="payments:api_slip_photo_create",
        summary="Send the picture of a bank's slip",
        form=None,
        answer=SlipPhotoOut,
        status=200,
        once=False,
        file=True,
    ),
    api_post(
        _ONE + "/slip",
        api_slip_create,
        who=DESK,
        name="payments:api_slip_create",
        summary="Note the bank's slip of one's own pay-in",
        form=SlipForm,
        answer=PayInOut,
    ),
    api_post(
        _ONE + "/cancellation",
        api_pay_in_cancel,
        who=DESK,
        name="payments:api_pay_in_cancel",
        summary="The cash lies in the box again",
        form=CancelForm,
        answer=PayInOut,
    ),
    api_post(
        _ONE + "/explanation",
        api_pay_in_explain,
        who=DESK,
        name="payments:api_pay_in_explain",
        summary="Say where a difference of somebody else's pay-in is: box, fee or owed",
        form=ExplainForm,
        answer=PayInOut,
    ),
]
