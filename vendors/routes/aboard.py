"""Coming aboard: one page, one sitting; and the search for a commune while typing."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, SIGNED_IN, get, post
from vendors.forms import AT_MARKET, AboardForm, settle_aboard
from vendors.models import VendorKind
from vendors.services import CommuneFound, banks_shown, come_aboard, communes_found, market_choices
from vendors.services.banks import PHONE_KINDS
from vendors.services.markets.traders import invitation_by_code
from vendors.services.sellers import KIND_NAMES


@dataclass
class AboardPage:
    """The one page: the form, what may be chosen, and communes to choose from when the text fits several."""

    form: AboardForm
    kinds: list[tuple[str, Sentence]]
    banks: list[tuple[str, str]]
    markets: list[tuple[str, str]]
    commune_choices: list[tuple[str, str]]


async def aboard_new(request: Request) -> Response:
    """The page with what is known: the caller's own name, and the market and stall of a board's invitation."""
    code = request.query_params.get("invite", "")
    if caller_of(request).scope_ids(Role.VENDOR):
        return RedirectResponse(f"/i/{code}/stall" if code.isalnum() else "/sell/listings", 303)
    known = {"contact_name": caller_of(request).name}
    if code:
        invitation = await invitation_by_code(code, parts_of(request)[Settings].secret_key)
        known |= {"place": AT_MARKET, "market": invitation.market_slug, "stall": invitation.stall}
        known["contact_name"] = known["contact_name"] or invitation.name
    return await _page(request, AboardForm.filled(**known), ())


async def aboard_create(request: Request) -> Response:
    """Takes the page; mistakes come back at their fields with everything kept."""
    form = AboardForm.read(typed_of(request))
    settled = await settle_aboard(form)
    if form.ok and settled.commune is not None:
        newcomer = form.newcomer(settled.commune, caller_of(request).phone)
        try:
            await come_aboard(person_id_of(request), newcomer, now=parts_of(request)[Clock].now())
            return RedirectResponse("/sell/listings/new", 303)
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.wrong(refusal.field, refusal.sentence)
    return await _page(request, form, settled.choices.choices)


async def commune_index(request: Request) -> Response:
    """Communes that fit what is being typed, for the field's script."""
    found = await communes_found(request.query_params.get("q", ""))
    items = [{"code": one.key, "label": one.label} for one in found]
    return JSONResponse({"items": items}, headers={"cache-control": "private, max-age=3600"})


def commune_choices(found: tuple[CommuneFound, ...]) -> list[tuple[str, str]]:
    """Communes to choose from, as (key, label)."""
    return [(one.key, one.label) for one in found]


async def _page(request: Request, form: AboardForm, hits: tuple[CommuneFound, ...]) -> Response:
    page = AboardPage(
        form=form,
        kinds=[(kind.value, KIND_NAMES[kind]) for kind in VendorKind],
        banks=[
            (bank.bin, f"{bank.name} (Mobile Money)" if bank.kind in PHONE_KINDS[:1] else bank.name)
            for bank in await banks_shown()
        ],
        markets=await market_choices(),
        commune_choices=commune_choices(hits),
    )
    return render(request, "vendors/aboard_new.html", page, status=200 if form.ok else 422)


ROUTES = [
    get("/sell/aboard", aboard_new, who=SIGNED_IN, name="vendors:aboard_new"),
    post("/sell/aboard", aboard_create, who=SIGNED_IN, name="vendors:aboard_create"),
    get("/communes", commune_index, who=ANYONE, name="vendors:commune_index"),
]
