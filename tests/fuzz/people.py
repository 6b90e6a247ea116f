"""Who sends the made-up requests, and the words of the running market that make them get further than 404."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any
from zlib import crc32

import httpx2

from tests.fuzz.forms import Visitor
from tests.running import FRESH, RunningMarket

PHONES = tuple(f"091200000{number}" for number in range(1, 8))
NAMED_ALIKE = {
    "code": ("code", "order", "listing", "parcel", "sale"),
    "order": ("order", "code"),
    "listing": ("listing", "code"),
    "id": ("id",),
    "number": ("id", "number"),
}
DEPTH_MAX = 3


class People:
    """The demo's seven people and a stranger, each with a client of their own on the session of their browser.

    `known` holds values that the market itself gave to somebody, by the name they stood under.
    """

    def __init__(self, market: RunningMarket, visitors: Sequence[Visitor]) -> None:
        self.market, self._visitors = market, visitors
        self.clients: list[httpx2.Client] = []
        self.known: dict[str, list[str]] = defaultdict(list)
        self._open = ExitStack()

    def __enter__(self) -> "People":
        for visitor in self._visitors:
            client = httpx2.Client(
                base_url=self.market.url,
                timeout=30,
                limits=FRESH,
                cookies=visitor.client.cookies,
                headers={"x-csrf-token": visitor.token},
            )
            self.clients.append(self._open.enter_context(client))
        self._look_around()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def somebody(self, seed: str) -> httpx2.Client:
        """One of them, the same for the same seed."""
        return self.clients[crc32(seed.encode()) % len(self.clients)]

    def known_for(self, name: str, seed: str) -> str | None:
        """Something the market calls by this name, the same for the same seed; None when it knows nothing so."""
        names = NAMED_ALIKE.get(name, (name,))
        found = [value for one in names for value in self.known.get(one, [])]
        return found[crc32(seed.encode()) % len(found)] if found else None

    def _look_around(self) -> None:
        """Reads every list that takes no words in its path, as everybody, and remembers what things are called."""
        document = self.clients[0].get("/api/v1/openapi.json").json()
        plain = [path for path, methods in document["paths"].items() if "get" in methods and "{" not in path]
        for client in self.clients:
            for path in plain:
                answer = client.get(path)
                if answer.status_code == 200 and answer.headers["content-type"].startswith(
                    "application/json"
                ):
                    self._remember(answer.json())

    def _remember(self, said: Any) -> None:
        for name, value in named_values(said, DEPTH_MAX):
            if value not in self.known[name]:
                self.known[name].append(value)


def named_values(said: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Every word and whole number in an answer, with the name it stands under."""
    if isinstance(said, list):
        for one in said[:20]:
            yield from named_values(one, depth)
    if isinstance(said, dict) and depth:
        for name, value in said.items():
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield name, str(value)
            else:
                yield from named_values(value, depth - 1)
