"""The JSON API of accounts: sign in with a phone and a code, and who am I."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from accounts.factor_kinds import factor_keys
from accounts.forms import PhoneForm, SignInForm
from accounts.services import CODE_LIFE, PROGRAM_LIFE, RESEND_SECONDS, RoleHeld, request_code, sign_in_program
from kit.clock import Clock
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE, SIGNED_IN


@dataclass
class CodeSent:
    """How long the code is good for, and when another may be asked for, in seconds."""

    good_for_seconds: int
    again_after_seconds: int


@dataclass
class TokenGiven:
    """A bearer token, told this once."""

    token: str
    expires_at: datetime
    person_id: int
    is_new: bool


@dataclass
class Me:
    """The caller."""

    id: int
    name: str
    phone: str
    language: str
    roles: list[RoleHeld]


async def code_create(request: Request) -> CodeSent:
    """Texts a code to a phone."""
    form = cast(PhoneForm, json_form(request))
    parts = parts_of(request)
    await request_code(
        form.phone,
        address=address_of(request),
        now=parts[Clock].now(),
        secret=parts[Settings].secret_key,
        language=language_of(request),
    )
    return CodeSent(int(CODE_LIFE.total_seconds()), RESEND_SECONDS)


async def sign_in_create(request: Request) -> TokenGiven:
    """Trades the code for a token."""
    form = cast(SignInForm, json_form(request))
    parts, now = parts_of(request), parts_of(request)[Clock].now()
    given = await sign_in_program(
        form.phone,
        form.code,
        address=address_of(request),
        now=now,
        keys=factor_keys(parts[Settings]),
        factor=form.factor or "",
    )
    return TokenGiven(given.token, now + PROGRAM_LIFE, given.person_id, given.is_new)


async def me_show(request: Request) -> Me:
    """Who the token or the session stands for."""
    caller = caller_of(request)
    held = [RoleHeld(role, scope) for role, scopes in sorted(caller.scopes.items()) for scope in scopes]
    return Me(caller.person_id or 0, caller.name, caller.phone, caller.language or "vi", held)


API: list[JsonRoute] = [
    api_post(
        "/sign-in/codes",
        code_create,
        who=ANYONE,
        name="accounts:api_code_create",
        summary="Texts a one-time code to a mobile phone, known here or not.",
        form=PhoneForm,
        answer=CodeSent,
        status=202,
        once=False,
    ),
    api_post(
        "/sign-in",
        sign_in_create,
        who=ANYONE,
        name="accounts:api_sign_in_create",
        summary="Trades the code for a bearer token of 30 days; who has a second factor sends it too.",
        form=SignInForm,
        answer=TokenGiven,
        once=False,
    ),
    api_get(
        "/me", me_show, who=SIGNED_IN, name="accounts:api_me_show", summary="Who the caller is.", answer=Me
    ),
]
