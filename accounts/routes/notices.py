"""A person's notices and how they want to be told."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.notice_forms import DeviceForm, EmailForm, HoursForm
from accounts.notice_gates import MailGate, PushGate, ZaloGate
from accounts.notices import BY_CONSENT, CHANNEL_WORDS, KIND_WORDS, Channel, NoticeKind
from accounts.routes.places import row_in
from accounts.services.notice_choices import (
    NoticeWishes,
    add_device,
    choose_notices,
    confirm_email,
    drop_device,
    set_email,
    wishes_of,
)
from accounts.services.notices import NoticePage, notices_of, read_all, read_notice, set_unread
from kit.clock import Clock
from kit.errors import NotFound, Refusal, TooMany
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.limits import Limits
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import SIGNED_IN, get, post

LETTERS_AN_HOUR = 5
HOURS = [(hour, f"{hour}:00") for hour in range(24)]


@dataclass
class NoticesPage:
    """A page of notices; who sells or delivers sees the bar of their work."""

    notices: NoticePage
    unread: int


@dataclass
class ChoicesPage:
    """All choices. `kinds` and `channels` are what can be chosen here, with their words."""

    form: Form | None
    email_form: Form | None
    wishes: NoticeWishes
    kinds: list[tuple[NoticeKind, Sentence, Sentence]]
    channels: list[tuple[Channel, Sentence]]
    by_consent: frozenset[tuple[NoticeKind, Channel]]
    hours: list[tuple[int, str]]
    push_key: str
    has_mail: bool
    told: str


@dataclass
class ConfirmPage:
    """The question whether this mailbox is one's own."""

    key: str
    refused: Sentence | None


async def notice_index(request: Request) -> Response:
    """One's notices, newest first."""
    page = await notices_of(person_id_of(request), page=page_number(request))
    return render(request, "accounts/notices.html", NoticesPage(page, caller_of(request).unread))


async def notice_open(request: Request) -> Response:
    """Goes to what a notice is about; it counts as read from then on."""
    url = await read_notice(
        row_in(request, "notice_id"), person_id=person_id_of(request), now=parts_of(request)[Clock].now()
    )
    return RedirectResponse(url, 303)


async def notice_unread(request: Request) -> Response:
    """Leaves a notice for later."""
    await set_unread(row_in(request, "notice_id"), person_id=person_id_of(request))
    return _to_list(request)


async def notice_read_all(request: Request) -> Response:
    """Everything counts as read."""
    await read_all(person_id_of(request), now=parts_of(request)[Clock].now())
    return _to_list(request)


async def choices_show(request: Request) -> Response:
    """How one is told."""
    return await _choices(request)


async def choices_update(request: Request) -> Response:
    """Keeps the ticks and the quiet hours."""
    sent = typed_of(request)
    form = HoursForm.read(sent)
    if not form.ok:
        return await _choices(request, form, status=422)
    shown = {channel for channel, _ in _channels(request)}
    wanted = {
        (kind, channel): f"{kind}-{channel}" in sent if channel in shown else None
        for kind in NoticeKind
        for channel in Channel
    }
    wishes = await wishes_of(person_id_of(request), session_id=None, now=parts_of(request)[Clock].now())
    said = {pair: wishes.is_on[pair] if yes is None else yes for pair, yes in wanted.items()}
    await choose_notices(person_id_of(request), said, quiet_from=form.quiet_from, quiet_to=form.quiet_to)
    return RedirectResponse("/me/notices/choices?told=kept", 303)


async def email_update(request: Request) -> Response:
    """Keeps a mailbox and asks it for its confirmation."""
    form = EmailForm.read(typed_of(request))
    if not form.ok:
        return await _choices(request, email_form=form, status=422)
    key = f"mailbox:{person_id_of(request)}"
    if not await parts_of(request)[Limits].allows(key, times=LETTERS_AN_HOUR, seconds=3600):
        raise TooMany(say("Bạn đổi hộp thư nhiều lần quá. Một giờ nữa hãy làm tiếp."), wait_seconds=3600)
    try:
        asked = await set_email(person_id_of(request), form.email)
    except Refusal as refusal:
        form.wrong("email", refusal.sentence)
        return await _choices(request, email_form=form, status=422)
    return RedirectResponse(f"/me/notices/choices?told={'asked' if asked else 'kept'}", 303)


async def email_confirm_show(request: Request) -> Response:
    """Asks before it confirms: mail programs open links by themselves."""
    return render(request, "accounts/email_confirm.html", ConfirmPage(request.path_params["key"], None))


async def email_confirm(request: Request) -> Response:
    """The mailbox is one's own."""
    parts, key = parts_of(request), request.path_params["key"]
    try:
        await confirm_email(
            person_id_of(request), key, secret=parts[Settings].secret_key, now=parts[Clock].now()
        )
    except Refusal as refusal:
        page = ConfirmPage(key, refusal.sentence)
        return render(request, "accounts/email_confirm.html", page, status=refusal.status)
    return RedirectResponse("/me/notices/choices?told=confirmed", 303)


async def device_create(request: Request) -> Response:
    """This browser shows notices from now on."""
    session_id, form = caller_of(request).session_id, DeviceForm.read(typed_of(request))
    if session_id is None or not parts_of(request).has(PushGate):
        raise NotFound()
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    now = parts_of(request)[Clock].now()
    await add_device(session_id, endpoint=form.endpoint, p256dh=form.p256dh, auth=form.auth, now=now)
    return RedirectResponse("/me/notices/choices?told=device", 303)


async def device_end(request: Request) -> Response:
    """This browser shows none any more."""
    session_id = caller_of(request).session_id
    if session_id is not None:
        await drop_device(session_id)
    return RedirectResponse("/me/notices/choices?told=kept", 303)


async def _choices(
    request: Request, form: Form | None = None, email_form: Form | None = None, *, status: int = 200
) -> Response:
    parts, caller = parts_of(request), caller_of(request)
    wishes = await wishes_of(person_id_of(request), session_id=caller.session_id, now=parts[Clock].now())
    page = ChoicesPage(
        form or HoursForm.filled(quiet_from=wishes.quiet_from, quiet_to=wishes.quiet_to),
        email_form or EmailForm.filled(email=wishes.email),
        wishes,
        [(kind, *KIND_WORDS[kind]) for kind in NoticeKind],
        _channels(request),
        BY_CONSENT,
        HOURS,
        parts[PushGate].public_key if parts.has(PushGate) else "",
        parts.has(MailGate),
        request.query_params.get("told", ""),
    )
    return render(request, "accounts/notice_choices.html", page, status=status)


def _channels(request: Request) -> list[tuple[Channel, Sentence]]:
    gates: dict[Channel, type] = {Channel.PUSH: PushGate, Channel.ZALO: ZaloGate, Channel.EMAIL: MailGate}
    parts = parts_of(request)
    return [(one, CHANNEL_WORDS[one]) for one in Channel if one not in gates or parts.has(gates[one])]


def _to_list(request: Request) -> Response:
    return RedirectResponse(request.app.url_path_for("accounts:notice_index"), 303)


ROUTES = [
    get("/me/notices", notice_index, who=SIGNED_IN, name="accounts:notice_index"),
    post("/me/notices/read", notice_read_all, who=SIGNED_IN, name="accounts:notice_read_all"),
    get("/me/notices/choices", choices_show, who=SIGNED_IN, name="accounts:notice_choices"),
    post("/me/notices/choices", choices_update, who=SIGNED_IN, name="accounts:notice_choices_update"),
    post("/me/notices/email", email_update, who=SIGNED_IN, name="accounts:notice_email_update"),
    get(
        "/me/notices/email/{key}",
        email_confirm_show,
        who=SIGNED_IN,
        name="accounts:notice_email_confirm_show",
    ),
    post("/me/notices/email/{key}", email_confirm, who=SIGNED_IN, name="accounts:notice_email_confirm"),
    post("/me/notices/devices", device_create, who=SIGNED_IN, name="accounts:notice_device_create"),
    post("/me/notices/devices/end", device_end, who=SIGNED_IN, name="accounts:notice_device_end"),
    get("/me/notices/{notice_id:int}", notice_open, who=SIGNED_IN, name="accounts:notice_open"),
    post("/me/notices/{notice_id:int}/unread", notice_unread, who=SIGNED_IN, name="accounts:notice_unread"),
]
