"""How much of the vendors' work waits for an administrator."""

from dataclasses import dataclass

from vendors.models import (
    Appeal,
    Certificate,
    CertificateState,
    IdentityState,
    Listing,
    ListingReport,
    ListingState,
    PlateReport,
    ReportOutcome,
    Vendor,
)


@dataclass(frozen=True)
class WaitingWork:
    """Listings to approve, identities, certificates, plates to look at; reports and appeals (`moderation`)."""

    listings: int
    identities: int
    certificates: int
    plates: int
    moderation: int


async def waiting_work() -> WaitingWork:
    """The counts, each in one query."""
    return WaitingWork(
        listings=await Listing.filter(state=ListingState.SUBMITTED).count(),
        identities=await Vendor.filter(identity_state=IdentityState.SUBMITTED).count(),
        certificates=await Certificate.filter(state=CertificateState.SUBMITTED).count(),
        plates=await PlateReport.filter(closed_at__isnull=True).count(),
        moderation=await ListingReport.filter(outcome=ReportOutcome.OPEN).count()
        + await Appeal.filter(decided_at__isnull=True).count(),
    )
