"""Where collecting providers tell the market what became of a try to pay."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from tortoise.exceptions import BaseORMException

from kit.clock import Clock
from kit.errors import NotFound
from kit.limits import Limits
from kit.web.callers import address_of, parts_of
from kit.web.outside import BODY_MAX_BYTES, http_answer, raw_request
from kit.web.routing import ANYONE, get, post
from payments.gate import BadSignature, Gate, HttpAnswer, Malformed, RawRequest, Stale, Taken
from payments.gates.register import Gates
from payments.services import Source, record_event, record_unreadable

CALLS_A_MINUTE = 600
log = logging.getLogger("payments")


async def callback_create(request: Request) -> Response:
    """A provider's callback: signature on the raw bytes, written down, answered in its own words; worked later.

    What does not fit is answered so that repeats stop and kept for a person; only a fault of ours asks for more.
    """
    parts = parts_of(request)
    gate = parts[Gates].get(request.path_params["gate"])
    if gate is None:
        raise NotFound()
    key = f"callback:{gate.name}:{address_of(request)}"
    if not await parts[Limits].allows(key, times=CALLS_A_MINUTE, seconds=60):
        return JSONResponse({"message": "too many calls"}, 429)
    raw = await raw_request(request, at=parts[Clock].now())
    if raw is None:
        return JSONResponse({"message": f"at most {BODY_MAX_BYTES} bytes"}, 413)
    return http_answer(await _taken(gate, raw, address_of(request)))


async def _taken(gate: Gate, raw: RawRequest, address: str) -> HttpAnswer:
    try:
        event = gate.verify_callback(raw)
    except (BadSignature, Stale) as refused:
        log.warning("call of %s from %s refused: %s", gate.name, address, refused)
        return gate.acknowledge(None, Taken.BAD_SIGNATURE)
    except Malformed as unreadable:
        log.error("signed call of %s is unreadable: %s", gate.name, unreadable)
        await record_unreadable(_text(raw), now=raw.at, source=Source(gate.name))
        return gate.acknowledge(None, Taken.MALFORMED)
    try:
        taken = await record_event(event, _text(raw), receiver=gate.receiver, now=raw.at)
    except (BaseORMException, OSError):
        log.exception("call of %s could not be written down", gate.name)
        taken = Taken.TEMPORARY_ERROR
    return gate.acknowledge(event, taken)


def _text(raw: RawRequest) -> str:
    kept = raw.body if raw.body else raw.query.encode()
    return kept.decode(errors="replace").replace("\0", " ")


_CALLBACK = "/payments/callbacks/{gate}"
ROUTES: list[BaseRoute] = [
    post(_CALLBACK, callback_create, who=ANYONE, name="payments:callback_create", outside=True),
    get(_CALLBACK, callback_create, who=ANYONE, name="payments:callback_show"),
]
