"""What becomes due about identities: the law's day, papers to be deleted, numbers to be sealed under a new key."""

from datetime import datetime, timedelta

from accounts.services import record, tell
from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.i18n import say
from kit.rules import rule_on
from kit.sealed import SealKeys
from vendors.models import IdentityState, Vendor, VendorIdentity, VendorState
from vendors.services.identity.confirming import NEEDS_IDENTITY, follow_identity, number_place

AT_ONCE = 100
TEXT_GOOD_FOR = timedelta(days=3)


async def stop_unverified(*, now: datetime) -> int:
    """From the law's day on, puts vendors off the market who are not verified, and tells them. Gives how many."""
    if await rule_on(NEEDS_IDENTITY, vietnam_date(now)) != "yes":
        return 0
    selling = Vendor.filter(state=VendorState.CAN_SELL).exclude(identity_state=IdentityState.CAN_SELL)
    found = await selling.order_by("id").limit(AT_ONCE).values_list("id", flat=True)
    for vendor_id in found:
        await _stop(int(str(vendor_id)), now)
    return len(found)


async def seal_anew(keys: SealKeys) -> int:
    """Seals up to a hundred numbers of older keys under the present one. Gives how many."""
    old = VendorIdentity.exclude(number_key_id=keys.current_id).exclude(number_sealed="")
    found = await old.limit(AT_ONCE).values_list("id", flat=True)
    for row_id in found:
        async with transaction():
            row = (await locked(VendorIdentity, [row_id]))[row_id]
            place = number_place(row.vendor_id)
            number = keys.open(row.number_sealed, place)
            row.number_sealed, row.number_key_id = keys.seal(number, place), keys.current_id
            row.number_mark = keys.mark(number)
            await row.save(update_fields=["number_sealed", "number_key_id", "number_mark"])
    return len(found)


async def _stop(vendor_id: int, now: datetime) -> None:
    async with transaction():
        vendor = (await locked(Vendor, [vendor_id]))[vendor_id]
        if vendor.state != VendorState.CAN_SELL:
            return
        if await follow_identity(vendor, now=now) == VendorState.DRAFT:
            await record(None, "selling_paused", "vendor", vendor_id, because="identity")
            words = say(
                "Chợ 4.0, quầy {name}: từ nay luật yêu cầu xác minh người bán. Hàng tạm ẩn đến khi cô bác khai xong "
                "ở mục «Xác minh người bán».",
                name=vendor.name,
            )
            await tell(vendor.phone, words, now=now, expires_at=now + TEXT_GOOD_FOR)
