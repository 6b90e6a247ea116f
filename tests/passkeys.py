"""A passkey in software, as a browser and its authenticator answer (W3C Web Authentication, level 2), for tests."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    """base64url without its padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def options_in(html: str, act: str) -> dict[str, Any]:
    """What a page asks of a passkey: the JSON in the form of this act."""
    for piece in html.split('data-passkey="')[1:]:
        if f'data-passkey-act="{act}"' in piece.split(">")[0]:
            read: dict[str, Any] = json.loads(unescape(piece.split('"')[0]))
            return read
    raise AssertionError(f"no form of passkeys to {act}")


@dataclass
class SoftPasskey:
    """One key pair that signs; `count` goes up with each answer, 0 is a passkey that does not count."""

    host: str = "test"
    origin: str = "http://test"
    is_verifying: bool = True
    count: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def added(self, options: dict[str, Any]) -> str:
        """The answer to being asked to be made."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        told = self._told(MADE) + bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", options)),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told})),
        }
        return self._answer(response)

    def shown(self, options: dict[str, Any]) -> str:
        """The answer to being asked to be shown."""
        if self.count:
            self.count += 1
        told, client = self._told(0), self._client("webauthn.get", options)
        signed = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": b64(client), "authenticatorData": b64(told), "signature": b64(signed)}
        )

    def _told(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.is_verifying else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps(
            {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
        )
