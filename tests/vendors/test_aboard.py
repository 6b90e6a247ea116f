"""Coming aboard: one page, and each mistake at its field with everything kept."""

from typing import Any

import pytest

from accounts.models import AuditEntry, Grant
from kit.errors import Conflict
from tests.factories import TAN_CUONG, bank, market, vendor
from tests.vendors.conftest import Communes
from vendors.models import ReceivingAccount, Stall, Vendor, VendorKind, VendorState
from vendors.services import Newcomer, come_aboard

PHONE = "+84912345678"
GOOD = {
    "kind": "household",
    "name": "Chè cô Hoa",
    "contact_name": "Nguyễn Thị Hoa",
    "commune": "Xã Tân Cương, Thái Nguyên",
    "commune_code": TAN_CUONG,
    "line": "Xóm Soi Vàng",
    "place": "market",
    "market": "cho-thai",
    "stall": "a12",
    "bin": "970436",
    "account": "0123 456 789",
    "holder": "Nguyễn Thị Hoa",
}


@pytest.fixture
async def newcomer(db: None, communes: Communes, client: Any, sign_in_as: Any) -> Any:
    """A signed-in person, a market and two places to be paid at."""
    await market()
    await bank()
    await bank("971005", "Viettel Money", "mobile_money")
    return await sign_in_as(client, PHONE)


async def test_one_page_makes_a_vendor_who_can_sell(client: Any, newcomer: Any) -> None:
    answer = await client.submit("/sell/aboard", GOOD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sell/listings/new")
    made = await Vendor.get(phone=PHONE)
    assert (made.state, made.slug, made.commune, made.province) == (
        VendorState.CAN_SELL,
        "che-co-hoa",
        "Xã Tân Cương",
        "Tỉnh Thái Nguyên",
    )
    account = await ReceivingAccount.get(vendor_id=made.id)
    assert (account.number, account.holder, account.is_default) == ("0123456789", "NGUYEN THI HOA", True)
    assert (await Stall.get(vendor_id=made.id)).number == "A12"
    assert await Grant.filter(person_id=newcomer.id, role="vendor", scope=str(made.id)).exists()
    assert await AuditEntry.filter(action="vendor_came_aboard", subject_id=str(made.id)).exists()
    assert (await client.get("/sell/listings/new")).status_code == 200
    assert (await client.get("/sell/aboard")).status_code == 303, "there is nothing more to ask"


async def test_the_page_can_be_read_and_names_banks_and_markets(client: Any, newcomer: Any) -> None:
    page = await client.get("/sell/aboard")
    assert page.status_code == 200
    for words in ("Vietcombank", "Viettel Money (Mobile Money)", "Chợ Thái", "Nhà nông"):
        assert words in page.text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": ""}, "Hãy chọn cô bác là ai."),
        ({"kind": "emperor"}, "Hãy chọn cô bác là ai."),
        ({"name": ""}, "Cần tên quầy hàng"),
        ({"name": "x" * 161}, "Nhiều nhất 160 chữ. Bạn vừa nhập 161."),
        ({"contact_name": " "}, "Cần họ tên người liên hệ."),
        ({"commune": "", "commune_code": ""}, "Cần tên xã hoặc phường"),
        ({"commune": "Xã Không Có", "commune_code": ""}, "Không có xã, phường nào tên «Xã Không Có»"),
        ({"commune": "", "commune_code": "99999"}, "Cần tên xã hoặc phường"),
        ({"commune_code": "abc"}, "Hãy chọn xã, phường trong danh sách."),
        ({"line": ""}, "Cần số nhà, xóm hoặc thôn."),
        ({"place": "moon"}, "Hãy chọn nơi cô bác bán hàng."),
        ({"market": ""}, "Hãy chọn một chợ trong danh sách."),
        ({"market": "cho-ma"}, "Hãy chọn một chợ trong danh sách."),
        ({"stall": ""}, "Cần số ô hoặc số quầy"),
        ({"bin": ""}, "Hãy chọn ngân hàng hoặc Mobile Money."),
        ({"bin": "000000"}, "Hãy chọn ngân hàng hoặc Mobile Money."),
        ({"account": ""}, "Cần số tài khoản nhận tiền."),
        ({"account": "12345"}, "Số tài khoản cần 6 đến 19 chữ số. Bạn vừa nhập 5."),
        ({"bin": "971005", "account": "12345"}, "Ví và Mobile Money nhận tiền theo số điện thoại"),
        ({"bin": "971005", "kind": "firm"}, "Ví và Mobile Money chỉ dành cho cá nhân."),
        ({"holder": ""}, "Cần tên chủ tài khoản"),
        ({"holder": "!!"}, "Tên chủ tài khoản cần viết bằng chữ cái"),
    ],
)
async def test_a_mistake_is_told_at_its_field_and_nothing_is_made(
    client: Any, newcomer: Any, change: dict[str, str], sentence: str
) -> None:
    answer = await client.submit("/sell/aboard", {**GOOD, **change})
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = next(name for name in ("line", "name", "contact_name") if name not in change)
    assert GOOD[kept] in answer.text
    assert not await Vendor.all().exists()


async def test_a_name_that_fits_several_communes_comes_back_as_a_choice(client: Any, newcomer: Any) -> None:
    typed = {**GOOD, "commune": "tan thanh", "commune_code": ""}
    answer = await client.submit("/sell/aboard", typed)
    assert answer.status_code == 422
    assert 'name="commune_code" value="05923"' in answer.text
    again = await client.submit(
        "/sell/aboard", {**typed, "commune_asked": "tan thanh", "commune_code": "05923"}
    )
    assert again.status_code == 303
    assert (await Vendor.get(phone=PHONE)).commune_code == "05923"


async def test_a_choice_made_for_other_words_does_not_count(client: Any, newcomer: Any) -> None:
    typed = {**GOOD, "commune": "la hien", "commune_asked": "tan thanh", "commune_code": "05923"}
    assert (await client.submit("/sell/aboard", typed)).status_code == 303
    assert (await Vendor.get(phone=PHONE)).commune == "Xã La Hiên"


async def test_at_home_needs_no_market(client: Any, newcomer: Any) -> None:
    at_home = {**GOOD, "place": "home", "market": "", "stall": ""}
    assert (await client.submit("/sell/aboard", at_home)).status_code == 303
    assert not await Stall.all().exists()


async def test_mobile_money_takes_the_phone_number(client: Any, newcomer: Any) -> None:
    mobile = {**GOOD, "bin": "971005", "account": "+84 912 345 678"}
    assert (await client.submit("/sell/aboard", mobile)).status_code == 303
    assert (await ReceivingAccount.get()).number == "0912345678"


async def test_a_stall_that_somebody_holds_is_refused_at_its_field(client: Any, newcomer: Any) -> None:
    other = await vendor()
    cho_thai = await market("Chợ Đồng Quang", "cho-dong-quang")
    await Stall.create(market=cho_thai, vendor=other, number="A12")
    answer = await client.submit("/sell/aboard", {**GOOD, "market": "cho-dong-quang"})
    assert answer.status_code == 422
    assert "đã có người đăng ký" in answer.text
    assert not await Vendor.filter(phone=PHONE).exists()
    assert not await Grant.filter(person_id=newcomer.id).exists()


async def test_one_phone_one_vendor(communes: Communes, clock: Any, newcomer: Any) -> None:
    asked = Newcomer(
        kind=VendorKind.GROWER,
        name="Na La Hiên",
        contact_name="Hoa",
        phone=PHONE,
        commune=communes.la_hien,
        line="Xóm Hiên Bình",
        bin="970436",
        account="0123456789",
        holder="HOA",
    )
    first = await come_aboard(newcomer.id, asked, now=clock.now())
    with pytest.raises(Conflict):
        await come_aboard(newcomer.id, asked, now=clock.now())
    assert await Vendor.all().count() == 1
    assert first.slug == "na-la-hien"


async def test_the_same_name_gets_another_address(communes: Communes, clock: Any, newcomer: Any) -> None:
    await vendor("Na La Hiên", "na-la-hien")
    asked = Newcomer(
        VendorKind.GROWER, "Na La Hiên", "Hoa", PHONE, communes.la_hien, "Xóm", "970436", "0123456789", "HOA"
    )
    made = await come_aboard(newcomer.id, asked, now=clock.now())
    assert made.slug.startswith("na-la-hien-")


async def test_strangers_are_sent_to_sign_in(client: Any, db: None) -> None:
    answer = await client.get("/sell/aboard")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?back=/sell/aboard"


async def test_communes_while_typing(client: Any, communes: Communes) -> None:
    found = (await client.get("/communes?q=la hien")).json()["items"]
    assert found == [{"code": "05740", "label": "Xã La Hiên, Thái Nguyên"}]
    assert (await client.get("/communes")).json() == {"items": []}
    assert len((await client.get("/communes", params={"q": "%_'\\"})).json()["items"]) == 0
