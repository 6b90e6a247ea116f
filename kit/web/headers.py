"""Headers of every answer: what the browser may load, and a number to find the request again."""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.settings import Settings

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
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
                spent_ms = (time.monotonic() - started) * 1000
                log.info(
                    "%s %s %s %.0fms %s",
                    scope["method"],
                    scope["path"],
                    message["status"],
                    spent_ms,
                    request_id,
                )
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, scope: Scope, headers: MutableHeaders, request_id: str) -> None:
        headers.setdefault("cache-control", kept_by(scope))
        headers["content-security-policy"] = POLICY
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "same-origin"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers["permissions-policy"] = "camera=(self), geolocation=(self), microphone=(self), payment=()"
        if not headers["cache-control"].startswith("public"):
            headers["cross-origin-resource-policy"] = "same-origin"
        headers["x-request-id"] = request_id
        if self._settings.is_production:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
