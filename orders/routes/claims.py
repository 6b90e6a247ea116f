"""Claims: the buyer's page, the seller's answer, the management's desk."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from orders.asking import refuse_own
from orders.claim_forms import ClaimActForm, ClaimForm
from orders.claims import (
    KIND_WORDS,
    STATE_WORDS,
    TONES,
    WISH_WORDS,
    ClaimAct,
    ClaimParty,
)
from orders.models import Order
from orders.routes.sales import vendor_ids_of
from orders.services import order_for, own_order, own_sale
from orders.services.claims import (
    ClaimRows,
    ClaimView,
    act_on_claim,
    can_be_claimed,
    claim_rows,
    claim_view,
    open_claim,
)

VENDORS, ADMINS = roles(Role.VENDOR), roles(Role.ADMIN)
BASES = {
    ClaimParty.BUYER: "/orders/",
    ClaimParty.SELLER: "/sell/orders/",
    ClaimParty.OFFICE: "/admin/claims/",
}


@dataclass
class ClaimPage:
    """A claim as one side sees it, or the form of a new one; `action` is where its acts go."""

    order: Order
    view: ClaimView | None
    party: str
    action: str
    form: Form | None
    failed: str
    can_open: bool
    kinds: list[tuple[str, Sentence]]
    wishes: list[tuple[str, Sentence]]
    words: dict[str, Sentence]
    tones: dict[str, str]


@dataclass
class ClaimDeskPage:
    """Claims for the management."""

    rows: ClaimRows
    is_open: bool
    kinds: dict[str, Sentence]
    words: dict[str, Sentence]


async def claim_show(request: Request) -> Response:
    """The buyer's claim, or the form of one."""
    return await _page(request, await _own(request), ClaimParty.BUYER)


async def claim_create(request: Request) -> Response:
    """Opens a claim."""
    order, form = await _own(request), ClaimForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, order, ClaimParty.BUYER, form, status=422)
    now, person_id = parts_of(request)[Clock].now(), caller_of(request).person_id
    await open_claim(order.id, form.kind, form.wish, form.words, person_id=person_id, now=now)
    return RedirectResponse(f"/orders/{order.code}/claim", 303)


async def claim_act(request: Request) -> Response:
    """The buyer goes on with a claim."""
    return await _act(request, await _own(request), ClaimParty.BUYER)


async def sale_claim_show(request: Request) -> Response:
    """The claim about one's sale."""
    return await _page(request, await _sold(request), ClaimParty.SELLER)


async def sale_claim_act(request: Request) -> Response:
    """The seller answers."""
    return await _act(request, await _sold(request), ClaimParty.SELLER)


async def claim_desk_index(request: Request) -> Response:
    """What the management has to decide, or what has ended."""
    is_open = request.query_params.get("show") != "ended"
    rows = await claim_rows(page=page_number(request), is_open=is_open)
    words = {str(state): said for state, said in STATE_WORDS.items()}
    page = ClaimDeskPage(rows, is_open, {str(kind): said for kind, said in KIND_WORDS.items()}, words)
    return render(request, "orders/claim_desk.html", page)


async def claim_desk_show(request: Request) -> Response:
    """One claim for the management; that the order was read is recorded."""
    order = await order_for(request.path_params["code"], caller_of(request))
    return await _page(request, order, ClaimParty.OFFICE)


async def claim_desk_act(request: Request) -> Response:
    """The management decides; nobody about an order of their own."""
    order = await order_for(request.path_params["code"], caller_of(request))
    refuse_own(request, order)
    return await _act(request, order, ClaimParty.OFFICE)


async def _act(request: Request, order: Order, party: ClaimParty) -> Response:
    said, form = str(request.path_params["act"]), ClaimActForm.read(typed_of(request))
    if said not in list(ClaimAct):
        raise NotFound()
    if form.ok:
        try:
            await act_on_claim(
                order.id,
                ClaimAct(said),
                party=party,
                words=form.words,
                takes_back=form.takes_back,
                refund_dong=form.refund_dong or 0,
                person_id=caller_of(request).person_id
                if party is ClaimParty.BUYER
                else person_id_of(request),
                now=parts_of(request)[Clock].now(),
            )
            return RedirectResponse(f"{BASES[party]}{order.code}/claim", 303)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _page(request, order, party, form, failed=said, status=422)


async def _page(
    request: Request,
    order: Order,
    party: ClaimParty,
    form: Form | None = None,
    *,
    failed: str = "",
    status: int = 200,
) -> Response:
    view, now = await claim_view(order.id, party), parts_of(request)[Clock].now()
    if view is None and party is not ClaimParty.BUYER:
        raise NotFound()
    page = ClaimPage(
        order,
        view,
        str(party),
        f"{BASES[party]}{order.code}/claim",
        form,
        failed,
        party is ClaimParty.BUYER
        and can_be_claimed(order, now=now)
        and (view is None or view.claim.ended_at is not None),
        [(str(kind), said) for kind, said in KIND_WORDS.items()],
        [(str(wish), said) for wish, said in WISH_WORDS.items()],
        {str(state): said for state, said in STATE_WORDS.items()},
        {str(state): tone for state, tone in TONES.items()},
    )
    return render(request, "orders/claim_show.html", page, status=status)


async def _own(request: Request) -> Order:
    return await own_order(request.path_params["code"], caller_of(request))


async def _sold(request: Request) -> Order:
    return await own_sale(request.path_params["code"], vendor_ids_of(request))


ROUTES = [
    get("/orders/{code}/claim", claim_show, who=ANYONE, name="orders:claim_show"),
    post("/orders/{code}/claim", claim_create, who=ANYONE, name="orders:claim_create"),
    post("/orders/{code}/claim/{act}", claim_act, who=ANYONE, name="orders:claim_act"),
    get("/sell/orders/{code}/claim", sale_claim_show, who=VENDORS, name="orders:sale_claim_show"),
    post("/sell/orders/{code}/claim/{act}", sale_claim_act, who=VENDORS, name="orders:sale_claim_act"),
    get("/admin/claims", claim_desk_index, who=ADMINS, name="orders:claim_desk_index"),
    get("/admin/claims/{code}/claim", claim_desk_show, who=ADMINS, name="orders:claim_desk_show"),
    post("/admin/claims/{code}/claim/{act}", claim_desk_act, who=ADMINS, name="orders:claim_desk_act"),
]
