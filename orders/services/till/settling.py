"""Money of many notices that came for stall sales: those asked by QR, and those of static plates; a statement each.

Who calls these sells the goods and tells the tills afterwards: the tills' rows are locked last.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.db import select, sql
from orders.models import TillSale
from orders.services.book.taking import take_money
from orders.services.names import till_reference
from orders.services.till.closed import correct_closed
from orders.services.till.log import Happened, Said, tell_tills
from orders.states import SaleState
from payments.services import PlateMoney, PlateSale, alike_before, plate_money, take_plate_money
from vendors.services import vendors_with_accounts

SEEN_WITHIN = timedelta(hours=12)
BELIEVED = (SaleState.TO_CONFIRM, SaleState.PAID)
_LOCK = "WHERE id = ANY($1) ORDER BY id FOR UPDATE"
_PAY = """
    UPDATE till_sale SET received_dong = told.received, state = 'paid', settled_at = $3
    FROM unnest($1::bigint[], $2::bigint[]) AS told (id, received) WHERE till_sale.id = told.id
"""
_NOTED = (
    "WHERE vendor_id = ANY($1) AND way = 'seen' AND state = ANY($2) AND notice_id IS NULL AND amount_dong = ANY($3)"
    " AND made_at BETWEEN $4 AND $5 ORDER BY id FOR UPDATE"
)
_PROVE = """
    UPDATE till_sale SET state = 'paid', notice_id = told.notice_id, settled_at = $4, received_dong = told.dong,
        said_dong = 0
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS told (id, notice_id, dong) WHERE till_sale.id = told.id
"""
_MAKE = """
    INSERT INTO till_sale (vendor_id, client_key, body_mark, way, state, amount_dong, received_dong, extra_dong,
        noted_dong, said_dong, code, notice_id, note, day, made_at, received_at, settled_at)
    SELECT told.vendor_id, 'notice-' || told.notice_id, '', 'plate', 'paid', told.dong, told.dong, 0, 0, 0, '',
        told.notice_id, '', told.day, told.made_at, $6, $6
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::date[], $5::timestamptz[])
        AS told (vendor_id, notice_id, dong, day, made_at)
    RETURNING id, notice_id
"""


async def pay_stall_sales(asked: dict[int, int], *, now: datetime) -> list[Said]:
    """Stall sales whose payments are paid in full by one notice each: by sale what was asked; what to tell.

    Within the open transaction() in which the payments were settled; locks the sales.
    """
    sales = await select(TillSale, _LOCK, [sorted(asked)]) if asked else []
    if not sales:
        return []
    ids = [one.id for one in sales]
    await sql(_PAY, [ids, [asked[one.id] - one.noted_dong for one in sales], now])
    await correct_closed({one.id: asked[one.id] - one.received_dong for one in sales}, now=now)
    return [_paid(one, asked[one.id]) for one in sales]


def _paid(sale: TillSale, asked_dong: int) -> Said:
    came_dong = asked_dong - sale.received_dong - sale.noted_dong
    return Said(sale.vendor_id, Happened.PAID, sale.id, came_dong, asked_dong)


async def settle_plate(notice_id: int, *, now: datetime) -> bool:
    """What settle_plates() does, for one notice, its till told; False when its money is no stall's."""
    money = await plate_money(notice_id)
    said = await settle_plates([money], now=now) if money else []
    await tell_tills(said, now=now)
    return bool(said)


async def settle_plates(moneys: Sequence[PlateMoney], *, now: datetime) -> list[Said]:
    """Money without a code into accounts that are exactly one seller's each becomes stall sales; what to tell.

    Money that another provider may have told of before waits for a person instead. A sale that the seller noted without
    signal («QR seen») for the same amount is paid by it. Needs the open
    transaction() in which the notices were settled.
    """
    mine = await _by_vendor(moneys)
    doubtful = await alike_before([one.notice_id for _, one in mine])
    mine = [(id, one) for id, one in mine if one.notice_id not in doubtful]
    if not mine:
        return []
    noted = await _noted_sales(mine)
    made = await _made([(id, one) for id, one in mine if one.notice_id not in noted], now=now)
    await _prove([(noted[one.notice_id], one) for _, one in mine if one.notice_id in noted], now=now)
    ids = made | {notice_id: sale.id for notice_id, sale in noted.items()}
    sales = [PlateSale(one, till_reference(ids[one.notice_id]), id) for id, one in mine]
    await take_plate_money(sales, now=now)
    await take_money([one.reference for one in sales], now=now)
    grown = {ids[one.notice_id]: one.amount_dong - _before(noted.get(one.notice_id)) for _, one in mine}
    await correct_closed(grown, now=now)
    return [
        Said(id, _kind(noted.get(one.notice_id), one), ids[one.notice_id], one.amount_dong)
        for id, one in mine
    ]


def _before(noted: TillSale | None) -> int:
    return noted.received_dong if noted else 0


def _kind(noted: TillSale | None, money: PlateMoney) -> Happened:
    if noted is None:
        return Happened.PLATE
    return Happened.PAID if money.amount_dong != noted.received_dong else Happened.PROVED


async def _by_vendor(moneys: Sequence[PlateMoney]) -> list[tuple[int, PlateMoney]]:
    """Each money with the one seller whose account it came into; nobody's and several's are left out."""
    owners = await vendors_with_accounts({number for one in moneys for number in one.accounts})
    whose = [(set[int]().union(*(owners.get(number, ()) for number in one.accounts)), one) for one in moneys]
    return [(ids.pop(), one) for ids, one in whose if len(ids) == 1]


async def _noted_sales(mine: Sequence[tuple[int, PlateMoney]]) -> dict[int, TillSale]:
    """By notice the oldest note «QR seen» of this seller and amount, made within 12 hours of the money, locked.

    Only such as no bank has told of yet; each for one notice.
    """
    times = [one.at for _, one in mine]
    values: list[object] = [
        sorted({id for id, _ in mine}),
        [str(state) for state in BELIEVED],
        sorted({one.amount_dong for _, one in mine}),
        min(times) - SEEN_WITHIN,
        max(times) + SEEN_WITHIN,
    ]
    left = sorted(await select(TillSale, _NOTED, values), key=lambda sale: (sale.made_at, sale.id))
    chosen: dict[int, TillSale] = {}
    for vendor_id, money in mine:
        sale = next((one for one in left if _is_meant(one, vendor_id, money)), None)
        if sale is not None:
            chosen[money.notice_id] = sale
            left.remove(sale)
    return chosen


def _is_meant(sale: TillSale, vendor_id: int, money: PlateMoney) -> bool:
    is_near = abs(sale.made_at - money.at) <= SEEN_WITHIN
    return (sale.vendor_id, sale.amount_dong) == (vendor_id, money.amount_dong) and is_near


async def _made(mine: Sequence[tuple[int, PlateMoney]], *, now: datetime) -> dict[int, int]:
    """New sales of the plate, by notice."""
    columns: list[object] = [
        [id for id, _ in mine],
        [one.notice_id for _, one in mine],
        [one.amount_dong for _, one in mine],
        [vietnam_date(one.at) for _, one in mine],
        [one.at for _, one in mine],
    ]
    rows = await sql(_MAKE, [*columns, now]) if mine else []
    return {int(str(row["notice_id"])): int(str(row["id"])) for row in rows}


async def _prove(noted: Sequence[tuple[TillSale, PlateMoney]], *, now: datetime) -> None:
    if noted:
        ids = [sale.id for sale, _ in noted]
        notice_ids, dong = [one.notice_id for _, one in noted], [one.amount_dong for _, one in noted]
        await sql(_PROVE, [ids, notice_ids, dong, now])
