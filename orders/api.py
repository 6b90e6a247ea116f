"""The JSON API of orders: the basket, the review, placing, following and taking back."""

from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.codes import new_code
from kit.errors import Refusal
from kit.i18n import translated
from kit.settings import Settings
from kit.units import Unit, commune
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE
from orders.answers import (
    JointAnswer,
    LineAnswer,
    OfferAnswer,
    OrderAnswer,
    OrderRowAnswer,
    PlacedAnswer,
    ReviewAnswer,
    fetch_answer,
    line_answer,
    payment_answer,
    placed_answer,
    way_answer,
)
from orders.asking import buyer_of_request, buyer_with_basket
from orders.door_forms import doors_in
from orders.forms import (
    LineForm,
    ProgramOrderForm,
    QuantityForm,
    cannot_be_fetched,
    no_commune,
    recipient_of,
    settle_commune,
    ways_in,
)
from orders.services import (
    Basket,
    Buyer,
    Courier,
    Wish,
    basket_of,
    cancel_order,
    order_again,
    order_brief,
    orders_of,
    own_order,
    place_each,
    put_in_basket,
    review_basket,
    set_quantity,
    take_out,
)
from orders.services.door.offering import door_words
from orders.services.handing.all_fetched import fetched_in
from orders.waiting import Read, order_once_moved
from postal.gates.register import Carriers
from vendors.services import CommuneMeant

KEY_PREFIX = "G"


async def basket_index(request: Request) -> list[LineAnswer]:
    """The lines of the caller's basket."""
    return _basket_answer(request, await basket_of((await buyer_with_basket(request)).owner))


def _basket_answer(request: Request, basket: Basket) -> list[LineAnswer]:
    language = language_of(request)
    things = [*(thing for seller in basket.sellers for thing in seller.things), *basket.gone]
    return [
        LineAnswer(
            line=thing.line_id,
            listing=thing.code,
            variant=thing.variant,
            name=thing.name,
            seller=thing.seller,
            unit=thing.unit,
            price_dong=thing.price_dong,
            quantity=thing.quantity,
            sum_dong=thing.sum_dong,
            stock=thing.stock,
            note=translated(thing.note, language) if thing.note else "",
            more_most_dong=thing.more_most_dong,
        )
        for thing in things
    ]


async def basket_create(request: Request) -> list[LineAnswer]:
    """Puts goods in and gives the basket."""
    form, buyer = cast(LineForm, json_form(request)), await buyer_with_basket(request)
    return _basket_answer(
        request, await put_in_basket(buyer.owner, form.listing, form.quantity, form.variant)
    )


async def basket_change(request: Request) -> list[LineAnswer]:
    """Sets how many of a line are wanted and gives the basket; 0 takes it out."""
    form, line = cast(QuantityForm, json_form(request)), int(request.path_params["line"])
    buyer = await buyer_with_basket(request)
    if form.quantity:
        await set_quantity(buyer.owner, line, form.quantity)
    else:
        await take_out(buyer.owner, line)
    return _basket_answer(request, await basket_of(buyer.owner))


async def review_show(request: Request) -> ReviewAnswer:
    """The basket with delivery to a commune."""
    parts, asked = parts_of(request), request.query_params
    buyer, is_fetched = await buyer_with_basket(request), asked.get("fetch") == "1"
    said = asked.get("commune_code", "")[:8]
    unit = await _fetched_in(buyer) if is_fetched else await commune(said)
    if unit is None:
        raise Refusal(no_commune(), field="commune_code")
    ways, is_joint = ways_in(asked.get("ways", "")), asked.get("joint") == "1"
    courier = Courier(parts[Clock].now(), parts[Carriers], ways, is_joint, is_fetched=is_fetched)
    review = await review_basket(buyer.owner, unit.code, courier)
    doors = await door_words(review, buyer, caller_of(request).phone, now=courier.now)
    offers = [
        OfferAnswer(
            vendor_id=offer.vendor.id,
            seller=offer.vendor.name,
            goods_dong=offer.goods_dong,
            delivery_dong=offer.delivery_dong,
            total_dong=offer.total_dong,
            days_min=offer.days_min,
            days_max=offer.days_max,
            way=offer.way.key,
            ways=[way_answer(one) for one in offer.ways],
            can_be_paid_at_door=doors[offer.vendor.id].can_be,
            more_most_dong=offer.more_most_dong,
        )
        for offer in review.offers
    ]
    return ReviewAnswer(
        offers=offers,
        goods_dong=review.goods_dong,
        delivery_dong=review.delivery_dong,
        total_dong=review.total_dong,
        is_adult_only=review.is_adult_only,
        can_be_ordered=review.can_be_ordered,
        seen=review.seen,
        joints=[
            JointAnswer(
                one.market, [seller for seller, _ in one.sellers], one.fee_dong, one.saved_dong, one.is_agreed
            )
            for one in review.joints
        ],
        more_most_dong=review.more_most_dong,
    )


async def _fetched_in(buyer: Buyer) -> Unit:
    """Where all of a basket may be fetched. Refusal at `fetch` when it may not."""
    unit = await fetched_in(await basket_of(buyer.owner))
    if unit is None:
        raise Refusal(cannot_be_fetched(), field="fetch")
    return unit


async def order_create(request: Request) -> PlacedAnswer:
    """Places the orders."""
    form, parts = cast(ProgramOrderForm, json_form(request)), parts_of(request)
    buyer = await buyer_with_basket(request)
    if form.fetch:
        meant = CommuneMeant(await _fetched_in(buyer))
    else:
        meant = await settle_commune(form)
    if meant.unit is None:
        raise Refusal(meant.fault or no_commune(), field="commune")
    placed = await place_each(
        buyer,
        recipient_of(form, meant.unit, meant.before),
        Wish(
            new_code(KEY_PREFIX),
            form.seen,
            form.is_adult,
            ways_in(form.ways or ""),
            form.joint,
            doors_in(form.at_door or ""),
            is_new=True,
        ),
        now=parts[Clock].now(),
        payment_minutes=parts[Settings].payment_minutes,
    )
    return placed_answer(placed)


async def order_index(request: Request) -> list[OrderRowAnswer]:
    """A page of the caller's orders, newest first."""
    buyer_of_request(request)
    page = await orders_of(caller_of(request), page=page_number(request))
    language = language_of(request)
    return [
        OrderRowAnswer(
            row.code,
            translated(row.words, language),
            row.vendor_name,
            row.things,
            row.total_dong,
            row.placed_at,
        )
        for row in page.rows
    ]


async def order_show(request: Request) -> OrderAnswer:
    """One order."""
    return await _answer(request, await order_once_moved(request, request.path_params["code"]))


async def order_cancel(request: Request) -> OrderAnswer:
    """Takes an unpaid order back."""
    caller = caller_of(request)
    order = await own_order(request.path_params["code"], caller)
    await cancel_order(order.id, person_id=caller.person_id, now=parts_of(request)[Clock].now())
    return await _answer(request, await order_again(order.id))


async def _answer(request: Request, read: Read) -> OrderAnswer:
    order, lines = read
    brief = await order_brief(order, lines, now=parts_of(request)[Clock].now())
    payment = brief.payable
    return OrderAnswer(
        code=order.code,
        state=order.state,
        words=translated(brief.said.title, language_of(request)),
        seller=order.vendor_name,
        goods_dong=order.goods_dong,
        delivery_dong=order.delivery_dong,
        total_dong=order.total_dong,
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
        pays_on_delivery=order.pays_on_delivery,
        delivered_at=order.delivered_at,
        ships_from=order.ships_from,
        ships_to=order.ships_to,
        parcel_code=order.parcel_code,
        give_back_dong=order.give_back_dong,
        given_back_at=order.given_back_at,
        more_most_dong=order.more_most_dong,
        more_dong=order.more_dong,
        handing=order.handing,
        fetch=fetch_answer(brief.handing.fetch) if brief.handing.fetch else None,
        lines=[line_answer(line) for line in brief.lines],
        payment=payment_answer(payment) if payment else None,
    )


API: list[JsonRoute] = [
    api_get(
        "/basket/lines",
        basket_index,
        who=ANYONE,
        name="orders:api_basket_index",
        summary="The basket of the caller, with today's prices and stock.",
        answer=LineAnswer,
        many=True,
    ),
    api_post(
        "/basket/lines",
        basket_create,
        who=ANYONE,
        name="orders:api_basket_create",
        summary="Puts goods into the basket.",
        form=LineForm,
        answer=LineAnswer,
        many=True,
    ),
    api_post(
        "/basket/lines/{line:int}",
        basket_change,
        who=ANYONE,
        name="orders:api_basket_change",
        summary="Sets how many of a line are wanted; 0 takes it out.",
        form=QuantityForm,
        answer=LineAnswer,
        many=True,
        once=False,
        status=200,
    ),
    api_get(
        "/checkout",
        review_show,
        who=ANYONE,
        name="orders:api_review_show",
        summary="What the basket costs with delivery, and the word that an order must bring back.",
        answer=ReviewAnswer,
        query={
            "commune_code": "the commune it goes to, five digits",
            "fetch": "1: all of it is fetched at stalls and desks, and nobody says an address",
            "joint": "1: stalls of one market share a parcel where they may, as `joints` of the answer tells",
            "ways": "how each seller's part is to be brought: 17=ghn.2,18=staff; without, as its seller prefers",
        },
    ),
    api_post(
        "/orders",
        order_create,
        who=ANYONE,
        name="orders:api_order_create",
        summary="Places one order for each seller in the basket, and says what to transfer for each.",
        form=ProgramOrderForm,
        answer=PlacedAnswer,
    ),
    api_get(
        "/orders",
        order_index,
        who=ANYONE,
        name="orders:api_order_index",
        summary="The caller's orders, newest first, twenty a page.",
        answer=OrderRowAnswer,
        many=True,
        query={"page": "1 for the newest"},
    ),
    api_get(
        "/orders/{code}",
        order_show,
        who=ANYONE,
        name="orders:api_order_show",
        summary="One order, with what to transfer while money is awaited.",
        answer=OrderAnswer,
        query={"was": "a state: while the order is still in it the answer waits, 15 seconds at most"},
    ),
    api_post(
        "/orders/{code}/cancellation",
        order_cancel,
        who=ANYONE,
        name="orders:api_order_cancel",
        summary="Takes an unpaid order back.",
        form=None,
        answer=OrderAnswer,
        once=False,
        status=200,
    ),
]
