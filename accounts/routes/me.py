"""A person's own page: name, language, places, devices, API tokens."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.forms import ProfileForm, TokenForm
from accounts.routes.cookies import drop_session, keep_language
from accounts.routes.places import row_in
from accounts.services import (
    SessionLine,
    TokenLine,
    change_profile,
    make_api_token,
    revoke_session,
    revoke_token,
    sessions_of,
    sign_out_everywhere,
    tokens_of,
)
from accounts.words import device_words
from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Caller
from kit.settings import Settings
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import language_of, render
from kit.web.routing import SIGNED_IN, Fresh, get, post


@dataclass
class MePage:
    """Everything on the page; `fresh_token` is shown this once."""

    form: Form
    token_form: Form | None
    fresh_token: str
    sessions: list[tuple[SessionLine, Sentence]]
    session_id: int | None
    tokens: list[TokenLine]
    is_saved: bool


async def me_show(request: Request) -> Response:
    """The page."""
    return await _page(request, is_saved="saved" in request.query_params)


async def me_update(request: Request) -> Response:
    """Keeps name and language."""
    sent = form_of(request)
    form = ProfileForm.read({"name": sent.get("name"), "language": sent.get("language")})
    if not form.ok:
        return await _page(request, form=form, status=422)
    await change_profile(person_id_of(request), name=form.name, language=form.language)
    answer = RedirectResponse(request.app.url_path_for("accounts:me_show") + "?saved=1", 303)
    keep_language(answer, parts_of(request)[Settings], form.language)
    return answer


async def session_revoke(request: Request) -> Response:
    """Signs one device out; if it is this one, the cookie goes too."""
    session_id, now = row_in(request, "session_id"), parts_of(request)[Clock].now()
    await revoke_session(session_id, person_id=person_id_of(request), now=now)
    if session_id == caller_of(request).session_id:
        return _left(request)
    return _back(request)


async def session_revoke_all(request: Request) -> Response:
    """Signs every device out, this one too."""
    await sign_out_everywhere(person_id_of(request), parts_of(request)[Clock].now())
    return _left(request)


async def token_create(request: Request) -> Response:
    """Makes an API token and shows it this once."""
    form = TokenForm.read({"label": form_of(request).get("label")})
    if not form.ok:
        return await _page(request, token_form=form, status=422)
    try:
        now = parts_of(request)[Clock].now()
        factor_at = now if caller_of(request).has_shown_factor else None
        fresh = await make_api_token(person_id_of(request), form.label, now=now, factor_at=factor_at)
    except Refusal as refusal:
        form.wrong("label", refusal.sentence)
        return await _page(request, token_form=form, status=refusal.status)
    answer = await _page(request, fresh_token=fresh, status=201)
    answer.headers["cache-control"] = "no-store"
    return answer


async def token_revoke(request: Request) -> Response:
    """Makes an API token worthless."""
    now = parts_of(request)[Clock].now()
    await revoke_token(row_in(request, "token_id"), person_id=person_id_of(request), now=now)
    return _back(request)


async def _page(
    request: Request,
    *,
    form: Form | None = None,
    token_form: Form | None = None,
    fresh_token: str = "",
    is_saved: bool = False,
    status: int = 200,
) -> Response:
    caller, now = caller_of(request), parts_of(request)[Clock].now()
    page = MePage(
        form or _filled(caller, language_of(request)),
        token_form,
        fresh_token,
        [(line, device_words(line.browser)) for line in await sessions_of(person_id_of(request), now)],
        caller.session_id,
        await tokens_of(person_id_of(request), now),
        is_saved,
    )
    return render(request, "accounts/me.html", page, status=status)


def _filled(caller: Caller, language: str) -> Form:
    return ProfileForm.filled(name=caller.name, language=language)


def _back(request: Request) -> Response:
    return RedirectResponse(request.app.url_path_for("accounts:me_show"), 303)


def _left(request: Request) -> Response:
    answer = RedirectResponse(request.app.url_path_for("accounts:sign_in_new"), 303)
    drop_session(answer, parts_of(request)[Settings])
    return answer


ROUTES = [
    get("/me", me_show, who=SIGNED_IN, name="accounts:me_show"),
    post("/me", me_update, who=SIGNED_IN, name="accounts:me_update"),
    post(
        "/me/sessions/end",
        session_revoke_all,
        who=SIGNED_IN,
        name="accounts:session_revoke_all",
        fresh=Fresh.ANYTHING,
    ),
    post(
        "/me/sessions/{session_id:int}/end",
        session_revoke,
        who=SIGNED_IN,
        name="accounts:session_revoke",
        fresh=Fresh.ANYTHING,
    ),
    post("/me/tokens", token_create, who=SIGNED_IN, name="accounts:token_create", fresh=Fresh.ANYTHING),
    post("/me/tokens/{token_id:int}/end", token_revoke, who=SIGNED_IN, name="accounts:token_revoke"),
]
