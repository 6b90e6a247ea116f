"""A call from outside as it came: raw, bounded, before anybody believes it; and its answer, byte for byte."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from kit.gates import HttpAnswer, RawRequest

BODY_MAX_BYTES = 64 * 1024
QUERY_MAX_CHARACTERS = 8 * 1024


async def raw_request(request: Request, *, at: datetime) -> RawRequest | None:
    """The call with its raw body; None when body or query is longer than a callback may be."""
    body = await _body(request)
    if body is None or len(request.url.query) > QUERY_MAX_CHARACTERS:
        return None
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    return RawRequest(request.method, request.url.query, headers, body, at)


def http_answer(answer: HttpAnswer) -> Response:
    """What a gate wants answered."""
    return Response(answer.body, answer.status, media_type=answer.content_type if answer.body else None)


async def _body(request: Request) -> bytes | None:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_MAX_BYTES:
        return None
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_MAX_BYTES:
            return None
    return raw
