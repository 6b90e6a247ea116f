"""Every documented result code has its meaning, and every gate answers its provider in the provider's own words."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from payments.gate import (
    Asked,
    GateAway,
    GateFault,
    GateRefused,
    GateUnsure,
    Intent,
    NotOffered,
    Outcome,
    Redirect,
    Taken,
)
from payments.gates import mobile_money, momo, vnpay, zalopay
from payments.gates.stripe_gate import StripeGate
from payments.twins import keys

NOW = datetime(2026, 3, 25, 7, 0, tzinfo=UTC)
INTENT = Intent(
    reference="DH1T1",
    code="DH1",
    amount_dong=50_000,
    words="Thanh toan don DH1",
    now=NOW,
    expires_at=NOW + timedelta(minutes=15),
    return_url="https://cho.example/orders/DH1/back",
    callback_url="https://cho.example/payments/callbacks/x",
)
ASKED = Asked("DH1T1", "4000000001", 50_000, NOW, NOW)


def answering(status: int = 200, body: Any = None, fault: Exception | None = None) -> httpx2.AsyncClient:
    """A client whose every call ends so."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if fault is not None:
            raise fault
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(status, content=content)

    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer))


def momo_at(client: httpx2.AsyncClient) -> momo.Momo:
    return momo.Momo(keys.MOMO, "https://momo.example", client)


def momo_says(code: int, **more: Any) -> httpx2.AsyncClient:
    return answering(body={"orderId": "DH1T1", "resultCode": code, "message": "", "amount": 50000, **more})


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (0, Outcome.SUCCEEDED),
        (9000, Outcome.SUCCEEDED),
        *((code, Outcome.PENDING) for code in (1000, 7000, 7002, 8000)),
        *((code, Outcome.CANCELLED) for code in (1003, 1006, 1017)),
        (1005, Outcome.EXPIRED),
        (42, Outcome.NOT_FOUND),
        *((code, Outcome.FAILED) for code in (98, 99, 1001, 1002, 1004, 1007, 1026, 2019, 4001, 4002, 4100)),
    ],
)
async def test_what_momo_says_of_a_payment(code: int, outcome: Outcome) -> None:
    state = await momo_at(momo_says(code, transId=7)).query(ASKED)
    assert (state.outcome, state.our_ref) == (outcome, "DH1T1")


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        *((code, GateAway) for code in (10, 43)),
        *((code, GateUnsure) for code in (40, 41, 555)),
        *((code, GateRefused) for code in (11, 12, 13, 20, 21, 22, 45, 47, 1001, 4100)),
    ],
)
async def test_what_momo_says_to_a_create(code: int, fault: type[GateFault]) -> None:
    with pytest.raises(fault):
        await momo_at(momo_says(code)).create(INTENT, idem_key="DH1T1")


@pytest.mark.parametrize(
    ("code", "fault"), [(1080, GateAway), (1081, GateRefused), (1088, GateRefused), (41, GateUnsure)]
)
async def test_what_momo_says_to_a_refund(code: int, fault: type[GateFault]) -> None:
    with pytest.raises(fault):
        await momo_at(momo_says(code)).refund(ASKED, 20_000, "tra", idem_key="R1", now=NOW)


async def test_momo_answers_about_something_else_are_not_believed() -> None:
    said = {"orderId": "DH9T1", "requestId": "DH1T1", "amount": 50000, "resultCode": 0, "payUrl": "https://x"}
    with pytest.raises(GateUnsure, match="something else"):
        await momo_at(answering(body=said)).create(INTENT, idem_key="DH1T1")
    forged = {**said, "orderId": "DH1T1", "signature": "0" * 64}
    with pytest.raises(GateUnsure, match="signature"):
        await momo_at(answering(body=forged)).create(INTENT, idem_key="DH1T1")
    unsigned = {**said, "orderId": "DH1T1"}
    assert isinstance(await momo_at(answering(body=unsigned)).create(INTENT, idem_key="DH1T1"), Redirect)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (1, Outcome.SUCCEEDED),
        (2, Outcome.FAILED),
        (3, Outcome.PENDING),
        (-101, Outcome.REVERSED),
        (9, Outcome.PENDING),
    ],
)
async def test_what_zalopay_says_of_a_payment(code: int, outcome: Outcome) -> None:
    client = answering(body={"return_code": code, "amount": 50000, "zp_trans_id": 5})
    gate = zalopay.Zalopay(keys.ZALOPAY, "https://zalopay.example", client)
    state = await gate.query(ASKED)
    assert state.outcome is outcome
    assert state.amount_dong == (50_000 if outcome is Outcome.SUCCEEDED else None)


@pytest.mark.parametrize(
    ("more", "fault"),
    [(-68, GateUnsure), (-401, GateRefused), (-402, GateRefused), (-429, GateAway), (-500, GateUnsure)],
)
async def test_what_zalopay_says_to_a_create(more: int, fault: type[GateFault]) -> None:
    client = answering(body={"return_code": 2, "sub_return_code": more, "sub_return_message": ""})
    with pytest.raises(fault):
        await zalopay.Zalopay(keys.ZALOPAY, "https://zalopay.example", client).create(
            INTENT, idem_key="DH1T1"
        )


def vnpay_says(code: str, status: str = "00", *, secret: str = keys.VNPAY.secret) -> vnpay.Vnpay:
    answer = {
        "vnp_ResponseCode": code,
        "vnp_TransactionStatus": status,
        "vnp_TxnRef": "DH1T1",
        "vnp_Amount": "5000000",
        "vnp_TransactionType": "01",
    }
    answer["vnp_SecureHash"] = vnpay.joined_hash(secret, "querydr_answer", answer)
    return vnpay.Vnpay(keys.VNPAY, "https://pay.example", "https://api.example", answering(body=answer))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("00", Outcome.SUCCEEDED),
        ("01", Outcome.PENDING),
        ("02", Outcome.FAILED),
        ("04", Outcome.REVERSED),
        *((status, Outcome.SUSPICIOUS) for status in ("05", "06", "07", "09")),
    ],
)
async def test_what_vnpay_says_of_a_payment(status: str, outcome: Outcome) -> None:
    state = await vnpay_says("00", status).query(ASKED)
    assert (state.outcome, state.amount_dong, state.our_ref) == (outcome, 50_000, "DH1T1")


@pytest.mark.parametrize(
    ("code", "fault"),
    [("02", GateRefused), ("03", GateRefused), ("97", GateRefused), ("94", GateAway), ("99", GateUnsure)],
)
async def test_what_vnpay_says_to_a_question(code: str, fault: type[GateFault]) -> None:
    with pytest.raises(fault):
        await vnpay_says(code).query(ASKED)
    assert (await vnpay_says("91").query(ASKED)).outcome is Outcome.NOT_FOUND
    with pytest.raises(GateUnsure, match="checksum"):
        await vnpay_says("00", secret="somebody else").query(ASKED)


def test_every_code_of_mobile_money_has_a_meaning() -> None:
    for code in (
        "00",
        "V02",
        "22",
        "V03",
        "16",
        "W04",
        "V04",
        "V05",
        "V06",
        "M02",
        "M03",
        "M04",
        "813",
        "99",
    ):
        assert code in mobile_money.OUTCOMES
    assert mobile_money.outcome_of("00", "0") is Outcome.PENDING
    assert mobile_money.outcome_of("00", "1") is Outcome.SUCCEEDED
    assert mobile_money.outcome_of("V06", "1") is Outcome.CANCELLED
    assert mobile_money.outcome_of("new", "1") is Outcome.PENDING


ANSWERS = {
    "momo": {
        "processed": 204,
        "duplicate": 204,
        "not_found": 204,
        "amount_mismatch": 204,
        "temporary_error": 500,
    },
    "zalopay": {"processed": 1, "duplicate": 1, "not_found": 1, "bad_signature": -1, "temporary_error": 0},
    "vnpay": {
        "processed": "00",
        "duplicate": "02",
        "not_found": "01",
        "amount_mismatch": "04",
        "bad_signature": "97",
        "temporary_error": "99",
    },
    "stripe": {"processed": 200, "duplicate": 200, "bad_signature": 401, "temporary_error": 500},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_provider_is_answered_in_its_own_words(name: str) -> None:
    client = answering()
    gates = {
        "momo": momo_at(client),
        "zalopay": zalopay.Zalopay(keys.ZALOPAY, "https://x", client),
        "vnpay": vnpay.Vnpay(keys.VNPAY, "https://x", "https://y", client),
        "stripe": StripeGate(keys.STRIPE_KEY, keys.STRIPE_WEBHOOK_SECRET, "https://x", client),
    }
    for taken, wanted in ANSWERS[name].items():
        answer = gates[name].acknowledge(None, Taken(taken))
        said: Any = answer.status
        if name == "zalopay":
            said = json.loads(answer.body)["return_code"]
        if name == "vnpay":
            said = json.loads(answer.body)["RspCode"]
        assert said == wanted, taken
    assert gates["momo"].acknowledge(None, Taken.PROCESSED).body == b""


@pytest.mark.parametrize(
    ("status", "body", "fault", "meant"),
    [
        (200, b"", httpx2.ReadTimeout("slow"), GateUnsure),
        (200, b"", httpx2.RemoteProtocolError("cut"), GateUnsure),
        (200, b"", httpx2.ConnectError("down"), GateAway),
        (200, b"", httpx2.ConnectTimeout("down"), GateAway),
        (500, b"oops", None, GateUnsure),
        (502, b"", None, GateUnsure),
        (504, b"", None, GateUnsure),
        (503, b"", None, GateAway),
        (429, b"", None, GateAway),
        (302, b"", None, GateUnsure),
        (404, b"<html>", None, GateRefused),
        (200, b"<html>", None, GateUnsure),
        (200, b"[]", None, GateUnsure),
        (200, b'{"resultCode":0,"resultCode":1}', None, GateUnsure),
    ],
)
async def test_a_time_out_is_never_a_no(
    status: int, body: bytes, fault: Exception, meant: type[GateFault]
) -> None:
    """What was certainly not sent may be asked again; what may have been taken is unknown."""
    with pytest.raises(meant):
        await momo_at(answering(status, body, fault)).create(INTENT, idem_key="DH1T1")


async def test_what_a_provider_does_not_offer_is_said() -> None:
    for gate in (momo_at(answering()), vnpay_says("00")):
        with pytest.raises(NotOffered):
            await gate.cancel(ASKED, idem_key="X")
        with pytest.raises(NotOffered):
            async for _ in gate.list_transactions(NOW, NOW):
                pass


async def test_too_little_for_stripe_is_refused_before_asking() -> None:
    gate = StripeGate("sk", "whsec", "https://x", answering(fault=AssertionError("it was asked")))
    small = Intent(**{**{name: getattr(INTENT, name) for name in INTENT.__slots__}, "amount_dong": 14_999})
    with pytest.raises(GateRefused):
        await gate.create(small, idem_key="K")
