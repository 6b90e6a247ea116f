"""Sealed texts and files: what the store may keep but not read. AES-256-GCM under keys that lie outside it."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kit.settings import Settings

NONCE_BYTES = 12
KEY_ID_CHARACTERS = 8


class CannotOpen(Exception):
    """Sealed under a key we do not have, for another place, or damaged."""


class SealKeys:
    """The keys of personal data: the present one seals, older ones still open. Keys derive from DATA_KEY by HKDF.

    What is sealed is bound to its place ("vendor:17:personal_number"): moved elsewhere it does not open.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._rings = {key_id_of(secret): _Ring(secret) for secret in secrets if secret}
        self.current_id = key_id_of(secrets[0])

    def seal(self, text: str, place: str) -> str:
        """A text sealed under the present key: key number, a dot, base64url of nonce and ciphertext."""
        return f"{self.current_id}." + base64.urlsafe_b64encode(self._seal(text.encode(), place)).decode()

    def open(self, sealed: str, place: str) -> str:
        """The text. Raises CannotOpen."""
        key_id, _, body = sealed.partition(".")
        try:
            return self._open(key_id, base64.urlsafe_b64decode(body), place).decode()
        except (binascii.Error, UnicodeDecodeError) as fault:
            raise CannotOpen("no sealed text") from fault

    def seal_file(self, content: bytes, place: str) -> bytes:
        """A file sealed under the present key, its number first."""
        return self.current_id.encode() + self._seal(content, place)

    def open_file(self, sealed: bytes, place: str) -> bytes:
        """The file's content. Raises CannotOpen."""
        key_id = sealed[:KEY_ID_CHARACTERS].decode(errors="replace")
        return self._open(key_id, sealed[KEY_ID_CHARACTERS:], place)

    def mark(self, text: str) -> str:
        """HMAC-SHA-256 in hex under the present key: equal texts have equal marks, and a mark tells no text."""
        return hmac.new(self._rings[self.current_id].marking, text.encode(), hashlib.sha256).hexdigest()

    def _seal(self, content: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._rings[self.current_id].sealing.encrypt(nonce, content, place.encode())

    def _open(self, key_id: str, body: bytes, place: str) -> bytes:
        ring = self._rings.get(key_id)
        if ring is None:
            raise CannotOpen(f"no key {key_id!r}: add the old DATA_KEY to DATA_KEYS_OLD")
        try:
            return ring.sealing.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as fault:
            raise CannotOpen("damaged, or sealed for another place") from fault


class _Ring:
    """What one secret gives: a key to seal with and one to mark with."""

    def __init__(self, secret: str) -> None:
        self.sealing = AESGCM(_derived(secret, b"cho40 seal"))
        self.marking = _derived(secret, b"cho40 mark")


def seal_keys(settings: Settings) -> SealKeys:
    """The keys of an installation: DATA_KEY first, then those of DATA_KEYS_OLD."""
    old = [one.strip() for one in settings.data_keys_old.split(",")]
    return SealKeys([settings.data_key, *(one for one in old if one)])


def key_id_of(secret: str) -> str:
    """The number of a key: eight hex characters that do not tell it."""
    return hashlib.sha256(_derived(secret, b"cho40 number")).hexdigest()[:KEY_ID_CHARACTERS]


def _derived(secret: str, label: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=label).derive(secret.encode())
