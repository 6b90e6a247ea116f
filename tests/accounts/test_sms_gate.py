"""The gate for texts: the twin's file and console, and the webhook against a relay of our own."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from accounts.sms_gate import FILE, TextNotSent, TwinSms, WebhookSms, recent_texts
from kit.clock import StoppedClock

NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


async def test_the_twin_keeps_and_says_each_text_marked_as_pretended(tmp_path: Path) -> None:
    said: list[str] = []
    gate = TwinSms(tmp_path / "twins", said.append, StoppedClock(NOW))
    await gate.send("+84912345678", "042917 là mã")
    assert "tin nhắn giả" in said[0] and "042917 là mã" in said[0]
    kept = recent_texts(tmp_path / "twins")
    assert [(text.at, text.phone, text.words) for text in kept] == [(NOW, "+84912345678", "042917 là mã")]


async def test_the_twin_shows_the_newest_first_and_no_more_than_asked(tmp_path: Path) -> None:
    gate = TwinSms(tmp_path, lambda line: None)
    for n in range(5):
        await gate.send("+84912345678", f"tin {n}")
    assert [text.words for text in recent_texts(tmp_path, 2)] == ["tin 4", "tin 3"]


async def test_two_twins_of_one_folder_lose_no_text(tmp_path: Path) -> None:
    gates = [TwinSms(tmp_path, lambda line: None) for _ in range(2)]
    await asyncio.gather(*(gate.send("+84912345678", f"tin {n}") for n in range(20) for gate in gates))
    assert len(recent_texts(tmp_path)) == 40


def test_no_file_is_no_text(tmp_path: Path) -> None:
    assert recent_texts(tmp_path / "nowhere") == []


async def test_broken_lines_are_left_out(tmp_path: Path) -> None:
    await TwinSms(tmp_path, lambda line: None).send("+84912345678", "tốt")
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"at": "never", "phone": "", "words": ""}\n[1]\nnull\n{"half\n\xff\xfe\n')
    assert [text.words for text in recent_texts(tmp_path)] == ["tốt"]


async def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    gate = TwinSms(tmp_path, lambda line: None)
    await gate.send("+84912345678", "x" * 200_000)
    await gate.send("+84912345678", "cuối")
    assert [text.words for text in recent_texts(tmp_path)] == ["cuối"]


async def test_the_webhook_posts_phone_and_text_with_its_key() -> None:
    asked: list[httpx2.Request] = []

    def relay(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(202)

    gate = WebhookSms("https://relay.example/send", "key-1", transport=httpx2.MockTransport(relay))
    await gate.send("+84912345678", "042917 là mã")
    assert str(asked[0].url) == "https://relay.example/send"
    assert asked[0].headers["authorization"] == "Bearer key-1"
    assert json.loads(asked[0].content) == {"phone": "+84912345678", "text": "042917 là mã"}


@pytest.mark.parametrize("status", [301, 400, 401, 429, 500, 503])
async def test_a_relay_that_does_not_take_the_text_is_trouble(status: int) -> None:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status))
    with pytest.raises(TextNotSent, match=str(status)):
        await WebhookSms("https://relay.example/", "key-1", transport=transport).send(
            "+84912345678", "042917"
        )


@pytest.mark.parametrize("fault", [httpx2.ConnectError, httpx2.ReadTimeout])
async def test_a_relay_that_is_away_is_trouble_told_without_secrets(
    fault: type[httpx2.TransportError],
) -> None:
    def away(request: httpx2.Request) -> httpx2.Response:
        raise fault("away", request=request)

    gate = WebhookSms("https://relay.example/", "key-1", transport=httpx2.MockTransport(away))
    with pytest.raises(TextNotSent) as told:
        await gate.send("+84912345678", "042917")
    assert "042917" not in str(told.value) and "key-1" not in str(told.value)
