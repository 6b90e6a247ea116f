"""Signing in: the phone, then the code; and signing out."""

from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.forms import CodeForm, PhoneForm
from accounts.routes.cookies import drop_session, drop_step, keep_step, step_of
from accounts.routes.opened import opened, sign_in_page, with_refusal
from accounts.services import (
    RESEND_SECONDS,
    SignedIn,
    is_asked_for_factor,
    request_code,
    sign_in,
    sign_out,
)
from accounts.step import HOME, Step
from kit.clock import Clock
from kit.codes import token
from kit.errors import Refusal, TooMany
from kit.factors import asked_roles
from kit.forms import Form
from kit.i18n import say
from kit.identifiers import mask_phone
from kit.settings import Settings
from kit.web.asked import local_path
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import language_of, render
from kit.web.routing import ANYONE, get, post


@dataclass
class CodePage:
    """The second step; `wait_seconds` until another code may be asked for."""

    form: Form | None
    phone: str
    wait_seconds: int
    has_twin: bool


async def sign_in_new(request: Request) -> Response:
    """Asks for the phone; who is signed in already may go on, or sign in as somebody else."""
    back, caller = local_path(request.query_params.get("back", ""), HOME), caller_of(request)
    known_as = mask_phone(caller.phone) if caller.is_signed_in else ""
    return sign_in_page(request, None, back, known_as=known_as)


async def sign_in_create(request: Request) -> Response:
    """Sends a code to the phone and goes on to the second step."""
    sent = form_of(request)
    back = local_path(str(sent.get("back", "")), HOME)
    form = PhoneForm.read({"phone": sent.get("phone")})
    if form.ok:
        try:
            return await _code_sent(request, form.phone, back)
        except Refusal as refusal:
            form.wrong("phone", refusal.sentence)
            return with_refusal(sign_in_page(request, form, back), refusal)
    return sign_in_page(request, form, back, status=422)


async def code_new(request: Request) -> Response:
    """Asks for the code."""
    step = step_of(request)
    if step is None:
        return RedirectResponse(request.app.url_path_for("accounts:sign_in_new"), 303)
    return _code_page(request, step, None)


async def code_create(request: Request) -> Response:
    """Trades the code for a session and goes back to where the person came from."""
    step = step_of(request)
    if step is None:
        return _too_late(request)
    form = CodeForm.read({"code": form_of(request).get("code")})
    if not form.ok:
        return _code_page(request, step, form, status=422)
    now, settings = parts_of(request)[Clock].now(), parts_of(request)[Settings]
    try:
        entered = await sign_in(
            step.phone,
            form.code,
            address=address_of(request),
            browser=request.headers.get("user-agent", ""),
            now=now,
            secret=settings.secret_key,
            subject=step.subject,
        )
    except Refusal as refusal:
        form.wrong("code", refusal.sentence)
        return with_refusal(_code_page(request, step, form), refusal)
    if entered.needs_factor:
        return _on_to_factor(request, step, entered.person_id)
    answer = await opened(request, entered.token, await _place_after(request, entered, step.back))
    drop_step(answer, settings)
    return answer


def _on_to_factor(request: Request, step: Step, person_id: int) -> Response:
    """The code was right; the cookie says so for ten minutes, and the second factor comes next."""
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    answer = RedirectResponse(request.app.url_path_for("accounts:factor_new"), 303)
    keep_step(answer, settings, replace(step, person_id=person_id, sent=int(now.timestamp())))
    return answer


async def _place_after(request: Request, entered: SignedIn, back: str) -> str:
    """Where they came from, or first the advice to add a factor, for those whose work is other people's."""
    asked = asked_roles(parts_of(request)[Settings])
    if not asked or entered.is_new or not await is_asked_for_factor(entered.person_id, asked):
        return back
    return f"{request.app.url_path_for('accounts:factor_offer')}?back={quote(back, safe='/')}"


async def code_again(request: Request) -> Response:
    """Sends another code to the same phone; the one before is void."""
    step = step_of(request)
    if step is None:
        return _too_late(request)
    try:
        return await _code_sent(request, step.phone, step.back)
    except TooMany as refusal:
        form = CodeForm.filled(code="")
        form.wrong("", refusal.sentence)
        return with_refusal(_code_page(request, step, form), refusal)


async def sign_out_create(request: Request) -> Response:
    """Ends this browser's session."""
    caller, parts = caller_of(request), parts_of(request)
    if caller.session_id is not None:
        await sign_out(caller.session_id, parts[Clock].now())
    answer = RedirectResponse("/", 303)
    drop_session(answer, parts[Settings])
    answer.headers["clear-site-data"] = '"cache"'  # storage stays: unsent work of the stall waits there
    return answer


async def _code_sent(request: Request, phone: str, back: str) -> Response:
    now, settings = parts_of(request)[Clock].now(), parts_of(request)[Settings]
    step = Step(phone, back, int(now.timestamp()), token())
    await request_code(
        phone,
        address=address_of(request),
        now=now,
        secret=settings.secret_key,
        subject=step.subject,
        language=language_of(request),
    )
    answer = RedirectResponse(request.app.url_path_for("accounts:code_new"), 303)
    keep_step(answer, settings, step)
    return answer


def _code_page(request: Request, step: Step, form: Form | None, *, status: int = 200) -> Response:
    parts = parts_of(request)
    page = CodePage(
        form,
        mask_phone(step.phone),
        step.waits(parts[Clock].now(), RESEND_SECONDS),
        parts[Settings].sms_gate == "twin",
    )
    return render(request, "accounts/code.html", page, status=status)


def _too_late(request: Request) -> Response:
    form = PhoneForm.filled(phone="")
    form.wrong("phone", say("Đã quá 10 phút. Hãy nhập lại số điện thoại để lấy mã mới."))
    return sign_in_page(request, form, HOME, status=422)


ROUTES = [
    get("/sign-in", sign_in_new, who=ANYONE, name="accounts:sign_in_new"),
    post("/sign-in", sign_in_create, who=ANYONE, name="accounts:sign_in_create"),
    get("/sign-in/code", code_new, who=ANYONE, name="accounts:code_new"),
    post("/sign-in/code", code_create, who=ANYONE, name="accounts:code_create"),
    post("/sign-in/code/again", code_again, who=ANYONE, name="accounts:code_again"),
    post("/sign-out", sign_out_create, who=ANYONE, name="accounts:sign_out"),
]
