"""Ways to sign that operators of Mobile Money agree on by contract; one is plugged into the gate."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LEFT_OUT = frozenset({"return_url", "cancel_url", "check_sum"})
Fields = Mapping[str, str]


class Signer(Protocol):
    """Signs the fields of a call and checks those of an answer or a callback."""

    def sign(self, fields: Fields) -> str: ...

    def fits(self, fields: Fields, signature: str) -> bool: ...


class HmacSha1:
    """Base64 of HMAC-SHA1 over the access code and the values by their fields' names, addresses and empties left out.

    The form of the ViettelPay gateway 2.0; a "+" may arrive as a blank.
    """

    def __init__(self, access_code: str, secret: str) -> None:
        if not secret:
            raise ValueError("an empty secret signs nothing")
        self._access_code, self._secret = access_code, secret.encode()

    def sign(self, fields: Fields) -> str:
        """The check_sum."""
        values = [fields[name] for name in sorted(fields) if name not in LEFT_OUT and fields[name]]
        text = self._access_code + "".join(values)
        return base64.b64encode(hmac.new(self._secret, text.encode(), hashlib.sha1).digest()).decode()

    def fits(self, fields: Fields, signature: str) -> bool:
        """Whether a check_sum is right."""
        return hmac.compare_digest(self.sign(fields).encode(), signature.replace(" ", "+").encode())


class EcdsaSha256:
    """Base64 of an ECDSA-SHA256 signature over the compact JSON of the fields, names in order (newer gateways)."""

    def __init__(self, private_pem: str, their_public_pem: str) -> None:
        mine = serialization.load_pem_private_key(private_pem.encode(), password=None)
        theirs = serialization.load_pem_public_key(their_public_pem.encode())
        if not isinstance(mine, ec.EllipticCurvePrivateKey) or not isinstance(
            theirs, ec.EllipticCurvePublicKey
        ):
            raise ValueError("both keys must be elliptic-curve keys")
        self._mine, self._theirs = mine, theirs

    def sign(self, fields: Fields) -> str:
        """The signature."""
        return base64.b64encode(self._mine.sign(_compact(fields), ec.ECDSA(hashes.SHA256()))).decode()

    def fits(self, fields: Fields, signature: str) -> bool:
        """Whether the operator signed these fields."""
        try:
            raw = base64.b64decode(signature.replace(" ", "+"), validate=True)
            self._theirs.verify(raw, _compact(fields), ec.ECDSA(hashes.SHA256()))
        except (ValueError, InvalidSignature):
            return False
        return True


def _compact(fields: Fields) -> bytes:
    kept = {name: fields[name] for name in sorted(fields) if name not in ("check_sum",)}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False).encode()
