"""Jobs and rounds of refunds: sent, asked about, given an account, and what came in excess."""

from kit.clock import Clock
from kit.outbox import Every, Task, TryAgain, every
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from payments.gate import GateAway
from payments.gates.register import Gates
from payments.services.refunds import accounts, extra, through_gates

AWAY_SECONDS = 120
LOOK_SECONDS = 30


async def send_refund(parts: Parts, refund_id: int) -> None:
    """Asks the provider for a refund; one that is away is asked again, under the same code."""
    try:
        await through_gates.send_refund(refund_id, parts[Gates].by_name, now=parts[Clock].now())
    except GateAway as away:
        raise TryAgain(str(away), seconds=AWAY_SECONDS) from away


async def resend_refund(parts: Parts, refund_id: int) -> None:
    """Sends a refund that its provider does not know once more."""
    await through_gates.resend_refund(refund_id, parts[Gates].by_name, now=parts[Clock].now())


async def query_refund(parts: Parts, refund_id: int) -> None:
    """Asks a provider how a refund stands, outside any transaction; what it says is settled in one."""
    now = parts[Clock].now()
    said = await through_gates.look_at_refund(refund_id, parts[Gates].by_name, now=now)
    await through_gates.settle_refund_look(refund_id, said, now=now)


async def find_return_account(parts: Parts, refund_id: int) -> None:
    """Looks for the payer's account in what the bank told."""
    keys = seal_keys(parts[Settings])
    await accounts.find_return_account(refund_id, now=parts[Clock].now(), keys=keys)


async def return_extra(parts: Parts, payment_id: int) -> None:
    """Has go back what a payment got beyond its sum."""
    await extra.return_extra(payment_id, now=parts[Clock].now())


async def look_after_refunds(parts: Parts) -> None:
    """Leaves a look at every refund that is due for one."""
    await through_gates.leave_refund_looks(now=parts[Clock].now())


TASKS: list[Task] = [send_refund, resend_refund, query_refund, find_return_account, return_extra]
CRONS: list[Every] = [every(LOOK_SECONDS, look_after_refunds)]
