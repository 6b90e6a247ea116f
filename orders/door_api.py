"""The JSON API of money that is collected at the door: a seller's offer, and where the money is."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.routing import roles
from orders.door_forms import DoorOfferForm
from orders.services.door.offering import offer_at_door, takes_at_door
from postal.services.collections_shown import collected_page
from postal.states import MoneyState, ParcelState

VENDOR = roles(Role.VENDOR)


@dataclass(frozen=True)
class DoorOfferAnswer:
    """Whether the seller's buyers may pay at the door."""

    is_on: bool


@dataclass(frozen=True)
class CollectionAnswer:
    """One parcel that is paid at the door. `is_said`: only the carrier's word stands for its money."""

    parcel: str
    order: str
    carrier: str
    state: ParcelState
    money: MoneyState
    is_said: bool
    dong: int
    fee_dong: int | None
    booked_at: datetime


async def api_collection_index(request: Request) -> list[CollectionAnswer]:
    """GET /collections."""
    found = await collected_page([vendor_id_of(request)], page_number(request))
    return [
        CollectionAnswer(
            one.code,
            one.order_code,
            one.carrier,
            one.state,
            one.money,
            one.is_said,
            one.dong,
            one.fee_dong,
            one.booked_at,
        )
        for one in found.rows
    ]


async def api_door_offer_show(request: Request) -> DoorOfferAnswer:
    """GET /door-offer."""
    return DoorOfferAnswer(await takes_at_door(vendor_id_of(request)))


async def api_door_offer_change(request: Request) -> DoorOfferAnswer:
    """POST /door-offer."""
    form = cast(DoorOfferForm, json_form(request))
    await offer_at_door(
        vendor_id_of(request),
        is_on=form.is_on,
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    return DoorOfferAnswer(form.is_on)


API: list[JsonRoute] = [
    api_get(
        "/collections",
        api_collection_index,
        who=VENDOR,
        name="orders:api_collection_index",
        summary="The seller's parcels that are paid at the door, and where their money is, newest first, 24 a page.",
        answer=CollectionAnswer,
        many=True,
        query={"page": "1 for the newest"},
    ),
    api_get(
        "/door-offer",
        api_door_offer_show,
        who=VENDOR,
        name="orders:api_door_offer_show",
        summary="Whether the seller's buyers may pay at the door.",
        answer=DoorOfferAnswer,
    ),
    api_post(
        "/door-offer",
        api_door_offer_change,
        who=VENDOR,
        name="orders:api_door_offer_change",
        summary="Lets buyers pay at the door from now on, or no more.",
        form=DoorOfferForm,
        answer=DoorOfferAnswer,
        once=False,
        status=200,
    ),
]
