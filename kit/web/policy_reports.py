"""What browsers tell of breaches of the content policy (CSP level 3, section 5): counted and logged without anybody."""

import json
import logging
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.limits import Limits
from kit.web.callers import address_of, parts_of
from kit.web.headers import REPORTS_PATH
from kit.web.outside import raw_request
from kit.web.routing import ANYONE, post

AN_ADDRESS_AN_HOUR, ALL_A_MINUTE = 20, 60
REPORTS_A_CALL = 5
_DIRECTIVE = re.compile(r"[a-z-]{3,40}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,120}")
_OWN_FILE = re.compile(r"/static/[A-Za-z0-9_./-]{1,80}")
log = logging.getLogger("policy")


async def policy_report_create(request: Request) -> Response:
    """Logs which directive was broken by what kind of source; 204 whatever was sent, so that nothing is learned.

    A page's address may name an order and its sample a person: neither is read. 413 for more than 64 KiB.
    """
    told = await raw_request(request, at=parts_of(request)[Clock].now())
    if told is None:
        return Response(status_code=413)
    limits = parts_of(request)[Limits]
    if await limits.allows(f"policy:{address_of(request)}", times=AN_ADDRESS_AN_HOUR, seconds=3600):
        for line in lines_of(told.body):
            if await limits.allows("policy", times=ALL_A_MINUTE, seconds=60):
                log.warning("content policy broken: %s", line)
    return Response(status_code=204)


def lines_of(body: bytes) -> list[str]:
    """Up to five reports as words: «script-src-elem by https://host in /static/js/x.js»; none for what is no report.

    Takes both forms that browsers send: the Reporting API's list and the older object "csp-report".
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return []
    reports = read if isinstance(read, list) else [read]
    lines = [_line(one) for one in reports[:REPORTS_A_CALL] if isinstance(one, dict)]
    return [line for line in lines if line]


def _line(report: Mapping[str, object]) -> str:
    told = report.get("csp-report") or report.get("body")
    if not isinstance(told, dict):
        return ""
    directive = _text(told, "effectiveDirective", "effective-directive", "violated-directive").split(" ")[0]
    if not _DIRECTIVE.fullmatch(directive):
        return ""
    source = _text(told, "sourceFile", "source-file")
    place = _OWN_FILE.search(source.partition("?")[0])
    blocked = _source(_text(told, "blockedURL", "blocked-uri"))
    return f"{directive} by {blocked}" + (f" in {place[0]}" if place else "")


def _source(blocked: str) -> str:
    """A host, or a word like inline, eval, data; never a path."""
    try:
        parts = urlsplit(blocked)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "something"
    if host:
        return f"{parts.scheme}://{host}" if _HOST.fullmatch(host) else "something"
    word = parts.scheme or blocked
    return word if _DIRECTIVE.fullmatch(word) else "something"


def _text(told: Mapping[str, object], *names: str) -> str:
    return next((str(told[name])[:2000] for name in names if isinstance(told.get(name), str)), "")


ROUTES: list[BaseRoute] = [
    post(REPORTS_PATH, policy_report_create, who=ANYONE, name="kit:policy_report_create", outside=True)
]
