"""What the phone keeps to work without signal: the service worker with its list of files, and the offline page."""

import hashlib
import json
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from kit.settings import ROOT
from kit.web.offline import kept_offline
from kit.web.render import asset, render

PICTURES = (
    "icons/sprite.svg",
    "img/favicon.svg",
    "img/no_signal.svg",
    "img/done.svg",
    "manifest.webmanifest",
)
OFFLINE_PAGE = "/offline"
# What no kept page needs, and would only weigh in a trader's or a carrier's phone.
_SHEETS = "book code_entry factors notices order pay plate ratings watch"
_MODULES = (
    "live_order live_results near_me part passkey push_device scan_camera scan_desk scan_result scan_sound share_page"
    " wait_button weigh"
)
NOT_KEPT = frozenset(
    [f"css/{name}.css" for name in _SHEETS.split()] + [f"js/{name}.js" for name in _MODULES.split()]
)


async def worker_show(request: Request) -> Response:
    """GET /sw.js: the service worker. It is another one as soon as any file it keeps is another."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(worker_script(), media_type="text/javascript", headers=headers)


async def offline_show(request: Request) -> Response:
    """GET /offline: what the phone shows for a page that it could not fetch."""
    return kept_offline(render(request, "market/offline_show.html"))


@cache
def worker_script() -> str:
    """The worker's module: what it does is in static/js, what it keeps is said here."""
    kept = shell_assets()
    version = hashlib.sha256("\n".join(kept).encode()).hexdigest()[:12]
    said = json.dumps({"version": version, "assets": kept, "offlinePage": OFFLINE_PAGE}, indent=1)
    return f'import {{ serve }} from "{asset("js/shell_worker.js")}";\nserve({said});\n'


@cache
def shell_assets() -> list[str]:
    """The addresses of the style sheets and modules, which together weigh less than one photo, and a few drawings."""
    static = ROOT / "static"
    found = sorted(
        path.relative_to(static).as_posix()
        for folder in ("css", "js")
        for path in (static / folder).glob("*.?s*")
        if path.relative_to(static).as_posix() not in NOT_KEPT
    )
    return [asset(path) for path in (*found, *PICTURES)]
