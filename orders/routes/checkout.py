"""The checkout: an address, then the whole order to read, then the order. One address, two steps, no script needed."""

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.codes import new_code
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.identifiers import show_phone
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from orders.asking import buyer_of_request, buyer_with_basket, with_count
from orders.door_forms import AT_DOOR, read_doors
from orders.forms import (
    AddressForm,
    OrderForm,
    cannot_be_fetched,
    read_ways,
    recipient_of,
    settle_commune,
)
from orders.routes.basket import basket_page
from orders.services import (
    Basket,
    Courier,
    Recipient,
    Review,
    Wish,
    basket_of,
    last_address,
    place_orders,
    review_basket,
)
from orders.services.door.offering import DoorWord, door_words
from orders.services.handing.all_fetched import fetched_in
from postal.gates.register import Carriers
from vendors.services import CommuneFound, CommuneMeant

KEY_PREFIX = "G"


@dataclass
class CheckoutPage:
    """The address to fill in, or with a review the whole order to read. `order_key` lets one page order once.

    `doors` says by seller whether their part may be paid when it is delivered. `can_be_fetched`: all of it, so that no
    address has to be asked.
    """

    form: AddressForm
    commune_choices: list[tuple[str, str]]
    basket: Basket
    review: Review | None
    recipient: Recipient | None
    order_key: str
    fault: Sentence | None
    doors: dict[int, DoorWord] = field(default_factory=dict)
    can_be_fetched: bool = False


async def order_new(request: Request) -> Response:
    """The address form, with the last one used for people who are signed in."""
    buyer = await buyer_with_basket(request)
    basket = await basket_of(buyer.owner)
    if not basket.can_be_ordered:
        return _to_basket(request)
    form = await _known_address(request)
    if request.query_params.get("fetch") == "1" and await fetched_in(basket):
        form.typed["fetch"] = "1"
    return await _form_page(request, form, basket)


async def order_review(request: Request) -> Response:
    """The whole order to read before ordering; with `step=edit` back to the address."""
    buyer = await buyer_with_basket(request)
    basket = await basket_of(buyer.owner)
    if not basket.can_be_ordered:
        return _to_basket(request)
    form = AddressForm.read(form_of(request))
    if form_of(request).get("step") == "edit":
        form.errors.clear()
        return await _form_page(request, form, basket)
    recipient, hits = await _recipient(form, basket)
    if recipient is None:
        return await _form_page(request, form, basket, hits)
    return await _review_page(request, form, recipient, buyer.owner)


async def order_create(request: Request) -> Response:
    """Places the orders; anything that changed since it was read comes back as the review with a sentence."""
    buyer = await buyer_with_basket(request)
    form = OrderForm.read(form_of(request))
    basket = await basket_of(buyer.owner)
    recipient, hits = await _recipient(form, basket)
    if recipient is None:
        return await _form_page(request, form, basket, hits)
    parts = parts_of(request)
    try:
        codes = await place_orders(
            buyer,
            recipient,
            Wish(
                form.order_key,
                form.seen,
                form.is_adult,
                read_ways(form_of(request)),
                form.joint,
                read_doors(form_of(request)),
            ),
            now=parts[Clock].now(),
            payment_minutes=parts[Settings].payment_minutes,
        )
    except Refusal as refusal:
        return await _refused(request, form, recipient, buyer.owner, refusal)
    answer = RedirectResponse(request.app.url_path_for("orders:order_show", code=codes[0]), 303)
    return with_count(request, answer, 0)


async def _refused(
    request: Request, form: OrderForm, recipient: Recipient, owner: str, refusal: Refusal
) -> Response:
    if not (await basket_of(owner)).can_be_ordered:
        return await basket_page(request, refusal.sentence, status=refusal.status)
    return await _review_page(
        request, form, recipient, owner, refusal.sentence, form.order_key, refusal.status
    )


async def _recipient(form: AddressForm, basket: Basket) -> tuple[Recipient | None, tuple[CommuneFound, ...]]:
    """Who gets the goods when the form is right; else None, with communes to choose from."""
    if basket.is_adult_only and not form.is_adult:
        form.wrong_age()
    if form.fetch:
        return await _who_fetches(form, basket), ()
    form.want_line()
    meant = await settle_commune(form)
    if not form.ok or meant.unit is None:
        return None, meant.choices
    return recipient_of(form, meant.unit, meant.before), ()


async def _who_fetches(form: AddressForm, basket: Basket) -> Recipient | None:
    """The same without an address; noted at `fetch` when a seller's part has to be brought after all."""
    unit = await fetched_in(basket)
    if unit is None:
        form.wrong("fetch", cannot_be_fetched())
    return recipient_of(form, unit, None) if form.ok and unit else None


async def _known_address(request: Request) -> AddressForm:
    caller = caller_of(request)
    known = await last_address(caller.person_id) if caller.person_id is not None else None
    if known is None:
        return AddressForm.filled(name=caller.name, phone=show_phone(caller.phone))
    return AddressForm.filled(
        name=known.name,
        phone=show_phone(known.phone),
        line=known.line,
        commune=known.place.label,
        commune_code=known.place.key,
    )


async def _form_page(
    request: Request, form: AddressForm, basket: Basket, hits: tuple[CommuneFound, ...] = ()
) -> Response:
    choices = [(one.key, one.label) for one in hits]
    can_be_fetched = await fetched_in(basket) is not None
    page = CheckoutPage(form, choices, basket, None, None, "", None, can_be_fetched=can_be_fetched)
    return render(request, "orders/order_new.html", page, status=200 if form.ok else 422)


async def _review_page(
    request: Request,
    form: AddressForm,
    recipient: Recipient,
    owner: str,
    fault: Sentence | None = None,
    order_key: str = "",
    status: int = 200,
) -> Response:
    try:
        parts = parts_of(request)
        chosen, now = read_ways(form_of(request)), parts[Clock].now()
        courier = Courier(now, parts[Carriers], chosen, form.joint, is_fetched=form.fetch)
        review = await review_basket(owner, recipient.commune.code, courier)
    except Refusal as refusal:
        return await basket_page(request, refusal.sentence, status=refusal.status)
    if not form.fetch:
        meant = CommuneMeant(recipient.commune, before=recipient.before)
        form.typed["commune"], form.typed["commune_code"] = meant.label, meant.key
    key = order_key or new_code(KEY_PREFIX)
    buyer, now = buyer_of_request(request), parts[Clock].now()
    words = await door_words(review, buyer, recipient.phone, now=now)
    at_door = read_doors(form_of(request))
    for vendor_id, word in words.items():
        form.typed[f"pay_{vendor_id}"] = AT_DOOR if word.can_be and vendor_id in at_door else "now"
    page = CheckoutPage(form, [], await basket_of(owner), review, recipient, key, fault, words)
    return render(request, "orders/order_new.html", page, status=status)


def _to_basket(request: Request) -> Response:
    return RedirectResponse(request.app.url_path_for("orders:basket_show"), 303)


ROUTES = [
    get("/checkout", order_new, who=ANYONE, name="orders:order_new"),
    post("/checkout", order_review, who=ANYONE, name="orders:order_review"),
    post("/orders", order_create, who=ANYONE, name="orders:order_create"),
]
