"""What the pretend carriers and their gates share: keys that open nothing real."""

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from postal.gates.ghn import GhnKeys
from postal.gates.ghtk import GhtkKeys
from postal.gates.viettel_post import ViettelKeys
from postal.gates.vnpost import VnpostKeys

VIETTEL_POST = ViettelKeys("cho-thu", "mat-khau-thu-viettel", "bi-mat-thu-viettel")
GHN = GhnKeys("token-thu-ghn", "40", "khoa-dia-chi-thu-ghn")
GHTK = GhtkKeys("token-thu-ghtk", "CHO40", "hash-dia-chi-thu-ghtk")
VNPOST_USER, VNPOST_PASSWORD, VNPOST_CUSTOMER, VNPOST_CONTRACT = (
    "cho-thu",
    "mat-khau-thu-vnpost",
    "CMS40",
    "HD40",
)
_VNPOST_PEM = Path(__file__).resolve().parent.parent / "data" / "vnpost_twin_key.pem"


@cache  # reading it proves that it is a key: a fifth of a second
def vnpost_private_key() -> rsa.RSAPrivateKey:
    """What the pretend VNPost signs its webhooks with."""
    key = serialization.load_pem_private_key(_VNPOST_PEM.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def vnpost() -> VnpostKeys:
    """What the gate to the pretend VNPost knows."""
    public = vnpost_private_key().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return VnpostKeys(VNPOST_USER, VNPOST_PASSWORD, VNPOST_CUSTOMER, VNPOST_CONTRACT, pem.decode())
