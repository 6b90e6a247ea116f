"""The six digits a buyer reads out: only the market makes them, and a slip of the tongue shows at once.

Whoever fetches at a stall, a market's desk or a post office shows them, alone or in a QR code: read here for all three.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from stdnum.iso7064 import mod_11_10

from kit.codes import tidy_code
from kit.errors import Refusal
from kit.i18n import say

PURPOSE = b"delivery:"
LENGTH = 6


@dataclass(frozen=True)
class ShownCode:
    """What a buyer shows: the six digits, and the order's or parcel's code when that came too (else "")."""

    code: str
    digits: str


def delivery_code(parcel_code: str, secret: str) -> str:
    """The code of a parcel: five digits of its HMAC under the market's secret, then their ISO 7064 MOD 11,10 check."""
    made = hmac.digest(secret.encode(), PURPOSE + parcel_code.encode(), hashlib.sha256)
    digits = f"{int.from_bytes(made[:8]) % 100_000:05}"
    return str(digits + mod_11_10.calc_check_digit(digits))


def is_delivery_code(text: str) -> bool:
    """Whether six digits could be such a code: what a phone can tell without signal."""
    return len(text) == LENGTH and text.isascii() and text.isdecimal() and bool(mod_11_10.is_valid(text))


def fits(text: str, parcel_code: str, secret: str) -> bool:
    """Whether these are the digits of this parcel."""
    return hmac.compare_digest(text.encode(), delivery_code(parcel_code, secret).encode())


def read_shown(text: str, *, field: str = "code") -> ShownCode:
    """What somebody showed, scanned or typed: «CODE-123456», or the six digits alone. Refusal at `field`."""
    joined = "".join(text.replace("-", " ").split())
    code, digits = ("", joined) if joined.isdecimal() else (joined[:-LENGTH], joined[-LENGTH:])
    if not is_delivery_code(digits):
        sentence = say("Mã nhận hàng có 6 chữ số, có số nhầm. Xin người nhận mở lại đơn và đọc lại.")
        raise Refusal(sentence, field=field)
    return ShownCode(tidy_code(code), digits)


def whose(shown: ShownCode, codes: Iterable[str], secret: str, *, field: str = "code") -> str:
    """Which of the things that lie here, by their codes, is meant. Refusal at `field` when it is none or several."""
    found = [one for one in codes if shown.code in ("", one) and fits(shown.digits, one, secret)]
    if len(found) > 1:
        sentence = say("Mã này khớp nhiều gói. Quét mã QR, hoặc gõ cả mã trên nhãn, cách ra, rồi 6 chữ số.")
        raise Refusal(sentence, field=field)
    if not found:
        raise Refusal(say("Không có gói nào đang chờ ở đây khớp với mã này."), field=field)
    return found[0]
