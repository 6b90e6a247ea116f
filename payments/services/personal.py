"""A person's payments as a copy: of what they bought, and of what they sold. Books are never changed for anybody."""

from datetime import datetime

from kit.db import is_in_transaction
from kit.rows import Row, plain_rows
from payments.models import BankKey, Payment, PaymentEvent, Payout, Refund, RefundEvent, ReturnAccount

BANK_TALK = frozenset({"qr_text"})
KEYS = frozenset({"secret", "list_key", "place"})
INNER = frozenset({"asked_hash"})
SEALED = frozenset({"number", "holder"})


async def rows_of_buyer(references: list[str]) -> dict[str, list[Row]]:
    """The payments of these orders and what happened to them."""
    payments = await Payment.filter(reference__in=references).order_by("id")
    events = await PaymentEvent.filter(payment_id__in=[one.id for one in payments]).order_by("id")
    refunds = await Refund.filter(payment_id__in=[one.id for one in payments]).order_by("id")
    steps = await RefundEvent.filter(refund_id__in=[one.id for one in refunds]).order_by("id")
    accounts = await ReturnAccount.filter(payment_id__in=[one.id for one in payments]).order_by("id")
    return {
        "payments": plain_rows(payments, leave_out=BANK_TALK),
        "payment_steps": plain_rows(events),
        "refunds": plain_rows(refunds, leave_out=INNER),
        "refund_steps": plain_rows(steps),
        "return_accounts": plain_rows(accounts, leave_out=SEALED),
    }


async def rows_of_seller(vendor_ids: list[int]) -> dict[str, list[Row]]:
    """The payments asked for these vendors."""
    rows = await Payment.filter(vendor_id__in=vendor_ids).order_by("id")
    keys = await BankKey.filter(vendor_id__in=vendor_ids).order_by("id")
    return {
        "payments_as_seller": plain_rows(rows, leave_out=BANK_TALK),
        "bank_keys": plain_rows(keys, leave_out=KEYS),
        "refunds_as_seller": plain_rows(
            await Refund.filter(vendor_id__in=vendor_ids).order_by("id"), leave_out=INNER
        ),
        "payouts": plain_rows(await Payout.filter(vendor_id__in=vendor_ids).order_by("id")),
    }


async def forget_return_accounts(references: list[str]) -> None:
    """Drops where the payers of these wanted money back, and why; the sums stay in the books. In a transaction()."""
    if not is_in_transaction():
        raise RuntimeError("forget_return_accounts() needs an open transaction()")
    ids = await Payment.filter(reference__in=references).values_list("id", flat=True)
    await ReturnAccount.filter(payment_id__in=ids).delete()
    await Refund.filter(payment_id__in=ids).update(reason="")


async def forget_seller_keys(vendor_ids: list[int], *, now: datetime) -> None:
    """Closes and wipes the keys that these vendors gave for their banks' notices. Needs an open transaction()."""
    if not is_in_transaction():
        raise RuntimeError("forget_seller_keys() needs an open transaction()")
    await BankKey.filter(vendor_id__in=vendor_ids, closed_at__isnull=True).update(closed_at=now)
    await BankKey.filter(vendor_id__in=vendor_ids).update(secret="", list_key="")
