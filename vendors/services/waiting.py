"""How much of the vendors' work waits for an administrator."""

from dataclasses import dataclass

from vendors.models import (
    Certificate,
    CertificateState,
    IdentityState,
    Listing,
    ListingState,
    PlateReport,
    Vendor,
)


@dataclass(frozen=True)
class WaitingWork:
    """Listings to approve, identities to verify, certificates to confirm, plates to look at."""

    listings: int
    identities: int
    certificates: int
    plates: int


async def waiting_work() -> WaitingWork:
    """The counts, each in one query."""
    return WaitingWork(
        listings=await Listing.filter(state=ListingState.SUBMITTED).count(),
        identities=await Vendor.filter(identity_state=IdentityState.SUBMITTED).count(),
        certificates=await Certificate.filter(state=CertificateState.SUBMITTED).count(),
        plates=await PlateReport.filter(closed_at__isnull=True).count(),
    )
