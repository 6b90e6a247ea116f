"""Callbacks of collecting providers as a route: who is believed, what is kept, what is answered."""

import json
from datetime import timedelta

import pytest

from kit.clock import StoppedClock
from kit.limits import Limits
from kit.parts import Parts
from kit.wire import hmac_sha256, milliseconds
from payments.gates.momo import signature
from payments.models import Notice
from payments.twins.keys import MOMO, ZALOPAY
from tests.conftest import Browser

pytestmark = pytest.mark.usefixtures("db")


def ipn(clock: StoppedClock, **changes: object) -> bytes:
    """An IPN of MoMo, rightly signed."""
    body: dict[str, object] = {
        "partnerCode": MOMO.partner_code,
        "orderId": "DH7K2M9QXAT1",
        "requestId": "DH7K2M9QXAT1",
        "amount": 50000,
        "orderInfo": "Thanh toan",
        "orderType": "momo_wallet",
        "transId": 4000000001,
        "resultCode": 0,
        "message": "Successful.",
        "payType": "qr",
        "responseTime": milliseconds(clock.now()),
        "extraData": "",
        **changes,
    }
    return json.dumps({**body, "signature": signature(MOMO, "ipn", body)}).encode()


async def test_money_for_nobody_is_kept_for_a_person_and_answered_so_that_repeats_stop(
    client: Browser, clock: StoppedClock
) -> None:
    raw = ipn(clock)
    for _ in range(2):
        answer = await client.post("/payments/callbacks/momo", content=raw)
        assert (answer.status_code, answer.content) == (204, b"")
    [notice] = await Notice.all()
    assert (notice.source, notice.amount_dong, notice.body) == ("momo", 50_000, raw.decode())
    assert notice.event and notice.event["is_mismatch"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", b"\xff\xfe", b'{"signature":1}', b'{"amount":1,"amount":2}', b"9" * 5000],
)
async def test_what_is_not_signed_is_refused_and_not_kept(client: Browser, raw: bytes) -> None:
    assert (await client.post("/payments/callbacks/momo", content=raw)).status_code == 401
    answer = await client.post("/payments/callbacks/zalopay", content=raw)
    assert (answer.status_code, answer.json()["return_code"]) == (200, -1)
    assert not await Notice.all().exists()


async def test_a_changed_byte_is_refused(client: Browser, clock: StoppedClock) -> None:
    raw = ipn(clock).replace(b"50000", b"50001")
    assert (await client.post("/payments/callbacks/momo", content=raw)).status_code == 401


async def test_signed_but_unreadable_is_kept_once_for_a_person(client: Browser, clock: StoppedClock) -> None:
    raw = ipn(clock, amount="a lot")
    for _ in range(2):
        assert (await client.post("/payments/callbacks/momo", content=raw)).status_code == 400
    [notice] = await Notice.all()
    assert (notice.source, notice.verdict) == ("momo", "unread")


async def test_zalopay_data_is_checked_as_it_came(client: Browser, clock: StoppedClock) -> None:
    """Blanks and order inside `data` are part of what is signed."""
    data = json.dumps(
        {
            "app_id": int(ZALOPAY.app_id),
            "app_trans_id": "260101_DH7K2M9QXAT1",
            "amount": 50000,
            "zp_trans_id": 260000000000001,
            "server_time": milliseconds(clock.now() - timedelta(minutes=3)),
        },
        indent=2,
    )
    body = {"type": 1, "mac": hmac_sha256(ZALOPAY.key2, data), "data": data}
    answer = await client.post("/payments/callbacks/zalopay", json=body)
    assert answer.json() == {"return_code": 1, "return_message": "kept for review"}
    other = {**body, "data": json.dumps(json.loads(data))}
    assert (await client.post("/payments/callbacks/zalopay", json=other)).json()["return_code"] == -1


async def test_too_much_is_not_read(client: Browser, parts: Parts) -> None:
    assert (await client.post("/payments/callbacks/momo", content=b"x" * 70_000)).status_code == 413
    assert (await client.get("/payments/callbacks/vnpay?" + "a=1&" * 3000)).status_code == 413
    assert (await client.post("/payments/callbacks/nobody", content=b"x")).status_code == 404
    limits = parts[Limits]
    for _ in range(600):
        await limits.allows("callback:momo:127.0.0.1", times=600, seconds=60)
    assert (await client.post("/payments/callbacks/momo", content=b"x")).status_code == 429
