"""payOS's payment links: the published signature, honest faults, the twin, and an order paid by one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from kit.clock import StoppedClock
from kit.parts import Parts
from kit.sealed import seal_keys
from kit.settings import Settings
from orders.models import Order
from orders.services import Buyer
from payments.forms import BankKeyForm
from payments.gate import GateAway, GateFault, GateRefused, GateUnsure
from payments.gates.payos import signature
from payments.gates.payos_links import LinkWanted, PayosLinks, create_signature
from payments.models import BankKey, LinkState, Notice, Payment, PaymentLink, TwinOrder
from payments.services import assert_balanced, payment_for
from payments.services.bank_keys import connect_key, disconnect_key
from payments.services.links import open_link, start_link, take_back
from tests.conftest import Browser
from tests.factories import COMMUNES_OF_ORDERS, listing, pay_order, placed, units

HOA = Buyer(None, "d" * 22)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEY = "test_checksum_key"
WANTED = LinkWanted(1_763_780_400_000_123, 50_000, "DH7K2M9QXA", "https://cho.vn/orders/X", NOW)
OFFICIAL = {
    "amount": 3300,
    "description": "ABC456",
    "orderCode": 0,
    "cancelUrl": "http://localhost",
    "returnUrl": "http://localhost",
}


def test_a_create_is_signed_as_payos_publishes_it() -> None:
    """payOSHQ/payos-lib-python, tests/_crypto/testCases.json: create payment link full fields."""
    expected = "189864813370cdf819974dc3f63c3a93a7e7af0a0d10b21344b14e4f7358999b"
    assert create_signature(KEY, {**OFFICIAL, "buyerName": "buyer name"}) == expected


def told(status: str = "PENDING", **changes: Any) -> dict[str, Any]:
    """payOS's answer about a link."""
    data = {
        "orderCode": WANTED.order_code,
        "amount": 50_000,
        "status": status,
        "paymentLinkId": "abc123",
        **changes,
    }
    return {"code": "00", "desc": "success", "data": data, "signature": signature(KEY, data)}


def links(*answers: httpx2.Response | Exception) -> tuple[PayosLinks, list[httpx2.Request]]:
    """payOS that answers so, one after the other, and what it was asked."""
    asked: list[httpx2.Request] = []
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        one = left.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return PayosLinks("client", "api", KEY, client), asked


def said(body: object, status: int = 200) -> httpx2.Response:
    """An answer."""
    return httpx2.Response(status, json=body)


async def test_a_link_is_made_under_the_sellers_keys() -> None:
    gate, asked = links(said(told()))
    made = await gate.create(WANTED)
    assert (made.url, made.amount_dong) == ("https://pay.payos.vn/web/abc123", 50_000)
    body = json.loads(asked[0].content)
    assert body["description"] == "DH7K2M9QX" and body["signature"] == create_signature(KEY, body)
    assert (asked[0].headers["x-client-id"], asked[0].headers["x-api-key"]) == ("client", "api")
    assert body["expiredAt"] == int(NOW.timestamp())


async def test_an_order_code_that_is_taken_is_the_link_that_stands() -> None:
    gate, asked = links(said({"code": "231", "desc": "exists"}), said(told(id="abc123", paymentLinkId=None)))
    assert (await gate.create(WANTED)).link_id == "abc123"
    assert str(asked[1].url).endswith(f"/v2/payment-requests/{WANTED.order_code}")
    gate, _ = links(said(told("PAID", id="abc123")))
    found = await gate.find(WANTED.order_code)
    assert found is not None and found.url == ""
    gate, _ = links(said({"code": "101", "desc": "none"}))
    assert await gate.find(1) is None


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (said({"code": "20", "desc": "bad"}), GateRefused),
        (said({**told(), "signature": "0" * 64}), GateUnsure),
        (said({**told(), "data": None}), GateUnsure),
        (said(told(paymentLinkId="../evil")), GateUnsure),
        (httpx2.Response(200, content=b"<html>"), GateUnsure),
        (said({}, 503), GateAway),
        (said({}, 500), GateUnsure),
        (httpx2.ConnectError("down"), GateAway),
        (httpx2.ReadTimeout("slow"), GateUnsure),
    ],
)
async def test_a_time_out_is_never_a_no(answer: Any, fault: type[GateFault]) -> None:
    gate, _ = links(answer)
    with pytest.raises(fault):
        await gate.create(WANTED)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"provider": "sepay", "client_id": "client-0001", "api_key": "api-0000001"}, "client_id"),
        ({"provider": "payos", "client_id": "client-0001"}, "api_key"),
        ({"provider": "payos", "api_key": "api-0000001"}, "client_id"),
        ({"provider": "payos", "client_id": "hai chữ", "api_key": "api-0000001"}, "client_id"),
    ],
)
def test_link_keys_are_payoss_and_come_in_pairs(sent: dict[str, str], field: str) -> None:
    form = BankKeyForm.read({"secret": "a-secret-of-ours", **sent})
    assert list(form.errors) == [field]
    assert BankKeyForm.read({"provider": "payos", "secret": "a-secret-of-ours"}).ok


@pytest.fixture
async def order(db: None, clock: StoppedClock, parts: Parts) -> Order:
    """An order that waits for money, from a seller with keys at payOS."""
    await units(*COMMUNES_OF_ORDERS)
    [made] = await placed((await listing(), 1), now=clock.now(), buyer=HOA)
    await connect_key(
        made.vendor_id,
        "payos",
        KEY,
        "",
        person_id=7,
        now=clock.now(),
        keys=seal_keys(parts[Settings]),
        link_key="client-0001 api-0000001",
    )
    return made


async def test_an_order_is_paid_by_the_sellers_link(
    app: Any, order: Order, run_jobs: Callable[..., Any], clock: StoppedClock
) -> None:
    """From the order's page to the pretend payOS and back; its notice names the order by the link's order code."""
    async with Browser(app) as client:
        client.cookies.set("device", HOA.device)
        page = await client.get(f"/orders/{order.code}")
        assert "Trả bằng link payOS" in page.text
        sent = await client.submit(f"/orders/{order.code}/link")
        assert sent.headers["location"].endswith(f"/orders/{order.code}/link?go=1"), sent.text[:300]
        way = await client.get(sent.headers["location"])
        row = await PaymentLink.get()
        assert row.state is LinkState.OPEN and row.url in way.text and "là giả" in way.text
        assert (await client.submit(f"/orders/{order.code}/link")).status_code == 303
        assert await PaymentLink.all().count() == 1
        there = row.url.removeprefix("http://test")
        assert "payOS giả" in (await client.get(there)).text
        paid = await client.submit(there)
        assert paid.headers["location"] == f"http://test/orders/{order.code}"
        await client.submit(there)
        await run_jobs()
        notice = await Notice.get()
        asked = await payment_for(f"order:{order.id}")
        assert asked is not None and (notice.verdict, asked.state) == ("matched", "paid")
        assert notice.said_code == asked.code and notice.content == asked.code[:9]
        shown = (await client.get(f"/orders/{order.code}")).text
        assert "Đã nhận tiền" in shown and "Trả bằng link payOS" not in shown
        gone = await client.get(f"/orders/{order.code}/link")
        assert gone.headers["location"].endswith(f"/orders/{order.code}")
        assert (await client.submit(f"/orders/{order.code}/link")).status_code == 409
    assert await TwinOrder.all().count() == 1
    await assert_balanced()


@pytest.mark.parametrize("is_paid_on_it", [False, True], ids=["paid otherwise", "paid on it"])
async def test_a_link_is_taken_back_when_the_order_is_paid(
    app: Any, order: Order, run_jobs: Callable[..., Any], clock: StoppedClock, is_paid_on_it: bool
) -> None:
    """Nobody can pay a second time on it; one that was itself paid is only noted as closed."""
    async with Browser(app) as client:
        client.cookies.set("device", HOA.device)
        await client.submit(f"/orders/{order.code}/link")
        row = await PaymentLink.get()
        there = row.url.removeprefix("http://test")
        if is_paid_on_it:
            await client.submit(there)
        else:
            await pay_order(order, now=clock.now())
        await run_jobs()
        await client.submit(there)
        await run_jobs()
    there_now = (await TwinOrder.get()).state
    assert there_now == ("PAID" if is_paid_on_it else "CANCELLED")
    assert (await PaymentLink.get()).state is LinkState.CLOSED
    payment = await payment_for(f"order:{order.id}")
    assert payment is not None and (payment.state, payment.extra_dong) == ("paid", 0)
    await assert_balanced()


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([said(told()), said(told("CANCELLED"))], LinkState.CLOSED),
        ([said(told()), said({"code": "20", "desc": "no"})], LinkState.CLOSED),
        ([said(told("PAID"))], LinkState.CLOSED),
        ([said({"code": "101"}, 404)], LinkState.CLOSED),
        ([said({}, 503)], LinkState.OPEN),
        ([said(told()), httpx2.ReadTimeout("slow")], LinkState.OPEN),
    ],
)
async def test_taking_a_link_back_is_tried_until_payos_answers(
    order: Order, parts: Parts, clock: StoppedClock, answers: list[Any], state: LinkState
) -> None:
    payment, key = await Payment.get(reference=f"order:{order.id}"), await BankKey.get()
    row = await PaymentLink.create(
        payment=payment,
        bank_key=key,
        order_code=WANTED.order_code,
        amount_dong=50_000,
        state=LinkState.OPEN,
        url="https://pay",
        created_at=clock.now(),
    )
    gate, asked = links(*answers)
    own = {"keys": seal_keys(parts[Settings]), "links": lambda *_: gate}
    await take_back(row.id, **own)
    assert not asked, "while the order waits for money the link stands"
    await Payment.filter(id=payment.id).update(state="paid")
    if state is LinkState.OPEN:
        with pytest.raises((GateAway, GateUnsure)):
            await take_back(row.id, **own)
    else:
        await take_back(row.id, **own)
    assert (await PaymentLink.get()).state is state and len(asked) == len(answers)
    if len(answers) == 2:
        assert str(asked[1].url).endswith(f"/{WANTED.order_code}/cancel")


async def test_what_was_never_answered_is_looked_up_before_it_is_asked_again(
    order: Order, parts: Parts, clock: StoppedClock
) -> None:
    keys, reference = seal_keys(parts[Settings]), f"order:{order.id}"
    payment = await Payment.get(reference=reference)

    async def start(*answers: Any) -> tuple[Any, list[httpx2.Request]]:
        gate, asked = links(*answers)
        view = await start_link(
            reference, return_url="https://cho.vn", now=clock.now(), keys=keys, links=lambda *_: gate
        )
        return view, asked

    with pytest.raises(Exception, match="payOS chưa trả lời"):
        await start(httpx2.ReadTimeout("slow"))
    row = await PaymentLink.get()
    assert row.state is LinkState.UNKNOWN and await open_link(reference, now=clock.now()) is None
    answer = said(told(amount=payment.asked_dong, orderCode=row.order_code))
    view, asked = await start(answer)
    assert [one.method for one in asked] == ["GET"] and view.amount_dong == payment.asked_dong
    assert await open_link(reference, now=clock.now()) == view
    assert (await start())[0] == view, "the one that stands needs no asking"
    assert await open_link(reference, now=clock.now() + timedelta(hours=2)) is None
    assert await PaymentLink.all().count() == 1


async def test_who_has_no_link_keys_offers_none(
    app: Any, order: Order, parts: Parts, clock: StoppedClock
) -> None:
    one = await BankKey.get(vendor_id=order.vendor_id)
    await disconnect_key(order.vendor_id, one.id, person_id=7, now=clock.now())
    assert (await BankKey.get(id=one.id)).link_key == ""
    async with Browser(app) as client:
        client.cookies.set("device", HOA.device)
        assert "Trả bằng link payOS" not in (await client.get(f"/orders/{order.code}")).text
        assert (await client.submit(f"/orders/{order.code}/link")).status_code == 404


async def test_the_pretend_payos_opens_to_a_sellers_keys_only(app: Any, order: Order) -> None:
    """Asked as the gate asks; with other keys, or signed with another, there is nothing."""
    own = {"x-client-id": "client-0001", "x-api-key": "api-0000001"}
    body = {**OFFICIAL, "orderCode": 17}
    async with Browser(app) as client:
        for headers in ({}, {**own, "x-api-key": "api-9999999"}):
            answer = await client.post("/twins/payos/v2/payment-requests", json=body, headers=headers)
            assert answer.status_code == 404
            assert (
                await client.get("/twins/payos/v2/payment-requests/17", headers=headers)
            ).status_code == 404
        forged = await client.post(
            "/twins/payos/v2/payment-requests", json={**body, "signature": "0"}, headers=own
        )
        assert forged.json()["code"] == "201"
        none = await client.get("/twins/payos/v2/payment-requests/17", headers=own)
        assert none.json()["code"] == "101"
        assert (await client.get("/twins/payos/web/twin17")).status_code == 404
        assert (await client.submit("/twins/payos/web/twin17")).status_code == 404
