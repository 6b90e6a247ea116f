"""One-time codes: limits, five minutes, five tries, one use, one phone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.factor_kinds import factor_keys
from accounts.models import Person, Session, SignInCode, TextMessage
from accounts.services import request_code, sign_in, sign_in_program
from accounts.services.one_time_codes import (
    MARKET_LIMIT,
    PHONE_LIMITS,
    WRONG_LIMIT,
    free_at,
    network_of,
)
from kit.clock import StoppedClock
from kit.errors import Refusal, TooMany
from kit.models import Job
from kit.settings import Settings
from tests.conftest import Queries
from tests.factories import HOA, SECRET, TUAN, code_sent_to, person, wrong_code

KEYS = factor_keys(replace(Settings(), secret_key=SECRET))
pytestmark = pytest.mark.usefixtures("db")


async def ask(clock: StoppedClock, phone: str = HOA, address: str = "203.0.113.7", **more: str) -> str:
    await request_code(phone, address=address, now=clock.now(), secret=SECRET, **more)
    return await code_sent_to(phone)


async def enter(clock: StoppedClock, code: str, phone: str = HOA) -> str:
    entered = await sign_in(phone, code, address="203.0.113.7", browser="b", now=clock.now(), secret=SECRET)
    return entered.token


async def refusal_of(clock: StoppedClock, code: str, phone: str = HOA) -> str:
    with pytest.raises(Refusal) as told:
        await enter(clock, code, phone)
    assert told.value.field == "code" and told.value.status == 422
    return str(told.value.sentence)


async def test_a_right_code_opens_a_session_and_makes_the_person(clock: StoppedClock) -> None:
    code = await ask(clock)
    entered = await sign_in(HOA, code, address="a", browser="b", now=clock.now(), secret=SECRET)
    assert entered.is_new
    assert (await Person.get(phone=HOA)).id == entered.person_id
    assert await Session.filter(person_id=entered.person_id).count() == 1


async def test_the_second_sign_in_finds_the_same_person(clock: StoppedClock) -> None:
    first = await sign_in(HOA, await ask(clock), address="", browser="", now=clock.now(), secret=SECRET)
    clock.forward(seconds=30)
    second = await sign_in(HOA, await ask(clock), address="", browser="", now=clock.now(), secret=SECRET)
    assert (second.person_id, second.is_new) == (first.person_id, False)
    assert second.token != first.token


async def test_the_database_never_holds_the_code_itself(clock: StoppedClock) -> None:
    code = await ask(clock)
    row = await SignInCode.get(phone=HOA)
    assert code not in row.code_hash and len(row.code_hash) == 64


async def test_a_code_made_under_another_secret_is_wrong(clock: StoppedClock) -> None:
    code = await ask(clock)
    with pytest.raises(Refusal):
        await sign_in(HOA, code, address="", browser="", now=clock.now(), secret="another secret")


async def test_the_text_leaves_through_the_outbox_in_the_readers_language(clock: StoppedClock) -> None:
    code = await ask(clock, language="en")
    text = await TextMessage.get(phone=HOA)
    assert f"{code} is your sign-in code" in text.words
    assert await Job.filter(name="send_text", subject_id=text.id).count() == 1


async def test_known_and_unknown_phones_are_treated_alike(clock: StoppedClock) -> None:
    await Person.create(phone=TUAN)
    assert len(await ask(clock, HOA)) == len(await ask(clock, TUAN)) == 6
    assert await Person.filter(phone=HOA).count() == 0


async def test_a_code_works_once(clock: StoppedClock) -> None:
    code = await ask(clock)
    await enter(clock, code)
    assert await refusal_of(clock, code) == "Mã này không còn dùng được. Hãy lấy mã mới."


@pytest.mark.parametrize(("seconds", "works"), [(299, True), (300, False)])
async def test_a_code_lives_five_minutes(clock: StoppedClock, seconds: int, works: bool) -> None:
    code = await ask(clock)
    clock.forward(seconds=seconds)
    if works:
        assert await enter(clock, code)
    else:
        assert "không còn dùng được" in await refusal_of(clock, code)


async def test_four_wrong_tries_leave_one_and_it_may_be_right(clock: StoppedClock) -> None:
    code = await ask(clock)
    said = [await refusal_of(clock, wrong_code(code)) for _ in range(4)]
    assert said[0] == "Mã chưa đúng. Bạn còn 4 lần thử." and said[3].endswith("còn 1 lần thử.")
    assert await enter(clock, code)


async def test_after_five_wrong_tries_the_right_code_is_void(clock: StoppedClock) -> None:
    code = await ask(clock)
    said = [await refusal_of(clock, wrong_code(code)) for _ in range(5)]
    assert said[4] == "Đã nhập sai 5 lần nên mã này bị huỷ. Hãy lấy mã mới."
    assert "không còn dùng được" in await refusal_of(clock, code)
    assert await Session.all().count() == 0


async def test_a_new_code_voids_the_one_before(clock: StoppedClock) -> None:
    old = await ask(clock)
    clock.forward(seconds=30)
    new = await ask(clock)
    if old != new:
        assert "Mã chưa đúng" in await refusal_of(clock, old)
    assert await enter(clock, new)


async def test_another_phones_code_is_worth_nothing(clock: StoppedClock) -> None:
    hoas, tuans = await ask(clock, HOA), await ask(clock, TUAN)
    if hoas != tuans:
        assert "Mã chưa đúng" in await refusal_of(clock, hoas, TUAN)
    assert await enter(clock, tuans, TUAN)


async def test_a_code_for_another_purpose_does_not_sign_in(clock: StoppedClock) -> None:
    code = await ask(clock, purpose="pay_out")
    assert "không còn dùng được" in await refusal_of(clock, code)


async def test_a_phone_that_never_asked_hears_the_same_as_one_whose_code_is_over(clock: StoppedClock) -> None:
    assert await refusal_of(clock, "123456") == "Mã này không còn dùng được. Hãy lấy mã mới."


async def test_a_blocked_person_is_refused_and_the_code_used_up(clock: StoppedClock) -> None:
    await Person.create(phone=HOA, is_blocked=True)
    code = await ask(clock)
    with pytest.raises(Refusal) as told:
        await enter(clock, code)
    assert told.value.status == 403
    assert (await SignInCode.get(phone=HOA)).used_at is not None
    assert await Session.all().count() == 0


async def test_a_phone_gets_one_code_in_thirty_seconds(clock: StoppedClock) -> None:
    await ask(clock)
    clock.forward(seconds=11)
    with pytest.raises(TooMany) as told:
        await ask(clock)
    assert told.value.wait_seconds == 19
    assert str(told.value.sentence) == "Mã vừa được gửi đi. Bạn chờ 19 giây nữa rồi lấy mã mới."
    clock.forward(seconds=19)
    await ask(clock)


async def test_a_phone_gets_five_codes_an_hour_from_wherever(clock: StoppedClock) -> None:
    for n in range(5):
        await ask(clock, address=f"203.0.113.{n}")
        clock.forward(minutes=1)
    with pytest.raises(TooMany) as told:
        await ask(clock, address="198.51.100.1")
    assert told.value.wait_seconds == 55 * 60
    assert "55 phút" in str(told.value.sentence)
    await ask(clock, TUAN, address="198.51.100.1")
    clock.forward(minutes=55)
    await ask(clock)


async def test_an_address_gets_twenty_codes_an_hour_for_whatever_phones(clock: StoppedClock) -> None:
    for n in range(20):
        await ask(clock, f"+849120000{n:02}")
    with pytest.raises(TooMany) as told:
        await ask(clock, HOA)
    assert told.value.wait_seconds == 3600
    await ask(clock, HOA, address="203.0.113.8")
    clock.forward(hours=1)
    await ask(clock, TUAN)


async def test_a_phone_gets_fifteen_codes_a_day(clock: StoppedClock) -> None:
    for n in range(15):
        await ask(clock, address=f"203.0.113.{n}")
        clock.forward(minutes=13)
    with pytest.raises(TooMany) as told:
        await ask(clock)
    assert told.value.wait_seconds == (24 * 60 - 15 * 13) * 60


async def test_the_market_sends_so_many_codes_an_hour_and_no_more(clock: StoppedClock) -> None:
    """Whatever the phones and addresses: a flood costs the market money and hides guesses."""
    for n in range(MARKET_LIMIT.times // 100):
        sent = clock.now() - timedelta(minutes=30)
        rows = [
            SignInCode(phone=f"+8491{n:03}{m:04}", code_hash="0", created_at=sent, expires_at=sent)
            for m in range(100)
        ]
        await SignInCode.bulk_create(rows)
    with pytest.raises(TooMany) as told:
        await ask(clock)
    assert told.value.wait_seconds == 30 * 60
    clock.forward(minutes=30)
    await ask(clock)


async def test_an_address_guesses_thirty_times_an_hour_whatever_the_phones(clock: StoppedClock) -> None:
    """Also at codes that others asked for and that nobody asked for; a right code is refused then too."""
    code = await ask(clock)
    for n in range(WRONG_LIMIT.times):
        with pytest.raises(Refusal) as wrong:
            await enter(clock, "000000", f"+849130000{n:02}")
        assert wrong.value.field == "code"
    with pytest.raises(TooMany) as told:
        await enter(clock, code)
    assert told.value.wait_seconds == 3600
    with pytest.raises(TooMany):
        await sign_in_program(HOA, code, address="203.0.113.7", now=clock.now(), keys=KEYS)
    assert (await SignInCode.get(phone=HOA)).tries == 0, "the guesser cannot spoil the code of somebody else"
    assert (await sign_in_program(HOA, code, address="198.51.100.7", now=clock.now(), keys=KEYS)).is_new


async def test_known_and_unknown_phones_look_alike(clock: StoppedClock, queries: Queries) -> None:
    """The same answer after the same questions to the database, whether asked for a code or given a wrong one."""
    await person(phone=TUAN)
    asked, entered = [], []
    for phone in (TUAN, HOA):
        with queries.at_most(20):
            code = await ask(clock, phone, address="198.51.100.7")
        asked.append(queries.count)
        with queries.at_most(20):
            entered.append((await refusal_of(clock, wrong_code(code), phone), None))
        entered[-1] = (entered[-1][0], queries.count)
    assert asked[0] == asked[1] and entered[0] == entered[1]


async def test_a_refused_request_leaves_nothing(clock: StoppedClock) -> None:
    await ask(clock)
    with pytest.raises(TooMany):
        await ask(clock)
    assert (await SignInCode.all().count(), await TextMessage.all().count()) == (1, 1)


async def test_addresses_of_one_ipv6_network_count_as_one(clock: StoppedClock) -> None:
    for n in range(20):
        await ask(clock, f"+849120000{n:02}", address=f"2001:db8::{n + 1:x}")
    with pytest.raises(TooMany):
        await ask(clock, HOA, address="2001:db8::ffff")
    await ask(clock, HOA, address="2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix socket", "unix socket"),
        ("x" * 500, "x" * 64),
    ],
)
def test_what_an_address_is_counted_by(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.lists(st.integers(min_value=0, max_value=7200), max_size=60))
def test_limits_hold_whatever_the_rhythm(waits: list[int]) -> None:
    """Asking at free_at() at the earliest, no window of a limit's length ever holds more than the limit says."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    sent: list[datetime] = []
    for wait in waits:
        now = max(now + timedelta(seconds=wait), free_at(sent, PHONE_LIMITS, now))
        sent.insert(0, now)
    for limit in PHONE_LIMITS:
        for last in range(len(sent) - limit.times):
            assert sent[last] - sent[last + limit.times] >= limit.span
