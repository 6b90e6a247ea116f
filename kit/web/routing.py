"""Routes that declare who may call them. What is not declared does not exist; what is, is checked before anything."""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from urllib.parse import quote

from starlette.convertors import IntegerConvertor, StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kit.errors import NotAllowed
from kit.i18n import Sentence, say
from kit.roles import Caller, Role
from kit.web.callers import caller_of
from kit.web.csrf import check_token
from kit.web.formdata import FormLimits, form_of, read_form
from kit.web.ready_made import kept_ready
from kit.web.scanning import refuse_infected

Endpoint = Callable[[Request], Awaitable[Response]]
NEEDS_FACTOR = say(
    "Việc này cần lớp bảo vệ thứ hai. Hãy thêm ở trang «Tôi», hoặc đăng nhập lại bằng lớp bảo vệ đã có."
)
TOKEN_NEEDS_FACTOR = say(
    "Mã truy cập này được tạo khi chưa xác nhận bằng lớp bảo vệ thứ hai nên không mang quyền làm việc này. "
    "Hãy đăng nhập bằng lớp bảo vệ thứ hai, tạo mã mới ở trang «Tôi», rồi dùng mã mới và thu hồi mã này."
)


class Fresh(StrEnum):
    """By what the person of an act must have shown within ten minutes who they are.

    ANYTHING: their second factor, or a new code for who has none. FACTOR: only who has one is asked.
    """

    ANYTHING = "anything"
    FACTOR = "factor"


IsFresh = Callable[[Request, Fresh], Awaitable[bool]]
StepUp = Callable[[Request, Endpoint, Fresh], Awaitable[Response]]


class RowNumber(IntegerConvertor):
    """{id:int} in a path: a number that a row may have (63 bits); a longer one is no such page."""

    regex = "[0-9]{1,18}"


class PathWord(StringConvertor):
    """{code} in a path: a word that a column can hold, in printable characters; anything else is no such page."""

    regex = r"[^/\x00-\x1f\x7f]{1,80}"


register_url_convertor("int", RowNumber())
register_url_convertor("str", PathWord())


@dataclass(frozen=True)
class Who:
    """Who may call a route."""

    words: str
    everybody: bool = False
    roles: frozenset[Role] = frozenset()

    def lets(self, caller: Caller) -> bool:
        """Whether this caller may."""
        return self.everybody or (caller.is_signed_in and (not self.roles or bool(self.roles & caller.roles)))

    def would_let(self, caller: Caller) -> bool:
        """Whether this caller might once a second factor is shown."""
        return bool(self.roles & caller.withheld)


ANYONE = Who("anyone", everybody=True)
SIGNED_IN = Who("signed in")


def roles(*wanted: Role) -> Who:
    """People who hold at least one of these roles."""
    return Who(" or ".join(wanted), roles=frozenset(wanted))


class PageRoute(Route):
    """A route that remembers who may call it, for the test that walks them all; `outside` ones carry no form token."""

    who: Who = ANYONE
    outside: bool = False
    fresh: Fresh | None = None
    limits: FormLimits = FormLimits()


def get(path: str, endpoint: Endpoint, *, who: Who, name: str, ready_seconds: float = 0) -> PageRoute:
    """A page to read. With `ready_seconds` strangers get the same one for so long (kit.web.ready_made)."""
    return _route(path, _readied(endpoint, ready_seconds) if ready_seconds else endpoint, "GET", who, name)


def post(
    path: str,
    endpoint: Endpoint,
    *,
    who: Who,
    name: str,
    limits: FormLimits = FormLimits(),
    outside: bool = False,
    fresh: Fresh | None = None,
) -> PageRoute:
    """An act: its form token is checked first. `outside` is for providers' callbacks, which carry none.

    With `fresh` the person shows who they are again when they last did so more than ten minutes ago.
    """
    act = endpoint if fresh is None else _fresh(endpoint, fresh)
    route = _route(path, act if outside else _with_form(act, limits), "POST", who, name)
    route.outside, route.fresh, route.limits = outside, fresh, limits
    return route


def patch(path: str, endpoint: Endpoint, *, who: Who, name: str) -> PageRoute:
    """A piece of something larger, as raw body: its form token comes in X-CSRF-Token and is checked first."""
    return _route(path, _with_token(endpoint), "PATCH", who, name)


def _route(path: str, endpoint: Endpoint, method: str, who: Who, name: str) -> PageRoute:
    route = PageRoute(path, _guarded(endpoint, who), methods=[method], name=name)
    route.who = who
    return route


def _readied(endpoint: Endpoint, seconds: float) -> Endpoint:
    @functools.wraps(endpoint)
    async def readied(request: Request) -> Response:
        return kept_ready(request, await endpoint(request), seconds)

    return readied


def _guarded(endpoint: Endpoint, who: Who) -> Endpoint:
    @functools.wraps(endpoint)
    async def guarded(request: Request) -> Response:
        caller = caller_of(request)
        if who.lets(caller):
            return await endpoint(request)
        if who.would_let(caller):
            return _sent_for_factor(request)
        if caller.is_signed_in or request.method != "GET":
            raise NotAllowed(None if caller.is_signed_in else say("Hãy đăng nhập rồi làm lại."))
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        sign_in = request.app.url_path_for("accounts:sign_in_new")
        return RedirectResponse(f"{sign_in}?back={quote(back, safe='/')}", 303)

    return guarded


def factor_lacks(caller: Caller) -> Sentence:
    """What is said to whom a role is withheld for want of a second factor, and what to do: a token is made anew."""
    return TOKEN_NEEDS_FACTOR if caller.by_token else NEEDS_FACTOR


def _sent_for_factor(request: Request) -> Response:
    caller = caller_of(request)
    if request.method != "GET" or caller.by_token:
        raise NotAllowed(factor_lacks(caller))
    return RedirectResponse(request.app.url_path_for("accounts:factor_index") + "?needed=1", 303)


def _fresh(endpoint: Endpoint, wanted: Fresh) -> Endpoint:
    @functools.wraps(endpoint)
    async def fresh(request: Request) -> Response:
        step_up = cast(StepUp, request.app.state.step_up)
        return await step_up(request, endpoint, wanted)

    return fresh


def _with_form(endpoint: Endpoint, limits: FormLimits) -> Endpoint:
    @functools.wraps(endpoint)
    async def with_form(request: Request) -> Response:
        async with read_form(request, limits):
            check_token(request, str(form_of(request).get("csrf", "")))
            if limits.is_scanned:
                await refuse_infected(request)
            return await endpoint(request)

    return with_form


def _with_token(endpoint: Endpoint) -> Endpoint:
    @functools.wraps(endpoint)
    async def with_token(request: Request) -> Response:
        check_token(request, request.headers.get("x-csrf-token", ""))
        return await endpoint(request)

    return with_token
