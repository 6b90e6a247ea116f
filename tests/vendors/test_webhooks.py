"""Sellers' own systems: signed as the specification says, tried by its times, replayed, and never at home."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import PersonNotice
from accounts.services import grant
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.models import Job, JobState
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import SealKeys
from kit.settings import Settings
from tests.conftest import Browser, Queries
from tests.factories import HOA, person, vendor
from vendors.models import MessageState, WebhookEndpoint, WebhookMessage, WebhookTry
from vendors.services.webhooks.endpoints import (
    ENDPOINTS_MAX,
    FreshEndpoint,
    add_endpoint,
    change_endpoint,
    emit,
    endpoint_of,
    forget_messages,
    renew_secret,
    secrets_of,
)
from vendors.services.webhooks.sending import Outcome, message_to_send, message_tried, messages_of, send_anew
from vendors.standard_webhooks import SCHEDULE, new_secret, signed_headers, wait_after
from vendors.tasks import send_webhook
from vendors.webhook_gate import heard, post_message

pytestmark = pytest.mark.usefixtures("db")
KEYS = SealKeys(["a key for the tests of webhooks, long enough"])
URL = "https://kho.example.vn/cho"
MISS, TAKEN = Outcome(500, "oh", 12), Outcome(204, "", 3)


async def endpoint(url: str = URL, vendor_id: int = 0, **more: Any) -> FreshEndpoint:
    wishes: dict[str, Any] = {"label": "", "events": [], "twin_url": "", "keys": KEYS, "by": 1, **more}
    return await add_endpoint(vendor_id, url, now=datetime(2026, 11, 21, tzinfo=UTC), **wishes)


async def told(
    vendor_id: int, clock: StoppedClock, key: str = "order:1:paid", event: str = "order.paid"
) -> int:
    async with transaction():
        return await emit(vendor_id, event, {"order": "DH1"}, event_key=key, at=clock.now(), now=clock.now())


# --- the specification ---


def test_the_example_of_the_specification_is_signed_the_same() -> None:
    """The vector that its reference libraries carry."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        now=at,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@given(st.binary(max_size=500))
def test_each_secret_signs(body: bytes) -> None:
    keys = [new_secret(), new_secret()]
    signs = signed_headers("msg_1", body, keys, now=datetime(2026, 11, 21, tzinfo=UTC))[
        "webhook-signature"
    ].split()
    at = str(int(datetime(2026, 11, 21, tzinfo=UTC).timestamp()))
    for secret, sign in zip(keys, signs, strict=True):
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        expected = hmac.new(raw, f"msg_1.{at}.".encode() + body, hashlib.sha256).digest()
        assert sign == f"v1,{base64.b64encode(expected).decode()}" and len(raw) == 32


def test_the_times_are_those_of_the_specification() -> None:
    first: Callable[[], float] = lambda: 0.0  # noqa: E731
    waits = [wait_after(tries, chance=first) for tries in range(1, 11)]
    hours = [wait.total_seconds() / 3600 for wait in waits if wait]
    assert hours == [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24] and waits[-1] is None
    assert wait_after(1, chance=lambda: 1.0) == timedelta(seconds=5.5)
    assert wait_after(1, asked_seconds=120, chance=first) == timedelta(minutes=2)
    assert wait_after(1, asked_seconds=10**6, chance=first) == timedelta(hours=24)


# --- endpoints ---


@pytest.mark.parametrize(
    "url",
    [
        "http://kho.example.vn/", "https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.7/x",
        "https://169.254.169.254/latest/meta-data", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
        "https://user:word@kho.example.vn/", "https://kho.example.vn:0/", "https://kho.example.vn:99999/",
        "https://kho.example.vn/#x", "https://kho.example.vn/\nx", "https://khó.example.vn/", "ftp://kho.example.vn/",
        "https://", "kho.example.vn", "https://kho..example.vn/", "https://[::ffff:10.0.0.1]/",
    ],
)  # fmt: skip
async def test_an_address_that_cannot_be_one_of_the_internet_is_refused(url: str) -> None:
    seller = await vendor()
    with pytest.raises(Refusal) as no:
        await endpoint(url, seller.id)
    assert no.value.field == "url" and not await WebhookEndpoint.exists()


async def test_the_twin_is_the_only_private_address_and_only_where_it_stands() -> None:
    seller, twin = await vendor(), "http://127.0.0.1:8000/twins/webhooks/"
    await endpoint(twin + "thu", seller.id, twin_url=twin)
    for other in ("http://127.0.0.1:8000/twins/", "http://127.0.0.1:8001/twins/webhooks/thu"):
        with pytest.raises(Refusal):
            await endpoint(other, seller.id, twin_url=twin)


async def test_a_name_that_leads_home_is_not_called(settings: Settings) -> None:
    """Refused when it is looked up, not only when it is written down."""
    for url in ("https://localhost:1/", "https://127.0.0.1:1/", "https://[::1]:1/"):
        posted = await post_message(url, {}, b"{}", replace(settings, webhook_twin=False))
        assert (posted.status, posted.answer) == (0, "the address is not public")


async def test_the_same_address_twice_and_too_many_are_refused() -> None:
    seller = await vendor()
    await endpoint(vendor_id=seller.id)
    with pytest.raises(Refusal):
        await endpoint(vendor_id=seller.id)
    for n in range(ENDPOINTS_MAX - 1):
        await endpoint(f"{URL}/{n}", seller.id)
    with pytest.raises(Refusal):
        await endpoint(f"{URL}/more", seller.id)


async def test_secrets_lie_sealed_and_the_old_one_signs_for_a_day(clock: StoppedClock) -> None:
    seller = await vendor()
    fresh = await endpoint(vendor_id=seller.id)
    row = await endpoint_of(fresh.id, seller.id)
    assert fresh.secret not in row.secret and secrets_of(row, KEYS, now=clock.now()) == [fresh.secret]
    newer = await renew_secret(fresh.id, seller.id, keys=KEYS, by=1, now=clock.now())
    row = await endpoint_of(fresh.id, seller.id)
    assert secrets_of(row, KEYS, now=clock.now() + timedelta(hours=23)) == [newer, fresh.secret]
    assert secrets_of(row, KEYS, now=clock.now() + timedelta(hours=24)) == [newer]


# --- messages ---


async def test_an_event_is_one_message_for_each_endpoint_that_wants_it(clock: StoppedClock) -> None:
    seller, other = await vendor(), await vendor("Khác", "khac", phone="+84912000222")
    everything = await endpoint(vendor_id=seller.id)
    await endpoint(f"{URL}/goods", seller.id, events=["listing.approved"])
    off = await endpoint(f"{URL}/off", seller.id)
    await change_endpoint(off.id, seller.id, label="", events=[], is_on=False, by=1)
    await endpoint(vendor_id=other.id)
    assert await told(seller.id, clock) == 1
    assert await told(seller.id, clock) == 0, "what comes twice is told once"
    row = await WebhookMessage.get()
    said = json.loads(row.body)
    assert (row.endpoint_id, said["type"], said["data"]) == (everything.id, "order.paid", {"order": "DH1"})
    assert datetime.fromisoformat(said["timestamp"]) == clock.now()
    assert await Job.filter(name="send_webhook", subject_id=row.id).count() == 1
    with pytest.raises(RuntimeError):
        await emit(seller.id, "order.paid", {}, event_key="x", at=clock.now(), now=clock.now())


async def test_a_message_has_the_same_id_and_body_at_every_try(clock: StoppedClock) -> None:
    seller = await vendor()
    await endpoint(vendor_id=seller.id)
    await told(seller.id, clock)
    row = await WebhookMessage.get()
    first = await message_to_send(row.id, keys=KEYS, now=clock.now())
    assert first and first.url == URL and first.headers["webhook-id"] == row.message_id
    await message_tried(row.id, MISS, now=clock.now())
    assert await message_to_send(row.id, keys=KEYS, now=clock.now()) is None, "not before its time"
    clock.forward(seconds=6)
    again = await message_to_send(row.id, keys=KEYS, now=clock.now())
    assert again and again.body == first.body and again.headers["webhook-id"] == row.message_id
    assert again.headers["webhook-timestamp"] != first.headers["webhook-timestamp"]
    await message_tried(row.id, TAKEN, now=clock.now())
    assert await message_to_send(row.id, keys=KEYS, now=clock.now()) is None
    assert [(one.status, one.took_ms) for one in await WebhookTry.all().order_by("id")] == [
        (500, 12),
        (204, 3),
    ]
    assert (await WebhookEndpoint.get()).failing_since is None


async def test_after_ten_tries_a_message_is_given_up_and_can_be_sent_anew(clock: StoppedClock) -> None:
    seller = await vendor()
    made = await endpoint(vendor_id=seller.id)
    await told(seller.id, clock)
    row = await WebhookMessage.get()
    for _ in range(len(SCHEDULE) + 1):
        assert await message_to_send(row.id, keys=KEYS, now=clock.now())
        await message_tried(row.id, MISS, now=clock.now())
        clock.at = (await WebhookMessage.get()).next_at or clock.at
    row = await WebhookMessage.get()
    assert row.state is MessageState.FAILED and await WebhookTry.all().count() == 10
    assert (await WebhookEndpoint.get()).is_on, "three days and a bit are not five"
    await send_anew(row.id, made.id, seller.id, by=1, now=clock.now())
    with pytest.raises(Conflict):
        await send_anew(row.id, made.id, seller.id, by=1, now=clock.now())
    anew = await message_to_send(row.id, keys=KEYS, now=clock.now())
    assert anew and anew.headers["webhook-id"] == row.message_id
    await message_tried(row.id, TAKEN, now=clock.now())
    await send_anew(row.id, made.id, seller.id, by=1, now=clock.now())
    assert (await WebhookMessage.get()).state is MessageState.WAITING, "what was taken may be told once more"


@pytest.mark.parametrize(("status", "days", "why"), [(410, 0, "gone"), (500, 5, "failing")])
async def test_an_endpoint_that_is_gone_or_fails_for_days_is_switched_off_and_its_seller_told(
    clock: StoppedClock, status: int, days: int, why: str
) -> None:
    seller, hoa = await vendor(), await person()
    await grant(hoa.id, Role.VENDOR, str(seller.id))
    made = await endpoint(vendor_id=seller.id)
    await told(seller.id, clock)
    row = await WebhookMessage.get()
    if days:
        await message_tried(row.id, MISS, now=clock.now() - timedelta(days=days))
    await message_tried(row.id, Outcome(status, "", 1), now=clock.now())
    switched = await WebhookEndpoint.get()
    assert (switched.is_on, switched.off_because) == (False, why)
    assert (await PersonNotice.get()).url == f"/sell/webhooks/{made.id}"
    assert await told(seller.id, clock, "order:2:paid") == 0
    with pytest.raises(Conflict):
        await send_anew(row.id, made.id, seller.id, by=1, now=clock.now())


async def test_what_waited_while_it_was_off_goes_on_afterwards(clock: StoppedClock) -> None:
    seller = await vendor()
    made = await endpoint(vendor_id=seller.id)
    await told(seller.id, clock)
    await change_endpoint(made.id, seller.id, label="Kho", events=["order.paid"], is_on=False, by=1)
    row = await WebhookMessage.get()
    assert await message_to_send(row.id, keys=KEYS, now=clock.now()) is None
    await change_endpoint(made.id, seller.id, label="Kho", events=["order.paid"], is_on=True, by=1)
    assert await message_to_send(row.id, keys=KEYS, now=clock.now())
    assert await Job.filter(name="send_webhook").count() == 2


async def test_the_log_is_paged_in_two_queries_and_forgotten(clock: StoppedClock, queries: Queries) -> None:
    seller = await vendor()
    made = await endpoint(vendor_id=seller.id)
    for n in range(30):
        await told(seller.id, clock, f"order:{n}:paid")
    with queries.at_most(2):
        leaf = await messages_of(made.id)
    assert len(leaf.items) == 24 and leaf.has_more
    await forget_messages(clock.now() + timedelta(days=61))
    assert not await WebhookMessage.exists()


# --- the pages and the API ---


@pytest.fixture
async def hien(client: Browser, sign_in_as: Any) -> Browser:
    """A seller at her browser."""
    seller = await vendor(phone=HOA)
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    return client


async def test_a_seller_connects_her_software_and_sees_it_fail_twice_and_be_told(
    hien: Browser, parts: Parts, clock: StoppedClock
) -> None:
    """The receiver checks the signature with nothing but its secret and the specification."""
    made = await hien.submit(
        "/sell/webhooks", {"url": "http://test/twins/webhooks/kho?misses=2", "label": "Kho"}
    )
    assert made.status_code == 201 and made.headers["cache-control"] == "no-store"
    row = await WebhookEndpoint.get()
    secret = made.text.split('webhook-secret">')[1].split("<")[0]
    assert secret.startswith("whsec_") and secret not in (await hien.get(f"/sell/webhooks/{row.id}")).text
    assert (await hien.submit(f"/sell/webhooks/{row.id}/test")).status_code == 303
    message = await WebhookMessage.get()
    folder = parts[Settings].var_path / "twins"
    for _ in range(3):
        ready = await message_to_send(message.id, keys=SealKeys([Settings().data_key]), now=clock.now())
        assert ready
        answer = await hien.post("/twins/webhooks/kho?misses=2", content=ready.body, headers=ready.headers)
        await message_tried(message.id, Outcome(answer.status_code, "", 5), now=clock.now())
        clock.forward(hours=1)
    assert [one.status for one in heard(folder)] == [204, 500, 500]
    last = heard(folder)[0]
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{last.headers['webhook-id']}.{last.headers['webhook-timestamp']}.{last.body}".encode()
    expected = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    assert last.headers["webhook-signature"] == f"v1,{expected}"
    page = (await hien.get(f"/sell/webhooks/{row.id}")).text
    assert "Đã nhận" in page and "Xem 3 lần gửi" in page
    assert (await hien.submit(f"/sell/webhooks/{row.id}/messages/{message.id}")).status_code == 303
    assert (await hien.submit(f"/sell/webhooks/{row.id}/messages/{message.id}")).status_code == 409
    assert (await hien.get("/twins/webhooks")).text.count("webhook-id: ") == 3


async def test_a_message_that_nobody_takes_is_written_down(
    hien: Browser, parts: Parts, clock: StoppedClock
) -> None:
    """The job itself: nothing listens at the twin's address of this test."""
    await hien.submit("/sell/webhooks", {"url": "http://test/twins/webhooks/kho"})
    row = await WebhookEndpoint.get()
    await hien.submit(f"/sell/webhooks/{row.id}/test")
    message = await WebhookMessage.get()
    await send_webhook(parts, message.id)
    assert (await WebhookTry.get()).status == 0 and (await WebhookMessage.get()).state is MessageState.WAITING
    waiting = await Job.filter(name="send_webhook", state=JobState.WAITING).order_by("-id").first()
    assert waiting and timedelta(seconds=3) < waiting.due_at - datetime.now(UTC) < timedelta(seconds=6)


async def test_bad_input_is_said_at_its_field_and_nothing_is_kept(hien: Browser) -> None:
    for sent in (
        {"url": ""},
        {"url": "http://10.0.0.1/"},
        {"url": URL, "event": "order.eaten"},
        {"url": "x" * 301},
    ):
        assert (await hien.submit("/sell/webhooks", sent)).status_code == 422
    assert not await WebhookEndpoint.exists()
    await hien.submit("/sell/webhooks", {"url": URL, "event": ["order.paid", "order.lost"]})
    row = await WebhookEndpoint.get()
    assert row.events == ["order.paid", "order.lost"]
    changed = {"label": "Kho", "event": "order.paid"}
    assert (await hien.submit(f"/sell/webhooks/{row.id}", changed)).status_code == 303
    row = await WebhookEndpoint.get()
    assert (row.label, row.events, row.is_on) == ("Kho", ["order.paid"], False)
    assert (await hien.submit(f"/sell/webhooks/{row.id}/test")).status_code == 409
    assert (await hien.submit(f"/sell/webhooks/{row.id}", {"label": "x" * 81})).status_code == 422
    assert (await hien.submit(f"/sell/webhooks/{row.id}/secret")).status_code == 201
    assert (await hien.submit(f"/sell/webhooks/{row.id}/end")).status_code == 303
    assert not await WebhookEndpoint.exists()


async def test_somebody_elses_endpoint_is_not_there(hien: Browser, clock: StoppedClock) -> None:
    other = await vendor("Khác", "khac", phone="+84912000222")
    made = await endpoint(vendor_id=other.id)
    await told(other.id, clock)
    message = await WebhookMessage.get()
    base = f"/sell/webhooks/{made.id}"
    assert (await hien.get(base)).status_code == 404
    for act in ("", "/secret", "/end", "/test", f"/messages/{message.id}"):
        assert (await hien.submit(base + act)).status_code == 404, act
    mine = await hien.submit("/sell/webhooks", {"url": URL})
    assert mine.status_code == 201
    own = await WebhookEndpoint.filter(url=URL).exclude(id=made.id).get()
    assert (await hien.submit(f"/sell/webhooks/{own.id}/messages/{message.id}")).status_code == 404
    with pytest.raises(NotFound):
        await endpoint_of(made.id, own.vendor_id)


async def test_a_program_sets_itself_up(hien: Browser, clock: StoppedClock) -> None:
    headers = {"x-csrf-token": await hien.token()}

    async def act(path: str, sent: dict[str, Any] | None = None, key: str = "") -> Any:
        keyed = {**headers, "idempotency-key": key or f"key-{path}-{clock.now()}".replace("/", "-")[:80]}
        return await hien.post(f"/api/v1/sell/webhooks{path}", json=sent or {}, headers=keyed)

    made = await act("", {"url": URL, "label": "Kho", "events": "order.paid,order.lost"})
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    number = made.json()["id"]
    [listed] = (await hien.get("/api/v1/sell/webhooks")).json()["items"]
    assert (listed["events"], listed["is_on"], "secret" in listed) == (
        ["order.paid", "order.lost"],
        True,
        False,
    )
    assert (await act("", {"url": "https://10.0.0.1/"}, key="another-key")).status_code == 422
    assert (await act("", {"url": URL, "events": "order.eaten"}, key="third-key")).status_code == 422
    changed = await act(f"/{number}", {"label": "Kho 2", "events": "", "is_on": True})
    assert changed.json()["label"] == "Kho 2" and changed.json()["events"] == []
    assert (await act(f"/{number}/secret")).json()["secret"] != made.json()["secret"]
    tested = await act(f"/{number}/test")
    assert tested.status_code == 201 and tested.json()["items"][0]["event"] == "webhook.test"
    [message] = (await hien.get(f"/api/v1/sell/webhooks/{number}/messages")).json()["items"]
    await message_tried(message["id"], Outcome(410, "", 1), now=clock.now())
    replay = f"/{number}/messages/{message['id']}/replay"
    assert (await act(replay)).status_code == 409
    await act(f"/{number}", {"label": "", "events": "", "is_on": True})
    again = await act(replay)
    assert again.status_code == 200 and again.json()["items"][0]["state"] == "waiting"
    assert (await act(f"/{number}/end")).json() == {"items": []}
