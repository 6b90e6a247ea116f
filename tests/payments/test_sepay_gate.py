"""SePay's notices: signatures, age, bodies of every wrong shape."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gate import BadSignature, Malformed, Stale, StatementLine, Taken
from payments.gates.sepay import SIGNATURE, TIMESTAMP, SepayGate, sign, verify, write

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "sepay.json").read_text())
SECRET = "khoa-thu-nghiem"
AT = 1_774_422_160
NOW = datetime.fromtimestamp(AT, UTC)
RAW: bytes = VECTORS[0]["body"].encode()
BODY: dict[str, Any] = json.loads(RAW)
HEADERS = sign(SECRET, AT, RAW)

lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100).map(
    str.strip
)
notices = st.builds(
    StatementLine,
    provider_ref=st.integers(0, 2**63 - 1).map(str),
    gateway=lines.filter(bool),
    account_number=st.text("0123456789ABC", min_size=1, max_size=40),
    sub_account=st.text("0123456789ABC", max_size=40),
    our_ref=lines,
    content=lines,
    amount_dong=st.integers(1, 9_999_999_999_999),
    is_incoming=st.booleans(),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=0)
    ),
    bank_reference=lines.map(lambda text: text[:80].strip()),
)


def read(raw: bytes) -> StatementLine:
    return verify(raw, sign(SECRET, AT, raw), SECRET, NOW)


def read_with(**fields: Any) -> StatementLine:
    return read(json.dumps({**BODY, **fields}).encode())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["about"][:12])
def test_signatures_are_those_of_another_program(vector: dict[str, Any]) -> None:
    headers = sign(vector["secret"], vector["timestamp"], vector["body"].encode())
    assert headers == {SIGNATURE: vector["signature"], TIMESTAMP: str(vector["timestamp"])}


def test_a_notice_is_read() -> None:
    assert verify(RAW, HEADERS, SECRET, NOW) == StatementLine(
        provider_ref="92704",
        gateway="Vietcombank",
        account_number="0071000000001",
        our_ref="",
        content="MBVCB.123456.DH7K2M9QXA thanh toan chè",
        amount_dong=2_277_000,
        is_incoming=True,
        at=datetime(2026, 3, 25, 7, 2, 37, tzinfo=UTC),
        bank_reference="FT26084000001",
    )
    assert SepayGate(SECRET).acknowledge(None, Taken.DUPLICATE).body == b'{"success":true}'


@given(notices)
def test_what_the_pretend_bank_writes_is_read(notice: StatementLine) -> None:
    assert read(write(notice)) == notice


@given(st.binary(max_size=300), st.text(min_size=1, max_size=40).filter(lambda s: s.isprintable()))
def test_any_other_secret_is_refused(raw: bytes, secret: str) -> None:
    with pytest.raises(BadSignature):
        verify(raw, sign(SECRET, AT, raw), secret + "x", NOW)


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_one_changed_byte_is_refused(place: int, change: int) -> None:
    altered = RAW[:place] + bytes([RAW[place] ^ change]) + RAW[place + 1 :]
    with pytest.raises(BadSignature):
        verify(altered, HEADERS, SECRET, NOW)


@pytest.mark.parametrize(
    "altered", [RAW + b" ", RAW[:-1], b"", b" " + RAW, RAW.replace(b"2277000", b"2277001")]
)
def test_added_and_lost_bytes_are_refused(altered: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(altered, HEADERS, SECRET, NOW)


def test_the_timestamp_is_signed_too() -> None:
    with pytest.raises(BadSignature):
        verify(RAW, {**HEADERS, TIMESTAMP: str(AT + 1)}, SECRET, NOW)
    moved = sign(SECRET, AT, b"1." + RAW)
    with pytest.raises(BadSignature):
        verify(RAW, {**moved, TIMESTAMP: f"{AT}.1"}, SECRET, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE: HEADERS[SIGNATURE]},
        {TIMESTAMP: str(AT)},
        {**HEADERS, SIGNATURE: ""},
        {**HEADERS, SIGNATURE: "sha256="},
        {**HEADERS, SIGNATURE: HEADERS[SIGNATURE].removeprefix("sha256=")},
        {**HEADERS, SIGNATURE: HEADERS[SIGNATURE][:-1]},
        {**HEADERS, SIGNATURE: HEADERS[SIGNATURE] + " "},
        {**HEADERS, SIGNATURE: HEADERS[SIGNATURE].replace("sha256", "sha512")},
        {**HEADERS, SIGNATURE: "sha256=" + "à" * 64},
        {**HEADERS, SIGNATURE: "sha256=" + "\ud800" * 64},
        {**HEADERS, TIMESTAMP: ""},
        {**HEADERS, TIMESTAMP: f" {AT}"},
        {**HEADERS, TIMESTAMP: f"{AT}.0"},
        {**HEADERS, TIMESTAMP: "-1"},
        {**HEADERS, TIMESTAMP: "١٧٧٤٤٢٢١٦٠"},
        {**HEADERS, TIMESTAMP: "9" * 5000},
        {**HEADERS, SIGNATURE.lower(): HEADERS[SIGNATURE]},
    ],
    ids=str,
)
def test_headers_that_prove_nothing(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        verify(RAW, headers, SECRET, NOW)


def test_header_names_and_hex_in_any_case() -> None:
    lower = {name.lower(): value for name, value in HEADERS.items()}
    assert verify(RAW, lower, SECRET, NOW).provider_ref == "92704"
    shouted = {**HEADERS, SIGNATURE: "sha256=" + HEADERS[SIGNATURE][7:].upper()}
    assert verify(RAW, shouted, SECRET, NOW).provider_ref == "92704"


def test_an_empty_secret_trusts_nobody() -> None:
    with pytest.raises(ValueError, match="empty secret"):
        sign("", AT, RAW)
    with pytest.raises(BadSignature):
        verify(RAW, HEADERS, "", NOW)


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_five_minutes_either_way_are_fresh(minutes: int) -> None:
    assert verify(RAW, HEADERS, SECRET, NOW + timedelta(minutes=minutes)).provider_ref == "92704"


@pytest.mark.parametrize("seconds", [301, -301, 86_400, -86_400 * 400])
def test_older_and_later_ones_are_stale(seconds: int) -> None:
    with pytest.raises(Stale):
        verify(RAW, HEADERS, SECRET, NOW + timedelta(seconds=seconds))


def test_a_stale_forgery_is_a_forgery() -> None:
    with pytest.raises(BadSignature):
        verify(RAW + b" ", HEADERS, SECRET, NOW + timedelta(days=1))


@given(st.binary(max_size=400))
def test_signed_rubbish_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(BODY)), json_values)
def test_any_value_in_any_field_is_read_or_malformed(field: str, value: Any) -> None:
    try:
        notice = read_with(**{field: value})
    except Malformed:
        return
    assert 0 < notice.amount_dong < 10**13
    for text in (notice.gateway, notice.content, notice.bank_reference or ""):
        assert "\0" not in text
        assert text == text.encode().decode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"in"',
        b"1",
        RAW[:-1],
        RAW + b"{}",
        "\ufeff".encode() + RAW,
        RAW.decode().encode("utf-16"),
        RAW.replace(b"2277000", b"NaN"),
        RAW.replace(b"2277000", b"Infinity"),
        RAW.replace(b"2277000", b"1e6"),
        RAW.replace(b"2277000", b"1e999999999"),
        RAW.replace(b"2277000", b"1e-99999999999999999999"),
        RAW.replace(b"2277000", b"9" * 5000),
        RAW.replace(b"2277000", b"1." + b"0" * 5000 + b"1"),
        RAW.replace(b'"id":92704', b'"id":92704,"id":92705'),
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda raw: raw[:12].decode(errors="replace"),
)
def test_bodies_of_other_shapes(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


@pytest.mark.parametrize(
    "wrong",
    [
        *[{"id": value} for value in (None, "92704", True, -1, 2**63, 1.5, [1], {"a": 1})],
        *[{"transferAmount": value} for value in (None, 0, -1, 0.5, "2277000", True, 10**13)],
        *[{"transferType": value} for value in (None, "IN", "", "both", 1, ["in"])],
        *[{"accountNumber": value} for value in (None, "", "  ", 71000000001, "1" * 41)],
        *[{"gateway": value} for value in (None, "", 5, "x" * 101)],
        *[{"content": value} for value in (5, ["DH"], "x" * 2001)],
        *[
            {"transactionDate": value}
            for value in (None, "", "2026-03-25", "2026-02-30 10:00:00", 1774422160)
        ],
        *[
            {"transactionDate": value}
            for value in ("2026-03-25T14:02:37", "2026-03-25 14:02:37Z", "25/03/2026")
        ],
        *[{"transactionDate": value} for value in ("0001-01-01 00:00:00", "2026-03-25 24:00:01")],
        *[{name: 5} for name in ("subAccount", "code", "referenceCode")],
    ],
    ids=lambda wrong: str(wrong)[:50],
)
def test_fields_of_other_shapes(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_with(**wrong)


@pytest.mark.parametrize(
    "field", ["id", "gateway", "transactionDate", "accountNumber", "transferType", "transferAmount"]
)
def test_fields_that_must_be_there(field: str) -> None:
    with pytest.raises(Malformed):
        read(json.dumps({name: value for name, value in BODY.items() if name != field}).encode())


@pytest.mark.parametrize(
    "field", ["subAccount", "code", "content", "description", "accumulated", "referenceCode"]
)
def test_fields_that_may_be_missing(field: str) -> None:
    without = read(json.dumps({name: value for name, value in BODY.items() if name != field}).encode())
    assert without == replace(read_with(**{field: None}))
    assert without.amount_dong == 2_277_000


def test_what_sepay_may_add_and_vary() -> None:
    assert read_with(newField={"a": [1]}) == read(RAW)
    assert read(RAW.replace(b"2277000", b"2277000.00")).amount_dong == 2_277_000
    assert read_with(transferType="out").is_incoming is False
    assert read_with(content="che\u0000 xanh \ud83d", code="").content == "che  xanh ?"
    assert read_with(code=" ").our_ref == ""
