"""Faults of ours answered inside the frame of headers: Starlette's own place for them lies outside every middleware."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.web.answers import on_fault


class FaultMiddleware:
    """Answers what nobody caught with the page that says nothing of it, and raises it on for the server's own log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as fault:
            if not has_begun:
                answer = await on_fault(Request(scope, receive), fault)
                await answer(scope, receive, send)
            raise
