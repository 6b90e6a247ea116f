"""A seller reads why goods were taken down, and says something against it."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from kit.clock import Clock
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.answers import done_or_told
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.models import Listing
from vendors.moderation_forms import AppealForm
from vendors.services.moderation.acts import appeal
from vendors.services.moderation.desk import TakeDownLine, own_take_downs

VENDORS = roles(Role.VENDOR)


@dataclass
class OwnTakeDownPage:
    """The take-downs of one's goods, newest first, and the form of an appeal."""

    form: AppealForm | None
    listing: Listing
    lines: list[TakeDownLine]
    refused: Sentence | None
    told: str


async def own_take_down_show(request: Request) -> Response:
    """Why the goods are down."""
    return await _page(request)


async def appeal_create(request: Request) -> Response:
    """Appeals, once."""
    form = AppealForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    code = str(request.path_params["code"])
    appealed = appeal(
        code,
        form.words,
        vendor_ids=caller_of(request).scope_ids(Role.VENDOR),
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    after = f"/sell/listings/{code}/take-down?told=sent"
    return await done_or_told(appealed, after, partial(_page, request, form))


async def _page(
    request: Request, form: AppealForm | None = None, *, refused: Sentence | None = None, status: int = 200
) -> Response:
    listing, lines = await own_take_downs(
        str(request.path_params["code"]), caller_of(request).scope_ids(Role.VENDOR)
    )
    page = OwnTakeDownPage(form, listing, lines, refused, request.query_params.get("told", ""))
    return render(request, "vendors/own_take_down.html", page, status=status)


ROUTES = [
    get(
        "/sell/listings/{code}/take-down", own_take_down_show, who=VENDORS, name="vendors:own_take_down_show"
    ),
    post("/sell/listings/{code}/appeal", appeal_create, who=VENDORS, name="vendors:appeal_create"),
]
