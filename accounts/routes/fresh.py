"""Showing again who one is, on the way to an act that matters: the act is kept on the page and done right after."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from accounts.factor_forms import FactorForm
from accounts.factor_kinds import factor_keys
from accounts.passkeys import Options, Purpose, new_challenge, options_to_show
from accounts.services.factors import passkeys_of
from accounts.services.fresh import Standing, prove, send_prove_code, standing_of
from kit.clock import Clock
from kit.errors import NotAllowed, Refusal, TooMany
from kit.forms import Form
from kit.i18n import say
from kit.identifiers import mask_phone
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import address_of, caller_of, device_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import language_of, render
from kit.web.routing import Endpoint, Fresh

ONLY_IN_PERSON = say(
    "Mã truy cập không làm được việc này. Lớp bảo vệ, thiết bị và mã truy cập chỉ đổi được khi chính bạn đăng nhập "
    "ở trang «Tôi»."
)
OURS = ("csrf", "proof_sent", "proof_code", "proof_passkey")


@dataclass
class FreshPage:
    """What is asked; `carried` are the fields of the act, `options` of a passkey (None: none can be shown)."""

    form: Form | None
    has_factor: bool
    phone: str
    carried: list[tuple[str, str]]
    options: Options | None
    host: str
    has_twin: bool


async def step_up(request: Request, endpoint: Endpoint, wanted: Fresh) -> Response:
    """Does the act when its person showed who they are within ten minutes, else asks, and does it with their answer.

    Programs with a bearer token are let through where only a factor is asked: their token was made by somebody who had
    just shown it. They are refused where a person must be there: a stolen token makes no factor and no further token.
    """
    standing = await _wanting(request, wanted)
    if standing is None:
        return await endpoint(request)
    if "proof_sent" not in form_of(request):
        return await _asked(request, standing)
    return await _proved(request, endpoint, standing)


async def is_fresh(request: Request, wanted: Fresh) -> bool:
    """Whether the act may be done without asking again. Raises NotAllowed as step_up does."""
    return await _wanting(request, wanted) is None


async def _wanting(request: Request, wanted: Fresh) -> Standing | None:
    """How the session stands when it has to be proved again; None when it need not."""
    session_id = caller_of(request).session_id
    if session_id is None:
        if wanted is Fresh.ANYTHING:
            raise NotAllowed(ONLY_IN_PERSON)
        return None
    standing = await standing_of(session_id, now=parts_of(request)[Clock].now())
    is_enough = standing.is_fresh or (wanted is Fresh.FACTOR and not standing.has_factor)
    return None if is_enough else standing


def subject_of(request: Request) -> str:
    """Whom a challenge on this page is made for: this person on this device."""
    return f"person:{person_id_of(request)}:{device_of(request)}"


async def _asked(request: Request, standing: Standing) -> Response:
    form = FactorForm.filled()
    if not standing.has_factor:
        try:
            await _send_code(request)
        except TooMany as refusal:
            form.wrong("", refusal.sentence)
    return await _page(request, standing, form)


async def _proved(request: Request, endpoint: Endpoint, standing: Standing) -> Response:
    typed = typed_of(request)
    form = FactorForm.read({"code": typed.get("proof_code"), "passkey": typed.get("proof_passkey")})
    if not form.ok:
        return await _page(request, standing, form, status=422)
    caller, parts = caller_of(request), parts_of(request)
    try:
        await prove(
            caller.session_id or 0,
            person_id_of(request),
            caller.phone,
            form.shown(subject_of(request)),
            factor_keys(parts[Settings]),
            now=parts[Clock].now(),
        )
    except Refusal as refusal:
        form.wrong("code", refusal.sentence)
        return await _page(request, standing, form, status=refusal.status)
    return await endpoint(request)


async def _send_code(request: Request) -> None:
    caller, parts = caller_of(request), parts_of(request)
    await send_prove_code(
        caller.session_id or 0,
        caller.phone,
        address=address_of(request),
        now=parts[Clock].now(),
        secret=parts[Settings].secret_key,
        language=language_of(request),
    )


async def _page(request: Request, standing: Standing, form: Form, *, status: int = 200) -> Response:
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    options, keys = None, factor_keys(settings)
    known = await passkeys_of(person_id_of(request)) if standing.has_factor and keys.party else []
    if known and keys.party:
        challenge = new_challenge(Purpose.SHOW, subject_of(request), keys.secret, now)
        options = options_to_show(keys.party, challenge, known=known)
    for name in ("code", "passkey"):
        form.typed.pop(name, None)
    at_field = {"proof_code" if name == "code" else name: said for name, said in form.errors.items()}
    form.errors = at_field
    page = FreshPage(
        form,
        standing.has_factor,
        mask_phone(caller_of(request).phone),
        [(name, value) for name, value in _carried(request) if name not in OURS],
        options,
        keys.party.host if keys.party else "",
        settings.sms_gate == "twin",
    )
    return render(request, "accounts/fresh.html", page, status=status)


def _carried(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form_of(request).multi_items() if isinstance(value, str)]
