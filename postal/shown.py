"""Parcels and their steps in the shapes the pages show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from starlette.requests import Request

from kit.dates import show_moment
from kit.i18n import translated
from kit.identifiers import mask_phone, show_phone
from kit.money import show_weight
from postal.carrier import Party
from postal.services import ParcelView, TimelineStep
from postal.staff_carrier import ACTS, Act, act_words, acts_for
from postal.states import FINAL, Flag, ParcelState, shown, shown_to_staff

_S = ParcelState
TONES = {
    _S.DELIVERED: "good",
    _S.RETURNED: "quiet",
    _S.CANCELLED: "quiet",
    _S.LOST: "bad",
    _S.DAMAGED: "bad",
    _S.FAILED_ATTEMPT: "bad",
}
FLAG_WORDS: dict[Flag, str] = {
    Flag.ON_HOLD: "Hãng đang giữ lại",
    Flag.EXCEPTION: "Hãng xử lý riêng",
    Flag.SUBMISSION_UNKNOWN: "Không rõ hãng đã nhận chưa",
    Flag.RETURN_LEG: "Đang trên đường trả về",
    Flag.PARTIAL: "Chỉ giao được một phần",
    Flag.PICKUP_FAILED: "Chưa lấy được",
    Flag.DECISION_NEEDED: "Chờ người bán quyết định",
    Flag.UNCONFIRMED: "Chờ hãng xác nhận",
    Flag.UNKNOWN_CODE: "Có mã trạng thái lạ",
    Flag.AFTER_FINAL: "Có tin đến sau khi đã xong",
}
_BAD = frozenset({_S.FAILED_ATTEMPT, _S.LOST, _S.DAMAGED})
_NEXT = {
    _S.CREATED: Act.ACCEPT,
    _S.AWAITING_PICKUP: Act.ACCEPT,
    _S.PICKED_UP: Act.HAND_OVER,
    _S.IN_TRANSIT: Act.ARRIVE,
    _S.AT_DELIVERY_OFFICE: Act.TAKE_OUT,
    _S.OUT_FOR_DELIVERY: Act.DELIVER,
    _S.FAILED_ATTEMPT: Act.TAKE_OUT,
    _S.RETURNING: Act.GIVE_BACK,
}
_RARE = frozenset({Act.SEND_BACK, Act.CANCEL, Act.LOSE, Act.DAMAGE})


@dataclass(frozen=True)
class ActButton:
    """An act offered for a parcel; one that asks for a reason or a note has a page of its own."""

    act: Act
    words: str
    asks: bool


@dataclass(frozen=True)
class ShownStep:
    """One line of a timeline, in the reader's words; `state` is done, current or bad."""

    label: str
    moment: str
    state: str
    note: str


@dataclass(frozen=True)
class ShownParty:
    """A sender or recipient; `phone` is shown masked or whole, `dial` is empty when it is masked;
    `old_place` is the commune in three levels, empty when nobody gave it so; `digital` a digital address and `map` a
    link to the point on the map, as far as the buyer gave them."""

    name: str
    phone: str
    dial: str
    line: str
    place: str
    old_place: str
    digital: str = ""
    map: str = ""


@dataclass(frozen=True)
class Row:
    """A parcel in a work list. `words` is the msgid of its state for staff."""

    id: int
    code: str
    state: ParcelState
    words: str
    tone: str
    contents: str
    weight: str
    sender: ShownParty
    recipient: ShownParty
    parcel: ParcelView


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: list[Row]


def row_of(parcel: ParcelView, *, whole_phones: bool = False) -> Row:
    """The row of a parcel; phones are masked unless asked otherwise."""
    return Row(
        id=parcel.id,
        code=parcel.code,
        state=parcel.state,
        words=shown_to_staff(parcel.state),
        tone=TONES.get(parcel.state, "waiting"),
        contents=parcel.contents,
        weight=show_weight(parcel.weight_g),
        sender=shown_party(parcel.sender, whole_phones),
        recipient=replace(
            shown_party(parcel.recipient, whole_phones), digital=parcel.digital_address, map=map_link(parcel)
        ),
        parcel=parcel,
    )


def map_link(parcel: ParcelView) -> str:
    """What opens the map on a phone at the point the buyer gave; empty without one."""
    if parcel.latitude is None or parcel.longitude is None:
        return ""
    at = f"{parcel.latitude:.6f},{parcel.longitude:.6f}"
    return f"geo:{at}?q={at}"


def shown_party(party: Party, whole_phone: bool) -> ShownParty:
    """A party with its phone whole or masked."""
    phone = show_phone(party.phone) if whole_phone else mask_phone(party.phone)
    place = ", ".join(filter(None, (party.commune, party.province)))
    return ShownParty(
        party.name, phone, party.phone if whole_phone else "", party.line, place, party.old_place
    )


def by_seller(parcels: Iterable[ParcelView]) -> list[tuple[str, list[Group]]]:
    """Parcels as (market or commune, sellers with their rows), in the order they come: one collection at a market
    is for all its stalls.
    """
    rows = [row_of(parcel) for parcel in parcels]
    return [
        (place, [Group(name, list(own)) for name, own in groupby(there, key=lambda row: row.sender.name)])
        for place, there in groupby(rows, key=lambda row: row.parcel.market or row.sender.place)
    ]


def buttons_for(parcel: ParcelView) -> tuple[list[ActButton], list[ActButton]]:
    """The acts a parcel in our hands allows, the likeliest first, and apart from them the rare ones.

    What its recipient fetches at the post office nobody takes out.
    """
    keeps = parcel.point_id is not None and parcel.state is _S.AT_DELIVERY_OFFICE
    likeliest = Act.DELIVER if keeps else _NEXT.get(parcel.state)
    allowed = () if parcel.is_outside else acts_for(parcel.state)
    acts = [one for one in allowed if not (keeps and one is Act.TAKE_OUT)]
    acts.sort(key=lambda act: act is not likeliest)
    buttons = [ActButton(act, act_words(act), asks(act)) for act in acts]
    return [one for one in buttons if one.act not in _RARE], [one for one in buttons if one.act in _RARE]


def asks(act: Act) -> bool:
    """Whether an act wants a reason or a note."""
    return ACTS[act].needs_reason or ACTS[act].needs_note


def steps_of(timeline: Sequence[TimelineStep], language: str) -> list[ShownStep]:
    """A timeline in the reader's language, the latest step marked as the present one."""
    last = len(timeline) - 1
    return [_step(one, language, is_last=place == last) for place, one in enumerate(timeline)]


def _step(one: TimelineStep, language: str, *, is_last: bool) -> ShownStep:
    because = translated(one.because, language) if one.because else ""
    notes = filter(None, (one.place, because, one.note, one.person))
    ended = is_last and one.state not in FINAL
    state = "bad" if one.state in _BAD else "current" if ended else "done"
    return ShownStep(translated(one.words, language), show_moment(one.at), state, " · ".join(notes))


def state_words(parcel: ParcelView) -> str:
    """The msgid of a parcel's state for everybody."""
    return shown(parcel.state)


def pages_beside(request: Request, page: int, has_more: bool) -> tuple[str, str]:
    """The addresses of the page before and the page after, empty where there is none."""
    path = request.url.path
    return (f"{path}?page={page - 1}" if page > 1 else "", f"{path}?page={page + 1}" if has_more else "")
