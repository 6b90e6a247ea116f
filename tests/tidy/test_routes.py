"""Every route as every role: let in or turned away exactly as it declares, and never a fault."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount

from kit.roles import Role
from kit.settings import Settings
from kit.web.api import JsonRoute
from kit.web.routing import PageRoute
from market.app import all_routes
from tests.conftest import Browser

ROOT = Path(__file__).resolve().parents[2]
ENDING = {"accounts:sign_out", "accounts:session_revoke_all"}
# Providers and pretend providers prove themselves by their signature, see tests/payments and tests/gates.
SIGNED = {
    "payments:notice_create",
    "payments:own_notice_create",
    "payments:callback_create",
    "postal:hook_create",
    "kit:policy_report_create",  # proves nothing and gets nothing: tests/kit/test_policy_reports.py
}
EVERYBODY: list[Role | None] = [None, *Role]


def routes() -> list[PageRoute | JsonRoute]:
    """Every route of a demo installation."""
    return [route for route in all_routes(Settings()) if isinstance(route, PageRoute | JsonRoute)]


def method_of(route: PageRoute | JsonRoute) -> str:
    """GET, POST or PATCH."""
    return next(iter((route.methods or {"GET"}) - {"HEAD"}))


def address_of(route: BaseRoute) -> str:
    """An address of this route with something in each place."""
    path = str(getattr(route, "path", ""))
    path = re.sub(r"\{\w+:int\}", "999999", path)
    return re.sub(r"\{\w+(:path)?\}", "nothing-here", path)


def test_every_route_declares_who_may_call_it() -> None:
    """Nothing is served that does not say for whom; static files are for all."""
    for route in all_routes(Settings()):
        assert isinstance(route, PageRoute | JsonRoute | Mount), f"{route} was not declared with kit.web"
        assert isinstance(route, Mount) or route.who.words


def test_names_and_addresses_are_unique() -> None:
    """Two routes under one name would make links go astray."""
    names = [route.name for route in routes()]
    places = [(method_of(route), route.path) for route in routes()]
    assert len(set(names)) == len(names)
    assert len(set(places)) == len(places)


def test_twins_are_not_served_where_they_are_switched_off() -> None:
    """A production installation has none of their addresses."""
    twins = {
        "bank_twin": False,
        "carrier_twins": False,
        "webhook_twin": False,
        "pay_twins": False,
        "notice_twins": False,
    }
    served = all_routes(replace(Settings(), sms_gate="webhook", **twins))
    assert not [route for route in served if str(getattr(route, "path", "")).startswith("/twins")]


@pytest.mark.parametrize("role", EVERYBODY, ids=lambda role: role or "nobody")
async def test_every_route_lets_in_exactly_whom_it_says(
    db: None, client: Browser, sign_in_as: Callable[..., Any], role: Role | None
) -> None:
    """Pages send strangers to sign in, refuse the wrong role, and answer everybody else without a fault."""
    caller_roles: frozenset[str] = frozenset()
    if role is not None:
        await sign_in_as(client, "0912345678", (role, "999999"))
        caller_roles = frozenset({role})
    token = await client.token()
    for route in routes():
        if route.path.endswith("/events") or getattr(
            route, "outside", False
        ):  # an in-process client would wait for the end
            continue
        lets_in = route.who.everybody or (
            role is not None and (not route.who.roles or bool(route.who.roles & caller_roles))
        )
        answer = await _call(client, route, token)
        where = f"{method_of(route)} {route.path} as {role or 'nobody'}: {answer.status_code}"
        assert answer.status_code < 500, where
        if lets_in:
            assert answer.status_code not in (401, 403), where
            assert not answer.headers.get("location", "").startswith(f"/sign-in?back={address_of(route)}"), (
                where
            )
        elif isinstance(route, JsonRoute):
            assert answer.status_code == (403 if role else 401), where
        elif role is None and method_of(route) == "GET":
            assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), where
        else:
            assert answer.status_code == 403, where
        if role is not None and route.name in ENDING:
            await sign_in_as(client, "0912345678")


async def test_no_form_acts_without_its_token(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """Every act of a page, by somebody who may do everything, is refused when the token is missing or wrong."""
    await sign_in_as(client, "0912345678", *Role)
    for route in routes():
        if method_of(route) == "GET" or isinstance(route, JsonRoute) or route.outside:
            continue
        if method_of(route) == "PATCH":
            assert (await client.patch(address_of(route))).status_code == 403, route.path
            continue
        for values in ({}, {"csrf": "0" * 40}):
            answer = await client.post(address_of(route), data={"nothing": "1", **values})
            assert answer.status_code == 403, (
                f"{route.path} took a form without its token: {answer.status_code}"
            )


def test_only_what_is_signed_or_pretended_goes_without_a_token() -> None:
    """Whoever adds a route without a form token has to name it here."""
    outside = {route.name for route in routes() if getattr(route, "outside", False)}
    twins = ("payments:twin_", "postal:twin_", "vendors:twin_")
    assert {name for name in outside if not name.startswith(twins)} == SIGNED


async def test_json_posts_by_cookie_need_the_token_too(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """A session cookie alone moves nothing through the API."""
    await sign_in_as(client, "0912345678", *Role)
    for route in (one for one in routes() if isinstance(one, JsonRoute) and method_of(one) == "POST"):
        answer = await client.post(address_of(route), json={}, headers={"idempotency-key": "walk-0001"})
        assert answer.status_code == 403, f"{route.path}: {answer.status_code}"


def test_every_route_is_called_by_a_test_of_its_own() -> None:
    """Beside this walk, some test names the address or the route."""
    texts = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    missing = [
        route.path for route in routes() if not _is_named(route, texts) and not _is_asked_by_a_gate(route)
    ]
    assert not missing


def _is_asked_by_a_gate(route: PageRoute | JsonRoute) -> bool:
    """A pretend provider's own API: the real gates ask it in tests/gates."""
    providers = ("momo", "zalopay", "vnpay", "mobile_money", "stripe")
    carriers = ("vtp", "vnpost", "ghn", "ghtk")
    asked = [*(f"payments:twin_{one}_" for one in providers), *(f"postal:twin_{one}_" for one in carriers)]
    return str(route.name).startswith(tuple(asked))


def _is_named(route: PageRoute | JsonRoute, texts: str) -> bool:
    """By its name, by its address with anything in its places, or by the end that tells it from its neighbours."""
    whole = re.sub(r"\\\{\w+(:\w+)?\\\}", r"[^\\s\"'?#]+", re.escape(route.path))
    end = "" if route.path.endswith("}") else "|" + re.escape("/" + route.path.rsplit("/", 1)[-1])
    return str(route.name) in texts or re.search(rf"({whole}{end})(?=[\"'?#&\s]|$)", texts) is not None


async def _call(client: Browser, route: PageRoute | JsonRoute, token: str) -> Any:
    address = address_of(route)
    if method_of(route) == "GET":
        return await client.get(address)
    if isinstance(route, JsonRoute):
        headers = {"x-csrf-token": token, "idempotency-key": "walk-0001"}
        return await client.post(address, json={}, headers=headers)
    if method_of(route) == "PATCH":
        return await client.patch(address, headers={"x-csrf-token": token})
    return await client.post(address, data={"csrf": token})
