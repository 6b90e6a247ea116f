"""Form tokens: an HMAC of the device cookie, so that no other site can send our forms."""

import hashlib
import hmac

from starlette.requests import Request

from kit.errors import NotAllowed
from kit.i18n import say
from kit.settings import Settings
from kit.web.callers import device_of, parts_of


def token_for(request: Request) -> str:
    """The token this device's forms carry."""
    secret = parts_of(request)[Settings].secret_key.encode()
    return hmac.new(secret, b"form:" + device_of(request).encode(), hashlib.sha256).hexdigest()[:40]


def check_token(request: Request, sent: str) -> None:
    """Raises NotAllowed when a form came from elsewhere or from a page too old."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed(say("Yêu cầu này đến từ một trang khác nên không được nhận."))
    if not hmac.compare_digest(token_for(request).encode(), sent.encode()):
        raise NotAllowed(say("Trang đã mở quá lâu. Hãy tải lại trang rồi làm lại."))
