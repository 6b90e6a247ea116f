"""The pages of pretend texts and notices: what the twins of the gates were asked to send."""

from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from accounts.notice_gates import PretendLetter, recent_letters
from accounts.sms_gate import PretendText, SmsGate, TwinSms, recent_texts
from kit.errors import NotFound
from kit.settings import Settings
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get


@dataclass
class TextsPage:
    """The newest texts."""

    texts: list[PretendText]


@dataclass
class LettersPage:
    """The newest letters."""

    letters: list[PretendLetter]


async def twin_texts(request: Request) -> Response:
    """The newest fifty pretend texts, for anybody who looks: only where the gate is a twin."""
    gate = parts_of(request)[SmsGate]
    if not isinstance(gate, TwinSms):
        raise NotFound()
    texts = await anyio.to_thread.run_sync(recent_texts, gate.folder)
    return render(request, "accounts/twin_texts.html", TextsPage(texts))


async def twin_notices(request: Request) -> Response:
    """The newest fifty pretend letters, for anybody who looks: only in an installation that pretends."""
    folder = parts_of(request)[Settings].var_path / "twins"
    letters = await anyio.to_thread.run_sync(recent_letters, folder)
    return render(request, "accounts/twin_notices.html", LettersPage(letters))


TEXT_ROUTES = [get("/twins/texts", twin_texts, who=ANYONE, name="accounts:twin_texts")]
NOTICE_ROUTES = [get("/twins/notices", twin_notices, who=ANYONE, name="accounts:twin_notices")]
