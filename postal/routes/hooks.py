"""Where carriers tell what became of parcels: checked, written down, answered in their own words; read later."""

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from tortoise.exceptions import BaseORMException

from kit.clock import Clock
from kit.errors import NotFound
from kit.gates import BadSignature, Malformed, RawRequest
from kit.limits import Limits
from kit.web.callers import address_of, parts_of
from kit.web.outside import BODY_MAX_BYTES, http_answer, raw_request
from kit.web.routing import ANYONE, post
from postal.carrier import Capability, Carrier, WebhookVerdict
from postal.gates.register import Carriers
from postal.services.notices import record_unreadable, record_webhook

REFUSED_A_MINUTE = 600
log = logging.getLogger("postal")


async def hook_create(request: Request) -> Response:
    """A carrier's webhook. A forged one is answered 401, one that nobody can read is kept for a person."""
    parts = parts_of(request)
    carrier = parts[Carriers].get(request.path_params["carrier"])
    if carrier is None or Capability.WEBHOOK not in carrier.capabilities():
        raise NotFound()
    raw = await raw_request(request, at=parts[Clock].now())
    if raw is None:
        return JSONResponse({"message": f"at most {BODY_MAX_BYTES} bytes"}, 413)
    verdict = await _taken(carrier, raw)
    if verdict is WebhookVerdict.REFUSED:
        key = f"hook:{carrier.code}:{address_of(request)}"
        if not await parts[Limits].allows(key, times=REFUSED_A_MINUTE, seconds=60):
            return JSONResponse({"message": "too many calls"}, 429)
    return http_answer(carrier.webhook_reply(verdict))


async def _taken(carrier: Carrier, raw: RawRequest) -> WebhookVerdict:
    try:
        carrier.verify_webhook(raw)
    except BadSignature as refused:
        log.warning("webhook of %s refused: %s", carrier.code, refused)
        return WebhookVerdict.REFUSED
    try:
        carrier.parse_webhook(raw)
    except Malformed as fault:
        await record_unreadable(carrier.code, raw, str(fault))
        return WebhookVerdict.UNREADABLE
    try:
        await record_webhook(carrier.code, raw)
    except (BaseORMException, OSError):
        log.exception("webhook of %s could not be written down", carrier.code)
        return WebhookVerdict.FAULT
    return WebhookVerdict.TAKEN


ROUTES: list[BaseRoute] = [
    post("/post/hooks/{carrier}", hook_create, who=ANYONE, name="postal:hook_create", outside=True),
]
