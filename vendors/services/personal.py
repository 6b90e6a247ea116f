"""A seller's own rows in vendors: as a copy to take along, and off the market when the seller is erased."""

from datetime import datetime

from kit.db import is_in_transaction, locked
from kit.outbox import later
from kit.rows import Row, plain_rows
from kit.sealed import SealKeys
from vendors.models import (
    AccountChange,
    Appeal,
    Certificate,
    IdentityDocument,
    IdentityState,
    Listing,
    ListingImport,
    ListingLabel,
    ListingReport,
    ListingState,
    NameUse,
    Photo,
    PlateReport,
    PlateScan,
    Rating,
    RatingPhoto,
    RatingReport,
    RatingTakeDown,
    ReceivingAccount,
    ShopWindow,
    Stall,
    TakeDown,
    TraderInvitation,
    Variant,
    Vendor,
    VendorIdentity,
    VendorState,
    WebhookEndpoint,
)
from vendors.services.identity.confirming import number_place

SEALED = frozenset({"number_sealed", "number_key_id", "number_mark"})
FILES = frozenset({"key", "document_key", "file_key", "photo_key"})


async def rows_of_seller(vendor_ids: list[int], *, phone: str, keys: SealKeys) -> dict[str, list[Row]]:
    """Everything of these vendors, by table. The personal number is opened only for the one whose phone it is."""
    mine = {"vendor_id__in": vendor_ids}
    vendors = await Vendor.filter(id__in=vendor_ids).order_by("id")
    listings = await Listing.filter(**mine).order_by("id")
    of_listing = {"listing_id__in": [one.id for one in listings]}
    identities = await VendorIdentity.filter(**mine).order_by("id")
    own = {one.id for one in vendors if one.phone == phone}
    return {
        "vendors": plain_rows(vendors),
        "identities": [
            {**row, "personal_number": _number(one, keys) if one.vendor_id in own else one.number_masked}
            for one, row in zip(identities, plain_rows(identities, leave_out=SEALED), strict=True)
        ],
        "identity_papers": plain_rows(
            await IdentityDocument.filter(identity_id__in=[one.id for one in identities]), leave_out=FILES
        ),
        "stalls": plain_rows(await Stall.filter(**mine).order_by("id"), leave_out=FILES),
        "receiving_accounts": plain_rows(await ReceivingAccount.filter(**mine).order_by("id")),
        "account_changes": plain_rows(await AccountChange.filter(**mine).order_by("id")),
        "listings": plain_rows(listings),
        "variants": plain_rows(await Variant.filter(**of_listing).order_by("id")),
        "labels": plain_rows(await ListingLabel.filter(**of_listing).order_by("id")),
        "take_downs": plain_rows(await TakeDown.filter(**of_listing).order_by("id")),
        "appeals": plain_rows(
            await Appeal.filter(take_down__listing_id__in=of_listing["listing_id__in"]).order_by("id")
        ),
        "shop_windows": plain_rows(await ShopWindow.filter(**of_listing).order_by("id")),
        "name_uses": plain_rows(await NameUse.filter(**mine).order_by("id"), leave_out=FILES),
        "photos": plain_rows(await Photo.filter(**of_listing).order_by("id")),
        "certificates": plain_rows(await Certificate.filter(**of_listing).order_by("id"), leave_out=FILES),
        "webhooks": plain_rows(
            await WebhookEndpoint.filter(**mine).order_by("id"), leave_out=frozenset({"secret", "old_secret"})
        ),
        "imports": plain_rows(await ListingImport.filter(**mine).order_by("id"), leave_out=FILES),
    }


async def rows_of_visitor(person_id: int, *, phone: str) -> dict[str, list[Row]]:
    """What somebody did at stalls, and the invitations that name their phone."""
    return {
        "plate_scans": plain_rows(await PlateScan.filter(person_id=person_id).order_by("id")),
        "plate_reports": plain_rows(
            await PlateReport.filter(person_id=person_id).order_by("id"), leave_out=FILES
        ),
        "ratings": plain_rows(await Rating.filter(person_id=person_id).order_by("id")),
        "rating_photos": plain_rows(
            await RatingPhoto.filter(rating__person_id=person_id).order_by("id"), leave_out=FILES
        ),
        "rating_appeals": plain_rows(
            await RatingTakeDown.filter(rating__person_id=person_id).order_by("id"),
            leave_out=frozenset({"taken_by", "lifted_by", "decided_by"}),
        ),
        "rating_reports": plain_rows(await RatingReport.filter(person_id=person_id).order_by("id")),
        "listing_reports": plain_rows(await ListingReport.filter(person_id=person_id).order_by("id")),
        "invitations": plain_rows(await TraderInvitation.filter(phone=phone).order_by("id")),
    }


async def forget_seller(vendor_ids: list[int], *, person_id: int, phone: str, now: datetime) -> None:
    """Takes vendors that nobody else sells for off the market, and a person off what they did at stalls.

    Names, numbers, accounts and goods of a seller stay for the law's term, unseen. Needs an open transaction().
    """
    if not is_in_transaction():
        raise RuntimeError("forget_seller() needs an open transaction()")
    for vendor in (await locked(Vendor, vendor_ids)).values():
        vendor.state, vendor.identity_state, vendor.contact_name = (
            VendorState.SUSPENDED,
            IdentityState.SUSPENDED,
            "",
        )
        await vendor.save(update_fields=["state", "identity_state", "contact_name"])
        await _put_away(vendor.id)
        await WebhookEndpoint.filter(vendor_id=vendor.id).delete()
        papers = IdentityDocument.filter(identity__vendor_id=vendor.id, deleted_at__isnull=True)
        await IdentityDocument.filter(id__in=await papers.values_list("id", flat=True)).update(delete_at=now)
    await PlateReport.filter(person_id=person_id).update(person_id=None)
    await ListingReport.filter(person_id=person_id).update(person_id=None, phone="")
    await RatingReport.filter(person_id=person_id).update(person_id=None)
    await TraderInvitation.filter(phone=phone).delete()


async def _put_away(vendor_id: int) -> None:
    shown = (ListingState.ON_SALE, ListingState.SUBMITTED, ListingState.RETURNED)
    ids = await Listing.filter(vendor_id=vendor_id, state__in=shown).values_list("id", flat=True)
    for listing in (await locked(Listing, [int(str(id)) for id in ids])).values():
        listing.state = ListingState.HIDDEN
        await listing.save(update_fields=["state", "changed_at"])
        await later("index_listing", listing.id)


def _number(row: VendorIdentity, keys: SealKeys) -> str:
    return keys.open(row.number_sealed, number_place(row.vendor_id)) if row.number_sealed else ""
