"""Real connections that break in the middle of a photo: what arrived stays, and the rest follows."""

import hashlib
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import pytest

from tests.factories import photo_bytes
from tests.running import RunningMarket, eventually, running_market

VENDOR = "0912000001"
PIECE_BYTES = 131_072


@dataclass
class Phone:
    """A signed-in phone: its cookies, its form token, and the market's address."""

    client: httpx2.Client
    token: str
    market: RunningMarket

    def begin(self, upload_id: str, content: bytes) -> None:
        """Announces a file."""
        sha256 = hashlib.sha256(content).hexdigest()
        values = {"csrf": self.token, "id": upload_id, "size": len(content), "sha256": sha256}
        assert self.client.post("/uploads", data=values).status_code == 201

    def offset(self, upload_id: str) -> int:
        """What the market has."""
        return int(self.client.head(f"/uploads/{upload_id}").headers["upload-offset"])

    def break_off(self, upload_id: str, offset: int, piece: bytes, arriving: int) -> None:
        """Promises a piece, sends a part of it and loses the connection."""
        with self.half_sent(upload_id, piece, arriving, offset) as wire:
            time.sleep(0.5)  # what is on its way arrives
            wire.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def half_sent(
        self, upload_id: str, piece: bytes, arriving: int, offset: int = 0
    ) -> Iterator[socket.socket]:
        """A connection that promised a piece and brought a part of it."""
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.client.cookies.jar)
        head = (
            f"PATCH /uploads/{upload_id} HTTP/1.1\r\nhost: phone\r\ncookie: {cookies}\r\n"
            f"x-csrf-token: {self.token}\r\nupload-offset: {offset}\r\ncontent-length: {len(piece)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.market.port), timeout=10) as wire:
            wire.sendall(head.encode() + piece[:arriving])
            yield wire

    def send(self, upload_id: str, offset: int, piece: bytes) -> int:
        """Sends a piece; the new offset."""
        headers = {"x-csrf-token": self.token, "upload-offset": str(offset)}
        answer = self.client.patch(f"/uploads/{upload_id}", content=piece, headers=headers)
        assert answer.status_code == 200, answer.text
        return int(answer.headers["upload-offset"])


@pytest.fixture(scope="module")
def market() -> Iterator[RunningMarket]:
    """One running market for the module."""
    with running_market() as made:
        yield made


@pytest.fixture(scope="module")
def phone(market: RunningMarket) -> Iterator[Phone]:
    """The demo vendor's phone, signed in by the pages."""
    with httpx2.Client(base_url=market.url, timeout=30, follow_redirects=True) as client:
        token = fresh_token(client)
        client.post("/sign-in", data={"csrf": token, "phone": VENDOR, "back": "/sell"})
        client.post("/sign-in/code", data={"csrf": token, "code": market.last_code(VENDOR)})
        yield Phone(client, fresh_token(client), market)


def fresh_token(client: httpx2.Client) -> str:
    """As the phone asks for it before it sends."""
    return str(client.get("/form-token").json()["token"])


def test_what_arrived_before_a_cut_is_kept_to_the_byte(market: RunningMarket, phone: Phone) -> None:
    """Cut twice in one file, then to the end: the whole is what was announced."""
    content, upload_id = photo_bytes(size=(4000, 3000)) * 9, str(uuid4())
    content = content[:400_000].ljust(400_000, b"x")
    phone.begin(upload_id, content)
    at = 0
    for arriving in (60_000, 1_234):
        phone.break_off(upload_id, at, content[at : at + PIECE_BYTES], arriving)
        at += arriving
        eventually(lambda wanted=at: phone.offset(upload_id) == wanted, 10, market.last_words)
    while at < len(content):
        at = phone.send(upload_id, at, content[at : at + PIECE_BYTES])
    assert phone.offset(upload_id) == len(content)


def test_a_connection_that_dies_in_silence_leaves_what_it_brought(
    market: RunningMarket, phone: Phone
) -> None:
    """The market does not know yet that the phone is gone; the phone comes back over another connection."""
    content, upload_id = b"x" * 200_000, str(uuid4())
    phone.begin(upload_id, content)
    with phone.half_sent(upload_id, content[:PIECE_BYTES], 100_000):
        eventually(lambda: phone.offset(upload_id) >= 65_536, 10, market.last_words)
        at = phone.offset(upload_id)
        while at < len(content):
            at = phone.send(upload_id, at, content[at : at + PIECE_BYTES])
    assert phone.offset(upload_id) == len(content)


def test_a_listing_takes_a_photo_that_was_cut(market: RunningMarket, phone: Phone) -> None:
    """The photo of the listing is the one that was sent, and the form sent twice is one listing."""
    content, upload_id = photo_bytes((10, 200, 30), size=(1600, 1200)), str(uuid4())
    phone.begin(upload_id, content)
    half = len(content) // 2
    phone.break_off(upload_id, 0, content, half)
    eventually(lambda: phone.offset(upload_id) == half, 10, market.last_words)
    phone.send(upload_id, half, content[half:])
    page = phone.client.get("/sell/listings/new").text
    sent_id, commune = (field(page, name) for name in ("sent_id", "commune_code"))
    values = {
        "csrf": phone.token,
        "sent_id": sent_id,
        "photos_upload": upload_id,
        "name": "Mật ong qua mạng yếu",
    }
    values |= {"kind": "honey", "price_dong": "120000", "unit": "chai", "stock": "5", "commune_code": commune}
    values["commune"] = field(page, "commune")
    for _ in range(2):
        answer = phone.client.post("/sell/listings", data=values, headers={"accept": "application/json"})
        assert answer.status_code == 201, answer.text
    assert phone.client.get("/sell/listings").text.count(">Mật ong qua mạng yếu</a>") == 1


def field(page: str, name: str) -> str:
    """What stands in a field of a page."""
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page)
    assert found, name
    return found[1]
