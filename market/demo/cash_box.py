"""The post's cash box in the demo: an evening's count, then cash on its way to the bank, told right and told less."""

from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.settings import Settings
from market.demo.bank import NOBODYS_ACCOUNT, bank_tells
from payments.services.cash_box.paying_in import Explanation, explain_difference, note_slip, prepare_pay_in
from postal.services.debriefs import Count, agree_to_day, close_day, day_of_carrier

FIRST_CASH_NOTICE = 900_200_001
# (days ago, đồng taken out of the box, what the bank tells less; None: it has not told yet), oldest first.
PAY_INS: tuple[tuple[int, int, int | None], ...] = ((2, 300_000, 0), (1, 250_000, 2_200), (0, 60_000, None))
CASH_NOTICES = [FIRST_CASH_NOTICE + n for n, (_, _, less) in enumerate(PAY_INS) if less is not None]
BANKS_FEE = "Ngân hàng thu phí kiểm đếm, có ghi trên giấy nộp tiền."


async def count_cash(*, carrier_id: int, clerk_id: int, now: datetime) -> None:
    """The evening's count with a carrier: all cash is there, and the carrier agrees."""
    day = vietnam_date(now)
    due_dong = (await day_of_carrier(carrier_id, day)).cash_due_dong
    await close_day(carrier_id, day, Count(due_dong, {}), clerk_id=clerk_id, now=now)
    await agree_to_day(carrier_id, day, now=now + timedelta(minutes=5))


async def bring_to_bank(settings: Settings, *, clerk_id: int, now: datetime) -> list[str]:
    """The clerk pays in three times, and the bank tells of the first two; the codes. The jobs of it are left."""
    codes = []
    for number, (ago, dong, less_dong) in enumerate(PAY_INS):
        at = now - timedelta(days=ago, hours=3)
        code = await prepare_pay_in(dong, person_id=clerk_id, now=at)
        at += timedelta(hours=1)
        await note_slip(code, f"GNT{at:%d%m}0{number + 1}", "", person_id=clerk_id, now=at)
        if less_dong is not None:
            content, told_dong = f"NOP TIEN MAT {code}", dong - less_dong
            await bank_tells(
                FIRST_CASH_NOTICE + number,
                settings,
                account=NOBODYS_ACCOUNT,
                content=content,
                dong=told_dong,
                at=at,
            )
        codes.append(code)
    return codes


async def explain_less(code: str, *, admin_id: int, now: datetime) -> None:
    """An administrator says where the difference is: the bank kept a fee."""
    await explain_difference(code, Explanation.FEE, BANKS_FEE, person_id=admin_id, now=now)
