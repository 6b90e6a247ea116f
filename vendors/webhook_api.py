"""The JSON API of a seller's endpoints: what the pages do, for programs that set themselves up."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.routing import roles
from vendors.models import WebhookEndpoint
from vendors.services.webhooks.endpoints import (
    add_endpoint,
    change_endpoint,
    endpoint_of,
    endpoints_of,
    remove_endpoint,
    renew_secret,
    send_test,
)
from vendors.services.webhooks.sending import messages_of, send_anew
from vendors.webhook_forms import EndpointChangeForm, EndpointForm, events_in
from vendors.webhook_gate import twin_url

VENDORS = roles(Role.VENDOR)


@dataclass(frozen=True)
class EndpointJson:
    """An endpoint; no `events` means all. `off_because`: seller, gone (410), failing (five days)."""

    id: int
    url: str
    label: str
    events: list[str]
    is_on: bool
    off_because: str
    failing_since: datetime | None


@dataclass(frozen=True)
class EndpointsJson:
    """The oldest first."""

    items: list[EndpointJson]


@dataclass(frozen=True)
class SecretJson:
    """An endpoint and the secret that its messages are signed with (Standard Webhooks), told this once."""

    id: int
    secret: str


@dataclass(frozen=True)
class TryJson:
    """One try; status 0 when nothing came back."""

    at: datetime
    status: int
    took_ms: int


@dataclass(frozen=True)
class MessageJson:
    """A message: `message_id` is its webhook-id, `body` what was signed."""

    id: int
    message_id: str
    event: str
    state: str
    created_at: datetime
    next_at: datetime | None
    body: str
    tries: list[TryJson]


@dataclass(frozen=True)
class MessagesJson:
    """A page, newest first."""

    items: list[MessageJson]
    page: int
    has_more: bool


async def endpoints_read(request: Request) -> EndpointsJson:
    """One's endpoints."""
    return EndpointsJson([_json(row) for row in await endpoints_of(vendor_id_of(request))])


async def endpoint_create(request: Request) -> SecretJson:
    """Adds one."""
    form, parts = cast(EndpointForm, json_form(request)), parts_of(request)
    fresh = await add_endpoint(
        vendor_id_of(request),
        form.url,
        label=form.label,
        events=events_in(form.events),
        keys=seal_keys(parts[Settings]),
        twin_url=twin_url(parts[Settings]),
        by=person_id_of(request),
        now=parts[Clock].now(),
    )
    return SecretJson(fresh.id, fresh.secret)


async def endpoint_change(request: Request) -> EndpointJson:
    """Changes one."""
    form = cast(EndpointChangeForm, json_form(request))
    events, by = events_in(form.events), person_id_of(request)
    vendor_id = vendor_id_of(request)
    await change_endpoint(_id(request), vendor_id, label=form.label, events=events, is_on=form.is_on, by=by)
    return _json(await endpoint_of(_id(request), vendor_id))


async def secret_create(request: Request) -> SecretJson:
    """A new secret."""
    parts = parts_of(request)
    secret = await renew_secret(
        _id(request),
        vendor_id_of(request),
        keys=seal_keys(parts[Settings]),
        by=person_id_of(request),
        now=parts[Clock].now(),
    )
    return SecretJson(_id(request), secret)


async def endpoint_end(request: Request) -> EndpointsJson:
    """Removes one; those that are left."""
    await remove_endpoint(_id(request), vendor_id_of(request), by=person_id_of(request))
    return await endpoints_read(request)


async def test_create(request: Request) -> MessagesJson:
    """Sends a test event."""
    await send_test(_id(request), vendor_id_of(request), now=parts_of(request)[Clock].now())
    return await messages_read(request)


async def messages_read(request: Request) -> MessagesJson:
    """What one of them was told."""
    endpoint = await endpoint_of(_id(request), vendor_id_of(request))
    leaf = await messages_of(endpoint.id, page=page_number(request))
    items = [
        MessageJson(
            one.id,
            one.message_id,
            one.event,
            str(one.state),
            one.created_at,
            one.next_at,
            one.body,
            [TryJson(tried.at, tried.status, tried.took_ms) for tried in one.tries],
        )
        for one in leaf.items
    ]
    return MessagesJson(items, leaf.page, leaf.has_more)


async def message_replay(request: Request) -> MessagesJson:
    """Sends one once more."""
    now, row_id = parts_of(request)[Clock].now(), int(request.path_params["message_id"])
    await send_anew(row_id, _id(request), vendor_id_of(request), by=person_id_of(request), now=now)
    return await messages_read(request)


def _json(row: WebhookEndpoint) -> EndpointJson:
    return EndpointJson(
        row.id, row.url, row.label, list(row.events), row.is_on, row.off_because, row.failing_since
    )


def _id(request: Request) -> int:
    return int(request.path_params["id"])


WEBHOOK_API: list[JsonRoute] = [
    api_get(
        "/sell/webhooks",
        endpoints_read,
        who=VENDORS,
        name="vendors:api_webhooks",
        summary="Where one's own systems are told of events.",
        answer=EndpointsJson,
    ),
    api_post(
        "/sell/webhooks",
        endpoint_create,
        who=VENDORS,
        name="vendors:api_webhook_create",
        summary="Adds an endpoint; its secret is told this once.",
        form=EndpointForm,
        answer=SecretJson,
    ),
    api_post(
        "/sell/webhooks/{id:int}",
        endpoint_change,
        who=VENDORS,
        name="vendors:api_webhook_change",
        summary="Changes what an endpoint wants, or switches it off and on.",
        form=EndpointChangeForm,
        answer=EndpointJson,
        status=200,
        once=False,
    ),
    api_post(
        "/sell/webhooks/{id:int}/secret",
        secret_create,
        who=VENDORS,
        name="vendors:api_webhook_secret",
        summary="A new secret; for a day messages carry signatures of both.",
        form=None,
        answer=SecretJson,
    ),
    api_post(
        "/sell/webhooks/{id:int}/end",
        endpoint_end,
        who=VENDORS,
        name="vendors:api_webhook_end",
        summary="Removes an endpoint and its log.",
        form=None,
        answer=EndpointsJson,
        status=200,
        once=False,
    ),
    api_post(
        "/sell/webhooks/{id:int}/test",
        test_create,
        who=VENDORS,
        name="vendors:api_webhook_test",
        summary="Sends a test event to an endpoint.",
        form=None,
        answer=MessagesJson,
    ),
    api_get(
        "/sell/webhooks/{id:int}/messages",
        messages_read,
        who=VENDORS,
        name="vendors:api_webhook_messages",
        summary="What an endpoint was told, newest first, with its tries.",
        answer=MessagesJson,
        query={"page": "The page, from 1."},
    ),
    api_post(
        "/sell/webhooks/{id:int}/messages/{message_id:int}/replay",
        message_replay,
        who=VENDORS,
        name="vendors:api_webhook_replay",
        summary="Sends a message once more, with the same webhook-id.",
        form=None,
        answer=MessagesJson,
        status=200,
        once=False,
    ),
]
