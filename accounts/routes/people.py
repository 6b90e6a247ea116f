"""People for administrators: find one, grant and withdraw roles, block."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.factor_forms import HOW_WORDS, HowLooked, ResetForm
from accounts.factor_kinds import KIND_WORDS, FactorKind
from accounts.forms import PeopleForm, RoleForm
from accounts.routes.places import row_in
from accounts.services import (
    AuditLine,
    PersonLine,
    audit_page,
    block,
    find_people,
    grant,
    person_line,
    unblock,
    withdraw,
)
from accounts.services.factors import FactorsHeld, factors_of, reset_factors
from accounts.words import ROLE_WORDS, act_words, role_words
from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import Fresh, get, post, roles


@dataclass
class PeoplePage:
    """Who was found; `roles` names the roles by their word."""

    form: Form
    people: list[PersonLine]
    roles: dict[str, Sentence]


@dataclass
class PersonPage:
    """One person, what they may do, and what was last done to their roles."""

    form: Form | None
    person: PersonLine
    roles: dict[str, Sentence]
    is_me: bool
    factors: FactorsHeld
    kinds: dict[FactorKind, Sentence]
    hows: dict[HowLooked, Sentence]
    history: list[tuple[AuditLine, Sentence, Sentence | None]]


async def people_index(request: Request) -> Response:
    """Finds people by phone or name."""
    form = PeopleForm.read({"q": request.query_params.get("q")})
    people = await find_people(form.q, by=person_id_of(request)) if form.ok else []
    page = PeoplePage(form, people, ROLE_WORDS)
    return render(request, "accounts/people.html", page, status=200 if form.ok else 422)


async def person_show(request: Request) -> Response:
    """One person."""
    return await _person_page(request, None)


async def role_grant(request: Request) -> Response:
    """Gives a role."""
    form = _role_form(request)
    if not form.ok:
        return await _person_page(request, form, status=422)
    now = parts_of(request)[Clock].now()
    await grant(row_in(request, "person_id"), form.role, form.scope, by=person_id_of(request), now=now)
    return _back(request)


async def role_withdraw(request: Request) -> Response:
    """Takes a role."""
    form = _role_form(request)
    if "role" in form.errors:
        return await _person_page(request, form, status=422)
    person_id, now = row_in(request, "person_id"), parts_of(request)[Clock].now()
    try:
        await withdraw(person_id, form.role, form.typed["scope"], by=person_id_of(request), now=now)
    except Refusal as refusal:
        return await _refused(request, form, refusal)
    return _back(request)


async def person_block(request: Request) -> Response:
    """Shuts a person out."""
    try:
        await block(
            row_in(request, "person_id"), by=person_id_of(request), now=parts_of(request)[Clock].now()
        )
    except Refusal as refusal:
        return await _refused(request, RoleForm.filled(), refusal)
    return _back(request)


async def person_unblock(request: Request) -> Response:
    """Lets a person in again."""
    await unblock(row_in(request, "person_id"), by=person_id_of(request))
    return _back(request)


async def factors_reset(request: Request) -> Response:
    """Takes all second factors off a person whom the administrator has looked at."""
    form = ResetForm.read(typed_of(request))
    if not form.ok:
        return await _person_page(request, form, status=422)
    now = parts_of(request)[Clock].now()
    try:
        await reset_factors(
            row_in(request, "person_id"), by=person_id_of(request), how=str(form.how), now=now
        )
    except Refusal as refusal:
        return await _refused(request, form, refusal)
    return _back(request)


def _role_form(request: Request) -> RoleForm:
    sent = form_of(request)
    return RoleForm.read({"role": sent.get("role"), "scope": sent.get("scope")})


async def _refused(request: Request, form: Form, refusal: Refusal) -> Response:
    if refusal.status == 404:
        raise refusal
    form.wrong("", refusal.sentence)
    return await _person_page(request, form, status=refusal.status)


async def _person_page(request: Request, form: Form | None, *, status: int = 200) -> Response:
    person = await person_line(row_in(request, "person_id"))
    acts = await audit_page(subject_kind="person", subject_id=str(person.id))
    history = [(line, act_words(line.action), _role_of(line)) for line in acts.lines[:10]]
    page = PersonPage(
        form,
        person,
        ROLE_WORDS,
        person.id == person_id_of(request),
        await factors_of(person.id),
        KIND_WORDS,
        HOW_WORDS,
        history,
    )
    return render(request, "accounts/person.html", page, status=status)


def _role_of(line: AuditLine) -> Sentence | None:
    role = line.details.get("role")
    return role_words(str(role)) if role else None


def _back(request: Request) -> Response:
    place = request.app.url_path_for("accounts:person_show", person_id=row_in(request, "person_id"))
    return RedirectResponse(place, 303)


ADMIN = roles(Role.ADMIN)
ONE = "/admin/people/{person_id:int}"
ROUTES = [
    get("/admin/people", people_index, who=ADMIN, name="accounts:people_index"),
    get(ONE, person_show, who=ADMIN, name="accounts:person_show"),
    post(ONE + "/roles", role_grant, who=ADMIN, name="accounts:role_grant", fresh=Fresh.FACTOR),
    post(
        ONE + "/roles/withdraw",
        role_withdraw,
        who=ADMIN,
        name="accounts:role_withdraw",
        fresh=Fresh.FACTOR,
    ),
    post(ONE + "/block", person_block, who=ADMIN, name="accounts:person_block"),
    post(ONE + "/unblock", person_unblock, who=ADMIN, name="accounts:person_unblock", fresh=Fresh.FACTOR),
    post(ONE + "/factors/reset", factors_reset, who=ADMIN, name="accounts:factors_reset", fresh=Fresh.FACTOR),
]
