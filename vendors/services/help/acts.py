"""Acts of a digital team's member on behalf of a household: each under a living consent, each written down for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from kit.db import locked, transaction
from kit.errors import Conflict, NotAllowed, Refusal
from kit.i18n import say
from vendors.help_rules import refusal_of
from vendors.models import (
    HelpAct,
    HelpActKind,
    HelpConsent,
    HelpedHousehold,
    HelpScope,
    Listing,
    Vendor,
)
from vendors.services.aboard import Newcomer, come_aboard
from vendors.services.help.consents import is_living
from vendors.services.help.households import Member, household_for, vendor_of
from vendors.services.identity.confirming import Told, draft_identity
from vendors.services.listings import (
    ListingContent,
    change_listing,
    own_listing,
    put_up_listing,
)
from vendors.services.photos import ReadyPhoto
from vendors.services.sendings import Sending, sent_before


@dataclass(frozen=True)
class Standing:
    """What a member stands on while acting: the household, its consent, its vendor once it has come aboard."""

    household: HelpedHousehold
    consent: HelpConsent
    vendor: Vendor | None

    @property
    def seller(self) -> Vendor:
        """The vendor. Raises Conflict when the household has not come aboard."""
        if self.vendor is None:
            raise Conflict(say("Hộ này chưa mở quầy. Hãy giúp mở quầy trước."))
        return self.vendor


async def standing_of(household_id: int, scope: HelpScope, *, member: Member, now: datetime) -> Standing:
    """The ground for an act, to show a page with; nothing is locked. NotAllowed with its sentence, NotFound."""
    household = await household_for(household_id, member)
    consent = await _newest(household_id, member, now)
    _refuse(consent, scope, household, now)
    assert consent is not None
    return Standing(household, consent, await vendor_of(household))


@asynccontextmanager
async def on_behalf(
    household_id: int, scope: HelpScope, *, member: Member, now: datetime
) -> AsyncIterator[Standing]:
    """One act in one transaction, its consent locked: a revocation comes wholly before it or wholly after.

    Raises NotAllowed with the sentence when there is no living consent for it, NotFound for another commune's.
    """
    household = await household_for(household_id, member)
    async with transaction():
        found = await _newest(household_id, member, now)
        consent = (await locked(HelpConsent, [found.id]))[found.id] if found else None
        _refuse(consent, scope, household, now)
        assert consent is not None
        yield Standing(household, consent, await vendor_of(household))


async def come_aboard_for(household_id: int, newcomer: Newcomer, *, member: Member, now: datetime) -> Vendor:
    """Opens the household's stall, its own person the seller; receiving accounts it adds itself. As come_aboard."""
    async with on_behalf(household_id, HelpScope.ABOARD, member=member, now=now) as standing:
        if newcomer.account or newcomer.phone != standing.consent.phone:
            raise Refusal(say("Tài khoản nhận tiền do chính chủ hộ thêm."), status=403)
        vendor = await come_aboard(_seller_person(standing), newcomer, now=now, by=member.person_id)
        await HelpedHousehold.filter(id=household_id).update(vendor_id=vendor.id)
        await _wrote(standing, HelpActKind.CAME_ABOARD, now, vendor.name)
    return vendor


async def put_up_for(
    household_id: int,
    content: ListingContent,
    photos: Sequence[ReadyPhoto],
    *,
    member: Member,
    now: datetime,
    sending: Sending | None = None,
) -> Listing:
    """Puts goods of the household up for approval, the same `sending` once. As put_up_listing."""
    async with on_behalf(household_id, HelpScope.LISTINGS, member=member, now=now) as standing:
        made = await sent_before(standing.seller.id, sending) if sending else None
        if made is not None:
            return made
        listing = await put_up_listing(
            standing.seller.id, content, photos, person_id=member.person_id, sending=sending
        )
        await _wrote(standing, HelpActKind.LISTING_PUT_UP, now, listing.name, listing.code)
    return listing


async def change_for(
    household_id: int,
    code: str,
    content: ListingContent,
    photos: Sequence[ReadyPhoto],
    *,
    member: Member,
    now: datetime,
    dropped_photo_ids: Sequence[int] = (),
    stock_seen: int | None = None,
) -> Listing:
    """Changes goods of the household. NotFound for goods of anybody else; else as change_listing."""
    async with on_behalf(household_id, HelpScope.LISTINGS, member=member, now=now) as standing:
        own = await own_listing(code, [standing.seller.id])
        listing = await change_listing(
            own.id,
            content,
            photos,
            person_id=member.person_id,
            dropped_photo_ids=dropped_photo_ids,
            stock_seen=stock_seen,
        )
        await _wrote(standing, HelpActKind.LISTING_CHANGED, now, listing.name, listing.code)
    return listing


async def read_identity_for(household_id: int, *, member: Member, now: datetime) -> Standing:
    """Notes that a member looks at the household's draft, whose personal number stays masked."""
    async with on_behalf(household_id, HelpScope.IDENTITY, member=member, now=now) as standing:
        assert standing.seller
        await _wrote(standing, HelpActKind.IDENTITY_READ, now)
    return standing


async def draft_identity_for(household_id: int, told: Told, *, member: Member, now: datetime) -> None:
    """Fills the draft of who the seller is; the seller adds the personal number and hands it in. As draft_identity."""
    async with on_behalf(household_id, HelpScope.IDENTITY, member=member, now=now) as standing:
        await draft_identity(standing.seller.id, told, person_id=member.person_id)
        await _wrote(standing, HelpActKind.IDENTITY_DRAFTED, now)


async def _newest(household_id: int, member: Member, now: datetime) -> HelpConsent | None:
    """The consent to judge by: the newest that lives, else the newest that was given."""
    rows = HelpConsent.filter(household_id=household_id, person_id=member.person_id, given_at__isnull=False)
    given = await rows.order_by("-id").limit(10)
    return next((one for one in given if is_living(one, now)), given[0] if given else None)


def _refuse(consent: HelpConsent | None, scope: HelpScope, household: HelpedHousehold, now: datetime) -> None:
    refusal = refusal_of(consent, scope, household.name, now)
    if refusal is not None:
        raise NotAllowed(refusal)


def _seller_person(standing: Standing) -> int:
    assert standing.consent.for_person_id is not None
    return int(standing.consent.for_person_id)


async def _wrote(
    standing: Standing, kind: HelpActKind, now: datetime, subject: str = "", code: str = ""
) -> None:
    await HelpAct.create(
        consent=standing.consent,
        person_id=standing.consent.person_id,
        for_person_id=_seller_person(standing),
        kind=kind,
        subject=subject,
        subject_code=code,
        at=now,
    )
