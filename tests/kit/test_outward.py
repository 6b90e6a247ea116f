"""Posting to addresses that strangers named: only to public ones, and nowhere a redirect points."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit import outward
from kit.outward import READ_BYTES_MAX, NotReached, is_public, post_outward


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "198.18.0.1", "192.0.2.1", "2001:db8::1",
        "::7f00:1", "::10.0.0.1", "64:ff9b:1::7f00:1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "fec0::1",
    ],
)  # fmt: skip
def test_addresses_of_houses_are_not_public(address: str) -> None:
    """Loopback, private, link-local with the clouds' own secrets, multicast, and all of them in IPv6's clothes."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["203.113.131.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on this machine that answers the same to everybody; its port and what it heard."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


def here_only(address: str, host: str, port: int) -> bool:
    return address == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0", "2130706433"])
async def test_nothing_of_this_machine_is_reached(host: str) -> None:
    """By name, by number, by the odd spellings that some resolvers take."""
    async with listening(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (port, heard):
        with pytest.raises(NotReached):
            await post_outward(f"http://{host}:{port}/", headers={}, content=b"x")
        assert heard == []


async def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the resolver says a public address first and this machine ever after; nothing here is reached."""
    asked: list[object] = []
    looked_at: list[str] = []

    def changing(host: object, port: int, *more: object, **how: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "203.113.131.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def looked(address: str, host: str, port: int) -> bool:
        looked_at.append(address)
        return is_public(address)

    async with listening(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as (port, heard):
        monkeypatch.setattr(socket, "getaddrinfo", changing)
        monkeypatch.setitem(outward._TIMES, "connect", 0.2)
        with pytest.raises(NotReached):
            await post_outward(f"http://turns.example.vn:{port}/", headers={}, content=b"x", allowed=looked)
        assert looked_at == ["203.113.131.1"] and heard == []
        assert len(asked) == 1


async def test_a_name_with_one_foot_in_the_house_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address of the name has to be public, not only the first."""

    def both(host: object, port: int, *more: object, **how: object) -> list[tuple[object, ...]]:
        found = ("203.113.131.1", "10.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(NotReached):
        await post_outward("https://both.example.vn/", headers={}, content=b"x")


async def test_the_answer_comes_back_cut_and_a_redirect_is_only_an_answer() -> None:
    async with listening(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno"
    ) as (
        port,
        heard,
    ):
        answer = await post_outward(
            f"http://localhost:{port}/in?a=1", headers={"x-a": "b"}, content=b"{}", allowed=here_only
        )
    assert (answer.status, answer.body, answer.headers["location"]) == (302, "no", "http://127.0.0.1:1/")
    assert (
        heard[0].startswith(b"POST /in?a=1 HTTP/1.1")
        and f"host: localhost:{port}".encode() in heard[0].lower()
    )
    long = b"HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n" + b"y" * 90000
    async with listening(long) as (port, _):
        answer = await post_outward(f"http://127.0.0.1:{port}/", headers={}, content=b"", allowed=here_only)
    assert len(answer.body) == READ_BYTES_MAX


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "http://no.such.host.invalid/", "x"]
)
async def test_what_cannot_be_reached_says_so(url: str) -> None:
    with pytest.raises(NotReached):
        await post_outward(url, headers={}, content=b"", allowed=here_only)


async def test_an_answer_that_is_no_http_is_none() -> None:
    async with listening(b"220 mail.example.vn ESMTP\r\n") as (port, _):
        with pytest.raises(NotReached):
            await post_outward(f"http://127.0.0.1:{port}/", headers={}, content=b"", allowed=here_only)
