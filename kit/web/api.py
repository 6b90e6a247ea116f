"""JSON routes: read by the same forms as the pages, guarded by the same words, described by OpenAPI from this code."""

import functools
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.errors import NotAllowed, Refusal
from kit.forms import Form
from kit.i18n import say
from kit.web.answers import problem
from kit.web.callers import caller_of, device_of
from kit.web.csrf import check_token
from kit.web.idempotency import answered_once
from kit.web.ready_made import kept_ready
from kit.web.routing import Fresh, IsFresh, Who, factor_lacks

BODY_MAX_BYTES = 256 * 1024
FILE_MAX_BYTES = 12 * 1024 * 1024
PUBLIC = "public, max-age=1"
JsonEndpoint = Callable[[Request], Awaitable[object]]


@dataclass(frozen=True)
class Operation:
    """What OpenAPI says of one JSON route."""

    summary: str
    answer: type | None
    form: type[Form] | None
    query: Mapping[str, str]
    status: int
    is_many: bool
    is_file: bool
    is_once: bool = False


class JsonRoute(Route):
    """A JSON route with who may call it and what it takes and gives."""

    who: Who
    operation: Operation
    fresh: Fresh | None = None


def api_get(
    path: str,
    endpoint: JsonEndpoint,
    *,
    who: Who,
    name: str,
    summary: str,
    answer: type,
    many: bool = False,
    query: Mapping[str, str] | None = None,
    ready_seconds: float = 0,
) -> JsonRoute:
    """Something to read. `answer` is the dataclass it gives (`many`: a list under "items"); `query`: name → meaning.

    With `ready_seconds` strangers get the same answer for so long, and caches on the way may keep it for a second.
    """
    operation = Operation(summary, answer, None, query or {}, 200, is_many=many, is_file=False)
    return _route(path, _reading(endpoint, ready_seconds), "GET", who, name, operation)


def api_post(
    path: str,
    endpoint: JsonEndpoint,
    *,
    who: Who,
    name: str,
    summary: str,
    form: type[Form] | None,
    answer: type | None,
    status: int = 201,
    once: bool = True,
    file: bool = False,
    many: bool = False,
    fresh: Fresh | None = None,
) -> JsonRoute:
    """An act. With `once` (everything that creates) an Idempotency-Key is asked for and the answer kept.

    With `fresh` a page's script whose person has not shown within ten minutes who they are is refused; a program's
    bearer token is not.
    """
    operation = Operation(summary, answer, form, {}, status, is_many=many, is_file=file, is_once=once)
    act = endpoint if fresh is None else _fresh(endpoint, fresh)
    route = _route(path, _acting(act, form, operation), "POST", who, name, operation)
    route.fresh = fresh
    return route


def json_form(request: Request) -> Form:
    """The form that was read from this request's JSON."""
    form: Form = request.state.json_form
    return form


def _route(path: str, run: JsonEndpoint, method: str, who: Who, name: str, operation: Operation) -> JsonRoute:
    async def endpoint(request: Request) -> Response:
        caller = caller_of(request)
        if who.lets(caller):
            answer = await run(request)
            assert isinstance(answer, Response)
            return answer
        if caller.is_signed_in:
            raise NotAllowed(factor_lacks(caller) if who.would_let(caller) else None)
        return problem(request, 401, say("Hãy đăng nhập, hoặc gửi kèm mã truy cập."))

    route = JsonRoute("/api/v1" + path, functools.wraps(run)(endpoint), methods=[method], name=name)
    route.who, route.operation = who, operation
    return route


def _reading(endpoint: JsonEndpoint, ready_seconds: float) -> JsonEndpoint:
    @functools.wraps(endpoint)
    async def reading(request: Request) -> Response:
        answer = _json(200, _dumped(await endpoint(request)))
        if not ready_seconds or caller_of(request).is_signed_in:
            return answer
        answer.headers["cache-control"] = PUBLIC
        return kept_ready(request, answer, ready_seconds)

    return reading


def _acting(endpoint: JsonEndpoint, form: type[Form] | None, said: Operation) -> JsonEndpoint:
    @functools.wraps(endpoint)
    async def acting(request: Request) -> Response:
        body = await _body(request, FILE_MAX_BYTES if said.is_file else BODY_MAX_BYTES)
        if caller_of(request).session_id is not None:
            check_token(request, request.headers.get("x-csrf-token", ""))
        key = _key(request) if said.is_once else ""
        if form is not None:
            read = form.read(_object(body))
            if not read.ok:
                return problem(request, 422, say("Có ô cần sửa lại."), read.errors)
            request.state.json_form = read

        async def answer() -> tuple[int, str]:
            return said.status, _dumped(await endpoint(request))

        if not said.is_once:
            return _json(*await answer())
        return _json(*await answered_once(asker_of(request), key, _hash(request, body), answer))

    return acting


def _fresh(endpoint: JsonEndpoint, wanted: Fresh) -> JsonEndpoint:
    @functools.wraps(endpoint)
    async def fresh(request: Request) -> object:
        is_fresh = cast(IsFresh, request.app.state.is_fresh)
        if not await is_fresh(request, wanted):
            raise NotAllowed(say("Hãy xác nhận lại bạn là ai ở trang của việc này rồi làm lại."))
        return await endpoint(request)

    return fresh


def asker_of(request: Request) -> str:
    """Whose idempotency keys these are."""
    caller = caller_of(request)
    return f"person:{caller.person_id}" if caller.is_signed_in else f"device:{device_of(request)}"


async def _body(request: Request, most_bytes: int) -> bytes:
    unmeasured = "chunked" if "transfer-encoding" in request.headers else "0"
    length = request.headers.get("content-length", unmeasured)
    if not length.isdecimal() or int(length) > most_bytes:
        raise Refusal(say("Dữ liệu gửi lên quá lớn."), status=413)
    return await request.body()


def _object(body: bytes) -> dict[str, object]:
    try:
        loaded = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(say("Nội dung gửi lên không phải JSON."), status=400) from None
    if not isinstance(loaded, dict):
        raise Refusal(say("Nội dung gửi lên cần là một đối tượng JSON."), status=400)
    return loaded


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not 8 <= len(key) <= 80 or not key.isascii():
        raise Refusal(say("Yêu cầu tạo mới cần tiêu đề Idempotency-Key từ 8 đến 80 ký tự."), status=400)
    return key


def _hash(request: Request, body: bytes) -> str:
    return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()


def _dumped(value: object) -> str:
    """Dataclasses, or a list of them under "items", as JSON."""
    told = {"items": value} if isinstance(value, list) else value
    return json.dumps(told, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _json(status: int, body: str) -> Response:
    return Response(body, status, media_type="application/json")
