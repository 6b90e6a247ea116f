"""Moderation: reports with a clock, goods taken down with reasons, appeals that another administrator decides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from accounts.models import TextMessage
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotAllowed, NotFound
from kit.roles import Role
from kit.rules import write_rule
from tests.conftest import Browser
from tests.factories import HOA, LAN, TUAN, listing, vendor
from vendors.models import (
    Appeal,
    Listing,
    ListingReport,
    ListingState,
    ReportOutcome,
    ReportReason,
    ReportSource,
    TakeDown,
)
from vendors.services.listings import change_shelf, hide_listing, offer_listing
from vendors.services.moderation.acts import (
    Complaint,
    appeal,
    decide_appeal,
    enter_demand,
    keep_listing,
    lift_take_down,
    report_listing,
    take_down,
)
from vendors.services.moderation.desk import listing_history, moderation_queue
from vendors.services.review import approve_listing, return_listing

pytestmark = pytest.mark.usefixtures("db")
WHY = "Ảnh chụp hàng của người khác"


async def state_of(goods: Listing) -> ListingState:
    """Where the goods stand now."""
    return (await Listing.get(id=goods.id)).state


# --- clocks ---


@pytest.mark.parametrize(
    ("reason", "source", "hours"),
    [
        (ReportReason.FAKE, ReportSource.SHOPPER, 72),
        (ReportReason.RIGHTS, ReportSource.RIGHTS_HOLDER, 48),
    ],
)
async def test_a_report_is_due_by_who_makes_it(
    clock: StoppedClock, reason: ReportReason, source: ReportSource, hours: int
) -> None:
    goods = await listing()
    report_id = await report_listing(goods.code, Complaint(reason, "xem ảnh"), now=clock.now())
    row = await ListingReport.get(id=report_id)
    assert (row.source, row.due_at - row.at) == (source, timedelta(hours=hours))


async def test_a_demand_runs_from_its_day_of_receipt_and_by_the_rule_in_force(clock: StoppedClock) -> None:
    goods, now = await listing(), clock.now()
    said = Complaint(ReportReason.FORBIDDEN, "", document="123/QLTT-TN")
    earlier = now - timedelta(hours=20)
    first = await enter_demand(goods.code, said, received_at=earlier, by=1, now=now)
    assert (await ListingReport.get(id=first)).due_at == earlier + timedelta(hours=24)
    later = await enter_demand(goods.code, said, received_at=now + timedelta(days=3), by=1, now=now)
    assert (await ListingReport.get(id=later)).at == now
    async with transaction():
        await write_rule("takedown_authority_hours", now.date() - timedelta(days=1), "12", "Nghị định thử")
    third = await enter_demand(goods.code, said, received_at=now, by=1, now=now)
    assert (await ListingReport.get(id=third)).due_at == now + timedelta(hours=12)


async def test_the_queue_mixes_reports_and_appeals_by_what_is_due(clock: StoppedClock, queries: Any) -> None:
    now, seller = clock.now(), await vendor()
    one, two, three = [await listing(seller, f"Chè {n}") for n in range(3)]
    await report_listing(one.code, Complaint(ReportReason.FAKE, ""), now=now)
    await take_down(two.code, ReportReason.FAKE, WHY, by=7, now=now - timedelta(days=4))
    await appeal(two.code, "Ảnh của tôi", vendor_ids=[seller.id], person_id=1, now=now - timedelta(days=4))
    said = Complaint(ReportReason.FORBIDDEN, "", document="1/CV")
    await enter_demand(three.code, said, received_at=now - timedelta(hours=30), by=7, now=now)
    with queries.at_most(6):
        leaf = await moderation_queue(1, reader=7, now=now)
    assert [row.code for row in leaf.items] == [three.code, two.code, one.code]
    assert [row.hours_left for row in leaf.items] == [-6, 24, 72]
    assert [row.is_mine for row in leaf.items] == [False, True, False]


async def test_a_long_queue_comes_in_pages(clock: StoppedClock) -> None:
    goods = await listing()
    for minute in range(26):
        at = clock.now() + timedelta(minutes=minute)
        await report_listing(goods.code, Complaint(ReportReason.FAKE, ""), now=at)
    first = await moderation_queue(1, reader=1, now=clock.now())
    rest = await moderation_queue(2, reader=1, now=clock.now())
    assert (len(first.items), first.has_more, len(rest.items), rest.has_more) == (24, True, 2, False)
    assert {row.id for row in first.items}.isdisjoint(row.id for row in rest.items)


# --- taking down, putting back ---


@pytest.mark.parametrize("before", [one for one in ListingState if one not in ("draft", "taken_down")])
async def test_goods_go_down_from_anywhere_and_come_back_where_they_were(
    clock: StoppedClock, before: ListingState, client: Browser
) -> None:
    goods = await listing(state=before)
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    assert await state_of(goods) is ListingState.TAKEN_DOWN
    assert (await client.get(f"/goods/{goods.code}")).status_code == 404
    with pytest.raises(Conflict):
        await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    await lift_take_down(goods.code, "gỡ nhầm hàng", by=7, now=clock.now())
    assert await state_of(goods) is before
    with pytest.raises(Conflict):
        await lift_take_down(goods.code, "gỡ nhầm hàng", by=7, now=clock.now())


async def test_taking_down_answers_the_reports_and_tells_the_seller(clock: StoppedClock) -> None:
    goods = await listing()
    await report_listing(goods.code, Complaint(ReportReason.FAKE, ""), now=clock.now())
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    row = await ListingReport.get(listing_id=goods.id)
    assert (row.outcome, row.closed_by, row.answer) == (ReportOutcome.TAKEN_DOWN, 7, WHY)
    text = await TextMessage.get(phone="+84912000111")
    assert goods.name in text.words and WHY in text.words and "khiếu nại" in text.words
    with pytest.raises(Conflict):
        await keep_listing(row.id, "không sao cả", by=7, now=clock.now())


async def test_nobody_moves_goods_that_are_down(clock: StoppedClock) -> None:
    """Neither their seller, nor approval by the way."""
    goods = await listing()
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    acts: list[Callable[[], Any]] = [
        lambda: hide_listing(goods.id, person_id=1),
        lambda: offer_listing(goods.id, person_id=1),
        lambda: change_shelf(goods.id, price_dong=1000, stock=1, stock_seen=1, person_id=1),
        lambda: approve_listing(goods.id, by=7),
        lambda: return_listing(goods.id, "sửa ảnh đi", by=7),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            await act()
    assert await state_of(goods) is ListingState.TAKEN_DOWN


async def test_an_answered_report_leaves_the_goods_on_sale(clock: StoppedClock) -> None:
    goods = await listing()
    report_id = await report_listing(goods.code, Complaint(ReportReason.FAKE, ""), now=clock.now())
    await keep_listing(report_id, "Có hoá đơn đầy đủ", by=7, now=clock.now())
    assert await state_of(goods) is ListingState.ON_SALE
    history = await listing_history(goods.code)
    assert history.reports[0].report.answer == "Có hoá đơn đầy đủ" and history.standing is None
    assert {act.action for act in history.acts} == {"listing_reported", "report_answered"}
    with pytest.raises(NotFound):
        await keep_listing(999, "không có gì", by=7, now=clock.now())


# --- appeals ---


async def test_an_appeal_is_decided_by_somebody_else(clock: StoppedClock) -> None:
    seller = await vendor()
    goods = await listing(seller)
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    with pytest.raises(NotFound):
        await appeal(goods.code, "của tôi mà", vendor_ids=[seller.id + 1], person_id=1, now=clock.now())
    number = await appeal(goods.code, "của tôi mà", vendor_ids=[seller.id], person_id=1, now=clock.now())
    with pytest.raises(Conflict):
        await appeal(goods.code, "lần nữa nhé", vendor_ids=[seller.id], person_id=1, now=clock.now())
    with pytest.raises(NotAllowed):
        await decide_appeal(number, is_granted=True, answer="đúng rồi", by=7, now=clock.now())
    assert await state_of(goods) is ListingState.TAKEN_DOWN
    await decide_appeal(number, is_granted=True, answer="Ảnh đúng của quầy", by=8, now=clock.now())
    assert await state_of(goods) is ListingState.ON_SALE
    with pytest.raises(Conflict):
        await decide_appeal(number, is_granted=False, answer="thôi không", by=9, now=clock.now())
    texts = [one.words for one in await TextMessage.all().order_by("id")]
    assert len(texts) == 2 and "trả lại chợ" in texts[1]


async def test_a_denied_appeal_leaves_the_goods_down_and_says_why(clock: StoppedClock) -> None:
    seller = await vendor()
    goods = await listing(seller)
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    number = await appeal(goods.code, "của tôi mà", vendor_ids=[seller.id], person_id=1, now=clock.now())
    row = await Appeal.get(id=number)
    assert row.due_at == clock.now() + timedelta(hours=120)
    await decide_appeal(number, is_granted=False, answer="Chưa có giấy tờ gì", by=8, now=clock.now())
    assert await state_of(goods) is ListingState.TAKEN_DOWN
    assert await TextMessage.filter(words__contains="Chưa có giấy tờ").exists()


async def test_the_database_itself_lets_nobody_judge_their_own(clock: StoppedClock) -> None:
    seller = await vendor()
    goods = await listing(seller)
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    number = await appeal(goods.code, "của tôi mà", vendor_ids=[seller.id], person_id=1, now=clock.now())
    with pytest.raises(IntegrityError):
        async with transaction():
            await Appeal.filter(id=number).update(decided_by=7)
    with pytest.raises(IntegrityError):
        async with transaction():
            await TakeDown.create(
                listing=goods, reason="fake", words="x", state_before="on_sale", taken_by=8, at=clock.now()
            )


async def test_lifting_grants_the_appeal_that_waits(clock: StoppedClock) -> None:
    seller = await vendor()
    goods = await listing(seller)
    for by in (7, 8):
        await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
        number = await appeal(goods.code, "của tôi mà", vendor_ids=[seller.id], person_id=1, now=clock.now())
        await lift_take_down(goods.code, "gỡ nhầm hàng", by=by, now=clock.now())
        row = await Appeal.get(id=number)
        assert row.is_granted and row.decided_at
    assert (await moderation_queue(1, reader=1, now=clock.now())).items == []


# --- pages ---


async def test_a_shopper_reports_from_the_public_page(client: Browser, clock: StoppedClock) -> None:
    goods = await listing()
    assert f"/goods/{goods.code}/report" in (await client.get(f"/goods/{goods.code}")).text
    page = await client.get(f"/goods/{goods.code}/report")
    assert "Hàng giả, hàng nhái" in page.text
    sent = {"reason": "fake", "words": "Không phải chè Tân Cương", "phone": "0987 654 321"}
    answer = await client.submit(f"/goods/{goods.code}/report", sent)
    assert answer.status_code == 303
    assert "Chợ đã nhận" in (await client.get(answer.headers["location"])).text
    row = await ListingReport.get(listing_id=goods.id)
    assert (row.words, row.phone, row.person_id) == (sent["words"], TUAN, None)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Hãy chọn điều bạn thấy sai"),
        ({"reason": "boring"}, "Hãy chọn điều bạn thấy sai"),
        ({"reason": "other", "words": "xấu"}, "ít nhất 10 chữ"),
        ({"reason": "rights", "words": ""}, "ít nhất 10 chữ"),
        ({"reason": "fake", "words": "x" * 1001}, "Nhiều nhất 1000 chữ"),
        ({"reason": "fake", "phone": "12"}, "10 chữ số"),
    ],
)
async def test_a_report_that_says_too_little_is_asked_again(
    client: Browser, sent: dict[str, str], sentence: str
) -> None:
    goods = await listing()
    answer = await client.submit(f"/goods/{goods.code}/report", sent)
    assert answer.status_code == 422 and sentence in answer.text
    assert not await ListingReport.exists()


async def test_reports_are_limited_by_device_and_address(client: Browser) -> None:
    seller = await vendor()
    goods = await listing(seller)
    sent = {"reason": "fake"}
    statuses = [(await client.submit(f"/goods/{goods.code}/report", sent)).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    others = [await listing(seller, f"Chè {n}") for n in range(9)]
    statuses = [(await client.submit(f"/goods/{one.code}/report", sent)).status_code for one in others]
    assert statuses[-1] == 429 and statuses[0] == 303


async def test_goods_that_are_not_shown_cannot_be_reported(client: Browser, clock: StoppedClock) -> None:
    goods = await listing(state=ListingState.HIDDEN)
    wine = await listing(goods.vendor, "Rượu men lá", kind="wine", is_adult_only=True)
    assert (await client.get(f"/goods/{goods.code}/report")).status_code == 404
    assert (await client.submit(f"/goods/{goods.code}/report", {"reason": "fake"})).status_code == 404
    away = await client.get(f"/goods/{wine.code}/report")
    assert away.status_code == 303 and away.headers["location"].startswith(f"/goods/{wine.code}")


async def test_two_administrators_and_a_seller_on_their_pages(
    client: Browser, browser: Callable[[], Browser], sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    """Report, demand, take-down, appeal, decision: each on its page, all of it in the history."""
    seller = await vendor()
    goods = await listing(seller)
    await report_listing(goods.code, Complaint(ReportReason.FAKE, "giả đấy"), now=clock.now())
    await sign_in_as(client, LAN, Role.ADMIN)
    one = f"/admin/moderation/{goods.code}"
    assert "Còn 72 giờ" in (await client.get("/admin/moderation")).text
    demand = {"reason": "fake", "document": "12/QLTT", "received_on": "2026-01-02", "words": ""}
    assert (await client.submit(f"{one}/demands", {**demand, "document": ""})).status_code == 422
    assert (await client.submit(f"{one}/demands", demand)).status_code == 303
    assert "Quá hạn" in (await client.get("/admin/moderation")).text
    assert (await client.submit(f"{one}/take-down", {"reason": "fake", "words": "giả"})).status_code == 422
    assert (await client.submit(f"{one}/take-down", {"reason": "fake", "words": WHY})).status_code == 303
    assert (await client.submit(f"{one}/take-down", {"reason": "fake", "words": WHY})).status_code == 409
    assert WHY in (await client.get(one)).text
    async with browser() as hers:
        await sign_in_as(hers, HOA, (Role.VENDOR, str(seller.id)))
        assert f"/sell/listings/{goods.code}/take-down" in (await hers.get("/sell/listings")).text
        assert WHY in (await hers.get(f"/sell/listings/{goods.code}/take-down")).text
        short = await hers.submit(f"/sell/listings/{goods.code}/appeal", {"words": "oan"})
        assert short.status_code == 422
        words = {"words": "Ảnh này tôi chụp ở vườn"}
        assert (await hers.submit(f"/sell/listings/{goods.code}/appeal", words)).status_code == 303
        assert (await hers.submit(f"/sell/listings/{goods.code}/appeal", words)).status_code == 409
    row = await Appeal.get()
    decision = {"answer": "Ảnh đúng là của quầy", "is_granted": "1"}
    page = await client.get("/admin/moderation")
    assert "người quản trị khác" in page.text and "/decision" not in page.text
    assert (await client.submit(f"/admin/moderation/appeals/{row.id}/decision", decision)).status_code == 403
    async with browser() as other:
        await sign_in_as(other, TUAN, Role.ADMIN)
        empty = await other.submit(f"/admin/moderation/appeals/{row.id}/decision", {"answer": ""})
        assert empty.status_code == 422
        done = await other.submit(f"/admin/moderation/appeals/{row.id}/decision", decision)
        assert done.headers["location"] == "/admin/moderation?told=granted"
        history = (await other.get(one)).text
    for words in (
        "Báo hàng sai",
        "Gỡ hàng",
        "Khiếu nại việc gỡ hàng",
        "Chấp nhận khiếu nại",
        "Trả hàng lại chợ",
    ):
        assert words in history
    assert await state_of(goods) is ListingState.ON_SALE


async def test_a_report_is_answered_and_goods_are_put_back_on_their_pages(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    goods = await listing()
    number = await report_listing(goods.code, Complaint(ReportReason.FAKE, ""), now=clock.now())
    await sign_in_as(client, LAN, Role.ADMIN)
    keeping = f"/admin/moderation/reports/{number}/keeping"
    assert (await client.submit(keeping, {"answer": ""})).status_code == 422
    assert (await client.submit(keeping, {"answer": "Đã xem giấy tờ"})).status_code == 303
    assert (await client.submit(keeping, {"answer": "Đã xem giấy tờ"})).status_code == 409
    lifting = f"/admin/moderation/{goods.code}/lifting"
    assert (await client.submit(lifting, {"answer": "gỡ nhầm hàng"})).status_code == 409
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    assert (await client.submit(lifting, {"answer": "x"})).status_code == 422
    assert (await client.submit(lifting, {"answer": "gỡ nhầm hàng"})).status_code == 303
    assert (await client.get("/admin/moderation/HNOTHING")).status_code == 404


async def test_a_sellers_page_is_theirs_alone(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    goods = await listing()
    await take_down(goods.code, ReportReason.FAKE, WHY, by=7, now=clock.now())
    await sign_in_as(client, HOA, (Role.VENDOR, "999999"))
    assert (await client.get(f"/sell/listings/{goods.code}/take-down")).status_code == 404
    words = {"words": "Ảnh này tôi chụp ở vườn"}
    assert (await client.submit(f"/sell/listings/{goods.code}/appeal", words)).status_code == 404
