"""Answers to forms, and to what went wrong: a page in the reader's language, or problem+json (RFC 9457) for the API."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kit.codes import keyed_digest
from kit.errors import NotFound, Refusal, TooMany
from kit.i18n import Sentence, say, translated
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of, render

log = logging.getLogger("web")


@dataclass
class ErrorPage:
    """What the error page shows."""

    status: int
    sentence: Sentence
    request_id: str


class Page(Protocol):
    """A page that can say what was refused."""

    def __call__(self, *, refused: Sentence, status: int) -> Awaitable[Response]:
        """The page, with the sentence and the status."""


async def done_or_told(act: Awaitable[object], to: str, page: Page) -> Response:
    """Does what a form asked for: done, the browser goes on to `to`; refused, the page says why.

    What is not there (404) is for nobody to read about, and goes on as it is.
    """
    try:
        await act
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await page(refused=refusal.sentence, status=refusal.status)
    return RedirectResponse(to, 303)


async def on_refusal(request: Request, refusal: Exception) -> Response:
    """A refusal raised by a service or a guard."""
    assert isinstance(refusal, Refusal)
    person_id = caller_of(request).person_id
    if refusal.status in (403, 404) and person_id is not None:
        _log_kept_out(request, refusal.status, person_id)
    answer = error_answer(request, refusal.status, refusal.sentence, field=refusal.field)
    if isinstance(refusal, TooMany):
        answer.headers["retry-after"] = str(refusal.wait_seconds)
    return answer


def _log_kept_out(request: Request, status: int, person_id: int) -> None:
    """Whom something was refused or hidden from, and what they tried (ASVS 16.3.2); they learn no more than before.

    Rows stand by their number. Codes open doors, so they stand by a mark: the same one tried again is seen as such.
    """
    words = "was refused" if status == 403 else "asked for what is hidden or not there"
    key = parts_of(request)[Settings].secret_key.encode()
    tried = " ".join(
        f"{name}={value if isinstance(value, int) else keyed_digest(f'tried:{value}', key)[:8]}"
        for name, value in sorted(request.path_params.items())
    )
    route = getattr(request.scope.get("route"), "path", "-")
    log.warning("person %s %s: %s %s %s", person_id, words, request.method, route, tried)


async def on_http_exception(request: Request, fault: Exception) -> Response:
    """Starlette's own: no such route, wrong method, a form it could not read."""
    assert isinstance(fault, HTTPException)
    sentences = {
        404: NotFound().sentence,
        405: say("Trang này không nhận kiểu yêu cầu đó."),
        413: say("Dữ liệu gửi lên quá lớn."),
    }
    return error_answer(
        request, fault.status_code, sentences.get(fault.status_code, say("Yêu cầu này không đọc được."))
    )


async def on_fault(request: Request, fault: Exception) -> Response:
    """A fault of ours: logged with the request id, told without details."""
    log.exception("fault in request %s", request.state.request_id, exc_info=fault)
    return error_answer(
        request, 500, say("Chợ đang gặp trục trặc. Chúng tôi đã ghi lại, bạn thử lại sau ít phút.")
    )


def error_answer(request: Request, status: int, sentence: Sentence, *, field: str | None = None) -> Response:
    """The page or the JSON of one error."""
    if wants_json(request):
        return problem(request, status, sentence, {field: sentence} if field else {})
    page = ErrorPage(status, sentence, getattr(request.state, "request_id", ""))
    return render(request, "errors/error.html", page, status=status)


def problem(
    request: Request, status: int, sentence: Sentence, errors: dict[str, Sentence] | None = None
) -> JSONResponse:
    """A problem+json answer: title, status, request id and, for forms, the mistakes by field."""
    language = language_of(request)
    content = {
        "type": "about:blank",
        "title": translated(sentence, language),
        "status": status,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if errors:
        content["errors"] = {name: translated(one, language) for name, one in errors.items()}
    return JSONResponse(
        content, status, media_type="application/problem+json", headers={"content-language": language}
    )


def wants_json(request: Request) -> bool:
    """Whether the caller is a program: the API, or a script that asked for JSON."""
    return request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith(
        "application/json"
    )
