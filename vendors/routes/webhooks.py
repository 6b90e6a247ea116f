"""A seller's own systems: where they are told of events, what they were told, and once more."""

from dataclasses import dataclass
from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.answers import done_or_told
from kit.web.asked import page_number, person_id_of, typed_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from vendors.models import WebhookEndpoint
from vendors.services.cards import Leaf
from vendors.services.webhooks.endpoints import (
    EVENT_WORDS,
    add_endpoint,
    change_endpoint,
    endpoint_of,
    endpoints_of,
    remove_endpoint,
    renew_secret,
    send_test,
)
from vendors.services.webhooks.sending import MessageLine, messages_of, send_anew
from vendors.webhook_forms import EndpointChangeForm, EndpointForm
from vendors.webhook_gate import Received, hear, heard, twin_url

VENDORS = roles(Role.VENDOR)
MISSES_MAX = 9


@dataclass
class EndpointsPage:
    """One's endpoints and the form of another; `twin` is an address to try with, "" where there is none."""

    form: Form | None
    endpoints: list[WebhookEndpoint]
    events: list[tuple[str, Sentence]]
    twin: str


@dataclass
class EndpointPage:
    """One endpoint with what it was told; `fresh_secret` is shown this once."""

    form: Form | None
    endpoint: WebhookEndpoint
    events: list[tuple[str, Sentence]]
    words: dict[str, Sentence]
    leaf: Leaf[MessageLine]
    fresh_secret: str
    refused: Sentence | None
    told: str


@dataclass
class HeardPage:
    """What the pretend receiver heard."""

    heard: list[Received]


async def webhook_index(request: Request) -> Response:
    """One's endpoints."""
    return await _index(request)


async def webhook_create(request: Request) -> Response:
    """Adds an endpoint and shows its secret this once."""
    form = EndpointForm.read({**typed_of(request), "events": ",".join(_ticked(request))})
    if not form.ok:
        return await _index(request, form, status=422)
    parts = parts_of(request)
    try:
        fresh = await add_endpoint(
            vendor_id_of(request),
            form.url,
            label=form.label,
            events=_ticked(request),
            keys=seal_keys(parts[Settings]),
            twin_url=twin_url(parts[Settings]),
            by=person_id_of(request),
            now=parts[Clock].now(),
        )
    except Refusal as refusal:
        form.wrong(refusal.field or "url", refusal.sentence)
        return await _index(request, form, status=422)
    return await _show(request, fresh.id, fresh_secret=fresh.secret, status=201)


async def webhook_show(request: Request) -> Response:
    """One endpoint and its messages."""
    return await _show(request, _id(request))


async def webhook_update(request: Request) -> Response:
    """Changes what it wants, or switches it."""
    form = EndpointChangeForm.read({**typed_of(request), "events": ",".join(_ticked(request))})
    if not form.ok:
        return await _show(request, _id(request), form=form, status=422)
    await change_endpoint(
        _id(request),
        vendor_id_of(request),
        label=form.label,
        events=_ticked(request),
        is_on=form.is_on,
        by=person_id_of(request),
    )
    return RedirectResponse(_after(request, "kept"), 303)


async def webhook_renew(request: Request) -> Response:
    """Gives it a new secret and shows it this once."""
    parts = parts_of(request)
    secret = await renew_secret(
        _id(request),
        vendor_id_of(request),
        keys=seal_keys(parts[Settings]),
        by=person_id_of(request),
        now=parts[Clock].now(),
    )
    return await _show(request, _id(request), fresh_secret=secret, status=201)


async def webhook_end(request: Request) -> Response:
    """Removes it."""
    await remove_endpoint(_id(request), vendor_id_of(request), by=person_id_of(request))
    return RedirectResponse(request.app.url_path_for("vendors:webhook_index"), 303)


async def webhook_test(request: Request) -> Response:
    """Sends a test event."""
    sent = send_test(_id(request), vendor_id_of(request), now=parts_of(request)[Clock].now())
    return await done_or_told(sent, _after(request, "sent"), partial(_show, request, _id(request)))


async def webhook_replay(request: Request) -> Response:
    """Sends a message once more."""
    now = parts_of(request)[Clock].now()
    row_id, by = int(request.path_params["message_id"]), person_id_of(request)
    sent = send_anew(row_id, _id(request), vendor_id_of(request), by=by, now=now)
    return await done_or_told(sent, _after(request, "sent"), partial(_show, request, _id(request)))


async def twin_webhook_index(request: Request) -> Response:
    """What the pretend receiver heard, for anybody who looks."""
    folder = parts_of(request)[Settings].var_path / "twins"
    return render(
        request, "vendors/twin_webhooks.html", HeardPage(await anyio.to_thread.run_sync(heard, folder))
    )


async def twin_webhook_hear(request: Request) -> Response:
    """The pretend receiver: keeps what comes, answers 500 to the first tries of a message if it is told to."""
    parts, asked = parts_of(request), request.query_params.get("misses", "0")
    misses = min(int(asked), MISSES_MAX) if asked.isdecimal() and len(asked) < 3 else 0
    body, headers, now = await request.body(), dict(request.headers), parts[Clock].now()
    folder, name = parts[Settings].var_path / "twins", str(request.path_params["name"])[:40]

    def keep() -> int:
        return hear(folder, name, headers, body[:10_000], misses=misses, now=now)

    return Response(status_code=await anyio.to_thread.run_sync(keep))


async def _index(request: Request, form: Form | None = None, *, status: int = 200) -> Response:
    page = EndpointsPage(
        form,
        await endpoints_of(vendor_id_of(request)),
        list(EVENT_WORDS.items()),
        twin_url(parts_of(request)[Settings]),
    )
    return render(request, "vendors/webhook_index.html", page, status=status)


async def _show(
    request: Request,
    endpoint_id: int,
    *,
    form: Form | None = None,
    fresh_secret: str = "",
    refused: Sentence | None = None,
    status: int = 200,
) -> Response:
    endpoint = await endpoint_of(endpoint_id, vendor_id_of(request))
    page = EndpointPage(
        form or EndpointChangeForm.filled(label=endpoint.label),
        endpoint,
        list(EVENT_WORDS.items()),
        dict(EVENT_WORDS),
        await messages_of(endpoint_id, page=page_number(request)),
        fresh_secret,
        refused,
        request.query_params.get("told", ""),
    )
    answer = render(request, "vendors/webhook_show.html", page, status=status)
    if fresh_secret:
        answer.headers["cache-control"] = "no-store"
    return answer


def _ticked(request: Request) -> list[str]:
    return [str(one) for one in form_of(request).getlist("event")]


def _id(request: Request) -> int:
    return int(request.path_params["id"])


def _after(request: Request, told: str) -> str:
    address = request.app.url_path_for("vendors:webhook_show", id=_id(request))
    return f"{address}?told={told}"


ROUTES = [
    get("/sell/webhooks", webhook_index, who=VENDORS, name="vendors:webhook_index"),
    post("/sell/webhooks", webhook_create, who=VENDORS, name="vendors:webhook_create"),
    get("/sell/webhooks/{id:int}", webhook_show, who=VENDORS, name="vendors:webhook_show"),
    post("/sell/webhooks/{id:int}", webhook_update, who=VENDORS, name="vendors:webhook_update"),
    post("/sell/webhooks/{id:int}/secret", webhook_renew, who=VENDORS, name="vendors:webhook_renew"),
    post("/sell/webhooks/{id:int}/end", webhook_end, who=VENDORS, name="vendors:webhook_end"),
    post("/sell/webhooks/{id:int}/test", webhook_test, who=VENDORS, name="vendors:webhook_test"),
    post(
        "/sell/webhooks/{id:int}/messages/{message_id:int}",
        webhook_replay,
        who=VENDORS,
        name="vendors:webhook_replay",
    ),
]
TWIN_ROUTES = [
    get("/twins/webhooks", twin_webhook_index, who=ANYONE, name="vendors:twin_webhooks"),
    post("/twins/webhooks/{name}", twin_webhook_hear, who=ANYONE, name="vendors:twin_webhook", outside=True),
]
