"""Notices by Zalo (ZNS): a registered template for each kind, sent to the Zalo account of a phone number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx2

from accounts.notice_gates import Letter, NotCarried
from kit.dates import show_moment

SEND_URL = "https://business.openapi.zalo.me/message/template"
TOKEN_URL = "https://oauth.zaloapp.com/v4/oa/access_token"
TIMES = httpx2.Timeout(15.0, connect=5.0)
# Zalo answers 200 and says in `error` how it went. These may go better the next time; for every other one (no account
# for the number, a reader who said no, a template that is not as registered, no quota) the next channel is tried.
KEY_WORN_OUT = -124
AGAIN = frozenset({-100, KEY_WORN_OUT})


@dataclass(frozen=True)
class FreshKeys:
    """What Zalo gives for a refresh key, which is used up by it."""

    access: str
    refresh: str
    seconds: int


class ZaloKeys(Protocol):
    """Where the key of the Official Account lies. `worn_out` when Zalo no longer takes it. Raise NotCarried."""

    async def access(self) -> str: ...

    async def worn_out(self) -> None: ...


class ZnsZalo:
    """Sends by Zalo's own API. `templates` says which registered template each kind of notice goes by.

    A template has four parameters: name (30), title (80), words (200) and time.
    """

    def __init__(self, http: httpx2.AsyncClient, keys: ZaloKeys, templates: Mapping[str, str]) -> None:
        self._http, self._keys, self._templates = http, keys, templates

    async def send(self, phone: str, letter: Letter) -> None:
        """Sends one notice. Raises NotCarried."""
        template = self._templates.get(letter.kind)
        if template is None:
            raise NotCarried(f"no Zalo template for {letter.kind}", is_final=True)
        content = {
            "phone": phone.removeprefix("+"),
            "template_id": template,
            "template_data": {
                "name": letter.name[:30] or "—",
                "title": letter.title[:80],
                "words": letter.words[:200],
                "time": show_moment(letter.at),
            },
            "tracking_id": letter.key[:48],
        }
        error = await self._ask(content, await self._keys.access())
        if error == KEY_WORN_OUT:
            await self._keys.worn_out()
        if error:
            raise NotCarried(f"Zalo answered {error}", is_final=error not in AGAIN)

    async def _ask(self, content: Mapping[str, object], key: str) -> int:
        try:
            answer = await self._http.post(
                SEND_URL, json=content, headers={"access_token": key}, timeout=TIMES
            )
            return int(answer.json()["error"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as away:
            raise NotCarried(f"Zalo is away: {type(away).__name__}") from away


async def fresh_keys(http: httpx2.AsyncClient, *, app_id: str, secret: str, refresh: str) -> FreshKeys:
    """New keys for a refresh key. Raises NotCarried."""
    form = {"refresh_token": refresh, "app_id": app_id, "grant_type": "refresh_token"}
    try:
        answer = await http.post(TOKEN_URL, data=form, headers={"secret_key": secret}, timeout=TIMES)
        given = answer.json()
        return FreshKeys(str(given["access_token"]), str(given["refresh_token"]), int(given["expires_in"]))
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as away:
        raise NotCarried(f"Zalo gives no keys: {type(away).__name__}") from away


def templates_of(text: str) -> dict[str, str]:
    """Templates as the settings name them: order=12345,sale=12346."""
    pairs = (one.partition("=") for one in text.replace(" ", "").split(",") if one)
    return {kind: template for kind, _, template in pairs}
