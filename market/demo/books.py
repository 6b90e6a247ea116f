"""The demo's revenue book: a harvest sold for cash, orders of another floor, a slip put right; what the bank's list
says otherwise than its notices did."""

from datetime import datetime, timedelta

from kit.clock import Clock, StoppedClock
from kit.dates import vietnam_date
from kit.parts import Parts
from kit.settings import Settings
from market.demo.cash_box import CASH_NOTICES
from market.demo.fees import NOTICE as FEE_NOTICE
from market.demo.stories import FIRST_NOTICE, Cast, work_jobs
from orders.services.book.noting import FloorSale, Note, correct_entry, note_cash, note_floor_sales
from payments.gate import StatementLine
from payments.services.notices import SEPAY
from payments.services.reconciling import compare_lines, find_unlisted

SELLER = "hien"
# (days ago, đồng, what): custard apples go to wholesalers from July to October.
HARVEST = (
    (131, 84_500_000, "Na bở đầu vụ, xe của chú Thắng"),
    (118, 96_000_000, "Na bở, thương lái Bắc Giang"),
    (104, 112_400_000, "Na dai, thương lái Hà Nội"),
    (90, 121_000_000, "Na dai, xe của chú Thắng"),
    (76, 133_800_000, "Na dai rằm Trung thu"),
    (61, 118_200_000, "Na dai, thương lái Hà Nội"),
    (47, 92_600_000, "Na dai cuối vụ"),
    (33, 47_300_000, "Na mót, bán tại vườn"),
    (5, 1_250_000, "Cây giống cho bác Lý"),
)
FLOOR = "postmart"
FLOOR_SALES = ((40, 540_000), (37, 270_000), (36, 810_000), (29, 270_000), (12, 360_000))
SLIP_DAYS, SLIP_DONG, RIGHT_DONG = 3, 1_800_000, 180_000
LAST_NOTICE = FIRST_NOTICE + 60
LIST_DAYS = timedelta(days=30)


async def tell_books(settings: Settings, cast: Cast, *, now: datetime) -> None:
    """Notes by hand in Cô Hiền's book, and a reconciliation with differences to work off."""
    person_id = cast.people[SELLER]
    vendor_id = next(vendor for vendor, person in cast.sellers.items() if person == person_id)
    today = vietnam_date(now)
    for ago, dong, words in HARVEST:
        note = Note(f"demo-{ago:04}", dong, today - timedelta(days=ago), words)
        await note_cash(vendor_id, note, person_id=person_id, now=now - timedelta(days=ago))
    sales = [FloorSale(f"PM26{ago:04}", dong, today - timedelta(days=ago)) for ago, dong in FLOOR_SALES]
    await note_floor_sales(vendor_id, FLOOR, sales, person_id=person_id, now=now - timedelta(days=2))
    slip_at = now - timedelta(days=SLIP_DAYS)
    slip = Note("demo-slip", SLIP_DONG, today - timedelta(days=SLIP_DAYS), "Mật ong, khách quen")
    entry = await note_cash(vendor_id, slip, person_id=person_id, now=slip_at)
    because = "Ghi thừa một số không"
    await correct_entry(entry.id, vendor_id, RIGHT_DONG, because, person_id=person_id, now=slip_at)
    await _differences(now)
    await work_jobs(Parts({Settings: settings, Clock: StoppedClock(now)}))


async def _differences(now: datetime) -> None:
    """The bank's list: one line says another sum, one that nobody told of, and one notice that it lacks."""
    listed = [_line(FIRST_NOTICE, 35_000, now), _line(LAST_NOTICE + 1, 75_000, now)]
    await compare_lines(listed, SEPAY, now=now)
    numbers = [*range(FIRST_NOTICE, LAST_NOTICE + 2), FEE_NOTICE, *CASH_NOTICES]
    others = [_line(one, 1_000, now) for one in numbers if one != FIRST_NOTICE + 2]
    await find_unlisted(others, SEPAY, now - LIST_DAYS, now, now=now)


def _line(number: int, dong: int, now: datetime) -> StatementLine:
    return StatementLine(
        provider_ref=str(number),
        our_ref="",
        gateway="",
        account_number="DEMO99999998",
        content="NGUYEN VAN A chuyen tien",
        amount_dong=dong,
        is_incoming=True,
        at=(now - timedelta(hours=9)).replace(microsecond=0),
        bank_reference=f"FT{number}",
    )
