"""Our codes beside two other libraries and a third check sum: the same where they are right, written down where not."""

import json
from pathlib import Path
from typing import Any

import pytest
from crccheck.crc import Crc16CcittFalse  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from qr_pay import QRPay as NapasQr  # type: ignore[import-untyped]
from vietnam_qr_pay import QRPay as VietnamQr  # type: ignore[import-untyped]

from payments.emvco import checksum, sealed
from payments.merchant_qr import Merchant, TillLabels, merchant_vietqr, name_to_show, vnpay_qr
from payments.qr import AMOUNT_MAX_DONG, BadQr, QrKind, parse, plain, vietqr

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "vietqr.json").read_text())
VIETQR_TEXTS = [vector["text"] for vector in VECTORS if vector["kind"] == "vietqr"]
LABELS = "ABCDEFGHabc 0123456789"
MISPRINTED = "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5"
SHOP = Merchant("Chè Hảo Đạt", "Thái Nguyên", "5499")

WALLETS_BINS = {"971025", "970454"}  # accounts there may be a wallet's, which is no merchant's
banks = st.text("0123456789", min_size=6, max_size=6).filter(lambda bin: bin not in WALLETS_BINS)
accounts = st.text("0123456789ABCXYZ", min_size=1, max_size=19)
amounts = st.none() | st.integers(1, AMOUNT_MAX_DONG)
labels = st.text(LABELS, max_size=12).map(lambda text: plain(text, 12))


@given(st.text())
def test_the_check_sum_is_that_of_another_library(text: str) -> None:
    assert checksum(text) == f"{Crc16CcittFalse.calc(text.encode()):04X}"


@given(banks, accounts, amounts, labels, st.sampled_from(["QRIBFTTA", "QRIBFTTC"]))
def test_transfers_are_written_alike(
    bank: str, account: str, amount: int | None, purpose: str, service: Any
) -> None:
    theirs = NapasQr(
        bank,
        account,
        transaction_amount=amount,
        purpose_of_transaction=purpose or None,
        point_of_initiation_method="DYNAMIC" if amount else "STATIC",
        service_code=service,
    ).code
    assert vietqr(bank, account, amount_dong=amount, purpose=purpose, service=service) == theirs


@given(banks, accounts, amounts, labels, labels, labels)
def test_merchant_codes_are_written_alike(
    bank: str, number: str, amount: int | None, bill: str, store: str, purpose: str
) -> None:
    till = TillLabels(bill=bill, store=store, terminal="QUAY 1", purpose=purpose, asks="M")
    ours = merchant_vietqr(
        bank, number, Merchant("CHE HAO DAT", "THAI NGUYEN", "5499"), till, amount_dong=amount
    )
    theirs = NapasQr(
        bank,
        number,
        transaction_amount=amount,
        point_of_initiation_method="DYNAMIC" if amount else "STATIC",
        service_code="PAYMENT",
        merchant_category_code="5499",
        merchant_name="CHE HAO DAT",
        merchant_city="THAI NGUYEN",
        bill_number=bill or None,
        store_label=store or None,
        terminal_label="QUAY 1",
        purpose_of_transaction=purpose or None,
        additional_consumer_data_request="M",
    ).code
    assert ours == theirs


@given(st.from_regex("[0-9A-Z]{8,10}", fullmatch=True), amounts, labels)
def test_vnpay_codes_are_read_alike(number: str, amount: int | None, reference: str) -> None:
    text = vnpay_qr(
        number, SHOP, TillLabels(reference=reference, store="CHO", terminal="01"), amount_dong=amount
    )
    theirs, ours = VietnamQr(text), parse(text)
    assert theirs.is_valid and ours.kind is QrKind.VNPAY
    assert (theirs.merchant.id, theirs.merchant.name) == (ours.merchant_id, ours.merchant_name)
    assert (theirs.amount, theirs.additional_data.reference) == (ours.amount, ours.reference)


@given(banks, accounts, amounts, labels)
def test_what_we_write_they_read(bank: str, account: str, amount: int | None, purpose: str) -> None:
    text = vietqr(bank, account, amount_dong=amount, purpose=purpose)
    theirs = NapasQr.decode(text)
    assert (theirs.bin_id, theirs.consumer_id) == (bank, account)
    assert (theirs.transaction_amount, theirs.purpose_of_transaction) == (
        str(amount) if amount else None,
        purpose or None,
    )


@pytest.mark.parametrize("text", VIETQR_TEXTS, ids=lambda text: text[-4:])
def test_published_codes_are_read_alike(text: str) -> None:
    ours, napas, vietnam = parse(text), NapasQr.decode(text), VietnamQr(text)
    assert (ours.bin, ours.account) == (napas.bin_id, napas.consumer_id)
    assert (ours.bin, ours.account) == (vietnam.consumer.bank_bin, vietnam.consumer.bank_number)
    assert ours.amount == napas.transaction_amount == vietnam.amount


def test_accented_names_stand_in_64_only() -> None:
    qr = parse(merchant_vietqr("970436", "M1", SHOP, TillLabels(), amount_dong=35_000))
    assert (qr.merchant_name, qr.merchant_city) == ("Che Hao Dat", "Thai Nguyen")
    assert name_to_show(qr) == "Chè Hảo Đạt" and qr.objects["64/00"] == "vi"
    assert (qr.service, qr.is_dynamic, qr.warnings) == ("QRPUSH", True, ())
    plain_shop = parse(vnpay_qr("0108799A", Merchant("AN", "HUE", "5411", "531000"), TillLabels()))
    assert "64" not in plain_shop.objects and name_to_show(plain_shop) == "AN"
    assert name_to_show(parse(vietqr("970436", "1"))) == ""


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"merchant": Merchant("!!!", "Huế", "5499")}, "59"),
        ({"merchant": Merchant("An", "", "5499")}, "60"),
        ({"merchant": Merchant("An", "Huế", "54")}, "52"),
        ({"merchant": Merchant("An", "Huế", "5499", "1" * 11)}, "61"),
        ({"merchant": Merchant("An\u200b ", "Huế", "5499")}, ""),
        ({"amount_dong": 0}, "54"),
        ({"bin": "97043"}, "38/01/00"),
        ({"merchant_id": "a b"}, "38/01/01"),
        ({"till": TillLabels(asks="AA")}, "62/09"),
        ({"till": TillLabels(*["A" * 25] * 4)}, "62"),
    ],
)
def test_merchant_codes_that_are_not_written(changes: dict[str, Any], where: str) -> None:
    given: dict[str, Any] = {"bin": "970436", "merchant_id": "M1", "merchant": SHOP, "till": TillLabels()}
    with pytest.raises(BadQr) as caught:
        merchant_vietqr(**{**given, **changes})
    assert where in [problem.where for problem in caught.value.problems]


def test_a_vnpay_number_must_be_one() -> None:
    with pytest.raises(BadQr):
        vnpay_qr("số 1", SHOP, TillLabels())


# Where the others are wrong (docs/qr.md). Should one of these fail, the library has changed: read it again.


def test_both_take_the_misprint_of_the_specification() -> None:
    with pytest.raises(BadQr):
        parse(MISPRINTED)
    assert VietnamQr(MISPRINTED).is_valid and VietnamQr(MISPRINTED).consumer.bank_number == "001101234567"
    assert NapasQr.parse(MISPRINTED)["38"].children["01"].children == {}


def test_both_take_an_object_that_comes_twice() -> None:
    twice = sealed(vietqr("970436", "111111")[:-8] + "5406100000" + "5406900000")
    with pytest.raises(BadQr):
        parse(twice)
    assert VietnamQr(twice).amount == NapasQr.decode(twice).transaction_amount == "900000"


def test_both_take_amounts_that_are_none() -> None:
    text = sealed(vietqr("970436", "111111")[:-8] + "5405-5000")
    with pytest.raises(BadQr):
        parse(text)
    assert VietnamQr(text).amount == NapasQr.decode(text).transaction_amount == "-5000"


def test_neither_folds_accents() -> None:
    with pytest.raises(UnicodeEncodeError):
        _ = NapasQr("970436", "1", purpose_of_transaction="chè").code
    theirs = VietnamQr.init_viet_qr("970436", "1", purpose="chè").build()
    assert "chè" in theirs and "che" in vietqr("970436", "1", purpose="chè")


def test_one_calls_a_code_without_amount_single_use_and_takes_none_for_nought() -> None:
    assert "010212" in NapasQr("970436", "1").code
    assert "54" not in parse(NapasQr("970436", "1", transaction_amount=0).code).objects


def test_one_writes_lengths_of_three_digits() -> None:
    text = VietnamQr.init_viet_qr("970436", "1", purpose="A" * 100).build()
    assert "0810" + "0A" in text
    with pytest.raises(BadQr):
        parse(text)


def test_one_loses_objects_when_it_writes_what_it_read() -> None:
    text = merchant_vietqr("970436", "M1", SHOP, TillLabels())
    assert "64" not in parse(VietnamQr(text).build()).objects
    with pytest.raises(UnicodeEncodeError):
        NapasQr.decode(text)
