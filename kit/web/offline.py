"""What works without signal: whose page this is, which pages a phone may keep, and a fresh form token.

The service worker (static/js/shell_worker.js) reads the headers; the pages tell the same in `data-page-of`.
"""

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.csrf import token_for

OWNER_HEADER, KEPT_HEADER = "x-page-of", "x-kept-offline"
NOBODY = "nobody"


def page_owner(request: Request) -> str:
    """A name for the person who sees this page that says nothing of them; "nobody" for strangers.

    A phone keeps pages and unsent work under it, so that the next person at the same phone finds neither.
    """
    person_id = caller_of(request).person_id
    if person_id is None:
        return NOBODY
    secret = parts_of(request)[Settings].secret_key.encode()
    return hmac.digest(secret, f"page:{person_id}".encode(), hashlib.sha256).hex()[:20]


def kept_offline(answer: Response) -> Response:
    """Lets the phone keep this page for when there is no signal; only for pages that hold nothing but their form."""
    answer.headers[KEPT_HEADER] = "yes"
    return answer


async def form_token_show(request: Request) -> Response:
    """GET /form-token: a token for forms that waited in the phone, and who is signed in now."""
    told = {"token": token_for(request), "of": page_owner(request)}
    return JSONResponse(told, headers={"cache-control": "no-store"})
