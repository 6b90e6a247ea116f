"""Ratings: by the buyer of a delivered line, once, in time; answered; reported, taken down, appealed; forgotten."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from accounts.models import Person, PersonNotice
from accounts.services import grant
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotAllowed, NotFound
from kit.models import DatedRule, Job
from kit.parts import Parts
from kit.roles import Caller, Role
from orders.models import Order, OrderLine
from orders.services.personal import forget_buyer
from orders.services.rating import appeal_line, ratable_lines, rate_line
from search.engine import Engine, Query
from search.services import results
from tests.conftest import Browser, Queries
from tests.factories import HOA, TUAN, listing, pay_order, person, photo_bytes, placed, vendor
from vendors.models import Listing, Rating, RatingFault, RatingPhoto, RatingTakeDown
from vendors.rating_rules import masked_name, rated
from vendors.services.moderation.desk import moderation_queue
from vendors.services.ratings.moderated import (
    RatingComplaint,
    decide_rating_appeal,
    keep_rating,
    report_rating,
    take_rating_down,
)
from vendors.services.ratings.shown import ratings_of_goods, ratings_of_seller
from vendors.services.ratings.writing import RatingContent, answer_rating

pytestmark = pytest.mark.usefixtures("books")
SAID = "Chè thơm, nước xanh, gói kín."


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def delivered(clock: StoppedClock, *goods: Listing, key: int = 1) -> Order:
    """An order of somebody who is known, delivered now."""
    buyer = await Person.get_or_none(phone=HOA) or await person()
    [order] = await placed(*((one, 1) for one in goods), now=clock.now())
    await pay_order(order, key, now=clock.now())
    await Order.filter(id=order.id).update(person_id=buyer.id, state="delivered", delivered_at=clock.now())
    return await Order.get(id=order.id)


async def line_of(order: Order) -> OrderLine:
    return await OrderLine.filter(order_id=order.id).order_by("id").get()


def hoa_of(order: Order, *vendor_ids: int) -> Caller:
    scopes = {str(Role.VENDOR): tuple(str(id) for id in vendor_ids)} if vendor_ids else {}
    return Caller(person_id=order.person_id, name="Nguyễn Thị Hoa", scopes=scopes)


async def rated_now(order: Order, clock: StoppedClock, stars: int = 4, words: str = SAID) -> int:
    said = RatingContent(stars, words)
    return await rate_line(order, (await line_of(order)).id, said, hoa_of(order), now=clock.now())


# --- names and averages ---


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nguyễn Thị Hoa", "Nguyễn T. H."),
        ("  Đào   Văn đức ", "Đào V. Đ."),
        ("Hoa", "H."),
        ("Hoa 0912345678", "H."),
        ("", ""),
        ("0912345678", ""),
    ],
)
def test_a_name_is_masked_to_its_first_word_and_letters(name: str, shown: str) -> None:
    assert masked_name(name) == shown


def test_an_average_is_in_tenths_and_rounds_half_up() -> None:
    assert rated(0, 0).tenths == 0
    assert (rated(3, 14).shown, rated(2, 9).shown, rated(20, 91).shown) == ("4,7", "4,5", "4,6")
    for count in range(1, 40):
        for stars in range(count, 5 * count + 1):
            assert 10 <= rated(count, stars).tenths <= 50


# --- who, what and when ---


async def test_a_delivered_line_is_rated_once_and_counted(clock: StoppedClock) -> None:
    """The same sent again is the same; other words are refused; the seller is told; the index hears of it."""
    tea = await listing()
    order = await delivered(clock, tea)
    first = await rated_now(order, clock)
    assert await rated_now(order, clock) == first
    with pytest.raises(Conflict):
        await rated_now(order, clock, words="Nghĩ lại thì dở.")
    row, goods = await Rating.get(), await Listing.get(id=tea.id)
    assert (row.shown_name, row.stars, goods.rated, goods.rated_stars) == ("Nguyễn T. H.", 4, 1, 4)
    assert await Job.filter(name="index_listing", subject_id=tea.id).exists()


async def test_nothing_is_rated_before_the_delivery_by_others_or_too_late(clock: StoppedClock) -> None:
    tea = await listing()
    [order] = await placed((tea, 1), now=clock.now())
    await pay_order(order, now=clock.now())
    line = await line_of(order)
    with pytest.raises(NotFound):
        await rate_line(order, line.id, RatingContent(5, SAID), hoa_of(order), now=clock.now())
    order = await delivered(clock, tea, key=2)
    with pytest.raises(NotFound):
        await rate_line(order, line.id, RatingContent(5, SAID), hoa_of(order), now=clock.now())
    with pytest.raises(NotAllowed):
        own = hoa_of(order, order.vendor_id)
        await rate_line(order, (await line_of(order)).id, RatingContent(5, SAID), own, now=clock.now())
    await DatedRule.create(name="rating_days", valid_from=date(2026, 1, 1), value="10", source="test")
    clock.forward(days=10, seconds=1)
    with pytest.raises(Conflict):
        await rated_now(order, clock)
    [one] = await ratable_lines(order, now=clock.now())
    assert not one.can_be_rated and await Rating.all().count() == 0


async def test_a_seller_answers_once_and_the_buyer_is_told(clock: StoppedClock) -> None:
    order = await delivered(clock, await listing())
    number, tuan = await rated_now(order, clock), await person("Tuấn", TUAN)
    said: dict[str, Any] = {"person_id": tuan.id, "now": clock.now()}
    with pytest.raises(NotFound):
        await answer_rating(number, "Cảm ơn bạn.", vendor_ids=[order.vendor_id + 1], **said)
    await answer_rating(number, "Cảm ơn bạn.", vendor_ids=[order.vendor_id], **said)
    with pytest.raises(Conflict):
        await answer_rating(number, "Thêm một câu.", vendor_ids=[order.vendor_id], **said)
    assert await PersonNotice.filter(person_id=order.person_id, event_key__startswith="rating:").count() == 1
    row = await Rating.get()
    assert (row.answer, row.words) == ("Cảm ơn bạn.", SAID)


# --- shown in full ---


async def test_all_are_shown_newest_first_in_pages_with_bounded_queries(
    clock: StoppedClock, queries: Queries
) -> None:
    tea = await listing(stock=60)
    for number in range(26):
        order = await delivered(clock, tea, key=number + 1)
        await rated_now(order, clock, stars=1 + number % 5, words=f"Lần {number}")
        clock.forward(minutes=1)
    with queries.at_most(4):
        about = await ratings_of_goods(tea.code, 1)
    assert [one.words for one in about.leaf.items] == [f"Lần {number}" for number in range(25, 1, -1)]
    assert about.leaf.has_more and about.rated.count == 26
    assert [one.words for one in (await ratings_of_goods(tea.code, 2)).leaf.items] == ["Lần 1", "Lần 0"]
    seller = await tea.vendor
    with queries.at_most(5):
        assert (await ratings_of_seller(seller.slug, 1, is_adult=False)).rated.tenths == 29


async def test_ratings_of_alcohol_stand_behind_the_question_of_age(
    client: Browser, clock: StoppedClock
) -> None:
    wine = await listing(await vendor(), "Rượu men lá", kind="wine", is_adult_only=True)
    [order] = await placed((wine, 1), now=clock.now(), is_adult=True)
    await pay_order(order, now=clock.now())
    await Order.filter(id=order.id).update(state="delivered", delivered_at=clock.now())
    await rated_now(await Order.get(id=order.id), clock, words="Rượu êm.")
    assert (await client.get(f"/goods/{wine.code}/ratings")).headers["location"] == f"/goods/{wine.code}"
    assert "Rượu êm." not in (await client.get("/sellers/che-hao-dat")).text
    assert "Rượu êm." not in (await client.get("/sellers/che-hao-dat/ratings")).text
    client.cookies.set("of_age", "yes")
    assert "Rượu êm." in (await client.get(f"/goods/{wine.code}/ratings")).text
    assert "Rượu êm." in (await client.get("/sellers/che-hao-dat/ratings")).text


async def test_the_goods_page_the_seller_and_the_results_show_the_average(
    client: Browser, clock: StoppedClock, parts: Parts, run_jobs: Any
) -> None:
    tea = await listing()
    for number, stars in enumerate((5, 4)):
        await rated_now(
            await delivered(clock, tea, key=number + 1), clock, stars=stars, words=f"Lần {number}"
        )
    await run_jobs()
    page = (await client.get(f"/goods/{tea.code}")).text
    assert "4,5 trên 5 sao, 2 đánh giá" in page and page.index("Lần 1") < page.index("Lần 0")
    assert 'itemprop="reviewCount" content="2"' in page and "Nguyễn T. H." in page
    assert "Nguyễn Thị Hoa" not in page
    assert "4,5 trên 5 sao" in (await client.get("/sellers/che-hao-dat")).text
    [doc] = (await results(parts[Engine], Query("chè móc câu"))).docs
    assert (doc.rated, doc.rated_tenths) == (2, 45)
    assert "4,5 trên 5 sao, 2 người mua chấm" in (await client.get("/search?q=che+moc+cau")).text


# --- the pages ---


async def test_a_rating_with_photos_through_the_pages(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    """Wrong first: no stars, four photos, no photo; what was ready is kept; then it stands; strangers see nothing."""
    order = await delivered(clock, await listing())
    line = await line_of(order)
    where = f"/orders/{order.code}/ratings/{line.id}"
    assert (await client.get(where)).status_code == 404
    await sign_in_as(client, HOA)
    assert where in (await client.get(f"/orders/{order.code}")).text
    assert (await client.get(f"/orders/{order.code}/ratings/999")).status_code == 404
    photo = ("photos", ("che.jpg", photo_bytes(), "image/jpeg"))
    refused = await client.submit(where, {"stars": "", "words": SAID}, files=[photo])
    assert refused.status_code == 422 and "Hãy chọn từ 1 đến 5 sao" in refused.text
    assert 'name="kept_photo"' in refused.text
    many = await client.submit(where, {"stars": "5"}, files=[photo] * 4)
    assert many.status_code == 422 and "Nhiều nhất 3 ảnh" in many.text
    broken = ("photos", ("a.jpg", b"not a photo", "image/jpeg"))
    assert (await client.submit(where, {"stars": "5"}, files=[broken])).status_code == 422
    assert await Rating.all().count() == 0
    sent = await client.submit(where, {"stars": "5", "words": SAID}, files=[photo])
    assert sent.status_code == 303
    shown = (await client.get(where)).text
    assert SAID in shown and "/media/" in shown
    assert b"Secret camera" not in (await client.get(_media(shown))).content
    assert (await client.submit(where, {"stars": "1", "words": "Khác"}, files=[photo])).status_code == 409
    assert "bạn chấm 5 sao" in (await client.get(f"/orders/{order.code}")).text


def _media(html: str) -> str:
    return html.partition('href="/media/')[2].partition('"')[0].join(("/media/", ""))


async def test_a_seller_reads_answers_and_reports_on_the_page(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    order = await delivered(clock, await listing())
    number = await rated_now(order, clock)
    await sign_in_as(client, TUAN, (Role.VENDOR, str(order.vendor_id)))
    assert SAID in (await client.get("/sell/ratings")).text
    where = f"/sell/ratings/{number}/answer"
    empty = await client.submit(where, {"answer": ""})
    assert empty.status_code == 422 and f"f-answer-{number}-error" in empty.text
    assert (await client.submit(where, {"answer": "Cảm ơn bạn nhiều."})).status_code == 303
    assert (await client.submit(where, {"answer": "Thêm nữa."})).status_code == 409
    assert (await client.submit("/sell/ratings/999/answer", {"answer": "Thêm nữa."})).status_code == 404
    goods = await Listing.get()
    assert "Cảm ơn bạn nhiều." in (await client.get(f"/goods/{goods.code}/ratings")).text
    report = f"/ratings/{number}/report"
    assert "Báo đánh giá này" in (await client.get(report)).text
    short = await client.submit(report, {"fault": "other", "words": "sai"})
    assert short.status_code == 422 and "ít nhất 10 chữ" in short.text
    assert (await client.submit(report, {"fault": "advert"})).status_code == 303
    [row] = (await moderation_queue(1, reader=1, now=clock.now())).items
    assert row.rating_id == number and str(row.source and row.source.text) == "Người bán báo"
    assert SAID in (await client.get(f"/goods/{goods.code}/ratings")).text, "a report hides nothing"


# --- moderation ---


async def test_taken_down_appealed_and_decided_by_somebody_else(clock: StoppedClock) -> None:
    """It counts no longer, its place says why; its author appeals once; who took it down decides nothing."""
    tea = await listing()
    order = await delivered(clock, tea)
    number, line = await rated_now(order, clock), await line_of(order)
    complaint = RatingComplaint(RatingFault.INSULT, "Chửi người bán", 7, [order.vendor_id])
    await report_rating(number, complaint, now=clock.now())
    with pytest.raises(Conflict):
        await appeal_line(order, line.id, "Tôi viết đúng sự thật.", now=clock.now())
    await take_rating_down(number, RatingFault.INSULT, "Có lời chửi bới.", by=5, now=clock.now())
    with pytest.raises(Conflict):
        await take_rating_down(number, RatingFault.INSULT, "Có lời chửi bới.", by=5, now=clock.now())
    with pytest.raises(NotFound):
        await report_rating(number, complaint, now=clock.now())
    [shown] = (await ratings_of_goods(tea.code, 1)).leaf.items
    assert (shown.words, shown.photos) == ("", ()) and shown.why and "chửi bới" in shown.why.text
    assert (await Listing.get()).rated == 0
    await appeal_line(order, line.id, "Tôi viết đúng sự thật.", now=clock.now())
    with pytest.raises(Conflict):
        await appeal_line(order, line.id, "Lần nữa, đúng sự thật.", now=clock.now())
    [row] = (await moderation_queue(1, reader=5, now=clock.now())).items
    assert row.is_appeal and row.is_mine and row.rating_id == number
    decided: dict[str, Any] = {"answer": "Không phải lời chửi.", "now": clock.now()}
    with pytest.raises(NotAllowed):
        await decide_rating_appeal(number, is_granted=True, by=5, **decided)
    await decide_rating_appeal(number, is_granted=True, by=6, **decided)
    with pytest.raises(Conflict):
        await decide_rating_appeal(number, is_granted=True, by=6, **decided)
    assert (await Listing.get()).rated == 1
    assert (await ratings_of_goods(tea.code, 1)).leaf.items[0].words == SAID
    assert not (await moderation_queue(1, reader=5, now=clock.now())).items


async def test_a_reported_rating_stays_with_a_reason(clock: StoppedClock) -> None:
    order = await delivered(clock, await listing())
    number = await rated_now(order, clock)
    with pytest.raises(Conflict):
        await keep_rating(number, "Chê đúng mực thì ở lại.", by=5, now=clock.now())
    await report_rating(number, RatingComplaint(RatingFault.ADVERT, "", None), now=clock.now())
    await keep_rating(number, "Chê đúng mực thì ở lại.", by=5, now=clock.now())
    assert not (await moderation_queue(1, reader=5, now=clock.now())).items
    with pytest.raises(NotFound):
        await keep_rating(999, "Chê đúng mực thì ở lại.", by=5, now=clock.now())


async def test_an_administrator_works_on_the_page(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    order = await delivered(clock, await listing())
    number = await rated_now(order, clock)
    await report_rating(number, RatingComplaint(RatingFault.PRIVATE, "Có số của tôi", None), now=clock.now())
    await sign_in_as(client, "0973111222", Role.ADMIN)
    assert f"/admin/ratings/{number}" in (await client.get("/admin/moderation")).text
    desk = f"/admin/ratings/{number}"
    assert "Có số của tôi" in (await client.get(desk)).text
    assert (await client.submit(desk + "/keeping", {"answer": ""})).status_code == 422
    assert (await client.submit(desk + "/keeping", {"answer": "Không có số nào cả."})).status_code == 303
    assert (await client.submit(desk + "/keeping", {"answer": "Không có số nào cả."})).status_code == 409
    assert (await client.submit(desk + "/take-down", {"fault": "nothing"})).status_code == 422
    down = {"fault": "private", "words": "Có số điện thoại người khác."}
    assert (await client.submit(desk + "/take-down", down)).status_code == 303
    await appeal_line(order, (await line_of(order)).id, "Số này là của tôi.", now=clock.now())
    decision = {"answer": "Đúng là số của người viết.", "is_granted": "1"}
    assert (await client.submit(desk + "/decision", {"answer": ""})).status_code == 422
    assert (await client.submit(desk + "/decision", decision)).status_code == 403
    await RatingTakeDown.all().update(taken_by=999)
    assert (await client.submit(desk + "/decision", decision)).status_code == 303
    assert (await client.get("/admin/ratings/999")).status_code == 404


async def test_an_author_reads_why_and_appeals_on_the_page(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    order = await delivered(clock, await listing())
    number, line = await rated_now(order, clock), await line_of(order)
    await take_rating_down(number, RatingFault.ADVERT, "Chỉ quảng cáo quán khác.", by=5, now=clock.now())
    where = f"/orders/{order.code}/ratings/{line.id}"
    await sign_in_as(client, HOA)
    assert "Chỉ quảng cáo quán khác." in (await client.get(where)).text
    assert (await client.submit(where + "/appeal", {"words": "sai"})).status_code == 422
    assert (await client.submit(where + "/appeal", {"words": "Tôi có quán nào đâu."})).status_code == 303
    assert "Tôi có quán nào đâu." in (await client.get(where)).text


# --- the database's word, and forgetting ---


async def test_the_database_keeps_stars_in_bounds_and_one_take_down(clock: StoppedClock) -> None:
    order = await delivered(clock, await listing())
    number = await rated_now(order, clock)
    with pytest.raises(IntegrityError):
        async with transaction():
            await Rating.filter(id=number).update(stars=6)
    standing: dict[str, Any] = {"rating_id": number, "fault": "insult", "taken_by": 1, "at": clock.now()}
    await RatingTakeDown.create(words="a", **standing)
    with pytest.raises(IntegrityError):
        async with transaction():
            await RatingTakeDown.create(words="b", **standing)


async def test_an_erased_buyer_leaves_words_without_a_name(clock: StoppedClock) -> None:
    order = await delivered(clock, await listing())
    number = await rated_now(order, clock)
    await RatingPhoto.create(rating_id=number, key="0" * 40, width_px=4, height_px=3)
    await Order.filter(id=order.id).update(state="closed")
    async with transaction():
        await forget_buyer(int(order.person_id or 0))
    row = await Rating.get()
    assert (row.person_id, row.shown_name, row.words) == (None, "", SAID)
    assert await RatingPhoto.all().count() == 0


async def test_the_api_rates_reports_answers_and_decides(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    """orders:api_rating_create and all that follows it."""
    order, api = await delivered(clock, await listing()), "/api/v1"
    line, tuan = await line_of(order), await person("Tuấn", TUAN)
    await grant(tuan.id, Role.VENDOR, str(order.vendor_id))
    await sign_in_as(client, HOA)
    token = {"x-csrf-token": await client.token()}
    [ratable] = (await client.get(f"{api}/orders/{order.code}/ratings")).json()["items"]
    assert ratable["can_be_rated"] and ratable["line"] == line.id
    raw = {**token, "content-type": "image/jpeg"}
    sent = await client.post(f"{api}/orders/{order.code}/rating-photos", content=photo_bytes(), headers=raw)
    photo = sent.json()["photo"]
    keyed = {**token, "idempotency-key": "rating-0001"}
    where = f"{api}/orders/{order.code}/ratings/{line.id}"
    said = {"stars": 4, "words": SAID, "photos": photo}
    made = await client.post(where, json=said, headers=keyed)
    assert made.status_code == 201 and made.json()["stars"] == 4, made.text
    number, goods = made.json()["rating"], await Listing.get()
    [shown] = (await client.get(f"{api}/goods/{goods.code}/ratings")).json()["items"]
    assert shown["photos"] and shown["name"] == "Nguyễn T. H."
    assert (await client.get(f"{api}/vendors/che-hao-dat/ratings")).json()["rated_tenths"] == 40
    report = {"fault": "advert", "words": ""}
    keyed = {**token, "idempotency-key": "report-0001"}
    assert (
        await client.post(f"{api}/ratings/{number}/reports", json=report, headers=keyed)
    ).status_code == 201
    await sign_in_as(client, TUAN)
    token = {"x-csrf-token": await client.token()}
    assert len((await client.get(f"{api}/sell/ratings")).json()["items"]) == 1
    answered = await client.post(
        f"{api}/sell/ratings/{number}/answer", json={"answer": "Cảm ơn bạn."}, headers=token
    )
    assert answered.json()["answer"] == "Cảm ơn bạn."
    await sign_in_as(client, "0973111222", Role.ADMIN)
    token, desk = {"x-csrf-token": await client.token()}, f"{api}/admin/ratings/{number}"
    kept = await client.post(desk + "/keeping", json={"answer": "Không phải quảng cáo."}, headers=token)
    assert kept.status_code == 200
    down = {"fault": "insult", "words": "Có lời chửi bới."}
    taken = await client.post(desk + "/take-down", json=down, headers=token)
    assert taken.json()["words"] == "" and taken.json()["why"]
    await sign_in_as(client, HOA)
    token = {"x-csrf-token": await client.token()}
    appealed = await client.post(where + "/appeal", json={"words": "Tôi có chửi ai đâu."}, headers=token)
    assert appealed.status_code == 200
    await RatingTakeDown.all().update(taken_by=999)
    await sign_in_as(client, "0973111222")
    token = {"x-csrf-token": await client.token()}
    decision = {"answer": "Đúng là không có.", "is_granted": True}
    assert (await client.post(desk + "/decision", json=decision, headers=token)).json()["words"] == SAID
