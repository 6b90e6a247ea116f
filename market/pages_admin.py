"""The administrator's desk: what waits for a person, totals, and the jobs that were given up."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotFound
from kit.models import Job
from kit.outbox import dead_letters
from kit.roles import Role
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from market.operations import Operations, operations
from market.overview import Overview, overview
from market.services import send_dead_letter

DEAD_MAX = 100
ID_MAX = 2**63 - 1


@dataclass
class AdminPage:
    """The first page of the desk. Team members see the numbers; only administrators act."""

    overview: Overview
    is_admin: bool


@dataclass
class OperationsPage:
    """What somebody on watch looks at."""

    found: Operations


@dataclass
class DeadLettersPage:
    """Jobs that were given up, newest first."""

    jobs: list[Job]


async def admin_home(request: Request) -> Response:
    """GET /admin."""
    found = await overview(parts_of(request)[Clock].now())
    return render(request, "market/admin_home.html", AdminPage(found, Role.ADMIN in caller_of(request).roles))


async def operations_show(request: Request) -> Response:
    """GET /admin/operations: how the machines, the queue and the money in limbo stand."""
    parts = parts_of(request)
    found = await operations(parts, parts[Settings], now=parts[Clock].now())
    return render(request, "market/operations_show.html", OperationsPage(found))


async def dead_letter_index(request: Request) -> Response:
    """GET /admin/dead-letters."""
    return render(request, "market/dead_letters.html", DeadLettersPage(await dead_letters(limit=DEAD_MAX)))


async def dead_letter_send(request: Request) -> Response:
    """POST /admin/dead-letters/{id}/sending: one more life for a job, written into the trail."""
    job_id, by = int(request.path_params["id"]), caller_of(request).person_id
    if job_id > ID_MAX or by is None:
        raise NotFound()
    await send_dead_letter(job_id, by=by)
    back = "operations_show" if form_of(request).get("back") == "operations" else "dead_letter_index"
    return RedirectResponse(str(request.app.url_path_for(f"market:{back}")), 303)
