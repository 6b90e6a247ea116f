"""Sellers' identities for administrators: who waits, what they say, the papers, the decision."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotAllowed
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.identity_forms import ReasonForm
from vendors.identity_states import MAY_BECOME, NAMES
from vendors.models import IdentityState
from vendors.routes.identity import keys_of, paper_answer
from vendors.services import Leaf
from vendors.services.identity.confirming import (
    resume_identity,
    return_identity,
    suspend_identity,
    verify_identity,
)
from vendors.services.identity.desk import IdentityRow, IdentityView, identities, identity_view, shown_number

ADMINS = roles(Role.ADMIN)


@dataclass
class IdentitiesPage:
    """The vendors of one state, and the states to choose from."""

    leaf: Leaf[IdentityRow]
    state: IdentityState
    states: list[tuple[IdentityState, Sentence]]
    told: str


@dataclass
class ReviewPage:
    """One identity; `number` only in the answer to an unmasking. A refused reason stands in `form` of `act`."""

    identity: IdentityView
    next_states: frozenset[IdentityState]
    number: str
    form: ReasonForm | None
    act: str


async def identity_index(request: Request) -> Response:
    """Those who wait, or of another state."""
    asked = request.query_params.get("state", "")
    state = IdentityState(asked) if asked in set(IdentityState) else IdentityState.SUBMITTED
    page = IdentitiesPage(
        await identities(state, page_number(request)),
        state,
        list(NAMES.items()),
        request.query_params.get("told", ""),
    )
    return render(request, "vendors/identity_index.html", page)


async def identity_review(request: Request) -> Response:
    """One vendor's identity, masked."""
    return await _page(request)


async def number_show(request: Request) -> Response:
    """The whole number, this once, for a reason that is written down."""
    form = ReasonForm.read({"because": form_of(request).get("because")})
    if not form.ok:
        return await _page(request, form=form, act="number")
    number = await shown_number(
        _vendor_id(request), form.because, by=person_id_of(request), keys=keys_of(request)
    )
    return await _page(request, number=number)


async def paper_show(request: Request) -> Response:
    """A paper with the administrator's name over it."""
    return await paper_answer(request, _vendor_id(request))


async def verification_create(request: Request) -> Response:
    """The papers agree."""
    vendor_id = _other_vendor_id(request)
    now = parts_of(request)[Clock].now()
    await verify_identity(vendor_id, by=person_id_of(request), how="documents", now=now, seen=_seen(request))
    return _to_list("verified")


async def return_create(request: Request) -> Response:
    """Back to the seller with the reason."""

    async def send_back(vendor_id: int, because: str, *, by: int, now: datetime) -> object:
        return await return_identity(vendor_id, because, by=by, now=now, seen=_seen(request))

    return await _with_reason(request, send_back, "return", "returned")


async def suspension_create(request: Request) -> Response:
    """Stops a vendor."""
    return await _with_reason(request, suspend_identity, "suspension", "suspended")


async def resumption_create(request: Request) -> Response:
    """Lets a vendor go on."""
    now = parts_of(request)[Clock].now()
    await resume_identity(_other_vendor_id(request), by=person_id_of(request), now=now)
    return _to_list("resumed")


async def _with_reason(
    request: Request, act: Callable[..., Awaitable[object]], name: str, told: str
) -> Response:
    vendor_id = _other_vendor_id(request)
    form = ReasonForm.read({"because": form_of(request).get("because")})
    if not form.ok:
        return await _page(request, form=form, act=name)
    await act(vendor_id, form.because, by=person_id_of(request), now=parts_of(request)[Clock].now())
    return _to_list(told)


async def _page(
    request: Request, *, number: str = "", form: ReasonForm | None = None, act: str = ""
) -> Response:
    identity = await identity_view(_vendor_id(request))
    page = ReviewPage(identity, MAY_BECOME[identity.state], number, form, act)
    answer = render(request, "vendors/identity_review.html", page, status=422 if form else 200)
    answer.headers["cache-control"] = "no-store"
    return answer


def _vendor_id(request: Request) -> int:
    return int(request.path_params["vendor_id"])


def _other_vendor_id(request: Request) -> int:
    """The vendor of the address, unless it is the administrator's own."""
    vendor_id = _vendor_id(request)
    if vendor_id in caller_of(request).scope_ids(Role.VENDOR):
        raise NotAllowed(say("Không ai tự duyệt hồ sơ của mình. Hãy nhờ một quản trị viên khác."))
    return vendor_id


def _seen(request: Request) -> datetime | None:
    """When the identity was handed in as the page showed it."""
    said = str(form_of(request).get("seen", ""))
    try:
        return datetime.fromisoformat(said) if said else None
    except ValueError:
        return None


def _to_list(told: str) -> Response:
    return RedirectResponse(f"/admin/identities?told={told}", 303)


ONE = "/admin/identities/{vendor_id:int}"
ROUTES = [
    get("/admin/identities", identity_index, who=ADMINS, name="vendors:identity_index"),
    get(ONE, identity_review, who=ADMINS, name="vendors:identity_review"),
    post(ONE + "/number", number_show, who=ADMINS, name="vendors:identity_number_show"),
    get(ONE + "/papers/{paper_id:int}", paper_show, who=ADMINS, name="vendors:identity_paper_show"),
    post(ONE + "/verification", verification_create, who=ADMINS, name="vendors:identity_verify"),
    post(ONE + "/return", return_create, who=ADMINS, name="vendors:identity_return"),
    post(ONE + "/suspension", suspension_create, who=ADMINS, name="vendors:identity_suspend"),
    post(ONE + "/resumption", resumption_create, who=ADMINS, name="vendors:identity_resume"),
]
