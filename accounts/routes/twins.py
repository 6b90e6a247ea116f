"""The page of pretend texts: what the twin of the SMS gate was asked to send."""

from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from accounts.sms_gate import PretendText, SmsGate, TwinSms, recent_texts
from kit.errors import NotFound
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get


@dataclass
class TextsPage:
    """The newest texts."""

    texts: list[PretendText]


async def twin_texts(request: Request) -> Response:
    """The newest fifty pretend texts, for anybody who looks: only where the gate is a twin."""
    gate = parts_of(request)[SmsGate]
    if not isinstance(gate, TwinSms):
        raise NotFound()
    texts = await anyio.to_thread.run_sync(recent_texts, gate.folder)
    return render(request, "accounts/twin_texts.html", TextsPage(texts))


ROUTES = [get("/twins/texts", twin_texts, who=ANYONE, name="accounts:twin_texts")]
