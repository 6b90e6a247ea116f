"""Jobs of accounts: sending texts and notices, and forgetting what is over."""

from accounts.notice_gates import MailGate, NotCarried, PushGate, ZaloGate
from accounts.notices import Channel
from accounts.services import forget_old, text_sent, waiting_text
from accounts.services.notice_choices import mailbox_letter
from accounts.services.notices import forget_old_notices
from accounts.services.sending import Step, forget_device, next_step, step_done, step_failed
from accounts.sms_gate import SmsGate, TextNotSent
from kit.clock import Clock
from kit.outbox import Every, Task, TryAgain, every
from kit.parts import Parts
from kit.settings import Settings

TRY_AGAIN_SECONDS = 15


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


async def send_notice(parts: Parts, notice_id: int) -> None:
    """Takes one notice one step on its way out; a channel that cannot take it is left for the next. Raises TryAgain."""
    now = parts[Clock].now()
    base_url = parts[Settings].base_url
    step = await next_step(notice_id, switched_on=channels_of(parts), base_url=base_url, now=now)
    if step is None:
        return
    try:
        await _carry(parts, step)
    except (NotCarried, TextNotSent) as trouble:
        is_final = isinstance(trouble, NotCarried) and trouble.is_final
        if await step_failed(step, str(trouble), is_final=is_final, now=now):
            raise TryAgain(str(trouble), seconds=TRY_AGAIN_SECONDS) from trouble
        return
    await step_done(step, now=now)


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
    """Deletes codes, texts, notices, sessions and tokens whose time is long over."""
    await forget_old(parts[Clock].now())
    await forget_old_notices(parts[Clock].now())


TASKS: list[Task] = [send_text, send_notice, ask_mailbox]
CRONS: list[Every] = [every(86400, forget_old_entries)]
