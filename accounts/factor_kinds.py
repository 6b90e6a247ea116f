"""Second factors: their kinds, what their words are, and how long one that was shown counts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from kit.i18n import Sentence, say
from kit.sealed import SealKeys, seal_keys
from kit.settings import Settings

FRESH_FOR = timedelta(minutes=10)


class FactorKind(StrEnum):
    """A key that the browser or a token keeps (WebAuthn), or codes of an app (RFC 6238)."""

    PASSKEY = "passkey"
    APP = "app"


KIND_WORDS: dict[FactorKind, Sentence] = {
    FactorKind.PASSKEY: say("Khoá trên máy"),
    FactorKind.APP: say("Ứng dụng tạo mã"),
}


@dataclass(frozen=True)
class Party:
    """For whom passkeys are made: the market's host, and the origin pages have there (WebAuthn, section 5.1.2)."""

    host: str
    origin: str


@dataclass(frozen=True)
class FactorKeys:
    """What factors are checked with: the installation's secret, the keys of sealed data, and the party of passkeys.

    No party: this market is reached by a number, and browsers make no passkeys for numbers.
    """

    secret: str
    seal: SealKeys
    party: Party | None


@dataclass(frozen=True)
class Shown:
    """What somebody shows as their second factor: typed (six digits or a recovery code), or a passkey's answer as JSON.

    `subject` is whom the passkey's challenge was made for.
    """

    code: str = ""
    passkey: str = ""
    subject: str = ""


def factor_keys(settings: Settings) -> FactorKeys:
    """What this installation checks factors with."""
    return FactorKeys(settings.secret_key, seal_keys(settings), party_of(settings.base_url))


def party_of(base_url: str) -> Party | None:
    """The party of passkeys at this address; a loopback number stands for localhost, another number for none."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        number = ip_address(host)
    except ValueError:
        return Party(host, f"{parts.scheme}://{parts.netloc}") if host else None
    if not number.is_loopback:
        return None
    return Party("localhost", f"{parts.scheme}://localhost" + (f":{parts.port}" if parts.port else ""))
