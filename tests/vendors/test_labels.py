"""Labels: what each kind has to say, kept with the listing, shown to shoppers, what lacks told and reviewed."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.parts import Parts
from kit.roles import Role
from search.engine import Engine
from search.services import rebuild
from tests.conftest import Browser
from tests.factories import HOA, LAN, TAN_CUONG, listing, vendor
from tests.vendors.conftest import Communes
from vendors.kinds import KINDS
from vendors.label_forms import LabelledForm
from vendors.labels import PARTS, LabelPart, is_exempt, missing, names_of, needed
from vendors.models import IdentityState, Listing, ListingLabel, ListingState, VendorIdentity, VendorKind
from vendors.review_rules import reasons_to_look
from vendors.services.labels import label_view
from vendors.services.seller_facts import seller_facts

pytestmark = pytest.mark.usefixtures("db")
TEA_LABEL = {
    "producer": "HTX Hảo Đạt, xóm Nam Đồng, Tân Cương",
    "quantity": "500 g",
    "ingredients": "Chè búp tươi",
    "expiry": "24 tháng từ ngày đóng gói",
    "storage": "Nơi khô, tránh nắng",
}
TYPED = {f"label_{part}": said for part, said in TEA_LABEL.items()}
FORM = {
    "name": "Chè móc câu",
    "kind": "tea",
    "price_dong": "220.000",
    "unit": "gói 500 g",
    "weight_g": "550",
    "stock": "10",
    "commune_code": TAN_CUONG,
    "commune": "Xã Tân Cương, Thái Nguyên",
    "label_shown": "1",
}


def test_every_kind_knows_its_label_and_fresh_food_has_none() -> None:
    for kind in KINDS:
        assert is_exempt(kind.code) == (not needed(kind.code)), kind.code
        assert needed(kind.code) <= set(LabelPart)
    assert missing("tea", {}) == [
        LabelPart.PRODUCER,
        LabelPart.QUANTITY,
        LabelPart.INGREDIENTS,
        LabelPart.EXPIRY,
        LabelPart.STORAGE,
    ]
    assert missing("tea", TEA_LABEL) == [] and missing("fruit", {}) == []
    assert LabelPart.STRENGTH in needed("wine") and LabelPart.REGISTRATION in needed("capsule")
    assert missing("tea", {**TEA_LABEL, "storage": "   "}) == [LabelPart.STORAGE]


def test_every_part_has_its_field_in_the_form() -> None:
    fields = LabelledForm.schema()["properties"]
    assert {f"label_{part}" for part in LabelPart} <= set(fields)  # type: ignore[call-overload]
    assert str(names_of([LabelPart.USE, LabelPart.EXPIRY])) == "Cách dùng, Hạn dùng"
    assert set(PARTS) == set(LabelPart)


def test_what_lacks_sends_to_review_and_so_do_claims_on_the_label() -> None:
    goods = Listing(name="Chè", about="", kind="tea", price_dong=1, state=ListingState.SUBMITTED)
    assert any("Thành phần" in str(one) for one in reasons_to_look(goods, label={}))
    assert reasons_to_look(goods, label=TEA_LABEL) == [] and reasons_to_look(goods) == []
    claims = {**TEA_LABEL, "use": "Chữa khỏi tiểu đường"}
    assert any("chữa khỏi" in str(one) for one in reasons_to_look(goods, label=claims))


async def test_a_label_is_written_shown_and_its_change_is_looked_at(
    client: Browser, sign_in_as: Callable[..., Any], communes: Communes
) -> None:
    seller = await vendor()
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    page = await client.get("/sell/listings/new")
    assert "<summary>Nhãn hàng</summary>" in page.text and "Xóm Nam Đồng, Xã Tân Cương" in page.text
    assert (await client.submit("/sell/listings", {**FORM, **TYPED})).status_code == 303
    goods = await Listing.get()
    assert (await ListingLabel.get(listing_id=goods.id)).words == TEA_LABEL
    assert "Nhãn hàng còn thiếu" not in (await client.get("/sell/listings")).text
    await Listing.filter(id=goods.id).update(state=ListingState.ON_SALE, approved_price_dong=220_000)
    shown = (await client.get(f"/goods/{goods.code}")).text
    assert "24 tháng từ ngày đóng gói" in shown and "Người bán chưa ghi" not in shown
    same = await client.submit(f"/sell/listings/{goods.code}", {**FORM, **TYPED, "stock_seen": "10"})
    assert same.headers["location"].endswith("told=changed")
    other = {**FORM, **TYPED, "stock_seen": "10", "label_expiry": ""}
    changed = await client.submit(f"/sell/listings/{goods.code}", other)
    assert changed.headers["location"].endswith("told=sent")
    assert "Nhãn hàng còn thiếu: Hạn dùng." in (await client.get("/sell/listings")).text
    edit = (await client.get(f"/sell/listings/{goods.code}/edit")).text
    assert "Nhãn còn thiếu: Hạn dùng." in edit and "Chè búp tươi" in edit


async def test_who_does_not_see_the_labels_fields_leaves_them(
    client: Browser, sign_in_as: Callable[..., Any], communes: Communes
) -> None:
    """A program or an older page that knows nothing of labels takes nothing away."""
    seller = await vendor()
    goods = await listing(seller, approved_price_dong=220_000, about="")
    await ListingLabel.create(listing=goods, words=TEA_LABEL)
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    plain = {name: value for name, value in FORM.items() if name != "label_shown"}
    await client.submit(f"/sell/listings/{goods.code}", {**plain, "stock_seen": "10"})
    assert (await ListingLabel.get(listing_id=goods.id)).words == TEA_LABEL


async def test_a_word_too_long_is_told_at_its_field(
    client: Browser, sign_in_as: Callable[..., Any], communes: Communes
) -> None:
    seller = await vendor()
    await sign_in_as(client, HOA, (Role.VENDOR, str(seller.id)))
    answer = await client.submit("/sell/listings", {**FORM, **TYPED, "label_quantity": "x" * 81})
    assert answer.status_code == 422 and "Nhiều nhất 80 chữ" in answer.text
    assert not await Listing.exists() and not await ListingLabel.exists()


async def test_an_administrator_reads_what_the_label_lacks(
    client: Browser, sign_in_as: Callable[..., Any], queries: Any
) -> None:
    seller = await vendor()
    for number in range(5):
        await listing(seller, f"Chè {number}", state=ListingState.SUBMITTED)
    await sign_in_as(client, LAN, Role.ADMIN)
    with queries.at_most(6):
        page = await client.get("/admin/listings")
    assert page.text.count("Nhãn hàng còn thiếu") == 5


async def test_the_page_names_what_lacks_and_what_needs_no_label(client: Browser) -> None:
    seller = await vendor()
    tea, fruit = await listing(seller), await listing(seller, "Na", kind="custard_apple")
    assert "Người bán chưa ghi: Ai làm ra, địa chỉ" in (await client.get(f"/goods/{tea.code}")).text
    shown = await client.get(f"/goods/{fruit.code}")
    assert "không bắt buộc có nhãn" in shown.text and "Người bán chưa ghi" not in shown.text
    assert (await label_view(fruit.id, "custard_apple")).is_exempt


# --- the seller before the law, returns ---


async def test_the_page_says_who_sells_and_how_goods_go_back(client: Browser, queries: Any) -> None:
    seller = await vendor(identity_state=IdentityState.CAN_SELL)
    await VendorIdentity.create(
        vendor=seller,
        full_name="Đào Thanh Hảo",
        registered_name="Hợp tác xã Chè Hảo Đạt",
        tax_code="4699000012",
        registration_no="4607000012",
        address="Xóm Nam Đồng",
        submitted_at=datetime(2026, 10, 1, tzinfo=UTC),
        decided_at=datetime(2026, 10, 2, tzinfo=UTC),
    )
    goods = await listing(seller)
    with queries.at_most(9):
        page = (await client.get(f"/goods/{goods.code}")).text
    for words in (
        "Hợp tác xã Chè Hảo Đạt",
        "4699000012",
        "4607000012",
        "02/10/2026",
        "Trả hàng",
        "trong 3 ngày",
        "30 ngày",
        "/about/rules",
    ):
        assert words in page, words


async def test_a_persons_number_and_full_name_stay_unshown(client: Browser) -> None:
    seller = await vendor(kind=VendorKind.GROWER, identity_state=IdentityState.CAN_SELL)
    await VendorIdentity.create(
        vendor=seller,
        full_name="Đào Thị Bí Mật",
        number_masked="0191******34",
        birth_date=date(1965, 1, 1),
        submitted_at=datetime(2026, 10, 1, tzinfo=UTC),
        decided_at=datetime(2026, 10, 2, tzinfo=UTC),
    )
    goods = await listing(seller)
    page = (await client.get(f"/goods/{goods.code}")).text
    assert "Bí Mật" not in page and "0191**" not in page and "Chợ đã xác minh ngày" in page


async def test_nothing_of_an_unchecked_identity_is_shown(clock: StoppedClock) -> None:
    seller = await vendor(identity_state=IdentityState.SUBMITTED)
    await VendorIdentity.create(
        vendor=seller,
        full_name="Hảo",
        tax_code="4699000012",
        submitted_at=clock.now(),
        decided_at=clock.now(),
    )
    facts = await seller_facts(seller.id, today=vietnam_date(clock.now()))
    assert facts.tax_code == "" and facts.verified_on is None


# --- goods for grown-ups ---


async def test_wine_stands_behind_the_question_of_age_everywhere(
    client: Browser, parts: Parts, clock: StoppedClock
) -> None:
    """Its page, its report, its seller's shelf, the first page (Law 44/2019/QH14, Art. 16)."""
    seller = await vendor()
    await listing(seller, "Chè đinh")
    wine = await listing(seller, "Rượu men lá", kind="wine", is_adult_only=True, art="wine")
    await rebuild(parts[Engine], today=vietnam_date(clock.now()))
    assert "Chè đinh" in (await client.get("/")).text
    asked = await client.get(f"/goods/{wine.code}")
    assert "220.000" not in asked.text and f"/goods/{wine.code}/age" in asked.text
    assert "Rượu men lá" not in (await client.get(f"/sellers/{seller.slug}")).text
    assert "Rượu men lá" not in (await client.get("/")).text
    assert (await client.get(f"/goods/{wine.code}/report")).status_code == 303
    await client.submit(f"/goods/{wine.code}/age")
    shown = (await client.get(f"/goods/{wine.code}")).text
    assert "220.000" in shown and "Độ cồn" in shown
    assert "Rượu men lá" not in (await client.get("/")).text
