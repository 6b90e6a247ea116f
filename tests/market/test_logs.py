"""What is logged: nothing that opens a door, and no line but the market's own."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.services import make_api_token
from kit.clock import StoppedClock
from market.logs import JsonLines, PersonalOut, logging_for
from tests.conftest import Browser
from tests.factories import code_sent_to, wrong_code

FORGED = "x\n2026-11-22 10:00:00,000 INFO web: GET /admin 200 1ms\r\x1b[2K\x1b[31m\u2028\x85\x9b1mred"


# Loggers that production sets to warnings, or that are the test's own.
SILENT = ("tortoise.db_client", "httpx2", "httpcore2")


def logged(text: str, *values: object, fault: BaseException | None = None) -> logging.LogRecord:
    told = (type(fault), fault, fault.__traceback__) if fault else None
    return logging.LogRecord("payments", logging.WARNING, "x.py", 1, text, values, told)


def lines_of(record: logging.LogRecord) -> str:
    form = logging_for("line")["formatters"]["line"]["format"]  # type: ignore[index]
    return PersonalOut(form).format(record)


def test_what_others_send_begins_no_line_of_its_own_and_steers_no_screen() -> None:
    line = lines_of(logged("notice refused: %s", FORGED))
    assert len(line.splitlines()) == 1
    assert line.isprintable() and "\\n2026-11-22" in line and "\\x1b[2K" in line
    read = json.loads(JsonLines().format(logged("notice refused: %s", FORGED)))
    assert read["text"].endswith(FORGED) and len(JsonLines().format(logged("%s", FORGED)).split("\n")) == 1


def test_lines_of_a_traceback_are_set_in() -> None:
    """So that the words of a fault, which may be somebody else's, do not look like a line of the log."""
    try:
        raise ValueError(FORGED)
    except ValueError:
        lines = lines_of(logged("a fault", fault=sys.exc_info()[1])).split("\n")
    assert len(lines) > 3 and "a fault" in lines[0]
    assert all(line.startswith("    ") and line.isprintable() for line in lines[1:])


async def test_nothing_that_opens_a_door_is_logged(
    db: None, client: Browser, clock: StoppedClock, sign_in_as: Callable[..., Any], caplog: Any
) -> None:
    """Codes, session and form tokens, API tokens, secrets in addresses: all used here, none written down."""
    caplog.set_level(logging.INFO)
    phone, secrets = "+84912345678", ["place-of-a-key-0123456789", "hash-of-ghtk-0123456789"]
    await client.submit("/sign-in", {"phone": phone})
    code = await code_sent_to(phone)
    secrets += [code, wrong_code(code)]
    await client.submit("/sign-in/code", {"code": wrong_code(code)})
    await client.submit("/sign-in/code", {"code": code})
    secrets += [client.cookies["session"], await client.token(), client.cookies["device"]]
    person = (await client.get("/api/v1/me")).json()["id"]
    secrets.append(await make_api_token(person, "sổ", now=clock.now()))
    await client.get("/api/v1/me", headers={"authorization": f"Bearer {secrets[-1]}"})
    await client.post(f"/payments/notices/sepay/{secrets[0]}", content=b"{}")
    await client.post(f"/post/hooks/ghtk?hash={secrets[1]}", content=b"{}")
    for opened in (f"/h/{secrets[0]}", f"/i/{secrets[0]}", f"/me/notices/email/{secrets[0]}"):
        await client.get(opened)
    clock.forward(seconds=int(timedelta(hours=1).total_seconds()))
    written = "\n".join([record.getMessage() for record in caplog.records if record.name not in SILENT])
    assert "POST /payments/notices/{provider}/{place}" in written, "requests are logged"
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.parametrize("path", ["/goods/%0aINFO%20web:%20x", "/%e2%80%a8"])
async def test_a_path_leaves_its_pattern_in_the_log_and_no_more(
    db: None, client: Browser, caplog: Any, path: str
) -> None:
    caplog.set_level(logging.INFO, "web")
    await client.get(path)
    [line] = [record.getMessage() for record in caplog.records if record.name == "web"]
    assert line.isprintable() and "INFO" not in line
