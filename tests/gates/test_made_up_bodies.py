"""Made-up callbacks, rightly signed, of every provider and carrier: read, or refused in the words that gates have."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.gates import CallbackRefused, RawRequest
from kit.settings import Settings
from kit.wire import hmac_sha256, hmac_sha512, json_object
from payments.gate import StatementLine, VerifiedEvent
from payments.gates import casso, payos
from payments.gates.casso import CassoGate
from payments.gates.mobile_money import MobileMoney
from payments.gates.momo import Momo, MomoKeys, signature
from payments.gates.payos import PayosGate
from payments.gates.sepay import SepayGate, sign
from payments.gates.signers import HmacSha1
from payments.gates.stripe_gate import StripeGate, signed_header
from payments.gates.vnpay import Vnpay, VnpayKeys, signed_text
from payments.gates.zalopay import Zalopay, ZalopayKeys
from payments.twins.telling import payos_told, told
from postal.gates.register import open_carriers
from postal.services.notices import _sound

NOW = datetime(2026, 3, 25, 7, 2, 40, tzinfo=UTC)
KEY, CLIENT = "khoa bi mat", httpx2.AsyncClient()
CARRIERS = open_carriers(Settings(), CLIENT, lambda: NOW)
Json = Any
ODD: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(["", "0", "-1", "1e400", "2026-13-45 99:99:99", "\0", "9" * 400, "VND", "null", "١٢٣"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LINE = StatementLine(
    provider_ref="7",
    our_ref="",
    amount_dong=35_000,
    is_incoming=True,
    at=NOW,
    account_number="0123456789",
    content="DH7K2M9QXA chuyen tien",
    bank_reference="FT26084000007",
    gateway="Vietcombank",
)
"""What each provider tells when all is well."""
MOMO = {
    "partnerCode": "MOMO",
    "orderId": "T1",
    "requestId": "r1",
    "amount": 35_000,
    "orderInfo": "DH7K2M9QXA",
    "orderType": "momo_wallet",
    "transId": 4_088_878_653,
    "resultCode": 0,
    "message": "Successful.",
    "payType": "qr",
    "responseTime": 1_774_422_160_000,
    "extraData": "",
}
ZALOPAY = {
    "app_id": 2553,
    "app_trans_id": "260325_T1",
    "app_time": 1_774_422_160_000,
    "app_user": "u",
    "amount": 35_000,
    "embed_data": "{}",
    "item": "[]",
    "zp_trans_id": 260_325_000_000_389,
    "server_time": 1_774_422_160_000,
    "channel": 38,
}
VNPAY = {
    "vnp_TmnCode": "TMN1",
    "vnp_Amount": "3500000",
    "vnp_BankCode": "NCB",
    "vnp_TxnRef": "T1",
    "vnp_TransactionNo": "14422574",
    "vnp_ResponseCode": "00",
    "vnp_TransactionStatus": "00",
    "vnp_PayDate": "20260325140240",
}
MOBILE_MONEY = {
    "billcode": "DH7K2M9QXA",
    "merchant_code": "CHO",
    "order_id": "T1",
    "payment_status": "1",
    "error_code": "00",
    "trans_amount": "35000",
    "vt_transaction_id": "260325",
}
STRIPE = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "created": 1_774_422_160,
    "data": {
        "object": {
            "id": "cs_1",
            "object": "checkout.session",
            "client_reference_id": "T1",
            "amount_total": 35_000,
            "currency": "vnd",
            "payment_status": "paid",
            "payment_intent": "pi_1",
            "metadata": {"reference": "T1"},
        }
    },
}
CASSO, SEPAY = (
    json.loads(told(name, KEY, LINE, now=NOW, is_forged=False).raw) for name in ("casso", "sepay")
)


def _raw(body: bytes = b"", query: str = "", headers: dict[str, str] | None = None) -> RawRequest:
    return RawRequest("POST", query, headers or {}, body, NOW)


def _sepay(body: Json) -> VerifiedEvent:
    raw = json.dumps(body).encode()
    return SepayGate(KEY).verify_callback(_raw(raw, headers=sign(KEY, int(NOW.timestamp()), raw)))


def _casso(body: Json) -> VerifiedEvent:
    raw = casso.written(body)
    return CassoGate(KEY).verify_callback(_raw(raw, headers=casso.sign(KEY, NOW, raw)))


def _payos(body: Json) -> VerifiedEvent:
    return PayosGate(KEY).verify_callback(_raw(payos.write(KEY, body)))


def _momo(body: Json) -> VerifiedEvent:
    keys = MomoKeys("MOMO", "access", KEY)
    signed = signature(keys, "ipn", json_object(json.dumps(body).encode()))
    gate = Momo(keys, "https://momo.example", CLIENT)
    return gate.verify_callback(_raw(json.dumps({**body, "signature": signed}).encode()))


def _zalopay(body: Json) -> VerifiedEvent:
    data = json.dumps(body)
    gate = Zalopay(ZalopayKeys("2553", "key1", KEY), "https://zalopay.example", CLIENT)
    sent = {"data": data, "mac": hmac_sha256(KEY, data), "type": 1}
    return gate.verify_callback(_raw(json.dumps(sent).encode()))


def _vnpay(body: Json) -> VerifiedEvent:
    query = signed_text({str(name): _flat(value) for name, value in body.items()})
    gate = Vnpay(VnpayKeys("TMN1", KEY), "https://pay.example", "https://api.example", CLIENT)
    return gate.verify_callback(_raw(query=f"{query}&vnp_SecureHash={hmac_sha512(KEY, query)}"))


def _mobile_money(body: Json) -> VerifiedEvent:
    fields = {str(name): _flat(value) for name, value in body.items()}
    signer = HmacSha1("access", KEY)
    fields["check_sum"] = signer.sign(fields)
    gate = MobileMoney("CHO", signer, "https://mm.example", CLIENT)
    return gate.verify_callback(_raw(urlencode(fields).encode()))


def _stripe(body: Json) -> VerifiedEvent:
    payload = json.dumps(body)
    gate = StripeGate("sk_test_1", KEY, "https://api.example", CLIENT)
    return gate.verify_callback(
        _raw(payload.encode(), headers={"Stripe-Signature": signed_header(payload, KEY, NOW)})
    )


def _flat(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode().replace("\0", " ")


TOLD: dict[str, tuple[Callable[[Json], VerifiedEvent], Json]] = {
    "sepay": (_sepay, SEPAY),
    "casso": (_casso, CASSO),
    "payos": (_payos, payos_told(replace(LINE, our_ref="7"))),
    "momo": (_momo, MOMO),
    "zalopay": (_zalopay, ZALOPAY),
    "vnpay": (_vnpay, VNPAY),
    "mobile_money": (_mobile_money, MOBILE_MONEY),
    "stripe": (_stripe, STRIPE),
}
# What carriers' webhooks look like when all is well.
HOOKS: dict[str, Json] = {
    "ghn": {
        "Type": "switch_status",
        "OrderCode": "GHN1",
        "ClientOrderCode": "C1",
        "Status": "picked",
        "Time": "2026-03-25T07:02:40Z",
        "Reason": "",
        "ReasonCode": "",
        "Warehouse": "Thái Nguyên",
        "TotalFee": 22_000,
        "Weight": 500,
        "CODAmount": 0,
    },
    "ghtk": {
        "label_id": "S1.A1.1",
        "partner_id": "C1",
        "action_time": "2026-03-25T14:02:40+07:00",
        "status_id": 3,
        "reason_code": "",
        "reason": "",
        "weight": 0.5,
        "fee": 22_000,
        "pick_money": 0,
    },
    "viettel_post": {
        "DATA": {
            "ORDER_NUMBER": "VT1",
            "ORDER_REFERENCE": "C1",
            "ORDER_STATUSDATE": "25/03/2026 14:02:40",
            "ORDER_STATUS": 105,
            "STATUS_NAME": "Đã lấy hàng",
            "LOCALION_CURRENTLY": "Thái Nguyên",
            "NOTE": "",
            "MONEY_COLLECTION": 0,
            "MONEY_TOTAL": 22_000,
            "PRODUCT_WEIGHT": 500,
        },
        "TOKEN": "t",
    },
    "vnpost": {
        "sendDate": "25/03/2026 14:02:40",
        "data": [
            {
                "itemCode": "EB1VN",
                "saleOrderCode": "C1",
                "status": "6",
                "updatedDate": "25/03/2026 14:02:40",
                "poName": "Thái Nguyên",
                "weight": "500",
                "totalFee": "22000",
            }
        ],
    },
}


def _hook(name: str, body: Json) -> bytes:
    """GHTK sends form fields, the others JSON."""
    if name == "ghtk" and isinstance(body, dict):
        return urlencode({field: _flat(value) for field, value in body.items()}).encode()
    return json.dumps(body).encode()


def places(body: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where anything stands in a body."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [found for name, one in inside for found in ((*path, name), *places(one, (*path, name)))]


@st.composite
def spoiled(draw: Any, body: Json) -> Json:
    """The body with one to three of its fields left out, or holding something else."""
    made = json.loads(json.dumps(body))
    for path in draw(st.lists(st.sampled_from(places(body)), min_size=1, max_size=3)):
        where = made
        for name in path[:-1]:
            inside = isinstance(where, dict | list) and name in (
                where if isinstance(where, dict) else range(len(where))
            )
            where = where[name] if inside else None
        if isinstance(where, dict):
            where[path[-1]] = draw(ODD)
            if draw(st.booleans()):
                del where[path[-1]]
    return made


@pytest.mark.parametrize("name", TOLD)
def test_a_sound_callback_is_read(name: str) -> None:
    """Else the made-up ones would all fail at their signature."""
    tell, body = TOLD[name]
    assert tell(body).amount_dong == 35_000


@pytest.mark.parametrize("name", TOLD)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_spoiled_callback_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """A sum is whole and never below zero; nothing falls over."""
    tell, body = TOLD[name]
    try:
        event = tell(data.draw(spoiled(body)))
    except CallbackRefused as refused:
        assert str(refused)
        return
    assert event.amount_dong is None or (type(event.amount_dong) is int and event.amount_dong >= 0)
    assert "\0" not in event.event_key + event.our_ref + event.provider_ref + event.code
    for text in (event.event_key, event.our_ref, event.provider_ref, event.code):
        text.encode()


@pytest.mark.parametrize("name", HOOKS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_spoiled_webhook_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Whatever is read of it fits into a table, and its code means something or nothing."""
    carrier = CARRIERS.by_code[name]
    body = data.draw(spoiled(HOOKS[name]) | ODD)
    try:
        facts = carrier.parse_webhook(_raw(_hook(name, body)))
    except CallbackRefused as refused:
        assert str(refused)
        return
    for fact in map(_sound, facts):
        carrier.map_status(fact.code, reason=fact.reason)
        for text in (fact.tracking_code, fact.code, fact.reference, fact.reason, fact.note, fact.place):
            assert "\0" not in text
            text.encode()


@pytest.mark.parametrize("name", HOOKS)
def test_a_sound_webhook_is_read(name: str) -> None:
    carrier = CARRIERS.by_code[name]
    [fact] = carrier.parse_webhook(_raw(_hook(name, HOOKS[name])))
    assert carrier.map_status(fact.code).state == "picked_up"
