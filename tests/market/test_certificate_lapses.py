"""A certificate's last months, its last evening and the morning after: who is told, and where the stars go.

In this process and not in Chromium, because the market's own clock has to be moved over midnight: the same app, jobs
and rounds, the search index and the pretend texts, with a clock that stands until the story moves it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from starlette.types import ASGIApp

from accounts.notice_gates import recent_letters
from accounts.services import grant, person_of
from kit.clock import VIETNAM, StoppedClock
from kit.models import Job, JobState
from kit.outbox import Every
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from market.worker import ROUNDS
from search.engine import Engine, Query
from tests.conftest import Browser
from tests.factories import TAN_CUONG, photo_bytes, units, vendor
from vendors.models import Certificate, Listing, Vendor

SELLER, TEAM, FAR_TEAM, SON = "+84912000111", "+84973111333", "+84973111444", "+84973111222"
ROUND_NAMES = ("show_lapsed_certificates", "warn_of_certificates")
DECIDED, LAST_DAY = date(2023, 12, 1), date(2026, 12, 1)
PAPER = [("document", ("giay.jpg", photo_bytes(), "image/jpeg"))]
STARS = 'aria-label="OCOP 4 sao"'
Work = Callable[[datetime], Awaitable[None]]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment in Vietnam."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)


@pytest.fixture
def clock() -> StoppedClock:
    """Seven months before the end."""
    return StoppedClock(at(date(2026, 4, 20), 9))


@pytest.fixture
def work(parts: Parts, clock: StoppedClock, run_jobs: Any) -> Work:
    """Moves the clock to a moment and lets the workers make their rounds and work what these leave."""
    rounds: list[Every] = [one for one in ROUNDS if one.round.__name__ in ROUND_NAMES]
    assert len(rounds) == len(ROUND_NAMES)

    async def until(moment: datetime) -> None:
        assert moment >= clock.at
        clock.at = moment
        for one in rounds:
            await one.round(parts)
        await run_jobs()

    return until


@pytest.fixture
async def son(app: ASGIApp, sign_in_as: Any, db: None) -> AsyncIterator[Browser]:
    """The administrator's browser."""
    async with Browser(app) as desk:
        await sign_in_as(desk, SON, Role.ADMIN)
        yield desk


@pytest.fixture
async def seller(client: Any, sign_in_as: Any, db: None) -> Vendor:
    """A cooperative in Tân Cương at its own browser, and the neighbours who help there and elsewhere."""
    await units("19", TAN_CUONG, "05740")
    made = await vendor(phone=SELLER)
    await sign_in_as(client, SELLER, (Role.VENDOR, str(made.id)))
    await grant((await person_of(TEAM)).id, Role.TEAM, TAN_CUONG)
    await grant((await person_of(FAR_TEAM)).id, Role.TEAM, "05740")
    return made


async def certified(client: Any, son: Browser, seller: Vendor, run_jobs: Any) -> Listing:
    """Tea that its seller puts up with a certificate, both seen by the administrator."""
    typed = {
        "name": "Chè móc câu", "kind": "tea", "price_dong": "220000", "unit": "gói 500 g", "stock": "10",
        "commune": "Xã Tân Cương, Thái Nguyên", "commune_code": TAN_CUONG, "about": "Sao tay.",
    }  # fmt: skip
    assert (await client.submit("/sell/listings", typed)).status_code == 303
    goods = await Listing.get(vendor_id=seller.id)
    assert (await son.submit(f"/admin/listings/{goods.code}/approval")).status_code == 303
    paper = {
        "listing": goods.code, "product": "Chè móc câu", "stars": "4", "decision_no": "1234/QĐ-UBND",
        "decided_on": "01/12/2023", "issuer_level": "province",
    }  # fmt: skip
    assert (await client.submit("/sell/certificates", paper, files=PAPER)).status_code == 303
    row = await Certificate.get(listing_id=goods.id)
    assert (await son.submit(f"/admin/certificates/{row.code}", paper)).status_code == 303
    await run_jobs()
    return goods


async def where_stars_show(app: ASGIApp, parts: Parts, goods: Listing) -> set[str]:
    """Everywhere a shopper meets the goods: their page, cards at the seller's and on the first page, and search."""
    found = set()
    async with Browser(app) as shopper:
        for place in (f"/goods/{goods.code}", "/sellers/che-hao-dat", "/", "/search?q=che+moc+cau"):
            page = await shopper.get(place)
            assert page.status_code == 200 and goods.name in page.text, place
            if STARS in page.text:
                found.add(place.split("?")[0].replace(goods.code, ""))
        told = (await shopper.get(f"/api/v1/goods/{goods.code}")).json()
        if told["stars"]:
            found.add("api")
    if (await parts[Engine].search(Query("chè", stars=4))).total:
        found.add("filter")
    return found


def told_of_the_end(parts: Parts, day: date) -> dict[str, int]:
    """By phone how many messages named this last day."""
    counts: dict[str, int] = {}
    for letter in recent_letters(parts[Settings].var_path / "twins"):
        if f"hết hạn ngày {day:%d/%m/%Y}" in letter.words:
            counts[letter.address] = counts.get(letter.address, 0) + 1
    return counts


async def test_a_certificate_lapses_at_midnight(
    client: Any, app: ASGIApp, son: Browser, seller: Vendor, parts: Parts, work: Work, run_jobs: Any,
    sign_in_as: Any,
) -> None:  # fmt: skip
    """Told thrice to the seller and the commune's team; there until midnight, gone everywhere after it."""
    goods = await certified(client, son, seller, run_jobs)
    everywhere = {"/goods/", "/sellers/che-hao-dat", "/", "/search", "api", "filter"}
    assert await where_stars_show(app, parts, goods) == everywhere
    await work(at(date(2026, 5, 31), 2, 30))
    assert told_of_the_end(parts, LAST_DAY) == {}, "more than six months are left"
    for steps, day in enumerate((date(2026, 6, 1), date(2026, 9, 1), date(2026, 11, 1)), 1):
        await work(at(day, 2, 30))
        assert told_of_the_end(parts, LAST_DAY) == ({SELLER: steps - 1, TEAM: steps - 1} if steps > 1 else {})
        await Job.filter(name="send_notice", state=JobState.WAITING).update(due_at=datetime.now(UTC))
        await work(at(day, 7))
        await work(at(day + timedelta(days=1), 2, 30))
        assert told_of_the_end(parts, LAST_DAY) == {SELLER: steps, TEAM: steps}, "once at each step"
    await sign_in_as(client, SELLER)  # sessions end long before certificates do
    assert "còn hạn đến 01/12/2026" in (await client.get("/sell")).text

    await work(at(LAST_DAY, 23, 55))
    assert await where_stars_show(app, parts, goods) == everywhere, "the last evening counts"
    await work(at(LAST_DAY + timedelta(days=1), 0, 4))
    assert await where_stars_show(app, parts, goods) == set(), "four minutes after midnight"
    page = (await client.get(f"/goods/{goods.code}")).text
    assert "Từng đạt OCOP 4 sao" in page and "đã hết hiệu lực ngày 01/12/2026" in page
    row = await Certificate.get()
    check = (await client.get(f"/ocop/{row.code}")).text
    assert "đã hết hạn, không còn hiệu lực từ ngày 02/12/2026" in check
    await sign_in_as(client, SELLER)
    assert "Hết hạn" in (await client.get("/sell/certificates")).text
    await work(at(date(2027, 1, 1), 2, 30))
    assert told_of_the_end(parts, LAST_DAY) == {SELLER: 3, TEAM: 3}, "what is over is not told again"
