"""Carriers' statements: downloaded from pretend carriers, taken in by a clerk, matched, what differs settled."""

from typing import Any

import pytest

from kit.sheets_out import xlsx_of
from orders.book_models import RevenueEntry
from orders.models import Order
from orders.services import reference_of
from orders.states import OrderState
from payments.ledger import (
    carrier_said,
    carrier_short,
    door_loss,
    due_at_door,
    paid,
    post_fees,
    seller_bank,
    to_collect,
)
from postal.gates.names import OUTSIDE
from postal.models import CarrierAlert, CarrierStatement, CarrierStatementLine, TwinParcel
from postal.services.statements.shown import remind_of_late
from postal.statement_sheet import heads_of, stated
from postal.statements import Known, Stated, Verdict, verdict_on
from postal.states import MoneyState, ParcelState
from postal.twins.parcels import push
from tests.conftest import Browser
from tests.doors import Doors
from tests.gates.carriers import CODES


async def delivered(stall: Doors, carrier: str = "ghn") -> Order:
    """An order that the carrier says it has delivered."""
    return await stall.arrived(await stall.sent_by(carrier))


async def statement_of(clerk: Browser, carrier: str, manner: str = "as_is", kind: str = "csv") -> bytes:
    """What the pretend carrier's portal offers."""
    answer = await clerk.get(f"/twins/carriers/{carrier}/statement.{kind}?manner={manner}")
    assert answer.status_code == 200
    return answer.content


async def brings(stall: Doors, clerk: Browser, raw: bytes, carrier: str = "ghn") -> Any:
    """The clerk sends a file in, and the lines are matched."""
    files = {"sheet": ("đối soát.csv", raw)}
    answer = await clerk.submit("/post/statements", {"carrier": carrier}, files=files)
    await stall.works()
    return answer


async def decides(clerk: Browser, decision: str, words: str = "Đã gọi hãng", **more: str) -> Any:
    """What the clerk decides about the line that waits."""
    line = await CarrierStatementLine.filter().order_by("-id").first()
    assert line
    address = f"/post/statements/{line.statement_id}/lines/{line.id}"
    return await clerk.submit(address, {"decision": decision, "words": words, **more})


@pytest.mark.parametrize("carrier", CODES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_statement_that_fits_pays_the_seller(
    stall: Doors, clerk: Browser, carrier: str, kind: str
) -> None:
    """What a carrier says it took is only its word; its statement releases it, less the fee."""
    order = await delivered(stall, carrier)
    reference, total = reference_of(order.id), order.total_dong
    sent = await stall.parcel(order)
    assert (order.state, order.paid_at, sent.money) == (OrderState.DELIVERED, None, MoneyState.COLLECTED)
    assert await stall.books(to_collect(carrier), carrier_said(carrier), due_at_door(reference)) == [
        0,
        total,
        -total,
    ]
    assert not await RevenueEntry.exists()
    answer = await brings(stall, clerk, await statement_of(clerk, carrier, kind=kind), carrier)
    assert answer.status_code == 303
    sent, order, fee = await stall.parcel(order), await stall.now(order), sent.fee_dong
    assert fee and sent.money is MoneyState.RECONCILED and order.paid_at is not None
    seller = stall.seller.id
    assert await stall.books(
        carrier_said(carrier), due_at_door(reference), paid(reference), seller_bank(seller), post_fees(seller)
    ) == [0, 0, -total, total - fee, fee]
    assert (await stall.money(order)).state == "paid"
    assert [one.amount_dong for one in await RevenueEntry.all()] == [total]
    page = await clerk.get(answer.headers["location"])
    assert "Khớp" in page.text and "Ghi theo hãng" not in page.text


async def test_the_same_file_is_taken_in_once(stall: Doors, clerk: Browser) -> None:
    """Whatever it is called; and another file with the same parcel says so."""
    await delivered(stall)
    raw = await statement_of(clerk, "ghn")
    assert (await brings(stall, clerk, raw)).status_code == 303
    again = await brings(stall, clerk, raw)
    assert again.status_code == 409 and "đã nhập rồi" in again.text
    assert await CarrierStatement.all().count() == 1
    await brings(stall, clerk, await statement_of(clerk, "ghn", kind="xlsx"))
    line = await CarrierStatementLine.all().order_by("-id").first()
    assert line and line.verdict == Verdict.TWICE and line.settled_at is None
    assert (await decides(clerk, "count")).status_code == 409
    assert (await decides(clerk, "aside")).status_code == 303


async def test_too_little_stays_owed_until_it_comes(stall: Doors, clerk: Browser) -> None:
    """Let count with words, the carrier owes the rest; a later line with exactly the rest ends it by itself."""
    order = await delivered(stall)
    await brings(stall, clerk, await statement_of(clerk, "ghn", "short"))
    sent = await stall.parcel(order)
    assert sent.money is MoneyState.DISPUTED and (await stall.now(order)).paid_at is None
    assert await CarrierAlert.exists(kind="statement", carrier="ghn")
    assert "Ghi vài chữ vì sao" in (await decides(clerk, "count", words=" ")).text
    assert (await decides(clerk, "count")).status_code == 303
    assert (await decides(clerk, "count")).status_code == 409
    await stall.works()
    assert await stall.books(carrier_short("ghn"), paid(reference_of(order.id))) == [
        10_000,
        -order.total_dong,
    ]
    rest = f"Mã đơn GHN,Tiền COD,Tổng phí,Tiền đối soát\n{sent.tracking_code},0,0,10.000\n".encode()
    await brings(stall, clerk, rest)
    assert await stall.books(carrier_short("ghn")) == [0]
    assert (await decides(clerk, "rest")).status_code == 409


async def test_what_never_comes_is_the_sellers_loss(stall: Doors, clerk: Browser) -> None:
    """Written off by a person; not twice."""
    await delivered(stall)
    await brings(stall, clerk, await statement_of(clerk, "ghn", "short"))
    await decides(clerk, "count")
    await stall.works()
    page = await clerk.get(f"/post/statements/{(await CarrierStatement.get()).id}")
    assert "Hãng còn thiếu 10.000" in page.text
    assert (await decides(clerk, "lost")).status_code == 303
    await stall.works()
    assert await stall.books(carrier_short("ghn"), door_loss(stall.seller.id)) == [0, 10_000]
    assert (await decides(clerk, "lost")).status_code == 409


async def test_another_fee_waits_and_a_line_set_aside_lets_the_next_one_count(
    stall: Doors, clerk: Browser
) -> None:
    """Set aside, the parcel may stand in a corrected statement."""
    order = await delivered(stall)
    await brings(stall, clerk, await statement_of(clerk, "ghn", "fee"))
    assert (await stall.parcel(order)).money is MoneyState.REMITTED
    assert await stall.books(seller_bank(stall.seller.id)) == [0]
    await decides(clerk, "aside", "Hãng gửi nhầm cước")
    assert (await stall.parcel(order)).money is MoneyState.COLLECTED
    await brings(stall, clerk, await statement_of(clerk, "ghn"))
    await stall.works()
    assert (await stall.parcel(order)).money is MoneyState.RECONCILED


async def test_an_unknown_waybill_is_found_by_a_person(stall: Doors, clerk: Browser) -> None:
    """Typed wrongly, then right; a line without any parcel is set aside."""
    order = await delivered(stall)
    sent = await stall.parcel(order)
    fee, total = sent.fee_dong or 0, order.total_dong
    raw = f"Mã vận đơn,Tiền thu hộ,Cước\nXX1,{total},{fee}\n".encode()
    await brings(stall, clerk, raw)
    assert (await CarrierStatementLine.get()).verdict == Verdict.UNKNOWN
    assert "không có bưu gửi nào mang mã" in (await decides(clerk, "attach", code="C4XX")).text
    assert (await decides(clerk, "attach", code=sent.code or "")).status_code == 303
    await stall.works()
    assert (await stall.parcel(order)).money is MoneyState.RECONCILED
    assert (await decides(clerk, "attach", code=sent.code or "")).status_code == 409
    await brings(stall, clerk, b"waybill,cod,fee\nXX2,1000,10\n")
    assert (await decides(clerk, "aside")).status_code == 303


async def test_what_was_not_delivered_is_not_paid(stall: Doors, clerk: Browser) -> None:
    """A statement before the delivery moves nothing."""
    order = await stall.sent_by("ghn")
    sent = await stall.parcel(order)
    await brings(stall, clerk, f"waybill,cod,fee\n{sent.tracking_code},{order.total_dong},0\n".encode())
    assert (await CarrierStatementLine.get()).verdict == Verdict.NOT_DELIVERED
    assert (await stall.parcel(order)).money is MoneyState.EXPECTED


async def test_a_lost_parcel_is_expected_by_nobody(stall: Doors) -> None:
    """The carrier says that it lost it."""
    order = await stall.sent_by("ghn")
    assert await stall.books(to_collect("ghn")) == [order.total_dong]
    twin = await TwinParcel.get(reference=order.parcel_code)
    await push(twin.id, "lost", now=stall.clock.now())
    await stall.works()
    sent = await stall.parcel(order)
    assert (sent.state, sent.money) == (ParcelState.LOST, MoneyState.NONE)
    assert await stall.books(to_collect("ghn"), due_at_door(reference_of(order.id))) == [0, 0]


async def test_at_night_carriers_are_reminded_of_what_they_hold(stall: Doors, clerk: Browser) -> None:
    """Delivered eight days ago, not remitted: before a person, and on the office's page."""
    order = await delivered(stall)
    assert await remind_of_late(now=stall.clock.now()) == 0
    stall.clock.forward(days=8)
    assert await remind_of_late(now=stall.clock.now()) == 1
    assert await CarrierAlert.exists(kind="unremitted", carrier="ghn")
    page = await clerk.get("/post/statements")
    assert order.parcel_code in page.text and "Giao lâu rồi mà tiền chưa về" in page.text


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "Ch\u1ecdn t\u1ec7p".encode()),
        (b"\x89PNG\r\n\x1a\n", "không phải CSV".encode()),
        ("Mã vận đơn,Tiền thu hộ\nA1,1000\n".encode(), "cước phí".encode()),
        ("Mã vận đơn,Tiền thu hộ,Phí\nA1,=1+1,0\n".encode(), "là công thức".encode()),
        ("Mã vận đơn,Tiền thu hộ,Phí\nA1,nhiều,0\n".encode(), "không đọc được".encode()),
        ("Mã vận đơn,Tiền thu hộ,Phí\nA1,-5000,0\n".encode(), "không đọc được".encode()),
        ("Mã vận đơn,Tiền thu hộ,Phí\n".encode(), "không có dòng nào".encode()),
        (f"waybill,cod,fee\n{'A' * 41},1,1\n".encode(), "dài quá".encode()),
    ],
    ids=["none", "picture", "column", "formula", "words", "negative", "empty", "long"],
)
async def test_a_bad_file_is_refused_whole(stall: Doors, clerk: Browser, raw: bytes, words: bytes) -> None:
    """A sentence at the file, nothing half saved."""
    answer = await brings(stall, clerk, raw)
    assert answer.status_code == 422 and words in answer.content
    assert not await CarrierStatement.exists()


def test_every_carriers_own_heads_are_read() -> None:
    """And text like a formula in a name column is only text."""
    for carrier in OUTSIDE:
        heads = heads_of(carrier)
        head = [heads[name][0] for name in ("waybill", "reference", "cod", "fee", "remitted")]
        raw = xlsx_of(head, [("W1", "=C4", 200_000, 20_000, 180_000), ("Cộng", "", 0, 0, 0)])
        found = stated(raw, carrier)
        assert not found.refused and not found.faults
        assert (found.lines[0].waybill, found.lines[0].reference) == ("W1", "=C4")


@pytest.mark.parametrize(
    ("line", "known", "verdict"),
    [
        (Stated(200, 20, 180), Known(ParcelState.DELIVERED, MoneyState.COLLECTED, 200, 20), "fits"),
        (Stated(200, 20, 180), Known(ParcelState.DELIVERED, MoneyState.COLLECTED, 200, None), "fits"),
        (Stated(200, 30, 170), Known(ParcelState.DELIVERED, MoneyState.COLLECTED, 200, 20), "fee_differs"),
        (Stated(200, 20, 170), Known(ParcelState.DELIVERED, MoneyState.COLLECTED, 200, 20), "short"),
        (Stated(190, 20, 170), Known(ParcelState.DELIVERED, MoneyState.COLLECTED, 200, 20), "short"),
        (Stated(210, 20, 190), Known(ParcelState.DELIVERED, MoneyState.COLLECTED, 200, 20), "over"),
        (Stated(0, 20, -20), Known(ParcelState.DELIVERED, MoneyState.NONE, 0, 20), "fits"),
        (Stated(200, 20, 180), Known(ParcelState.RETURNED, MoneyState.NONE, 200, 20), "not_delivered"),
        (Stated(0, 20, -20), Known(ParcelState.RETURNED, MoneyState.NONE, 0, 20), "fits"),
        (Stated(0, 0, 10), Known(ParcelState.DELIVERED, MoneyState.RECONCILED, 200, 20, 10, True), "rest"),
        (Stated(0, 0, 11), Known(ParcelState.DELIVERED, MoneyState.RECONCILED, 200, 20, 10, True), "twice"),
        (Stated(1, 1, 0), None, "unknown"),
    ],
)
def test_what_a_line_means(line: Stated, known: Known | None, verdict: str) -> None:
    """The whole table."""
    assert verdict_on(line, known) == verdict
