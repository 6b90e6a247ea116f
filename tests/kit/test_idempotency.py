"""Idempotency keys: once done, answered alike; other words under the same key are refused."""

import asyncio
from datetime import timedelta

import pytest

from kit.clock import Clock
from kit.db import transaction
from kit.errors import Refusal
from kit.models import Job, KeptAnswer
from kit.outbox import later
from kit.parts import Parts
from kit.web.idempotency import KEPT, Answer, answered_once, forget_answers


async def act() -> Answer:
    """Something that leaves a trace."""
    async with transaction():
        await later("well", 1)
    return 201, '{"code": "A"}'


async def test_the_second_time_nothing_is_done_and_the_answer_is_the_same(db: None) -> None:
    """One trace, two equal answers."""
    first = await answered_once("person:1", "key-00001", "hash", act)
    assert await answered_once("person:1", "key-00001", "hash", act) == first
    assert await Job.all().count() == 1


async def test_another_request_under_the_same_key_is_refused(db: None) -> None:
    """The hash of what was asked differs."""
    await answered_once("person:1", "key-00001", "hash", act)
    with pytest.raises(Refusal) as refused:
        await answered_once("person:1", "key-00001", "other", act)
    assert refused.value.status == 422 and await Job.all().count() == 1


async def test_keys_of_two_people_do_not_meet(db: None) -> None:
    """The same key is two keys."""
    await answered_once("person:1", "key-00001", "hash", act)
    await answered_once("person:2", "key-00001", "other", act)
    assert await Job.all().count() == 2


async def test_a_refused_act_keeps_no_answer(db: None) -> None:
    """The same key may be tried again when the reason has gone."""

    async def refused() -> Answer:
        await act()
        raise Refusal

    with pytest.raises(TypeError):
        await answered_once("person:1", "key-00001", "hash", refused)
    assert await KeptAnswer.all().count() == 0 and await Job.all().count() == 0


async def test_twenty_at_once_act_once(committed: None) -> None:
    """All get the one answer, or are told to ask again."""

    async def ask() -> Answer:
        return await answered_once("person:1", "key-00001", "hash", act)

    answers = await asyncio.gather(*(ask() for _ in range(20)))
    assert set(answers) == {(201, '{"code": "A"}')}
    assert await Job.all().count() == 1


async def test_answers_are_forgotten_after_a_week(db: None, parts: Parts) -> None:
    """An old answer goes, a fresh one stays."""
    now = parts[Clock].now()
    await answered_once("person:1", "key-00001", "hash", act)
    await answered_once("person:1", "key-00002", "hash", act)
    await KeptAnswer.filter(key="key-00001").update(created_at=now - KEPT - timedelta(minutes=1))
    await KeptAnswer.filter(key="key-00002").update(created_at=now)
    await forget_answers(parts)
    assert await KeptAnswer.all().values_list("key", flat=True) == ["key-00002"]
