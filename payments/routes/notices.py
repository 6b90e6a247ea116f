"""What banks' providers post: checked on the raw bytes, written down, answered in their words; and QR pictures."""

import logging
from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.limits import Limits
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.callers import address_of, parts_of
from kit.web.routing import ANYONE, get, post
from payments.bank_gates import own_gate, platform_gate
from payments.gate import (
    BadSignature,
    EventKind,
    HttpAnswer,
    Malformed,
    RawRequest,
    Stale,
    Taken,
    VerifiedEvent,
)
from payments.gates.bank_asking import BankGate
from payments.qr_picture import PNG_TYPE, SVG_TYPE, qr_png, qr_svg
from payments.services import payment_by_code, record_notice, record_unreadable
from payments.services.bank_keys import key_at, note_refusal, note_test
from payments.services.links import named_by_link
from payments.services.notices import Source

NOTICE_MAX_BYTES = 64 * 1024
REFUSED_A_MINUTE = 600
PNG_PIXELS_A_MODULE = 12
log = logging.getLogger("payments")


@dataclass(frozen=True)
class Ear:
    """Where a notice came in: the gate that reads it, and in whose name it is written down."""

    gate: BankGate
    source: Source


async def notice_create(request: Request) -> Response:
    """A provider tells of a bank transaction under the platform's key: written down, answered; worked later.

    Its own kind of yes also for one that is known; 401 for a wrong signature or a stale one; 400 for one that is
    rightly signed but unreadable: it is kept for a person, and the repeats show that something is wrong.
    """
    provider = request.path_params["provider"]
    gate = platform_gate(provider, parts_of(request)[Settings])
    return await _heard(request, Ear(gate, Source(provider)) if gate else None)


async def own_notice_create(request: Request) -> Response:
    """The same under a seller's own key, at an address nobody can guess; it may settle only that seller's payments."""
    settings, params = parts_of(request)[Settings], request.path_params
    key = await key_at(params["provider"], params["place"], seal_keys(settings))
    if key is None:
        return await _heard(request, None)
    gate = own_gate(key.provider, key.secret, key.list_key, settings)
    return await _heard(request, Ear(gate, key.source))


async def qr_show(request: Request) -> Response:
    """The QR picture of a payment that may still be paid, for what is left to pay; svg or png."""
    payment = await payment_by_code(request.path_params["code"])
    kind = request.path_params["kind"]
    if not payment.qr_text or kind not in ("svg", "png"):
        raise NotFound()
    if kind == "svg":
        picture: str | bytes = await anyio.to_thread.run_sync(qr_svg, payment.qr_text)
    else:
        picture = await anyio.to_thread.run_sync(qr_png, payment.qr_text, PNG_PIXELS_A_MODULE)
    media_type = SVG_TYPE if kind == "svg" else PNG_TYPE
    return Response(picture, media_type=media_type, headers={"cache-control": "private, max-age=300"})


async def _heard(request: Request, ear: Ear | None) -> Response:
    if ear is None:
        return await _refused(request, HttpAnswer(404, b'{"success":false,"message":"nobody listens here"}'))
    raw = await _body(request)
    if raw is None:
        return await _refused(request, HttpAnswer(413, b'{"success":false,"message":"at most 64 KiB"}'))
    now = parts_of(request)[Clock].now()
    told = RawRequest("POST", request.url.query, _headers(request), raw, now)
    try:
        event = ear.gate.verify_callback(told)
    except (BadSignature, Stale) as refused:
        log.warning("notice from %s refused: %s", address_of(request), refused)
        if ear.source.bank_key_id is not None:
            await note_refusal(ear.source.bank_key_id, now=now)
        return await _refused(request, ear.gate.acknowledge(None, Taken.BAD_SIGNATURE))
    except Malformed as unreadable:
        log.error("signed notice is unreadable: %s", unreadable)
        await record_unreadable(raw.decode(errors="replace").replace("\0", " "), now=now, source=ear.source)
        return _answer(ear.gate.acknowledge(None, Taken.MALFORMED))
    return _answer(ear.gate.acknowledge(event, await _taken(event, told, ear)))


async def _taken(event: VerifiedEvent, told: RawRequest, ear: Ear) -> Taken:
    if event.line is None:
        if event.kind is EventKind.TEST and ear.source.bank_key_id is not None:
            await note_test(ear.source.bank_key_id, now=told.at)
        return Taken.PROCESSED
    line = await named_by_link(event.line, ear.source)
    is_new = await record_notice(line, told.body.decode(), now=told.at, source=ear.source)
    return Taken.PROCESSED if is_new else Taken.DUPLICATE


async def _refused(request: Request, answer: HttpAnswer) -> Response:
    """Only what is refused is counted: nobody who holds a key is ever turned away."""
    key = f"notices:{address_of(request)}"
    if not await parts_of(request)[Limits].allows(key, times=REFUSED_A_MINUTE, seconds=60):
        return JSONResponse({"success": False, "message": "too many notices"}, 429)
    return _answer(answer)


async def _body(request: Request) -> bytes | None:
    """The raw body, never more than the most a notice may have; None when it is larger."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > NOTICE_MAX_BYTES:
        return None
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > NOTICE_MAX_BYTES:
            return None
    return raw


def _headers(request: Request) -> dict[str, str]:
    """The headers by name; one that came twice holds both values and fits nothing."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}


def _answer(answer: HttpAnswer) -> Response:
    return Response(answer.body, answer.status, media_type=answer.content_type)


ROUTES: list[BaseRoute] = [
    post(
        "/payments/notices/{provider}",
        notice_create,
        who=ANYONE,
        name="payments:notice_create",
        outside=True,
    ),
    post(
        "/payments/notices/{provider}/{place}",
        own_notice_create,
        who=ANYONE,
        name="payments:own_notice_create",
        outside=True,
    ),
    get("/payments/{code}/qr.{kind}", qr_show, who=ANYONE, name="payments:qr_show"),
]
