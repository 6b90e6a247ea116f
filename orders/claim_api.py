"""The JSON API of claims: a buyer opens one, buyer and seller go on with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import NotFound
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.callers import caller_of, parts_of
from kit.web.routing import ANYONE
from orders.claim_forms import ClaimActForm, ClaimForm
from orders.claims import ClaimAct, ClaimParty
from orders.models import Order
from orders.services import buyer_of, is_buyer, order_for, own_order
from orders.services.claims import act_on_claim, claim_view, open_claim


@dataclass(frozen=True)
class ClaimStepJson:
    """One step: by whom, to which state, with which words."""

    party: str
    state: str
    words: str
    at: datetime


@dataclass(frozen=True)
class ClaimJson:
    """The newest claim of an order; `due_at` is when the clock moves it on, `acts` what the caller may do."""

    kind: str
    wish: str
    state: str
    takes_back: bool
    refund_dong: int
    opened_at: datetime
    due_at: datetime | None
    steps: list[ClaimStepJson]
    acts: list[str]


async def claim_read(request: Request) -> ClaimJson:
    """The newest claim."""
    order, party = await _side(request)
    return await _json(order, party)


async def claim_open(request: Request) -> ClaimJson:
    """Opens a claim; the buyer alone."""
    order = await own_order(request.path_params["code"], caller_of(request))
    form, now = cast(ClaimForm, json_form(request)), parts_of(request)[Clock].now()
    person_id = caller_of(request).person_id
    await open_claim(order.id, form.kind, form.wish, form.words, person_id=person_id, now=now)
    return await _json(order, ClaimParty.BUYER)


async def claim_go_on(request: Request) -> ClaimJson:
    """Buyer or seller goes on with it."""
    (order, party), said = await _side(request), str(request.path_params["act"])
    if said not in list(ClaimAct):
        raise NotFound()
    form = cast(ClaimActForm, json_form(request))
    await act_on_claim(
        order.id,
        ClaimAct(said),
        party=party,
        words=form.words,
        takes_back=form.takes_back,
        refund_dong=form.refund_dong or 0,
        person_id=caller_of(request).person_id,
        now=parts_of(request)[Clock].now(),
    )
    return await _json(order, party)


async def _side(request: Request) -> tuple[Order, ClaimParty]:
    """The order and on which side of it the caller stands; NotFound for everybody else."""
    caller = caller_of(request)
    order = await order_for(request.path_params["code"], caller)
    if is_buyer(order, buyer_of(caller)):
        return order, ClaimParty.BUYER
    if order.vendor_id in caller.scope_ids(Role.VENDOR):
        return order, ClaimParty.SELLER
    return order, ClaimParty.OFFICE


async def _json(order: Order, party: ClaimParty) -> ClaimJson:
    view = await claim_view(order.id, party)
    if view is None:
        raise NotFound()
    claim = view.claim
    steps = [ClaimStepJson(str(one.party), str(one.state), one.words, one.at) for one in view.steps]
    return ClaimJson(
        str(claim.kind),
        str(claim.wish),
        str(claim.state),
        claim.takes_back,
        claim.refund_dong,
        claim.opened_at,
        claim.due_at,
        steps,
        [str(act) for act in view.acts],
    )


CLAIM_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/claim",
        claim_read,
        who=ANYONE,
        name="orders:api_claim",
        summary="The newest claim about an order, for its buyer, its seller and administrators.",
        answer=ClaimJson,
    ),
    api_post(
        "/orders/{code}/claim",
        claim_open,
        who=ANYONE,
        name="orders:api_claim_create",
        summary="The buyer says what is wrong with a delivered order, within 30 days.",
        form=ClaimForm,
        answer=ClaimJson,
    ),
    api_post(
        "/orders/{code}/claim/{act}",
        claim_go_on,
        who=ANYONE,
        name="orders:api_claim_act",
        summary="Goes on with a claim: withdraw, send_back, raise; accept, deny, settle; uphold, dismiss.",
        form=ClaimActForm,
        answer=ClaimJson,
        status=200,
        once=False,
    ),
]
