"""The till's pages: keys, QR, green and red, the stream that catches up; other people's sales are not there."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp

from accounts.models import Session
from accounts.services import sign_out_everywhere
from kit.clock import StoppedClock
from kit.fanout import Fanout
from kit.parts import Parts
from kit.roles import Role
from orders.models import TillSale
from orders.routes import till_live
from orders.services.names import till_channel
from orders.services.till.log import wake_behind
from orders.services.till.selling import make_sale
from orders.states import SaleState, SaleWay
from tests.conftest import Browser, Queries
from tests.factories import listing, stall, vendor
from tests.orders.test_live import Listener
from tests.orders.test_till import ME, bank_tells, typed
from vendors.models import Vendor

pytestmark = pytest.mark.usefixtures("books")
HIEN = "0912345678"


async def at_the_till(client: Browser, sign_in_as: Callable[..., Any]) -> Vendor:
    """A seller with a stall, signed in."""
    seller = await vendor()
    await stall(seller)
    await sign_in_as(client, HIEN, (Role.VENDOR, str(seller.id)))
    return seller


async def test_a_sum_becomes_a_code_and_then_green(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    await at_the_till(client, sign_in_as)
    keys = await client.get("/sell/till")
    assert "Bán tại quầy" in keys.text and "Ô A12" in keys.text
    answer = await client.submit(
        "/sell/till/sales", {"client_key": "page-0001", "way": "qr", "amount": "200.000"}
    )
    sale = await TillSale.get(client_key="page-0001")
    assert answer.headers["location"] == f"/sell/till/sales/{sale.id}"
    waiting = await client.get(f"/sell/till/sales/{sale.id}")
    assert f"/payments/{sale.code}/qr.svg" in waiting.text and "hai trăm nghìn đồng" in waiting.text
    await bank_tells(sale, 1, clock, amount_dong=150_000)
    short = await client.get(f"/sell/till/sales/{sale.id}/state")
    assert "till-bad" in short.text and "còn thiếu 50.000" in short.text
    await bank_tells(sale, 2, clock)
    paid = await client.get(f"/sell/till/sales/{sale.id}")
    assert "till-good" in paid.text and "qr.svg" not in paid.text


async def test_the_page_costs_few_queries(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, queries: Queries
) -> None:
    seller = await at_the_till(client, sign_in_as)
    await listing(seller)
    for number in range(12):
        note = typed(20_000, SaleWay.CASH, f"cash-{number:04}")
        await make_sale(seller.id, note, person_id=ME, now=clock.now())
    with queries.at_most(22):
        assert "20.000" in (await client.get("/sell/till")).text
    with queries.at_most(8):
        await client.get("/sell/till/state")


async def test_mistakes_are_named_and_nothing_is_made(
    client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    await at_the_till(client, sign_in_as)
    for sent, words in (
        ({"way": "qr", "client_key": "page-0001"}, "Bấm số tiền, hoặc chọn hàng."),
        ({"way": "qr", "client_key": "page-0001", "amount": "năm"}, "Số tiền cần là số đồng"),
        ({"way": "qr", "client_key": "x", "amount": "5000"}, "Trang này đã cũ"),
        ({"way": "plate", "client_key": "page-0001", "amount": "5000"}, "Hãy chọn một trong các mục."),
        ({"way": "qr", "client_key": "page-0001", "goods-999": "1"}, "Có món không còn bán"),
    ):
        answer = await client.submit("/sell/till/sales", sent)
        assert answer.status_code == 422 and words in answer.text
    assert not await TillSale.exists()


async def test_confirming_cancelling_and_setting_apart(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    seller = await at_the_till(client, sign_in_as)
    sales = [
        await make_sale(seller.id, typed(20_000, key=f"sale-{n:04}"), person_id=ME, now=clock.now())
        for n in range(3)
    ]
    places = [f"/sell/till/sales/{one.id}" for one in sales]
    await client.submit(places[0] + "/confirmation", {"by": "bank"})
    await client.submit(places[1] + "/confirmation", {"by": "cash"})
    await client.submit(places[2] + "/cancellation")
    states = [(await TillSale.get(id=one.id)).state for one in sales]
    assert states == [SaleState.PAID, SaleState.PAID, SaleState.CANCELLED]
    assert "ngân hàng chưa báo" in (await client.get(places[0])).text
    assert "20.000 ₫ tiền mặt" in (await client.get(places[1])).text.replace("\u00a0", " ")
    for act in ("/cancellation", "/apart"):
        assert (await client.submit(places[0] + act)).status_code == 409
    assert (await client.submit(places[2] + "/confirmation", {"by": "bank"})).status_code == 409


async def test_a_sale_of_somebody_else_is_not_there(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    other = await vendor(slug="nguoi-khac")
    sale = await make_sale(other.id, typed(), person_id=ME, now=clock.now())
    await at_the_till(client, sign_in_as)
    for end in ("", "/state"):
        assert (await client.get(f"/sell/till/sales/{sale.id}{end}")).status_code == 404
    for end in ("/confirmation", "/cancellation", "/apart"):
        assert (await client.submit(f"/sell/till/sales/{sale.id}{end}", {"by": "bank"})).status_code == 404


async def test_speech_is_a_persons_own(client: Browser, sign_in_as: Callable[..., Any]) -> None:
    seller = await at_the_till(client, sign_in_as)
    await client.submit("/sell/till/speech", {"speech": "south"})
    await client.submit("/sell/till/speech", {"speech": "martian"})
    await client.submit("/sell/till/sales", {"client_key": "page-0001", "way": "cash", "amount": "105.000"})
    sale = await TillSale.get(vendor_id=seller.id)
    assert "một trăm lẻ năm ngàn đồng" in (await client.get(f"/sell/till/sales/{sale.id}")).text


class TillListener(Listener):
    """An open till that says which event it saw last."""

    def __init__(self, app: ASGIApp, client: Browser, after: str = "", last: str = "") -> None:
        super().__init__(app, "/sell/till/events", "")
        cookies = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
        self.scope["headers"] = [(b"host", b"test"), (b"cookie", cookies.encode())]
        self.scope["query_string"] = f"after={after}".encode()
        if last:
            self.scope["headers"].append((b"last-event-id", last.encode()))

    def told(self) -> list[dict[str, Any]]:
        """What it heard."""
        return [json.loads(line[6:]) for line in self.text.splitlines() if line.startswith("data: ")]


async def left(screen: TillListener, task: asyncio.Future[None], parts: Parts, seller: Vendor) -> None:
    """The screen is closed: the stream ends and nobody listens on."""
    screen.leave()
    parts[Fanout].wake(till_channel(seller.id))
    async with asyncio.timeout(20):
        await task
    assert not parts[Fanout].seen("till:")


async def test_a_till_hears_once_what_it_missed_and_what_comes(
    app: ASGIApp, client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, parts: Parts
) -> None:
    seller = await at_the_till(client, sign_in_as)
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock)
    for number, screen in enumerate(
        (TillListener(app, client, after="1"), TillListener(app, client, after="0", last="1"))
    ):
        task = asyncio.ensure_future(screen.listen())
        await screen.until("event: sale")
        newest = await make_sale(seller.id, typed(key=f"next-{number:04}"), person_id=ME, now=clock.now())
        parts[Fanout].wake(till_channel(seller.id))
        await screen.until('"asked"', number + 1)
        assert screen.told()[0]["words"] == "Đã nhận hai trăm nghìn đồng."
        assert [one["sale"] for one in screen.told()] == [sale.id, *range(sale.id + 1, newest.id + 1)]
        await left(screen, task, parts, seller)


async def test_a_till_whose_news_was_lost_is_woken_by_the_look(
    app: ASGIApp,
    client: Browser,
    sign_in_as: Callable[..., Any],
    clock: StoppedClock,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(till_live, "HEARTBEAT_SECONDS", 60.0)
    seller = await at_the_till(client, sign_in_as)
    screen = TillListener(app, client, after="nonsense")
    task = asyncio.ensure_future(screen.listen())
    await screen.until("retry")
    await asyncio.sleep(0.05)
    assert await wake_behind(parts[Fanout]) == 0
    await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    assert await wake_behind(parts[Fanout]) == 1
    await screen.until("event: sale")
    assert await wake_behind(parts[Fanout]) == 0
    await left(screen, task, parts, seller)


async def test_a_till_is_told_nothing_once_its_listener_was_signed_out(
    app: ASGIApp, client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, parts: Parts
) -> None:
    """The stream that began before ends without a word about the sale that came after."""
    seller = await at_the_till(client, sign_in_as)
    screen = TillListener(app, client)
    task = asyncio.ensure_future(screen.listen())
    await screen.until("retry")
    person_id = (await Session.all().order_by("-id").first()).person_id  # type: ignore[union-attr]
    await sign_out_everywhere(person_id, clock.now())
    await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    parts[Fanout].wake(till_channel(seller.id))
    async with asyncio.timeout(20):
        await task
    assert screen.is_over and "event: sale" not in screen.text
    assert not parts[Fanout]._listeners
