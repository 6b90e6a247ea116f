"""Casso's and payOS's notices: their published signatures, forgeries, other spellings of JSON, what each tells."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gate import (
    BadSignature,
    EventKind,
    GateRefused,
    Malformed,
    Outcome,
    RawRequest,
    Stale,
    StatementLine,
    Taken,
)
from payments.gates import casso, payos
from payments.gates.bank_asking import BankGate
from payments.gates.casso import CassoGate
from payments.gates.payos import PayosGate
from payments.gates.sepay import SepayGate
from payments.twins.telling import casso_body, payos_told, told

NOW = datetime(2026, 3, 25, 7, 2, 40, tzinfo=UTC)
CASSO_KEY = "mgExMrjj4i7a1p8Cs6LmFbpCd8lbw4sSX4LZXPag7TKazeIogtR90tvWYTkwQbvs"
CASSO_TEST: dict[str, Any] = {
    "error": 0,
    "data": {
        "id": 0,
        "reference": "MA_GIAO_DICH_THU_NGHIEM",
        "description": "giao dich thu nghiem",
        "amount": 599000,
        "runningBalance": 25000000,
        "transactionDateTime": "2024-10-03 15:06:37",
        "accountNumber": "88888888",
        "bankName": "VPBank",
        "bankAbbreviation": "VPB",
        "virtualAccountNumber": "",
        "virtualAccountName": "",
        "counterAccountName": "NGUYEN VAN A",
        "counterAccountNumber": "8888888888",
        "counterAccountBankId": "970415",
        "counterAccountBankName": "VietinBank",
    },
}
CASSO_SIGNATURE = (
    "ed0a4bd2e826d5cb69988cdb141e6c1a080e21f3b57eb72cd78192220042b9e7"
    "dde0868fc667faea8e224900fa7904e7c88dfa098032fb2d6b6996856e8b7ff3"
)
PAYOS_KEY = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675"
PAYOS_TOLD: dict[str, Any] = {
    "orderCode": 123,
    "amount": 3000,
    "description": "VQRIO123",
    "accountNumber": "12345678",
    "reference": "TF230204212323",
    "transactionDateTime": "2023-02-04 18:25:00",
    "currency": "VND",
    "paymentLinkId": "124c33293c43417ab7879e14c8d9eb18",
    "code": "00",
    "desc": "Thành công",
    "counterAccountBankId": "",
    "counterAccountBankName": "",
    "counterAccountName": "",
    "counterAccountNumber": "",
    "virtualAccountName": "",
    "virtualAccountNumber": "",
}
PAYOS_SIGNATURE = "412e915d2871504ed31be63c8f62a149a4410d34c4c42affc9006ef9917eaa03"
LINE = StatementLine(
    provider_ref="7",
    our_ref="",
    amount_dong=35_000,
    is_incoming=True,
    at=NOW,
    account_number="0123456789",
    content='IBFT DH7K2M9QXA chè/miến <ngon> & "rẻ"',
    bank_reference="FT26084000007",
    gateway="VCB",
)
GATES: list[BankGate] = [SepayGate("khoa"), CassoGate("khoa"), PayosGate("khoa")]
contents = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80).map(
    str.strip
)


def request(raw: bytes, headers: dict[str, str] | None = None, at: datetime = NOW) -> RawRequest:
    return RawRequest("POST", "", headers or {}, raw, at)


def casso_request(body: object, key: str = "khoa", at: datetime = NOW, raw: bytes = b"") -> RawRequest:
    written = json.dumps(body).encode()
    return request(raw or written, casso.sign(key, at, written))


def test_cassos_published_test_call_is_believed_and_moves_no_money() -> None:
    header = {"x-casso-signature": f"t=1727948258788,v1={CASSO_SIGNATURE}"}
    event = CassoGate(CASSO_KEY).verify_callback(request(json.dumps(CASSO_TEST).encode(), header))
    assert (event.kind, event.line, event.amount_dong) == (EventKind.TEST, None, None)


def test_payos_published_example_is_believed_and_is_a_test() -> None:
    assert payos.signature(PAYOS_KEY, PAYOS_TOLD) == PAYOS_SIGNATURE
    body = {
        "code": "00",
        "desc": "success",
        "success": True,
        "data": PAYOS_TOLD,
        "signature": PAYOS_SIGNATURE,
    }
    event = PayosGate(PAYOS_KEY).verify_callback(request(json.dumps(body).encode()))
    assert (event.kind, event.line) == (EventKind.TEST, None)
    nulls = {name: value or None for name, value in PAYOS_TOLD.items()}
    assert payos.signature(PAYOS_KEY, nulls) == PAYOS_SIGNATURE


@pytest.mark.parametrize(
    ("told_of", "expected"),
    [
        (
            {
                "id": "payment-link-id",
                "orderCode": 0,
                "amount": 2000,
                "amountPaid": 0,
                "amountRemaining": 2000,
                "status": "PENDING",
                "createdAt": "2025-12-12T09:00:00+07:00",
                "transactions": [],
                "canceledAt": None,
                "cancellationReason": None,
            },
            "33093364158b143baa9ecd2e705d9a2a5a5d391a3cab7cb0a371588b3731368f",
        ),
        ({}, "d9dd60ea06e1ee2dc960267c7a798f0c70307a4783ac0460d015772412c37938"),
    ],
)
def test_payos_signs_other_bodies_as_its_own_library(told_of: dict[str, Any], expected: str) -> None:
    assert payos.signature("test_checksum_key", told_of) == expected


def test_payos_signs_lists_with_sorted_objects() -> None:
    told_of = {
        "id": "payment-link-id",
        "orderCode": 0,
        "amount": 2000,
        "amountPaid": 2000,
        "amountRemaining": 0,
        "status": "PAID",
        "createdAt": "2025-12-12T09:00:00+07:00",
        "transactions": [
            {
                "accountNumber": "0123456789",
                "amount": 2000,
                "counterAccountBankId": "01202001",
                "counterAccountBankName": None,
                "counterAccountName": "NGUYEN VAN A",
                "counterAccountNumber": "9876543210",
                "description": "TRANSACTION DESCRIPTION",
                "reference": "FT-REFERENCE",
                "transactionDateTime": "2025-12-12T09:00:00+07:00",
                "virtualAccountName": None,
                "virtualAccountNumber": None,
            }
        ],
        "canceledAt": None,
        "cancellationReason": None,
    }
    expected = "6af5e2c9a28256c140169ed624114b43295915d7b6e2fa6278b17a7c43aadefd"
    assert payos.signature("test_checksum_key", told_of) == expected


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
@given(content=contents, amount=st.integers(1, 500_000_000))
def test_what_the_twin_tells_each_gate_reads(gate: BankGate, content: str, amount: int) -> None:
    line = replace(LINE, content=content, amount_dong=amount)
    post = told(gate.name, "khoa", line, now=NOW, is_forged=False)
    event = gate.verify_callback(request(post.raw, post.headers))
    assert event.line is not None and event.outcome is Outcome.SUCCEEDED
    read = event.line
    assert (read.amount_dong, read.is_incoming, read.account_number) == (amount, True, "0123456789")
    assert (read.content, read.bank_reference, read.at) == (content, "FT26084000007", NOW)
    assert event.event_key == read.provider_ref and event.receiver == "0123456789"


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_forgery_never_passes(gate: BankGate) -> None:
    post = told(gate.name, "khoa", LINE, now=NOW, is_forged=True)
    with pytest.raises(BadSignature):
        gate.verify_callback(request(post.raw, post.headers))


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_one_changed_digit_is_seen(gate: BankGate) -> None:
    post = told(gate.name, "khoa", LINE, now=NOW, is_forged=False)
    with pytest.raises(BadSignature):
        gate.verify_callback(request(post.raw.replace(b"35000", b"95000"), post.headers))


@pytest.mark.parametrize("gate", [CassoGate("khoa"), PayosGate("khoa"), CassoGate(""), PayosGate("")])
@given(raw=st.binary(max_size=200))
def test_rubbish_is_not_signed(gate: BankGate, raw: bytes) -> None:
    header = {"X-Casso-Signature": f"t=1727948258788,v1={CASSO_SIGNATURE}"}
    with pytest.raises(BadSignature):
        gate.verify_callback(request(raw, header))


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":' * 100_000, b'{"data":{}}', b'{"data":[],"signature":1}']
)
def test_deep_and_hollow_bodies_are_not_signed(raw: bytes) -> None:
    for gate in (CassoGate("khoa"), PayosGate("khoa")):
        with pytest.raises(BadSignature):
            gate.verify_callback(request(raw, {"X-Casso-Signature": f"t=1,v1={'0' * 128}"}))


def test_cassos_json_may_be_spelled_in_three_ways() -> None:
    """JavaScript leaves accents and slashes, Python escapes accents, PHP both; the signature is of the spelling."""
    body = json.loads(casso_body(LINE))
    for is_escaped, has_slashes in ((False, False), (True, False), (True, True)):
        text = casso.canonical(body, is_escaped, has_slashes)
        digest = casso._digest("khoa", "1774422160000", text)
        header = {"X-Casso-Signature": f"t=1774422160000,v1={digest}"}
        for raw in (casso_body(LINE), json.dumps(body, indent=1).encode()):
            event = CassoGate("khoa").verify_callback(request(raw, header))
            assert event.line is not None and event.line.content == LINE.content


def test_casso_notices_dated_ahead_are_stale_and_old_ones_are_not() -> None:
    ahead, old = NOW + timedelta(minutes=6), NOW - timedelta(days=2)
    body = json.loads(casso_body(LINE))
    with pytest.raises(Stale):
        CassoGate("khoa").verify_callback(casso_request(body, at=ahead))
    assert CassoGate("khoa").verify_callback(casso_request(body, at=old)).line is not None


@pytest.mark.parametrize(
    "header", ["", "t=1", "v1=00", f"t=x,v1={'0' * 128}", f"t=1,v1={'0' * 127}", f"t=1,v1={'é' * 128}"]
)
def test_casso_headers_that_prove_nothing(header: str) -> None:
    with pytest.raises(BadSignature):
        CassoGate("khoa").verify_callback(request(b"{}", {"X-Casso-Signature": header}))
    with pytest.raises(BadSignature):
        CassoGate("khoa").verify_callback(request(b"{}"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "7"},
        {"id": -1},
        {"amount": 0},
        {"amount": 1.5},
        {"amount": "35000"},
        {"accountNumber": ""},
        {"accountNumber": 5},
        {"transactionDateTime": "hôm nay"},
        {"description": "x" * 2001},
    ],
    ids=str,
)
def test_casso_fields_of_other_shapes_are_malformed(wrong: dict[str, Any]) -> None:
    body = json.loads(casso_body(LINE))
    with pytest.raises(Malformed):
        CassoGate("khoa").verify_callback(casso_request({**body, "data": {**body["data"], **wrong}}))


def test_casso_money_that_leaves_and_errors() -> None:
    body = json.loads(casso_body(LINE))
    out = CassoGate("khoa").verify_callback(
        casso_request({**body, "data": {**body["data"], "amount": -5_000}})
    )
    assert out.line is not None and (out.line.is_incoming, out.line.amount_dong) == (False, 5_000)
    failed = CassoGate("khoa").verify_callback(casso_request({"error": 5, "data": {}}))
    assert failed.line is None and failed.outcome is Outcome.FAILED
    with pytest.raises(Malformed):
        CassoGate("khoa").verify_callback(casso_request({"error": 0, "data": [1]}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": "35000"},
        {"currency": "USD"},
        {"accountNumber": None},
        {"reference": ""},
        {"paymentLinkId": None},
        {"transactionDateTime": "x"},
        {"transactionDateTime": "2026-02-30 10:00:00"},
    ],
    ids=str,
)
def test_payos_fields_of_other_shapes_are_malformed(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        PayosGate("khoa").verify_callback(request(payos.write("khoa", {**payos_told(LINE), **wrong})))


def test_payos_lines_of_one_link_have_keys_of_their_own_and_failures_move_nothing() -> None:
    gate = PayosGate("khoa")
    one = gate.verify_callback(request(payos.write("khoa", payos_told(LINE))))
    two = gate.verify_callback(request(payos.write("khoa", {**payos_told(LINE), "reference": "FT2"})))
    zoned = {**payos_told(LINE), "transactionDateTime": "2026-03-25T14:02:40+07:00"}
    assert one.event_key == "twin7:FT26084000007" and two.event_key == "twin7:FT2"
    assert gate.verify_callback(request(payos.write("khoa", zoned))).occurred_at == NOW
    failed = gate.verify_callback(request(payos.write("khoa", {**payos_told(LINE), "code": "01"})))
    assert failed.line is None and failed.outcome is Outcome.FAILED
    more = {**payos_told(LINE), "newField": {"a": 1}, "other": [2, "x", True, 0.5], "flag": False}
    assert gate.verify_callback(request(payos.write("khoa", more))).line is not None


def test_sepays_key_in_a_header_is_believed_only_where_it_is_allowed() -> None:
    post = told("sepay", "khoa", LINE, now=NOW, is_forged=False)
    shown = {"Authorization": "Apikey khoa"}
    assert SepayGate("khoa", allows_api_key=True).verify_callback(request(post.raw, shown)).line is not None
    for gate, headers in (
        (SepayGate("khoa"), shown),
        (SepayGate("khoa", allows_api_key=True), {"Authorization": "Apikey Khoa"}),
        (SepayGate("", allows_api_key=True), {"Authorization": "Apikey "}),
        (SepayGate("khoa", allows_api_key=True), {}),
        (SepayGate("khoa", allows_api_key=True), {**shown, "X-SePay-Signature": "sha256=" + "0" * 64}),
    ):
        with pytest.raises(BadSignature):
            gate.verify_callback(request(post.raw, headers))


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_gate_answers_in_its_providers_words(gate: BankGate) -> None:
    for taken in (Taken.PROCESSED, Taken.DUPLICATE):
        assert gate.acknowledge(None, taken).status == 200
    statuses = [gate.acknowledge(None, one).status for one in (Taken.BAD_SIGNATURE, Taken.MALFORMED)]
    assert [*statuses, gate.acknowledge(None, Taken.TEMPORARY_ERROR).status] == [401, 400, 503]
    headers, raw = gate.test_callback(NOW)
    event = gate.verify_callback(request(raw, headers))
    assert (event.kind, event.line) == (EventKind.TEST, None)


def test_a_bank_gate_offers_only_what_it_has() -> None:
    assert not any(gate.caps.refund or gate.caps.query or gate.caps.list_transactions for gate in GATES)
    assert not any(gate.caps.collects for gate in GATES)


async def casso_lists(*pages: list[dict[str, Any]], since: datetime, until: datetime) -> list[StatementLine]:
    """What the gate reads from these pages; it must ask as developer.casso.vn has it, and no page beyond the last."""
    asked: list[dict[str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(dict(request.url.params))
        number = int(request.url.params["page"])
        told = {"page": number, "pageSize": 10, "totalPages": len(pages), "records": pages[number - 1]}
        return httpx2.Response(200, json={"error": 0, "message": "success", "data": told})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
        gate = CassoGate("khoa", api_key="AK", client=client)
        found = [line async for line in gate.list_transactions(since, until)]
    assert [one["page"] for one in asked] == [str(n) for n in range(1, len(pages) + 1)]
    assert all(set(one) == {"fromDate", "page", "pageSize", "sort"} and one["sort"] == "ASC" for one in asked)
    return found


async def test_cassos_list_is_read_as_its_documentation_has_it() -> None:
    """Its own sample record, with its time; a provider that caps its pages is asked for all of them."""
    sample = {
        "id": 5789,
        "tid": "TF2104152395814062",
        "description": "Khanhnm chuyen tien",
        "amount": -193000,
        "cusum_balance": 1070904,
        "when": "2021-04-15T09:12:00",
        "bankSubAccId": "8007041027107",
        "paymentChannel": "",
        "virtualAccount": "",
        "virtualAccountName": "",
        "corresponsiveName": "",
        "corresponsiveAccount": "",
        "corresponsiveBankId": "",
        "corresponsiveBankName": "",
        "accountId": 733,
        "bankCodeName": "acb_digi",
    }
    since, until = datetime(2021, 4, 15, 1, tzinfo=UTC), datetime(2021, 4, 15, 4, tzinfo=UTC)
    second = {**sample, "id": 5790, "amount": 350000, "when": "2021-04-15 10:30:00"}
    late = {**sample, "id": 5791, "when": "2021-04-15T11:01:00"}
    one, other = await casso_lists([sample], [second, late], since=since, until=until)
    assert (one.provider_ref, one.amount_dong, one.is_incoming) == ("5789", 193_000, False)
    assert (one.bank_reference, one.account_number, one.gateway) == (
        "TF2104152395814062",
        "8007041027107",
        "acb_digi",
    )
    assert one.at == datetime(2021, 4, 15, 2, 12, tzinfo=UTC) and other.is_incoming


async def test_a_record_of_which_only_the_day_is_known_is_not_lost() -> None:
    """Some banks tell no time: `when` is a date or midnight; it is read whenever its day is."""
    record = {"id": 1, "tid": "T", "description": "x", "amount": 5000, "bankSubAccId": "8007041027107"}
    since, until = datetime(2021, 4, 15, 6, tzinfo=UTC), datetime(2021, 4, 15, 8, tzinfo=UTC)
    for when in ("2021-04-15", "2021-04-15T00:00:00"):
        [line] = await casso_lists([{**record, "when": when}], since=since, until=until)
        assert line.at == datetime(2021, 4, 14, 17, tzinfo=UTC)
    for when in ("2021-04-14", "2021-04-16", "2021-04-15T10:00:00"):
        assert await casso_lists([{**record, "when": when}], since=since, until=until) == []
    with pytest.raises(GateRefused):
        await casso_lists([{**record, "when": "hôm qua"}], since=since, until=until)
