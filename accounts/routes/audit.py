"""The trail of who did what, for administrators."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from accounts.forms import AuditForm
from accounts.services import AuditLine, audit_page
from accounts.words import act_words
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.render import render
from kit.web.routing import get, roles

FILTERS = ("person", "kind", "subject")


@dataclass
class AuditView:
    """Acts with their words, newest first, and the addresses of the pages beside this one."""

    form: Form
    acts: list[tuple[AuditLine, Sentence]]
    newest: str
    older: str


async def audit_index(request: Request) -> Response:
    """Fifty acts, all or those of one person or on one subject."""
    asked = request.query_params
    form = AuditForm.read({name: asked.get(name) for name in (*FILTERS, "before")})
    if not form.ok:
        return render(request, "accounts/audit.html", AuditView(form, [], "", ""), status=422)
    page = await audit_page(
        person_id=form.person, subject_kind=form.kind, subject_id=form.subject, before=form.before
    )
    view = AuditView(
        form,
        [(line, act_words(line.action)) for line in page.lines],
        _address(request, form, None) if form.before else "",
        _address(request, form, page.older_before) if page.older_before else "",
    )
    return render(request, "accounts/audit.html", view)


def _address(request: Request, form: AuditForm, before: int | None) -> str:
    words = {name: form.typed[name] for name in FILTERS if form.typed[name]}
    if before is not None:
        words["before"] = str(before)
    place = str(request.app.url_path_for("accounts:audit_index"))
    return f"{place}?{urlencode(words)}" if words else place


ROUTES = [get("/admin/audit", audit_index, who=roles(Role.ADMIN), name="accounts:audit_index")]
