"""Notices to browsers: encrypted for the one browser (RFC 8291), signed by the market (VAPID, RFC 8292), sent with
its urgency and lifetime (RFC 8030); and a twin that does all of it but the sending.

Written on `cryptography` alone: the libraries for it come as source only, or bring a second HTTP client along.
"""

import base64
import hashlib
import json
import os
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.notice_gates import Letter, NotCarried, PushAddress, TwinBox
from kit.clock import Clock, SystemClock
from kit.outward import Answer, NotReached, post_outward

RECORD_BYTES = 4096
WORDS_MAX = 400
TOKEN_SECONDS = 12 * 3600
GONE = (404, 410)
REFUSED = (400, 403, 413)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class PushKey:
    """The market's key that browsers know it by. Without one of its own it grows from the installation's secret."""

    def __init__(self, private: str, *, secret: str) -> None:
        number = int.from_bytes(from_base64url(private), "big") if private else _number_from(secret)
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self.public = to_base64url(_point(self._key.public_key()))

    def authorization(self, endpoint: str, *, contact: str, now: datetime) -> str:
        """The header that names the market to a push service: `vapid t=<token>, k=<public key>`."""
        url = urlsplit(endpoint)
        claims = {
            "aud": f"{url.scheme}://{url.netloc}",
            "exp": int(now.timestamp()) + TOKEN_SECONDS,
            "sub": contact,
        }
        said = ".".join(
            to_base64url(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)
        )
        r, s = decode_dss_signature(self._key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
        sign = to_base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={said}.{sign}, k={self.public}"


class WebPush:
    """Sends to the push service of the browser's maker, at whatever public address the browser gave."""

    def __init__(self, key: PushKey, *, contact: str, clock: Clock | None = None) -> None:
        self._key, self._contact, self._clock = key, contact, clock or SystemClock()

    @property
    def public_key(self) -> str:
        """What a browser is to be told when it subscribes."""
        return self._key.public

    async def send(self, address: PushAddress, letter: Letter) -> None:
        """Tells one browser. Raises NotCarried."""
        if urlsplit(address.endpoint).scheme != "https":
            raise NotCarried("a push service without TLS", is_final=True)
        content, headers = packed(address, letter, self._key, contact=self._contact, now=self._clock.now())
        try:
            answer = await post_outward(address.endpoint, headers=headers, content=content)
        except NotReached as away:
            raise NotCarried(f"the push service is away: {away}") from away
        _judge(answer)


class TwinPush:
    """Packs like the real one, and lays what it has packed with the other twins' letters."""

    def __init__(self, key: PushKey, box: TwinBox, *, clock: Clock | None = None) -> None:
        self._key, self.box, self._clock = key, box, clock or SystemClock()

    @property
    def public_key(self) -> str:
        """What a browser is to be told when it subscribes."""
        return self._key.public

    async def send(self, address: PushAddress, letter: Letter) -> None:
        """Keeps the letter, as it would have been sent. Raises NotCarried for keys that no browser can have."""
        content, headers = packed(address, letter, self._key, contact="mailto:twin", now=self._clock.now())
        body = base64.b64encode(content).decode()
        await self.box.lay(
            "push", address.endpoint, letter, body=body, authorization=headers["authorization"]
        )


def packed(
    address: PushAddress, letter: Letter, key: PushKey, *, contact: str, now: datetime
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of the message to a push service. Raises NotCarried when the browser's keys are none."""
    short = replace(letter, words=letter.words[:WORDS_MAX])
    said = {"title": short.title, "body": short.words, "url": short.url, "tag": short.key}
    try:
        body = sealed_for(address, json.dumps(said, ensure_ascii=False).encode())
    except ValueError as wrong:
        raise NotCarried("keys that are no keys", is_final=True) from wrong
    topic = to_base64url(hashlib.sha256(letter.key.encode()).digest())[:32]
    return body, {
        "authorization": key.authorization(address.endpoint, contact=contact, now=now),
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(letter.lasts_seconds),
        "urgency": "normal",
        "topic": topic,
    }


def sealed_for(
    address: PushAddress,
    plain: bytes,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push message that only this browser can read (RFC 8291, section 3.4): one record of aes128gcm.

    Salt and sender's key are fresh each time; they are arguments only so that the RFC's own example can be tried.
    Raises ValueError for keys that are no keys, and for more than one record holds.
    """
    if len(plain) > RECORD_BYTES - 17:
        raise ValueError("too long for one record")
    salt, sender = salt or os.urandom(16), sender or ec.generate_private_key(ec.SECP256R1())
    theirs, secret = from_base64url(address.p256dh), from_base64url(address.auth)
    if len(secret) != 16:
        raise ValueError("the browser's secret has 16 bytes")
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    ours = _point(sender.public_key())
    keying = _grown(shared, secret, b"WebPush: info\0" + theirs + ours, 32)
    key = _grown(keying, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _grown(keying, salt, b"Content-Encoding: nonce\0", 12)
    record = AESGCM(key).encrypt(nonce, plain + b"\x02", None)
    return salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours + record


def to_base64url(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes again. Raises ValueError."""
    if not text.isascii():
        raise ValueError("no base64url")
    return base64.b64decode(
        text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True
    )


def _grown(material: bytes, salt: bytes, label: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=salt, info=label).derive(material)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _number_from(secret: str) -> int:
    grown = HKDF(hashes.SHA256(), 48, salt=None, info=b"cho40 push").derive(secret.encode())
    return int.from_bytes(grown, "big") % (P256_ORDER - 1) + 1


def _judge(answer: Answer) -> None:
    if 200 <= answer.status < 300:
        return
    if answer.status in GONE:
        raise NotCarried("the browser has taken its address back", is_gone=True)
    raise NotCarried(f"the push service answered {answer.status}", is_final=answer.status in REFUSED)
