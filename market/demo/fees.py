"""The demo's market fees: last month's paid by QR, in cash and not at all; this month's just billed."""

from datetime import date, datetime, timedelta

from kit.clock import Clock, StoppedClock
from kit.dates import vietnam_date
from kit.parts import Parts
from kit.settings import Settings
from market.demo.stories import Cast, work_jobs
from orders.services.fees.billing import FeeLine, bill, fees_of_market
from orders.services.fees.paying import payment_of_fee, take_fee_in_cash
from payments.gate import StatementLine
from payments.gates.sepay import sign, verify, write
from payments.services import record_notice
from vendors.services import NewAccount
from vendors.services.markets.accounts import first_account
from vendors.services.markets.holders import stall_holders
from vendors.services.markets.kept import market_of_board

MARKET = "cho-dinh-ca"
ACCOUNT = NewAccount("970418", "DEMO90000001", "BAN QUAN LY CHO DINH CA", makes_default=True)
STALL_DONG, CLEANING_DONG = 150_000, 20_000
POWER_DONG = (64_000, 41_000, 87_000)
NOTICE = 900_100_001
BY_QR, IN_CASH = "12", "14"


async def tell_fees(settings: Settings, cast: Cast, *, now: datetime) -> None:
    """Two months of a small market, told through the real services."""
    binh, market = cast.people["binh"], await market_of_board(MARKET, None)
    today = vietnam_date(now)
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    await first_account(market, ACCOUNT, by=binh, now=now - timedelta(days=45))
    await _billed(market.id, last_month, now - timedelta(days=26), by=binh)
    await _billed(market.id, this_month, now - timedelta(hours=30), by=binh)
    leaf = await fees_of_market(market.id, last_month, 1, unpaid_only=True)
    for row in leaf.items:
        if row.fee.stall == BY_QR:
            await _paid(settings, row.fee.id, last_month, market.id, now - timedelta(days=20))
        elif row.fee.stall == IN_CASH:
            await take_fee_in_cash(row.fee.id, market.id, by=binh, now=now - timedelta(days=19))


async def _billed(market_id: int, month: date, at: datetime, *, by: int) -> None:
    holders = (await stall_holders(market_id, 1)).items
    lines = {
        one.stall_id: FeeLine(STALL_DONG, POWER_DONG[n % len(POWER_DONG)], CLEANING_DONG)
        for n, one in enumerate(holders)
    }
    await bill(market_id, month, lines, due_on=vietnam_date(at) + timedelta(days=12), by=by, now=at)


async def _paid(settings: Settings, fee_id: int, month: date, market_id: int, at: datetime) -> None:
    """A trader's transfer for a fee, as the bank would tell of it."""
    rows = (await fees_of_market(market_id, month, 1, unpaid_only=True)).items
    fee = next(row.fee for row in rows if row.fee.id == fee_id)
    asked = await payment_of_fee(fee, now=at - timedelta(minutes=4))
    notice = StatementLine(
        provider_ref=str(NOTICE),
        our_ref="",
        gateway=asked.bank_name,
        account_number=asked.account_number,
        content=f"{asked.code} nop phi cho",
        amount_dong=asked.asked_dong,
        is_incoming=True,
        at=at.replace(microsecond=0),
        bank_reference=f"FT{NOTICE}",
    )
    raw, secret = write(notice), settings.sepay_secret
    told = verify(raw, sign(secret, int(at.timestamp()), raw), secret, at)
    await record_notice(told, raw.decode(), now=at)
    await work_jobs(Parts({Settings: settings, Clock: StoppedClock(at)}))
