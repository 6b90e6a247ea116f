"""Signing in with a second factor: after the code that was sent, or by a passkey alone."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from accounts.factor_forms import FactorForm
from accounts.factor_kinds import Shown, factor_keys
from accounts.forms import PhoneForm
from accounts.passkeys import Options, Purpose, new_challenge, options_to_show
from accounts.routes.cookies import drop_step, step_of
from accounts.routes.opened import alone_subject, opened, sign_in_page, with_refusal
from accounts.services import sign_in_by_factor, sign_in_by_passkey
from accounts.services.factors import factors_of, passkeys_of
from accounts.step import HOME, Step
from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.settings import Settings
from kit.web.asked import local_path, typed_of
from kit.web.callers import address_of, device_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post


@dataclass
class FactorPage:
    """The step after the code: an app's code or a recovery code, or a passkey by `options` (None: none to show)."""

    form: Form | None
    has_app: bool
    options: Options | None
    host: str


async def factor_new(request: Request) -> Response:
    """Asks for the second factor of who has shown the code."""
    step = step_of(request)
    if step is None or not step.person_id:
        return RedirectResponse(request.app.url_path_for("accounts:sign_in_new"), 303)
    return await _page(request, step, None)


async def factor_create(request: Request) -> Response:
    """Trades the second factor for a session and goes back to where the person came from."""
    step = step_of(request)
    if step is None or not step.person_id:
        return RedirectResponse(request.app.url_path_for("accounts:sign_in_new"), 303)
    form = FactorForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, step, form, status=422)
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    try:
        entered = await sign_in_by_factor(
            step.person_id,
            form.shown(_subject(step, request)),
            factor_keys(settings),
            address=address_of(request),
            browser=request.headers.get("user-agent", ""),
            now=now,
        )
    except Refusal as refusal:
        form.wrong("code", refusal.sentence)
        return with_refusal(await _page(request, step, form), refusal)
    answer = await opened(request, entered.token, step.back)
    drop_step(answer, settings)
    return answer


async def passkey_entry(request: Request) -> Response:
    """Signs in by a passkey alone; what is wrong with it stands at the field of the phone, the other way in."""
    typed = typed_of(request)
    back = local_path(str(typed.get("back", "")), HOME)
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    it = Shown(passkey=str(typed.get("passkey", "")), subject=alone_subject(request))
    try:
        entered = await sign_in_by_passkey(
            it,
            factor_keys(settings),
            address=address_of(request),
            browser=request.headers.get("user-agent", ""),
            now=now,
        )
    except Refusal as refusal:
        form = PhoneForm.filled(phone="")
        form.wrong("phone", refusal.sentence)
        return with_refusal(sign_in_page(request, form, back), refusal)
    return await opened(request, entered.token, back)


async def _page(request: Request, step: Step, form: Form | None, *, status: int = 200) -> Response:
    keys, now = factor_keys(parts_of(request)[Settings]), parts_of(request)[Clock].now()
    held, known = await factors_of(step.person_id), await passkeys_of(step.person_id)
    options = None
    if known and keys.party:
        challenge = new_challenge(Purpose.SHOW, _subject(step, request), keys.secret, now)
        options = options_to_show(keys.party, challenge, known=known)
    if form:
        form.typed.clear()
    page = FactorPage(form, held.has_app, options, keys.party.host if keys.party else "")
    return render(request, "accounts/factor_entry.html", page, status=status)


def _subject(step: Step, request: Request) -> str:
    return f"person:{step.person_id}:{device_of(request)}"


ROUTES: list[BaseRoute] = [
    get("/sign-in/factor", factor_new, who=ANYONE, name="accounts:factor_new"),
    post("/sign-in/factor", factor_create, who=ANYONE, name="accounts:factor_create"),
    post("/sign-in/passkey", passkey_entry, who=ANYONE, name="accounts:passkey_entry"),
]
