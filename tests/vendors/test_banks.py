"""Banks and account numbers."""

import pytest

from vendors.models import Bank
from vendors.services import banks_shown, holder_name, load_banks
from vendors.services.banks import BadAccount, account_number


async def test_loading_banks_again_adds_nothing_and_keeps_what_was_changed(db: None) -> None:
    await Bank.all().delete()
    assert await load_banks() == 82
    await Bank.filter(bin="970436").update(name="Vietcombank mới")
    assert await load_banks() == 0
    assert (await Bank.get(bin="970436")).name == "Vietcombank mới"


async def test_banks_come_first_then_mobile_money_and_finance_companies_not_at_all(db: None) -> None:
    await Bank.all().delete()
    await load_banks()
    shown = await banks_shown()
    assert [one.kind for one in shown][-4:] == ["mobile_money", "mobile_money", "mobile_money", "wallet"]
    assert {one.kind for one in shown} == {"bank", "mobile_money", "wallet"}
    assert {"Agribank", "Viettel Money", "VNPT Money", "MobiFone Money"} <= {one.name for one in shown}


@pytest.mark.parametrize(
    ("typed", "kind", "kept"),
    [
        ("0123 456 789", "bank", "0123456789"),
        ("1234567890123456789", "bank", "1234567890123456789"),
        ("CHEHOA", "bank", "CHEHOA"),
        ("+84 912 345 678", "mobile_money", "0912345678"),
        ("0912.345.678", "wallet", "0912345678"),
    ],
)
def test_account_numbers_are_kept_as_vietqr_carries_them(typed: str, kind: str, kept: str) -> None:
    assert account_number(typed, kind) == kept


@pytest.mark.parametrize(
    ("typed", "kind", "sentence"),
    [
        ("12345", "bank", "Số tài khoản cần 6 đến 19 chữ số. Bạn vừa nhập 5."),
        ("12345678901234567890", "bank", "Số tài khoản cần 6 đến 19 chữ số. Bạn vừa nhập 20."),
        ("số của tôi", "bank", "chữ cái không dấu"),
        ("", "bank", "Bạn vừa nhập 0"),
        ("0123456789", "mobile_money", "10 chữ số, bắt đầu bằng 0"),
        ("0208 385 5123", "mobile_money", "10 chữ số, bắt đầu bằng 0"),
    ],
)
def test_a_bad_account_says_why(typed: str, kind: str, sentence: str) -> None:
    with pytest.raises(BadAccount, match=sentence):
        account_number(typed, kind)


def test_the_holder_is_written_as_banks_write_it() -> None:
    assert holder_name("Nguyễn Thị Đào") == "NGUYEN THI DAO"
    assert holder_name("!?") == ""
    assert len(holder_name("Đ" * 200)) == 80
