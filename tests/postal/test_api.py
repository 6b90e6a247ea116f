"""The post's JSON: public tracking without names, work lists, acts that count once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.services import make_api_token, person_of
from kit.clock import StoppedClock
from kit.roles import Role
from postal.models import ParcelEvent
from postal.services import ParcelView, parcel
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import booked_parcel, carried

pytestmark = pytest.mark.usefixtures("db")
SignIn = Callable[..., Awaitable[Any]]


@pytest.fixture
def now(clock: StoppedClock) -> datetime:
    return clock.now()


@pytest.fixture
async def waiting(now: datetime) -> ParcelView:
    return await booked_parcel("order:17", now=now)


@pytest.fixture
async def program(client: Any, sign_in_as: SignIn, now: datetime) -> Any:
    """A carrier's program with its token."""
    person = await sign_in_as(client, "0912000333", Role.CARRIER)
    client.cookies.clear()
    client.headers["authorization"] = f"Bearer {await make_api_token(person.id, 'Máy quét', now=now)}"
    return client


async def send(client: Any, code: str, body: Any, key: str = "request-0001") -> Any:
    headers = {"idempotency-key": key} if key else {}
    return await client.post(f"/api/v1/post/parcels/{code}/acts", json=body, headers=headers)


async def test_anybody_may_follow_a_parcel_and_learns_no_name(
    client: Any, waiting: ParcelView, now: datetime
) -> None:
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, Act.FAIL, person_id=1, now=now)
    answer = await client.get(f"/api/v1/parcels/{waiting.code}", headers={"accept-language": "en"})
    told = answer.json()
    assert (told["state"], told["words"], told["to_commune"]) == (
        "failed_attempt",
        "Not delivered yet",
        "Phường Phan Đình Phùng",
    )
    assert [step["state"] for step in told["steps"]][-1] == "failed_attempt"
    assert (
        told["steps"][-1]["because"] == "The recipient could not be reached" or told["steps"][-1]["because"]
    )
    assert datetime.fromisoformat(told["booked_at"]) == now
    for secret in ("Hoa", "987", "Hảo Đạt", "ngõ 2"):
        assert secret not in answer.text


async def test_a_parcel_nobody_booked_is_a_problem_404(client: Any) -> None:
    answer = await client.get("/api/v1/parcels/C40000000000X")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("path", ["/api/v1/post/pickups", "/api/v1/post/deliveries"])
async def test_work_lists_are_for_staff(path: str, client: Any, sign_in_as: SignIn) -> None:
    assert (await client.get(path)).status_code == 401
    await sign_in_as(client, "0912000222", Role.VENDOR)
    assert (await client.get(path)).status_code == 403


async def test_a_program_reads_the_lists_with_masked_phones_until_the_parcel_is_out(
    program: Any, waiting: ParcelView, now: datetime
) -> None:
    [listed] = (await program.get("/api/v1/post/pickups")).json()["items"]
    assert (listed["code"], listed["recipient"]["phone"]) == (waiting.code, "0987 *** 321")
    assert listed["acts"] == ["accept", "fail_pickup", "cancel"]
    assert (await program.get("/api/v1/post/deliveries")).json() == {"items": []}
    me = (await program.get("/api/v1/me")).json()["id"]
    await carried(waiting.code, Act.ACCEPT, Act.TAKE_OUT, person_id=me, now=now)
    [listed] = (await program.get("/api/v1/post/deliveries?page=junk")).json()["items"]
    assert listed["recipient"]["phone"] == "0987 654 321"


async def test_an_act_answers_with_the_parcel_and_the_next_acts(program: Any, waiting: ParcelView) -> None:
    answer = await send(program, waiting.code, {"act": "accept", "event_key": "device-0001"})
    assert answer.status_code == 201
    assert (answer.json()["state"], "hand_over" in answer.json()["acts"]) == ("picked_up", True)


async def test_the_same_act_sent_again_counts_once_with_either_key(program: Any, waiting: ParcelView) -> None:
    body = {"act": "accept", "event_key": "device-0001"}
    answers = [
        await send(program, waiting.code, body, key) for key in ("request-1", "request-1", "request-2")
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert await ParcelEvent.filter(parcel_id=waiting.id, act="accept").count() == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "act"),
        ({"act": "fly", "event_key": "device-0001"}, 422, "act"),
        ({"act": "accept"}, 422, "event_key"),
        ({"act": "accept", "event_key": "x"}, 422, "event_key"),
        ({"act": "accept", "event_key": ["a"] * 9}, 422, "event_key"),
        ({"act": "fail_pickup", "event_key": "device-0001"}, 422, "reason"),
        ({"act": "fail_pickup", "event_key": "device-0001", "reason": "rain dance"}, 422, "reason"),
        ({"act": "cancel", "event_key": "device-0001"}, 422, "note"),
        ({"act": "cancel", "event_key": "device-0001", "note": "x" * 301}, 422, "note"),
        ({"act": "deliver", "event_key": "device-0001"}, 409, None),
        ([], 400, None),
    ],
)
async def test_a_bad_act_is_a_problem_at_its_field_and_changes_nothing(
    body: Any, status: int, field: str | None, program: Any, waiting: ParcelView
) -> None:
    answer = await send(program, waiting.code, body)
    assert answer.status_code == status
    assert field is None or field in answer.json()["errors"]
    assert (await parcel(waiting.code)).state is ParcelState.AWAITING_PICKUP


async def test_an_act_needs_an_idempotency_key_and_a_parcel(program: Any, waiting: ParcelView) -> None:
    body = {"act": "accept", "event_key": "device-0001"}
    assert (await send(program, waiting.code, body, key="")).status_code == 400
    assert (await send(program, "C40000000000X", body)).status_code == 404


async def test_shoppers_may_not_act(client: Any, waiting: ParcelView, now: datetime) -> None:
    body = {"act": "accept", "event_key": "device-0001"}
    assert (await send(client, waiting.code, body)).status_code == 401
    shopper = await person_of("0912000444")
    client.headers["authorization"] = f"Bearer {await make_api_token(shopper.id, 'x', now=now)}"
    assert (await send(client, waiting.code, body)).status_code == 403
    assert (await parcel(waiting.code)).state is ParcelState.AWAITING_PICKUP
