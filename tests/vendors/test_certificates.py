"""OCOP certificates: the rules, who sends and confirms, who may look, when they end, and who is told."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import AuditEntry, PersonNotice, TextMessage
from accounts.notices import from_kept
from accounts.services import grant, person_of
from kit.clock import StoppedClock
from kit.dates import show_day, vietnam_date
from kit.roles import Role
from search.engine import Engine, Query
from search.services import index_listing
from tests.factories import TAN_CUONG, certificate, listing, photo_bytes, vendor
from vendors.models import Certificate, CertificateState, CertificateWarning, Listing
from vendors.ocop import faults_of, months_later, months_to_warn, usual_end
from vendors.services.certificates.lapsed import show_lapsed, warn_of_ends
from vendors.tasks import show_lapsed_certificates

SELLER, OTHER, ADMIN, TEAM = "+84912345678", "+84987654321", "+84973111222", "+84973111333"
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
PAPER = [("document", ("giay.jpg", photo_bytes(), "image/jpeg"))]
TYPED = {
    "product": "Chè móc câu Tân Cương",
    "stars": "4",
    "points": "72,5",
    "decision_no": "số 2890/QD-UBND",
    "decided_on": "30/06/2026",
    "issuer_level": "province",
}


@pytest.fixture
def clock() -> StoppedClock:
    """Noon in Vietnam on 21/11/2026."""
    return StoppedClock(NOON)


@pytest.fixture
async def goods(db: None, client: Any, sign_in_as: Any) -> Listing:
    """Tea on sale, its seller signed in."""
    made = await listing()
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.vendor_id)))
    return made


# --- the rules ---


def rules(**changes: Any) -> set[str]:
    """The fields at fault of a certificate that is right but for the changes."""
    fields = {
        "stars": 4,
        "points": Decimal("72.5"),
        "decided_on": date(2026, 6, 30),
        "issuer_level": "province",
        "today": TODAY,
    }
    return set(faults_of(**{**fields, **changes}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stars", "points", "is_right"),
    [
        (5, "90", True),
        (5, "100", True),
        (5, "89.99", False),
        (4, "70", True),
        (4, "89.99", True),
        (4, "90", False),
        (4, "69.99", False),
        (3, "50", True),
        (3, "70", False),
        (3, "49.99", False),
    ],
)
def test_points_must_fall_in_the_band_of_the_stars(stars: int, points: str, is_right: bool) -> None:
    level = "central" if stars == 5 else "province"
    assert rules(stars=stars, points=Decimal(points), issuer_level=level) == (
        set() if is_right else {"points"}
    )


@pytest.mark.parametrize(
    ("stars", "decided_on", "level", "is_right"),
    [
        (5, date(2026, 1, 1), "central", True),
        (5, date(2026, 1, 1), "province", False),
        (5, date(2021, 1, 1), "central", True),
        (4, date(2025, 7, 6), "province", True),
        (4, date(2025, 7, 6), "central", False),
        (4, date(2024, 7, 6), "district", False),
        (3, date(2025, 7, 6), "province", True),
        (3, date(2025, 7, 6), "district", False),
        (3, date(2025, 7, 5), "district", True),
        (3, date(2023, 2, 24), "district", True),
        (3, date(2023, 2, 23), "district", False),
        (3, date(2023, 2, 23), "province", True),
    ],
)
def test_who_may_issue_depends_on_stars_and_day(
    stars: int, decided_on: date, level: str, is_right: bool
) -> None:
    found = rules(stars=stars, points=None, decided_on=decided_on, issuer_level=level)
    assert found == (set() if is_right else {"issuer_level"})


def test_a_decision_lies_in_the_past_and_after_the_programme_began() -> None:
    assert rules(decided_on=date(2026, 11, 22)) == {"decided_on"}
    assert rules(decided_on=date(2018, 12, 31)) == {"decided_on"}


def test_thirty_six_months_end_on_a_day_that_exists() -> None:
    assert usual_end(date(2024, 2, 29)) == date(2027, 2, 28)
    assert usual_end(date(2023, 12, 31)) == date(2026, 12, 31)
    assert months_later(date(2026, 3, 31), -1) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 5, 20), None),
        (date(2026, 5, 21), 6),
        (date(2026, 8, 20), 6),
        (date(2026, 8, 21), 3),
        (date(2026, 10, 21), 1),
        (date(2026, 11, 21), 1),
        (date(2026, 11, 22), None),
    ],
)
def test_the_nearest_warning_is_the_one_that_is_due(today: date, months: int | None) -> None:
    assert months_to_warn(date(2026, 11, 21), today) == months


# --- a seller sends one in, an administrator confirms it ---


async def test_a_certificate_gives_stars_only_after_an_administrator_confirmed_it(
    client: Any, browser: Any, sign_in_as: Any, goods: Listing
) -> None:
    answer = await client.submit("/sell/certificates", {**TYPED, "listing": goods.code}, files=PAPER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sell/certificates?told=submitted")
    row = await Certificate.get(listing_id=goods.id)
    assert (row.state, row.decision_no, row.criteria) == ("submitted", "2890/QĐ-UBND", "148+1489")
    assert (row.points, row.valid_to) == (Decimal("72.5"), date(2029, 6, 30))
    assert "4 sao" not in (await client.get(f"/goods/{goods.code}")).text
    assert (await client.get(f"/ocop/{row.code}")).status_code == 404
    assert "Chờ xác nhận" in (await client.get("/sell/certificates?told=submitted")).text
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        assert row.product in (await desk.get("/admin/certificates")).text
        page = await desk.get(f"/admin/certificates/{row.code}")
        assert "Ảnh giấy chứng nhận" in page.text and "72,5" in page.text
        answer = await desk.submit(f"/admin/certificates/{row.code}", {**TYPED, "valid_to": ""})
        assert answer.status_code == 303
    shown = (await client.get(f"/goods/{goods.code}")).text
    assert "Chứng nhận OCOP 4 sao" in shown and f"/ocop/{row.code}" in shown
    check = (await client.get(f"/ocop/{row.code.lower()}")).text
    assert "Chứng nhận còn hiệu lực đến hết ngày 30/06/2029." in check and "2890/QĐ-UBND" in check


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"product": ""}, "Cần tên sản phẩm"),
        ({"stars": "2"}, "Hãy chọn số sao trên giấy"),
        ({"stars": "5"}, "5 sao chỉ do Trung ương cấp."),
        ({"points": "95"}, "4 sao cần từ 70 đến dưới 90 điểm. Bạn vừa nhập 95."),
        ({"points": "nhiều"}, "Điểm là số từ 0 đến 100"),
        ({"points": "101"}, "Điểm là số từ 0 đến 100"),
        ({"decision_no": "2890"}, "Số quyết định viết như"),
        ({"decision_no": ""}, "Cần số quyết định"),
        ({"decided_on": "31/02/2026"}, "Ngày cần viết là ngày/tháng/năm"),
        ({"decided_on": "22/11/2026"}, "Ngày quyết định chưa tới."),
        ({"issuer_level": "district"}, "4 sao ngày đó do tỉnh cấp."),
        ({"issuer_level": "village"}, "Hãy chọn cấp ký quyết định."),
        ({"listing": "H111111111"}, "Hãy chọn món hàng được chứng nhận."),
    ],
)
async def test_a_mistake_is_told_at_its_field_and_nothing_is_kept(
    client: Any, goods: Listing, change: dict[str, str], sentence: str
) -> None:
    answer = await client.submit(
        "/sell/certificates", {**TYPED, "listing": goods.code, **change}, files=PAPER
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not await Certificate.all().count()


async def test_without_a_photo_or_with_no_picture_nothing_is_sent(client: Any, goods: Listing) -> None:
    values = {**TYPED, "listing": goods.code}
    answer = await client.submit("/sell/certificates", values)
    assert answer.status_code == 422 and "Cần ảnh chụp giấy chứng nhận" in answer.text
    html = [("document", ("giay.jpg", b"<html>not a picture</html>", "image/jpeg"))]
    answer = await client.submit("/sell/certificates", values, files=html)
    assert answer.status_code == 422 and "Ảnh cần là" in answer.text
    assert not await Certificate.all().count()


async def test_pressing_twice_sends_one(client: Any, goods: Listing) -> None:
    for status in (303, 422):
        answer = await client.submit("/sell/certificates", {**TYPED, "listing": goods.code}, files=PAPER)
        assert answer.status_code == status
    assert await Certificate.all().count() == 1


async def test_goods_and_papers_of_others_are_out_of_reach(
    client: Any, browser: Any, sign_in_as: Any, goods: Listing
) -> None:
    theirs = await listing(await vendor("Chè Thái", "che-thai"), "Chè đinh")
    answer = await client.submit("/sell/certificates", {**TYPED, "listing": theirs.code}, files=PAPER)
    assert answer.status_code == 422
    await client.submit("/sell/certificates", {**TYPED, "listing": goods.code}, files=PAPER)
    row = await Certificate.get()
    paper = await client.get(f"/certificates/{row.code}/paper")
    assert paper.headers["content-type"] == "image/webp"
    assert paper.headers["cache-control"] == "private, no-store"
    assert b"Secret camera" not in paper.content
    async with browser() as stranger:
        await sign_in_as(stranger, OTHER, (Role.VENDOR, str(theirs.vendor_id)))
        assert (await stranger.get(f"/certificates/{row.code}/paper")).status_code == 404
        assert (await stranger.get(f"/media/{row.document_key.rsplit('/', 1)[-1]}")).status_code == 404
    async with browser() as desk:
        await sign_in_as(desk, ADMIN, Role.ADMIN)
        assert (await desk.get(f"/certificates/{row.code}/paper")).status_code == 200
    assert await AuditEntry.filter(action="certificate_document_read", subject_id=row.code).exists()


# --- administrators ---


@pytest.fixture
async def desk(db: None, client: Any, sign_in_as: Any) -> Any:
    """An administrator's browser."""
    await sign_in_as(client, ADMIN, Role.ADMIN)
    return client


async def test_another_end_than_36_months_needs_a_reason(desk: Any) -> None:
    goods = await listing()
    values = {**TYPED, "listing": goods.code, "valid_to": "31/12/2026"}
    answer = await desk.submit("/admin/certificates", values)
    assert (
        answer.status_code == 422 and "Ngày hết hạn khác 36 tháng (30/06/2029). Hãy ghi lý do." in answer.text
    )
    early = await desk.submit("/admin/certificates", {**values, "valid_to": "29/06/2026"})
    assert early.status_code == 422 and "Ngày hết hạn phải sau ngày quyết định." in early.text
    answer = await desk.submit("/admin/certificates", {**values, "valid_because": "Theo công văn của tỉnh"})
    assert answer.status_code == 303
    row = await Certificate.get()
    assert (row.state, row.valid_to) == ("confirmed", date(2026, 12, 31))
    assert row.valid_because == "Theo công văn của tỉnh"
    unknown = await desk.submit("/admin/certificates", {**TYPED, "listing": "H000"})
    assert unknown.status_code == 422 and "Không có món hàng nào mang mã này." in unknown.text


async def test_sending_back_needs_a_reason_and_tells_it(desk: Any) -> None:
    goods = await listing()
    row = await certificate(goods, state=CertificateState.SUBMITTED)
    answer = await desk.submit(f"/admin/certificates/{row.code}/return", {"because": ""})
    assert answer.status_code == 422 and "Hãy ghi lý do" in answer.text
    answer = await desk.submit(
        f"/admin/certificates/{row.code}/return", {"because": "Ảnh mờ, chụp lại giúp."}
    )
    assert answer.status_code == 303
    await row.refresh_from_db()
    assert (row.state, row.returned_because) == ("returned", "Ảnh mờ, chụp lại giúp.")
    again = await desk.submit(f"/admin/certificates/{row.code}/return", {"because": "Một lần nữa"})
    assert again.status_code == 409


async def test_an_ended_certificate_loses_its_stars_today(desk: Any) -> None:
    goods = await listing()
    row = await certificate(goods, stars=4)
    assert "Chứng nhận OCOP 4 sao" in (await desk.get(f"/goods/{goods.code}")).text
    answer = await desk.submit(f"/admin/certificates/{row.code}/ending", {"because": "Tỉnh thu hồi"})
    assert answer.status_code == 303
    shown = (await desk.get(f"/goods/{goods.code}")).text
    assert "Chứng nhận OCOP 4 sao" not in shown and "đã hết hiệu lực ngày 20/11/2026" in shown
    check = (await desk.get(f"/ocop/{row.code}")).text
    assert "bị chấm dứt, không còn hiệu lực từ ngày 21/11/2026" in check and "OCOP 4 sao" not in check
    assert (await desk.submit(f"/admin/certificates/{row.code}", TYPED)).status_code == 409


async def test_the_list_asks_few_queries(desk: Any, queries: Any) -> None:
    goods = await listing()
    for _ in range(5):
        await certificate(goods)
    with queries.at_most(5):
        assert (await desk.get("/admin/certificates?state=confirmed")).status_code == 200


# --- the end ---


async def test_stars_that_lapse_at_midnight_are_gone_from_pages_and_search(
    client: Any, db: None, parts: Any, clock: StoppedClock, run_jobs: Any
) -> None:
    goods = await listing()
    await certificate(goods, stars=4, valid_to=vietnam_date(clock.now()))
    await index_listing(parts[Engine], goods.id, today=vietnam_date(clock.now()))
    assert (await parts[Engine].search(Query("chè", stars=4))).total == 1
    await show_lapsed_certificates(parts)
    await run_jobs()
    assert (await parts[Engine].search(Query("chè", stars=4))).total == 1
    clock.at = datetime(2026, 11, 21, 17, 4, tzinfo=UTC)  # four minutes after midnight in Vietnam
    assert "Chứng nhận OCOP 4 sao" not in (await client.get(f"/goods/{goods.code}")).text
    await show_lapsed_certificates(parts)
    await run_jobs()
    assert (await parts[Engine].search(Query("chè", stars=4))).total == 0
    assert await show_lapsed(vietnam_date(clock.now())) == 0
    row = await Certificate.get()
    check = (await client.get(f"/ocop/{row.code}")).text
    assert "đã hết hạn, không còn hiệu lực từ ngày 22/11/2026" in check


async def test_vendor_and_team_are_told_once_at_each_step(db: None) -> None:
    goods = await listing()
    member, stranger = await person_of(TEAM), await person_of(OTHER)
    await grant(member.id, Role.TEAM, TAN_CUONG)
    await grant(stranger.id, Role.TEAM, "05740")
    row = await certificate(goods, stars=4, valid_to=date(2027, 5, 21))
    assert await warn_of_ends(NOON.replace(day=20)) == 0
    assert await warn_of_ends(NOON) == 1
    assert await warn_of_ends(NOON) == 0
    [text], [notice] = await TextMessage.all(), await PersonNotice.all()
    assert (text.phone, notice.person_id) == ("+84912000111", member.id), "who never signed in gets a text"
    told = str(from_kept(notice.words))
    assert f"hết hạn ngày {show_day(row.valid_to)}" in told and "dưới 6 tháng" in told and told in text.words
    assert await warn_of_ends(datetime(2027, 2, 21, 5, tzinfo=UTC)) == 1
    assert await warn_of_ends(datetime(2027, 4, 22, 5, tzinfo=UTC)) == 1
    assert await warn_of_ends(datetime(2027, 5, 22, 5, tzinfo=UTC)) == 0
    steps = await CertificateWarning.all().order_by("id").values_list("months", flat=True)
    assert steps == [6, 3, 1]
    assert (await TextMessage.all().count(), await PersonNotice.all().count()) == (3, 3)


async def test_a_notice_outlives_a_gate_that_is_down_for_hours(
    db: None, parts: Any, clock: StoppedClock, run_jobs: Any
) -> None:
    await certificate(await listing(), valid_to=date(2026, 12, 1))
    await warn_of_ends(NOON)
    clock.forward(hours=6)
    await run_jobs()
    text = await TextMessage.get()
    assert text.sent_at is not None


async def test_the_first_page_says_what_ends_soon(client: Any, goods: Listing) -> None:
    await certificate(goods, stars=4, valid_to=date(2027, 5, 1))
    await certificate(await listing(await goods.vendor, "Chè đinh"), valid_to=date(2028, 5, 1))
    page = (await client.get("/sell")).text
    assert "của «Chè móc câu» còn hạn đến 01/05/2027" in page
    assert "Chè đinh" not in page


async def test_the_check_page_leads_from_a_typed_code(client: Any, db: None) -> None:
    assert (await client.get("/ocop")).status_code == 200
    answer = await client.get("/ocop?code=s-12 34")
    assert answer.headers["location"] == "/ocop/S1234"
    assert "Không có chứng nhận nào mang mã" in (await client.get("/ocop/S1234")).text
