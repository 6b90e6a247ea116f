"""Erasing a person who asked for it: each package forgets its own, in one act; what law keeps loses the person."""

from datetime import datetime, timedelta

from accounts.services.personal import forget_person, rows_of_person, vendors_alone
from accounts.services.requests import (
    WorkedRequest,
    due_erasures,
    erased,
    extend,
    open_request,
    put_off_erasure,
)
from kit.dates import vietnam_date
from kit.db import transaction
from kit.errors import Conflict
from kit.i18n import say
from kit.rules import rule_on
from orders.services.personal import forget_buyer, forget_old_buyers, standing_orders
from payments.services.personal import forget_return_accounts, forget_seller_keys
from postal.services.personal import forget_recipients
from vendors.services.help.personal import forget_helped
from vendors.services.personal import forget_seller

KEPT_RULE, KEPT_YEARS = "order_years_kept", 5
YEAR = timedelta(days=366)


async def erase_due(*, now: datetime) -> int:
    """Erases everybody whose time has come; who still has orders on the way waits, the clock extended once.

    Gives how many were erased.
    """
    done = 0
    for request in await due_erasures(now=now):
        standing = await standing_orders(request.person_id, await vendors_alone(request.person_id))
        if standing:
            await _wait(request, standing, now=now)
        else:
            done += await erase(request.id, now=now)
    return done


async def erase(request_id: int, *, now: datetime) -> bool:
    """Erases the person of an open request, all packages in one act; False when it is closed."""
    async with transaction():
        request = await open_request(request_id)
        if request is None:
            return False
        person_id = request.person_id
        phone = str((await rows_of_person(person_id))["person"][0]["phone"])
        references = await forget_buyer(person_id)
        await forget_recipients(references)
        await forget_return_accounts(references)
        alone = await vendors_alone(person_id)
        await forget_seller_keys(alone, now=now)
        await forget_seller(alone, person_id=person_id, phone=phone, now=now)
        await forget_helped(person_id, phone=phone, vendor_ids=alone, now=now)
        await erased(request_id, now=now)
        await forget_person(person_id, now=now)
    return True


async def forget_old_orders(*, now: datetime) -> int:
    """Takes the buyers off orders older than the law's term (Decree 37/2026/NĐ-CP, Art. 41). Gives how many."""
    years = int(await rule_on(KEPT_RULE, vietnam_date(now)) or KEPT_YEARS)
    async with transaction():
        references = await forget_old_buyers(placed_before=now - years * YEAR)
        await forget_recipients(references)
        await forget_return_accounts(references)
    return len(references)


async def _wait(request: WorkedRequest, standing: list[str], *, now: datetime) -> None:
    await put_off_erasure(request.id, now=now)
    if request.is_extended:
        return
    why = say("còn đơn chưa xong: {codes}. Xong hết thì chợ xoá ngay.", codes=", ".join(standing))
    try:
        await extend(request.id, str(why), by=None, now=now)
    except Conflict:  # an administrator extended or closed it meanwhile
        return
