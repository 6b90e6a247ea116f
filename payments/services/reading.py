"""Reading payments: one by its reference or code, a vendor's own, and a vendor's sums."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.codes import is_code, tidy_code
from kit.dates import day_start, vietnam_date
from kit.db import select_with, sql
from kit.errors import NotFound
from payments.models import Payment
from payments.services.views import OWED_TO_BUYER, PaymentView, owing, view_of, view_with, views_of

PAGE_ROWS = 30


@dataclass(frozen=True)
class PaymentPage:
    """Payments newest first; `older_before` is what to ask for next, None at the end."""

    payments: list[PaymentView]
    older_before: int | None


@dataclass(frozen=True)
class VendorMoney:
    """What came in for a vendor in đồng: paid today and this week (from Monday, Vietnam's calendar), and awaited."""

    today_dong: int
    today_count: int
    week_dong: int
    week_count: int
    awaited_dong: int
    awaited_count: int


async def payment_for(reference: str) -> PaymentView | None:
    """The payment of a reference ("order:17"); one query."""
    found = await select_with(Payment, OWED_TO_BUYER, "WHERE reference = $1", [reference, owing(reference)])
    for payment, owed_dong in found:
        return view_with(payment, int(str(owed_dong)))
    return None


async def payment_by_code(code: str) -> PaymentView:
    """The payment with this code, however a person writes it. Raises NotFound."""
    payment = await payment_with(code)
    if payment is None:
        raise NotFound()
    return await view_of(payment)


async def payment_with(code: str) -> Payment | None:
    """The row with this code, however a person writes it; what is no code is not looked for."""
    tidy = tidy_code(code)
    return await Payment.get_or_none(code=tidy) if is_code(tidy) else None


async def payments_of_vendor(vendor_id: int, before_id: int | None = None) -> PaymentPage:
    """Up to 30 of a vendor's payments older than the one numbered `before_id`. Two queries."""
    rows = Payment.filter(vendor_id=vendor_id)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    found = await rows.order_by("-id").limit(PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    return PaymentPage(await views_of(shown), shown[-1].id if len(found) > PAGE_ROWS else None)


async def money_of_vendor(vendor_id: int, *, now: datetime) -> VendorMoney:
    """A vendor's sums at a moment. One query."""
    today = vietnam_date(now)
    monday = today - timedelta(days=today.weekday())
    rows = await sql(
        "SELECT coalesce(sum(received_dong) FILTER (WHERE paid_at >= $2), 0)::bigint AS today_dong,"
        " count(*) FILTER (WHERE paid_at >= $2) AS today_count,"
        " coalesce(sum(received_dong) FILTER (WHERE paid_at >= $3), 0)::bigint AS week_dong,"
        " count(*) FILTER (WHERE paid_at >= $3) AS week_count,"
        " coalesce(sum(asked_dong - received_dong) FILTER (WHERE state = 'pending'), 0)::bigint AS awaited_dong,"
        " count(*) FILTER (WHERE state = 'pending') AS awaited_count"
        " FROM payment WHERE vendor_id = $1 AND (paid_at >= $3 OR state = 'pending')",
        [vendor_id, day_start(today), day_start(monday)],
    )
    return VendorMoney(**{name: int(str(value)) for name, value in rows[0].items()})
