"""Every route with a thing in its address, as everybody who might try: let in or kept out as who_may.csv says."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from accounts.services import make_api_token
from kit.clock import StoppedClock
from kit.db import sql
from kit.media import Media
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.api import JsonRoute
from kit.web.routing import PageRoute
from tests.conftest import Browser
from tests.machines import undone
from tests.market.conftest import demo, written  # noqa: F401  the demo market, as a fixture
from tests.tidy.test_routes import method_of, routes
from tests.tidy.town import PEOPLE, ROLE_OF, Town, built_town
from tests.tidy.town_orders import things_of_money, things_of_orders, things_of_the_post
from tests.tidy.town_sellers import (
    things_of_accounts,
    things_of_goods,
    things_of_households,
    things_of_markets,
)
from tests.tidy.who_may import HIDDEN, NOTHING, OTHERS, PUBLIC, REFUSED, ROLE, Row, table

MAKERS = (
    things_of_goods,
    things_of_accounts,
    things_of_markets,
    things_of_households,
    things_of_orders,
    things_of_money,
    things_of_the_post,
)
KEPT_OUT = {HIDDEN: 404, REFUSED: 403, NOTHING: 0}
NOBODY = "nobody"
# Who reads lists in which nothing of the owners' may stand; staff of the post and administrators see everybody's.
READERS = ("other vendor", "other buyer", "other team", "other board", NOBODY)
# Things named in a form instead of the address: the form is sound but for whose thing it names (`<kind.place>`).
NAMED_IN_FORMS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "vendors:window_create",
        "vendor",
        {"listing": "<goods.code>", "floor": "voso", "url": "https://voso.vn/a", "listed_on": "2026-01-05"},
    ),
    ("orders:till_sale_create", "vendor", {"client_key": "0" * 32, "way": "cash", "goods-<goods.id>": "1"}),
    ("orders:market_fee_create", "board", {"due_on": "2099-01-05", "stall-<stall.id>": "100000"}),
    ("orders:basket_line_create", "", {"listing": "<goods_taken_down.code>", "quantity": "1"}),
    ("orders:api_basket_create", "", {"listing": "<goods_taken_down.code>", "quantity": "1"}),
)
# One's own place with somebody else's thing in it: who may enter the place finds nothing there (`thing`, who tries).
CROSSED: tuple[tuple[str, str, str], ...] = (
    ("vendors:helped_listing_edit", "others' goods for a household", "team"),
    ("vendors:helped_listing_update", "others' goods for a household", "team"),
    ("orders:line_rating_show", "line of another order", "buyer"),
    ("orders:line_rating_create", "line of another order", "buyer"),
    ("vendors:stall_zone_update", "stall with another market's zone", "board"),
)
# What no try may leave behind; looking at a page may count a look, keep an answer's key or note a session as seen.
_WRITTEN = """
    SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint AS n FROM pg_stat_xact_user_tables
    WHERE relname NOT IN ('session', 'kept_answer', 'search_count')"""


class _Begun(Exception):
    """A stream has begun to answer."""


def test_every_route_stands_in_the_table_as_it_is_declared() -> None:
    """A new route fails here until its row says who may call it, and whose thing its address names."""
    rows, declared = table(), {str(route.name): route for route in routes()}
    assert sorted(declared.keys() - rows.keys()) == [], "add these routes to tests/tidy/who_may.csv"
    assert sorted(rows.keys() - declared.keys()) == [], "these routes are no more: drop their rows"
    for name, route in declared.items():
        assert set(rows[name].who.split("|")) == set(route.who.words.split(" or ")), f"{name}: who"


def test_every_row_says_why_others_are_let_in() -> None:
    """No address with a place is left out without a reason."""
    rows = table()
    for route in routes():
        row = rows[str(route.name)]
        assert row.others in OTHERS, f"{row.route}: {row.others}"
        if row.others in KEPT_OUT:
            assert row.thing, f"{row.route} keeps others out of what?"
        elif "{" in route.path:
            assert row.why, f"{row.route} names something: whose, or why is it not tried?"


@pytest.fixture
async def town(demo: None, parts: Parts, clock: StoppedClock) -> Town:  # noqa: F811
    """Things of everybody, made once."""
    return await built_town(parts[Media], seal_keys(parts[Settings]), clock.now(), MAKERS)


class Walk:
    """Calls routes as people of the town and notes what was not as the table says."""

    def __init__(self, app: ASGIApp, town: Town) -> None:
        self._app, self._town = app, town
        self._browsers: dict[str, Browser] = {}
        self._bearers: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        self.faults: list[str] = []
        self.calls = 0

    async def arrive(self, called: str, browser: Browser, now: Any) -> None:
        """Somebody comes with a browser of their own, and a token for programs."""
        self._browsers[called] = browser
        self._forms[called] = await browser.token()
        if called in self._town.people:
            self._bearers[called] = await make_api_token(self._town.people[called], "walk", now=now)

    async def look(self, route: PageRoute | JsonRoute, row: Row) -> None:
        """The owner, those who are let in beside them, and everybody else who may call the route."""
        if not row.thing:
            return
        thing = self._town.things[row.thing]
        for called in [one for one in self._browsers if self._may_call(row, one)]:
            own = called == thing.owner or called in row.also or row.others in (PUBLIC, ROLE)
            await self._expect(route, row, thing.places, called, None if own else KEPT_OUT[row.others])
            if not own and thing.beside:
                await self._expect(route, row, {**thing.places, **thing.beside}, called, KEPT_OUT[row.others])

    async def read(self, route: PageRoute | JsonRoute, row: Row) -> None:
        """A page or list without a place, as others: nothing that only the owners may know stands there."""
        if route.path.endswith("/events"):
            return
        for called in [one for one in READERS if self._may_call(row, one)]:
            self.calls += 1
            bearer = isinstance(route, JsonRoute) and called in self._bearers
            headers = {"authorization": f"Bearer {self._bearers[called]}"} if bearer else {}
            async with undone():
                answer = await self._browsers[called].get(route.path, headers=headers)
            shown = [mark for mark in self._town.marks if mark in answer.text]
            if shown:
                self.faults.append(f"{route.name} {route.path} shows {shown} to {called}")

    async def cross(self, name: str, thing: str, called: str) -> None:
        """Somebody's own place with another's thing in it."""
        route = next(one for one in routes() if one.name == name)
        crossed = replace(table()[name], form={"zone": "{zone}", "stars": "5"})
        places = {"zone": "", **self._town.things[thing].places}
        await self._expect(route, crossed, places, called, KEPT_OUT[HIDDEN])

    async def offer(self, name: str, owner: str, form: dict[str, str]) -> None:
        """The owner sends a form that names their own things, and then somebody else does: nothing comes of that."""
        route = next(one for one in routes() if one.name == name)
        words = {
            f"{kind}.{place}".replace(" ", "_").replace("'", ""): value
            for kind, thing in self._town.things.items()
            for place, value in thing.places.items()
        }

        def told(said: str) -> str:
            return re.sub(r"<([^>]+)>", lambda found: str(words[found[1]]), said)

        filled = {told(key): told(said) for key, said in form.items()}
        other = next(one for one in READERS if self._may_call(table()[name], one))
        for called in (owner, other) if owner else (other,):
            before, self.calls = await _rows_written(), self.calls + 1
            async with undone():
                address = _address(route, self._town.places_of(called))
                status = await self._call(route, address, called, filled)
            is_taken = status < 400 and await _rows_written() > before
            if is_taken != (called == owner):
                self.faults.append(f"{name} with {filled} from {called}: {status}")

    def _may_call(self, row: Row, called: str) -> bool:
        if called == NOBODY:
            return row.who == "anyone"
        role = ROLE_OF.get(called.removeprefix("other "))
        return not row.roles or (role is not None and str(role) in row.roles)

    async def _expect(
        self,
        route: PageRoute | JsonRoute,
        row: Row,
        places: dict[str, object],
        called: str,
        wanted: int | None,
    ) -> None:
        """`wanted` is the status of who is kept out (0 for any), None for who is let in."""
        before, self.calls = await _rows_written(), self.calls + 1
        where = f"{route.name} {method_of(route)} {route.path} as {called}"
        form = {name: said.format(**places) for name, said in row.form.items()}
        try:
            async with undone():
                status = await self._call(route, _address(route, places), called, form)
        except Exception as fault:  # whatever it is, the walk goes on and tells all at its end
            self.faults.append(f"{where}: {fault!r}")
            return
        where = f"{where}: {status}"
        if wanted is None and route.fresh is not None and status == 403:
            return  # theirs, but they have to show anew who they are, as pages ask with 303
        if wanted is None and status in (401, 403, 404):
            self.faults.append(f"{where}, though it is theirs to see")
        elif wanted and status != wanted:
            self.faults.append(f"{where}, not {wanted}")
        elif wanted is not None and await _rows_written() > before:
            self.faults.append(f"{where}, and something was written")
        elif status >= 500:
            self.faults.append(where)

    async def _call(
        self, route: PageRoute | JsonRoute, address: str, called: str, form: dict[str, str]
    ) -> int:
        browser, method = self._browsers[called], method_of(route)
        if address.endswith("/events"):
            return await self._begin(address, browser)
        headers: dict[str, str] = {}
        if isinstance(route, JsonRoute):
            headers = {"idempotency-key": "walk-0001", "x-csrf-token": self._forms[called]}
            if (
                called in self._bearers and route.fresh is None
            ):  # else a token may be refused, whoever holds it
                headers["authorization"] = f"Bearer {self._bearers[called]}"
        if method == "GET":
            return (await browser.get(address, headers=headers)).status_code
        if isinstance(route, JsonRoute):
            return (await browser.post(address, json=form, headers=headers)).status_code
        if method == "PATCH":
            headers = {"x-csrf-token": self._forms[called], "upload-offset": "0"}
            return (await browser.patch(address, headers=headers, content=b"a")).status_code
        return (await browser.post(address, data={"csrf": self._forms[called], **form})).status_code

    async def _begin(self, address: str, browser: Browser) -> int:
        """The status that a stream begins with; an in-process client would wait for its end."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        scope = {
            "type": "http",
            "method": "GET",
            "path": address,
            "raw_path": address.encode(),
            "query_string": b"",
            "headers": [(b"cookie", cookies.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("test", 80),
            "scheme": "http",
            "http_version": "1.1",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
        }
        status = 0

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                raise _Begun

        with suppress(_Begun):
            await self._app(scope, receive, send)
        return status


def _address(route: PageRoute | JsonRoute, places: dict[str, object]) -> str:
    def filled(found: re.Match[str]) -> str:
        return str(places[found[1]])

    return re.sub(r"\{(\w+)(?::\w+)?\}", filled, route.path)


async def _rows_written() -> int:
    return int(str((await sql(_WRITTEN))[0]["n"]))


@pytest.fixture
async def walk(
    town: Town,
    app: ASGIApp,
    clock: StoppedClock,
    browser: Callable[[], Browser],
    sign_in_as: Callable[..., Any],
) -> Walk:
    """Everybody of the town, signed in, and a stranger."""
    made = Walk(app, town)
    for called in (*PEOPLE, NOBODY):
        visitor = browser()
        if called != NOBODY:
            await sign_in_as(visitor, PEOPLE[called])
        await made.arrive(called, visitor, clock.now())
    return made


async def test_things_are_kept_from_everybody_else(walk: Walk) -> None:
    """The owner is let in; another person of the same role, and every other role that may call it, is kept out.

    Then lists, and what is named in a form instead of an address: one town serves all three, because making it takes
    longer than the walk.
    """
    rows = table()
    for route in routes():
        await walk.look(route, rows[str(route.name)])
        if method_of(route) == "GET" and "{" not in route.path and not route.path.startswith("/twins"):
            await walk.read(route, rows[str(route.name)])
    for name, thing, called in CROSSED:
        await walk.cross(name, thing, called)
    for name, owner, form in NAMED_IN_FORMS:
        await walk.offer(name, owner, form)
    assert walk.calls > 1500
    assert not walk.faults, f"{len(walk.faults)} of {walk.calls}:\n" + "\n".join(walk.faults)
