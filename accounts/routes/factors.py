"""A person's second factors: what they have, adding a passkey or an app, recovery codes, removing."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from accounts.app_codes import address_of_secret, drawn, grouped_secret
from accounts.factor_forms import FactorForm, PasskeyForm
from accounts.factor_kinds import KIND_WORDS, FactorKind, Shown, factor_keys
from accounts.passkeys import Options, Purpose, new_challenge, options_to_add
from accounts.routes.fresh import ONLY_IN_PERSON, subject_of
from accounts.routes.places import row_in
from accounts.services.factors import (
    FactorsHeld,
    add_passkey,
    begin_app,
    confirm_app,
    factors_of,
    passkeys_of,
    remove_factor,
    renew_codes,
    secret_begun,
)
from accounts.step import HOME
from accounts.words import device_words
from kit.clock import Clock
from kit.codes import keyed_digest
from kit.errors import NotAllowed, NotFound, Refusal
from kit.factors import required_roles
from kit.forms import Form
from kit.i18n import Sentence, translated
from kit.identifiers import show_phone
from kit.settings import Settings
from kit.web.asked import local_path, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of, render
from kit.web.routing import SIGNED_IN, Fresh, get, post


@dataclass
class FactorsPage:
    """What the person has; `options` for a new passkey (None: none can be made at this address)."""

    form: Form | None
    held: FactorsHeld
    kinds: dict[FactorKind, Sentence]
    options: Options | None
    host: str
    label: str
    is_needed: bool
    told: str


@dataclass
class AppPage:
    """The secret of an app: as a QR (a data: address), as an otpauth:// address, and to be typed."""

    form: Form | None
    picture: str
    address: str
    secret: str


@dataclass
class CodesPage:
    """Ten recovery codes, shown this once; `is_first` when they came with the first factor."""

    codes: list[str]
    is_first: bool


@dataclass
class OfferPage:
    """The advice to add a factor; `back` is where the person was going, `is_required` that their work waits for it."""

    back: str
    is_required: bool


async def factor_index(request: Request) -> Response:
    """What there is, and what can be added."""
    return await _page(request, None)


async def factor_offer(request: Request) -> Response:
    """After signing in: advice to those whose work touches other people's money and data."""
    back = local_path(request.query_params.get("back", ""), HOME)
    return render(request, "accounts/factor_offer.html", OfferPage(back, bool(caller_of(request).withheld)))


async def passkey_create(request: Request) -> Response:
    """Keeps a passkey that the browser made."""
    form = PasskeyForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    it = Shown(passkey=form.passkey, subject=subject_of(request))
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    try:
        codes = await add_passkey(
            person_id_of(request),
            it,
            form.label or "",
            factor_keys(settings),
            session_id=caller_of(request).session_id,
            now=now,
        )
    except Refusal as refusal:
        form.wrong("", refusal.sentence)
        return await _page(request, form, status=refusal.status)
    return _added(request, codes)


async def app_begin(request: Request) -> Response:
    """Makes the secret of an app."""
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    try:
        await begin_app(person_id_of(request), factor_keys(settings), now=now)
    except Refusal as refusal:
        form = FactorForm.filled()
        form.wrong("", refusal.sentence)
        return await _page(request, form, status=refusal.status)
    return RedirectResponse(request.app.url_path_for("accounts:app_new"), 303)


async def app_new(request: Request) -> Response:
    """The secret to scan or to type, and the field for its first code; no program's: it is a factor to be."""
    if caller_of(request).by_token:
        raise NotAllowed(ONLY_IN_PERSON)
    return await _app_page(request, None)


async def app_confirm(request: Request) -> Response:
    """The app counts once its first code is right."""
    form = FactorForm.read({"code": typed_of(request).get("code")})
    if not form.ok:
        return await _app_page(request, form, status=422)
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    session_id = caller_of(request).session_id
    try:
        codes = await confirm_app(
            person_id_of(request), form.code, factor_keys(settings), session_id=session_id, now=now
        )
    except NotFound:
        return _back(request)
    except Refusal as refusal:
        form.wrong("code", refusal.sentence)
        return await _app_page(request, form, status=refusal.status)
    return _added(request, codes)


async def codes_create(request: Request) -> Response:
    """Ten new recovery codes, shown this once."""
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    try:
        codes = await renew_codes(person_id_of(request), factor_keys(settings), now=now)
    except Refusal as refusal:
        form = FactorForm.filled()
        form.wrong("", refusal.sentence)
        return await _page(request, form, status=refusal.status)
    return _codes_page(request, codes, is_first=False)


async def factor_remove(request: Request) -> Response:
    """Removes one of one's own."""
    is_required = bool(caller_of(request).roles & required_roles(parts_of(request)[Settings]))
    now = parts_of(request)[Clock].now()
    try:
        await remove_factor(
            person_id_of(request), row_in(request, "factor_id"), is_required=is_required, now=now
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form = FactorForm.filled()
        form.wrong("", refusal.sentence)
        return await _page(request, form, status=refusal.status)
    return _back(request, "removed")


async def _page(request: Request, form: Form | None, *, status: int = 200) -> Response:
    person_id, settings = person_id_of(request), parts_of(request)[Settings]
    keys, language = factor_keys(settings), language_of(request)
    page = FactorsPage(
        form,
        await factors_of(person_id),
        KIND_WORDS,
        await _options(request) if keys.party else None,
        keys.party.host if keys.party else "",
        translated(device_words(request.headers.get("user-agent", "")), language),
        bool(caller_of(request).withheld) or "needed" in request.query_params,
        request.query_params.get("told", ""),
    )
    return render(request, "accounts/factors.html", page, status=status)


async def _options(request: Request) -> Options:
    caller, settings = caller_of(request), parts_of(request)[Settings]
    keys, person_id = factor_keys(settings), person_id_of(request)
    assert keys.party is not None
    now = parts_of(request)[Clock].now()
    return options_to_add(
        keys.party,
        new_challenge(Purpose.ADD, subject_of(request), keys.secret, now),
        handle=bytes.fromhex(keyed_digest(f"handle:{person_id}", keys.secret.encode())),
        name=show_phone(caller.phone),
        known=await passkeys_of(person_id),
    )


async def _app_page(request: Request, form: Form | None, *, status: int = 200) -> Response:
    settings, now = parts_of(request)[Settings], parts_of(request)[Clock].now()
    try:
        secret = await secret_begun(person_id_of(request), factor_keys(settings), now=now)
    except NotFound:
        return _back(request)
    address = address_of_secret(secret, caller_of(request).phone)
    page = AppPage(form, drawn(address), address, grouped_secret(secret))
    return render(request, "accounts/factor_app.html", page, status=status)


def _added(request: Request, codes: list[str]) -> Response:
    return _codes_page(request, codes, is_first=True) if codes else _back(request, "added")


def _codes_page(request: Request, codes: list[str], *, is_first: bool) -> Response:
    answer = render(request, "accounts/recovery_codes.html", CodesPage(codes, is_first), status=201)
    answer.headers["cache-control"] = "no-store"
    return answer


def _back(request: Request, told: str = "") -> Response:
    place = request.app.url_path_for("accounts:factor_index")
    return RedirectResponse(place + (f"?told={quote(told)}" if told else ""), 303)


FRESH = Fresh.ANYTHING
ROUTES: list[BaseRoute] = [
    get("/me/factors", factor_index, who=SIGNED_IN, name="accounts:factor_index"),
    get("/me/factors/offer", factor_offer, who=SIGNED_IN, name="accounts:factor_offer"),
    post("/me/factors/passkeys", passkey_create, who=SIGNED_IN, name="accounts:passkey_create", fresh=FRESH),
    post("/me/factors/app", app_begin, who=SIGNED_IN, name="accounts:app_begin", fresh=FRESH),
    get("/me/factors/app", app_new, who=SIGNED_IN, name="accounts:app_new"),
    post("/me/factors/app/code", app_confirm, who=SIGNED_IN, name="accounts:app_confirm", fresh=FRESH),
    post("/me/factors/codes", codes_create, who=SIGNED_IN, name="accounts:codes_create", fresh=FRESH),
    post(
        "/me/factors/{factor_id:int}/removal",
        factor_remove,
        who=SIGNED_IN,
        name="accounts:factor_remove",
        fresh=FRESH,
    ),
]
