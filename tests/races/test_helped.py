"""A household stops the help while a member acts: each act comes wholly before or is refused, none slips through."""

import asyncio
from datetime import UTC, datetime

from accounts.services import person_of
from kit.db import transaction
from kit.errors import NotAllowed
from kit.units import Unit
from tests.factories import HOA, LA_HIEN, LAN, vendor
from vendors.models import ConsentWay, HelpAct, HelpConsent, HelpScope, HouseholdSource, Listing, VendorKind
from vendors.services import ListingContent
from vendors.services.help.acts import on_behalf, put_up_for
from vendors.services.help.consents import end_consent
from vendors.services.help.households import Member, NewHousehold, add_household

UNIT = Unit(LA_HIEN, "commune", "Xã La Hiên", "La Hiên", "xã", "19", "Tỉnh Thái Nguyên")
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
GOODS = ListingContent("Na La Hiên", "fruit", 60_000, "kg", 1000, 5, UNIT)


async def agreed() -> tuple[int, int, int, Member]:
    """A household aboard, its living consent, its person, and the member it trusts."""
    await vendor("Na cô Hoa", "na-co-hoa", kind=VendorKind.GROWER, phone=HOA)
    hoa, lan = await person_of(HOA), await person_of(LAN)
    new = NewHousehold("Hộ cô Hoa", HOA, UNIT)
    household = await add_household(new, HouseholdSource.TEAM, by=lan.id, now=NOW)
    consent = await HelpConsent.create(
        household_id=household,
        person_id=lan.id,
        member_name="Em Lan",
        member_phone=LAN,
        for_person_id=hoa.id,
        phone=HOA,
        text_version="2026-11",
        scopes=["listings"],
        way=ConsentWay.CODE,
        asked_at=NOW,
        given_at=NOW,
        ends_at=datetime(2026, 12, 22, tzinfo=UTC),
    )
    return household, consent.id, hoa.id, Member(lan.id, "Em Lan", LAN, frozenset({LA_HIEN}))


async def outcome(household: int, member: Member) -> bool:
    """Whether goods were put up; a refusal says no, anything else is a fault."""
    try:
        await put_up_for(household, GOODS, (), member=member, now=NOW)
    except NotAllowed:
        return False
    return True


async def test_acts_and_their_end_at_once_leave_as_many_goods_as_acts_written_down(committed: None) -> None:
    household, consent, hoa, member = await agreed()
    acts = [outcome(household, member) for _ in range(6)]
    done = await asyncio.gather(*acts[:3], end_consent(consent, person_id=hoa, now=NOW), *acts[3:])
    count = sum(one is True for one in done)
    assert await Listing.all().count() == await HelpAct.all().count() == count
    assert not await outcome(household, member)


async def test_the_end_waits_for_an_act_under_way_and_no_act_begins_after_it(committed: None) -> None:
    household, consent, hoa, member = await agreed()
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow_act() -> None:
        async with on_behalf(household, HelpScope.LISTINGS, member=member, now=NOW):
            inside.set()
            await go_on.wait()
            assert (await HelpConsent.get(id=consent)).ended_at is None

    act = asyncio.create_task(slow_act())
    await inside.wait()
    end = asyncio.create_task(end_consent(consent, person_id=hoa, now=NOW))
    await asyncio.sleep(0.2)
    assert not end.done()
    go_on.set()
    await asyncio.gather(act, end)
    assert not await outcome(household, member)


async def test_an_act_that_waits_for_the_end_sees_it(committed: None) -> None:
    household, consent, hoa, member = await agreed()
    begin = asyncio.Event()

    async def later_act() -> bool:
        await begin.wait()
        return await outcome(household, member)

    waiting = asyncio.create_task(later_act())  # outside the transaction: a task takes its connection along
    async with transaction():
        await end_consent(consent, person_id=hoa, now=NOW)
        begin.set()
        await asyncio.sleep(0.2)
        assert not waiting.done()
    assert not await waiting
    assert not await Listing.exists() and not await HelpAct.exists()
