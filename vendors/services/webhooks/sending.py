"""Messages on their way to sellers' systems: sent, tried again by the specification's times, given up, sent anew."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify_role
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from kit.outbox import later
from kit.roles import Role
from kit.sealed import SealKeys
from vendors.models import MessageState, WebhookEndpoint, WebhookMessage, WebhookTry
from vendors.services.cards import Leaf
from vendors.services.webhooks.endpoints import secrets_of
from vendors.standard_webhooks import signed_headers, wait_after

PAGE_ROWS = 24
TRIES_SHOWN = 12
SLACK = timedelta(seconds=1)
GIVE_UP_AFTER = timedelta(days=5)
GONE = 410
SAY_WHEN = (429, 503)


@dataclass(frozen=True)
class Parcelled:
    """A message ready to be posted."""

    row_id: int
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """How a try went: the answer's status (0 when none came) and beginning, its time, how long it asks to wait."""

    status: int
    answer: str
    took_ms: int
    wait_seconds: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the system has taken the message."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class MessageLine:
    """A message as its seller sees it."""

    id: int
    message_id: str
    event: str
    state: MessageState
    created_at: datetime
    next_at: datetime | None
    body: str
    tries: list[WebhookTry]


async def message_to_send(row_id: int, *, keys: SealKeys, now: datetime) -> Parcelled | None:
    """The message to post now, signed; None when it has gone, is not due yet, or its endpoint is off."""
    row = await WebhookMessage.get_or_none(id=row_id).select_related("endpoint")
    if row is None or row.state is not MessageState.WAITING or not row.endpoint.is_on:
        return None
    if row.next_at is not None and row.next_at > now + SLACK:
        return None
    body = row.body.encode()
    headers = signed_headers(row.message_id, body, secrets_of(row.endpoint, keys, now=now), now=now)
    return Parcelled(
        row.id,
        row.endpoint.url,
        {**headers, "content-type": "application/json", "user-agent": "Cho4.0"},
        body,
    )


async def message_tried(row_id: int, outcome: Outcome, *, now: datetime) -> None:
    """Writes a try down and leaves the next one, if there is to be one."""
    found = await WebhookMessage.get_or_none(id=row_id)
    if found is None:
        return
    async with transaction():
        endpoint = (await locked(WebhookEndpoint, [found.endpoint_id])).get(found.endpoint_id)
        row = (await locked(WebhookMessage, [row_id])).get(row_id)
        if endpoint is None or row is None or row.state is not MessageState.WAITING:
            return
        await WebhookTry.create(
            message_id=row_id,
            at=now,
            status=outcome.status,
            answer=outcome.answer[:200],
            took_ms=outcome.took_ms,
        )
        row.round_tries += 1
        if outcome.is_taken:
            await _delivered(row, endpoint, now)
        else:
            await _missed(row, endpoint, outcome, now)
        await row.save(update_fields=["round_tries", "state", "next_at", "ended_at"])
        await endpoint.save(update_fields=["failing_since", "is_on", "off_because"])


async def send_anew(row_id: int, endpoint_id: int, vendor_id: int, *, by: int, now: datetime) -> None:
    """Sends a message again from the beginning, with the same id. NotFound for others' messages.

    Conflict when its endpoint is off, or when it is being sent right now.
    """
    async with transaction():
        endpoint = (await locked(WebhookEndpoint, [endpoint_id])).get(endpoint_id)
        row = (await locked(WebhookMessage, [row_id])).get(row_id)
        if (
            endpoint is None
            or row is None
            or row.endpoint_id != endpoint.id
            or endpoint.vendor_id != vendor_id
        ):
            raise NotFound()
        if not endpoint.is_on:
            raise Conflict(say("Địa chỉ này đang tắt. Hãy bật lên rồi gửi lại."))
        if row.state is MessageState.WAITING and row.next_at is not None and row.next_at <= now:
            raise Conflict(say("Tin này đang được gửi."))
        row.state, row.round_tries, row.next_at, row.ended_at = MessageState.WAITING, 0, now, None
        await row.save(update_fields=["state", "round_tries", "next_at", "ended_at"])
        await record(by, "webhook_sent_anew", "webhook", endpoint_id, message=row.message_id)
        await later("send_webhook", row.id)


async def messages_of(endpoint_id: int, *, page: int = 1) -> Leaf[MessageLine]:
    """A page of what an endpoint was told, newest first, each with its last tries; two queries."""
    rows = await (
        WebhookMessage.filter(endpoint_id=endpoint_id)
        .order_by("-id")
        .offset((page - 1) * PAGE_ROWS)
        .limit(PAGE_ROWS + 1)
    )
    shown = rows[:PAGE_ROWS]
    tries: dict[int, list[WebhookTry]] = {row.id: [] for row in shown}
    for one in (
        await WebhookTry.filter(message_id__in=list(tries)).order_by("-id").limit(PAGE_ROWS * TRIES_SHOWN)
    ):
        tries[one.message_id].append(one)
    lines = [
        MessageLine(
            row.id,
            row.message_id,
            row.event,
            row.state,
            row.created_at,
            row.next_at if row.state is MessageState.WAITING else None,
            row.body,
            tries[row.id][:TRIES_SHOWN],
        )
        for row in shown
    ]
    return Leaf(lines, page, len(rows) > PAGE_ROWS)


async def _delivered(row: WebhookMessage, endpoint: WebhookEndpoint, now: datetime) -> None:
    row.state, row.next_at, row.ended_at = MessageState.DELIVERED, None, now
    endpoint.failing_since = None


async def _missed(row: WebhookMessage, endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> None:
    """Waits for the next time, or gives the message up; an endpoint that has failed for days is switched off."""
    endpoint.failing_since = endpoint.failing_since or now
    wait = wait_after(row.round_tries, asked_seconds=outcome.wait_seconds)
    if outcome.status == GONE:
        await _switch_off(endpoint, "gone", now)
    elif now - endpoint.failing_since >= GIVE_UP_AFTER:
        await _switch_off(endpoint, "failing", now)
    if wait is None or not endpoint.is_on:
        row.state, row.next_at, row.ended_at = MessageState.FAILED, None, now
        return
    row.next_at = now + wait
    # The outbox goes by the machine's time, the message by the market's clock.
    await later("send_webhook", row.id, at=datetime.now(UTC) + wait)


async def _switch_off(endpoint: WebhookEndpoint, why: str, now: datetime) -> None:
    endpoint.is_on, endpoint.off_because = False, why
    telling = Telling(
        NoticeKind.SYSTEM,
        say("Ngừng gửi tin cho phần mềm của cô bác"),
        say("{url} không nhận tin nữa nên chợ đã tắt. Sửa xong cô bác bật lại.", url=endpoint.url),
        f"/sell/webhooks/{endpoint.id}",
        timedelta(days=3),
    )
    key = f"webhook:{endpoint.id}:off:{now:%Y%m%d%H%M%S}"
    await notify_role(Role.VENDOR, str(endpoint.vendor_id), telling, event_key=key, now=now)
