"""Jobs of accounts: sending texts and notices, and forgetting what is over."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.notice_gates import MailGate, NotCarried, PushGate, ZaloGate
from accounts.notices import Channel
from accounts.services import forget_old, text_sent, waiting_text
from accounts.services.factor_check import forget_old_tries
from accounts.services.factors import seal_secrets_anew
from accounts.services.notice_choices import mailbox_letter
from accounts.services.notices import forget_old_notices
from accounts.services.sending import Step, forget_device, next_steps, step_failed, steps_done
from accounts.sms_gate import SmsGate, TextNotSent
from kit.clock import Clock
from kit.outbox import Every, Grouped, Task, TryAgain, every
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings

TRY_AGAIN_SECONDS = 15
WAVE = 16  # messages that are on their way out at once
# The last wave may begin when the first are over; together they stay below kit.outbox.GROUP_LEASE_SECONDS.
WAVES_SECONDS, CARRY_SECONDS = 7.0, 10.0


async def send_text(parts: Parts, subject_id: int) -> None:
    """Sends the text of this number unless it has gone or come too late. Raises TryAgain."""
    text = await waiting_text(subject_id, parts[Clock].now())
    if text is None:
        return
    try:
        await parts[SmsGate].send(text.phone, text.words)
    except TextNotSent as trouble:
        raise TryAgain(str(trouble), seconds=TRY_AGAIN_SECONDS) from trouble
    await text_sent(subject_id, parts[Clock].now())


async def send_notice(parts: Parts, notice_ids: Sequence[int]) -> Mapping[int, Exception]:
    """Takes notices one step on their way out; what is to be tried again, by notice.

    A channel that cannot take one is left for the next. Gates are asked in no transaction, some at a time, and what
    went out is noted after each such wave. When gates are so slow that the group's lease would end, those that
    nobody was told of yet are left to go alone.
    """
    now, until = parts[Clock].now(), time.monotonic() + WAVES_SECONDS
    base_url = parts[Settings].base_url
    steps = await next_steps(notice_ids, switched_on=channels_of(parts), base_url=base_url, now=now)
    failed: dict[int, Exception] = {}
    for place in range(0, len(steps), WAVE):
        wave = steps[place : place + WAVE]
        if time.monotonic() > until:
            failed |= {one.notice_id: TryAgain("the gates are slow", seconds=1) for one in wave}
            continue
        troubles = await asyncio.gather(*(_carried(parts, one) for one in wave))
        await steps_done([one for one, why in zip(wave, troubles, strict=True) if why is None], now=now)
        for one, why in zip(wave, troubles, strict=True):
            if why is not None and (fault := await _fault_of(one, why, now)):
                failed[one.notice_id] = fault
    return failed


async def _fault_of(step: Step, why: Exception, now: datetime) -> Exception | None:
    """What the job of a message that has not gone out failed by; None when the next channel has its turn."""
    if not isinstance(why, NotCarried | TextNotSent):
        return why
    is_final = isinstance(why, NotCarried) and why.is_final
    if await step_failed(step, str(why), is_final=is_final, now=now):
        return TryAgain(str(why), seconds=TRY_AGAIN_SECONDS)
    return None


async def _carried(parts: Parts, step: Step) -> Exception | None:
    """None when the message has gone out, else what stood against it; one harms no other of its wave."""
    try:
        async with asyncio.timeout(CARRY_SECONDS):
            await _carry(parts, step)
    except TimeoutError:
        return NotCarried(f"no answer in {CARRY_SECONDS:.0f} s")
    except Exception as trouble:
        return trouble
    return None


def channels_of(parts: Parts) -> frozenset[Channel]:
    """The channels that this installation has switched on."""
    gates: dict[Channel, type] = {Channel.PUSH: PushGate, Channel.ZALO: ZaloGate, Channel.EMAIL: MailGate}
    return frozenset({Channel.SMS, *(one for one, gate in gates.items() if parts.has(gate))})


async def _carry(parts: Parts, step: Step) -> None:
    letter = step.letter
    if step.channel is Channel.SMS:
        await parts[SmsGate].send(step.phone, f"Chợ 4.0: {letter.words}")
    elif step.channel is Channel.ZALO:
        await parts[ZaloGate].send(step.phone, letter)
    elif step.channel is Channel.EMAIL:
        await parts[MailGate].send(step.email, letter)
    else:
        await _push(parts, step)


async def _push(parts: Parts, step: Step) -> None:
    """To every browser of the person; one that shows it is enough. Raises the last trouble when none does."""
    troubles: list[NotCarried] = []
    for device in step.devices:
        try:
            await parts[PushGate].send(device, step.letter)
        except NotCarried as trouble:
            troubles.append(trouble)
            if trouble.is_gone:
                await forget_device(device.device_id)
    if len(troubles) == len(step.devices):
        raise NotCarried(str(troubles[-1]), is_final=all(one.is_final for one in troubles))


async def ask_mailbox(parts: Parts, person_id: int) -> None:
    """Sends the letter that asks whether a mailbox is really its person's. Raises TryAgain."""
    settings = parts[Settings]
    asked = await mailbox_letter(
        person_id, secret=settings.secret_key, base_url=settings.base_url, now=parts[Clock].now()
    )
    if asked is None or not parts.has(MailGate):
        return
    try:
        await parts[MailGate].send(*asked)
    except NotCarried as trouble:
        if not trouble.is_final:
            raise TryAgain(str(trouble), seconds=TRY_AGAIN_SECONDS) from trouble


async def forget_old_entries(parts: Parts) -> None:
    """Deletes codes, tries, texts, notices, sessions and tokens whose time is long over."""
    await forget_old(parts[Clock].now())
    await forget_old_tries(parts[Clock].now())
    await forget_old_notices(parts[Clock].now())


async def seal_factors_anew(parts: Parts) -> None:
    """Seals apps' secrets under the present DATA_KEY."""
    await seal_secrets_anew(seal_keys(parts[Settings]))


TASKS: list[Task | Grouped] = [send_text, Grouped(send_notice), ask_mailbox]
CRONS: list[Every] = [every(86400, forget_old_entries), every(86400, seal_factors_anew)]
