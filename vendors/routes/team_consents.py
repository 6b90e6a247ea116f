"""Asking a household for its consent: the screen handed over for its own code, or a signature before a witness."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal, TooMany
from kit.i18n import Sentence, say
from kit.identifiers import mask_phone
from kit.media import Media
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import typed_of
from kit.web.callers import address_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, uploads_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.asking import member_of
from vendors.help_forms import ConsentCodeForm, ConsentForm, SignatureForm
from vendors.help_rules import DAYS_CHOICES, DAYS_USUAL, SCOPE_WORDS, Asked, spoken_words
from vendors.models import HelpedHousehold, HelpScope
from vendors.services.help.consents import (
    ConsentView,
    Place,
    Wanted,
    ask_consent,
    asked_consent,
    asked_of,
    confirm_consent,
    send_consent_code,
    sign_consent,
)
from vendors.services.help.households import household_for
from vendors.services.help.papers import drop_signature, keep_signature
from vendors.services.photos import PHOTO_BYTES_MAX

TEAM = roles(Role.TEAM)
PICTURE_LIMITS = FormLimits(files_max=1, body_max_bytes=PHOTO_BYTES_MAX + MEBIBYTE)


@dataclass
class ConsentPage:
    """What to ask a household for, and the text it agrees to; `way` is "code" or "signature"."""

    household: HelpedHousehold
    phone: str
    form: ConsentForm
    way: str
    scopes: dict[HelpScope, Sentence]
    days: tuple[int, ...]
    text: tuple[Sentence, ...]


@dataclass
class HandedPage:
    """The screen that is handed to the household: the text, and the field for its code."""

    consent: ConsentView
    form: ConsentCodeForm | None
    phone: str
    sent_again: bool
    refused: Sentence | None
    has_twin: bool


async def consent_new(request: Request) -> Response:
    """What to ask for, nothing ticked, for thirty days."""
    way = "signature" if request.query_params.get("way") == "signature" else "code"
    return await _page(request, ConsentForm.filled(days=DAYS_USUAL), way)


async def consent_create(request: Request) -> Response:
    """Texts the code to the household's own phone, then the screen is handed over."""
    form = ConsentForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, "code", status=422)
    parts = parts_of(request)
    try:
        made = await ask_consent(
            int(request.path_params["id"]),
            form.wanted(),
            member=member_of(request),
            address=address_of(request),
            now=parts[Clock].now(),
            secret=parts[Settings].secret_key,
        )
    except TooMany as refusal:
        form.wrong("", refusal.sentence)
        return await _page(request, form, "code", status=429)
    return RedirectResponse(request.app.url_path_for("vendors:consent_code_new", consent_id=made), 303)


async def consent_code_new(request: Request) -> Response:
    """The screen for the household."""
    return await _handed(request, None)


async def consent_code_create(request: Request) -> Response:
    """Takes the code that the household typed in; it is not shown again, right or wrong."""
    form = ConsentCodeForm.read(typed_of(request))
    if form.ok:
        try:
            done = await confirm_consent(
                int(request.path_params["consent_id"]),
                form.code,
                member=member_of(request),
                now=parts_of(request)[Clock].now(),
                place=_place(parts_of(request)),
            )
            return _household(request, done.household_id)
        except Refusal as refusal:
            if refusal.field != "code":
                raise
            form.wrong("code", refusal.sentence)
    return await _handed(request, form, status=422)


async def consent_code_again(request: Request) -> Response:
    """Texts another code."""
    parts, consent_id = parts_of(request), int(request.path_params["consent_id"])
    try:
        await send_consent_code(
            consent_id,
            member=member_of(request),
            address=address_of(request),
            now=parts[Clock].now(),
            secret=parts[Settings].secret_key,
        )
    except TooMany as refusal:
        return await _handed(request, None, refused=refusal.sentence, status=429)
    place = request.app.url_path_for("vendors:consent_code_new", consent_id=consent_id)
    return RedirectResponse(f"{place}?told=again", 303)


async def signature_create(request: Request) -> Response:
    """Keeps a signature and the witness; nothing is kept while anything is wrong."""
    form = SignatureForm.read(typed_of(request))
    pictures = await uploads_of(request, "signature")
    if not pictures:
        form.wrong("signature", say("Mời chủ hộ ký tên vào ô, hoặc chụp tờ giấy đã ký."))
    if not form.ok:
        return await _page(request, form, "signature", status=422)
    try:
        await _sign(request, form, pictures[0])
    except Refusal as refusal:
        if refusal.field is None:
            raise
        form.wrong(refusal.field, refusal.sentence)
        return await _page(request, form, "signature", status=422)
    return _household(request, int(request.path_params["id"]))


async def _sign(request: Request, form: SignatureForm, picture: bytes) -> None:
    parts, household_id, member = parts_of(request), int(request.path_params["id"]), member_of(request)
    await household_for(household_id, member)
    key = await keep_signature(picture, parts[Media], seal_keys(parts[Settings]))
    try:
        await sign_consent(
            household_id,
            form.wanted(),
            form.witness(),
            key,
            member=member,
            now=parts[Clock].now(),
            place=_place(parts),
        )
    except BaseException:
        await drop_signature(key, parts[Media])
        raise


def _place(parts: Parts) -> Place:
    return Place(parts[Settings].base_url, parts[Settings].secret_key)


async def _page(request: Request, form: ConsentForm, way: str, *, status: int = 200) -> Response:
    member, now = member_of(request), parts_of(request)[Clock].now()
    household = await household_for(int(request.path_params["id"]), member)
    asked: Asked = asked_of(Wanted(tuple(HelpScope), DAYS_USUAL), member, now)
    page = ConsentPage(
        household, mask_phone(household.phone), form, way, SCOPE_WORDS, DAYS_CHOICES, spoken_words(asked)
    )
    return render(request, "vendors/team_consent.html", page, status=status)


async def _handed(
    request: Request,
    form: ConsentCodeForm | None,
    *,
    refused: Sentence | None = None,
    status: int = 200,
) -> Response:
    parts = parts_of(request)
    consent = await asked_consent(
        int(request.path_params["consent_id"]), member=member_of(request), now=parts[Clock].now()
    )
    if consent.given_at is not None:
        return _household(request, consent.household_id)
    page = HandedPage(
        consent,
        form,
        mask_phone(consent.phone),
        request.query_params.get("told") == "again",
        refused,
        parts[Settings].sms_gate == "twin",
    )
    answer = render(request, "vendors/team_handed.html", page, status=status)
    answer.headers["cache-control"] = "no-store"
    return answer


def _household(request: Request, household_id: int) -> Response:
    place = request.app.url_path_for("vendors:household_show", id=household_id)
    return RedirectResponse(f"{place}?told=consent", 303)


CODE = "/team/consents/{consent_id:int}/code"
ONE = "/team/households/{id:int}"
ROUTES = [
    get(ONE + "/consent", consent_new, who=TEAM, name="vendors:consent_new"),
    post(ONE + "/consent", consent_create, who=TEAM, name="vendors:consent_create"),
    post(
        ONE + "/signature", signature_create, who=TEAM, name="vendors:signature_create", limits=PICTURE_LIMITS
    ),
    get(CODE, consent_code_new, who=TEAM, name="vendors:consent_code_new"),
    post(CODE, consent_code_create, who=TEAM, name="vendors:consent_code_create"),
    post(CODE + "/again", consent_code_again, who=TEAM, name="vendors:consent_code_again"),
]
