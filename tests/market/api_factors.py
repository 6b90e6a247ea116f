"""One's own second factors by the API: by a page's script in its person's session, held against the document."""

from typing import Any

import pyotp
from starlette.types import ASGIApp

from kit.clock import StoppedClock
from tests.conftest import Browser
from tests.programs import Contract

LAN = "0912345671"


async def keep_ones_factors(app: ASGIApp, contract: Contract, sign_in_as: Any, clock: StoppedClock) -> None:
    """An app is added with its first code, recovery codes are made anew, and all of it is taken off again."""
    async with Browser(app) as page:
        page.event_hooks["response"].append(contract.hold)
        await sign_in_as(page, LAN)
        headers = {"x-csrf-token": await page.token()}
        where = "/api/v1/me/factors"
        secret = (await page.post(f"{where}/app", headers=headers)).json()["secret"]
        code = {"code": pyotp.TOTP(secret).at(clock.now())}
        assert len((await page.post(f"{where}/app/code", json=code, headers=headers)).json()["codes"]) == 10
        assert len((await page.post(f"{where}/codes", headers=headers)).json()["codes"]) == 10
        [app_held] = (await page.get(where)).json()["factors"]
        gone = await page.post(f"{where}/{app_held['id']}/removal", headers=headers)
        assert gone.json()["factors"] == []
