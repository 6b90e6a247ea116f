"""The document of the API: valid, complete, true to the forms that read, and firm about idempotency keys."""

import json
import re
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from accounts.services import make_api_token
from kit.clock import StoppedClock
from kit.forms import Form
from kit.roles import Role
from kit.settings import Settings
from kit.web.api import JsonRoute
from market.app import API, all_routes
from tests.conftest import Browser
from tests.programs import Contract

pytestmark = pytest.mark.usefixtures("db")
# A one-time code is used up by the sign-in: sent twice, it is one token. Its answer must not be kept anywhere.
ITS_OWN_KEY = {"accounts:api_sign_in_create", "orders:api_attempt_create"}
PLACE = re.compile(r"\{(\w+)(:\w+)?\}")


@pytest.fixture
async def document(client: Browser) -> dict[str, Any]:
    """The document as the market serves it."""
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    read: dict[str, Any] = answer.json()
    return read


@pytest.fixture
async def program(client: Browser, sign_in_as: Any, clock: StoppedClock) -> Browser:
    """A program of somebody who may do everything."""
    person = await sign_in_as(client, "+84912345678", *[(role, "1") for role in Role])
    client.cookies.clear()
    token = await make_api_token(person.id, "tests", now=clock.now())
    client.headers["authorization"] = f"Bearer {token}"
    return client


def posts() -> list[JsonRoute]:
    """Every act of the API."""
    return [one for one in API if "POST" in (one.methods or ())]


async def test_the_document_is_openapi_3_1(document: dict[str, Any], settings: Settings) -> None:
    """By the specification's own schema; it names this market as its server."""
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": settings.base_url}]
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids)), "generated clients need names that differ"


async def test_every_json_route_is_in_it_and_nothing_else(
    document: dict[str, Any], settings: Settings
) -> None:
    """Whatever answers under /api/v1 is described, with its method and its places."""
    served = {
        (PLACE.sub(r"{\1}", route.path), method.lower())
        for route in all_routes(settings)
        if isinstance(route, Route) and route.path.startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == served - {("/api/v1/openapi.json", "get")}
    for path, methods in document["paths"].items():
        for one in methods.values():
            places = {each["name"] for each in one["parameters"] if each["in"] == "path"}
            assert places == {found[0] for found in PLACE.findall(path)}, path


async def test_who_may_call_is_said(document: dict[str, Any]) -> None:
    """Security stands where a token is asked for, and only there."""
    for route in API:
        operation = Contract(document).operations[str(route.name).replace(":", "_")]
        assert ("security" in operation) == (not route.who.everybody), route.name


@pytest.mark.parametrize(
    "route", [one for one in posts() if one.operation.status == 201], ids=lambda r: r.name
)
async def test_what_creates_asks_for_a_key(route: JsonRoute, program: Browser) -> None:
    """400 with a sentence in either language when there is none or a bad one; the document demands it."""
    if route.name in ITS_OWN_KEY:
        assert not route.operation.is_once
        return
    path = PLACE.sub("1", route.path)
    for key in ({}, {"idempotency-key": "short"}, {"idempotency-key": "x" * 81}):
        answer = await program.post(path, json={}, headers=key)
        assert answer.status_code == 400, f"{path}: {answer.status_code}"
        assert answer.json()["title"] == "Yêu cầu tạo mới cần tiêu đề Idempotency-Key từ 8 đến 80 ký tự."
    english = await program.post(path, json={}, headers={"accept-language": "en"})
    assert "Idempotency-Key" in english.json()["title"] and "yêu cầu" not in english.json()["title"].lower()


async def test_a_key_is_in_the_document_where_it_is_asked_for(document: dict[str, Any]) -> None:
    """As a required header of the same length."""
    for route in posts():
        operation = Contract(document).operations[str(route.name).replace(":", "_")]
        asked = [one for one in operation["parameters"] if one["in"] == "header"]
        assert len(asked) == int(route.operation.is_once), route.name
        assert all(one["name"] == "Idempotency-Key" and one["required"] for one in asked)


@pytest.mark.parametrize(
    "form",
    sorted({one.operation.form for one in posts() if one.operation.form}, key=str),
    ids=lambda form: form.__name__,
)
@pytest.mark.parametrize("junk", ["", "junk", -1, 10**18, True, None, "x" * 5000])
def test_what_the_document_allows_the_form_reads(form: type[Form], junk: object) -> None:
    """A field whose schema takes a value is a field that the form has no quarrel with the shape of."""
    schema = form.schema()
    Draft202012Validator.check_schema(schema)
    for name, one in schema["properties"].items():  # type: ignore[attr-defined]
        if Draft202012Validator(one).is_valid(junk) and not one.get("examples"):
            assert name not in form.read({name: junk}).errors, f"{form.__name__}.{name} refuses {junk!r}"
    missing = set(form.read({}).errors)
    assert missing == set(schema["required"]), "what is required is what is missed"  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, {"items": "none"}, "application/json"),
        (200, {"items": [], "surprise": 1}, "application/json"),
        (201, {"items": []}, "application/json"),
        (404, {"title": "no status"}, "application/problem+json"),
        (404, {"type": "about:blank", "title": "no", "status": 403}, "application/problem+json"),
        (404, {"type": "about:blank", "title": "no", "status": 404}, "application/json"),
    ],
)
async def test_an_answer_that_breaks_the_document_is_noticed(
    document: dict[str, Any], status: int, content: Any, kind: str
) -> None:
    """The check that the story of the API leans on can fail."""
    answer = httpx2.Response(
        status,
        content=json.dumps(content),
        headers={"content-type": kind},
        request=httpx2.Request("GET", "http://test/api/v1/banks"),
    )
    with pytest.raises(AssertionError):
        Contract(document).check(answer)
