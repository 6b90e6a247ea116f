"""QR texts: samples of specifications, limits, damage, round trips, agreement with another library."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vietnam_qr_pay import QRPay  # type: ignore[import-untyped]

from payments.emvco import checksum, sealed
from payments.qr import AMOUNT_MAX_DONG, BadQr, QrKind, parse, plain, vietqr

BANK, ACCOUNT = ("00", "970403"), ("01", "0011012345678")
VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "vietqr.json").read_text())
GOOD = [vector for vector in VECTORS if vector["kind"]]
# Two we would write otherwise: one with a bill number too, one dynamic without an amount.
OURS = [v for v in GOOD if v["kind"] == "vietqr" and not v["text"].endswith(("A203", "E8A4"))]
REFUSED = [vector for vector in VECTORS if not vector["kind"]]
ONE = vietqr("970403", "0011012345678", amount_dong=180_000, purpose="DH7K2M9QXA")

IDS = ["00", "01", "26", "38", "53", "54", "58", "59", "62", "64", "80"]

accounts = st.text("0123456789ABCXYZabcxyz", min_size=1, max_size=19)
banks = st.text("0123456789", min_size=6, max_size=6)
amounts = st.none() | st.integers(1, AMOUNT_MAX_DONG)


def crc_bit_by_bit(text: str) -> str:
    """The check sum written out from its definition, to check the fast one."""
    register = 0xFFFF
    for byte in text.encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
            register &= 0xFFFF
    return f"{register:04X}"


def written(*objects: tuple[str, str], in_bytes: bool = False) -> str:
    """Objects as text with the right check sum, however wrong they are."""
    sizes = [len(value.encode()) if in_bytes else len(value) for _, value in objects]
    text = "".join(f"{where}{size:02}{value}" for (where, value), size in zip(objects, sizes, strict=True))
    return text + "6304" + crc_bit_by_bit(text + "6304")


def transfer(without: str = "", *, template: str | None = None, **other: str) -> str:
    """A right VietQR text with objects left out, replaced or added (`_54="1"`)."""
    objects = {
        "00": "01",
        "01": "12",
        "38": template or "0010A00000072701270006970403011300110123456780208QRIBFTTA",
        "53": "704",
        "54": "180000",
        "58": "VN",
        **{where.strip("_"): value for where, value in other.items()},
    }
    return written(*[(where, value) for where, value in objects.items() if where != without])


def payee(*beneficiary: tuple[str, str], service: str = "QRIBFTTA", guid: str = "A000000727") -> str:
    """A text whose account template holds the beneficiary objects given."""
    inner = "".join(f"{where}{len(value):02}{value}" for where, value in beneficiary)
    template = f"00{len(guid):02}{guid}01{len(inner):02}{inner}02{len(service):02}{service}"
    return transfer(template=template)


def refusals(text: str) -> list[str]:
    with pytest.raises(BadQr) as caught:
        parse(text)
    return [where for where, _ in caught.value.problems]


@pytest.mark.parametrize("vector", GOOD, ids=lambda v: v["text"][-4:])
def test_published_codes_are_read(vector: dict[str, Any]) -> None:
    found = parse(vector["text"])
    assert found.kind == vector["kind"]
    assert [found.bin, found.account, found.amount_dong, found.purpose] == [
        vector[name] for name in ("bin", "account", "amount_dong", "purpose")
    ]


@pytest.mark.parametrize("vector", REFUSED, ids=lambda v: v["text"][-4:])
def test_published_misprints_are_refused(vector: dict[str, Any]) -> None:
    assert vector["refused_at"] in refusals(vector["text"])


@pytest.mark.parametrize("vector", OURS, ids=lambda v: v["text"][-4:])
def test_transfers_are_written_as_published(vector: dict[str, Any]) -> None:
    service: Any = parse(vector["text"]).service
    amount, purpose = vector["amount_dong"], vector["purpose"]
    text = vietqr(vector["bin"], vector["account"], amount_dong=amount, purpose=purpose, service=service)
    assert text == vector["text"]


def test_check_sum() -> None:
    assert checksum("123456789") == "29B1"
    assert parse(ONE[:-4] + ONE[-4:].lower()).account == "0011012345678"


def test_check_sum_keeps_its_leading_zeros() -> None:
    texts = [vietqr("970403", str(number)) for number in range(1, 200)]
    assert any(text[-4] == "0" for text in texts)
    assert all(parse(text).account == str(number) for number, text in enumerate(texts, start=1))


@given(st.text())
def test_check_sum_is_that_of_the_definition(text: str) -> None:
    assert checksum(text) == crc_bit_by_bit(text)


@given(banks, accounts, amounts, st.text(max_size=60), st.sampled_from(["QRIBFTTA", "QRIBFTTC"]), st.text())
def test_what_is_written_is_read(
    bank: str, account: str, amount: int | None, purpose: str, service: Any, name: str
) -> None:
    text = vietqr(
        bank,
        account,
        amount_dong=amount,
        purpose=purpose,
        service=service,
        merchant_name=name,
        merchant_city=name,
    )
    found = parse(text)
    assert text.isascii()
    assert (found.bin, found.account, found.amount_dong, found.service) == (bank, account, amount, service)
    assert (found.purpose or "") == plain(purpose, 25)
    assert (found.merchant_name or "", found.merchant_city or "") == (plain(name, 25), plain(name, 15))
    assert found.is_dynamic is (amount is not None)


@given(banks, accounts, st.none() | st.integers(1, 10**12), st.text("ABCabc019 ", max_size=25))
def test_another_library_writes_the_same(bank: str, account: str, amount: int | None, purpose: str) -> None:
    purpose = plain(purpose, 25)
    theirs = QRPay.init_viet_qr(
        bank, account, amount=str(amount) if amount else None, purpose=purpose
    ).build()
    assert vietqr(bank, account, amount_dong=amount, purpose=purpose) == theirs


@given(banks, accounts, amounts)
def test_another_library_reads_the_same(bank: str, account: str, amount: int | None) -> None:
    theirs = QRPay(vietqr(bank, account, amount_dong=amount, purpose="DH7K2M9QXA"))
    assert theirs.is_valid
    assert (theirs.consumer.bank_bin, theirs.consumer.bank_number) == (bank, account)
    assert theirs.amount == (str(amount) if amount else None)
    assert theirs.additional_data.purpose == "DH7K2M9QXA"


@given(st.integers(0, len(ONE) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_one_wrong_character_is_seen(place: int, character: str) -> None:
    damaged = ONE[:place] + character + ONE[place + 1 :]
    is_check_sum_in_lower_case = damaged[:-4] == ONE[:-4] and damaged.upper() == ONE
    assert damaged == ONE or is_check_sum_in_lower_case or refusals(damaged)


def test_swapped_and_lost_characters_are_seen() -> None:
    for place in range(len(ONE)):
        assert refusals(ONE[:place])
        assert refusals(ONE[:place] + ONE[place + 1 :])
        swapped = ONE[:place] + ONE[place : place + 2][::-1] + ONE[place + 2 :]
        assert swapped == ONE or refusals(swapped)


@given(st.text(max_size=80))
def test_any_text_is_refused_not_crashed_on(text: str) -> None:
    assert refusals(text)
    assert refusals("000201" + text)


@given(st.lists(st.tuples(st.sampled_from(IDS), st.text(max_size=40))))
def test_objects_of_any_content_never_crash(objects: list[tuple[str, str]]) -> None:
    for in_bytes in (False, True):
        text = written(("00", "01"), *objects, in_bytes=in_bytes)
        try:
            parse(text)
        except BadQr as refused:
            assert refused.problems


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", ""),
        ("x" * 513, ""),
        (ONE + " ", "63"),
        (ONE + "\n", ""),
        (" " + ONE, "63"),
        ("\ud800", ""),
        (transfer("00"), "00"),
        (transfer("38"), "38"),
        (transfer("53"), "53"),
        (transfer("58"), "58"),
        (transfer(_00="02"), "00"),
        (transfer(_01="13"), "01"),
        (transfer(_53="840"), "53"),
        (transfer(_53="70A"), "53"),
        (transfer(_58="vn"), "58"),
        (transfer(_58="LA"), "58"),
        (transfer(_52="58A2"), "52"),
        (transfer(_59="A" * 26), "59"),
        (transfer(_60="A" * 16), "60"),
        (transfer(_61="1" * 11), "61"),
        (transfer(_62="0826" + "A" * 26), "62/08"),
        (transfer(_62="0902AA"), "62/09"),
        (transfer(_62="0904AMEA"), "62/09"),
        (transfer(_62="0901X"), "62/09"),
        (transfer(_62="0803ab"), "62/08"),
        (transfer(_62="0802ab0802cd"), "62/08"),
        (transfer(_62="0802abx"), "62"),
        (transfer(_64="0003vie"), "64/00"),
        (transfer(_55="04"), "55"),
        (transfer(_55="02"), "56"),
        (transfer(_56="1000"), "56"),
        (transfer(_55="03", _57="00.00"), "57"),
        (transfer(_55="03", _57="100"), "57"),
        (payee(BANK, ACCOUNT, guid="A000000728"), "38/00"),
        (payee(BANK, ACCOUNT, guid="a000000727"), "38/00"),
        (transfer(template="01270006970403011300110123456780208QRIBFTTA"), "38/00"),
        (transfer(template="0010A0000007270208QRIBFTTA"), "38/01"),
        (payee(ACCOUNT), "38/01/00"),
        (payee(BANK), "38/01/01"),
        (payee(BANK, ("01", "")), "38/01/01"),
        (payee(BANK, ("01", "   ")), "38/01/01"),
        (payee(BANK, ("01", "0011 012")), "38/01/01"),
        (payee(BANK, ("01", "1" * 20)), "38/01/01"),
        (payee(BANK, ("01", "1"), ("03", "x")), "38/01/03"),
        (payee(BANK, ACCOUNT, ("02", "QRIBFTTA")), "38/01/02"),
        (payee(("00", "97040"), ACCOUNT), "38/01/00"),
        (payee(("00", "9704031"), ACCOUNT), "38/01/00"),
        (payee(("00", "97A403"), ACCOUNT), "38/01/00"),
        (payee(("00", "٩٧٠٤٠٣"), ACCOUNT), "38/01/00"),
        (payee(BANK, ACCOUNT, service="QRIBFTTX"), "38/02"),
        (payee(BANK, ACCOUNT, service="QRCASH"), "62/05"),
    ],
)
def test_what_breaks_a_rule_is_refused_there(text: str, where: str) -> None:
    assert where in refusals(text)


def test_object_twice_or_after_the_check_sum_is_refused() -> None:
    body = ONE[:-8]
    assert "54" in refusals(sealed(body + "5405180000"[:9]))
    assert "63" in refusals(ONE + "5802VN")
    assert refusals(body)


def test_every_problem_is_named() -> None:
    assert {"53", "58", "60"} <= set(refusals(transfer("53", _58="vn", _60="A" * 16)))


@pytest.mark.parametrize(
    "amount", ["0", "0.00", ".5", "1.2.3", "-1", "1,000", "1 000", "1e5", "1" * 14, "٥٠"]
)
def test_amounts_that_are_none(amount: str) -> None:
    assert "54" in refusals(transfer(_54=amount))


@pytest.mark.parametrize(
    ("amount", "dong"),
    [("50000", 50000), ("50000.", 50000), ("50000.00", 50000), ("1" * 13, 1_111_111_111_111)],
)
def test_amounts_that_are_whole(amount: str, dong: int) -> None:
    assert parse(transfer(_54=amount)).amount_dong == dong


def test_dong_has_no_parts() -> None:
    assert refusals(transfer(_54="50000.5")) == ["54"]


def test_lengths_in_bytes_are_read_when_characters_do_not_fit() -> None:
    objects = [("00", "01"), ("38", "0010A00000072701270006970403011300110123456780208QRIBFTTA")]
    objects += [("53", "704"), ("58", "VN"), ("62", "0817" + "Trả tiền chè")]
    found = parse(written(*objects, in_bytes=True))
    assert (found.account, found.purpose) == ("0011012345678", "Trả tiền chè")
    assert [where for where, _ in found.warnings] == ["01", "62"]
    split_letter = written(*objects[:-1], ("62", "0805" + "ả")).replace("62050805ả", "6207" + "0802ảx")
    assert refusals(split_letter)


def wallet(bank: str, account: str, **other: str) -> str:
    beneficiary = f"0006{bank}01{len(account):02}{account}"
    template = f"0010A00000072701{len(beneficiary):02}{beneficiary}0208QRIBFTTA"
    return transfer(template=template, **other)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (wallet("970454", "99MM24011M00000000", _62="0515MOMOW2W00000000", _80="000"), QrKind.MOMO),
        (wallet("971025", "PSP0000000000001", _62="0515MOMOW2W00000000"), QrKind.MOMO),
        (wallet("970454", "99ZP24009M00000000"), QrKind.ZALOPAY),
        (wallet("970454", "998000000000000001", _26="0010vn.zalopay0203001"), QrKind.ZALOPAY),
        (wallet("970454", "1234567890"), QrKind.VIETQR),
        (wallet("970415", "99MM24011M00000000"), QrKind.VIETQR),
        (wallet("970415", "1234567890", _26="not objects at all"), QrKind.VIETQR),
        (wallet("971005", "0900000000"), QrKind.VIETQR),
        (transfer("38", _26="0010A00000077501080108799A", _01="11"), QrKind.VNPAY),
        (transfer("38", _26="0013vn.airpay.www01040000"), QrKind.OTHER),
        (transfer("38", _04="5400000000000001", _53="840", _58="US", _54="23.72"), QrKind.FOREIGN),
    ],
)
def test_kinds(text: str, kind: QrKind) -> None:
    found = parse(text)
    assert found.kind is kind
    assert found.kind.is_vietqr is (found.account is not None)


def test_vnpay_codes() -> None:
    found = parse(transfer("38", _26="0010A00000077501080108799A", _01="11", _62="0504HD01"))
    assert (found.merchant_id, found.amount_dong, found.is_dynamic, found.reference) == (
        "0108799A",
        180_000,
        False,
        "HD01",
    )
    assert "26/01" in refusals(transfer("38", _26="0010A0000007750104ab c"))
    assert "26" in refusals(transfer("38", _26="0010A000000775x"))


def test_foreign_amounts_are_no_dong() -> None:
    found = parse(transfer("38", _04="5400000000000001", _53="840", _58="US", _54="23.72"))
    assert (found.amount, found.amount_dong, found.currency) == ("23.72", None, "840")


def test_service_left_out_means_merchant_payment() -> None:
    found = parse(transfer(template="0010A0000007270127000697040301130011012345678"))
    assert found.service == "QRPUSH"
    assert [where for where, _ in found.warnings] == ["52", "59", "60"]


def test_odd_but_harmless() -> None:
    assert [where for where, _ in parse(transfer("54")).warnings] == ["54"]
    assert [where for where, _ in parse(transfer("01")).warnings] == ["01"]
    assert parse(ONE).warnings == ()


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"bin": "97040"}, "38/01/00"),
        ({"bin": "97040A"}, "38/01/00"),
        ({"bin": "٩٧٠٤٠٣"}, "38/01/00"),
        ({"account": ""}, "38/01/01"),
        ({"account": "1" * 20}, "38/01/01"),
        ({"account": "0011 0123"}, "38/01/01"),
        ({"account": "tài khoản"}, "38/01/01"),
        ({"amount_dong": 0}, "54"),
        ({"amount_dong": -1}, "54"),
        ({"amount_dong": AMOUNT_MAX_DONG + 1}, "54"),
        ({"service": "QRCASH"}, "38/02"),
    ],
)
def test_codes_that_are_not_written(wrong: dict[str, Any], where: str) -> None:
    with pytest.raises(BadQr) as caught:
        vietqr(**{"bin": "970403", "account": "0011012345678", **wrong})
    assert [problem.where for problem in caught.value.problems] == [where]


@pytest.mark.parametrize(
    ("text", "banks_carry"),
    [
        ("ủng hộ lũ lụt", "ung ho lu lut"),
        ("Đơn hàng: ĐH-7K2M/9QXA!", "Don hang DH 7K2M 9QXA"),
        ("  chè   Tân\tCương ", "che Tan Cuong"),
        ("\u0110\u01a1\u0300n 茶", "Don"),
        ("!!!", ""),
        ("a" * 24 + " bc", "a" * 24),
    ],
)
def test_purpose_as_banks_carry_it(text: str, banks_carry: str) -> None:
    assert plain(text, 25) == banks_carry
    assert (parse(vietqr("970403", "1", purpose=text)).purpose or "") == banks_carry
