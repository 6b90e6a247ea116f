"""Compensation by carriers in the books, when it arrives; docs/ledger.md has the table."""

from datetime import datetime

from payments import ledger
from payments.services.at_the_door import hold_payable

COMPENSATED = "compensated"


async def book_compensation(key: str, vendor_id: int, dong: int, *, to_seller: bool, at: datetime) -> bool:
    """What a carrier paid for a parcel it lost: into the seller's own account, or into the market's, which owes it on.

    False when it was booked before. Needs an open transaction().
    """
    if to_seller:
        sides = [(ledger.seller_bank(vendor_id), dong), (ledger.compensation(vendor_id), -dong)]
    else:
        await hold_payable(vendor_id)
        sides = [(ledger.PLATFORM_BANK, dong), (ledger.payable(vendor_id), -dong)]
    return await ledger.post(COMPENSATED, key, sides, at=at)
