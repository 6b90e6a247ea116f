"""A person's own say over their data: what they agreed to, and what they ask for."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.forms import CodeForm
from accounts.kept import KEPT, Kept
from accounts.privacy_forms import AskForm, ConsentForm
from accounts.routes.places import row_in
from accounts.services import ConsentLine, ConsentMade, choose, consents_made, consents_of, evidence_of
from accounts.services.requests import (
    RequestLine,
    ask,
    opened_copy,
    requests_of,
    send_copy_code,
    take_back,
)
from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.identifiers import mask_phone
from kit.media import Media
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.render import language_of, render
from kit.web.routing import SIGNED_IN, get, post


@dataclass
class ConsentsPage:
    """Every purpose with today's words, and the choices of the past."""

    lines: list[ConsentLine]
    made: list[ConsentMade]
    refused: Sentence | None
    told: str


@dataclass
class MyRequestsPage:
    """What one asked for and can ask for; what would stay after an erasure."""

    form: Form | None
    requests: list[RequestLine]
    kept: tuple[Kept, ...]
    refused: Sentence | None
    told: str


@dataclass
class CopyPage:
    """The code's field before a copy is handed out."""

    form: Form | None
    request_id: int
    phone: str


async def consent_index(request: Request) -> Response:
    """What one agreed to and what not."""
    return await _consents(request)


async def consent_choose(request: Request) -> Response:
    """Keeps a yes or a no."""
    form = ConsentForm.read(typed_of(request))
    if not form.ok:
        return await _consents(request, next(iter(form.errors.values())), status=422)
    parts = parts_of(request)
    evidence = evidence_of(
        page=request.url.path,
        address=address_of(request),
        session_id=caller_of(request).session_id,
        secret=parts[Settings].secret_key,
    )
    try:
        await choose(
            person_id_of(request),
            form.purpose,
            version=form.version,
            is_given=form.is_given,
            evidence=evidence,
            now=parts[Clock].now(),
        )
    except Refusal as refusal:
        return await _consents(request, refusal.sentence, status=refusal.status)
    return RedirectResponse(f"/me/consents?told={'given' if form.is_given else 'withdrawn'}", 303)


async def request_index(request: Request) -> Response:
    """What one asked for."""
    return await _requests(request)


async def request_create(request: Request) -> Response:
    """Asks for a copy, a correction or an erasure."""
    form = AskForm.read(typed_of(request))
    if not form.ok:
        return await _requests(request, form, status=422)
    try:
        await ask(person_id_of(request), form.kind, words=form.words, now=parts_of(request)[Clock].now())
    except Refusal as refusal:
        return await _requests(request, form, refused=refusal.sentence, status=refusal.status)
    return RedirectResponse("/me/data?told=asked", 303)


async def request_withdraw(request: Request) -> Response:
    """Changes one's mind."""
    await take_back(
        row_in(request, "request_id"), person_id=person_id_of(request), now=parts_of(request)[Clock].now()
    )
    return RedirectResponse("/me/data?told=withdrawn", 303)


async def copy_code_create(request: Request) -> Response:
    """Texts the code that opens a copy, then asks for it."""
    parts, request_id = parts_of(request), row_in(request, "request_id")
    try:
        await send_copy_code(
            request_id,
            person_id=person_id_of(request),
            phone=caller_of(request).phone,
            address=address_of(request),
            now=parts[Clock].now(),
            secret=parts[Settings].secret_key,
            language=language_of(request),
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form = CodeForm.filled(code="")
        form.wrong("", refusal.sentence)
        return _copy_page(request, form, status=refusal.status)
    return _copy_page(request, None)


async def copy_download(request: Request) -> Response:
    """The copy, for its person with a fresh code."""
    parts, request_id = parts_of(request), row_in(request, "request_id")
    form = CodeForm.read({"code": typed_of(request).get("code")})
    if not form.ok:
        return _copy_page(request, form, status=422)
    try:
        key = await opened_copy(
            request_id,
            form.code,
            person_id=person_id_of(request),
            phone=caller_of(request).phone,
            now=parts[Clock].now(),
            secret=parts[Settings].secret_key,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.wrong("code", refusal.sentence)
        return _copy_page(request, form, status=refusal.status)
    sealed = await parts[Media].get(key)
    if sealed is None:
        raise NotFound()
    return Response(
        seal_keys(parts[Settings]).open_file(sealed, key),
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="cho40-{request_id}.zip"',
            "cache-control": "no-store",
        },
    )


async def _consents(request: Request, refused: Sentence | None = None, *, status: int = 200) -> Response:
    person_id, now = person_id_of(request), parts_of(request)[Clock].now()
    page = ConsentsPage(
        await consents_of(person_id, now=now),
        await consents_made(person_id),
        refused,
        request.query_params.get("told", ""),
    )
    return render(request, "accounts/consents.html", page, status=status)


async def _requests(
    request: Request, form: Form | None = None, *, refused: Sentence | None = None, status: int = 200
) -> Response:
    now = parts_of(request)[Clock].now()
    page = MyRequestsPage(
        form,
        await requests_of(person_id_of(request), now=now),
        KEPT,
        refused,
        request.query_params.get("told", ""),
    )
    return render(request, "accounts/my_requests.html", page, status=status)


def _copy_page(request: Request, form: Form | None, *, status: int = 200) -> Response:
    page = CopyPage(form, row_in(request, "request_id"), mask_phone(caller_of(request).phone))
    answer = render(request, "accounts/copy_code.html", page, status=status)
    answer.headers["cache-control"] = "no-store"
    return answer


ONE = "/me/data/{request_id:int}"
ROUTES = [
    get("/me/consents", consent_index, who=SIGNED_IN, name="accounts:consent_index"),
    post("/me/consents", consent_choose, who=SIGNED_IN, name="accounts:consent_choose"),
    get("/me/data", request_index, who=SIGNED_IN, name="accounts:request_index"),
    post("/me/data", request_create, who=SIGNED_IN, name="accounts:request_create"),
    post(ONE + "/withdrawal", request_withdraw, who=SIGNED_IN, name="accounts:request_withdraw"),
    post(ONE + "/code", copy_code_create, who=SIGNED_IN, name="accounts:copy_code_create"),
    post(ONE + "/copy", copy_download, who=SIGNED_IN, name="accounts:copy_download"),
]
