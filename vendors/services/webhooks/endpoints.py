"""Sellers' endpoints: added, changed, given new secrets, switched off; and what is to be told to them."""

import ipaddress
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from accounts.services import record
from kit.db import is_in_transaction, locked, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.outbox import later_each
from kit.outward import is_public
from kit.sealed import SealKeys
from vendors.models import MessageState, Vendor, WebhookEndpoint, WebhookMessage
from vendors.standard_webhooks import new_message_id, new_secret

ENDPOINTS_MAX = 5
WAITING_MAX = 1000
OLD_SECRET_LIFE = timedelta(hours=24)
MESSAGES_KEPT = timedelta(days=60)
TEST = "webhook.test"
_LISTENING = "SELECT DISTINCT vendor_id FROM webhook_endpoint WHERE vendor_id = ANY($1) AND is_on"
HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
EVENT_WORDS: Mapping[str, Sentence] = {
    "order.paid": say("Đơn đã trả tiền"),
    "order.posted": say("Đơn đã gửi đi"),
    "order.delivered": say("Đơn đã giao"),
    "order.expired": say("Đơn hết giờ chuyển tiền"),
    "order.cancelled": say("Đơn bị hủy"),
    "order.returned": say("Đơn trả về"),
    "order.lost": say("Đơn thất lạc"),
    "listing.approved": say("Hàng được duyệt"),
    "listing.returned": say("Hàng được trả về để sửa"),
    "listing.taken_down": say("Hàng bị gỡ"),
    "listing.put_back": say("Hàng được trả lại chợ"),
}


@dataclass(frozen=True)
class FreshEndpoint:
    """An endpoint and its secret, which is told this once."""

    id: int
    secret: str


async def emit(
    vendor_id: int, event: str, content: Mapping[str, object], *, event_key: str, at: datetime, now: datetime
) -> int:
    """Leaves a message for each endpoint of a seller that wants this event, once; gives how many.

    Needs an open transaction(). `at` is when it happened. Money in the content is whole đồng;
    nobody's name, phone or address goes along.
    """
    if not is_in_transaction():
        raise RuntimeError("emit() needs an open transaction()")
    rows = await WebhookEndpoint.filter(vendor_id=vendor_id, is_on=True).order_by("id")
    return await _leave(
        [row for row in rows if _wants(row, event)], event, content, event_key, at=at, now=now
    )


async def who_listens(vendor_ids: Collection[int]) -> set[int]:
    """Those of these sellers who have an endpoint that is on; one query."""
    rows = await sql(_LISTENING, [sorted(vendor_ids)]) if vendor_ids else []
    return {int(str(row["vendor_id"])) for row in rows}


async def endpoints_of(vendor_id: int) -> list[WebhookEndpoint]:
    """A seller's endpoints, the oldest first."""
    return await WebhookEndpoint.filter(vendor_id=vendor_id).order_by("id")


async def endpoint_of(endpoint_id: int, vendor_id: int) -> WebhookEndpoint:
    """One of a seller's own. Raises NotFound."""
    row = await WebhookEndpoint.get_or_none(id=endpoint_id, vendor_id=vendor_id)
    if row is None:
        raise NotFound()
    return row


async def add_endpoint(
    vendor_id: int, url: str, *, label: str, events: Sequence[str], keys: SealKeys, twin_url: str, by: int,
    now: datetime,
) -> FreshEndpoint:  # fmt: skip
    """Tells this address from now on; its secret is told once. Raises Refusal at `url`.

    `twin_url` is where this installation's pretend receiver stands, "" for none: the one address that may be private.
    """
    _check(url, twin_url)
    secret = new_secret()
    async with transaction():
        await locked(Vendor, [vendor_id])
        standing = [one.url for one in await endpoints_of(vendor_id)]
        if url in standing:
            raise Refusal(say("Địa chỉ này đã ghi rồi."), field="url")
        if len(standing) >= ENDPOINTS_MAX:
            raise Refusal(
                say("Nhiều nhất {n} địa chỉ. Hãy bỏ bớt một địa chỉ.", n=ENDPOINTS_MAX), field="url"
            )
        row = await WebhookEndpoint.create(
            vendor_id=vendor_id,
            url=url,
            label=label,
            events=_known(events),
            secret=keys.seal(secret, _place(vendor_id)),
            created_by=by,
            created_at=now,
        )
        await record(by, "webhook_added", "webhook", row.id, url=url)
    return FreshEndpoint(row.id, secret)


async def change_endpoint(
    endpoint_id: int, vendor_id: int, *, label: str, events: Sequence[str], is_on: bool, by: int
) -> None:
    """Changes what an endpoint wants, or switches it off and on. Raises NotFound."""
    async with transaction():
        row = await _own(endpoint_id, vendor_id)
        row.label, row.events = label, _known(events)
        if is_on != row.is_on:
            row.is_on, row.off_because, row.failing_since = is_on, "" if is_on else "seller", None
            if is_on:
                await _go_on(row.id)
        await row.save(update_fields=["label", "events", "is_on", "off_because", "failing_since"])
        await record(by, "webhook_changed", "webhook", row.id, is_on=is_on)


async def renew_secret(endpoint_id: int, vendor_id: int, *, keys: SealKeys, by: int, now: datetime) -> str:
    """A new secret, told once; for a day messages are signed with the old one too. Raises NotFound."""
    secret = new_secret()
    async with transaction():
        row = await _own(endpoint_id, vendor_id)
        row.old_secret, row.old_until = row.secret, now + OLD_SECRET_LIFE
        row.secret = keys.seal(secret, _place(vendor_id))
        await row.save(update_fields=["secret", "old_secret", "old_until"])
        await record(by, "webhook_secret_renewed", "webhook", row.id)
    return secret


async def remove_endpoint(endpoint_id: int, vendor_id: int, *, by: int) -> None:
    """Tells this address nothing any more, and forgets what it was told. Raises NotFound."""
    async with transaction():
        row = await _own(endpoint_id, vendor_id)
        await row.delete()
        await record(by, "webhook_removed", "webhook", endpoint_id, url=row.url)


async def send_test(endpoint_id: int, vendor_id: int, *, now: datetime) -> None:
    """Sends a test event to one endpoint, whatever it wants. Raises NotFound, Conflict when it is off."""
    async with transaction():
        row = await _own(endpoint_id, vendor_id)
        if not row.is_on:
            raise Conflict(say("Địa chỉ này đang tắt. Hãy bật lên rồi thử."))
        await _leave([row], TEST, {"vendor": vendor_id}, f"test:{now.timestamp()}", at=now, now=now)


async def forget_messages(now: datetime) -> None:
    """Deletes messages, with their tries, after two months."""
    await WebhookMessage.filter(created_at__lt=now - MESSAGES_KEPT).delete()


def secrets_of(row: WebhookEndpoint, keys: SealKeys, *, now: datetime) -> list[str]:
    """The secrets that a message of now is signed with, the newest first."""
    sealed = [row.secret, *([row.old_secret] if row.old_until and row.old_until > now else [])]
    return [keys.open(one, _place(row.vendor_id)) for one in sealed]


async def _leave(
    rows: Sequence[WebhookEndpoint],
    event: str,
    content: Mapping[str, object],
    event_key: str,
    *,
    at: datetime,
    now: datetime,
) -> int:
    if not rows:
        return 0
    told = {"type": event, "timestamp": at.astimezone(UTC).isoformat(), "data": dict(content)}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    messages = [
        WebhookMessage(
            endpoint_id=row.id,
            message_id=new_message_id(),
            event=event,
            event_key=event_key[:80],
            body=body,
            next_at=now,
            created_at=now,
        )
        for row in rows
    ]
    names = [one.message_id for one in messages]
    await WebhookMessage.bulk_create(messages, ignore_conflicts=True)
    ids = await WebhookMessage.filter(message_id__in=names).order_by("id").values_list("id", flat=True)
    await later_each("send_webhook", [int(str(id)) for id in ids])
    return len(ids)


async def _go_on(endpoint_id: int) -> None:
    """What was waiting when the endpoint was switched off is sent now."""
    waiting = WebhookMessage.filter(endpoint_id=endpoint_id, state=MessageState.WAITING)
    ids = [
        int(str(id)) for id in await waiting.order_by("id").limit(WAITING_MAX).values_list("id", flat=True)
    ]
    await WebhookMessage.filter(id__in=ids).update(next_at=None)
    await later_each("send_webhook", ids)


def _wants(row: WebhookEndpoint, event: str) -> bool:
    return not row.events or event in row.events


def _known(events: Sequence[str]) -> list[str]:
    return [one for one in EVENT_WORDS if one in events]


async def _own(endpoint_id: int, vendor_id: int) -> WebhookEndpoint:
    row = (await locked(WebhookEndpoint, [endpoint_id])).get(endpoint_id)
    if row is None or row.vendor_id != vendor_id:
        raise NotFound()
    return row


def _check(url: str, twin_url: str) -> None:
    if twin_url and url.startswith(twin_url):
        return
    if not _is_sound(url):
        wrong = say(
            "Cần địa chỉ bắt đầu bằng https:// của máy chủ trên mạng, ví dụ https://kho.example.vn/cho."
        )
        raise Refusal(wrong, field="url")


def _is_sound(url: str) -> bool:
    """Whether an address can be one of the open internet; where it leads is looked at again when it is called."""
    try:
        parts, is_plain = urlsplit(url), url.isascii() and url.isprintable() and " " not in url
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if not is_plain or parts.scheme != "https" or "@" in parts.netloc or parts.fragment or port == 0:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(HOST.fullmatch(host)) and not host.rpartition(".")[2].isdigit()
    return is_public(host)


def _place(vendor_id: int) -> str:
    return f"vendor:{vendor_id}:webhook"
