"""Posting to addresses that other people named: to public ones only, resolved once, following nobody elsewhere."""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpcore2

CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
READ_BYTES_MAX = 2_000
Allowed = Callable[[str, str, int], bool]


class NotReached(Exception):
    """No answer came: no such host, no connection, none in time, or an address that is not public."""


@dataclass(frozen=True)
class Answer:
    """What the other side answered; the body's beginning only."""

    status: int
    body: str
    headers: Mapping[str, str]


def is_public(address: str) -> bool:
    """Whether an IP address lies in the open internet: no private, loopback, link-local, multicast or mapped one."""
    known = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(known, ipaddress.IPv6Address):
        if any(known in one for one in _HOUSES):
            return False
        inner = known.ipv4_mapped or known.sixtofour or (known.teredo[1] if known.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if known in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(known) & 0xFFFFFFFF)))
    return known.is_global and not known.is_multicast


# IPv4-compatible (RFC 4291, 2.5.5.1), NAT64 of a house (RFC 8215) and site-local addresses (RFC 3879).
_HOUSES = tuple(map(ipaddress.ip_network, ("::/96", "64:ff9b:1::/48", "fec0::/10")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def public_only(address: str, host: str, port: int) -> bool:
    """The rule for addresses of strangers; a market that tries itself out allows its own host and port too."""
    return is_public(address)


async def post_outward(
    url: str, *, headers: Mapping[str, str], content: bytes, allowed: Allowed = public_only
) -> Answer:
    """Posts to an address that somebody else named. Raises NotReached.

    The host is resolved once and every address of it must be `allowed` (address, host, port): what was looked at is
    what is connected to, so a name that changes its mind in between gains nothing. Redirects are answers, not orders.
    """
    try:
        async with httpcore2.AsyncConnectionPool(network_backend=_Guarded(allowed)) as pool:
            sent = {"host": urlsplit(url).netloc.rpartition("@")[2], **headers}
            async with pool.stream(
                "POST", url, headers=list(sent.items()), content=content, extensions={"timeout": _TIMES}
            ) as answer:
                body = await _beginning(answer.aiter_stream())
                told = {
                    name.decode("latin-1").lower(): said.decode("latin-1") for name, said in answer.headers
                }
                return Answer(answer.status, body, told)
    except _TROUBLE as trouble:
        raise NotReached(type(trouble).__name__) from trouble


_TIMES = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}
_TROUBLE = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    OSError,
    ValueError,
)


class _Guarded(httpcore2.AsyncNetworkBackend):
    """Connects to what it has looked at, never to a name."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._plain = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        with anyio.fail_after(timeout):
            found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]) for one in found]
        if not addresses or not all(self._allowed(one, host, port) for one in addresses):
            raise NotReached("the address is not public")
        return await self._plain.connect_tcp(addresses[0], port, timeout=timeout)


async def _beginning(stream: Any) -> str:
    read = b""
    async for piece in stream:
        read += piece
        if len(read) >= READ_BYTES_MAX:
            break
    return read[:READ_BYTES_MAX].decode(errors="replace")
