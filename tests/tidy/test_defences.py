"""What every answer owes: headers, cookies, limits on what comes in, no trust in Host, not a word of faults."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from kit.sheets import read_sheet
from kit.sheets_out import RISKY
from kit.web.api import FILE_MAX_BYTES, JsonRoute
from kit.web.csrf import token_of
from kit.web.headers import POLICY
from kit.web.outside import BODY_MAX_BYTES
from market.app import all_routes, make_app
from orders.models import Order
from search.engine import Engine
from tests.conftest import Browser, WithParts
from tests.factories import code_sent_to
from tests.market.conftest import demo, written  # noqa: F401  the demo market, as a fixture
from tests.tidy.test_routes import ROOT, address_of, method_of, routes
from vendors.models import Listing, Market, Vendor

OWED = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(self), payment=()",
}
# Answers that a browser may keep though somebody is signed in: they are the same for everybody, or name a file.
KEPT_BY_BROWSERS = {
    "vendors:commune_index",
    "payments:qr_show",
    "vendors:photo_show",
    "vendors:map_show",
    "vendors:lot_qr_show",
    "market:worker_show",
}
# Forms with files, and the JSON operations that take one; all others are held to 256 kB.
WITH_FILES = {
    "postal:statement_create",
    "postal:statuses_create",
    "orders:line_rating_create",
    "orders:book_floor_sheet_create",
    "orders:plate_scan_create",
    "orders:plate_photo_create",
    "orders:plate_report_create",
    "vendors:helped_listing_create",
    "vendors:helped_listing_update",
    "vendors:trader_import",
    "vendors:own_name_create",
    "vendors:identity_create",
    "vendors:helped_identity_update",
    "vendors:own_certificate_create",
    "vendors:import_create",
    "vendors:admin_import_create",
    "vendors:listing_create",
    "vendors:listing_update",
    "vendors:registry_create",
    "vendors:signature_create",
    "payments:slip_create",
    "payments:twin_qr_read",
    "postal:scan_create",
    "postal:door_create",
}
ELSEWHERE = "https://evil.example/a"
PHONE = "+84912345678"
EVERYTHING = [(role, "999999") for role in Role]
PRODUCTION = {
    "mode": "production",
    "bank_twin": False,
    "carrier_twins": False,
    "webhook_twin": False,
    "pay_twins": False,
    "notice_twins": False,
}


def reading(name_ends: tuple[str, ...] = ("",)) -> list[Any]:
    """The routes that an in-process client may read: no streams."""
    return [
        one
        for one in routes()
        if method_of(one) == "GET" and not one.path.endswith("/events") and one.path.endswith(name_ends)
    ]


async def test_every_answer_owes_its_headers_to_strangers_and_to_people(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """The policy, no sniffing; and what somebody who is signed in sees is kept by no browser."""
    for is_signed_in in (False, True):
        if is_signed_in:
            await sign_in_as(client, PHONE, *EVERYTHING)
        for route in reading():
            answer = await client.get(address_of(route))
            where = f"{route.name}: {answer.headers}"
            assert OWED.items() <= dict(answer.headers).items(), where
            assert len(answer.headers["x-request-id"]) == 12, where
            kept = answer.headers["cache-control"]
            assert not {"server", "x-powered-by", "access-control-allow-origin"} & set(answer.headers), where
            kind = answer.headers.get("content-type", "")
            assert not kind.startswith("text/") or "charset=utf-8" in kind, where
            if is_signed_in and route.name not in KEPT_BY_BROWSERS:
                assert "no-store" in kept or kept == "public, max-age=86400", where
            if "public" not in kept:
                assert answer.headers["cross-origin-resource-policy"] == "same-origin", where


@pytest.fixture
async def production(settings: Settings, parts: Parts) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at a market in production."""
    for_real = replace(settings, **PRODUCTION, base_url="https://test")
    parts.put(Settings, for_real)
    transport = httpx2.ASGITransport(WithParts(make_app(for_real), parts), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://test") as made:
        yield made


async def test_every_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(
    db: None, production: httpx2.AsyncClient, settings: Settings
) -> None:
    """From the first page through signing in to acts that leave a cookie: Secure, HttpOnly, SameSite, no Domain."""
    first = await production.get("/sign-in")
    token = {"csrf": token_of(production.cookies["__Host-device"], settings.secret_key.encode())}
    answers = [first, await production.post("/sign-in", data={**token, "phone": PHONE})]
    code = {**token, "code": await code_sent_to(PHONE)}
    answers.append(await production.post("/sign-in/code", data=code))
    assert answers[-1].status_code == 303
    answers.append(await production.post("/language", data={**token, "to": "en", "back": "/"}))
    answers.append(await production.post("/text-size", data={**token, "back": "/"}))
    answers.append(await production.get("/basket"))
    answers.append(await production.post("/sign-out", data=token))
    cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
    assert {one.partition("=")[0] for one in cookies} >= {
        "__Host-device",
        "__Host-session",
        "__Host-sign_in",
        "language",
        "text_size",
    }
    for cookie in cookies:
        flags = {one.strip().lower() for one in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= flags, cookie
        assert not any(one.startswith("domain") for one in flags), cookie
    for answer in answers:
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_signing_in_gives_a_new_session_and_ends_the_one_before(
    db: None, client: Browser, browser: Callable[[], Browser], sign_in_as: Callable[..., Any]
) -> None:
    """A session that somebody planted is not taken over, and the one that stood is worth nothing afterwards."""
    await sign_in_as(client, "0987654321")
    before = client.cookies["session"]
    await client.submit("/sign-in", {"phone": PHONE})
    answer = await client.submit("/sign-in/code", {"code": await code_sent_to(PHONE)})
    kept = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("session="))
    after = kept.partition(";")[0].removeprefix("session=")
    assert answer.status_code == 303 and after != before and len(after) == 43
    for token, status in ((before, 401), ("planted-by-somebody-else", 401), (after, 200)):
        async with browser() as other:
            other.cookies.set("session", token)
            assert (await other.get("/api/v1/me")).status_code == status


async def test_every_act_has_a_limit_on_what_it_takes(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """What says that it is too long is refused before it is read: 413, whoever sends it."""
    await sign_in_as(client, PHONE, *EVERYTHING)
    token = await client.token()
    for route in (one for one in routes() if method_of(one) in ("POST", "PATCH")):
        small = 256 * 1024
        if getattr(route, "outside", False) and "/twins" not in route.path:
            small = BODY_MAX_BYTES
        elif method_of(route) == "PATCH" or (isinstance(route, JsonRoute) and route.operation.is_file):
            small = FILE_MAX_BYTES
        much = 101 * 1024 * 1024 if route.name in WITH_FILES or "/twins" in route.path else small + 1
        headers = {
            "content-length": str(much),
            "content-type": "application/x-www-form-urlencoded",
            "x-csrf-token": token,
            "idempotency-key": "walk-0001",
            "upload-offset": "0",
        }
        answer = await client.request(method_of(route), address_of(route), content=b"", headers=headers)
        wanted = (413, 404) if getattr(route, "outside", False) else (413,)
        assert answer.status_code in wanted, f"{route.name} takes {much} bytes: {answer.status_code}"


async def test_nothing_believes_the_host_that_a_request_names(
    db: None, client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """No link, no redirect, no form goes where the Host header or a forwarded one says, nor where a query says."""
    named = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    await sign_in_as(client, PHONE, *EVERYTHING)
    for route in reading():
        for path in (address_of(route), address_of(route) + "/"):
            answer = await client.get(path, headers=named)
            assert "evil.example" not in answer.text + str(dict(answer.headers)), path
        answer = await client.get(
            address_of(route),
            params=dict.fromkeys(("back", "next", "url", "return_url", "to"), ELSEWHERE),
        )
        assert not answer.headers.get("location", "").startswith(("http:", "https:", "//")), route.path


@pytest.mark.parametrize("back", [ELSEWHERE, "//evil.example", "/\\evil.example", "/\t/evil.example", "x:y"])
async def test_who_signs_in_or_chooses_goes_nowhere_else(db: None, client: Browser, back: str) -> None:
    chosen = await client.submit("/language", {"to": "vi", "back": back})
    assert chosen.headers["location"] == "/"
    await client.submit("/sign-in", {"phone": PHONE, "back": back})
    entered = await client.submit("/sign-in/code", {"code": await code_sent_to(PHONE)})
    assert entered.headers["location"] == "/me"


async def test_a_fault_of_ours_says_nothing_of_itself(
    db: None, production: httpx2.AsyncClient, parts: Parts
) -> None:
    """A page and a problem with the request's number, and not a word of what broke."""
    parts.put(Engine, _Broken())  # type: ignore[type-abstract]
    page = await production.get("/search?q=che")
    problem = await production.get("/api/v1/search?q=che")
    for answer in (page, problem):
        assert answer.status_code == 500
        assert answer.headers["x-request-id"] in answer.text
        for word in ("Traceback", "ZeroDivision", "secret-of-the-engine", ".py", "/kit/"):
            assert word not in answer.text
        assert OWED.items() <= dict(answer.headers).items()


class _Broken:
    """An engine that breaks whatever is asked of it."""

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError("secret-of-the-engine")


@pytest.mark.usefixtures("demo")
async def test_no_export_holds_a_formula(
    client: Browser, sign_in_as: Callable[..., Any], settings: Settings
) -> None:
    """Whatever people call themselves and their goods: every CSV and XLSX of the market, read cell by cell."""
    formula = "=HYPERLINK(1)"
    vendor = await Vendor.get(phone="+84912000001")
    await Vendor.all().update(name=formula, contact_name=formula, commune=" +1")
    await Listing.all().update(name=formula, unit="@A1", about="\n=1+1")
    await Order.all().update(recipient_name="＝1+1", vendor_name=formula)
    scope, market = str(vendor.id), await Market.get(slug="cho-dinh-ca")
    await sign_in_as(client, "0912000001", Role.ADMIN, Role.TEAM, (Role.VENDOR, scope), Role.BOARD)
    read = 0
    for route in [one for one in reading((".csv", ".xlsx")) if "{code}" not in one.path]:
        assert isinstance(route.path, str)
        address = route.path.format(slug=market.slug, floor="voso").replace("{floor}", "voso")
        answer = await client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        for row in _rows(address, answer.content):
            read += len(row)
            for cell in row:
                assert not cell.lstrip().startswith(RISKY) or _is_number(cell), f"{address}: {cell!r}"
    assert read > 100


def _rows(address: str, content: bytes) -> list[list[str]]:
    if address.endswith(".csv"):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = read_sheet(content)
    assert not sheet.formulas
    return []


def _is_number(cell: str) -> bool:
    return cell.removeprefix("-").isdecimal()


async def test_methods_that_nobody_declared_are_refused(db: None, client: Browser) -> None:
    for method in ("TRACE", "PUT", "DELETE", "CONNECT"):
        assert (await client.request(method, "/about")).status_code == 405


def test_the_security_list_names_tests_that_are() -> None:
    """docs/security.md says which test meets a point: each of them is there, and every chapter has its place."""
    text = (ROOT / "docs" / "security.md").read_text()
    named = set(re.findall(r"tests/[a-z_]+/[a-z_]+\.(?:py|csv)", text))
    assert len(named) > 25
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []
    assert [n for n in range(1, 18) if f"## V{n} " not in text] == []


def test_the_table_of_files_names_routes_that_are() -> None:
    """A form that no longer takes files is taken off the list."""
    names = {str(one.name) for one in all_routes(Settings()) if hasattr(one, "name")}
    assert names >= WITH_FILES | KEPT_BY_BROWSERS
