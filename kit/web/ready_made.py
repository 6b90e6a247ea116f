"""Answers drawn once and given many times: pages that are the same for every stranger, and public JSON.

A route asks for it (`get(…, ready_seconds=2)`). An answer counts for so many seconds at most, and only while the stamp
of what it was drawn from stays the same. Who is signed in, or has just acted, always gets a page of their own.
What differs between two strangers lies in the key (address, cookies, the part asked for) or is put in when it is
sent: the form token. An answer that asked for anything else of a device is not kept.
"""

import hashlib
import time
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.requests import Request, cookie_parser
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.parts import Parts
from kit.settings import Settings
from kit.web.callers import (
    caller_of,
    device_cookie,
    device_cookie_name,
    device_from,
    session_cookie_name,
)
from kit.web.csrf import token_of

MOST_BYTES = 64 * 1024 * 1024
STAMP_SECONDS = 0.1
RENEWAL_SECONDS = 0.5
UNSTAMPED_SECONDS = 1.0
ACTED_SECONDS = 3.0
ACTED_MOST = 10_000
GZIP_LEVEL = 6
GZIP_LEAST = 800
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LAST_BLOCK = b"\x03\x00"
OWN_HEADERS = frozenset({b"content-length", b"vary", b"etag"})
Again = Callable[[], Awaitable[None]]
RawHeaders = list[tuple[bytes, bytes]]


class Asked(NamedTuple):
    """A stranger's GET: what an answer is kept under, and what differs from one asking to the next."""

    key: tuple[object, ...]
    device: str
    is_new_device: bool
    takes_gzip: bool
    has_etag: bytes


@dataclass
class ReadyAnswer:
    """One answer. `pieces` lie around the form tokens, `packed` are the same as deflate blocks of their own."""

    headers: RawHeaders
    pieces: tuple[bytes, ...]
    packed: tuple[bytes, ...]
    mark: str
    again: Again | None
    route: str = ""
    stamp: object = None
    until: float = 0.0
    renewed_until: float = 0.0

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return sum(map(len, self.pieces)) + sum(map(len, self.packed))

    def etag(self, device: str) -> bytes:
        """Names the content; with a form in it, for one device alone."""
        own = hashlib.blake2b(device.encode(), digest_size=6).hexdigest() if len(self.pieces) > 1 else "all"
        return f'W/"{self.mark}-{own}"'.encode()


@dataclass
class ReadyMade:
    """The answers that this process keeps, the least lately used dropped beyond 64 MB.

    `stamp` changes whenever answers may; it is looked at ten times a second at most.
    """

    stamp: Callable[[], object]
    most_bytes: int = MOST_BYTES
    _kept: OrderedDict[tuple[object, ...], ReadyAnswer] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _acted: dict[str, float] = field(default_factory=dict)
    _stamp: tuple[float, object] = (float("-inf"), None)

    def stamp_now(self, now: float) -> object:
        """The stamp as last looked at."""
        if now - self._stamp[0] > STAMP_SECONDS:
            self._stamp = (now, self.stamp())
        return self._stamp[1]

    def found(self, asked: Asked, now: float) -> ReadyAnswer | None:
        """The answer, if it still counts. Of many who find it too old, one draws it anew and the others get it."""
        kept = self._kept.get(asked.key)
        if kept is None or self._acted.get(asked.device, 0.0) > now:
            return None
        is_old = now >= kept.until or kept.stamp != self.stamp_now(now)
        if is_old and now >= kept.renewed_until:
            kept.renewed_until = now + RENEWAL_SECONDS
            return None
        self._kept.move_to_end(asked.key)
        return kept

    def keep(self, key: tuple[object, ...], answer: ReadyAnswer) -> None:
        """Keeps an answer in the place of the one before."""
        self.drop(key)
        self._kept[key] = answer
        self._bytes += answer.size
        while self._bytes > self.most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1].size

    def drop(self, key: tuple[object, ...]) -> None:
        """Forgets an answer."""
        before = self._kept.pop(key, None)
        self._bytes -= before.size if before else 0

    def acted(self, device: str, now: float) -> None:
        """Somebody acted: for some seconds this device sees what it did."""
        if len(self._acted) >= ACTED_MOST:
            self._acted = {one: until for one, until in self._acted.items() if until > now}
        self._acted[device] = now + ACTED_SECONDS


class ReadyMadeMiddleware:
    """Sends what is kept ready; lets everything else through, with the key under which its answer may be kept."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._secret = settings.secret_key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        parts: Parts | None = scope["state"].get("parts") if scope["type"] == "http" else None
        if parts is None or not parts.has(ReadyMade):
            await self._app(scope, receive, send)
            return
        asked, ready, now = asked_by(scope, self._settings), parts[ReadyMade], time.monotonic()
        if asked is None or scope["method"] != "GET":
            if asked is not None and scope["method"] != "HEAD":
                ready.acted(asked.device, now)
            await self._app(scope, receive, send)
            return
        found = ready.found(asked, now)
        if found is None:
            scope["state"]["ready_key"] = asked.key, ready.stamp_now(now)
            await self._app(scope, receive, _dropping(ready, asked.key, send))
            return
        scope["state"]["is_shared"] = True
        scope["state"]["ready_route"] = found.route
        if found.again is not None:
            await found.again()
        await self._give(found, asked, send)

    async def _give(self, found: ReadyAnswer, asked: Asked, send: Send) -> None:
        etag = found.etag(asked.device)
        headers = [*found.headers, (b"etag", etag)]
        if len(found.pieces) > 1 and asked.is_new_device:
            headers.append((b"set-cookie", device_cookie(asked.device, self._settings).encode()))
        if etag == asked.has_etag:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        token = token_of(asked.device, self._secret).encode() if len(found.pieces) > 1 else b""
        if asked.takes_gzip and found.packed:
            body = zipped(found.pieces, found.packed, token)
            headers.append((b"content-encoding", b"gzip"))
        else:
            body = token.join(found.pieces)
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _dropping(ready: ReadyMade, key: tuple[object, ...], send: Send) -> Send:
    """Sends on; a page that is gone or leads elsewhere now is not given from what was kept either."""

    async def send_on(message: Message) -> None:
        status = message.get("status", 200)
        if 300 <= status < 500 and status != 304:
            ready.drop(key)
        await send(message)

    return send_on


def asked_by(scope: Scope, settings: Settings) -> Asked | None:
    """What a stranger asks; None for somebody signed in or with a token, and for part of a file."""
    cookies: dict[str, str] = {}
    part, language, etag, takes_gzip = b"", b"", b"", False
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies |= cookie_parser(value.decode("latin-1"))
        elif name == b"accept-encoding":
            takes_gzip = b"gzip" in value
        elif name == b"if-none-match":
            etag = value
        elif name == b"x-part":
            part = value
        elif name == b"accept-language":
            language = value
        elif name in (b"authorization", b"range"):
            return None
    if session_cookie_name(settings) in cookies:
        return None
    device, is_new = device_from(cookies, settings)
    cookies.pop(device_cookie_name(settings), None)
    path = scope["path"]
    spoken = language[:2] if path.startswith("/api/") else b""
    key = (path, scope["query_string"], part, spoken, *sorted(cookies.items()))
    return Asked(key, device, is_new, takes_gzip, etag)


def kept_ready(request: Request, answer: Response, seconds: float) -> Response:
    """Keeps what a route answered, if the next stranger may have the same; gives what this one gets."""
    key, stamp = getattr(request.state, "ready_key", (None, None))
    if key is None or answer.status_code != 200 or getattr(request.state, "asked_device", False):
        return answer
    if isinstance(answer, StreamingResponse | FileResponse) or "set-cookie" in answer.headers:
        return answer
    request.state.is_shared = True
    made = _made(request, answer)
    made.stamp = stamp
    made.until = time.monotonic() + (seconds if stamp is not None else min(seconds, UNSTAMPED_SECONDS))
    parts: Parts = request.state.parts
    parts[ReadyMade].keep(key, made)
    etag = made.etag(caller_of(request).device).decode()
    answer.headers["etag"] = etag
    if request.headers.get("if-none-match") != etag:
        return answer
    return Response(status_code=304, headers={name.decode(): value.decode() for name, value in made.headers})


def _made(request: Request, answer: Response) -> ReadyAnswer:
    token, body = str(getattr(request.state, "form_token", "")), bytes(answer.body)
    pieces = tuple(body.split(token.encode())) if token else (body,)
    vary = ", ".join(filter(None, (answer.headers.get("vary", ""), "accept-encoding")))
    kept = [(name, value) for name, value in answer.raw_headers if name not in OWN_HEADERS]
    return ReadyAnswer(
        headers=[*kept, (b"vary", vary.encode())],
        pieces=pieces,
        packed=packed(pieces) if len(body) >= GZIP_LEAST else (),
        mark=hashlib.blake2b(b"\0".join(pieces), digest_size=9).hexdigest(),
        again=getattr(request.state, "ready_again", None),
        route=str(getattr(request.scope.get("route"), "path", "")),
    )


def whenever_given(request: Request, again: Again) -> None:
    """Something small to do each time this answer is given from what is kept, such as counting."""
    request.state.ready_again = again


def packed(pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Each piece as deflate blocks that refer to none before and end on a whole byte (RFC 1951, 3.2.3)."""
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return tuple(packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH) for piece in pieces)


def zipped(pieces: tuple[bytes, ...], packed: tuple[bytes, ...], between: bytes) -> bytes:
    """A gzip file (RFC 1952) of the pieces with a word between them, which stands there uncompressed.

    So nothing that differs by reader is ever compressed together with what it lies in.
    """
    length = len(between).to_bytes(2, "little")
    stored = b"\0" + length + bytes(255 - one for one in length) + between
    check = zlib.crc32(pieces[0])
    for piece in pieces[1:]:
        check = zlib.crc32(piece, zlib.crc32(between, check))
    size = sum(map(len, pieces)) + len(between) * (len(pieces) - 1)
    tail = check.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little")
    return GZIP_HEAD + stored.join(packed) + LAST_BLOCK + tail
