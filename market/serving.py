"""One web process from its start to its end: it may announce the end first, so that no balancer sends it more."""

import asyncio
import contextlib
import signal
import socket
from types import FrameType

import uvicorn

from kit.draining import drain, is_draining
from kit.settings import Settings
from kit.starting import serve_swiftly
from market.app import create_app
from market.logs import logging_for

SCREENS_SECONDS = 3  # how long open screens may keep a process that ends
# A quiet connection stays open for longer than a proxy keeps it (nginx: 60 s): else it sends into one that just closes.
IDLE_SECONDS = 75


class DrainingServer(uvicorn.Server):
    """A server that, told to end, first says so by /ready and closes each connection after its answer."""

    def __init__(self, config: uvicorn.Config, drain_seconds: int) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        serve_swiftly()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM once: serve on for the drain's time. Twice, or Ctrl-C: end now."""
        if sig != signal.SIGTERM or is_draining() or not self._drain_seconds or not self.started:
            super().handle_exit(sig, frame)
            return
        drain()
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(loop.call_later, self._drain_seconds, super().handle_exit, sig, frame)


def serve(settings: Settings) -> int:
    """Serves until told to end; 3 when it could not start."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=logging_for(settings.log_format),
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who forwards is settled by TRUSTED_PROXIES alone
        timeout_graceful_shutdown=SCREENS_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
    )
    server = DrainingServer(config, settings.drain_seconds)
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C, after all was let go
        server.run()
    return 0 if server.started else 3
