"""The gates of notices: push as the RFCs write it, Zalo with its keys, mail over a real socket."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from accounts.mail_gate import SmtpMail
from accounts.models import ZaloToken
from accounts.notice_gates import (
    FILE,
    Letter,
    NotCarried,
    PushAddress,
    TwinBox,
    TwinMail,
    TwinZalo,
    recent_letters,
)
from accounts.push_gate import PushKey, TwinPush, WebPush, from_base64url, packed, sealed_for, to_base64url
from accounts.services.zalo_keys import KeptZaloKeys
from accounts.zalo_gate import SEND_URL, TOKEN_URL, ZnsZalo, templates_of
from kit.clock import StoppedClock
from kit.sealed import SealKeys

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
LETTER = Letter(
    "notice:7", "sale", "Nguyễn Thị Hoa", "Đơn mới DH1", "Khách đã trả 220.000 ₫: 1 × Chè.", "http://test/me/notices/7",
    NOW, 3600,
)  # fmt: skip
KEY = PushKey("", secret="a secret for tests, long enough to sign")


def number(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_base64url(text), "big"), ec.SECP256R1())


# RFC 8291, Appendix A.
THEIRS = number("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
ADDRESS = PushAddress(
    1,
    "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "BTBZMqHH6r4Tts7J_aSIgg",
)


def opened(body: bytes) -> bytes:
    """What the browser of ADDRESS reads (RFC 8291 and 8188, from the other side)."""
    salt, ours = body[:16], body[21 : 21 + body[20]]
    shared = THEIRS.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ours))
    info = b"WebPush: info\0" + from_base64url(ADDRESS.p256dh) + ours
    keying = HKDF(hashes.SHA256(), 32, from_base64url(ADDRESS.auth), info).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(keying)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(keying)
    plain = AESGCM(key).decrypt(nonce, body[21 + body[20] :], None)
    return plain.rstrip(b"\0")[:-1]


def test_the_example_of_the_rfc_comes_out_to_the_byte() -> None:
    body = sealed_for(
        ADDRESS,
        b"When I grow up, I want to be a watermelon",
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        sender=number("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert to_base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=4000))
def test_the_browser_reads_what_was_sealed_for_it(plain: bytes) -> None:
    assert opened(sealed_for(ADDRESS, plain)) == plain


def test_the_market_names_itself_to_the_push_service() -> None:
    """RFC 8292: an ES256 token for the service's origin, and the key it is checked with."""
    header = KEY.authorization(ADDRESS.endpoint, contact="mailto:cho@example.vn", now=NOW)
    token, _, key = header.removeprefix("vapid t=").partition(", k=")
    head, claims, sign = token.split(".")
    assert json.loads(from_base64url(head))["alg"] == "ES256"
    assert json.loads(from_base64url(claims)) == {
        "aud": "https://push.example.net", "exp": int(NOW.timestamp()) + 12 * 3600, "sub": "mailto:cho@example.vn",
    }  # fmt: skip
    raw = from_base64url(sign)
    signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
    public.verify(signature, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert key == KEY.public and PushKey("", secret="another secret").public != key


def test_a_packed_message_is_small_and_says_how_long_it_is_worth() -> None:
    long = replace(LETTER, words="ạ" * 5000)
    body, headers = packed(ADDRESS, long, KEY, contact="mailto:a@b.vn", now=NOW)
    said = json.loads(opened(body))
    assert (said["title"], said["url"], len(said["body"])) == (LETTER.title, LETTER.url, 400)
    assert len(body) < 4096 and headers["ttl"] == "3600" and len(headers["topic"]) == 32
    assert headers["content-encoding"] == "aes128gcm"


@pytest.mark.parametrize("wrong", [{"p256dh": "BAAA"}, {"auth": "AAAA"}, {"p256dh": "ạ"}, {"auth": "%%%"}])
async def test_keys_that_are_none_end_the_try(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(NotCarried) as no:
        await TwinPush(KEY, TwinBox(tmp_path)).send(replace(ADDRESS, **wrong), LETTER)
    assert no.value.is_final


async def test_push_goes_to_public_addresses_by_tls_only() -> None:
    gate = WebPush(KEY, contact="mailto:cho@example.vn")
    with pytest.raises(NotCarried) as plain:
        await gate.send(replace(ADDRESS, endpoint="http://push.example.net/1"), LETTER)
    assert plain.value.is_final
    with pytest.raises(NotCarried, match="away"):
        await gate.send(replace(ADDRESS, endpoint="https://127.0.0.1:1/push"), LETTER)


async def test_the_twins_keep_letters_in_one_file(tmp_path: Path) -> None:
    box = TwinBox(tmp_path / "twins", StoppedClock(NOW))
    assert recent_letters(box.folder) == []
    await TwinZalo(box).send("+84912345678", LETTER)
    await TwinMail(box).send("hoa@example.vn", LETTER)
    await TwinPush(KEY, box).send(ADDRESS, LETTER)
    with (box.folder / FILE).open("a") as file:
        file.write('{"at": 1}\nbroken\n')
    letters = recent_letters(box.folder)
    assert [one.channel for one in letters] == ["push", "email", "zalo"]
    last = json.loads((box.folder / FILE).read_text().splitlines()[2])
    assert json.loads(opened(base64.b64decode(last["body"])))["title"] == LETTER.title


# --- Zalo ---

Answer = Callable[[httpx2.Request], httpx2.Response]


def zalo(answer: Answer, clock: StoppedClock, refresh: str = "first") -> ZnsZalo:
    """The gate in front of a Zalo that answers so."""
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    keys = KeptZaloKeys(http, SealKeys(["s" * 32]), clock, app_id="4711", secret="hidden", refresh=refresh)
    return ZnsZalo(http, keys, templates_of("sale=101, order=102"))


async def test_zalo_gets_a_template_and_keys_that_are_renewed(db: None, clock: StoppedClock) -> None:
    asked: list[Any] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if str(request.url) == TOKEN_URL:
            asked.append(("token", request.content.decode(), request.headers["secret_key"]))
            given = {"access_token": f"access{len(asked)}", "refresh_token": "second", "expires_in": "90000"}
            return httpx2.Response(200, json=given)
        assert str(request.url) == SEND_URL
        asked.append((request.headers["access_token"], json.loads(request.content)))
        return httpx2.Response(200, json={"error": 0, "message": "Success", "data": {"msg_id": "1"}})

    gate = zalo(answer, clock)
    await gate.send("+84912345678", LETTER)
    await gate.send("+84912345678", LETTER)
    assert [one[0] for one in asked] == ["token", "access1", "access1"]
    assert "refresh_token=first" in asked[0][1] and asked[0][2] == "hidden"
    content = asked[1][1]
    assert (content["phone"], content["template_id"], content["tracking_id"]) == (
        "84912345678",
        "101",
        "notice:7",
    )
    assert content["template_data"]["title"] == LETTER.title
    clock.forward(hours=25)
    await gate.send("+84912345678", LETTER)
    assert "refresh_token=second" in asked[3][1], "a refresh key works once"
    row = await ZaloToken.get()
    assert "second" not in row.refresh and "access1" not in row.access
    await zalo(answer, clock, refresh="a new beginning").send("+84912345678", LETTER)
    assert "refresh_token=a+new+beginning" in asked[5][1]


@pytest.mark.parametrize(
    ("given", "is_final"),
    [
        ({"error": -118, "message": "no account"}, True),
        ({"error": -124, "message": "key"}, False),
        ({"error": -100, "message": "unknown"}, False),
        ({"message": "odd"}, False),
        ([], False),
    ],
)
async def test_zalo_says_no(db: None, clock: StoppedClock, given: Any, is_final: bool) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if str(request.url) == TOKEN_URL:
            return httpx2.Response(200, json={"access_token": "a", "refresh_token": "b", "expires_in": 90000})
        return httpx2.Response(200, json=given)

    with pytest.raises(NotCarried) as no:
        await zalo(answer, clock).send("+84912345678", LETTER)
    assert no.value.is_final is is_final
    if isinstance(given, dict) and given.get("error") == -124:
        assert (await ZaloToken.get()).expires_at <= clock.now(), "the next one renews the key"


async def test_a_kind_without_template_goes_another_way_and_a_zalo_without_keys_waits(
    db: None, clock: StoppedClock
) -> None:
    gate = zalo(lambda request: httpx2.Response(500), clock)
    with pytest.raises(NotCarried) as none:
        await gate.send("+84912345678", replace(LETTER, kind="goods"))
    assert none.value.is_final
    with pytest.raises(NotCarried, match="keys") as away:
        await gate.send("+84912345678", LETTER)
    assert not away.value.is_final
    await ZaloToken.all().update(held_until=clock.now() + timedelta(seconds=30))
    with pytest.raises(NotCarried, match="another worker"):
        await gate.send("+84912345678", LETTER)


# --- mail ---


@asynccontextmanager
async def mail_server(rcpt: str = "250 OK") -> AsyncIterator[tuple[int, list[str]]]:
    """A mail server of this test; its port and the lines it was told."""
    heard: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        in_text = False
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            heard.append(line)
            said = "250 OK"
            if in_text:
                while line != ".":
                    line = (await reader.readline()).decode().rstrip("\r\n")
                    heard.append(line)
                in_text = False
            elif line.upper().startswith("RCPT"):
                said = rcpt
            elif line.lower() == "data":
                said, in_text = "354 go on", True
            elif line.lower() == "quit":
                said = "221 bye"
            writer.write(said.encode() + b"\r\n")
            await writer.drain()
            if said.startswith("221"):
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


def mail(port: int) -> SmtpMail:
    return SmtpMail(f"smtp://127.0.0.1:{port}", "Chợ 4.0 <cho@example.vn>", choices_url="http://test/choices")


async def test_a_letter_arrives_whole() -> None:
    async with mail_server() as (port, heard):
        await mail(port).send("hoa@example.vn", LETTER)
    told = "\n".join(heard)
    assert "FROM:<cho@example.vn>" in told and "TO:<hoa@example.vn>" in told
    assert "List-Unsubscribe: <http://test/choices>" in told and "Auto-Submitted: auto-generated" in told
    assert "Subject: =?utf-8?" in told


@pytest.mark.parametrize(("answer", "is_final"), [("550 no such mailbox", True), ("451 later", False)])
async def test_a_refused_mailbox_is_final_and_a_busy_one_is_not(answer: str, is_final: bool) -> None:
    async with mail_server(answer) as (port, _):
        with pytest.raises(NotCarried) as no:
            await mail(port).send("hoa@example.vn", LETTER)
    assert no.value.is_final is is_final


async def test_a_mail_server_that_is_away_is_tried_again() -> None:
    with pytest.raises(NotCarried) as away:
        await mail(1).send("hoa@example.vn", LETTER)
    assert not away.value.is_final
