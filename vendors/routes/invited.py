"""A board's invitation, opened from a text: it leads to coming aboard, or gives the stall to who is aboard."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.errors import NotFound
from kit.roles import Role
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from vendors.services.markets.traders import InvitationView, invitation_by_code, take_invited_stall


@dataclass
class InvitationPage:
    """The invitation for somebody who sells already."""

    invitation: InvitationView
    code: str


async def invitation_show(request: Request) -> Response:
    """GET /i/{code}: the address in the text."""
    await _invitation(request)
    aboard = request.app.url_path_for("vendors:aboard_new")
    return RedirectResponse(f"{aboard}?invite={request.path_params['code']}", 303)


async def invited_stall_new(request: Request) -> Response:
    """Asks a seller whether they want the stall."""
    invitation = await _invitation(request)
    if caller_of(request).phone != invitation.phone:
        raise NotFound()
    page = InvitationPage(invitation, str(request.path_params["code"]))
    return render(request, "vendors/invitation_show.html", page)


async def invited_stall_create(request: Request) -> Response:
    """The seller takes the stall."""
    caller = caller_of(request)
    await take_invited_stall(await _invitation(request), caller.scope_ids(Role.VENDOR), caller.phone)
    return RedirectResponse("/sell/plates", 303)


async def _invitation(request: Request) -> InvitationView:
    return await invitation_by_code(str(request.path_params["code"]), parts_of(request)[Settings].secret_key)


VENDORS = roles(Role.VENDOR)
ROUTES = [
    get("/i/{code}", invitation_show, who=ANYONE, name="vendors:invitation_show"),
    get("/i/{code}/stall", invited_stall_new, who=VENDORS, name="vendors:invited_stall_new"),
    post("/i/{code}/stall", invited_stall_create, who=VENDORS, name="vendors:invited_stall_create"),
]
