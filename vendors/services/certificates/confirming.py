"""OCOP certificates: sent in by sellers, confirmed or sent back by administrators, ended, and checked by anybody."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from anyio import to_thread

from accounts.services import record
from kit.codes import is_code, new_code, tidy_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.outbox import later
from kit.pictures import BadPicture, shrink
from vendors.models import Certificate, CertificateState, Listing, VendorState
from vendors.services.cards import Leaf, goods_url, leaf_of, seller_url
from vendors.services.photos import PHOTO_BYTES_MAX, PHOTO_REASONS, picture_limiter

DOCUMENT_SIDE_PX = 2000
NEEDS_NO_PROOF = (CertificateState.SUBMITTED, CertificateState.CONFIRMED)


class Standing(StrEnum):
    """What a certificate is worth on a day."""

    VALID = "valid"
    LAPSED = "lapsed"
    ENDED = "ended"


@dataclass(frozen=True)
class CertificateContent:
    """What stands on a certificate; `valid_because` is the reason for an end other than after 36 months."""

    product: str
    stars: int
    points: Decimal | None
    decision_no: str
    decided_on: date
    valid_to: date
    issuer_level: str
    criteria: str
    valid_because: str = ""


@dataclass(frozen=True)
class CertificateCheck:
    """A certificate as the public page tells it: valid, or over since `since`; goods only while they are on sale."""

    code: str
    product: str
    stars: int
    decision_no: str
    decided_on: date | None
    valid_to: date | None
    issuer_level: str
    criteria: str
    standing: Standing
    since: date | None
    seller: str
    seller_url: str
    goods_url: str


@dataclass(frozen=True)
class CertificateRow:
    """A certificate in a list, its listing and vendor fetched."""

    certificate: Certificate
    standing: Standing
    last_day: date | None


async def submit_certificate(
    listing: Listing, content: CertificateContent, document_key: str, *, person_id: int
) -> Certificate:
    """A seller sends in a certificate with its photo; it gives no stars before it is confirmed.

    Conflict when the same decision waits or stands for these goods already, so a second press changes nothing.
    """
    return await _new(listing.id, content, CertificateState.SUBMITTED, document_key, person_id)


async def enter_certificate(listing_id: int, content: CertificateContent, *, by: int) -> Certificate:
    """An administrator enters a certificate whose paper they have seen; it counts at once. Conflict as above."""
    return await _new(listing_id, content, CertificateState.CONFIRMED, "", by)


async def confirm_certificate(code: str, content: CertificateContent, *, by: int) -> Certificate:
    """Keeps what an administrator read on the paper, and lets it count. Conflict when it was ended."""
    async with transaction():
        certificate = await _locked(code)
        if certificate.state == CertificateState.ENDED:
            raise Conflict(say("Chứng nhận này đã bị chấm dứt. Hãy ghi một chứng nhận mới."))
        certificate.update_from_dict(asdict(content))
        certificate.state, certificate.returned_because = CertificateState.CONFIRMED, ""
        certificate.lapse_shown = False
        await certificate.save()
        await _done(certificate, "certificate_confirmed", by, stars=content.stars)
    return certificate


async def return_certificate(code: str, because: str, *, by: int) -> Certificate:
    """Sends a certificate that waits back to its seller, with the reason."""
    async with transaction():
        certificate = await _locked(code)
        if certificate.state != CertificateState.SUBMITTED:
            raise Conflict(say("Chứng nhận này không còn chờ xác nhận."))
        certificate.state, certificate.returned_because = CertificateState.RETURNED, because
        await certificate.save(update_fields=["state", "returned_because", "changed_at"])
        await _done(certificate, "certificate_returned", by, because=because)
    return certificate


async def end_certificate(code: str, because: str, *, by: int, today: date) -> Certificate:
    """Takes a certificate's stars away from today on, with the reason. Conflict when it does not count."""
    async with transaction():
        certificate = await _locked(code)
        if certificate.state != CertificateState.CONFIRMED:
            raise Conflict(say("Chứng nhận này không còn hiệu lực."))
        certificate.state, certificate.returned_because = CertificateState.ENDED, because
        certificate.ended_on = today
        await certificate.save(update_fields=["state", "returned_because", "ended_on", "changed_at"])
        await _done(certificate, "certificate_ended", by, because=because)
    return certificate


async def certificate_check(code: str, *, today: date) -> CertificateCheck:
    """What anybody may know of a certificate. NotFound when it was never confirmed."""
    tidy = tidy_code(code)
    known = (CertificateState.CONFIRMED, CertificateState.ENDED)
    row = (
        await Certificate.get_or_none(code=tidy, state__in=known).select_related("listing__vendor")
        if is_code(tidy, "S")
        else None
    )
    if row is None:
        raise NotFound(say("Không có chứng nhận nào mang mã này. Hãy xem lại từng chữ của mã."))
    listing, end = row.listing, last_day(row)
    is_public = listing.state == "on_sale" and listing.vendor.state == VendorState.CAN_SELL
    return CertificateCheck(
        code=row.code,
        product=row.product or listing.name,
        stars=row.stars,
        decision_no=row.decision_no,
        decided_on=row.decided_on,
        valid_to=row.valid_to,
        issuer_level=row.issuer_level,
        criteria=row.criteria,
        standing=standing_on(row, today),
        since=end + timedelta(days=1) if end else None,
        seller=listing.vendor.name,
        seller_url=seller_url(listing.vendor.slug) if listing.vendor.state == VendorState.CAN_SELL else "",
        goods_url=goods_url(listing.code) if is_public else "",
    )


async def certificates_of(vendor_ids: Sequence[int], page: int, *, today: date) -> Leaf[CertificateRow]:
    """A page of a seller's certificates, newest first; one query."""
    rows = Certificate.filter(listing__vendor_id__in=list(vendor_ids)).order_by("-id")
    return await _leaf(rows.select_related("listing__vendor"), page, today)


async def certificate_index(state: str, page: int, *, today: date) -> Leaf[CertificateRow]:
    """A page of all certificates in a state ("" all), what ends soonest first among those that count; one query."""
    rows = Certificate.filter(state=state) if state in list(CertificateState) else Certificate.all()
    order = ("valid_to", "id") if state == CertificateState.CONFIRMED else ("-id",)
    return await _leaf(rows.order_by(*order).select_related("listing__vendor"), page, today)


async def certificate_row(code: str, *, today: date) -> CertificateRow:
    """One certificate for an administrator. NotFound."""
    row = await Certificate.get_or_none(code=tidy_code(code)).select_related("listing__vendor")
    if row is None:
        raise NotFound()
    return CertificateRow(row, standing_on(row, today), last_day(row))


async def listing_to_certify(code: str) -> Listing | None:
    """The listing with this code, whatever its state, vendor fetched."""
    return await Listing.get_or_none(code=tidy_code(code)).select_related("vendor")


async def listings_to_certify(vendor_ids: Sequence[int]) -> list[tuple[str, str]]:
    """A seller's goods as (code, name) to choose from, by name."""
    rows = Listing.filter(vendor_id__in=list(vendor_ids)).order_by("slug", "id").limit(500)
    return [(str(code), str(name)) for code, name in await rows.values_list("code", "name")]


async def ready_document(raw: bytes, media: Media) -> str:
    """Keeps the photo of a paper, bare of all it tells besides its pixels; gives its key. Refusal at `document`."""
    try:
        if len(raw) > PHOTO_BYTES_MAX:
            raise BadPicture("bytes")
        small, _, _ = await to_thread.run_sync(shrink, raw, DOCUMENT_SIDE_PX, limiter=picture_limiter())
    except BadPicture as bad:
        raise Refusal(PHOTO_REASONS[bad.reason], field="document") from None
    key = f"papers/{hashlib.sha256(small).hexdigest()}.webp"
    await media.put(key, small)
    return key


async def certificate_document(
    code: str, media: Media, *, vendor_ids: Sequence[int], person_id: int, is_admin: bool
) -> bytes:
    """The photo of a paper for its seller or an administrator, whose look goes into the trail. NotFound otherwise."""
    row = await Certificate.get_or_none(code=tidy_code(code)).select_related("listing")
    if row is None or not row.document_key or not (is_admin or row.listing.vendor_id in vendor_ids):
        raise NotFound()
    content = await media.get(row.document_key)
    if content is None:
        raise NotFound()
    if is_admin:
        async with transaction():
            await record(person_id, "certificate_document_read", "certificate", row.code)
    return content


def last_day(certificate: Certificate) -> date | None:
    """The last day on which a certificate gave stars: its end, or the day before it was ended."""
    if certificate.ended_on is None:
        return certificate.valid_to
    before = certificate.ended_on - timedelta(days=1)
    return min(certificate.valid_to, before) if certificate.valid_to else before


def standing_on(certificate: Certificate, today: date) -> Standing:
    """What a certificate is worth on a day; one without dates is worth nothing."""
    if certificate.ended_on is not None and certificate.ended_on <= today:
        return Standing.ENDED
    begun = certificate.decided_on is not None and certificate.decided_on <= today
    return (
        Standing.VALID
        if begun and certificate.valid_to is not None and today <= certificate.valid_to
        else Standing.LAPSED
    )


async def _new(
    listing_id: int, content: CertificateContent, state: CertificateState, document_key: str, person_id: int
) -> Certificate:
    async with transaction():
        if not await locked(Listing, [listing_id]):
            raise NotFound()
        same = Certificate.filter(
            listing_id=listing_id,
            decision_no=content.decision_no,
            decided_on=content.decided_on,
            state__in=NEEDS_NO_PROOF,
        )
        if await same.exists():
            raise Conflict(say("Chứng nhận theo quyết định này đã có, không cần gửi lại."))
        certificate = await Certificate.create(
            code=new_code("S"),
            listing_id=listing_id,
            state=state,
            document_key=document_key,
            **asdict(content),
        )
        action = "listing_certified" if state == CertificateState.CONFIRMED else "certificate_submitted"
        await _done(certificate, action, person_id, stars=content.stars)
    return certificate


async def _locked(code: str) -> Certificate:
    found = await Certificate.filter(code=tidy_code(code)).values_list("id", flat=True)
    row = (await locked(Certificate, found)).get(found[0]) if found else None
    if row is None:
        raise NotFound()
    return row


async def _done(certificate: Certificate, action: str, person_id: int, **details: object) -> None:
    await record(person_id, action, "certificate", certificate.code, **details)
    await later("index_listing", certificate.listing_id)


async def _leaf(query, page: int, today: date) -> Leaf[CertificateRow]:  # type: ignore[no-untyped-def]
    leaf: Leaf[Certificate] = await leaf_of(query, page)
    rows = [CertificateRow(one, standing_on(one, today), last_day(one)) for one in leaf.items]
    return Leaf(rows, leaf.page, leaf.has_more)


STATE_NAMES: dict[str, Sentence] = {
    CertificateState.SUBMITTED: say("Chờ xác nhận"),
    CertificateState.CONFIRMED: say("Đã xác nhận"),
    CertificateState.RETURNED: say("Cần gửi lại"),
    CertificateState.ENDED: say("Đã chấm dứt"),
}
