"""Texts on their way: through the outbox, once, tried again, never too late, words forgotten."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import TextMessage
from accounts.services import request_code
from accounts.sms_gate import SmsGate, TextNotSent, TwinSms, recent_texts
from accounts.tasks import send_text
from kit.clock import StoppedClock
from kit.db import transaction
from kit.models import Job, JobState
from kit.outbox import TryAgain
from kit.parts import Parts
from tests.factories import HOA, SECRET

pytestmark = pytest.mark.usefixtures("db")


class Broken:
    """A gate that is away until it is mended."""

    def __init__(self) -> None:
        self.is_away, self.sent = True, list[str]()

    async def send(self, phone: str, words: str) -> None:
        """Sends or fails."""
        if self.is_away:
            raise TextNotSent("the SMS relay answered 503")
        self.sent.append(words)


async def test_a_text_goes_out_by_the_worker_and_its_words_are_forgotten(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    assert await run_jobs() == 1
    gate = parts[SmsGate]
    assert isinstance(gate, TwinSms)
    [text] = recent_texts(gate.folder)
    assert text.phone == HOA and "là mã đăng nhập" in text.words
    row = await TextMessage.get()
    assert (row.words, row.sent_at) == ("", clock.now())


async def test_a_job_that_runs_twice_sends_once(parts: Parts, clock: StoppedClock) -> None:
    gate = Broken()
    gate.is_away = False
    parts.put(SmsGate, gate)
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    text = await TextMessage.get()
    await send_text(parts, text.id)
    await send_text(parts, text.id)
    assert len(gate.sent) == 1


async def test_a_gate_that_is_away_is_tried_again(parts: Parts, clock: StoppedClock, run_jobs: Any) -> None:
    gate = Broken()
    parts.put(SmsGate, gate)
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    text = await TextMessage.get()
    with pytest.raises(TryAgain) as told:
        await send_text(parts, text.id)
    assert told.value.seconds > 0 and "503" in str(told.value)
    await run_jobs()
    job = await Job.get(name="send_text")
    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert (await TextMessage.get()).words != ""
    gate.is_away = False
    await send_text(parts, text.id)
    assert len(gate.sent) == 1


async def test_a_code_that_would_come_too_late_is_not_sent(parts: Parts, clock: StoppedClock) -> None:
    gate = Broken()
    gate.is_away = False
    parts.put(SmsGate, gate)
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    clock.forward(minutes=5)
    text = await TextMessage.get()
    await send_text(parts, text.id)
    row = await TextMessage.get()
    assert (gate.sent, row.words, row.sent_at) == ([], "", None)


async def test_a_text_that_is_gone_is_no_fault(parts: Parts) -> None:
    await send_text(parts, 999_999_999)


async def test_a_request_that_fails_sends_nothing(clock: StoppedClock) -> None:
    with pytest.raises(ValueError, match="stop"):
        async with transaction():
            await request_code(HOA, address="", now=clock.now(), secret=SECRET)
            raise ValueError("stop")
    assert (await TextMessage.all().count(), await Job.all().count()) == (0, 0)


def test_the_file_of_texts_is_one_json_object_a_line(tmp_path: Any) -> None:
    line = {"at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "phone": HOA, "words": "một\nhai"}
    (tmp_path / "texts.jsonl").write_text(json.dumps(line) + "\n")
    assert [text.words for text in recent_texts(tmp_path)] == ["một\nhai"]
