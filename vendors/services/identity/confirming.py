"""Who a seller is before the law: told by the seller, confirmed by VNeID or an administrator, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.services import Purpose, may, record, tell
from kit.dates import vietnam_date
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.identifiers import mask_personal_id
from kit.rules import rule_on
from kit.sealed import SealKeys
from vendors.identity_gate import Claim, GateAway, IdentityGate
from vendors.identity_states import MAY_WRITE, become
from vendors.models import (
    IdentityDocument,
    IdentityState,
    ReceivingAccount,
    Vendor,
    VendorIdentity,
    VendorState,
)
from vendors.services.indexed import index_goods_of

NEEDS_IDENTITY = "selling_needs_identity"
PAPERS_KEPT = "identity_documents_kept_days"
PAPERS_KEPT_DAYS = 30
UNDECIDED_KEPT = timedelta(days=180)
TEXT_GOOD_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Told:
    """What a seller says about itself, checked. `personal_number` "" leaves the one that is kept."""

    full_name: str
    birth_date: date | None = None
    personal_number: str = ""
    registered_name: str = ""
    tax_code: str = ""
    registration_no: str = ""
    address: str = ""
    doubts: tuple[str, ...] = ()


def number_place(vendor_id: int) -> str:
    """What a sealed personal number is bound to."""
    return f"vendor:{vendor_id}:personal_number"


async def submit_identity(
    vendor_id: int,
    told: Told,
    papers: Sequence[str],
    *,
    person_id: int,
    keys: SealKeys,
    now: datetime,
) -> VendorIdentity:
    """Keeps what a seller says and hands it to the administrators; `papers` are keys of kept documents.

    Conflict once it is verified; Refusal at `personal_number` when none was ever given.
    """
    async with transaction():
        vendor = await _locked(vendor_id)
        if vendor.identity_state not in MAY_WRITE:
            raise Conflict(say("Hồ sơ đã được xác minh. Muốn sửa, hãy gọi ban quản lý chợ."))
        row = await VendorIdentity.get_or_none(vendor_id=vendor_id)
        row = row or VendorIdentity(vendor=vendor)
        _write(row, vendor_id, told, keys, now)
        await row.save()
        for key in papers:
            await IdentityDocument.create(
                identity=row, key=key, created_at=now, delete_at=now + UNDECIDED_KEPT
            )
        become(vendor, IdentityState.SUBMITTED)
        await vendor.save(update_fields=["identity_state"])
        await record(person_id, "identity_submitted", "vendor", vendor_id, papers=len(papers))
    return row


async def draft_identity(vendor_id: int, told: Told, *, person_id: int) -> VendorIdentity:
    """Keeps what somebody writes down for a seller; nothing is handed in, and no personal number is taken.

    Conflict unless the seller has still to say or to mend it.
    """
    async with transaction():
        vendor = await _locked(vendor_id)
        if vendor.identity_state not in (IdentityState.DRAFT, IdentityState.RETURNED):
            raise Conflict(say("Hồ sơ đã gửi hoặc đã xác minh. Chỉ chủ quầy sửa được."))
        row = await VendorIdentity.get_or_none(vendor_id=vendor_id) or VendorIdentity(vendor=vendor)
        row.full_name, row.birth_date = told.full_name, told.birth_date
        row.registered_name, row.tax_code = told.registered_name, told.tax_code
        row.registration_no = told.registration_no or row.registration_no
        row.address = told.address
        await row.save()
        await record(person_id, "identity_drafted", "vendor", vendor_id)
    return row


async def verify_identity(
    vendor_id: int,
    *,
    by: int,
    how: str,
    now: datetime,
    reference: str = "",
    seen: datetime | None = None,
) -> Vendor:
    """Confirms an identity (`how`: documents or vneid); with an account to be paid on, the vendor can sell.

    Conflict when it does not wait, or was handed in anew after `seen`.
    """
    async with transaction():
        vendor, row = await _waiting(vendor_id, seen)
        become(vendor, IdentityState.VERIFIED)
        row.verified_by, row.reference, row.because = how, reference, ""
        await _decided(vendor, row, by, now)
        await _due_papers(row, now)
        await record(by, "identity_verified", "vendor", vendor_id, how=how, reference=reference)
        await follow_identity(vendor, now=now)
        await _tell(vendor, say("Hồ sơ người bán của cô bác đã được xác minh."), now)
    return vendor


async def return_identity(
    vendor_id: int, because: str, *, by: int, now: datetime, seen: datetime | None = None
) -> Vendor:
    """Sends an identity back with the reason, also one that was verified before."""
    async with transaction():
        vendor, row = await _waiting(vendor_id, seen)
        become(vendor, IdentityState.RETURNED)
        row.because, row.verified_by = because, ""
        await _decided(vendor, row, by, now)
        await record(by, "identity_returned", "vendor", vendor_id, because=because)
        await follow_identity(vendor, now=now)
        sentence = say(
            "Hồ sơ người bán cần khai lại: {because} Vào mục «Xác minh người bán».", because=because
        )
        await _tell(vendor, sentence, now)
    return vendor


async def suspend_identity(vendor_id: int, because: str, *, by: int, now: datetime) -> Vendor:
    """Stops a vendor from selling, with the reason; all its goods leave the market at once."""
    async with transaction():
        vendor = await _locked(vendor_id)
        become(vendor, IdentityState.SUSPENDED)
        await vendor.save(update_fields=["identity_state"])
        await VendorIdentity.filter(vendor_id=vendor_id).update(because=because)
        await record(by, "vendor_suspended", "vendor", vendor_id, because=because)
        await follow_identity(vendor, now=now)
        sentence = say(
            "Quầy hàng của cô bác tạm dừng bán: {because} Hãy gọi ban quản lý chợ.", because=because
        )
        await _tell(vendor, sentence, now)
    return vendor


async def resume_identity(vendor_id: int, *, by: int, now: datetime) -> Vendor:
    """Lets a suspended vendor go on: verified as before, else as one that has not said who it is."""
    async with transaction():
        vendor = await _locked(vendor_id)
        row = await VendorIdentity.get_or_none(vendor_id=vendor_id)
        verified = row is not None and bool(row.verified_by)
        become(vendor, IdentityState.VERIFIED if verified else IdentityState.DRAFT)
        await vendor.save(update_fields=["identity_state"])
        await record(by, "vendor_resumed", "vendor", vendor_id)
        await follow_identity(vendor, now=now)
        await _tell(vendor, say("Quầy hàng của cô bác được bán trở lại."), now)
    return vendor


async def ask_provider(
    vendor_id: int, gate: IdentityGate, *, person_id: int, keys: SealKeys, now: datetime
) -> Vendor:
    """Lets VNeID confirm what was handed in; the call lies outside any transaction.

    Refusal when the person has not agreed that it is sent there, when VNeID does not know the claim (in both cases
    it goes on waiting for an administrator), or when VNeID is away (503).
    """
    vendor = await Vendor.get_or_none(id=vendor_id)
    row = await VendorIdentity.get_or_none(vendor_id=vendor_id)
    if vendor is None or row is None or vendor.identity_state != IdentityState.SUBMITTED:
        raise Conflict(say("Hãy khai và gửi hồ sơ trước."))
    if not await may(person_id, Purpose.IDENTITY_CHECK, now=now):
        raise Refusal(
            say("Cần cô bác đồng ý cho gửi thông tin sang VNeID. Không đồng ý thì ban quản lý xem giấy tờ.")
        )
    number = keys.open(row.number_sealed, number_place(vendor_id)) if row.number_sealed else ""
    claim = Claim(row.full_name, row.birth_date, number, row.tax_code, row.registered_name)
    try:
        said = await gate.compare(claim)
    except GateAway:
        raise Refusal(say("VNeID chưa trả lời. Hãy thử lại sau ít phút."), status=503) from None
    if not said.is_confirmed:
        raise Refusal(said.why_not or say("VNeID chưa xác nhận. Ban quản lý chợ sẽ xem hồ sơ."))
    return await verify_identity(
        vendor_id, by=person_id, how="vneid", now=now, reference=said.reference, seen=row.submitted_at
    )


async def follow_identity(vendor: Vendor, *, now: datetime) -> VendorState:
    """Brings a locked vendor's right to sell in line with its identity; its goods follow in the search index."""
    if vendor.identity_state == IdentityState.VERIFIED and await ReceivingAccount.exists(
        vendor_id=vendor.id, is_default=True
    ):
        become(vendor, IdentityState.CAN_SELL)
    state = await selling_state(vendor.identity_state, vietnam_date(now))
    changed, vendor.state = vendor.state != state, state
    await vendor.save(update_fields=["identity_state", "state"])
    if changed:
        await index_goods_of([vendor.id])
    return state


async def selling_state(identity: IdentityState, today: date) -> VendorState:
    """Whether a vendor of this identity may sell today: until the law's day also one that is not verified."""
    if identity == IdentityState.SUSPENDED:
        return VendorState.SUSPENDED
    if identity == IdentityState.CAN_SELL or await rule_on(NEEDS_IDENTITY, today) != "yes":
        return VendorState.CAN_SELL
    return VendorState.DRAFT


async def account_was_added(vendor_id: int, *, now: datetime) -> None:
    """A verified vendor that only lacked an account may sell from now on. Needs the act's transaction()."""
    vendor = await _locked(vendor_id)
    if vendor.identity_state == IdentityState.VERIFIED:
        await follow_identity(vendor, now=now)


def _write(row: VendorIdentity, vendor_id: int, told: Told, keys: SealKeys, now: datetime) -> None:
    row.full_name, row.birth_date = told.full_name, told.birth_date
    row.registered_name, row.tax_code = told.registered_name, told.tax_code
    row.registration_no, row.address = told.registration_no, told.address
    row.doubts, row.submitted_at, row.because = list(told.doubts), now, ""
    row.verified_by, row.decided_at, row.decided_by = "", None, None
    if told.personal_number:
        row.number_sealed = keys.seal(told.personal_number, number_place(vendor_id))
        row.number_key_id = keys.current_id
        row.number_mark = keys.mark(told.personal_number)
        row.number_masked = mask_personal_id(told.personal_number)
    if not row.number_sealed and not row.tax_code:
        raise Refusal(say("Cần số định danh cá nhân, 12 chữ số."), field="personal_number")


async def _waiting(vendor_id: int, seen: datetime | None) -> tuple[Vendor, VendorIdentity]:
    vendor = await _locked(vendor_id)
    row = await VendorIdentity.get_or_none(vendor_id=vendor_id)
    if row is None:
        raise NotFound(say("Người bán này chưa khai hồ sơ."))
    if seen is not None and row.submitted_at != seen:
        raise Conflict(say("Hồ sơ vừa được khai lại. Hãy xem lại rồi duyệt."))
    return vendor, row


async def _decided(vendor: Vendor, row: VendorIdentity, by: int, now: datetime) -> None:
    row.decided_at, row.decided_by = now, by
    await row.save()
    await vendor.save(update_fields=["identity_state"])


async def _due_papers(row: VendorIdentity, now: datetime) -> None:
    days = int(await rule_on(PAPERS_KEPT, vietnam_date(now)) or PAPERS_KEPT_DAYS)
    papers = IdentityDocument.filter(identity_id=row.id, deleted_at__isnull=True)
    await papers.update(delete_at=now + timedelta(days=days))


async def _locked(vendor_id: int) -> Vendor:
    vendor = (await locked(Vendor, [vendor_id])).get(vendor_id)
    if vendor is None:
        raise NotFound()
    return vendor


async def _tell(vendor: Vendor, what: Sentence, now: datetime) -> None:
    words = say("Chợ 4.0, quầy {name}: {what}", name=vendor.name, what=what)
    await tell(vendor.phone, words, now=now, expires_at=now + TEXT_GOOD_FOR)
