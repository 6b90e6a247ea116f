"""Two at once: one code opens one session, one phone is one person, limits hold, tries all count."""

import asyncio
from collections.abc import Awaitable

import pytest

from accounts.models import Grant, Person, Session, SignInCode
from accounts.services import grant, person_of, request_code, sign_in
from kit.clock import StoppedClock
from kit.errors import Refusal
from kit.roles import Role
from tests.factories import HOA, SECRET, code_sent_to, person, wrong_code

pytestmark = pytest.mark.usefixtures("committed")


async def together(*acts: Awaitable[object]) -> list[object]:
    return await asyncio.gather(*acts, return_exceptions=True)


async def test_one_code_used_by_eight_at_once_opens_one_session(clock: StoppedClock) -> None:
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    code = await code_sent_to(HOA)
    ended = await together(
        *(sign_in(HOA, code, address="", browser="", now=clock.now(), secret=SECRET) for _ in range(8))
    )
    assert sum(isinstance(one, Refusal) for one in ended) == 7
    assert (await Session.all().count(), await Person.all().count()) == (1, 1)


async def test_guessing_in_parallel_gives_no_more_than_five_tries(clock: StoppedClock) -> None:
    await request_code(HOA, address="", now=clock.now(), secret=SECRET)
    code = await code_sent_to(HOA)
    wrong = wrong_code(code)
    ended = await together(
        *(sign_in(HOA, wrong, address="", browser="", now=clock.now(), secret=SECRET) for _ in range(12))
    )
    assert all(isinstance(one, Refusal) for one in ended)
    assert (await SignInCode.get()).tries == 5
    with pytest.raises(Refusal):
        await sign_in(HOA, code, address="", browser="", now=clock.now(), secret=SECRET)


async def test_eight_requests_at_once_send_one_code(clock: StoppedClock) -> None:
    ended = await together(
        *(request_code(HOA, address=f"203.0.113.{n}", now=clock.now(), secret=SECRET) for n in range(8))
    )
    assert sum(one is None for one in ended) == 1
    assert await SignInCode.all().count() == 1


async def test_one_address_asking_for_thirty_phones_at_once_gets_twenty(clock: StoppedClock) -> None:
    ended = await together(
        *(
            request_code(f"+849120000{n:02}", address="203.0.113.7", now=clock.now(), secret=SECRET)
            for n in range(30)
        )
    )
    assert sum(one is None for one in ended) == 20


async def test_one_phone_made_by_eight_at_once_is_one_person() -> None:
    made = await together(*(person_of(HOA) for _ in range(8)))
    assert len({one.id for one in made if isinstance(one, Person)}) == 1 and len(made) == 8


async def test_one_role_granted_by_eight_at_once_is_one_grant() -> None:
    hoa = await person()
    given = await together(*(grant(hoa.id, Role.CLERK) for _ in range(8)))
    assert sorted(map(str, given)) == ["False"] * 7 + ["True"]
    assert await Grant.filter(person_id=hoa.id).count() == 1
