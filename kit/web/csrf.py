"""Form tokens: an HMAC of the device cookie, so that no other site can send our forms."""

import hashlib
import hmac
import re
import secrets

from starlette.requests import Request

from kit.errors import NotAllowed
from kit.i18n import say
from kit.settings import Settings
from kit.web.callers import caller_of, device_of, parts_of

_SIZE = 20


def token_for(request: Request) -> str:
    """The token that the forms of this page carry; asking for it makes the answer set the device's cookie."""
    request.state.device_used = True
    if not hasattr(request.state, "form_token"):
        secret = parts_of(request)[Settings].secret_key.encode()
        request.state.form_token = token_of(caller_of(request).device, secret)
    return str(request.state.form_token)


def token_of(device: str, secret: bytes) -> str:
    """A device's token: masked anew for each page, so that compressed pages give nothing away."""
    mask = secrets.token_bytes(_SIZE)
    return (mask + _mixed(mask, _mac(device, secret))).hex()


def check_token(request: Request, sent: str) -> None:
    """Raises NotAllowed when a form came from elsewhere or from a page too old."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed(say("Yêu cầu này đến từ một trang khác nên không được nhận."))
    wanted = _mac(device_of(request), parts_of(request)[Settings].secret_key.encode())
    if not hmac.compare_digest(wanted, _unmasked(sent)):
        raise NotAllowed(say("Trang đã mở quá lâu. Hãy tải lại trang rồi làm lại."))


def _mac(device: str, secret: bytes) -> bytes:
    return hmac.digest(secret, b"form:" + device.encode(), hashlib.sha256)[:_SIZE]


def _unmasked(sent: str) -> bytes:
    if not re.fullmatch(rf"[0-9a-f]{{{4 * _SIZE}}}", sent):
        return b""
    raw = bytes.fromhex(sent)
    return _mixed(raw[:_SIZE], raw[_SIZE:])


def _mixed(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(_SIZE)
