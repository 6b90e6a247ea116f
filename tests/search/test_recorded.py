"""The gate to Meilisearch against answers a real one gave (bench/meili_answers.py), where none is on the machine."""

import json
from typing import Any
from uuid import uuid4

import pytest

from bench.meili_answers import INDEX, RECORDED, WORDS, asked_of, missing, replaying, told
from search.engine import EngineBroken, Query
from search.meili_engine import MeiliEngine

KEPT: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))


async def test_recorded_answers_are_understood_as_they_were() -> None:
    """Index made, filled, changed and searched by the same questions; every answer read by the official client."""
    with replaying(KEPT["exchanges"]) as (url, replayed):
        engine = MeiliEngine(url, "any key", INDEX)
        found = await asked_of(engine)
        assert replayed.unknown == [], "record anew: python -m bench.meili_answers"
        assert {name: told(hits) for name, hits in found.items()} == KEPT["found"]
        assert (await engine.stats()).engine == KEPT["engine"]
        assert found["chè đinh"].docs[0].name == "Chè Đinh Tân Cương"
        assert found["mien viet cuog"].meant == "mien viet cuong"
        assert found["thuốc lá"].total == 0


async def test_a_recorded_refusal_is_told() -> None:
    with replaying(KEPT["exchanges"]) as (url, _):
        assert "index_not_found" in await missing(MeiliEngine(url, "any key", "missing"))


async def test_what_was_not_recorded_is_no_answer() -> None:
    """A change of what is asked shows here, not as a wrong answer."""
    with replaying(KEPT["exchanges"]) as (url, replayed):
        with pytest.raises(EngineBroken, match="record anew"):
            await MeiliEngine(url, "any key", "another").search(Query("chè"))
        assert len(replayed.unknown) == 1


async def test_a_real_one_still_answers_as_recorded(meili: tuple[str, str]) -> None:
    """Another version may rank otherwise: then the figures of docs/search.md are to be taken anew."""
    engine = MeiliEngine(*meili, f"test_{uuid4().hex[:12]}")
    found = await asked_of(engine)
    if (await engine.stats()).engine == KEPT["engine"]:
        assert {name: told(hits) for name, hits in found.items()} == KEPT["found"]
    assert {*WORDS} <= {*found}


def test_no_key_is_in_the_recording() -> None:
    text = RECORDED.read_text("utf-8").lower()
    assert "authorization" not in text and "bearer" not in text
