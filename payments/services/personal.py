"""A person's payments as a copy: of what they bought, and of what they sold. Books are never changed for anybody."""

from datetime import datetime

from kit.db import is_in_transaction
from kit.rows import Row, plain_rows
from payments.models import BankKey, Payment, PaymentEvent

BANK_TALK = frozenset({"qr_text"})
KEYS = frozenset({"secret", "list_key", "place"})


async def rows_of_buyer(references: list[str]) -> dict[str, list[Row]]:
    """The payments of these orders and what happened to them."""
    payments = await Payment.filter(reference__in=references).order_by("id")
    events = await PaymentEvent.filter(payment_id__in=[one.id for one in payments]).order_by("id")
    return {
        "payments": plain_rows(payments, leave_out=BANK_TALK),
        "payment_steps": plain_rows(events),
    }


async def rows_of_seller(vendor_ids: list[int]) -> dict[str, list[Row]]:
    """The payments asked for these vendors."""
    rows = await Payment.filter(vendor_id__in=vendor_ids).order_by("id")
    keys = await BankKey.filter(vendor_id__in=vendor_ids).order_by("id")
    return {
        "payments_as_seller": plain_rows(rows, leave_out=BANK_TALK),
        "bank_keys": plain_rows(keys, leave_out=KEYS),
    }


async def forget_seller_keys(vendor_ids: list[int], *, now: datetime) -> None:
    """Closes and wipes the keys that these vendors gave for their banks' notices. Needs an open transaction()."""
    if not is_in_transaction():
        raise RuntimeError("forget_seller_keys() needs an open transaction()")
    await BankKey.filter(vendor_id__in=vendor_ids, closed_at__isnull=True).update(closed_at=now)
    await BankKey.filter(vendor_id__in=vendor_ids).update(secret="", list_key="")
