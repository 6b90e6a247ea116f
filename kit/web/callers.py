"""Who is calling: the middleware that finds out, and the device cookie that baskets and form tokens hang on."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from ipaddress import ip_address, ip_network
from typing import cast

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.clock import Clock
from kit.factors import as_shown, required_roles
from kit.parts import Parts
from kit.roles import NOBODY, Caller
from kit.settings import Settings

FindCaller = Callable[[str, str, datetime], Awaitable[Caller | None]]
DEVICE_DAYS = 400
_DEVICE = re.compile(r"[A-Za-z0-9_-]{22}")


class CallerMiddleware:
    """Puts the caller into the request's state: by bearer token, else by session cookie, else nobody."""

    def __init__(self, app: ASGIApp, *, find: FindCaller, settings: Settings) -> None:
        self._app, self._find, self._settings = app, find, settings
        self._required = required_roles(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        device, is_new = device_from(connection.cookies, self._settings)
        scope.setdefault("state", {})
        scope["state"]["caller"] = replace(await self._caller(connection), device=device)
        scope["state"]["ask_caller"] = partial(self._caller, connection)
        scope["state"]["is_new_device"] = is_new

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and is_new and scope["state"].get("device_used"):
                MutableHeaders(scope=message).append("set-cookie", device_cookie(device, self._settings))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    async def _caller(self, connection: HTTPConnection) -> Caller:
        now = parts_of(connection)[Clock].now()
        kind, _, token = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and token:
            return as_shown(await self._find("token", token, now) or NOBODY, self._required)
        session = connection.cookies.get(session_cookie_name(self._settings), "")
        found = await self._find("session", session, now) if session else None
        return as_shown(found or NOBODY, self._required)


def device_from(cookies: Mapping[str, str], settings: Settings) -> tuple[str, bool]:
    """The device's own name from its cookie, or a new one; and whether it is new."""
    sent = cookies.get(device_cookie_name(settings), "")
    if _DEVICE.fullmatch(sent):
        return sent, False
    return secrets.token_urlsafe(16), True


def device_cookie(device: str, settings: Settings) -> str:
    """The cookie that keeps a device's name for more than a year."""
    name, secure = device_cookie_name(settings), "; Secure" if settings.is_production else ""
    return f"{name}={device}; Path=/; Max-Age={DEVICE_DAYS * 86400}; HttpOnly; SameSite=Lax{secure}"


def session_cookie_name(settings: Settings) -> str:
    """The session cookie's name; in production it is bound to the host and to TLS."""
    return "__Host-session" if settings.is_production else "session"


def device_cookie_name(settings: Settings) -> str:
    """The device cookie's name."""
    return "__Host-device" if settings.is_production else "device"


def caller_of(request: HTTPConnection) -> Caller:
    """Who asks."""
    return cast(Caller, getattr(request.state, "caller", NOBODY))


def device_of(request: Request) -> str:
    """The device's own name; asking for it makes the answer set the cookie, and no other device get the same answer."""
    request.state.device_used = request.state.asked_device = True
    return caller_of(request).device


async def is_still_let_in(request: HTTPConnection) -> bool:
    """Whether who asked is still signed in and may all they might: a stream that began earlier asks now and then."""
    before = caller_of(request)
    if not before.is_signed_in:
        return True
    now: Caller = await request.state.ask_caller()
    return now.person_id == before.person_id and now.scopes == before.scopes


def is_new_device(request: HTTPConnection) -> bool:
    """Whether this device sent no name of its own: nothing can have been kept for it before."""
    return bool(getattr(request.state, "is_new_device", False))


def parts_of(request: HTTPConnection) -> Parts:
    """The process's outside parts."""
    return cast(Parts, request.state.parts)


def address_of(request: HTTPConnection) -> str:
    """The caller's network address; X-Forwarded-For counts only from a trusted proxy."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "")
    if forwarded and _is_trusted(peer, parts_of(request)[Settings].trusted_proxies):
        return forwarded.split(",")[-1].strip()
    return peer


@lru_cache(maxsize=1000)
def _is_trusted(peer: str, proxies: str) -> bool:
    """Whether an address is one of these, or lies in one of these networks (10.42.0.0/16)."""
    named = {one.strip() for one in proxies.split(",")} - {""}
    if peer in named:
        return True
    try:
        return any("/" in one and ip_address(peer) in ip_network(one) for one in named)
    except ValueError:  # the peer of a Unix socket has no address
        return False
