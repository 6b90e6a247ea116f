"""Protected names: who may use them, the badge while the right lives, and words without right sent to review."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from accounts.models import AuditEntry
from kit.clock import StoppedClock
from kit.models import Job
from kit.roles import Role
from tests.factories import LA_HIEN, TAN_CUONG, listing, photo_bytes, vendor
from tests.vendors.conftest import Communes
from vendors.models import (
    Listing,
    ListingState,
    NameSort,
    NameUse,
    ProtectedArea,
    ProtectedName,
    UseState,
    Vendor,
)
from vendors.name_rules import NameRule, names_said, phrases_of
from vendors.services import listing_documents
from vendors.services.protected.uses import UseContent, confirm_use, end_use

SELLER, OTHER, ADMIN = "+84912345678", "+84987654321", "+84973111222"
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
PAPER = [("document", ("giay.jpg", photo_bytes(), "image/jpeg"))]
TYPED = {
    "name": "tan-cuong",
    "decision_no": "15/QD-HCTC",
    "decided_on": "2026-03-01",
    "valid_to": "2027-02-28",
}
NAME = {
    "name": "Tân Cương",
    "sort": "indication",
    "number": "00013",
    "decision_no": "1144/QĐ-SHTT",
    "registered_on": "20/09/2007",
    "product": "Chè",
    "areas": "Xã Tân Cương, Thái Nguyên = Phúc Xuân\nXã Tân Cương, Thái Nguyên = Tân Cương",
    "body": "UBND thành phố Thái Nguyên",
    "is_live": "1",
}


@pytest.fixture
def clock() -> StoppedClock:
    """Noon in Vietnam on 21/11/2026."""
    return StoppedClock(NOON)


async def tan_cuong(**changes: Any) -> ProtectedName:
    """Tea of Tân Cương, registered for one commune of today."""
    fields: dict[str, Any] = {
        "slug": "tan-cuong",
        "name": "Tân Cương",
        "number": "00013",
        "registered_on": date(2007, 9, 20),
        "product": "Chè",
        "kinds": ["tea", "tea_flower"],
        **changes,
    }
    name = await ProtectedName.create(**fields)
    await ProtectedArea.create(of=name, code=TAN_CUONG, commune="Xã Tân Cương, Thái Nguyên", was="Phúc Xuân")
    return name


async def right(name: ProtectedName, seller: Vendor, **changes: Any) -> NameUse:
    """A confirmed right until the end of February 2027."""
    fields: dict[str, Any] = {
        "decision_no": "15/QĐ-HCTC",
        "decided_on": date(2026, 3, 1),
        "valid_to": date(2027, 2, 28),
        "state": UseState.CONFIRMED,
        **changes,
    }
    return await NameUse.create(of=name, vendor=seller, **fields)


@pytest.fixture
async def goods(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Listing:
    """Tea of Tân Cương on sale, its seller signed in, the name kept."""
    await tan_cuong()
    made = await listing(name="Chè Tân Cương móc câu")
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.vendor_id)))
    return made


# --- the rule ---


def rule(**changes: Any) -> NameRule:
    """Tân Cương for tea."""
    fields: dict[str, Any] = {
        "id": 1,
        "slug": "tan-cuong",
        "name": "Tân Cương",
        "sort": NameSort.INDICATION,
        "kinds": frozenset({"tea"}),
        "communes": frozenset({TAN_CUONG}),
        "phrases": ("tân cương", "chè thái"),
    }
    return NameRule(**{**fields, **changes})


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("tea", "Chè TÂN  CƯƠNG loại một", "tân cương"),
        ("tea", "Chè Thái ngon", "chè thái"),
        ("tea", "Chè Ta\u0302n Cu\u031bo\u031bng", "tân cương"),
        ("tea", "Chè La Bằng", ""),
        ("tea", "che tan cuong", ""),
        ("tea", "Chè Tân Cươngs", ""),
        ("fruit", "Nho khô Tân Cương", ""),
    ],
)
def test_a_name_is_found_by_its_words_for_its_goods(kind: str, text: str, words: str) -> None:
    assert [one.words for one in names_said(kind, (text, ""), [rule()])] == ([words] if words else [])


def test_without_other_words_the_name_itself_is_looked_for() -> None:
    assert phrases_of("Tân Cương", " \n") == ("tân cương",)
    assert phrases_of("Tân Cương", "Chè Thái\nchè thái\nTân Cương") == ("chè thái", "tân cương")


# --- the badge ---


@pytest.mark.parametrize(
    ("use", "goods_are", "is_shown"),
    [
        ({}, {}, True),
        ({"valid_to": None}, {}, True),
        ({"valid_to": date(2026, 11, 21)}, {}, True),
        ({"valid_to": date(2026, 11, 20)}, {}, False),
        ({"decided_on": date(2026, 11, 22)}, {}, False),
        ({"state": UseState.SUBMITTED}, {}, False),
        ({"state": UseState.ENDED}, {}, False),
        ({"state": UseState.RETURNED}, {}, False),
        ({}, {"kind": "rice"}, False),
        ({}, {"commune_code": LA_HIEN}, False),
    ],
)
async def test_the_badge_lives_as_long_as_the_right_and_only_on_its_product(
    client: Any, goods: Listing, use: dict[str, Any], goods_are: dict[str, Any], is_shown: bool
) -> None:
    await right(await ProtectedName.get(), await Vendor.get(), **use)
    await Listing.filter(id=goods.id).update(**goods_are)
    page = (await client.get(f"/goods/{goods.code}")).text
    assert ("được phép dùng tên này theo quyết định 15/QĐ-HCTC" in page) is is_shown
    told = (await client.get(f"/api/v1/goods/{goods.code}")).json()
    assert told["protected_names"] == (["Tân Cương"] if is_shown else [])


async def test_a_name_no_longer_protected_gives_no_badge(client: Any, goods: Listing) -> None:
    await right(await ProtectedName.get(), await Vendor.get())
    await ProtectedName.all().update(is_live=False)
    assert "được phép dùng tên này" not in (await client.get(f"/goods/{goods.code}")).text
    assert (await client.get("/names/tan-cuong")).status_code == 404


async def test_the_public_page_names_who_may_use_it(client: Any, goods: Listing, queries: Any) -> None:
    name, seller = await ProtectedName.get(), await Vendor.get()
    await right(name, seller)
    for number in range(5):
        other = await vendor(f"Chè số {number}", f"che-{number}", phone=f"+8491200022{number}")
        await right(name, other, state=UseState.SUBMITTED if number else UseState.CONFIRMED)
    with queries.at_most(5):
        page = (await client.get("/names/tan-cuong")).text
    for words in ("00013", "20/09/2007", "Phúc Xuân", seller.name, "Chè số 0", "28/02/2027"):
        assert words in page, words
    assert "Chè số 1" not in page
    assert "Tân Cương" in (await client.get("/names")).text
    [told] = (await client.get("/api/v1/names")).json()["items"]
    assert (told["number"], told["communes"]) == ("00013", ["Xã Tân Cương, Thái Nguyên"])


# --- words without right ---


async def test_words_without_right_are_shown_to_who_reviews_and_to_the_seller(
    client: Any, browser: Any, goods: Listing, sign_in_as: Any, queries: Any
) -> None:
    await Listing.filter(id=goods.id).update(state=ListingState.SUBMITTED)
    words = "Có chữ «tân cương» là tên được bảo hộ (Tân Cương)"
    assert words in (await client.get("/sell/listings")).text
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        with queries.at_most(9):
            assert words in (await desk.get("/admin/listings")).text
        use = await right(await ProtectedName.get(), await Vendor.get())
        assert words not in (await desk.get("/admin/listings")).text
        await Listing.filter(id=goods.id).update(commune_code=LA_HIEN)
        assert words in (await desk.get("/admin/listings")).text, "the right is for tea of the area"
        await Listing.filter(id=goods.id).update(commune_code=TAN_CUONG, state=ListingState.ON_SALE)
        assert "chưa có quyền" not in (await desk.get("/admin/names/tan-cuong")).text
        await NameUse.filter(id=use.id).update(state=UseState.ENDED)
        page = (await desk.get("/admin/names/tan-cuong")).text
        assert "Hàng đang bán ghi tên này" in page and goods.name in page


# --- asking and confirming ---


async def test_a_right_is_asked_for_confirmed_and_ended(
    client: Any, browser: Any, goods: Listing, sign_in_as: Any
) -> None:
    assert (await client.get("/sell/names/new")).status_code == 200
    assert (await client.submit("/sell/names", TYPED, files=PAPER)).status_code == 303
    use = await NameUse.get()
    assert (use.decision_no, use.state) == ("15/QĐ-HCTC", UseState.SUBMITTED)
    again = await client.submit("/sell/names", TYPED, files=PAPER)
    assert again.status_code == 422 and "Quyết định này đã gửi rồi" in again.text
    assert "Chờ xác nhận" in (await client.get("/sell/names?told=submitted")).text
    assert (await client.get(f"/name-uses/{use.id}/paper")).headers["content-type"] == "image/webp"
    here = f"/admin/name-uses/{use.id}"
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        assert (await desk.get("/admin/names")).status_code == 200
        assert (await desk.get(here)).status_code == 200
        assert (await desk.get(f"/name-uses/{use.id}/paper")).status_code == 200
        assert (await desk.submit(f"{here}/return", {"because": "mờ"})).status_code == 422
        assert (await desk.submit(f"{here}/return", {"because": "Ảnh mờ, chụp lại."})).status_code == 303
        assert "Ảnh mờ, chụp lại." in (await client.get("/sell/names")).text
        assert (await client.submit("/sell/names", TYPED, files=PAPER)).status_code == 303
        wrong = await desk.submit(f"{here}/confirmation", {**TYPED, "valid_to": "2025-01-01"})
        assert wrong.status_code == 422 and "Ngày hết hạn phải sau ngày quyết định." in wrong.text
        assert (await desk.submit(f"{here}/confirmation", TYPED)).status_code == 303
        assert "được phép dùng tên này" in (await client.get(f"/goods/{goods.code}")).text
        assert (await desk.submit(f"{here}/ending", {"because": ""})).status_code == 422
        assert (await desk.submit(f"{here}/ending", {"because": "Hợp tác xã rút quyền."})).status_code == 303
        assert (await desk.submit(f"{here}/ending", {"because": "Hợp tác xã rút quyền."})).status_code == 409
        assert (await desk.submit(f"{here}/confirmation", TYPED)).status_code == 409
    assert "được phép dùng tên này" not in (await client.get(f"/goods/{goods.code}")).text
    acts = set(
        await AuditEntry.filter(subject_kind="name_use", subject_id=str(use.id)).values_list(
            "action", flat=True
        )
    )
    assert acts == {
        "name_use_asked", "name_use_returned", "name_use_confirmed", "name_use_ended", "name_use_document_read",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Hãy chọn tên được bảo hộ."),
        ({"name": "ten-la"}, "Hãy chọn tên được bảo hộ."),
        ({"decision_no": "không nhớ"}, "Số quyết định viết như"),
        ({"decided_on": "2026-11-22"}, "Ngày quyết định chưa tới."),
        ({"decided_on": "hôm qua"}, "Ngày cần viết như"),
        ({"valid_to": "2026-02-01"}, "Ngày hết hạn phải sau"),
    ],
)
async def test_a_bad_request_is_told_at_its_field(
    client: Any, goods: Listing, change: dict[str, str], sentence: str
) -> None:
    answer = await client.submit("/sell/names", {**TYPED, **change}, files=PAPER)
    assert answer.status_code == 422 and sentence in answer.text
    bare = await client.submit("/sell/names", TYPED)
    assert bare.status_code == 422 and "Cần ảnh chụp quyết định" in bare.text
    assert not await NameUse.all().exists()


async def test_others_see_no_papers(client: Any, browser: Any, goods: Listing, sign_in_as: Any) -> None:
    use = await right(await ProtectedName.get(), await Vendor.get(), document_key="papers/x.webp")
    async with browser() as other:
        stranger = await vendor("Chè khác", "che-khac", phone=OTHER)
        await sign_in_as(other, OTHER, (Role.VENDOR, str(stranger.id)))
        assert (await other.get(f"/name-uses/{use.id}/paper")).status_code == 404
        assert "15/QĐ-HCTC" not in (await other.get("/sell/names")).text


# --- the register ---


async def test_a_name_is_written_down_and_changed(
    client: Any, db: None, communes: Communes, sign_in_as: Any
) -> None:
    await sign_in_as(client, ADMIN, Role.ADMIN)
    assert (await client.get("/admin/names/new")).status_code == 200
    assert (await client.submit("/admin/names", {**NAME, "kinds": "tea"})).status_code == 303
    name = await ProtectedName.get()
    assert (name.slug, name.kinds, name.registered_on) == ("tan-cuong", ["tea"], date(2007, 9, 20))
    assert sorted(await ProtectedArea.all().values_list("code", "was")) == [
        (TAN_CUONG, "Phúc Xuân"),
        (TAN_CUONG, "Tân Cương"),
    ]
    twice = await client.submit("/admin/names", {**NAME, "kinds": "tea"})
    assert twice.status_code == 422 and "Tên này đã có trong sổ." in twice.text
    form = (await client.get("/admin/names/tan-cuong")).text
    assert "= Phúc Xuân" in form and "20/09/2007" in form
    changed = {**NAME, "kinds": "tea", "areas": "Xã Tân Cương, Thái Nguyên", "is_live": ""}
    assert (await client.submit("/admin/names/tan-cuong", changed)).status_code == 303
    assert await ProtectedArea.all().count() == 1 and not (await ProtectedName.get()).is_live


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Cần tên được bảo hộ"),
        ({"name": "New"}, "Tên này đã có trong sổ."),
        ({"sort": "king"}, "Hãy chọn loại bảo hộ."),
        ({"areas": ""}, "Cần ít nhất một xã, phường"),
        ({"areas": "Xã Không Có"}, "Dòng «Xã Không Có»: không có xã, phường nào"),
        ({"areas": "Tân Thành"}, "có nhiều nơi tên như vậy"),
        ({"areas": "x\n" * 61}, "Nhiều nhất 60 dòng."),
        ({"kinds": "no_such_kind"}, "Hãy chọn ít nhất một loại hàng."),
        ({"registered_on": "1/13/2020"}, "Ngày cần viết như"),
    ],
)
async def test_a_bad_name_is_told_at_its_field(
    client: Any, db: None, communes: Communes, sign_in_as: Any, change: dict[str, str], sentence: str
) -> None:
    await sign_in_as(client, ADMIN, Role.ADMIN)
    answer = await client.submit("/admin/names", {**NAME, "kinds": "tea", **change})
    assert answer.status_code == 422 and sentence in answer.text
    assert not await ProtectedName.all().exists()


async def test_the_index_knows_the_names_goods_carry_by_right(db: None, queries: Any) -> None:
    """Only goods of the name's kinds from its communes, by a seller whose right lives today."""
    seller, other = await vendor(), await vendor("Cô Mận", "co-man")
    tea = await listing(seller, "Chè đinh", kind="tea", commune_code=TAN_CUONG)
    honey = await listing(seller, "Mật ong", kind="honey", commune_code=TAN_CUONG)
    far = await listing(seller, "Chè xa", kind="tea", commune_code=LA_HIEN)
    others = await listing(other, "Chè khác", kind="tea", commune_code=TAN_CUONG)
    use = await right(await tan_cuong(), seller)
    ids = [tea.id, honey.id, far.id, others.id]
    with queries.at_most(8):
        facts = await listing_documents(ids, today=NOON.date())
    assert [one.names for one in facts] == [("Tân Cương",), (), (), ()]
    assert facts[0].keywords == ("Chỉ dẫn địa lý Tân Cương",)
    await NameUse.filter(id=use.id).update(valid_to=date(2026, 11, 20))
    assert [one.names for one in await listing_documents(ids, today=NOON.date())] == [()] * 4


async def test_goods_are_indexed_anew_when_a_right_begins_or_ends(db: None) -> None:
    """The badge on cards follows within a job."""
    seller = await vendor()
    goods = await listing(seller, "Chè đinh", kind="tea", commune_code=TAN_CUONG)
    use = await right(await tan_cuong(), seller, state=UseState.SUBMITTED)
    await confirm_use(use.id, UseContent(use.decision_no, use.decided_on, use.valid_to), by=1)
    assert await Job.filter(name="index_listing", subject_id=goods.id).count() == 1
    await end_use(use.id, "Hết quyền", by=1, today=NOON.date())
    assert await Job.filter(name="index_listing", subject_id=goods.id).count() == 2
