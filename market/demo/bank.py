"""The bank of the demo's past: what it tells of money, signed and checked like any other notice."""

from datetime import datetime

from kit.settings import Settings
from payments.gate import StatementLine
from payments.gates.sepay import sign, verify, write
from payments.services import record_notice

NOBODYS_ACCOUNT = "DEMO99999999"


async def bank_tells(
    number: int,
    settings: Settings,
    *,
    account: str,
    content: str,
    dong: int,
    at: datetime,
    bank_name: str = "Vietcombank",
) -> None:
    """Writes down that so many đồng came into an account at a moment; the job that works it is left."""
    line = StatementLine(
        provider_ref=str(number),
        our_ref="",
        gateway=bank_name,
        account_number=account,
        content=content,
        amount_dong=dong,
        is_incoming=True,
        at=at.replace(microsecond=0),
        bank_reference=f"FT{number}",
    )
    raw, secret = write(line), settings.sepay_secret
    told = verify(raw, sign(secret, int(at.timestamp()), raw), secret, at)
    await record_notice(told, raw.decode(), now=at)
