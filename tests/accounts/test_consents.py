"""Consents: by purpose, with evidence, nothing by itself, asked again when the words changed, gone when withdrawn."""

from typing import Any

import pytest
from tortoise.exceptions import BaseORMException

from accounts import purposes
from accounts.models import AuditEntry, Consent
from accounts.services import (
    Evidence,
    Purpose,
    choose,
    consents_of,
    evidence_of,
    may,
    phone_if_may,
    text_on,
    those_who_may,
)
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import sql, transaction
from kit.errors import Conflict
from tests.factories import SECRET, TUAN, person

pytestmark = pytest.mark.usefixtures("db")
HERE = Evidence("/me/consents", "m" * 64, 7)


async def agree(person_id: int, purpose: Purpose, clock: StoppedClock, **changes: Any) -> None:
    """A yes to today's words, or what the changes say."""
    version = text_on(purpose, vietnam_date(clock.now())).version
    asked = {"version": version, "is_given": True, "evidence": HERE, "now": clock.now(), **changes}
    await choose(person_id, purpose, **asked)


async def test_silence_is_no_consent_and_one_yes_is_for_one_purpose(clock: StoppedClock) -> None:
    hoa = await person()
    for purpose in Purpose:
        assert not await may(hoa.id, purpose, now=clock.now())
    assert not await may(None, Purpose.STATISTICS, now=clock.now())
    await agree(hoa.id, Purpose.STATISTICS, clock)
    assert await may(hoa.id, Purpose.STATISTICS, now=clock.now())
    assert not await may(hoa.id, Purpose.ORDER_TEXTS, now=clock.now())
    assert await those_who_may(Purpose.STATISTICS, now=clock.now()) == {hoa.id}


async def test_withdrawing_holds_at_once_and_both_stay_written(clock: StoppedClock) -> None:
    hoa = await person()
    await agree(hoa.id, Purpose.ORDER_TEXTS, clock)
    assert await phone_if_may(hoa.id, Purpose.ORDER_TEXTS, now=clock.now()) == hoa.phone
    await agree(hoa.id, Purpose.ORDER_TEXTS, clock, is_given=False)
    assert await phone_if_may(hoa.id, Purpose.ORDER_TEXTS, now=clock.now()) is None
    assert await those_who_may(Purpose.ORDER_TEXTS, now=clock.now()) == set()
    assert [row.is_given for row in await Consent.all().order_by("id")] == [True, False]
    acts = await AuditEntry.filter(action__startswith="consent").order_by("id")
    assert [one.action for one in acts] == ["consent_given", "consent_withdrawn"]


async def test_the_same_choice_twice_is_one_row_and_a_first_no_none(clock: StoppedClock) -> None:
    hoa = await person()
    await agree(hoa.id, Purpose.ORDER_TEXTS, clock, is_given=False)
    assert not await Consent.exists()
    for _ in range(2):
        await agree(hoa.id, Purpose.ORDER_TEXTS, clock)
    assert await Consent.all().count() == 1


async def test_changed_words_are_asked_again(clock: StoppedClock) -> None:
    """A yes to the first version is none to the second; the first stays readable."""
    hoa, today = await person(), vietnam_date(clock.now())
    await agree(hoa.id, Purpose.STATISTICS, clock)
    first = text_on(Purpose.STATISTICS, today)
    second = purposes.ConsentText(Purpose.STATISTICS, 2, today, first.titles, {"vi": "khác", "en": "other"})
    known = purposes._texts()
    known.append(second)
    try:
        assert not await may(hoa.id, Purpose.STATISTICS, now=clock.now())
        assert await those_who_may(Purpose.STATISTICS, now=clock.now()) == set()
        [line] = [one for one in await consents_of(hoa.id, now=clock.now()) if one.text == second]
        assert line.is_outdated and not line.is_given
        with pytest.raises(Conflict):
            await agree(hoa.id, Purpose.STATISTICS, clock, version=1)
        await agree(hoa.id, Purpose.STATISTICS, clock)
        assert await may(hoa.id, Purpose.STATISTICS, now=clock.now())
        assert purposes.text_of(Purpose.STATISTICS, 1) == first
    finally:
        known.remove(second)


async def test_a_choice_is_never_changed_or_deleted(clock: StoppedClock) -> None:
    hoa = await person()
    await agree(hoa.id, Purpose.STATISTICS, clock)
    for order in ("UPDATE consent SET is_given = false", "DELETE FROM consent"):
        with pytest.raises(BaseORMException, match="append-only"):
            async with transaction():
                await sql(order)


def test_the_evidence_tells_no_address() -> None:
    made = evidence_of(page="/me/consents", address="203.0.113.9", session_id=3, secret=SECRET)
    other = evidence_of(page="/me/consents", address="203.0.113.8", session_id=3, secret=SECRET)
    assert "203" not in made.address_mark and len(made.address_mark) == 64
    assert made.address_mark != other.address_mark


def test_every_purpose_has_words_in_both_languages(clock: StoppedClock) -> None:
    for purpose in Purpose:
        text = text_on(purpose, vietnam_date(clock.now()))
        assert all(text.titles[one] and len(text.words[one]) > 40 for one in ("vi", "en"))


async def test_the_page_shows_each_with_nothing_ticked_and_takes_a_choice_back(
    client: Any, sign_in_as: Any, clock: StoppedClock, queries: Any
) -> None:
    hoa = await sign_in_as(client, "0912345678")
    with queries.at_most(4):
        page = await client.get("/me/consents")
    assert page.text.count("Không đồng ý") >= 3 and "checked" not in page.text
    sent = {"purpose": "order_texts", "version": "1", "is_given": "1"}
    answer = await client.submit("/me/consents", sent)
    assert answer.headers["location"] == "/me/consents?told=given"
    row = await Consent.get(person_id=hoa.id)
    assert row.page == "/me/consents" and row.session_id and len(row.address_mark) == 64
    assert "Đang đồng ý" in (await client.get("/me/consents")).text
    answer = await client.submit("/me/consents", {"purpose": "order_texts", "version": "1"})
    assert answer.headers["location"] == "/me/consents?told=withdrawn"
    assert not await may(hoa.id, Purpose.ORDER_TEXTS, now=clock.now())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"purpose": "everything", "version": "1", "is_given": "1"}, 422),
        ({"purpose": "statistics", "version": "-1", "is_given": "1"}, 422),
        ({"purpose": "statistics", "version": "99", "is_given": "1"}, 409),
        ({}, 422),
    ],
)
async def test_a_choice_that_makes_no_sense_is_refused_with_a_sentence(
    client: Any, sign_in_as: Any, sent: dict[str, str], status: int
) -> None:
    await sign_in_as(client, "0912345678")
    answer = await client.submit("/me/consents", sent)
    assert answer.status_code == status and 'role="alert"' in answer.text
    assert not await Consent.exists()


async def test_a_stranger_is_nobody(clock: StoppedClock) -> None:
    tuan = await person("Tuấn", TUAN)
    hoa = await person()
    await agree(hoa.id, Purpose.ORDER_TEXTS, clock)
    assert not await may(tuan.id, Purpose.ORDER_TEXTS, now=clock.now())
