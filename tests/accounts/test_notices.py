"""Telling people: once for each event, by the first channel that takes it, never in their quiet hours."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import (
    NoticeChoice,
    NoticeHours,
    NoticeTry,
    PersonNotice,
    PushDevice,
    Session,
    TextMessage,
)
from accounts.notice_gates import (
    Letter,
    MailGate,
    NotCarried,
    PushGate,
    ZaloGate,
    recent_letters,
)
from accounts.notices import Channel, NoticeKind, NoticeState, Telling, as_kept, from_kept, speaks_at
from accounts.services import Evidence, Purpose, choose, grant, sign_out
from accounts.services.notice_choices import add_device, choose_notice, set_email
from accounts.services.notices import (
    forget_old_notices,
    notices_of,
    notify,
    notify_phone,
    notify_role,
    read_all,
    set_unread,
)
from accounts.services.personal import forget_person, rows_of_person
from accounts.sms_gate import SmsGate, TextNotSent, recent_texts
from accounts.tasks import send_notice
from kit.clock import VIETNAM, StoppedClock
from kit.db import transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say, translated
from kit.models import Job, JobState
from kit.outbox import TryAgain
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from tests.conftest import Browser, Queries
from tests.factories import HOA, TUAN, RefusingGate, person

pytestmark = pytest.mark.usefixtures("db")
NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@pytest.fixture
def clock() -> StoppedClock:
    """Noon in Vietnam."""
    return StoppedClock(NOON)


def telling(kind: NoticeKind = NoticeKind.GOODS, **more: Any) -> Telling:
    words = say("«{name}» đã được duyệt, khách mua được rồi.", name="Chè móc câu")
    return Telling(kind, say("Hàng đã lên chợ"), words, "/sell/listings/X", **more)


async def tell(person_id: int, *, key: str = "listing:1:on_sale", now: datetime = NOON, **more: Any) -> int:
    async with transaction():
        await notify([person_id], telling(**more), event_key=key, now=now)
    return (await PersonNotice.get(person_id=person_id, event_key=key)).id


async def device_of(person_id: int, clock: StoppedClock, name: str = "a") -> int:
    """A browser of this person that shows notices; its session."""
    session = await Session.create(
        token_hash=f"{name:0>64}", person_id=person_id, created_at=clock.now(), seen_at=clock.now(),
        expires_at=clock.now() + timedelta(days=30),
    )  # fmt: skip
    where = f"https://push.example.net/{name}"
    await add_device(session.id, endpoint=where, p256dh=P256DH, auth=AUTH, now=clock.now())
    return session.id


def letters(parts: Parts) -> list[tuple[str, str]]:
    """Channel and address of what the twins carried, oldest first."""
    return [(one.channel, one.address) for one in recent_letters(parts[Settings].var_path / "twins")][::-1]


def texts(parts: Parts) -> list[str]:
    return [one.words for one in recent_texts(parts[Settings].var_path / "twins")]


class SilentSms:
    """A relay that is away."""

    async def send(self, phone: str, words: str) -> None:
        raise TextNotSent("away")


# --- once, and in whose words ---


async def test_an_event_is_told_once_however_often_it_comes(parts: Parts, run_jobs: Any) -> None:
    hoa = await person()
    for _ in range(3):
        await tell(hoa.id)
    assert await PersonNotice.all().count() == 1 and await Job.filter(name="send_notice").count() == 1
    await run_jobs()
    assert letters(parts) == [("zalo", HOA)] and texts(parts) == []
    notice = await PersonNotice.get()
    assert (notice.state, notice.channel) == (NoticeState.CARRIED, "zalo")
    await send_notice(parts, [notice.id])
    assert len(letters(parts)) == 1, "a job that runs twice tells once"


async def test_a_rolled_back_act_tells_nobody() -> None:
    hoa = await person()
    with pytest.raises(Refusal):
        async with transaction():
            await notify([hoa.id], telling(), event_key="a", now=NOON)
            raise Refusal(say("Thôi."))
    assert not await PersonNotice.exists() and not await Job.exists()
    with pytest.raises(RuntimeError):
        await notify([hoa.id], telling(), event_key="a", now=NOON)


async def test_many_are_told_in_two_statements(queries: Queries) -> None:
    people = [await person(f"Người {n}", f"+8491200{n:04}") for n in range(30)]
    async with transaction():
        with queries.at_most(2):
            assert await notify([one.id for one in people], telling(), event_key="a", now=NOON) == 30


async def test_a_letter_speaks_its_readers_language(parts: Parts, run_jobs: Any) -> None:
    hoa = await person()
    hoa.language = "en"
    await hoa.save()
    await tell(hoa.id)
    await run_jobs()
    [letter] = recent_letters(parts[Settings].var_path / "twins")
    assert letter.title == "Goods are on the market" and "was approved" in letter.words
    notice = await PersonNotice.get()
    assert letter.url == f"http://test/me/notices/{notice.id}"


async def test_a_phone_that_never_signed_in_gets_a_text() -> None:
    async with transaction():
        await notify_phone(TUAN, telling(), event_key="a", now=NOON)
    assert (await TextMessage.get(phone=TUAN)).words.startswith("Chợ 4.0: «Chè móc câu»")
    assert not await PersonNotice.exists()


async def test_a_role_is_told_over_exactly_its_scope() -> None:
    hoa, tuan = await person(), await person("Tuấn", TUAN)
    await grant(hoa.id, Role.VENDOR, "1")
    await grant(tuan.id, Role.VENDOR, "12")
    async with transaction():
        await notify_role(Role.VENDOR, "1", telling(), event_key="a", now=NOON)
    assert await PersonNotice.all().values_list("person_id", flat=True) == [hoa.id]


@given(st.text(max_size=20), st.integers(0, 10**12), st.text(max_size=20))
def test_kept_sentences_come_back(name: str, number: int, inner: str) -> None:
    sentence = say("{name} {number} {inner}", name=name, number=number, inner=say("{x}", x=inner))
    back = from_kept(json.loads(json.dumps(as_kept(sentence))))
    assert translated(back, "vi") == translated(sentence, "vi")


# --- the hours ---


@pytest.mark.parametrize(
    ("hour", "minute", "quiet", "speaks"),
    [
        (12, 0, (22, 7), "21 12:00"),
        (21, 59, (22, 7), "21 21:59"),
        (22, 0, (22, 7), "22 07:00"),
        (23, 30, (22, 7), "22 07:00"),
        (0, 0, (22, 7), "21 07:00"),
        (6, 59, (22, 7), "21 07:00"),
        (7, 0, (22, 7), "21 07:00"),
        (3, 0, (5, 5), "21 03:00"),
        (13, 10, (12, 14), "21 14:00"),
        (11, 59, (12, 14), "21 11:59"),
    ],
)
def test_quiet_hours_go_over_midnight(hour: int, minute: int, quiet: tuple[int, int], speaks: str) -> None:
    now = datetime(2026, 11, 21, hour, minute, tzinfo=VIETNAM)
    assert f"{speaks_at(now.astimezone(UTC), *quiet).astimezone(VIETNAM):%d %H:%M}" == speaks


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(0, 23), st.integers(0, 23))
def test_a_message_never_goes_out_in_quiet_hours(at: datetime, quiet_from: int, quiet_to: int) -> None:
    now = at.replace(tzinfo=UTC)
    speaks = speaks_at(now, quiet_from, quiet_to)
    assert now <= speaks <= now + timedelta(days=1)
    hour = speaks.astimezone(VIETNAM).hour
    assert (hour - quiet_from) % 24 >= (quiet_to - quiet_from) % 24


async def test_at_night_the_page_has_it_at_once_and_the_phone_in_the_morning(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa, night = await person(), datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    clock.at = night
    await tell(hoa.id, now=night)
    await run_jobs()
    assert len((await notices_of(hoa.id)).lines) == 1 and letters(parts) == []
    [waiting] = await Job.filter(name="send_notice", state=JobState.WAITING)
    assert timedelta(hours=7) < waiting.due_at - datetime.now(UTC) <= timedelta(hours=7.5)
    await Job.filter(id=waiting.id).update(due_at=datetime.now(UTC))
    clock.at = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    await run_jobs()
    assert letters(parts) == [("zalo", HOA)]


async def test_who_ends_the_quiet_hours_is_told_at_once(
    client: Browser, sign_in_as: Any, parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    clock.at = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    hoa = await sign_in_as(client, HOA)
    await tell(hoa.id, now=clock.at)
    await run_jobs()
    assert letters(parts) == []
    await client.submit("/me/notices/choices", {"goods-zalo": "on", "quiet_from": "0", "quiet_to": "0"})
    await run_jobs()
    assert letters(parts) == [("zalo", HOA)]


async def test_what_is_old_by_morning_stays_on_the_page(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    clock.at = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    await tell(hoa.id, now=clock.at, good_for=timedelta(hours=3))
    await run_jobs()
    assert (await PersonNotice.get()).state is NoticeState.LATE and letters(parts) == []


# --- the channels ---


async def test_a_browser_comes_first_and_a_signed_out_one_is_told_nothing(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    session = await device_of(hoa.id, clock)
    await tell(hoa.id, kind=NoticeKind.SALE)
    await run_jobs()
    assert letters(parts) == [("push", "https://push.example.net/a")]
    await sign_out(session, clock.now())
    await tell(hoa.id, key="second", kind=NoticeKind.SALE)
    await run_jobs()
    assert letters(parts)[1:] == [("zalo", HOA)]


async def test_a_channel_that_fails_is_tried_thrice_and_then_the_next_has_its_turn(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    refusing = RefusingGate()
    parts.put(ZaloGate, refusing)
    notice_id = await tell(hoa.id)
    for _ in range(2):
        failed = await send_notice(parts, [notice_id])
        assert isinstance(failed[notice_id], TryAgain)
    assert not await send_notice(parts, [notice_id])
    assert refusing.asked == 3 and texts(parts) == []
    await run_jobs()
    assert texts(parts) == ["Chợ 4.0: «Chè móc câu» đã được duyệt, khách mua được rồi."]
    tries = {one.channel: (one.state, one.tries) for one in await NoticeTry.all()}
    assert tries == {"zalo": ("failed", 3), "sms": ("carried", 1)}


async def test_many_go_out_together_and_one_in_trouble_harms_no_other(
    parts: Parts, queries: Queries, run_jobs: Any
) -> None:
    class Zalo:
        """Refuses one, stumbles over another."""

        def __init__(self) -> None:
            self.told: list[str] = []

        async def send(self, phone: str, letter: Letter) -> None:
            if phone.endswith("01"):
                raise NotCarried("busy")
            if phone.endswith("02"):
                raise KeyError("a fault of ours")
            self.told.append(phone)

    zalo = Zalo()
    parts.put(ZaloGate, zalo)
    people = [await person(f"Người {n}", f"+8491200{n:04}") for n in range(30)]
    async with transaction():
        await notify([one.id for one in people], telling(), event_key="a", now=NOON)
    ids = await PersonNotice.all().order_by("id").values_list("id", flat=True)
    with queries.at_most(20):  # eight read, two waves note what went out, one try is kept
        failed = await send_notice(parts, [int(str(id)) for id in ids])
    assert sorted(zalo.told) == sorted(one.phone for n, one in enumerate(people) if n not in (1, 2))
    assert {type(fault) for fault in failed.values()} == {TryAgain, KeyError}
    states = await PersonNotice.all().order_by("id").values_list("state", flat=True)
    assert states == ["carried", "waiting", "waiting", *["carried"] * 27]
    tries = await NoticeTry.filter(notice_id__in=[ids[0], ids[1]]).order_by("notice_id")
    assert [(one.state, one.tries) for one in tries] == [("carried", 1), ("trying", 1)]


async def test_what_no_channel_takes_has_failed_and_is_left(parts: Parts, run_jobs: Any) -> None:
    hoa = await person()
    parts.put(ZaloGate, RefusingGate(is_final=True))
    parts.put(SmsGate, SilentSms())
    notice_id = await tell(hoa.id)
    await run_jobs()
    for _ in range(2):
        await Job.filter(state=JobState.WAITING).update(due_at=datetime.now(UTC))
        await run_jobs()
    assert (await PersonNotice.get(id=notice_id)).state is NoticeState.FAILED
    assert not await Job.filter(state__in=[JobState.WAITING, JobState.DEAD]).exists()


async def test_an_address_that_is_gone_is_forgotten_and_one_browser_is_enough(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    await device_of(hoa.id, clock)
    parts.put(PushGate, RefusingGate(is_gone=True))
    await tell(hoa.id)
    await run_jobs()
    assert not await PushDevice.exists() and letters(parts) == [("zalo", HOA)]


async def test_wishes_decide_and_nothing_wished_leaves_it_on_the_page(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    await choose_notice(hoa.id, NoticeKind.GOODS, Channel.ZALO, False)
    await tell(hoa.id)
    await run_jobs()
    assert len(texts(parts)) == 1 and letters(parts) == []
    await choose_notice(hoa.id, NoticeKind.GOODS, Channel.SMS, False)
    await tell(hoa.id, key="second")
    await run_jobs()
    assert len(texts(parts)) == 1
    assert (await PersonNotice.get(event_key="second")).state is NoticeState.KEPT


async def test_a_buyers_phone_is_used_only_with_consent(
    parts: Parts, clock: StoppedClock, run_jobs: Any
) -> None:
    hoa = await person()
    await tell(hoa.id, kind=NoticeKind.ORDER)
    await run_jobs()
    assert letters(parts) == [] and texts(parts) == []
    evidence = Evidence("/me/consents", "m" * 64, None)
    await choose(hoa.id, Purpose.ORDER_TEXTS, version=1, is_given=True, evidence=evidence, now=NOON)
    await tell(hoa.id, key="second", kind=NoticeKind.ORDER)
    await run_jobs()
    assert letters(parts) == [("zalo", HOA)]


async def test_a_blocked_person_is_told_nothing(parts: Parts, run_jobs: Any) -> None:
    hoa = await person()
    await tell(hoa.id)
    hoa.is_blocked = True
    await hoa.save()
    await run_jobs()
    assert letters(parts) == [] and (await PersonNotice.get()).state is NoticeState.KEPT


async def test_mail_goes_only_to_a_confirmed_mailbox(
    client: Browser, sign_in_as: Any, parts: Parts, run_jobs: Any
) -> None:
    hoa = await sign_in_as(client, HOA)
    for channel in (Channel.ZALO, Channel.SMS):
        await choose_notice(hoa.id, NoticeKind.GOODS, channel, False)
    assert (await client.submit("/me/notices/email", {"email": "hoa@"})).status_code == 422
    answer = await client.submit("/me/notices/email", {"email": "hoa@example.vn"})
    assert answer.headers["location"].endswith("told=asked")
    await tell(hoa.id)
    await run_jobs()
    assert letters(parts) == [("email", "hoa@example.vn")], "the question, and nothing else yet"
    [asking] = recent_letters(parts[Settings].var_path / "twins")
    key = asking.url.rpartition("/")[2]
    assert (await client.submit("/me/notices/email/" + "0" * 40)).status_code == 422
    assert "Đúng là hộp thư của tôi" in (await client.get(f"/me/notices/email/{key}")).text
    assert (await client.submit(f"/me/notices/email/{key}")).status_code == 303
    await tell(hoa.id, key="second")
    await run_jobs()
    assert [one[0] for one in letters(parts)] == ["email", "email"]
    assert not await set_email(hoa.id, "hoa@example.vn"), "the same mailbox is asked once"
    assert (await client.submit("/me/notices/email", {"email": ""})).status_code == 303
    assert not (await NoticeHours.get()).email


async def test_a_mailbox_is_not_changed_without_end(client: Browser, sign_in_as: Any) -> None:
    await sign_in_as(client, HOA)
    for n in range(5):
        assert (await client.submit("/me/notices/email", {"email": f"h{n}@example.vn"})).status_code == 303
    assert (await client.submit("/me/notices/email", {"email": "h6@example.vn"})).status_code == 429


# --- the pages ---


async def test_a_person_reads_their_notices_and_nobody_elses(client: Browser, sign_in_as: Any) -> None:
    hoa, tuan = await sign_in_as(client, HOA), await person("Tuấn", TUAN)
    mine, other = await tell(hoa.id), await tell(tuan.id)
    page = (await client.get("/me/notices")).text
    assert "Hàng đã lên chợ" in page and "1 tin chưa đọc" in page and 'class="bar-count">1<' in page
    opened = await client.get(f"/me/notices/{mine}")
    assert (opened.status_code, opened.headers["location"]) == (303, "/sell/listings/X")
    assert "bar-count" not in (await client.get("/me/notices")).text
    assert (await client.submit(f"/me/notices/{mine}/unread")).status_code == 303
    assert "1 tin chưa đọc" in (await client.get("/me")).text
    assert (await client.submit("/me/notices/read")).status_code == 303
    assert "chưa đọc" not in (await client.get("/me/notices")).text
    for method in (client.get(f"/me/notices/{other}"), client.submit(f"/me/notices/{other}/unread")):
        assert (await method).status_code == 404
    assert await PersonNotice.exists(id=other, read_at__isnull=True)


async def test_notices_come_in_pages(client: Browser, sign_in_as: Any, queries: Queries) -> None:
    hoa = await sign_in_as(client, HOA)
    for n in range(30):
        await tell(hoa.id, key=f"event:{n}")
    with queries.at_most(3):
        first = (await client.get("/me/notices")).text
    assert first.count("list-row") == 24 and "?page=2" in first
    assert (await client.get("/me/notices?page=2")).text.count("list-row") == 6
    assert await read_all(hoa.id, now=NOON) == 30


async def test_choices_are_kept_and_only_what_differs_is_a_row(client: Browser, sign_in_as: Any) -> None:
    hoa = await sign_in_as(client, HOA)
    page = (await client.get("/me/notices/choices")).text
    assert 'name="sale-zalo"' in page and page.count(" checked") == 22
    ticks = {f"{kind}-{channel}": "on" for kind in NoticeKind for channel in Channel}
    del ticks["order-email"]
    sent = {**ticks, "quiet_from": "21", "quiet_to": "6"}
    assert (await client.submit("/me/notices/choices", sent)).status_code == 303
    rows = await NoticeChoice.all().order_by("kind", "channel")
    assert [(row.kind, row.channel, row.is_on) for row in rows] == [
        ("order", "email", False), ("sale", "sms", True), ("system", "sms", True),
    ]  # fmt: skip
    hours = await NoticeHours.get(person_id=hoa.id)
    assert (hours.quiet_from, hours.quiet_to) == (21, 6)
    wrong = await client.submit("/me/notices/choices", {**sent, "quiet_from": "25"})
    assert wrong.status_code == 422 and (await NoticeHours.get()).quiet_from == 21


async def test_a_channel_that_is_off_here_keeps_its_choice(
    client: Browser, sign_in_as: Any, parts: Parts
) -> None:
    """Ticks that the page does not show are not taken for a no."""
    hoa = await sign_in_as(client, HOA)
    await choose_notice(hoa.id, NoticeKind.GOODS, Channel.EMAIL, False)
    del parts._parts[MailGate]
    assert "email" not in (await client.get("/me/notices/choices")).text
    await client.submit("/me/notices/choices", {"quiet_from": "22", "quiet_to": "7", "goods-sms": "on"})
    rows = {(one.kind, one.channel): one.is_on for one in await NoticeChoice.all()}
    assert (
        rows[("goods", "email")] is False
        and ("sale", "email") not in rows
        and rows[("goods", "zalo")] is False
    )


async def test_a_browser_is_added_with_sound_keys_only(client: Browser, sign_in_as: Any) -> None:
    await sign_in_as(client, HOA)
    sound = {"endpoint": "https://push.example.net/x", "p256dh": P256DH, "auth": AUTH}
    for wrong in (
        {"endpoint": "http://push.example.net/x"},
        {"auth": "AAAA"},
        {"p256dh": "ạ"},
        {"endpoint": ""},
    ):
        assert (await client.submit("/me/notices/devices", {**sound, **wrong})).status_code == 422
    assert not await PushDevice.exists()
    for _ in range(2):
        assert (await client.submit("/me/notices/devices", sound)).status_code == 303
    assert await PushDevice.all().count() == 1
    assert "Máy này đang nhận" in (await client.get("/me/notices/choices")).text
    assert (await client.submit("/me/notices/devices/end")).status_code == 303
    assert not await PushDevice.exists()


async def test_a_program_reads_and_chooses(client: Browser, sign_in_as: Any) -> None:
    hoa = await sign_in_as(client, HOA)
    await tell(hoa.id)
    headers = {"x-csrf-token": await client.token()}
    found = (await client.get("/api/v1/me/notices")).json()
    assert found["items"][0]["title"] == "Hàng đã lên chợ" and found["items"][0]["is_read"] is False
    assert (await client.post("/api/v1/me/notices/read", headers=headers)).json() == {"read": 1}
    wishes = (await client.get("/api/v1/me/notices/choices")).json()
    assert len(wishes["items"]) == 24 and (wishes["quiet_from"], wishes["quiet_to"]) == (22, 7)
    chosen = {"kind": "sale", "channel": "sms", "is_on": True}
    answer = await client.post("/api/v1/me/notices/choices", json=chosen, headers=headers)
    assert chosen in answer.json()["items"]
    hours = {"quiet_from": 21, "quiet_to": 6}
    kept = (await client.post("/api/v1/me/notices/hours", json=hours, headers=headers)).json()
    assert (kept["quiet_from"], kept["quiet_to"]) == (21, 6)
    assert (
        await client.post("/api/v1/me/notices/hours", json={"quiet_from": 24}, headers=headers)
    ).status_code == 422
    wrong = await client.post("/api/v1/me/notices/choices", json={**chosen, "kind": "x"}, headers=headers)
    assert wrong.status_code == 422


async def test_pretend_letters_are_shown_where_twins_are_allowed(
    client: Browser, parts: Parts, run_jobs: Any
) -> None:
    await tell((await person()).id)
    await run_jobs()
    assert "Hàng đã lên chợ" in (await client.get("/twins/notices")).text


async def test_notices_are_taken_along_and_forgotten(clock: StoppedClock) -> None:
    hoa = await person()
    await tell(hoa.id)
    await device_of(hoa.id, clock)
    await choose_notice(hoa.id, NoticeKind.SALE, Channel.SMS, True)
    rows = await rows_of_person(hoa.id)
    assert len(rows["notices"]) == len(rows["push_devices"]) == len(rows["notice_choices"]) == 1
    assert "auth" not in rows["push_devices"][0]
    await forget_old_notices(NOON + timedelta(days=179))
    assert await PersonNotice.exists()
    async with transaction():
        await forget_person(hoa.id, now=NOON)
    assert (
        not await PersonNotice.exists() and not await PushDevice.exists() and not await NoticeChoice.exists()
    )
    with pytest.raises(NotFound):
        await set_unread(1, person_id=hoa.id)
