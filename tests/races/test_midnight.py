"""A certificate's last midnight under many rounds: shown gone once, never shown beyond it, and a new one counts."""

import asyncio
from datetime import date

import pytest

from kit.db import sql
from kit.models import Job
from kit.parts import Parts
from search.engine import Engine, Query
from search.services import index_listing, unlike_listings
from tests.factories import certificate, listing, vendor
from vendors.models import Certificate, Listing
from vendors.services.certificates.confirming import CertificateContent, enter_certificate
from vendors.services.certificates.lapsed import show_lapsed

pytestmark = pytest.mark.usefixtures("committed")
LAST_DAY, NEXT_DAY = date(2026, 12, 31), date(2027, 1, 1)
GOODS, ROUNDS = 12, 8


async def certified() -> list[Listing]:
    """Goods whose stars end tonight."""
    seller = await vendor()
    goods = [await listing(seller, name=f"Chè số {number}") for number in range(GOODS)]
    for one in goods:
        await certificate(one, stars=4, valid_to=LAST_DAY)
    return goods


async def stars(engine: Engine) -> set[int]:
    """The stars that cards show now."""
    return {doc.stars for doc in (await engine.search(Query(limit=100))).docs}


async def test_eight_rounds_at_midnight_leave_one_job_for_each_lapsed_certificate() -> None:
    goods = await certified()
    assert await show_lapsed(LAST_DAY) == 0
    shown = await asyncio.gather(*(show_lapsed(NEXT_DAY) for _ in range(ROUNDS)))
    assert sum(shown) == GOODS
    jobs = await Job.filter(name="index_listing").values_list("subject_id", flat=True)
    assert sorted(jobs) == sorted(one.id for one in goods)
    assert await show_lapsed(NEXT_DAY) == 0


async def test_stars_are_gone_from_cards_when_the_day_is(parts: Parts) -> None:
    """Rounds of both days and the jobs they leave, all at once; what was put by yesterday's clock is put right."""
    goods, engine = await certified(), parts[Engine]
    await asyncio.gather(*(index_listing(engine, one.id, today=LAST_DAY) for one in goods))
    assert await stars(engine) == {4}
    await asyncio.gather(
        *(show_lapsed(day) for day in (LAST_DAY, NEXT_DAY) * 4),
        *(index_listing(engine, one.id, today=LAST_DAY) for one in goods[:3]),
    )
    for id in await Job.filter(name="index_listing").values_list("subject_id", flat=True):
        await index_listing(engine, int(str(id)), today=NEXT_DAY)
    assert await stars(engine) == {0}
    assert not await unlike_listings(engine, today=NEXT_DAY)


async def test_a_new_certificate_entered_in_the_same_moment_counts(parts: Parts) -> None:
    """Whatever comes first, the old one's end or the new one, the goods keep their stars."""
    goods, engine = await certified(), parts[Engine]
    content = [
        CertificateContent(
            stars=3,
            points=None,
            product=one.name,
            decision_no=f"{one.id}/QĐ-UBND",
            decided_on=date(2026, 12, 1),
            issuer_level="province",
            valid_to=date(2029, 12, 1),
            criteria="",
        )
        for one in goods
    ]
    await asyncio.gather(
        *(show_lapsed(NEXT_DAY) for _ in range(ROUNDS)),
        *(enter_certificate(one.id, new, by=4) for one, new in zip(goods, content, strict=True)),
    )
    assert await Certificate.all().count() == 2 * GOODS
    await sql("UPDATE outbox_job SET state = 'done' WHERE name <> 'index_listing'")
    for id in await Job.filter(name="index_listing").values_list("subject_id", flat=True):
        await index_listing(engine, int(str(id)), today=NEXT_DAY)
    assert await stars(engine) == {3}
