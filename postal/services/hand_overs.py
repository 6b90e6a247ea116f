"""Hand-over lists: one person scans what is given, another scans what is taken, and what differs is written down."""

from dataclasses import dataclass
from datetime import datetime

from accounts.services import names_of, record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.outbox import announce
from postal.models import HandOver, HandOverKind, HandOverLine, HandOverState, Parcel
from postal.services.acting import AlreadyDone, Fact, refuse_outside, write_fact
from postal.services.reading import row_of
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import ACTS, Act, Step
from postal.staff_carrier import CODE as STAFF
from postal.states import FINAL, ParcelState

__all__ = [
    "KIND_WORDS",
    "HandOverKind",
    "ListLine",
    "ListView",
    "close_list",
    "list_view",
    "lists_of_late",
    "open_list",
    "receive_list",
    "scan_into",
    "take_off",
]
LINES_MAX = 500
PAGE_ROWS = 24
KIND_WORDS = {
    HandOverKind.LOAD_OUT: say("Giao cho bưu tá đi phát"),
    HandOverKind.TRANSFER: say("Chuyển sang bưu cục khác"),
    HandOverKind.BRING_IN: say("Bưu tá nộp hàng về bưu cục"),
}
# What the giver's close and the taker's receipt write down for each parcel.
_AT_CLOSE = {HandOverKind.TRANSFER: Act.HAND_OVER}
_AT_RECEIPT = {
    HandOverKind.LOAD_OUT: Act.TAKE_OUT,
    HandOverKind.TRANSFER: Act.ARRIVE,
    HandOverKind.BRING_IN: Act.ARRIVE,
}
_COLLECTED = frozenset({ParcelState.PICKED_UP})


@dataclass(frozen=True)
class ListLine:
    """One parcel of a list. `found` says how the two scans agree, empty while the taker has not finished."""

    id: int
    parcel: ParcelView
    is_given: bool
    is_taken: bool
    is_damaged: bool
    found: Sentence | None

    @property
    def differs(self) -> bool:
        """Whether one side scanned it and the other did not, or it came damaged."""
        return self.is_damaged or self.is_given is not self.is_taken


@dataclass(frozen=True)
class ListView:
    """A hand-over list with its lines, newest scan last; `giver` and `taker` are what the two are called."""

    id: int
    kind: HandOverKind
    words: Sentence
    state: HandOverState
    place: str
    giver_id: int
    giver: str
    taker: str
    opened_at: datetime
    closed_at: datetime | None
    received_at: datetime | None
    note: str
    lines: list[ListLine]

    @property
    def given(self) -> int:
        """How many the giver scanned."""
        return sum(line.is_given for line in self.lines)

    @property
    def taken(self) -> int:
        """How many the taker scanned."""
        return sum(line.is_taken for line in self.lines)

    @property
    def differences(self) -> list[ListLine]:
        """The lines on which the two sides do not agree."""
        return [line for line in self.lines if line.differs]

    @property
    def cod_dong(self) -> int:
        """What is to be collected for all parcels that were taken, or given while nobody has taken them."""
        counted = self.state is HandOverState.RECEIVED
        return sum(
            line.parcel.cod_dong for line in self.lines if (line.is_taken if counted else line.is_given)
        )


async def open_list(kind: HandOverKind, *, place: str, person_id: int, now: datetime) -> int:
    """Opens an empty list that this person scans into; its number."""
    async with transaction():
        row = await HandOver.create(kind=kind, place=place, giver_id=person_id, opened_at=now)
        await record(person_id, "hand_over_opened", "hand_over", row.id, kind=str(kind))
        return int(row.id)


async def scan_into(
    list_id: int, code: str, *, person_id: int, now: datetime, is_damaged: bool = False
) -> ListLine:
    """Writes a scan on a list: the giver's while it is open, the taker's once it is closed.

    NotFound for an unknown list or code, AlreadyDone when this side scanned it before, Conflict for a list that is
    received, a parcel that has ended or that a carrier outside the house carries, or a taker who is the giver.
    """
    parcel = await row_of(code)
    async with transaction():
        kept = await _held(list_id)
        if kept.state is HandOverState.RECEIVED:
            raise Conflict(say("Biên bản này đã nhận xong, không quét thêm được."))
        if parcel.state in FINAL:
            raise Conflict(say("Bưu gửi này đã kết thúc, không bàn giao được."))
        refuse_outside(parcel.carrier)
        line = await HandOverLine.get_or_none(hand_over_id=list_id, parcel_id=parcel.id)
        side = "given_at" if kept.state is HandOverState.OPEN else "taken_at"
        _refuse_wrong_side(kept, person_id)
        if line is not None and getattr(line, side) is not None and not is_damaged:
            raise AlreadyDone(say("Bưu gửi này đã quét vào biên bản rồi."))
        if line is None:
            await _refuse_long(list_id)
            line = HandOverLine(hand_over_id=list_id, parcel_id=parcel.id)
        setattr(line, side, getattr(line, side) or now)
        line.is_damaged = line.is_damaged or is_damaged
        await line.save()
        return _line(line, parcel, kept.state)


async def take_off(list_id: int, code: str, *, person_id: int) -> None:
    """Takes a parcel off an open list again. NotFound when it is not on it, Conflict once the list is closed."""
    parcel = await row_of(code)
    async with transaction():
        kept = await _held(list_id)
        if kept.state is not HandOverState.OPEN:
            raise Conflict(say("Biên bản đã chốt, không bỏ bưu gửi ra được."))
        _refuse_wrong_side(kept, person_id)
        if not await HandOverLine.filter(hand_over_id=list_id, parcel_id=parcel.id).delete():
            raise NotFound(say("Bưu gửi này không có trong biên bản."))


async def close_list(list_id: int, *, person_id: int, now: datetime) -> None:
    """The giver says that the list is whole. Refusal when it is empty, Conflict when it is not open or not theirs."""
    async with transaction():
        kept = await _held(list_id)
        if kept.state is not HandOverState.OPEN:
            raise Conflict(say("Biên bản này đã chốt rồi."))
        _refuse_wrong_side(kept, person_id)
        lines = await HandOverLine.filter(hand_over_id=list_id).order_by("parcel_id")
        if not lines:
            raise Refusal(say("Biên bản chưa có bưu gửi nào. Quét hàng trước rồi chốt."), field="code")
        kept.state, kept.closed_at = HandOverState.CLOSED, now
        await kept.save(update_fields=["state", "closed_at"])
        await _write_acts(kept, lines, _AT_CLOSE.get(kept.kind), person_id, now)
        await record(person_id, "hand_over_closed", "hand_over", list_id, count=len(lines))
        await announce("post")


async def receive_list(list_id: int, *, person_id: int, note: str, now: datetime) -> ListView:
    """The taker has scanned everything that came. What differs stays on the list, and wants a word at `note`.

    Parcels that were taken go on; those missing stay where they were. Refusal at `note`, Conflict when the list is
    not closed or the taker gave it.
    """
    async with transaction():
        kept = await _held(list_id)
        if kept.state is not HandOverState.CLOSED:
            raise Conflict(say("Biên bản này chưa chốt, hoặc đã nhận xong."))
        _refuse_wrong_side(kept, person_id)
        lines = await HandOverLine.filter(hand_over_id=list_id).order_by("parcel_id")
        apart = [line for line in lines if line.is_damaged or not (line.given_at and line.taken_at)]
        if apart and not note.strip():
            raise Refusal(
                say("Hai bên quét lệch {n} bưu gửi. Ghi rõ vì sao rồi nhận.", n=len(apart)), field="note"
            )
        kept.state, kept.received_at, kept.taker_id, kept.note = (
            HandOverState.RECEIVED,
            now,
            person_id,
            note.strip(),
        )
        await kept.save(update_fields=["state", "received_at", "taker_id", "note"])
        taken = [line for line in lines if line.taken_at]
        await _write_acts(kept, taken, _AT_RECEIPT[kept.kind], person_id, now)
        await record(
            person_id, "hand_over_received", "hand_over", list_id, taken=len(taken), apart=len(apart)
        )
        await announce("post")
    return await list_view(list_id)


async def list_view(list_id: int) -> ListView:
    """A list with its lines and the people's names. NotFound."""
    kept = await HandOver.get_or_none(id=list_id)
    if kept is None:
        raise NotFound(say("Không có biên bản này."))
    rows = await HandOverLine.filter(hand_over_id=list_id).order_by("id").select_related("parcel")
    names = await names_of(filter(None, (kept.giver_id, kept.taker_id)))
    lines = [_line(row, row.parcel, kept.state) for row in rows]  # type: ignore[arg-type]
    return _view(kept, lines, names)


async def lists_of_late(*, page: int = 1) -> tuple[list[ListView], bool]:
    """The lists, newest first, without their lines; and whether there are more."""
    start = (max(1, min(page, 200)) - 1) * PAGE_ROWS
    rows = await HandOver.all().order_by("-opened_at", "-id").offset(start).limit(PAGE_ROWS + 1)
    names = await names_of({one for row in rows for one in (row.giver_id, row.taker_id) if one})
    return [_view(row, [], names) for row in rows[:PAGE_ROWS]], len(rows) > PAGE_ROWS


async def _held(list_id: int) -> HandOver:
    kept = (await locked(HandOver, [list_id])).get(list_id)
    if kept is None:
        raise NotFound(say("Không có biên bản này."))
    return kept


def _refuse_wrong_side(kept: HandOver, person_id: int) -> None:
    if kept.state is HandOverState.OPEN and kept.giver_id != person_id:
        raise Conflict(say("Biên bản đang mở là của người khác. Chờ họ chốt rồi quét nhận."))
    if kept.state is HandOverState.CLOSED and kept.giver_id == person_id:
        raise Conflict(say("Bạn là bên giao. Bên nhận phải là người khác quét."))


async def _refuse_long(list_id: int) -> None:
    if await HandOverLine.filter(hand_over_id=list_id).count() >= LINES_MAX:
        raise Conflict(say("Một biên bản nhiều nhất {n} bưu gửi. Mở biên bản mới.", n=LINES_MAX))


async def _write_acts(
    kept: HandOver, lines: list[HandOverLine], act: Act | None, person_id: int, now: datetime
) -> None:
    """Each parcel's step, in the order of the parcels' numbers; one whose step is done or not due is left as it is."""
    if act is None:
        return
    rows = await locked(Parcel, [line.parcel_id for line in lines])
    for line in lines:
        parcel = rows[line.parcel_id]
        stays = kept.kind is HandOverKind.BRING_IN and parcel.state in _COLLECTED
        if parcel.state not in ACTS[act].begins or stays or parcel.carrier != STAFF:
            continue
        outcome = Step(ACTS[act].leads_to, ACTS[act].flags)
        await write_fact(parcel, Fact(act, outcome, f"hand-over:{kept.id}:{act}", person_id, now, now))


def _view(kept: HandOver, lines: list[ListLine], names: dict[int, str]) -> ListView:
    return ListView(
        id=kept.id,
        kind=kept.kind,
        words=KIND_WORDS[kept.kind],
        state=kept.state,
        place=kept.place,
        giver_id=kept.giver_id,
        giver=names.get(kept.giver_id, ""),
        taker=names.get(kept.taker_id or 0, ""),
        opened_at=kept.opened_at,
        closed_at=kept.closed_at,
        received_at=kept.received_at,
        note=kept.note,
        lines=lines,
    )


def _line(line: HandOverLine, parcel: Parcel, state: HandOverState) -> ListLine:
    is_given, is_taken = line.given_at is not None, line.taken_at is not None
    found = None
    if state is not HandOverState.OPEN:
        found = _FOUND[is_given, is_taken] if not line.is_damaged else say("Hư hỏng khi nhận")
    return ListLine(line.id, view_of(parcel), is_given, is_taken, line.is_damaged, found)


_FOUND = {
    (True, True): say("Đủ"),
    (True, False): say("Chưa thấy"),
    (False, True): say("Thừa, bên giao không quét"),
}
