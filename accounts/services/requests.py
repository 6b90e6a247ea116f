"""What people ask about their own data: a copy, a correction, an erasure; each with the clock of the law.

Law 91/2025/QH15 and Decree 356/2025/NĐ-CP: received is said within 2 working days (here at once), a copy or a
correction within 10 days, an erasure within 20, each extended once at most. The terms are dated rules.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.kept import KEPT
from accounts.models import Person, PrivacyRequest, RequestKind, RequestState
from accounts.services.audit import record
from accounts.services.names import names_of
from accounts.services.one_time_codes import MY_COPY, request_code, use_code
from accounts.services.texts import tell
from kit.dates import day_start, show_day, vietnam_date
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import Sentence, say
from kit.outbox import later
from kit.rules import rule_on
from kit.workdays import workdays_after

TELL_RULE, TELL_WORKDAYS = "privacy_received_workdays", 2
DUE_RULES = {
    RequestKind.COPY: ("privacy_copy_days", 10),
    RequestKind.CORRECT: ("privacy_correct_days", 10),
    RequestKind.ERASE: ("privacy_erase_days", 20),
}
CHANGE_OF_MIND_RULE, CHANGE_OF_MIND_DAYS = "privacy_erase_waits_days", 15
FILE_RULE, FILE_DAYS = "privacy_copy_kept_days", 7
TEXT_LIFE = timedelta(days=3)
PAGE_ROWS = 24
NAMES: dict[RequestKind, Sentence] = {
    RequestKind.COPY: say("Xin bản sao dữ liệu"),
    RequestKind.CORRECT: say("Xin sửa dữ liệu"),
    RequestKind.ERASE: say("Xin xoá dữ liệu"),
}


@dataclass(frozen=True)
class RequestLine:
    """A request with its clock; `told_due_on` is the last day to say it came, `days_left` may be negative."""

    id: int
    person_id: int
    person: str
    kind: RequestKind
    name: Sentence
    state: RequestState
    words: str
    asked_at: datetime
    told_at: datetime
    told_due_on: date
    due_at: datetime
    days_left: int
    erase_at: datetime | None
    extended_because: str
    closed_at: datetime | None
    answer: str
    has_file: bool
    file_until: datetime | None


@dataclass(frozen=True)
class WorkedRequest:
    """A request for those who work it."""

    id: int
    person_id: int
    kind: RequestKind
    is_extended: bool
    file_key: str


async def ask(person_id: int, kind: RequestKind, *, words: str = "", now: datetime) -> int:
    """Writes a request down, says by text that it came, and gives its number.

    Conflict while one of the kind is open. A copy is made at once by the job make_copy.
    """
    today = vietnam_date(now)
    async with transaction():
        person = (await locked(Person, [person_id]))[person_id]
        if await PrivacyRequest.exists(person_id=person_id, kind=kind, state=RequestState.OPEN):
            raise Conflict(say("Bạn đã xin việc này rồi, chợ đang làm."))
        due_at = day_end(today + timedelta(days=await _days(*DUE_RULES[kind], today)))
        waits = timedelta(days=await _days(CHANGE_OF_MIND_RULE, CHANGE_OF_MIND_DAYS, today))
        row = await PrivacyRequest.create(
            person_id=person_id,
            kind=kind,
            words=words,
            asked_at=now,
            told_at=now,
            due_at=due_at,
            erase_at=now + waits if kind is RequestKind.ERASE else None,
        )
        await record(person_id, "privacy_asked", "privacy_request", row.id, kind=str(kind))
        due_on = show_day(vietnam_date(due_at - timedelta(seconds=1)))
        await tell(
            person.phone,
            say("Chợ 4.0 đã nhận: {what}. Hạn trả lời {day}.", what=NAMES[kind], day=due_on),
            now=now,
            expires_at=now + TEXT_LIFE,
        )
        if kind is RequestKind.COPY:
            await later("make_copy", row.id)
    return int(row.id)


async def take_back(request_id: int, *, person_id: int, now: datetime) -> None:
    """A person changes their mind. NotFound for another's, Conflict once it is closed."""
    async with transaction():
        row = await _locked(request_id, person_id)
        _refuse_closed(row)
        await _close(row, RequestState.WITHDRAWN, by=person_id, answer="", now=now)
        await record(person_id, "privacy_withdrawn", "privacy_request", row.id)


async def answer(request_id: int, words: str, *, is_refused: bool, by: int, now: datetime) -> None:
    """An administrator's answer with its reason, told by text. Conflict once it is closed."""
    state = RequestState.REFUSED if is_refused else RequestState.ANSWERED
    async with transaction():
        row = await _locked(request_id)
        _refuse_closed(row)
        if row.kind is RequestKind.ERASE and not is_refused:
            raise Conflict(
                say("Việc xoá do máy làm khi đến ngày. Bạn có thể xoá ngay, gia hạn hoặc từ chối.")
            )
        await _close(row, state, by=by, answer=words, now=now)
        await record(by, f"privacy_{state}", "privacy_request", row.id, because=words)
        await _tell(row, say("{what}: {words}", what=NAMES[row.kind], words=words), now)


async def extend(request_id: int, because: str, *, by: int | None, now: datetime) -> None:
    """Adds the same number of days, once, with the reason. Conflict the second time."""
    async with transaction():
        row = await _locked(request_id)
        _refuse_closed(row)
        if row.extended_at is not None:
            raise Conflict(say("Luật chỉ cho gia hạn một lần, việc này đã gia hạn rồi."))
        days = timedelta(days=await _days(*DUE_RULES[row.kind], vietnam_date(row.asked_at)))
        row.due_at, row.extended_at, row.extended_because = row.due_at + days, now, because
        await row.save(update_fields=["due_at", "extended_at", "extended_because"])
        await record(by, "privacy_extended", "privacy_request", row.id, because=because)
        day = show_day(vietnam_date(row.due_at - timedelta(seconds=1)))
        words = say(
            "{what} cần thêm thời gian đến {day}: {because}", what=NAMES[row.kind], day=day, because=because
        )
        await _tell(row, words, now)


async def erase_now(request_id: int, *, by: int, now: datetime) -> None:
    """Lets an erasure happen in the next round and not only when its time has come."""
    async with transaction():
        row = await _locked(request_id)
        _refuse_closed(row)
        if row.kind is not RequestKind.ERASE:
            raise NotFound()
        row.erase_at = now
        await row.save(update_fields=["erase_at"])
        await record(by, "erasure_hastened", "privacy_request", row.id)


async def copy_ready(request_id: int, key: str, *, now: datetime) -> bool:
    """Notes the sealed file of a copy and tells its person; False when the request was closed meanwhile."""
    async with transaction():
        row = await _locked(request_id)
        if row.state is not RequestState.OPEN or row.kind is not RequestKind.COPY:
            return False
        days = await _days(FILE_RULE, FILE_DAYS, vietnam_date(now))
        row.file_key, row.file_until = key, now + timedelta(days=days)
        await row.save(update_fields=["file_key", "file_until"])
        await _close(row, RequestState.ANSWERED, by=None, answer="", now=now)
        await record(None, "copy_made", "privacy_request", row.id)
        await _tell(
            row, say("Bản sao dữ liệu của bạn đã sẵn ở mục «Dữ liệu của tôi», giữ {n} ngày.", n=days), now
        )
    return True


async def erased(request_id: int, *, now: datetime) -> None:
    """Closes an erasure that has just happened, in its transaction; what stayed stands in the answer."""
    row = await _locked(request_id)
    stays = "; ".join(f"{one.what}: {one.how} ({one.why})" for one in KEPT)
    await _close(row, RequestState.ANSWERED, by=None, answer=stays[:1000], now=now)
    await record(None, "person_erased", "privacy_request", row.id)


async def send_copy_code(
    request_id: int,
    *,
    person_id: int,
    phone: str,
    address: str,
    now: datetime,
    secret: str,
    language: str = "vi",
) -> None:
    """Texts the code that opens a copy. NotFound for another's or one that is gone, TooMany."""
    await _ready(request_id, person_id, now)
    await request_code(
        phone,
        address=address,
        now=now,
        secret=secret,
        purpose=MY_COPY,
        subject=str(request_id),
        language=language,
    )


async def opened_copy(
    request_id: int, code: str, *, person_id: int, phone: str, now: datetime, secret: str
) -> str:
    """The media key of a copy, for its person with a fresh code. NotFound, Refusal at `code`; the look is recorded."""
    row = await _ready(request_id, person_id, now)
    async with transaction():
        refusal = await use_code(
            phone, code, now=now, secret=secret, purpose=MY_COPY, subject=str(request_id)
        )
        if refusal is None:
            await record(person_id, "copy_taken", "privacy_request", row.id)
            return row.file_key
    raise refusal


async def requests_of(person_id: int, *, now: datetime) -> list[RequestLine]:
    """A person's requests, newest first, up to 50."""
    rows = await PrivacyRequest.filter(person_id=person_id).order_by("-id").limit(50)
    workdays = await _days(TELL_RULE, TELL_WORKDAYS, vietnam_date(now))
    return [_line(row, "", now, workdays) for row in rows]


async def request_queue(page: int, *, is_open: bool, now: datetime) -> tuple[list[RequestLine], bool]:
    """A page of requests and whether more follow: open ones by what is due first, closed ones newest first."""
    rows = PrivacyRequest.filter(state=RequestState.OPEN).order_by("due_at", "id")
    if not is_open:
        rows = PrivacyRequest.exclude(state=RequestState.OPEN).order_by("-closed_at", "-id")
    found = await rows.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    names = await names_of({row.person_id for row in shown})
    workdays = await _days(TELL_RULE, TELL_WORKDAYS, vietnam_date(now))
    lines = [_line(row, names.get(row.person_id, ""), now, workdays) for row in shown]
    return lines, len(found) > PAGE_ROWS


async def open_requests() -> int:
    """How many wait."""
    return await PrivacyRequest.filter(state=RequestState.OPEN).count()


async def open_request(request_id: int) -> WorkedRequest | None:
    """The request of this number while it is open."""
    row = await PrivacyRequest.get_or_none(id=request_id, state=RequestState.OPEN)
    return _open(row) if row else None


async def due_erasures(*, now: datetime, limit: int = 50) -> list[WorkedRequest]:
    """Erasures whose time has come, the oldest first."""
    due = PrivacyRequest.filter(kind=RequestKind.ERASE, state=RequestState.OPEN, erase_at__lte=now)
    return [_open(row) for row in await due.order_by("due_at", "id").limit(limit)]


async def put_off_erasure(request_id: int, *, now: datetime) -> None:
    """Looks again tomorrow."""
    await PrivacyRequest.filter(id=request_id).update(erase_at=now + timedelta(days=1))


async def copies_past(*, now: datetime, limit: int = 100) -> list[WorkedRequest]:
    """Requests whose file is to be deleted."""
    past = PrivacyRequest.filter(file_until__lte=now).exclude(file_key="")
    return [_open(row) for row in await past.limit(limit)]


async def copy_dropped(request_id: int) -> None:
    """Notes that a copy's file is gone."""
    await PrivacyRequest.filter(id=request_id).update(file_key="")


def day_end(day: date) -> datetime:
    """The moment at which a day ends in Vietnam."""
    return day_start(day + timedelta(days=1))


def _open(row: PrivacyRequest) -> WorkedRequest:
    return WorkedRequest(row.id, row.person_id, row.kind, row.extended_at is not None, row.file_key)


def _line(row: PrivacyRequest, person: str, now: datetime, workdays: int) -> RequestLine:
    asked_on = vietnam_date(row.asked_at)
    left = (vietnam_date(row.due_at - timedelta(seconds=1)) - vietnam_date(now)).days
    return RequestLine(
        id=row.id,
        person_id=row.person_id,
        person=person,
        kind=row.kind,
        name=NAMES[row.kind],
        state=row.state,
        words=row.words,
        asked_at=row.asked_at,
        told_at=row.told_at,
        told_due_on=workdays_after(asked_on, workdays),
        due_at=row.due_at,
        days_left=left,
        erase_at=row.erase_at,
        extended_because=row.extended_because,
        closed_at=row.closed_at,
        answer=row.answer,
        has_file=bool(row.file_key) and row.file_until is not None and row.file_until > now,
        file_until=row.file_until,
    )


async def _days(rule: str, otherwise: int, day: date) -> int:
    return int(await rule_on(rule, day) or otherwise)


async def _ready(request_id: int, person_id: int, now: datetime) -> PrivacyRequest:
    row = await PrivacyRequest.get_or_none(id=request_id, person_id=person_id)
    if row is None or not row.file_key or row.file_until is None or row.file_until <= now:
        raise NotFound()
    return row


async def _locked(request_id: int, person_id: int | None = None) -> PrivacyRequest:
    row = (await locked(PrivacyRequest, [request_id])).get(request_id)
    if row is None or (person_id is not None and row.person_id != person_id):
        raise NotFound()
    return row


def _refuse_closed(row: PrivacyRequest) -> None:
    if row.state is not RequestState.OPEN:
        raise Conflict(say("Việc này đã xong rồi."))


async def _close(
    row: PrivacyRequest, state: RequestState, *, by: int | None, answer: str, now: datetime
) -> None:
    row.state, row.closed_at, row.closed_by, row.answer = state, now, by, answer
    await row.save(update_fields=["state", "closed_at", "closed_by", "answer"])


async def _tell(row: PrivacyRequest, words: Sentence, now: datetime) -> None:
    person = await Person.get(id=row.person_id)
    await tell(person.phone, words, now=now, expires_at=now + TEXT_LIFE)
