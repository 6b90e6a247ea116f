"""Being helped: a household's consent by its own code or signature, what it lets a member do, and how it stops."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from accounts.models import Grant, Person, TextMessage
from accounts.services import request_code
from kit.clock import StoppedClock
from kit.errors import Refusal
from kit.media import Media
from kit.parts import Parts
from kit.roles import Role
from tests.factories import (
    HOA,
    LA_HIEN,
    LAN,
    SECRET,
    TAN_CUONG,
    TUAN,
    code_sent_to,
    listing,
    vendor,
    wrong_code,
)
from tests.vendors.conftest import Communes
from vendors.help_rules import refusal_of
from vendors.models import (
    HelpAct,
    HelpConsent,
    HelpedHousehold,
    HelpScope,
    HouseholdSource,
    IdentityState,
    Listing,
    ReceivingAccount,
    Vendor,
    VendorIdentity,
)
from vendors.services.help.households import NewHousehold, add_household

ALL = {"scope_aboard": "yes", "scope_listings": "yes", "scope_identity": "yes", "days": "30"}
ABOARD = {
    "kind": "grower",
    "name": "Na cô Hoa",
    "contact_name": "Nguyễn Thị Hoa",
    "commune": "Xã La Hiên, Thái Nguyên",
    "commune_code": LA_HIEN,
    "line": "Xóm Cây Bòng",
    "place": "home",
}
GOODS = {
    "name": "Na La Hiên",
    "kind": "fruit",
    "price_dong": "60.000",
    "unit": "kg",
    "stock": "20",
    "commune": "Xã La Hiên, Thái Nguyên",
    "commune_code": LA_HIEN,
}


@dataclass
class Help:
    """A member of La Hiên's team with a browser, and the household of Hoa."""

    lan: Any
    household: int
    clock: StoppedClock

    @property
    def place(self) -> str:
        return f"/team/households/{self.household}"

    @property
    def acting(self) -> str:
        return f"/team/for/{self.household}"

    async def ask(self, **changes: str) -> str:
        """Asks for the consent; the address of the screen that is handed over."""
        answer = await self.lan.submit(self.place + "/consent", {**ALL, **changes})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"]).removeprefix("http://test")

    async def agreed(self, **changes: str) -> HelpConsent:
        """The household types its own code."""
        screen = await self.ask(**changes)
        answer = await self.lan.submit(screen, {"code": await code_sent_to(HOA)})
        assert answer.status_code == 303, answer.text
        newest = await HelpConsent.filter(household_id=self.household).order_by("-id").first()
        assert newest is not None
        return newest

    async def aboard(self) -> Vendor:
        """Opens the stall for it."""
        answer = await self.lan.submit(self.acting + "/aboard", ABOARD)
        assert answer.status_code == 303, answer.text
        return await Vendor.get(phone=HOA)


@pytest.fixture
async def help_(communes: Communes, client: Any, sign_in_as: Callable[..., Any], clock: StoppedClock) -> Help:
    member = await sign_in_as(client, LAN, (Role.TEAM, LA_HIEN))
    await Person.filter(id=member.id).update(name="Em Lan")
    new = NewHousehold("Hộ cô Hoa", HOA, communes.la_hien, "Xóm Cây Bòng")
    made = await add_household(new, HouseholdSource.TEAM, by=member.id, now=clock.now())
    return Help(client, made, clock)


def signature(written: bool = True) -> bytes:
    """A PNG as the signing box makes it."""
    picture, out = Image.new("RGB", (720, 320), "white"), io.BytesIO()
    if written:
        ImageDraw.Draw(picture).line([(60, 200), (300, 80), (420, 260), (660, 120)], fill="black", width=6)
    picture.save(out, "PNG")
    return out.getvalue()


# --- consent by code ---


async def test_the_text_says_who_asks_for_what_until_when_and_the_member_never_sees_the_code(
    help_: Help,
) -> None:
    screen = await help_.ask(days="7")
    text = await TextMessage.filter(phone=HOA).order_by("-id").first()
    assert text is not None
    assert "Em Lan (0973 111 222, tổ công nghệ số)" in text.words
    assert "mở quầy hàng, đăng và sửa hàng, điền nháp hồ sơ người bán" in text.words
    consent = await HelpConsent.get(household_id=help_.household)
    assert f"đến hết {(consent.ends_at + timedelta(hours=7)):%d/%m/%Y}" in text.words
    code = await code_sent_to(HOA)
    for path in (screen, help_.place, "/team", help_.place + "/consent"):
        page = await help_.lan.get(path)
        assert page.status_code == 200 and code not in page.text
    wrong = await help_.lan.submit(screen, {"code": wrong_code(code)})
    assert wrong.status_code == 422 and "Mã chưa đúng" in wrong.text
    assert wrong_code(code) not in wrong.text and code not in wrong.text
    assert (await HelpConsent.get(id=consent.id)).given_at is None


async def test_a_consent_has_its_purpose_text_evidence_scope_and_end(help_: Help) -> None:
    consent = await help_.agreed()
    person = await Person.get(phone=HOA)
    assert (consent.purpose, consent.text_version, consent.way) == (
        "assisted_onboarding",
        "2026-11",
        "code",
    )
    assert consent.scopes == ["aboard", "listings", "identity"]
    assert consent.for_person_id == person.id and consent.given_at == help_.clock.now()
    assert consent.ends_at - consent.given_at > timedelta(days=30)
    told = await TextMessage.filter(phone=HOA).order_by("-id").first()
    assert told is not None and "được làm giúp cô bác" in told.words and "http://test/h/" in told.words


async def test_nothing_is_ticked_beforehand_and_something_must_be(help_: Help) -> None:
    page = await help_.lan.get(help_.place + "/consent")
    boxes = re.findall(r'<input type="checkbox"[^>]*name="scope_[^>]*>', page.text)
    assert len(boxes) == 3 and not [one for one in boxes if "checked" in one]
    answer = await help_.lan.submit(help_.place + "/consent", {"days": "30"})
    assert answer.status_code == 422 and "chọn ít nhất một việc" in answer.text
    assert not await HelpConsent.exists() and not await TextMessage.exists()


async def test_codes_of_another_purpose_or_another_consent_are_wrong(help_: Help) -> None:
    await request_code(HOA, address="", now=help_.clock.now(), secret=SECRET)
    sign_in_code = await code_sent_to(HOA)
    help_.clock.forward(seconds=31)
    first = await help_.ask()
    first_code = await code_sent_to(HOA)
    if sign_in_code != first_code:
        assert (await help_.lan.submit(first, {"code": sign_in_code})).status_code == 422
    help_.clock.forward(seconds=31)
    second = await help_.ask()
    assert (await help_.lan.submit(second, {"code": first_code})).status_code == 422
    assert not await HelpConsent.filter(given_at__isnull=False).exists()


async def test_an_old_code_gives_nothing_and_an_old_request_is_gone(help_: Help) -> None:
    screen = await help_.ask()
    code = await code_sent_to(HOA)
    help_.clock.forward(minutes=6)
    assert "không còn dùng được" in (await help_.lan.submit(screen, {"code": code})).text
    help_.clock.forward(hours=1)
    assert (await help_.lan.submit(screen, {"code": code})).status_code == 404


async def test_a_new_code_makes_the_old_one_void_and_is_not_sent_at_once(help_: Help) -> None:
    screen = await help_.ask()
    old = await code_sent_to(HOA)
    assert (await help_.lan.submit(screen + "/again")).status_code == 429
    help_.clock.forward(seconds=31)
    assert (await help_.lan.submit(screen + "/again")).status_code == 303
    new = await code_sent_to(HOA)
    if new != old:
        assert (await help_.lan.submit(screen, {"code": old})).status_code == 422
    assert (await help_.lan.submit(screen, {"code": new})).status_code == 303


async def test_another_member_can_neither_confirm_nor_use_it(
    help_: Help, browser: Callable[[], Any], sign_in_as: Callable[..., Any]
) -> None:
    screen = await help_.ask()
    code = await code_sent_to(HOA)
    async with browser() as other:
        await sign_in_as(other, TUAN, (Role.TEAM, LA_HIEN))
        assert (await other.submit(screen, {"code": code})).status_code == 404
        await help_.lan.submit(screen, {"code": code})
        refused = await other.submit(help_.acting + "/aboard", ABOARD)
    assert refused.status_code == 403 and "chưa đồng ý để bạn làm giúp" in refused.text


# --- consent by signature ---


async def test_a_signature_with_a_witness_is_kept_sealed_and_shown_with_a_watermark(
    help_: Help,
    parts: Parts,
    browser: Callable[[], Any],
    sign_in_as: Callable[..., Any],
) -> None:
    picture = signature()
    values = {**ALL, "witness_name": "Trần Văn Tuấn", "witness_phone": "0987654321"}
    answer = await help_.lan.submit(
        help_.place + "/signature", values, files={"signature": ("s.png", picture, "image/png")}
    )
    assert answer.status_code == 303, answer.text
    consent = await HelpConsent.get(household_id=help_.household)
    assert (consent.way, consent.witness_name, consent.witness_phone) == ("signature", "Trần Văn Tuấn", TUAN)
    kept = await parts[Media].get(consent.picture_key)
    assert kept is not None and b"WEBP" not in kept[:64]
    await help_.aboard()
    place = f"/me/helped/{consent.id}/signature"
    assert (await help_.lan.get(place)).status_code == 404
    async with browser() as hoa:
        await sign_in_as(hoa, HOA)
        seen = await hoa.get(place)
        assert seen.headers["content-type"] == "image/webp" and seen.headers["cache-control"] == "no-store"
    async with browser() as admin:
        await sign_in_as(admin, "+84912000009", Role.ADMIN)
        assert (await admin.get(place)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "file", "field", "sentence"),
    [
        ({"witness_name": ""}, True, "witness_name", "Cần họ tên người làm chứng"),
        ({"witness_phone": "0912345678"}, True, "witness_phone", "không phải chủ hộ"),
        ({"witness_phone": "0973111222"}, True, "witness_phone", "không phải chủ hộ hay chính bạn"),
        ({}, None, "signature", "Mời chủ hộ ký tên vào ô"),
        ({}, False, "signature", "Ô ký còn trống"),
    ],
)
async def test_a_signature_without_all_it_needs_keeps_nothing(
    help_: Help, changes: dict[str, str], file: bool | None, field: str, sentence: str
) -> None:
    values = {**ALL, "witness_name": "Trần Văn Tuấn", "witness_phone": "0987654321", **changes}
    files = {} if file is None else {"signature": ("s.png", signature(file), "image/png")}
    answer = await help_.lan.submit(help_.place + "/signature", values, files=files)
    assert answer.status_code == 422 and sentence in answer.text
    assert f'id="f-{field}-error"' in answer.text
    assert not await HelpConsent.exists()


# --- acting for ---


async def test_a_household_comes_aboard_lists_and_drafts_with_help_and_sees_each_act(
    help_: Help, browser: Callable[[], Any], sign_in_as: Callable[..., Any]
) -> None:
    await help_.agreed()
    page = await help_.lan.get(help_.acting + "/aboard")
    assert "Đang làm giúp: Hộ cô Hoa" in page.text and "Số tài khoản" not in page.text
    seller = await help_.aboard()
    hoa, member = await Person.get(phone=HOA), await Person.get(phone=LAN)
    assert await Grant.exists(person_id=hoa.id, role=Role.VENDOR, scope=str(seller.id))
    assert not await Grant.exists(person_id=member.id, role=Role.VENDOR)
    assert not await ReceivingAccount.filter(vendor_id=seller.id).exists()
    goods = await help_.lan.get(help_.acting + "/listings/new")
    assert "Đang làm giúp: Na cô Hoa" in goods.text
    assert (await help_.lan.submit(help_.acting + "/listings", GOODS)).status_code == 303
    one = await Listing.get(vendor_id=seller.id)
    changed = {**GOODS, "name": "Na dai La Hiên", "stock_seen": "20"}
    assert (
        await help_.lan.submit(f"/team/for/{help_.household}/listings/{one.code}", changed)
    ).status_code == 303
    identity = await help_.lan.get(help_.acting + "/identity")
    assert "personal_number" not in identity.text
    told = {"full_name": "Nguyễn Thị Hoa", "birth_date": "21/11/1965", "personal_number": "019165001234"}
    assert (await help_.lan.submit(help_.acting + "/identity", told)).status_code == 303
    row = await VendorIdentity.get(vendor_id=seller.id)
    assert row.full_name == "Nguyễn Thị Hoa" and row.number_sealed == "" and row.submitted_at is None
    assert (await Vendor.get(id=seller.id)).identity_state == IdentityState.DRAFT
    async with browser() as own:
        await sign_in_as(own, HOA)
        seen = (await own.get("/me/helped")).text
        mine = (await own.get("/sell/identity")).text
    for words in ("Mở quầy hàng «Na cô Hoa»", "Đăng hàng «Na La Hiên»", "Sửa hàng «Na dai La Hiên»"):
        assert words in seen
    assert "Điền nháp hồ sơ người bán" in seen and seen.count("· Em Lan") == 5
    assert 'value="Nguyễn Thị Hoa"' in mine and "Đã khai" not in mine


async def test_goods_sent_twice_by_a_double_tap_are_put_up_once(help_: Help) -> None:
    await help_.agreed()
    await help_.aboard()
    page = (await help_.lan.get(help_.acting + "/listings/new")).text
    found = re.search(r'name="sent_id" value="([^"]+)"', page)
    assert found
    sent = {**GOODS, "sent_id": found[1]}
    for _ in range(2):
        assert (await help_.lan.submit(help_.acting + "/listings", sent)).status_code == 303
    assert await Listing.all().count() == await HelpAct.filter(kind="listing_put_up").count() == 1
    other = await help_.lan.submit(help_.acting + "/listings", {**sent, "name": "Mật ong"})
    assert other.status_code == 409 and "đã đăng món «Na La Hiên» rồi" in other.text
    assert await Listing.all().count() == 1


async def test_the_member_finds_no_door_to_money_accounts_and_codes(help_: Help) -> None:
    await help_.agreed()
    seller = await help_.aboard()
    for path in ("/sell/accounts", "/sell/money", "/sell/listings", "/sell/identity"):
        assert (await help_.lan.get(path)).status_code == 403, path
    sent = {**ABOARD, "bin": "970436", "account": "0123456789", "holder": "LAN"}
    assert (await help_.lan.submit(help_.acting + "/aboard", sent)).status_code == 409
    assert not await ReceivingAccount.filter(vendor_id=seller.id).exists()


async def test_a_masked_number_stays_masked_and_a_submitted_identity_is_closed(help_: Help) -> None:
    await help_.agreed()
    seller = await help_.aboard()
    await VendorIdentity.create(
        vendor=seller, full_name="Nguyễn Thị Hoa", number_masked="0191******34", number_sealed="x"
    )
    page = (await help_.lan.get(help_.acting + "/identity")).text
    assert "0191******34" in page
    await Vendor.filter(id=seller.id).update(identity_state=IdentityState.SUBMITTED)
    told = {"full_name": "Người Khác", "birth_date": "21/11/1965"}
    answer = await help_.lan.submit(help_.acting + "/identity", told)
    assert answer.status_code == 422 and "Chỉ chủ quầy sửa được" in answer.text
    assert (await VendorIdentity.get(vendor_id=seller.id)).full_name == "Nguyễn Thị Hoa"


async def test_only_what_was_agreed_to_can_be_done(help_: Help) -> None:
    await help_.agreed(scope_listings="", scope_identity="")
    await help_.aboard()
    answer = await help_.lan.submit(help_.acting + "/listings", GOODS)
    assert answer.status_code == 403 and "chỉ nhờ bạn mở quầy hàng, không nhờ việc này" in answer.text
    assert not await Listing.exists()


async def test_goods_of_another_seller_are_not_found(help_: Help) -> None:
    await help_.agreed()
    await help_.aboard()
    foreign = await listing(await vendor(phone=TUAN))
    assert (await help_.lan.get(f"{help_.acting}/listings/{foreign.code}/edit")).status_code == 404
    answer = await help_.lan.submit(f"{help_.acting}/listings/{foreign.code}", GOODS)
    assert answer.status_code == 404
    assert (await Listing.get(id=foreign.id)).name == "Chè móc câu"


async def test_another_communes_household_is_not_found(
    help_: Help, browser: Callable[[], Any], sign_in_as: Callable[..., Any]
) -> None:
    async with browser() as other:
        await sign_in_as(other, TUAN, (Role.TEAM, TAN_CUONG))
        for path in ("", "/consent", "/visits/new", "/difficulties"):
            assert (await other.get(help_.place + path)).status_code == 404, path
        assert (await other.submit(help_.place + "/consent", ALL)).status_code == 404
        assert (await other.submit(help_.acting + "/aboard", ABOARD)).status_code == 404
    assert not await HelpConsent.exists()


# --- the end ---


async def test_the_seller_stops_it_and_the_next_act_is_refused_with_a_sentence(
    help_: Help, browser: Callable[[], Any], sign_in_as: Callable[..., Any]
) -> None:
    consent = await help_.agreed()
    await help_.aboard()
    async with browser() as own:
        await sign_in_as(own, HOA)
        assert (await own.submit(f"/me/helped/{consent.id}/end")).status_code == 303
        assert (await own.submit(f"/me/helped/{consent.id}/end")).status_code == 303
        assert "Đã dừng" in (await own.get("/me/helped")).text
    answer = await help_.lan.submit(help_.acting + "/listings", GOODS)
    assert answer.status_code == 403 and "Hộ cô Hoa đã rút lại sự đồng ý lúc" in answer.text
    assert not await Listing.exists()
    assert (await HelpConsent.get(id=consent.id)).ended_how == "page"


async def test_nobody_else_can_stop_it(
    help_: Help, browser: Callable[[], Any], sign_in_as: Callable[..., Any]
) -> None:
    consent = await help_.agreed()
    async with browser() as other:
        await sign_in_as(other, TUAN)
        assert (await other.submit(f"/me/helped/{consent.id}/end")).status_code == 404
    assert (await HelpConsent.get(id=consent.id)).ended_at is None


async def test_the_link_in_the_text_stops_it_without_signing_in(
    help_: Help, browser: Callable[[], Any]
) -> None:
    await help_.agreed()
    text = await TextMessage.filter(phone=HOA).order_by("-id").first()
    assert text is not None
    found = re.search(r"http://test(/h/\S+)", text.words)
    assert found
    async with browser() as plain:
        page = await plain.get(found[1])
        assert "Dừng ngay" in page.text and "Em Lan" in page.text
        assert (await plain.submit(found[1] + "/end")).status_code == 303
        assert "Đã dừng lúc" in (await plain.get(found[1])).text
        assert (await plain.get("/h/AAAAAAAAAAAA")).status_code == 404
    answer = await help_.lan.submit(help_.acting + "/aboard", ABOARD)
    assert answer.status_code == 403 and "đã rút lại sự đồng ý" in answer.text


async def test_after_its_last_day_nothing_goes_on(help_: Help) -> None:
    await help_.agreed(days="7")
    help_.clock.forward(days=8)
    answer = await help_.lan.submit(help_.acting + "/aboard", ABOARD)
    assert answer.status_code == 403 and "đã hết hạn ngày" in answer.text
    assert not await Vendor.exists()


async def test_a_new_consent_takes_the_place_of_the_old_one(help_: Help) -> None:
    first = await help_.agreed()
    help_.clock.forward(seconds=31)
    await help_.agreed(scope_identity="")
    assert (await HelpConsent.get(id=first.id)).ended_how == "replaced"
    assert await HelpConsent.filter(ended_at__isnull=True, given_at__isnull=False).count() == 1


async def test_an_act_is_never_changed(help_: Help) -> None:
    await help_.agreed()
    await help_.aboard()
    with pytest.raises(Exception, match="append-only"):
        await HelpAct.all().update(subject="khác")


def test_only_a_given_living_consent_with_that_scope_lets_act(clock: StoppedClock) -> None:
    now = clock.now()
    good = HelpConsent(given_at=now, ends_at=now + timedelta(days=1), scopes=["listings"])
    assert refusal_of(good, HelpScope.LISTINGS, "Hộ", now) is None
    assert refusal_of(good, HelpScope.ABOARD, "Hộ", now) is not None
    assert refusal_of(good, HelpScope.LISTINGS, "Hộ", now + timedelta(days=1)) is not None
    assert refusal_of(None, HelpScope.LISTINGS, "Hộ", now) is not None
    good.ended_at = now
    assert refusal_of(good, HelpScope.LISTINGS, "Hộ", now) is not None


async def test_ones_own_household_is_not_helped(help_: Help, communes: Communes, clock: StoppedClock) -> None:
    own = await add_household(
        NewHousehold("Tôi", LAN, communes.la_hien), HouseholdSource.TEAM, by=1, now=clock.now()
    )
    answer = await help_.lan.submit(f"/team/households/{own}/consent", ALL)
    assert answer.status_code == 422 and "số của chính bạn" in answer.text
    assert not await HelpConsent.filter(household_id=own).exists()
    with pytest.raises(Refusal):
        await add_household(
            NewHousehold("Hai", LAN, communes.la_hien), HouseholdSource.TEAM, by=1, now=clock.now()
        )
    assert await HelpedHousehold.filter(phone=LAN).count() == 1
