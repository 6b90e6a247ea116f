"""The JSON API of goods that are fetched or gathered: a seller's stall, a market's desk."""

from dataclasses import dataclass
from datetime import date
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import roles
from orders.asking import market_of_request
from orders.handing_asking import given_out
from orders.handing_forms import BringForm, PackForm, PackingForm, ShownForm
from orders.models import Order
from orders.services import own_sale, pack_order
from orders.services.handing.desk import JointRow, WaitingPage, bring, joint_at, joints_at, waiting_at
from orders.services.handing.joints import pack_joint, wait_for_missing
from orders.services.handing.ready import Place
from orders.services.handing.unfetched import end_unfetched
from orders.states import Handing, JointState, OrderState

VENDOR, BOARD = roles(Role.VENDOR), roles(Role.BOARD, Role.ADMIN)
DESK = "/board/markets/{slug}/desk"


@dataclass
class GivenAnswer:
    """An order after something was done with its goods."""

    code: str
    state: OrderState
    handing: Handing


@dataclass
class WaitingAnswer:
    """Goods that lie ready for a buyer, until when, and whether that day has passed."""

    order: str
    seller: str
    buyer: str
    things: str
    kept_until: date | None
    is_over: bool


@dataclass
class PartAnswer:
    """One seller's part of a shared parcel; `is_out` when it goes by itself or is over."""

    order: str
    seller: str
    is_packed: bool
    is_brought: bool
    is_out: bool


@dataclass
class JointParcelAnswer:
    """A parcel of several stalls; `parcel_code` once the post has been asked."""

    joint: int
    state: JointState
    parcel_code: str
    parts: list[PartAnswer]


@dataclass
class DeskAnswer:
    """A market's desk: a page of what lies ready, and the parcels of several stalls."""

    waiting: list[WaitingAnswer]
    joints: list[JointParcelAnswer]


async def sale_pack(request: Request) -> GivenAnswer:
    """The seller has packed a paid order; fetched at the stall, it lies ready from now on."""
    form, vendor_ids = cast(PackingForm, json_form(request)), caller_of(request).scope_ids(Role.VENDOR)
    order = await own_sale(request.path_params["code"], vendor_ids)
    now = parts_of(request)[Clock].now()
    await pack_order(order.id, person_id=person_id_of(request), now=now, weights_g=form.weights_g)
    return _given(await Order.get(id=order.id))


async def fetching_index(request: Request) -> list[WaitingAnswer]:
    """What lies ready at the caller's stalls."""
    place = Place(caller_of(request).scope_ids(Role.VENDOR))
    now = parts_of(request)[Clock].now()
    return _waiting(await waiting_at(place, now=now, page=page_number(request)))


async def fetching_hand_over(request: Request) -> GivenAnswer:
    """The stall gives goods out against the buyer's code."""
    form, vendor_ids = cast(ShownForm, json_form(request)), caller_of(request).scope_ids(Role.VENDOR)
    return _given(await given_out(request, form, Place(vendor_ids)))


async def fetching_end(request: Request) -> GivenAnswer:
    """The seller ends an order that nobody fetched."""
    order = await own_sale(request.path_params["code"], caller_of(request).scope_ids(Role.VENDOR))
    await end_unfetched(order.id, person_id=person_id_of(request), now=parts_of(request)[Clock].now())
    return _given(await Order.get(id=order.id))


async def desk_show(request: Request) -> DeskAnswer:
    """What lies on a market's desk."""
    market, now = await market_of_request(request), parts_of(request)[Clock].now()
    waiting = await waiting_at(Place(market_id=market.id), now=now, page=page_number(request))
    return DeskAnswer(_waiting(waiting), [_joint(one) for one in await joints_at(market.id)])


async def desk_hand_over(request: Request) -> GivenAnswer:
    """The desk gives goods out against the buyer's code."""
    form, market = cast(ShownForm, json_form(request)), await market_of_request(request)
    return _given(await given_out(request, form, Place(market_id=market.id)))


async def desk_bring(request: Request) -> GivenAnswer:
    """A seller has brought an order's goods to the desk."""
    form, market = cast(BringForm, json_form(request)), await market_of_request(request)
    now = parts_of(request)[Clock].now()
    return _given(await bring(form.order, market.id, person_id=person_id_of(request), now=now))


async def joint_pack(request: Request) -> JointParcelAnswer:
    """The desk packs what has come; its parcel's code stands on the desk's list a little later."""
    form, market = cast(PackForm, json_form(request)), await market_of_request(request)
    await pack_joint(
        request.path_params["id"],
        market.id,
        leaves_missing=form.leaves,
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    row = await joint_at(request.path_params["id"], market.id)
    assert row is not None
    return _joint(row)


async def joint_wait(request: Request) -> JointParcelAnswer:
    """The desk waits for what is missing; the buyer is told, once a day."""
    market, joint_id = await market_of_request(request), int(request.path_params["id"])
    await wait_for_missing(joint_id, market.id, now=parts_of(request)[Clock].now())
    row = await joint_at(joint_id, market.id)
    assert row is not None
    return _joint(row)


def _given(order: Order) -> GivenAnswer:
    return GivenAnswer(order.code, order.state, order.handing)


def _waiting(page: WaitingPage) -> list[WaitingAnswer]:
    return [
        WaitingAnswer(one.code, one.seller, one.buyer, one.things, one.kept_until, one.is_over)
        for one in page.rows
    ]


def _joint(row: JointRow) -> JointParcelAnswer:
    parts = [PartAnswer(one.code, one.seller, one.is_packed, one.is_brought, one.is_out) for one in row.parts]
    return JointParcelAnswer(row.id, row.state, row.parcel_code, parts)


HANDING_API: list[JsonRoute] = [
    api_post(
        "/sell/orders/{code}/packing",
        sale_pack,
        who=VENDOR,
        name="orders:api_sale_pack",
        summary="A paid order is packed; what weighs more and is charged is asked of the buyer first (…/difference).",
        form=PackingForm,
        answer=GivenAnswer,
        once=False,
        status=200,
    ),
    api_get(
        "/sell/fetching",
        fetching_index,
        who=VENDOR,
        name="orders:api_fetching_index",
        summary="What lies ready at one's stalls, the longest kept first.",
        answer=WaitingAnswer,
        many=True,
        query={"page": "1 for the longest kept, 24 a page"},
    ),
    api_post(
        "/sell/fetching",
        fetching_hand_over,
        who=VENDOR,
        name="orders:api_fetching_hand_over",
        summary="The stall gives goods out, once, against the code the buyer shows.",
        form=ShownForm,
        answer=GivenAnswer,
        once=False,
        status=200,
    ),
    api_post(
        "/sell/orders/{code}/unfetched",
        fetching_end,
        who=VENDOR,
        name="orders:api_fetching_end",
        summary="Ends an order that nobody fetched by its last day; all that was paid goes back.",
        form=None,
        answer=GivenAnswer,
        once=False,
        status=200,
    ),
    api_get(
        DESK,
        desk_show,
        who=BOARD,
        name="orders:api_desk_show",
        summary="A market's desk: what lies ready, and parcels of several stalls.",
        answer=DeskAnswer,
        query={"page": "1 for the longest kept, 24 a page"},
    ),
    api_post(
        DESK + "/fetched",
        desk_hand_over,
        who=BOARD,
        name="orders:api_desk_hand_over",
        summary="The desk gives goods out, once, against the code the buyer shows.",
        form=ShownForm,
        answer=GivenAnswer,
        once=False,
        status=200,
    ),
    api_post(
        DESK + "/brought",
        desk_bring,
        who=BOARD,
        name="orders:api_desk_bring",
        summary="A seller has brought an order's goods to the desk.",
        form=BringForm,
        answer=GivenAnswer,
        once=False,
        status=200,
    ),
    api_post(
        DESK + "/joints/{id:int}/packing",
        joint_pack,
        who=BOARD,
        name="orders:api_joint_pack",
        summary="Packs what has come of a parcel of several stalls; with `leaves`, without what is missing.",
        form=PackForm,
        answer=JointParcelAnswer,
        once=False,
        status=200,
    ),
    api_post(
        DESK + "/joints/{id:int}/waiting",
        joint_wait,
        who=BOARD,
        name="orders:api_joint_wait",
        summary="Waits for parts of a shared parcel that are missing; its buyer is told.",
        form=None,
        answer=JointParcelAnswer,
        once=False,
        status=200,
    ),
]
