"""Who sellers are before the law: checked, sealed, masked, decided, and needed from a dated day on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, TextMessage
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, Refusal
from kit.media import Media
from kit.models import DatedRule, Job
from kit.parts import Parts
from kit.roles import Role
from kit.rules import load_rules, rule_on
from kit.sealed import CannotOpen, SealKeys, seal_keys
from tests.factories import HOA, LAN, listing, photo_bytes, vendor
from tests.vendors.conftest import Communes
from tests.vendors.test_aboard import GOOD as ABOARD
from vendors.identity_forms import HouseholdForm, OrganisationForm, PersonForm
from vendors.models import (
    IdentityDocument,
    IdentityState,
    ReceivingAccount,
    Vendor,
    VendorIdentity,
    VendorKind,
    VendorState,
)
from vendors.services.identity.confirming import (
    Told,
    account_was_added,
    resume_identity,
    return_identity,
    submit_identity,
    suspend_identity,
    verify_identity,
)
from vendors.services.identity.desk import identities, identity_view
from vendors.services.identity.rounds import seal_anew, stop_unverified
from vendors.tasks import delete_due_papers, seal_numbers_anew, stop_unverified_sellers

NUMBER = "019165001234"  # Thái Nguyên, a woman born in 1965
TODAY = date(2026, 11, 22)
KEYS = SealKeys(["the first data key, long enough to use"])
TOLD = Told("Nguyễn Thị Hoa", date(1965, 11, 21), NUMBER)
LAW_DAY = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # midnight in Vietnam


@pytest.fixture
async def grower(db: None) -> Vendor:
    """Cô Hoa, who sells what she grows."""
    await load_rules()
    return await vendor("Na cô Hoa", "na-co-hoa", kind=VendorKind.GROWER, phone=HOA)


async def handed_in(seller: Vendor, clock: StoppedClock, told: Told = TOLD) -> VendorIdentity:
    """An identity that waits."""
    return await submit_identity(seller.id, told, [], person_id=1, keys=KEYS, now=clock.now())


async def states(seller: Vendor) -> tuple[IdentityState, VendorState]:
    """Where the identity and the right to sell stand."""
    row = await Vendor.get(id=seller.id)
    return row.identity_state, row.state


# --- what is typed ---


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"personal_number": ""}, "personal_number", "Cần số định danh cá nhân"),
        ({"personal_number": "01916500123"}, "personal_number", "đúng 12 chữ số. Bạn vừa nhập 11."),
        ({"personal_number": "090123456"}, "personal_number", "Số chứng minh 9 chữ số đã hết hiệu lực"),
        ({"personal_number": "01916500123x"}, "personal_number", "chỉ có chữ số"),
        ({"personal_number": "019190001234"}, "personal_number", "không khớp với năm sinh"),
        ({"personal_number": "019365001234"}, "personal_number", "năm sinh chưa tới"),
        ({"birth_date": "31/02/1965"}, "birth_date", "Ngày viết như 21/11/1965."),
        ({"birth_date": "21/11/1865"}, "birth_date", "từ 1900"),
        ({"birth_date": "21/11/2030"}, "birth_date", "sau hôm nay"),
        ({"full_name": ""}, "full_name", "Cần họ tên"),
    ],
)
def test_a_wrong_person_is_told_where(change: dict[str, str], field: str, sentence: str) -> None:
    typed = {"full_name": "Nguyễn Thị Hoa", "birth_date": "21/11/1965", "personal_number": NUMBER}
    form = PersonForm.read({**typed, **change})
    assert form.told(TODAY, has_number=False) is None
    assert sentence in str(form.errors[field])


def test_an_unknown_province_is_a_doubt_and_no_refusal() -> None:
    form = PersonForm.read(
        {"full_name": "Nguyễn Văn An", "birth_date": "1/3/1990", "personal_number": "003 090 001 234"}
    )
    told = form.told(TODAY, has_number=False)
    assert told is not None and told.personal_number == "003090001234"
    assert told.doubts == ("personal_id_province",)


def test_a_household_says_its_person_its_name_and_its_place() -> None:
    typed = {"full_name": "Nguyễn Thị Hoa", "birth_date": "21/11/1965", "personal_number": NUMBER}
    bare = HouseholdForm.read(typed)
    assert bare.told(TODAY, has_number=False) is None and set(bare.errors) == {"registered_name", "address"}
    told = HouseholdForm.read({**typed, "registered_name": "HKD Hoa", "address": "Xóm Soi Vàng"}).told(
        TODAY, has_number=False
    )
    assert told is not None and (told.registered_name, told.personal_number) == ("HKD Hoa", NUMBER)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("0100233480", "gõ nhầm"),
        ("0100000000", "Không có mã số thuế nào như vậy"),
        ("0314409058-000", "không thể là 000"),
        ("12345", "Bạn vừa nhập 5."),
        (NUMBER, "Bạn vừa nhập 12."),
        ("01O0233488", "chỉ có chữ số"),
    ],
)
def test_a_wrong_tax_code_says_why(code: str, sentence: str) -> None:
    form = OrganisationForm.read({**ORGANISATION, "tax_code": code})
    assert form.told(TODAY, has_number=False) is None
    assert sentence in str(form.errors["tax_code"])


ORGANISATION = {
    "registered_name": "HTX chè Hảo Đạt",
    "tax_code": "0314409058-002",
    "registration_no": "4604000012",
    "address": "Xóm Nam Đồng, xã Tân Cương",
    "full_name": "Đào Thanh Hảo",
}


def test_a_branch_code_is_kept_in_thirteen_digits() -> None:
    told = OrganisationForm.read(ORGANISATION).told(TODAY, has_number=False)
    assert told is not None and told.tax_code == "0314409058002"


# --- sealed, masked, logged ---


async def test_the_database_holds_no_personal_number(grower: Vendor, clock: StoppedClock) -> None:
    row = await handed_in(grower, clock)
    kept = await VendorIdentity.filter(id=row.id).values()
    assert NUMBER not in repr(kept) and NUMBER[:9] not in repr(kept)
    assert KEYS.open(row.number_sealed, f"vendor:{grower.id}:personal_number") == NUMBER
    with pytest.raises(CannotOpen):
        KEYS.open(row.number_sealed, "vendor:0:personal_number")
    assert NUMBER not in repr(await AuditEntry.all().values())


async def test_a_new_key_takes_over_and_the_old_one_can_go(grower: Vendor, clock: StoppedClock) -> None:
    await handed_in(grower, clock)
    both = SealKeys(["the second data key, long enough too", "the first data key, long enough to use"])
    assert await seal_anew(both) == 1
    assert await seal_anew(both) == 0
    row = await VendorIdentity.get(vendor_id=grower.id)
    alone = SealKeys(["the second data key, long enough too"])
    assert row.number_key_id == alone.current_id
    assert alone.open(row.number_sealed, f"vendor:{grower.id}:personal_number") == NUMBER
    with pytest.raises(CannotOpen, match="DATA_KEYS_OLD"):
        KEYS.open(row.number_sealed, f"vendor:{grower.id}:personal_number")


async def test_two_sellers_with_one_number_are_seen(grower: Vendor, clock: StoppedClock) -> None:
    await handed_in(grower, clock)
    other = await vendor("Chè Lan", "che-lan", kind=VendorKind.GROWER, phone=LAN)
    await handed_in(other, clock)
    assert (await identity_view(other.id)).same_as == ("Na cô Hoa",)


# --- decisions ---


async def test_verified_with_an_account_can_sell_and_is_told(grower: Vendor, clock: StoppedClock) -> None:
    row = await handed_in(grower, clock)
    assert await states(grower) == (IdentityState.SUBMITTED, VendorState.CAN_SELL)
    await verify_identity(grower.id, by=9, how="documents", now=clock.now(), seen=row.submitted_at)
    assert await states(grower) == (IdentityState.CAN_SELL, VendorState.CAN_SELL)
    assert await TextMessage.exists(phone=HOA, words__contains="đã được xác minh")
    assert await AuditEntry.exists(action="identity_verified", person_id=9)
    with pytest.raises(Conflict):
        await handed_in(grower, clock)


async def test_verified_without_an_account_waits_for_one(grower: Vendor, clock: StoppedClock) -> None:
    await ReceivingAccount.filter(vendor_id=grower.id).delete()
    await handed_in(grower, clock)
    await verify_identity(grower.id, by=9, how="documents", now=clock.now())
    assert (await states(grower))[0] == IdentityState.VERIFIED
    await ReceivingAccount.create(vendor=grower, bin="970436", number="1234567", holder="A", is_default=True)
    async with transaction():
        await account_was_added(grower.id, now=clock.now())
    assert (await states(grower))[0] == IdentityState.CAN_SELL


async def test_what_was_handed_in_anew_is_not_verified_unseen(grower: Vendor, clock: StoppedClock) -> None:
    first = await handed_in(grower, clock)
    clock.forward(minutes=1)
    await handed_in(grower, clock)
    with pytest.raises(Conflict, match="vừa được khai lại"):
        await verify_identity(grower.id, by=9, how="documents", now=clock.now(), seen=first.submitted_at)


async def test_returned_says_why_and_keeps_the_number(grower: Vendor, clock: StoppedClock) -> None:
    await handed_in(grower, clock)
    await return_identity(grower.id, "Họ tên thiếu chữ đệm.", by=9, now=clock.now())
    assert (await identity_view(grower.id)).because == "Họ tên thiếu chữ đệm."
    assert await TextMessage.exists(phone=HOA, words__contains="thiếu chữ đệm")
    again = await handed_in(grower, clock, Told("Nguyễn Thị Thanh Hoa", date(1965, 11, 21)))
    assert again.number_masked == "*** *** *** 234" and again.because == ""


async def test_without_any_number_nothing_is_handed_in(grower: Vendor, clock: StoppedClock) -> None:
    with pytest.raises(Refusal, match="Cần số định danh"):
        await handed_in(grower, clock, Told("Nguyễn Thị Hoa", date(1965, 11, 21)))
    assert not await VendorIdentity.exists()


async def test_a_suspended_vendor_leaves_the_market_and_comes_back(
    grower: Vendor, clock: StoppedClock
) -> None:
    goods = await listing(grower)
    await handed_in(grower, clock)
    await verify_identity(grower.id, by=9, how="documents", now=clock.now())
    await suspend_identity(grower.id, "Bán hàng giả.", by=9, now=clock.now())
    assert await states(grower) == (IdentityState.SUSPENDED, VendorState.SUSPENDED)
    assert await Job.filter(name="index_listing", subject_id=goods.id).count() == 1
    await resume_identity(grower.id, by=9, now=clock.now())
    assert await states(grower) == (IdentityState.CAN_SELL, VendorState.CAN_SELL)
    with pytest.raises(Conflict):
        await resume_identity(grower.id, by=9, now=clock.now())


# --- the law's day ---


async def test_before_the_day_sellers_go_on_and_after_it_only_verified_ones(
    grower: Vendor, clock: StoppedClock, parts: Parts
) -> None:
    verified = await vendor("Chè Lan", "che-lan", kind=VendorKind.GROWER, phone=LAN)
    await handed_in(verified, clock, Told("Lan", date(1990, 3, 1), "019190001234"))
    await verify_identity(verified.id, by=9, how="documents", now=clock.now())
    goods = await listing(grower)
    clock.at = LAW_DAY - timedelta(seconds=1)
    await stop_unverified_sellers(parts)
    assert (await states(grower))[1] == VendorState.CAN_SELL
    clock.at = LAW_DAY
    assert await stop_unverified(now=clock.now()) == 1
    assert await stop_unverified(now=clock.now()) == 0
    assert (await states(grower))[1] == VendorState.DRAFT
    assert (await states(verified))[1] == VendorState.CAN_SELL
    assert await Job.filter(name="index_listing", subject_id=goods.id).exists()
    assert await TextMessage.exists(phone=HOA, words__contains="luật yêu cầu xác minh")
    await handed_in(grower, clock)
    await verify_identity(grower.id, by=9, how="documents", now=clock.now())
    assert await states(grower) == (IdentityState.CAN_SELL, VendorState.CAN_SELL)


async def test_who_comes_aboard_after_the_day_is_verified_first(
    db: None, communes: Communes, client: Any, sign_in_as: Any, clock: StoppedClock
) -> None:
    from tests.factories import bank, market

    await load_rules()
    await market()
    await bank()
    clock.at = LAW_DAY
    await sign_in_as(client, HOA)
    assert (await client.submit("/sell/aboard", ABOARD)).status_code == 303
    made = await Vendor.get(phone=HOA)
    assert made.state == VendorState.DRAFT
    page = await client.get("/sell")
    assert "Từ 01/01/2027" in page.text and "/sell/identity" in page.text


async def test_the_day_stands_in_a_table(db: None) -> None:
    assert await load_rules() >= 2
    assert await load_rules() == 0
    await DatedRule.filter(name="selling_needs_identity").update(valid_from=date(2027, 7, 1))
    assert await rule_on("selling_needs_identity", date(2027, 1, 1)) is None
    assert await rule_on("selling_needs_identity", date(2027, 7, 1)) == "yes"


# --- pages ---


PERSON = {"full_name": "Nguyễn Thị Hoa", "birth_date": "21/11/1965", "personal_number": NUMBER}


@pytest.fixture
async def hoa(grower: Vendor, client: Any, sign_in_as: Any) -> Any:
    """Cô Hoa's browser."""
    await sign_in_as(client, HOA, (Role.VENDOR, str(grower.id)))
    return client


async def test_a_seller_hands_in_with_papers_and_sees_only_masks(
    hoa: Any, grower: Vendor, parts: Parts
) -> None:
    assert "Số định danh cá nhân" in (await hoa.get("/sell/identity")).text
    files = [("papers", ("the.jpg", photo_bytes(), "image/jpeg"))]
    answer = await hoa.submit("/sell/identity", PERSON, files=files)
    assert answer.headers["location"] == "/sell/identity?told=sent"
    page = await hoa.get("/sell/identity?told=sent")
    assert "*** *** *** 234" in page.text and NUMBER not in page.text and "VNeID ở đây là giả" in page.text
    paper = await IdentityDocument.get()
    kept = await parts[Media].get(paper.key)
    assert kept is not None and b"WEBP" not in kept, "papers are sealed"
    for guess in (paper.key, paper.key.removeprefix("identity/")):
        assert (await hoa.get(f"/media/{guess}")).status_code == 404
    shown = await hoa.get(f"/sell/identity/papers/{paper.id}")
    assert shown.headers["content-type"] == "image/webp" and shown.headers["cache-control"] == "no-store"
    bare = seal_keys(parts[_settings()]).open_file(kept, paper.key)
    assert shown.content != bare, "the viewer's name lies over it"
    assert await AuditEntry.exists(action="identity_paper_seen")


def _settings() -> type:
    from kit.settings import Settings

    return Settings


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("papers", ("x.jpg", b"<html>", "image/jpeg"))], "Ảnh thứ 1"),
        ([("papers", (f"{n}.jpg", b"x", "image/jpeg")) for n in range(5)], ""),
    ],
)
async def test_bad_papers_are_refused_and_nothing_is_kept(
    hoa: Any, grower: Vendor, files: Any, sentence: str
) -> None:
    answer = await hoa.submit("/sell/identity", PERSON, files=files)
    assert answer.status_code in (400, 413, 422) and sentence in answer.text
    assert not await VendorIdentity.exists() and not await IdentityDocument.exists()


async def test_a_mistake_keeps_what_was_typed(hoa: Any) -> None:
    answer = await hoa.submit("/sell/identity", {**PERSON, "birth_date": "1.1.65"})
    assert answer.status_code == 422 and "Nguyễn Thị Hoa" in answer.text and "Ngày viết như" in answer.text


async def test_an_organisation_is_asked_for_its_own(client: Any, sign_in_as: Any, db: None) -> None:
    seller = await vendor()
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    page = await client.get("/sell/identity")
    assert "Mã số thuế" in page.text and "Số định danh cá nhân" not in page.text
    assert (await client.submit("/sell/identity", ORGANISATION)).status_code == 303
    assert "0314409058-002" in (await client.get("/sell/identity")).text


@pytest.mark.parametrize(
    ("number", "status", "state"),
    [
        (NUMBER, 303, IdentityState.CAN_SELL),
        ("019165001000", 422, IdentityState.SUBMITTED),
        ("019165001999", 503, IdentityState.SUBMITTED),
    ],
)
async def test_the_pretend_vneid_confirms_denies_or_is_away(
    hoa: Any, grower: Vendor, number: str, status: int, state: IdentityState
) -> None:
    assert (await hoa.submit("/sell/identity/vneid")).status_code == 409
    await hoa.submit("/sell/identity", {**PERSON, "personal_number": number})
    refused = await hoa.submit("/sell/identity/vneid")
    assert refused.status_code == 422 and "đồng ý" in refused.text and 'name="agree"' in refused.text
    assert "checked" not in refused.text
    agreed = {"agree": "yes", "version": "1"}
    assert (await hoa.submit("/sell/identity/vneid", agreed)).status_code == status
    assert (await states(grower))[0] == state


async def test_somebody_elses_papers_are_not_to_be_found(hoa: Any, grower: Vendor) -> None:
    other = await vendor("Chè Lan", "che-lan", kind=VendorKind.GROWER, phone=LAN)
    row = await VendorIdentity.create(
        vendor=other, full_name="Lan", number_sealed="x", submitted_at=datetime.now(UTC)
    )
    now = datetime.now(UTC)
    paper = await IdentityDocument.create(identity=row, key="identity/x", created_at=now, delete_at=now)
    assert (await hoa.get(f"/sell/identity/papers/{paper.id}")).status_code == 404
    assert (await hoa.get(f"/admin/identities/{other.id}/papers/{paper.id}")).status_code == 403


@pytest.fixture
async def admin(hoa: Any, grower: Vendor, browser: Any, sign_in_as: Any) -> Any:
    """An administrator's browser; Cô Hoa has handed in with a paper."""
    await hoa.submit("/sell/identity", PERSON, files=[("papers", ("a.jpg", photo_bytes(), "image/jpeg"))])
    desk = browser()
    await sign_in_as(desk, LAN, Role.ADMIN)
    return desk


async def test_an_administrator_sees_masks_and_the_number_only_with_a_reason(
    admin: Any, grower: Vendor
) -> None:
    assert "Na cô Hoa" in (await admin.get("/admin/identities")).text
    page = await admin.get(f"/admin/identities/{grower.id}")
    assert "*** *** *** 234" in page.text and NUMBER not in page.text
    without = await admin.submit(f"/admin/identities/{grower.id}/number", {"because": ""})
    assert without.status_code == 422 and NUMBER not in without.text
    assert not await AuditEntry.exists(action="personal_number_shown")
    shown = await admin.submit(f"/admin/identities/{grower.id}/number", {"because": "So với thẻ căn cước"})
    assert NUMBER in shown.text and shown.headers["cache-control"] == "no-store"
    entry = await AuditEntry.get(action="personal_number_shown")
    assert entry.details == {"reason": "So với thẻ căn cước"} and entry.subject_id == str(grower.id)
    paper = await IdentityDocument.get()
    assert (await admin.get(f"/admin/identities/{grower.id}/papers/{paper.id}")).status_code == 200
    assert (await admin.get(f"/admin/identities/{grower.id + 9}/papers/{paper.id}")).status_code == 404


async def test_an_administrator_verifies_returns_suspends_and_resumes(
    admin: Any, grower: Vendor, clock: StoppedClock, parts: Parts
) -> None:
    place = f"/admin/identities/{grower.id}"
    assert (await admin.submit(place + "/return", {"because": "x"})).status_code == 422
    assert (await admin.submit(place + "/verification")).headers["location"].endswith("told=verified")
    assert (await admin.submit(place + "/verification")).status_code == 409
    paper = await IdentityDocument.get()
    assert paper.delete_at == clock.now() + timedelta(days=30)
    assert (await admin.submit(place + "/suspension", {"because": "Bán hàng giả."})).status_code == 303
    assert "Cho bán trở lại" in (await admin.get(place)).text
    assert (await admin.submit(place + "/resumption")).status_code == 303
    assert (await admin.submit(place + "/return", {"because": "Tên đã đổi."})).status_code == 303
    assert (await states(grower))[0] == IdentityState.RETURNED
    clock.forward(days=30)
    await delete_due_papers(parts)
    assert await parts[Media].get(paper.key) is None
    assert (await IdentityDocument.get()).deleted_at == clock.now()


async def test_nobody_verifies_themselves(hoa: Any, grower: Vendor, sign_in_as: Any) -> None:
    await hoa.submit("/sell/identity", PERSON)
    await sign_in_as(hoa, HOA, Role.ADMIN)
    assert (await hoa.submit(f"/admin/identities/{grower.id}/verification")).status_code == 403
    assert (await states(grower))[0] == IdentityState.SUBMITTED


async def test_the_queue_is_read_in_few_queries(admin: Any, queries: Any) -> None:
    for number in range(6):
        await vendor(f"Chè {number}", f"che-{number}", phone=f"+8491300000{number}")
    with queries.at_most(4):
        await admin.get("/admin/identities?state=draft")
    assert len((await identities(IdentityState.DRAFT, 1)).items) == 6


async def test_the_round_that_seals_anew_runs(grower: Vendor, parts: Parts) -> None:
    await seal_numbers_anew(parts)
