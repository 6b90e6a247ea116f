"""Ratings whose words have a phone number or a link wait for a look before anybody but their author reads them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import PersonNotice
from accounts.services import grant
from kit.clock import StoppedClock
from kit.errors import Conflict, NotFound
from kit.roles import Role
from orders.models import Order
from tests.conftest import Browser
from tests.factories import HOA, TUAN, listing, person
from tests.orders.test_ratings import delivered, line_of, rated_now
from vendors.models import Listing, Rating, RatingFault
from vendors.rating_rules import held_for
from vendors.services.moderation.desk import moderation_queue
from vendors.services.ratings.moderated import (
    RatingComplaint,
    appeal_rating,
    decide_rating_appeal,
    publish_rating,
    report_rating,
    take_rating_down,
)
from vendors.services.ratings.shown import own_ratings, ratings_of_goods
from vendors.services.ratings.writing import answer_rating

pytestmark = pytest.mark.usefixtures("books")
SAID = "Chè ngon, gọi tôi 0912 345 678 mua rẻ hơn."


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Gọi 0912345678 nhé", RatingFault.PRIVATE),
        ("số 09.1234.5678", RatingFault.PRIVATE),
        ("+84 912 345 678", RatingFault.PRIVATE),
        ("0 9 1 2 3 4 5 6 7 8", RatingFault.PRIVATE),
        ("bàn 0208 3855 123", RatingFault.PRIVATE),
        ("tổng đài 1900 1234", RatingFault.PRIVATE),
        ("viết về hoa@vidu.vn", RatingFault.PRIVATE),
        ("xem https://vidu.vn/che", RatingFault.ADVERT),
        ("vào www.vidu mua", RatingFault.ADVERT),
        ("shop ở vidu.com.vn rẻ hơn", RatingFault.ADVERT),
        ("kết bạn Zalo: hoache", RatingFault.ADVERT),
        ("bit.ly/abc", RatingFault.ADVERT),
        ("Chè ngon.Mua lần hai rồi.Gói kín.", None),
        ("Ngon.me thich lam", None),
        ("Mua 10 gói giá 1.250.000 đồng, nặng 0,5 kg, giao ngày 21/11/2026", None),
        ("Đơn 2026112100123456 giao sau 3 ngày", None),
        ("", None),
    ],
)
def test_words_that_reach_somebody_or_lead_elsewhere_are_held(words: str, why: RatingFault | None) -> None:
    assert held_for(words) is why


async def held(clock: StoppedClock) -> tuple[Order, Listing, int]:
    """An order whose buyer left a phone number, its goods, and the rating's number; somebody sells the goods."""
    tea = await listing()
    order, tuan = await delivered(clock, tea), await person("Tuấn", TUAN)
    await grant(tuan.id, Role.VENDOR, str(order.vendor_id))
    return order, tea, await rated_now(order, clock, words=SAID)


async def test_a_held_rating_is_read_by_its_author_alone_and_counts_nowhere(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    order, tea, number = await held(clock)
    assert await rated_now(order, clock, words=SAID) == number
    assert (await Listing.get(id=tea.id)).rated == 0
    assert (await ratings_of_goods(tea.code, 1)).leaf.items == []
    assert (await own_ratings([order.vendor_id], 1)).items == []
    with pytest.raises(NotFound):
        await report_rating(number, RatingComplaint(RatingFault.ADVERT, "", None), now=clock.now())
    with pytest.raises(NotFound):
        said: dict[str, Any] = {"person_id": 1, "now": clock.now()}
        await answer_rating(number, "Cảm ơn bạn.", vendor_ids=[order.vendor_id], **said)
    titles = [str(one.title["text"]) for one in await PersonNotice.all()]
    assert len([one for one in titles if "chờ xem trước khi hiện" in one]) == 2
    assert not [one for one in titles if "{stars} sao" in one]
    line = await line_of(order)
    await sign_in_as(client, HOA)
    page = (await client.get(f"/orders/{order.code}/ratings/{line.id}")).text
    assert "Đang chờ xem" in page and "0912 345 678" in page
    [told] = (await client.get(f"/api/v1/orders/{order.code}/ratings")).json()["items"]
    assert told["is_held"] and told["words"] == SAID
    assert "0912 345 678" not in (await client.get(f"/goods/{tea.code}")).text
    assert (await client.get(f"/ratings/{number}/report")).status_code == 404


async def test_published_it_is_shown_counted_and_told_once(clock: StoppedClock) -> None:
    _, tea, number = await held(clock)
    [row] = (await moderation_queue(1, reader=5, now=clock.now())).items
    assert row.is_held and row.rating_id == number and row.words == SAID and row.hours_left > 0
    await publish_rating(number, by=5, now=clock.now())
    with pytest.raises(Conflict):
        await publish_rating(number, by=5, now=clock.now())
    [shown] = (await ratings_of_goods(tea.code, 1)).leaf.items
    goods = await Listing.get(id=tea.id)
    assert (shown.words, goods.rated, goods.rated_stars) == (SAID, 1, 4)
    titles = [str(one.title["text"]) for one in await PersonNotice.all()]
    assert "Đánh giá của bạn đã hiện" in titles and any("{stars} sao" in one for one in titles)
    assert not (await moderation_queue(1, reader=5, now=clock.now())).items


async def test_taken_down_it_never_counts_until_an_appeal_is_granted(clock: StoppedClock) -> None:
    _, tea, number = await held(clock)
    await take_rating_down(number, RatingFault.ADVERT, "Mời mua chỗ khác.", by=5, now=clock.now())
    row = await Rating.get(id=number)
    assert row.held_at is None and row.taken_down_at
    assert (await Listing.get(id=tea.id)).rated == 0
    await appeal_rating(row.line_id, "Số của tôi mà.", person_id=row.person_id, now=clock.now())
    await decide_rating_appeal(number, is_granted=True, answer="Đúng.", by=6, now=clock.now())
    assert ((await Listing.get(id=tea.id)).rated, (await Listing.get(id=tea.id)).rated_stars) == (1, 4)


async def test_an_administrator_publishes_on_the_page_and_by_program(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    """vendors:rating_publish and vendors:api_rating_publish."""
    _, _, number = await held(clock)
    await sign_in_as(client, "0973111222", Role.ADMIN)
    desk = f"/admin/ratings/{number}"
    assert desk in (await client.get("/admin/moderation")).text
    page = (await client.get(desk)).text
    assert "Chờ xem trước khi hiện" in page and "0912 345 678" in page
    assert (await client.submit(desk + "/publication", {})).status_code == 303
    assert "Đánh giá đã hiện" in (await client.get(desk + "?told=published")).text
    assert (await client.submit(desk + "/publication", {})).status_code == 409
    token = {"x-csrf-token": await client.token()}
    assert (await client.post(f"/api/v1{desk}/publication", json={}, headers=token)).status_code == 409
    await Rating.filter(id=number).update(held_at=clock.now(), held_for="private")
    shown = await client.post(f"/api/v1{desk}/publication", json={}, headers=token)
    assert shown.json()["words"] == SAID
