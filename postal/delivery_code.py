"""The six digits a buyer reads out at the door: only the market makes them, and a slip of the tongue shows at once."""

import hashlib
import hmac

from stdnum.iso7064 import mod_11_10

PURPOSE = b"delivery:"
LENGTH = 6


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
