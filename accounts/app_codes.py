"""Codes of apps (RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes; what is typed as one or the other."""

import hmac
import re
import secrets
from datetime import datetime

import pyotp
import segno

from kit.codes import ALPHABET, tidy_words

STEP_SECONDS = 30
STEPS_AROUND = 1  # phones' clocks go wrong by some seconds (RFC 6238, section 5.2)
ISSUER = "Cho 4.0"
CODES_MADE = 10
CODE_LETTERS = 12  # 31 to the 12th: 59 bits


def new_secret() -> str:
    """An app's secret: 160 random bits in base32 (RFC 4226, section 4)."""
    return str(pyotp.random_base32(32))


def address_of_secret(secret: str, name: str) -> str:
    """The otpauth:// address that apps read from a QR or open on the same phone."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def drawn(address: str) -> str:
    """The address as a QR: a data: address of an SVG, so that no address of ours shows a secret."""
    return str(segno.make_qr(address, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff"))


def step_of_code(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step of time whose code this is, none at or before `after`; None for a wrong code or a used one."""
    present, codes = int(now.timestamp()) // STEP_SECONDS, pyotp.HOTP(secret)
    found = None
    for step in range(present - STEPS_AROUND, present + STEPS_AROUND + 1):
        is_it = hmac.compare_digest(str(codes.at(step)), code)
        if is_it and step > after:
            found = step
    return found


def digits_of(typed: str) -> str:
    """Six digits as people type them, with blanks or without; "" when it is something else."""
    squeezed = re.sub(r"[\s.-]", "", typed)
    return squeezed if re.fullmatch(r"[0-9]{6}", squeezed) else ""


def recovery_code() -> str:
    """Twelve letters and digits in three groups of four, none of which look alike: 7KQM-2XWP-9D4T."""
    drawn_ones = [secrets.choice(ALPHABET) for _ in range(CODE_LETTERS)]
    return "-".join("".join(drawn_ones[at : at + 4]) for at in range(0, CODE_LETTERS, 4))


def tidy_recovery(typed: str) -> str:
    """A recovery code without its hyphens, in capitals; "" when it can be none."""
    tidy = tidy_words(typed)
    return tidy if len(tidy) == CODE_LETTERS and all(one in ALPHABET for one in tidy) else ""


def grouped_secret(secret: str) -> str:
    """A secret in groups of four, for people who type it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
