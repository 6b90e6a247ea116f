"""Made-up requests for every operation of the JSON API, by everybody: no 5xx, and every answer fits the document.

schemathesis makes the requests out of the document, some of them good and some of them against it; FUZZ_EXAMPLES
says how many for each operation and kind. What the market itself has called something is put at its place, so
that requests get further than «not found». Each is sent by one of the demo's people or by a stranger.
"""

import os
from contextlib import suppress
from typing import Any
from urllib.parse import unquote
from zlib import crc32

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from kit.web.openapi import openapi
from market.app import API
from tests.fuzz.people import People
from tests.programs import Contract

EXAMPLES, SEED = int(os.environ.get("FUZZ_EXAMPLES", "6")), int(os.environ.get("FUZZ_SEED", "1"))
DOCUMENT = openapi(API, server="http://127.0.0.1", version="1")
CONTRACT = Contract(DOCUMENT)
# Not ours to make up: the first is limited per address, as everybody's codes would be used up.
SET_BY_US = ("authorization", "cookie", "user-agent", "connection", "accept-encoding")


def operations() -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """Every operation of the document, by method and path."""
    document = schemathesis.openapi.from_dict(DOCUMENT)
    return {one.ok().label: one.ok() for one in document.get_all_operations()}


OPERATIONS = operations()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_an_answer_is_never_a_surprise(label: str, mode: GenerationMode, people: People) -> None:
    """Whatever is sent: an answer of the document, or a problem in words."""

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        answer = send(case, people)
        asked = answer.request
        assert answer.status_code < 500, (
            f"{asked.method} {asked.url}\n{asked.content!r}\n{answer.text[:2000]}"
        )
        if is_one_part_each(case):
            CONTRACT.check(answer)

    with suppress(Unsatisfiable):  # nothing can be wrong with a request that may hold anything
        ask()


def is_one_part_each(case: Case) -> bool:
    """Whether the words in the path leave it one path of the document: not empty, no slash and no dots alone."""
    parts = [unquote(str(value)) for value in case.path_parameters.values()]
    return all(part not in ("", ".", "..") and "/" not in part for part in parts)


def send(case: Case, people: People) -> httpx2.Response:
    """The case as somebody sends it, at something that exists as often as not."""
    mark = repr((case.path_parameters, case.query, case.body))
    put_known(case.path_parameters, people, mark)
    if isinstance(case.body, dict):
        put_known(case.body, people, mark)
    made = case.as_transport_kwargs(base_url=people.market.url)
    headers = {name: value for name, value in made["headers"].items() if name.lower() not in SET_BY_US}
    return people.somebody(mark).request(
        made["method"],
        made["url"],
        params=made.get("params"),
        headers=headers,
        json=made.get("json"),
        content=made.get("data"),
    )


def put_known(values: dict[str, Any], people: People, mark: str) -> None:
    """Every other word for which the market knows a real one is replaced by it."""
    for name, value in values.items():
        if isinstance(value, str | int) and crc32(f"{mark}{name}".encode()) % 2:
            known = people.known_for(name, f"{name}{mark}")
            if known is not None:
                values[name] = int(known) if isinstance(value, int) and known.isdecimal() else known
