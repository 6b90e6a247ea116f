"""The page of parcels that people come to fetch at a post office: the code they show, and what lies there too long."""

from dataclasses import dataclass
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.codes import token
from kit.errors import Refusal
from kit.forms import Form
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of, refuse_guessing, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.forms import ShownForm
from postal.services import AlreadyDone, act
from postal.services.kept import KeptParcel, kept_parcels, parcel_shown
from postal.shown import Row, pages_beside, row_of
from postal.staff_carrier import Act

TRIES_AN_HOUR = 300


@dataclass(frozen=True)
class KeptLine:
    """One parcel that lies there."""

    row: Row
    kept: KeptParcel


@dataclass(frozen=True)
class KeptIndex:
    """What lies at the post offices, by office; `given` is the code of the parcel just handed over."""

    offices: list[tuple[str, list[KeptLine]]]
    form: Form
    key: str
    given: str
    has_alcohol: bool
    newer: str
    older: str


async def kept_index(request: Request) -> Response:
    """GET /post/kept."""
    return await _page(request, ShownForm.filled())


async def kept_hand_over(request: Request) -> Response:
    """POST /post/kept: somebody shows the code of their parcel."""
    form, parts, person_id = ShownForm.read(typed_of(request)), parts_of(request), person_id_of(request)
    await refuse_guessing(request, "kept", times=TRIES_AN_HOUR)
    if form.ok:
        try:
            secret = parts[Settings].secret_key
            code, digits = await parcel_shown(form.shown, secret)
            await act(
                code,
                Act.DELIVER,
                person_id=person_id,
                event_key=form.event_key,
                now=parts[Clock].now(),
                delivery_code=digits,
                secret=secret,
                age_checked=form.age_checked,
            )
            return RedirectResponse(f"{request.app.url_path_for('postal:kept_index')}?given={code}", 303)
        except AlreadyDone as done:
            form.wrong("shown", done.sentence)
        except Refusal as no:
            form.wrong("age_checked" if no.field == "age_checked" else "shown", no.sentence)
    return await _page(request, form, status=422)


async def _page(request: Request, form: Form, *, status: int = 200) -> Response:
    found = await kept_parcels(now=parts_of(request)[Clock].now(), page=page_number(request))
    lines = [KeptLine(row_of(one.parcel), one) for one in found.rows]
    newer, older = pages_beside(request, found.page, found.has_more)
    page = KeptIndex(
        offices=[(name, list(own)) for name, own in groupby(lines, key=lambda one: one.kept.point)],
        form=form,
        key=token(),
        given=request.query_params.get("given", "")[:20],
        has_alcohol=any(one.parcel.is_adult_only for one in found.rows),
        newer=newer,
        older=older,
    )
    return render(request, "postal/kept_index.html", page, status=status)


STAFF = roles(Role.CLERK, Role.CARRIER, Role.ADMIN)
ROUTES = [
    get("/post/kept", kept_index, who=STAFF, name="postal:kept_index"),
    post("/post/kept", kept_hand_over, who=STAFF, name="postal:kept_hand_over"),
]
