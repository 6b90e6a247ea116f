"""What postal staff do with a parcel, each act once and in a possible order."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.services import record
from kit.db import insert, locked, select, sql, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.outbox import announce, later
from postal.delivery_code import fits
from postal.gates.names import title_of
from postal.models import Parcel, ParcelEvent
from postal.services.collecting import is_due, take_cash
from postal.services.folding import fold_parcel
from postal.services.kept import last_day
from postal.services.reading import row_of
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import ACTS, Act, Reason, Step, act_words, step
from postal.staff_carrier import CODE as STAFF
from postal.states import ParcelState

_ITS_EVENT = "WHERE parcel_id = $1 AND event_key = $2"
_LAST = "SELECT max(happened_at) AS last FROM parcel_event WHERE parcel_id = $1"
_OFFICE = "SELECT name FROM postal_point WHERE commune_code = $1 ORDER BY id LIMIT 1"
_KEEP = "UPDATE parcel SET holder_id = $2, position = $3, weighed_g = $4, kept_until = $5 WHERE id = $1"


class AlreadyDone(Conflict):
    """The parcel already stands where the act would bring it: somebody scanned it before."""


async def act(
    code: str,
    act: Act,
    *,
    person_id: int,
    event_key: str,
    now: datetime,
    reason: str = "",
    note: str = "",
    weighed_g: int | None = None,
    delivery_code: str = "",
    secret: str = "",
    age_checked: bool = False,
) -> ParcelView:
    """The parcel after a person's act on it; the same `event_key` again changes nothing.

    `weighed_g` is what the scales said when it was accepted, `age_checked` that whoever takes alcohol showed to be 18.
    «Giao xong» wants the six digits of the recipient, made with `secret`; pictures from a door are told to `hear`.
    Leaves the job `follow_parcel` and tells the open work lists. Raises NotFound for an unknown code, AlreadyDone or
    Conflict when the parcel's state does not allow the act or a carrier outside the house carries it, Refusal at
    `reason`, `note`, `delivery_code` or `age_checked`, and at `act` for a delivery whose money has to be taken (see
    `door.hear`).
    """
    parcel_id = (await row_of(code)).id
    async with transaction():
        parcel = (await locked(Parcel, [parcel_id]))[parcel_id]
        if done := await select(ParcelEvent, _ITS_EVENT, [parcel_id, event_key]):
            return _repeated(parcel, done[0], act)
        refuse_outside(parcel.carrier)
        _refuse_done(parcel, act)
        if act is Act.DELIVER and is_due(parcel):
            raise Refusal(_take_the_money(parcel), field="act")
        outcome = step(act, parcel.state, reason=reason, note=note)
        _refuse_at_point(parcel, act)
        refuse_age(parcel, outcome, age_checked=age_checked)
        _refuse_unproven(parcel, act, delivery_code, secret)
        moment = await not_before_the_last(parcel_id, now)
        fact = Fact(act, outcome, event_key, person_id, moment, moment, age_checked=age_checked)
        if act is Act.ACCEPT and weighed_g is not None:
            parcel.weighed_g = weighed_g
        return await write_fact(parcel, fact)


def refuse_outside(carrier: str) -> None:
    """Nobody here has a parcel that a carrier outside the house carries: its own news moves it. Raises Conflict."""
    if carrier != STAFF:
        raise Conflict(
            say(
                "Bưu gửi này do {carrier} chở, hãng báo đến đâu thì ghi đến đó."
                " Hãng báo sai thì nhân viên bưu cục sửa ở trang bưu gửi, có ghi lý do.",
                carrier=say(title_of(carrier)),
            )
        )


@dataclass(frozen=True)
class Fact:
    """What a person did with a parcel: `at` when it was done, `now` when we heard of it."""

    act: Act
    outcome: Step
    event_key: str
    person_id: int | None
    at: datetime
    now: datetime
    received_by: str = ""
    next_day: date | None = None
    collected_dong: int = 0
    age_checked: bool = False


async def write_fact(parcel: Parcel, fact: Fact) -> ParcelView:
    """Writes an act down for a locked parcel and brings the parcel to where all its events say together."""
    await insert(_event_of(parcel, fact, place=await _place(fact.act, parcel)))
    parcel.attempts += fact.act is Act.FAIL
    if fact.act is Act.DELIVER and fact.collected_dong and fact.person_id is not None:
        await take_cash(
            parcel, fact.collected_dong, person_id=fact.person_id, reference=fact.event_key, at=fact.at
        )
    if fact.act is Act.TAKE_OUT:
        parcel.holder_id, parcel.position = fact.person_id, None
    if fact.act is Act.ARRIVE and parcel.point_id is not None:
        parcel.kept_until = await last_day(fact.at)
    await fold_parcel(parcel)
    await sql(_KEEP, [parcel.id, parcel.holder_id, parcel.position, parcel.weighed_g, parcel.kept_until])
    said = {"act": str(fact.act), "state": str(parcel.state)}
    await record(fact.person_id, "parcel_moved", "parcel", parcel.code, **said)
    await later("follow_parcel", parcel.id)
    await announce("post")
    return view_of(parcel)


def _event_of(parcel: Parcel, fact: Fact, *, place: str) -> ParcelEvent:
    return ParcelEvent(
        parcel_id=parcel.id,
        event_key=fact.event_key,
        act=fact.act,
        state=fact.outcome.state,
        reason=fact.outcome.reason or "",
        note=fact.outcome.note,
        place=place,
        flags=sorted(fact.outcome.flags),
        person_id=fact.person_id,
        received_by=fact.received_by,
        age_checked=fact.age_checked and parcel.is_adult_only,
        next_day=fact.next_day,
        happened_at=fact.at,
        received_at=fact.now,
    )


def refuse_age(parcel: Parcel, outcome: Step, *, age_checked: bool) -> None:
    """Alcohol goes to nobody whose age was not looked at, and only alcohol comes back for somebody's age.

    Law 44/2019/QH14, Article 16; Decree 24/2020/NĐ-CP, Article 6. Refusal at `age_checked` or `reason`.
    """
    if outcome.reason is Reason.RECIPIENT_UNDERAGE and not parcel.is_adult_only:
        raise Refusal(say("Chỉ đơn có rượu mới trả về vì tuổi người nhận."), field="reason")
    if outcome.state is ParcelState.DELIVERED and parcel.is_adult_only and not age_checked:
        words = say("Đơn có rượu. Xem giấy tờ người nhận, đủ 18 tuổi thì đánh dấu rồi mới giao.")
        raise Refusal(words, field="age_checked")


def _repeated(parcel: Parcel, done: ParcelEvent, act: Act) -> ParcelView:
    if done.act != act:
        raise Conflict(say("Lần bấm này đã được dùng cho việc khác. Tải lại trang rồi làm lại."))
    return view_of(parcel)


def _refuse_done(parcel: Parcel, act: Act) -> None:
    rule = ACTS[act]
    if parcel.state is rule.leads_to and parcel.state not in rule.begins:
        raise AlreadyDone(say("Bưu gửi này đã được ghi «{act}» rồi.", act=say(act_words(act))))


def _take_the_money(parcel: Parcel) -> Sentence:
    said = {"sum": show_dong(parcel.cod_dong)}
    return say("Bưu gửi thu hộ {sum}. Mở bưu gửi, bấm «Giao có ảnh, chữ ký hoặc mã» rồi ghi đã thu.", **said)


def _refuse_at_point(parcel: Parcel, act: Act) -> None:
    if act is Act.TAKE_OUT and parcel.point_id is not None and parcel.state is not ParcelState.RETURNING:
        raise Conflict(say("Bưu gửi này người nhận đến lấy ở điểm bưu cục, không mang đi giao."))


def _refuse_unproven(parcel: Parcel, act: Act, delivery_code: str, secret: str) -> None:
    if act is not Act.DELIVER:
        return
    if not delivery_code:
        raise Refusal(say("Cần một tấm ảnh, chữ ký hoặc mã nhận hàng."), field="delivery_code")
    if not fits(delivery_code, parcel.code or "", secret):
        raise Refusal(say("Mã nhận hàng không đúng. Xin người nhận đọc lại."), field="delivery_code")


_AT_THE_SENDER = frozenset({Act.ACCEPT, Act.FAIL_PICKUP, Act.GIVE_BACK, Act.CANCEL})
_BEFORE_THE_ROAD = frozenset({ParcelState.CREATED, ParcelState.AWAITING_PICKUP, ParcelState.PICKED_UP})
_AT_AN_OFFICE = frozenset({Act.HAND_OVER, Act.ARRIVE})


async def _place(act: Act, parcel: Parcel) -> str:
    """The commune where the act happens, or its post office when the parcel passes through one."""
    at_sender = act in _AT_THE_SENDER or (act is not Act.ARRIVE and parcel.state in _BEFORE_THE_ROAD)
    side = "sender" if at_sender else "recipient"
    commune: str = getattr(parcel, f"{side}_commune")
    if act not in _AT_AN_OFFICE:
        return commune
    offices = await sql(_OFFICE, [getattr(parcel, f"{side}_commune_code")])
    return str(offices[0]["name"]) if offices else commune


async def not_before_the_last(parcel_id: int, now: datetime) -> datetime:
    """Acts follow each other as the lock let them in, even when two machines' clocks disagree."""
    [row] = await sql(_LAST, [parcel_id])
    return max(now, row["last"]) if isinstance(row["last"], datetime) else now
