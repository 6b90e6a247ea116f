"""What pretend providers and carriers share: a call that goes out to the market as theirs would, and how it fared."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2

log = logging.getLogger("twins")


class TwinsAreOff(Exception):
    """Pretend providers may not run here."""


@dataclass(frozen=True)
class Outgoing:
    """A callback as it goes out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


async def send_out(
    client: httpx2.AsyncClient, news: Outgoing, was_taken: Callable[[int, bytes], bool]
) -> tuple[bool, str]:
    """Whether the market took the news, and what it answered."""
    try:
        answer = await client.request(news.method, news.url, headers=dict(news.headers), content=news.body)
    except httpx2.HTTPError as lost:
        log.warning("a call to %s was not delivered: %s", news.url, lost)
        return False, f"{type(lost).__name__}: {lost}"
    return was_taken(answer.status_code, answer.content), f"{answer.status_code} {answer.text}"
