"""Headers of every answer: what the browser may load, and a number to find the request again.

The log line and the figures name the route's pattern, never the path: codes and guess-proof addresses stay out.
"""

import asyncio
import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit import metrics, spans
from kit.draining import is_draining
from kit.origin import working
from kit.settings import Settings

REPORTS_PATH = "/policy-reports"
REPORTING = f'policy="{REPORTS_PATH}"'
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    f"report-uri {REPORTS_PATH}; report-to policy"
)
METHODS = frozenset(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"))
log = logging.getLogger("web")


def kept_by(scope: Scope) -> str:
    """Who may keep an answer that says nothing itself: nobody, but for pages that are the same for every stranger.

    Those (kit.web.ready_made) a stranger's own browser may keep and ask after.
    """
    return "private, no-cache" if scope["state"].get("is_shared") else "private, no-store"


class HeadersMiddleware:
    """Adds security headers, a request id and a log line to every answer."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started = secrets.token_hex(6), time.monotonic()
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope, MutableHeaders(scope=message), request_id)
                _seen(scope, message["status"], time.monotonic() - started)
            await send(message)

        with working(request_id):
            if spans.is_traced():
                await _traced(self._app, scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)

    def _add(self, scope: Scope, headers: MutableHeaders, request_id: str) -> None:
        headers.setdefault("cache-control", kept_by(scope))
        headers["content-security-policy"] = POLICY
        headers["reporting-endpoints"] = REPORTING
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "same-origin"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers["permissions-policy"] = "camera=(self), geolocation=(self), microphone=(self), payment=()"
        if not headers["cache-control"].startswith("public"):
            headers["cross-origin-resource-policy"] = "same-origin"
        headers["x-request-id"] = request_id
        if is_draining():
            headers["connection"] = "close"
        if self._settings.is_production:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"


async def _traced(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    method = str(scope["method"])
    with spans.span(method, kind="server") as span, spans.counted_statements() as asked:

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                span.note(**{"http.response.status_code": message["status"], "http.route": route_of(scope)})
            await send(message)

        try:
            await app(scope, receive, send_and_note)
        finally:
            await asyncio.sleep(0)  # the driver counts a statement in the loop's next turn
            span.note(
                **{
                    "http.request.method": method,
                    "cho.request_id": scope["state"]["request_id"],
                    "db.statements": asked.count,
                    "db.seconds": asked.seconds,
                }
            )


def route_of(scope: Scope) -> str:
    """The pattern of the route that answers ("/goods/{code}"); "-" when there was none."""
    pattern = getattr(scope.get("route"), "path", "") or scope["state"].get("ready_route", "")
    return str(pattern) if pattern else "-"


def _seen(scope: Scope, status: int, seconds: float) -> None:
    route, method = route_of(scope), scope["method"]
    metrics.request_seen(route, method if method in METHODS else "OTHER", status, seconds)
    log.info("%s %s %s %.0fms", method, route, status, seconds * 1000)
