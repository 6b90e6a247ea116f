"""The signing rules against worked examples: providers' own, their libraries', and Stripe's client."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import stripe
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from kit.wire import hmac_sha256, hmac_sha512
from payments.gate import BadSignature, Malformed, Outcome, RawRequest, Stale
from payments.gates.momo import SIGNED, MomoKeys, signature
from payments.gates.signers import EcdsaSha256, HmacSha1
from payments.gates.stripe_gate import StripeGate, signed_header
from payments.gates.vnpay import Vnpay, VnpayKeys, check_query, outcome_of, signed_text
from payments.gates.zalopay import Zalopay, ZalopayKeys, mac

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "signatures.json").read_text()
)
NOW = datetime(2026, 3, 25, 7, 0, tzinfo=UTC)
CLIENT = httpx2.AsyncClient()
SECRET = "whsec_test_secret"


def vectors(provider: str) -> list[dict[str, Any]]:
    return [one for one in VECTORS if one["provider"] == provider]


def raw(body: bytes = b"", query: str = "", **headers: str) -> RawRequest:
    return RawRequest("POST", query, headers, body, NOW)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one['provider']}-{one['kind']}")
def test_the_digest_of_a_worked_example_fits(vector: dict[str, Any]) -> None:
    digest = hmac_sha512 if vector["provider"] == "vnpay" else hmac_sha256
    assert digest(vector["key"], vector["message"]) == vector["expect"]


def test_momo_joins_the_documented_keys_in_alphabetical_order() -> None:
    [vector] = vectors("momo")
    fields = dict(pair.split("=", 1) for pair in vector["message"].split("&"))
    keys = MomoKeys(fields["partnerCode"], fields.pop("accessKey"), vector["key"])
    assert signature(keys, "refund", fields) == vector["expect"]
    assert all(list(names) == sorted(names) for names in SIGNED.values())


def test_zalopay_verifies_the_text_of_its_own_example() -> None:
    [vector] = vectors("zalopay")
    gate = Zalopay(ZalopayKeys("2553", "key1", vector["key"]), "https://zalopay.example", CLIENT)
    body = json.dumps({"data": vector["message"], "mac": vector["expect"], "type": 1}).encode()
    event = gate.verify_callback(raw(body))
    assert (event.our_ref, event.amount_dong, event.provider_ref, event.receiver) == (
        "2553_1598435687208",
        10_000,
        "200904000000389",
        "2553",
    )
    with pytest.raises(BadSignature):
        gate.verify_callback(raw(body.replace(b"10000", b"90000")))


def test_zalopay_signs_a_query_with_the_key_inside() -> None:
    assert mac("K1", "query", {"app_id": "1", "app_trans_id": "2"}) == hmac_sha256("K1", "1|2|K1")


@pytest.mark.parametrize("vector", vectors("vnpay"), ids=lambda one: str(one["kind"]))
def test_vnpay_hashes_the_raw_query_as_it_came(vector: dict[str, Any]) -> None:
    query = f"{vector['message']}&vnp_SecureHash={vector['expect']}"
    check_query(vector["key"], query)
    shuffled = "&".join(reversed(query.split("&")))
    check_query(vector["key"], shuffled + "&vnp_SecureHashType=HmacSHA512")
    with pytest.raises(BadSignature):
        check_query(vector["key"], query.replace("Amount=1", "Amount=2"))
    with pytest.raises(BadSignature):
        check_query("", query)
    with pytest.raises(BadSignature):
        check_query(vector["key"], query + f"&vnp_SecureHash={vector['expect']}")


@given(st.dictionaries(st.from_regex("vnp_[A-Za-z]{1,12}", fullmatch=True), st.text(max_size=20), min_size=1))
def test_what_vnpay_signs_it_believes(fields: dict[str, str]) -> None:
    fields.pop("vnp_SecureHash", None)
    fields["vnp_Amount"] = "100"
    query = signed_text(fields)
    check_query("khoa", f"{query}&vnp_SecureHash={hmac_sha512('khoa', query)}")


def test_vnpay_reads_its_example_and_refuses_fields_twice() -> None:
    vector = next(one for one in vectors("vnpay") if one["kind"] == "ipn_or_return_query")
    gate = Vnpay(
        VnpayKeys("TEST_TMN_CODE", vector["key"]), "https://pay.example", "https://api.example", CLIENT
    )
    event = gate.verify_callback(raw(query=f"{vector['message']}&vnp_SecureHash={vector['expect']}"))
    assert (event.amount_dong, event.outcome, event.provider_ref) == (10_000, Outcome.SUCCEEDED, "14422574")
    assert event.occurred_at == datetime(2024, 5, 21, 2, 18, 6, tzinfo=UTC)
    twice = "vnp_Amount=100&vnp_Amount=200&vnp_TxnRef=A"
    with pytest.raises(Malformed):
        gate.verify_callback(raw(query=f"{twice}&vnp_SecureHash={hmac_sha512(vector['key'], twice)}"))


@pytest.mark.parametrize(
    ("response", "status", "outcome"),
    [
        ("00", "00", Outcome.SUCCEEDED),
        ("00", "01", Outcome.PENDING),
        ("00", "", Outcome.PENDING),
        ("00", "02", Outcome.FAILED),
        ("00", "04", Outcome.REVERSED),
        ("00", "07", Outcome.SUSPICIOUS),
        ("07", "00", Outcome.SUSPICIOUS),
        ("24", "02", Outcome.CANCELLED),
        ("11", "02", Outcome.EXPIRED),
        ("51", "02", Outcome.FAILED),
        ("88", "02", Outcome.PENDING),
    ],
)
def test_vnpay_is_paid_only_when_both_codes_say_so(response: str, status: str, outcome: Outcome) -> None:
    assert outcome_of(response, status) is outcome


def stripe_gate() -> StripeGate:
    return StripeGate("sk_test", SECRET, "https://stripe.example", CLIENT)


def event(**changes: object) -> bytes:
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "client_reference_id": "DH1T1",
        "amount_total": 50000,
        "currency": "vnd",
        "payment_status": "paid",
        **changes,
    }
    return json.dumps(
        {"id": "evt_1", "type": "checkout.session.completed", "created": 1, "data": {"object": session}}
    ).encode()


def test_stripe_takes_what_its_own_client_signed() -> None:
    [vector] = vectors("stripe")
    payload = vector["message"].partition(".")[2]
    header = signed_header(payload, vector["key"], datetime.fromtimestamp(1_700_000_000, UTC))
    assert header == f"t=1700000000,v1={vector['expect']}"
    body = event()
    told = stripe_gate().verify_callback(
        raw(body, **{"stripe-signature": signed_header(body.decode(), SECRET, NOW)})
    )
    assert (told.outcome, told.amount_dong, told.currency, told.our_ref) == (
        Outcome.SUCCEEDED,
        50_000,
        "VND",
        "DH1T1",
    )


@pytest.mark.parametrize("drift", [timedelta(seconds=301), timedelta(seconds=-301), timedelta(days=400)])
def test_stripe_events_from_the_past_and_from_the_future_are_stale(drift: timedelta) -> None:
    """Stripe's own client lets the future pass."""
    body = event()
    header = signed_header(body.decode(), SECRET, NOW + drift)
    if drift > timedelta():
        future = signed_header(body.decode(), SECRET, datetime.now(UTC) + drift)
        assert stripe.WebhookSignature.verify_header(body, future, SECRET, 300)
    with pytest.raises(Stale):
        stripe_gate().verify_callback(raw(body, **{"Stripe-Signature": header}))


@pytest.mark.parametrize("header", ["", "t=1", "v1=abc", "t=,v1=", "nonsense", "t=1,t=2,v1=00"])
def test_stripe_without_a_right_signature_is_refused(header: str) -> None:
    with pytest.raises(BadSignature):
        stripe_gate().verify_callback(raw(event(), **{"Stripe-Signature": header}))


def test_a_stripe_session_is_paid_only_when_it_says_paid() -> None:
    body = event(payment_status="unpaid")
    header = signed_header(body.decode(), SECRET, NOW)
    told = stripe_gate().verify_callback(raw(body, **{"Stripe-Signature": header}))
    assert told.outcome is Outcome.PENDING


def test_mobile_money_signs_by_what_is_plugged_in() -> None:
    """HMAC-SHA1 over access code and values by name; ECDSA over compact JSON; a plus may arrive as a blank."""
    fields = {"order_id": "A1", "amount": "5000", "return_url": "https://x", "desc": ""}
    signer = HmacSha1("ACCESS", "secret")
    assert signer.sign(fields) == HmacSha1("ACCESS", "secret").sign({"order_id": "A1", "amount": "5000"})
    made = next(sum_ for n in range(500) if "+" in (sum_ := signer.sign({**fields, "n": str(n)})))
    number = next(n for n in range(500) if signer.sign({**fields, "n": str(n)}) == made)
    assert signer.fits({**fields, "n": str(number)}, made.replace("+", " "))
    assert not signer.fits({**fields, "amount": "5001"}, signer.sign(fields))
    mine, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    us = EcdsaSha256(private(mine), public(theirs))
    them = EcdsaSha256(private(theirs), public(mine))
    assert them.fits(fields, us.sign(fields)) and us.fits(fields, them.sign(fields))
    assert not us.fits({**fields, "amount": "5001"}, them.sign(fields)) and not us.fits(fields, "?")
    with pytest.raises(ValueError, match="empty"):
        HmacSha1("ACCESS", "")


def private(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def public(key: ec.EllipticCurvePrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
