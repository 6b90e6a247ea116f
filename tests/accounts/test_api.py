"""The JSON API: a program signs in with a phone and a code, and learns who it is."""

from typing import Any

import pytest

from accounts.models import ApiToken, Person, SignInCode
from kit.clock import StoppedClock
from kit.codes import digest
from kit.roles import Role
from tests.factories import HOA, code_sent_to, wrong_code

pytestmark = pytest.mark.usefixtures("db")
CODES, SIGN_IN, ME = "/api/v1/sign-in/codes", "/api/v1/sign-in", "/api/v1/me"


async def test_a_program_signs_in_and_learns_who_it_is(client: Any, clock: StoppedClock) -> None:
    asked = await client.post(CODES, json={"phone": "0912 345 678"})
    assert (asked.status_code, asked.json()) == (202, {"good_for_seconds": 300, "again_after_seconds": 30})
    given = await client.post(SIGN_IN, json={"phone": "0912345678", "code": await code_sent_to(HOA)})
    assert given.status_code == 201
    answer = given.json()
    assert answer["is_new"] is True and len(answer["token"]) == 43
    assert (await ApiToken.get()).token_hash == digest(answer["token"])
    told = await client.get(ME, headers={"authorization": f"Bearer {answer['token']}"})
    assert told.json() == {"id": answer["person_id"], "name": "", "phone": HOA, "language": "vi", "roles": []}
    clock.forward(days=30)
    assert (await client.get(ME, headers={"authorization": f"Bearer {answer['token']}"})).status_code == 401


async def test_roles_are_told_with_their_scopes(client: Any, sign_in_as: Any) -> None:
    await sign_in_as(client, HOA, (Role.VENDOR, "7"), (Role.VENDOR, "3"), Role.CLERK)
    told = (await client.get(ME)).json()["roles"]
    assert sorted((one["role"], one["scope"]) for one in told) == [
        ("clerk", ""),
        ("vendor", "3"),
        ("vendor", "7"),
    ]


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer nonsense", "Basic aG9hOmhvYQ=="])
async def test_who_has_no_token_is_refused_with_a_problem(client: Any, bearer: str) -> None:
    answer = await client.get(ME, headers={"authorization": bearer})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json" and answer.json()["title"]


@pytest.mark.parametrize(
    ("path", "sent", "fields"),
    [
        (CODES, {}, {"phone"}),
        (CODES, {"phone": 12}, {"phone"}),
        (CODES, {"phone": ["0912345678"]}, {"phone"}),
        (CODES, {"phone": "0208 385 5123"}, {"phone"}),
        (SIGN_IN, {}, {"phone", "code"}),
        (SIGN_IN, {"phone": "0912345678", "code": "12"}, {"code"}),
        (SIGN_IN, {"phone": "0912345678", "code": None}, {"code"}),
    ],
)
async def test_bad_input_is_told_by_field(
    client: Any, path: str, sent: dict[str, Any], fields: set[str]
) -> None:
    answer = await client.post(path, json=sent)
    assert answer.status_code == 422 and set(answer.json()["errors"]) == fields
    assert (await SignInCode.all().count(), await ApiToken.all().count()) == (0, 0)


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b"\xff", 400), (b"{" * 300_000, 413)]
)
async def test_what_is_no_json_object_is_refused(client: Any, body: bytes, status: int) -> None:
    assert (await client.post(CODES, content=body)).status_code == status


async def test_a_wrong_code_is_told_at_its_field_and_counts(client: Any) -> None:
    await client.post(CODES, json={"phone": "0912345678"})
    code = await code_sent_to(HOA)
    for _ in range(5):
        answer = await client.post(SIGN_IN, json={"phone": "0912345678", "code": wrong_code(code)})
        assert answer.status_code == 422 and set(answer.json()["errors"]) == {"code"}
    assert (await client.post(SIGN_IN, json={"phone": "0912345678", "code": code})).status_code == 422
    assert (await Person.all().count(), await ApiToken.all().count()) == (0, 0)


async def test_a_code_is_traded_once(client: Any) -> None:
    await client.post(CODES, json={"phone": "0912345678"})
    sent = {"phone": "0912345678", "code": await code_sent_to(HOA)}
    assert [(await client.post(SIGN_IN, json=sent)).status_code for _ in range(2)] == [201, 422]


async def test_too_many_codes_say_when_to_come_back(client: Any) -> None:
    await client.post(CODES, json={"phone": "0912345678"})
    answer = await client.post(CODES, json={"phone": "0912345678"}, headers={"accept-language": "en"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert answer.json()["title"] == "A code was sent just now. Wait 30 more seconds, then get a new one."


async def test_a_blocked_person_gets_no_token(client: Any) -> None:
    await Person.create(phone=HOA, is_blocked=True)
    await client.post(CODES, json={"phone": "0912345678"})
    answer = await client.post(SIGN_IN, json={"phone": "0912345678", "code": await code_sent_to(HOA)})
    assert answer.status_code == 403 and await ApiToken.all().count() == 0


async def test_a_browser_that_is_signed_in_needs_its_form_token_here_too(
    client: Any, sign_in_as: Any
) -> None:
    await sign_in_as(client, "+84987654321")
    assert (await client.post(CODES, json={"phone": "0912345678"})).status_code == 403
    assert await SignInCode.all().count() == 0
