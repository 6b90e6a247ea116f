"""Certificates at their end: told months ahead, once each, and gone from pages and search on the day after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.notices import NoticeKind, Telling
from accounts.services import phones_of
from accounts.services.notices import notify_phone
from kit.dates import show_day, vietnam_date
from kit.db import locked, transaction, unheld
from kit.i18n import say
from kit.outbox import later
from kit.roles import Role
from vendors.models import Certificate, CertificateState, CertificateWarning, ListingState
from vendors.ocop import WARN_MONTHS, months_later, months_to_warn

ROWS_MAX = 500
LOOK_BACK = timedelta(days=60)

TEXT_LIFE = timedelta(hours=20)  # texts are deleted after a day


@dataclass(frozen=True)
class EndingCertificate:
    """A seller's certificate that ends soon, or has ended lately: for their first page."""

    code: str
    product: str
    stars: int
    valid_to: date
    is_over: bool


async def show_lapsed(today: date) -> int:
    """Leaves `index_listing` for each certificate that has lapsed since the last round; gives how many."""
    async with transaction():
        rows = await unheld(
            Certificate.filter(
                state=CertificateState.CONFIRMED, valid_to__lt=today, lapse_shown=False
            ).order_by("id"),
            limit=ROWS_MAX,
        )
        for listing_id in sorted({row.listing_id for row in rows}):
            await later("index_listing", listing_id)
        await Certificate.filter(id__in=[row.id for row in rows]).update(lapse_shown=True)
    return len(rows)


async def warn_of_ends(now: datetime) -> int:
    """Tells vendor and the commune's team of every certificate that enters its last 6, 3 or 1 months.

    Each step is told once for each end (a table remembers); one entered late hears only of the nearest step.
    """
    today, told = vietnam_date(now), 0
    rows = Certificate.filter(
        state=CertificateState.CONFIRMED,
        valid_to__gte=today,
        valid_to__lte=months_later(today, max(WARN_MONTHS)) + timedelta(days=3),
    )
    warned = {
        (one.certificate_id, one.valid_to): one.months
        for one in await CertificateWarning.filter(valid_to__gte=today).order_by("-months")
    }
    for row in await rows.order_by("id").select_related("listing__vendor"):
        if row.valid_to is None:
            continue
        months = months_to_warn(row.valid_to, today)
        if months is not None and months < warned.get((row.id, row.valid_to), 99):
            told += await _warn(row, months, now)
    return told


async def ending_certificates(vendor_ids: Sequence[int], *, today: date) -> list[EndingCertificate]:
    """A seller's certificates that end within 6 months or ended in the last 60 days, soonest first; one query.

    One that a newer certificate of the same goods has replaced is left out.
    """
    rows = (
        await Certificate.filter(
            listing__vendor_id__in=list(vendor_ids),
            listing__state__not=ListingState.HIDDEN,
            state=CertificateState.CONFIRMED,
            valid_to__gte=today - LOOK_BACK,
        )
        .order_by("valid_to", "id")
        .select_related("listing")
    )
    newest = {row.listing_id: row.valid_to for row in rows}
    return [
        EndingCertificate(
            row.code, row.product or row.listing.name, row.stars, row.valid_to, row.valid_to < today
        )
        for row in rows
        if row.valid_to == newest[row.listing_id]
        and row.valid_to is not None
        and row.valid_to <= months_later(today, max(WARN_MONTHS))
    ]


async def _warn(row: Certificate, months: int, now: datetime) -> int:
    vendor = row.listing.vendor
    assert row.valid_to is not None
    words = say(
        "Chứng nhận OCOP {stars} sao của «{product}» hết hạn ngày {day}. Còn dưới {months} tháng, "
        "hãy làm hồ sơ đánh giá lại ở xã.",
        stars=row.stars,
        product=row.product or row.listing.name,
        day=show_day(row.valid_to),
        months=months,
    )
    telling = Telling(
        NoticeKind.CERTIFICATE, say("Chứng nhận sắp hết hạn"), words, "/sell/certificates", TEXT_LIFE
    )
    step = {"certificate_id": row.id, "months": months, "valid_to": row.valid_to}
    async with transaction():
        await locked(Certificate, [row.id])
        if await CertificateWarning.filter(**step).exists():
            return 0
        await CertificateWarning.create(**step)
        phones = [vendor.phone, *await phones_of(Role.TEAM, vendor.commune_code)]
        for phone in dict.fromkeys(phones):
            await notify_phone(
                phone, telling, event_key=f"certificate:{row.id}:{months}:{row.valid_to}", now=now
            )
    return 1
