"""Jobs of accounts: sending texts, and forgetting what is over."""

from accounts.services import forget_old, text_sent, waiting_text
from accounts.sms_gate import SmsGate, TextNotSent
from kit.clock import Clock
from kit.outbox import Every, Task, TryAgain, every
from kit.parts import Parts

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


async def forget_old_entries(parts: Parts) -> None:
    """Deletes codes, texts, sessions and tokens whose time is long over."""
    await forget_old(parts[Clock].now())


TASKS: list[Task] = [send_text]
CRONS: list[Every] = [every(86400, forget_old_entries)]
