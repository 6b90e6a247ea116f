"""What the ways into the market share: the page that asks for the phone, and the answer once a session is open."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.factor_kinds import factor_keys
from accounts.passkeys import Options, Purpose, new_challenge, options_to_show
from accounts.routes.cookies import keep_session
from accounts.services import sign_out
from kit.clock import Clock
from kit.errors import Refusal, TooMany
from kit.forms import Form
from kit.settings import Settings
from kit.web.callers import caller_of, device_of, parts_of
from kit.web.render import render


@dataclass
class SignInPage:
    """The first step; `known_as` is the masked phone of who is signed in already, "" for nobody.

    `options` are for a passkey that signs in alone, None where browsers can show none.
    """

    form: Form | None
    back: str
    options: Options | None
    host: str
    known_as: str = ""


def sign_in_page(
    request: Request, form: Form | None, back: str, *, known_as: str = "", status: int = 200
) -> Response:
    """The page that asks for the phone, or for a passkey."""
    keys, options = factor_keys(parts_of(request)[Settings]), None
    if keys.party:
        now = parts_of(request)[Clock].now()
        challenge = new_challenge(Purpose.ALONE, alone_subject(request), keys.secret, now)
        options = options_to_show(keys.party, challenge, known=[], alone=True)
    host = keys.party.host if keys.party else ""
    return render(
        request, "accounts/sign_in.html", SignInPage(form, back, options, host, known_as), status=status
    )


def alone_subject(request: Request) -> str:
    """Whom the challenge of a passkey alone is made for: this device, whoever it is."""
    return f"device:{device_of(request)}"


async def opened(request: Request, token: str, place: str) -> Response:
    """Goes on with a new session; the one before ends."""
    settings, before = parts_of(request)[Settings], caller_of(request).session_id
    if before is not None:
        await sign_out(before, parts_of(request)[Clock].now())
    answer = RedirectResponse(place, 303)
    keep_session(answer, settings, token)
    return answer


def with_refusal(answer: Response, refusal: Refusal) -> Response:
    """The page of a refusal with its status, and the wait where there is one."""
    answer.status_code = refusal.status
    if isinstance(refusal, TooMany):
        answer.headers["retry-after"] = str(refusal.wait_seconds)
    return answer
