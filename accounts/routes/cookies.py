"""The cookies of accounts: the session, the step between phone and code, and the language."""

from starlette.requests import Request
from starlette.responses import Response

from accounts.services import ABSOLUTE_LIFE
from accounts.step import STEP_LIFE, Step, packed, unpacked
from kit.clock import Clock
from kit.settings import Settings
from kit.web.callers import parts_of, session_cookie_name

YEAR_SECONDS = 365 * 86400


def keep_session(answer: Response, settings: Settings, token: str) -> None:
    """Gives the browser a session's secret; the server ends it earlier when it is not used."""
    _keep(answer, settings, session_cookie_name(settings), token, int(ABSOLUTE_LIFE.total_seconds()))


def drop_session(answer: Response, settings: Settings) -> None:
    """Takes the session's secret from the browser."""
    _keep(answer, settings, session_cookie_name(settings), "", 0)


def keep_step(answer: Response, settings: Settings, step: Step) -> None:
    """Remembers the phone until its code is typed."""
    value = packed(step, settings.secret_key)
    _keep(answer, settings, _step_name(settings), value, int(STEP_LIFE.total_seconds()))


def drop_step(answer: Response, settings: Settings) -> None:
    """Forgets the phone."""
    _keep(answer, settings, _step_name(settings), "", 0)


def step_of(request: Request) -> Step | None:
    """The step this browser stands at, if it is still good."""
    settings = parts_of(request)[Settings]
    value = request.cookies.get(_step_name(settings), "")
    return unpacked(value, settings.secret_key, parts_of(request)[Clock].now()) if value else None


def keep_language(answer: Response, settings: Settings, language: str) -> None:
    """Shows pages in this language from now on."""
    _keep(answer, settings, "language", language, YEAR_SECONDS)


def _step_name(settings: Settings) -> str:
    return "__Host-sign_in" if settings.is_production else "sign_in"


def _keep(answer: Response, settings: Settings, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=settings.is_production,
        httponly=True,
        samesite="lax",
    )
