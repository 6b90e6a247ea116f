"""The seller's page of collected money: whether buyers may pay at the door, and where that money is."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.door_forms import DoorOfferForm
from orders.services.door.offering import Terms, offer_at_door, takes_at_door, terms_on
from postal.money_words import MONEY_TONES, money_words
from postal.services.collections_shown import (
    CollectedPage,
    CollectedRow,
    MoneySum,
    collected_page,
    collected_sums,
)
from postal.states import MoneyState

VENDOR = roles(Role.VENDOR)


@dataclass(frozen=True)
class CollectionRow:
    """One parcel with the words for where its money is."""

    row: CollectedRow
    words: Sentence
    tone: str


@dataclass(frozen=True)
class CollectionPage:
    """Sums by where the money is, a page of parcels, and the setting."""

    is_on: bool
    terms: Terms
    expected: MoneySum
    on_the_way: MoneySum
    paid: MoneySum
    disputed: MoneySum
    rows: list[CollectionRow]
    newer_url: str
    older_url: str


async def collection_index(request: Request) -> Response:
    """GET /sell/collections."""
    vendor_id, now = vendor_id_of(request), parts_of(request)[Clock].now()
    found = await collected_page([vendor_id], page_number(request))
    sums = await collected_sums([vendor_id])
    newer_url, older_url = _around(request, found)
    page = CollectionPage(
        is_on=await takes_at_door(vendor_id),
        terms=await terms_on(now),
        expected=sums[MoneyState.EXPECTED],
        on_the_way=_both(sums[MoneyState.COLLECTED], sums[MoneyState.PAID_IN]),
        paid=_both(sums[MoneyState.REMITTED], sums[MoneyState.RECONCILED]),
        disputed=sums[MoneyState.DISPUTED],
        rows=[CollectionRow(one, money_words(one), MONEY_TONES[one.money]) for one in found.rows],
        newer_url=newer_url,
        older_url=older_url,
    )
    return render(request, "orders/collection_index.html", page)


async def door_offer_change(request: Request) -> Response:
    """POST /sell/collections: on or off, for new orders."""
    form = DoorOfferForm.read(form_of(request))
    await offer_at_door(
        vendor_id_of(request),
        is_on=form.ok and form.is_on,
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    return RedirectResponse(request.app.url_path_for("orders:collection_index"), 303)


def _both(one: MoneySum, other: MoneySum) -> MoneySum:
    return MoneySum(one.parcels + other.parcels, one.dong + other.dong)


def _around(request: Request, found: CollectedPage) -> tuple[str, str]:
    here = f"{request.url.path}?page="
    newer_url = f"{here}{found.page - 1}" if found.page > 1 else ""
    return newer_url, f"{here}{found.page + 1}" if found.has_more else ""


ROUTES: list[BaseRoute] = [
    get("/sell/collections", collection_index, who=VENDOR, name="orders:collection_index"),
    post("/sell/collections", door_offer_change, who=VENDOR, name="orders:door_offer_change"),
]
