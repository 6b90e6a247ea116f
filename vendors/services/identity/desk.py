"""Identities as their sellers and administrators read them: masked; the whole number only with a reason, noted."""

from dataclasses import dataclass
from datetime import date, datetime

from tortoise.exceptions import DoesNotExist

from accounts.services import record
from kit.db import transaction
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.identifiers import Doubt, show_tax_code
from kit.rules import first_day_of
from kit.sealed import SealKeys
from vendors.identity_states import NAMES, TONES
from vendors.models import IdentityDocument, IdentityState, Vendor, VendorIdentity, VendorKind
from vendors.services.cards import Leaf, leaf_of
from vendors.services.identity.confirming import NEEDS_IDENTITY, number_place
from vendors.services.sellers import KIND_NAMES

DOUBTS: dict[str, Sentence] = {
    Doubt.PERSONAL_ID_PROVINCE: say("Ba số đầu không phải mã tỉnh nào đã biết. Hãy so với giấy tờ."),
}


@dataclass(frozen=True)
class PaperView:
    """A kept paper and the moment it will be deleted."""

    id: int
    delete_at: datetime


@dataclass(frozen=True)
class IdentityView:
    """One vendor's identity: what it said, masked, and where it stands. `same_as` names others with equal numbers."""

    vendor_id: int
    seller: str
    kind: VendorKind
    kind_name: Sentence
    state: IdentityState
    state_name: Sentence
    tone: str
    full_name: str
    birth_date: date | None
    number_masked: str
    registered_name: str
    tax_code: str
    registration_no: str
    address: str
    doubts: tuple[Sentence, ...]
    submitted_at: datetime | None
    decided_at: datetime | None
    verified_by: str
    reference: str
    because: str
    papers: tuple[PaperView, ...]
    same_as: tuple[str, ...]


@dataclass(frozen=True)
class IdentityRow:
    """A vendor in the administrator's list."""

    vendor_id: int
    seller: str
    kind_name: Sentence
    state_name: Sentence
    tone: str


@dataclass(frozen=True)
class IdentityNote:
    """What a seller who is not verified yet has to do, and from which day it is needed (None: never)."""

    state: IdentityState
    state_name: Sentence
    tone: str
    because: str
    needed_from: date | None


async def identity_view(vendor_id: int) -> IdentityView:
    """One vendor's identity; empty where nothing was said yet. At most four queries. NotFound."""
    vendor = await Vendor.get_or_none(id=vendor_id)
    if vendor is None:
        raise NotFound()
    row = await VendorIdentity.get_or_none(vendor_id=vendor_id)
    papers = await _papers(row)
    same = await _same_as(row)
    said = row or VendorIdentity(full_name="")
    return IdentityView(
        vendor_id=vendor.id,
        seller=vendor.name,
        kind=vendor.kind,
        kind_name=KIND_NAMES[vendor.kind],
        state=vendor.identity_state,
        state_name=NAMES[vendor.identity_state],
        tone=TONES[vendor.identity_state],
        full_name=said.full_name,
        birth_date=said.birth_date,
        number_masked=said.number_masked,
        registered_name=said.registered_name,
        tax_code=show_tax_code(said.tax_code),
        registration_no=said.registration_no,
        address=said.address,
        doubts=tuple(DOUBTS[one] for one in said.doubts if one in DOUBTS),
        submitted_at=row.submitted_at if row else None,
        decided_at=said.decided_at,
        verified_by=said.verified_by,
        reference=said.reference,
        because=said.because,
        papers=papers,
        same_as=same,
    )


async def identities(state: IdentityState, page: int) -> Leaf[IdentityRow]:
    """A page of the vendors whose identity stands so, the longest there first; one query."""
    leaf = await leaf_of(Vendor.filter(identity_state=state).order_by("id"), page)
    rows = [
        IdentityRow(
            one.id, one.name, KIND_NAMES[one.kind], NAMES[one.identity_state], TONES[one.identity_state]
        )
        for one in leaf.items
    ]
    return Leaf(rows, leaf.page, leaf.has_more)


async def identity_note(vendor_ids: tuple[int, ...]) -> IdentityNote | None:
    """What the first of these vendors has to do about its identity; None when nothing. Two or three queries."""
    vendor = await Vendor.filter(id__in=list(vendor_ids)).order_by("id").first()
    if vendor is None or vendor.identity_state == IdentityState.CAN_SELL:
        return None
    row = await VendorIdentity.get_or_none(vendor_id=vendor.id)
    return IdentityNote(
        vendor.identity_state,
        NAMES[vendor.identity_state],
        TONES[vendor.identity_state],
        row.because if row else "",
        await first_day_of(NEEDS_IDENTITY, "yes"),
    )


async def shown_number(vendor_id: int, reason: str, *, by: int, keys: SealKeys) -> str:
    """A vendor's whole personal number; who looked and why goes into the trail first. NotFound when none is kept."""
    async with transaction():
        try:
            row = await VendorIdentity.get(vendor_id=vendor_id)
        except DoesNotExist:
            raise NotFound() from None
        if not row.number_sealed:
            raise NotFound()
        await record(by, "personal_number_shown", "vendor", vendor_id, reason=reason)
    return keys.open(row.number_sealed, number_place(vendor_id))


async def _papers(row: VendorIdentity | None) -> tuple[PaperView, ...]:
    if row is None:
        return ()
    kept = await IdentityDocument.filter(identity_id=row.id, deleted_at__isnull=True).order_by("id")
    return tuple(PaperView(one.id, one.delete_at) for one in kept)


async def _same_as(row: VendorIdentity | None) -> tuple[str, ...]:
    """Other sellers with the same personal number or tax code: one person has one household business."""
    if row is None or not (row.number_mark or row.tax_code):
        return ()
    others = VendorIdentity.exclude(id=row.id)
    same = (
        others.filter(number_mark=row.number_mark)
        if row.number_mark
        else others.filter(tax_code=row.tax_code)
    )
    return tuple(one.vendor.name for one in await same.select_related("vendor").limit(5))
