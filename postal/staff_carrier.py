"""The market's own postal staff as a carrier: rate sheet, acts of the work list, reasons of failure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kit.clock import VIETNAM
from kit.errors import Conflict, Refusal
from kit.i18n import say
from postal.carrier import (
    Booked,
    CancelAnswer,
    Capability,
    CarrierRejected,
    OffersNothing,
    ParcelRequest,
    Party,
    Quote,
)
from postal.states import Flag, ParcelState, shown_to_staff

CODE = "staff"
MAX_WEIGHT_G = 30_000


class Zone(StrEnum):
    """How far a parcel goes in the two-level administration."""

    COMMUNE = "commune"
    PROVINCE = "province"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Rate:
    """Prices of one zone: (up to g, đồng) bands by weight, then a step for each further 500 g begun."""

    bands: tuple[tuple[int, int], ...]
    each_more_500g_dong: int
    days_min: int
    days_max: int


# The rates in force from a day on, newest last. A starting sheet; each province sets its own.
RATE_SHEETS: tuple[tuple[date, dict[Zone, Rate]], ...] = (
    (
        date(2025, 1, 1),
        {
            Zone.COMMUNE: Rate(((500, 8_000), (1_000, 10_000), (2_000, 12_000)), 1_000, 0, 1),
            Zone.PROVINCE: Rate(((500, 14_000), (1_000, 16_000), (2_000, 20_000)), 2_500, 1, 2),
            Zone.ELSEWHERE: Rate(((500, 22_000), (1_000, 27_000), (2_000, 35_000)), 5_000, 2, 5),
        },
    ),
)


class StaffCarrier(OffersNothing):
    """Own staff behind the Carrier protocol. It keeps nothing: the parcel rows are its memory."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    @property
    def code(self) -> str:
        """`staff`."""
        return CODE

    def capabilities(self) -> frozenset[Capability]:
        """A booking may be repeated, so it need not be looked for; the work list tracks."""
        return frozenset({Capability.QUOTE, Capability.REPEATABLE_CREATE, Capability.CANCEL})

    async def quote(self, request: ParcelRequest) -> list[Quote]:
        """One offer from the rate sheet of today in Vietnam. Raises CarrierRejected over 30 kg."""
        return [quote_on(request, self._now().astimezone(VIETNAM).date())]

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """Our reference is the tracking code. Raises CarrierRejected over 30 kg."""
        _weighable(request)
        return Booked(tracking_code=reference, state=ParcelState.AWAITING_PICKUP)

    async def find_by_reference(self, reference: str) -> Booked | None:
        """None: nothing of a booking exists outside the parcel row."""
        return None

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """Always done; whether the parcel's state allows it is asked by `step`."""
        return CancelAnswer.DONE


def quote_on(request: ParcelRequest, day: date) -> Quote:
    """The offer by the sheet in force on `day`; the first sheet also holds for the days before it."""
    _weighable(request)
    sheet = next(
        (sheet for start, sheet in reversed(RATE_SHEETS) if start <= day),
        RATE_SHEETS[0][1],
    )
    rate = sheet[zone_of(request.sender, request.recipient)]
    return Quote(_price_dong(rate, request.weight_g), rate.days_min, rate.days_max)


def zone_of(sender: Party, recipient: Party) -> Zone:
    """Same commune, same province, or elsewhere. A commune code counts only inside one province."""
    if sender.province != recipient.province:
        return Zone.ELSEWHERE
    same = sender.commune_code == recipient.commune_code
    return Zone.COMMUNE if same else Zone.PROVINCE


def _weighable(request: ParcelRequest) -> None:
    if request.weight_g > MAX_WEIGHT_G:
        raise CarrierRejected("weight_g", "too_heavy")


def _price_dong(rate: Rate, weight_g: int) -> int:
    for up_to_g, price_dong in rate.bands:
        if weight_g <= up_to_g:
            return price_dong
    last_g, last_dong = rate.bands[-1]
    begun_steps = -(-(weight_g - last_g) // 500)
    return last_dong + begun_steps * rate.each_more_500g_dong


class Act(StrEnum):
    """What a member of the staff does with a parcel in hand."""

    ACCEPT = "accept"
    HAND_OVER = "hand_over"
    ARRIVE = "arrive"
    TAKE_OUT = "take_out"
    DELIVER = "deliver"
    FAIL_PICKUP = "fail_pickup"
    FAIL = "fail"
    SEND_BACK = "send_back"
    GIVE_BACK = "give_back"
    CANCEL = "cancel"
    LOSE = "lose"
    DAMAGE = "damage"


@dataclass(frozen=True)
class ActRule:
    """The button's msgid, where the act leads, from where, and whether it needs a reason or a note."""

    words: str
    leads_to: ParcelState
    begins: frozenset[ParcelState]
    needs_reason: bool = False
    needs_note: bool = False
    flags: frozenset[Flag] = frozenset()


_S = ParcelState
_BEFORE_PICKUP = frozenset({_S.CREATED, _S.AWAITING_PICKUP})
_AT_REST = frozenset({_S.PICKED_UP, _S.AT_DELIVERY_OFFICE, _S.FAILED_ATTEMPT})
_GOING_OUT = _AT_REST | {_S.IN_TRANSIT}
_IN_OUR_HANDS = _GOING_OUT | {_S.OUT_FOR_DELIVERY}
_LOSABLE = _IN_OUR_HANDS | {_S.RETURNING}
_FAILED_PICKUP = frozenset({Flag.PICKUP_FAILED})

ACTS: dict[Act, ActRule] = {
    Act.ACCEPT: ActRule("Nhận hàng", _S.PICKED_UP, _BEFORE_PICKUP),
    Act.HAND_OVER: ActRule("Chuyển đi", _S.IN_TRANSIT, _AT_REST),
    Act.ARRIVE: ActRule(
        "Đã đến bưu cục giao",
        _S.AT_DELIVERY_OFFICE,
        _IN_OUR_HANDS - {_S.AT_DELIVERY_OFFICE},
    ),
    Act.TAKE_OUT: ActRule("Mang đi giao", _S.OUT_FOR_DELIVERY, _GOING_OUT | {_S.RETURNING}),
    Act.DELIVER: ActRule(
        "Giao xong",
        _S.DELIVERED,
        frozenset({_S.OUT_FOR_DELIVERY, _S.AT_DELIVERY_OFFICE}),
    ),
    Act.FAIL_PICKUP: ActRule(
        "Chưa lấy được",
        _S.AWAITING_PICKUP,
        _BEFORE_PICKUP,
        needs_reason=True,
        flags=_FAILED_PICKUP,
    ),
    Act.FAIL: ActRule(
        "Chưa giao được",
        _S.FAILED_ATTEMPT,
        frozenset({_S.OUT_FOR_DELIVERY}),
        needs_reason=True,
    ),
    Act.SEND_BACK: ActRule("Chuyển trả người bán", _S.RETURNING, _IN_OUR_HANDS),
    Act.GIVE_BACK: ActRule("Đã trả người bán", _S.RETURNED, frozenset({_S.RETURNING})),
    Act.CANCEL: ActRule("Hủy gửi", _S.CANCELLED, _BEFORE_PICKUP, needs_note=True),
    Act.LOSE: ActRule("Báo thất lạc", _S.LOST, _LOSABLE, needs_note=True),
    Act.DAMAGE: ActRule("Báo hư hỏng", _S.DAMAGED, _LOSABLE, needs_note=True),
}


class Reason(StrEnum):
    """Why a collection or a delivery failed, in the words common to all carriers."""

    SENDER_ABSENT = "sender_absent"
    SENDER_UNREACHABLE = "sender_unreachable"
    GOODS_NOT_READY = "goods_not_ready"
    BAD_PACKAGING = "bad_packaging"
    SIZE_OR_WEIGHT = "size_or_weight"
    PROHIBITED_ITEM = "prohibited_item"
    RECIPIENT_UNREACHABLE = "recipient_unreachable"
    RECIPIENT_RESCHEDULED = "recipient_rescheduled"
    RECIPIENT_CHANGED_ADDRESS = "recipient_changed_address"
    RECIPIENT_WILL_COLLECT = "recipient_will_collect"
    RECIPIENT_REFUSED = "recipient_refused"
    RECIPIENT_DID_NOT_ORDER = "recipient_did_not_order"
    RECIPIENT_NO_MONEY = "recipient_no_money"
    RECIPIENT_UNDERAGE = "recipient_underage"
    WRONG_ADDRESS = "wrong_address"
    WRONG_PHONE = "wrong_phone"
    WRONG_ITEM = "wrong_item"
    DAMAGED_ITEM = "damaged_item"
    WEATHER = "weather"
    CARRIER_INCIDENT = "carrier_incident"
    OTHER = "other"
    SENDER_RESCHEDULED = "sender_rescheduled"
    SENDER_CHANGED_ADDRESS = "sender_changed_address"
    SENDER_WILL_DROP_OFF = "sender_will_drop_off"
    SENDER_CANCELLED = "sender_cancelled"
    SENDER_REQUESTED_RETURN = "sender_requested_return"
    CARRIER_OVERLOADED = "carrier_overloaded"
    CARRIER_RESCHEDULED = "carrier_rescheduled"
    NEXT_SHIFT = "next_shift"
    OUT_OF_AREA = "out_of_area"
    GOODS_NOT_FOUND = "goods_not_found"
    INSPECTION_REFUSED = "inspection_refused"
    POOR_QUALITY = "poor_quality"
    WRONG_COD_AMOUNT = "wrong_cod_amount"


_BOTH = frozenset({Act.FAIL_PICKUP, Act.FAIL})
_PICKUP = frozenset({Act.FAIL_PICKUP})
_DELIVERY = frozenset({Act.FAIL})
_TOLD: frozenset[Act] = frozenset()  # carriers tell it; our own staff choose among the others

REASONS: dict[Reason, tuple[str, frozenset[Act]]] = {
    Reason.SENDER_ABSENT: ("Người bán đi vắng", _PICKUP),
    Reason.SENDER_UNREACHABLE: ("Không gọi được người bán", _PICKUP),
    Reason.GOODS_NOT_READY: ("Hàng chưa chuẩn bị xong", _PICKUP),
    Reason.BAD_PACKAGING: ("Đóng gói chưa chắc chắn", _PICKUP),
    Reason.SIZE_OR_WEIGHT: ("Quá to hoặc quá nặng", _PICKUP),
    Reason.PROHIBITED_ITEM: ("Hàng không được nhận gửi", _PICKUP),
    Reason.RECIPIENT_UNREACHABLE: ("Không gọi được người nhận", _DELIVERY),
    Reason.RECIPIENT_RESCHEDULED: ("Người nhận hẹn ngày khác", _DELIVERY),
    Reason.RECIPIENT_CHANGED_ADDRESS: ("Người nhận đổi địa chỉ", _DELIVERY),
    Reason.RECIPIENT_WILL_COLLECT: ("Người nhận sẽ đến bưu cục lấy", _DELIVERY),
    Reason.RECIPIENT_REFUSED: ("Người nhận không muốn nhận nữa", _DELIVERY),
    Reason.RECIPIENT_DID_NOT_ORDER: ("Người nhận nói không đặt hàng", _DELIVERY),
    Reason.RECIPIENT_NO_MONEY: ("Người nhận chưa có tiền trả", _DELIVERY),
    Reason.RECIPIENT_UNDERAGE: ("Người nhận chưa đủ 18 tuổi", _DELIVERY),
    Reason.WRONG_ITEM: ("Không đúng hàng đã đặt", _DELIVERY),
    Reason.DAMAGED_ITEM: ("Hàng bị hư hỏng", _DELIVERY),
    Reason.WRONG_ADDRESS: ("Sai địa chỉ", _BOTH),
    Reason.WRONG_PHONE: ("Sai số điện thoại", _BOTH),
    Reason.WEATHER: ("Mưa bão, đường không đi được", _BOTH),
    Reason.CARRIER_INCIDENT: ("Bưu tá gặp trục trặc trên đường", _BOTH),
    Reason.OTHER: ("Lý do khác", _BOTH),
    Reason.SENDER_RESCHEDULED: ("Người bán hẹn ngày khác", _TOLD),
    Reason.SENDER_CHANGED_ADDRESS: ("Người bán đổi địa chỉ", _TOLD),
    Reason.SENDER_WILL_DROP_OFF: ("Người bán tự mang ra bưu cục", _TOLD),
    Reason.SENDER_CANCELLED: ("Người bán hủy gửi", _TOLD),
    Reason.SENDER_REQUESTED_RETURN: ("Người bán xin trả hàng về", _TOLD),
    Reason.CARRIER_OVERLOADED: ("Hãng đang quá nhiều hàng", _TOLD),
    Reason.CARRIER_RESCHEDULED: ("Bưu tá hẹn ngày khác", _TOLD),
    Reason.NEXT_SHIFT: ("Để sang ca sau", _TOLD),
    Reason.OUT_OF_AREA: ("Ngoài vùng hãng phục vụ", _TOLD),
    Reason.GOODS_NOT_FOUND: ("Hãng chưa tìm thấy hàng", _TOLD),
    Reason.INSPECTION_REFUSED: ("Người nhận muốn xem hàng mà không được", _TOLD),
    Reason.POOR_QUALITY: ("Người nhận chê hàng không tốt", _TOLD),
    Reason.WRONG_COD_AMOUNT: ("Sai số tiền thu hộ", _TOLD),
}


@dataclass(frozen=True)
class Step:
    """What an act makes of a parcel."""

    state: ParcelState
    flags: frozenset[Flag] = frozenset()
    reason: Reason | None = None
    note: str = ""


def acts_for(state: ParcelState) -> tuple[Act, ...]:
    """The acts that a parcel in this state allows, in the order of the work."""
    return tuple(act for act, rule in ACTS.items() if state in rule.begins)


def reasons_for(act: Act, *, is_adult_only: bool = True) -> tuple[Reason, ...]:
    """The reasons to choose from, that of age only for alcohol; empty when the act needs none."""
    hidden = frozenset[Reason]() if is_adult_only else frozenset({Reason.RECIPIENT_UNDERAGE})
    return tuple(reason for reason, (_, acts) in REASONS.items() if act in acts and reason not in hidden)


def act_words(act: Act) -> str:
    """The msgid on the button."""
    return ACTS[act].words


def reason_words(reason: Reason) -> str:
    """The msgid of a reason."""
    return REASONS[reason][0]


def step(act: Act, state: ParcelState, *, reason: str = "", note: str = "") -> Step:
    """The outcome of an act on a parcel in `state`.

    Raises Conflict when the state does not allow it (two people, one parcel), Refusal at `reason` or `note`
    when one is missing or does not belong to the act. A reason given to an act that needs none is dropped.
    """
    rule = ACTS[act]
    if state not in rule.begins:
        raise Conflict(
            say(
                "Bưu gửi đang ở bước «{state}» nên chưa thể «{act}». Tải lại trang để xem việc tiếp theo.",
                state=say(shown_to_staff(state)),
                act=say(rule.words),
            )
        )
    return outcome_of(act, reason=reason, note=note)


def outcome_of(act: Act, *, reason: str = "", note: str = "") -> Step:
    """What an act says, whatever the parcel's state. Raises Refusal at `reason` or `note` as `step` does."""
    rule = ACTS[act]
    chosen = _chosen(act, reason) if rule.needs_reason else None
    note = note.strip()
    if not note and (rule.needs_note or chosen is Reason.OTHER):
        raise Refusal(say("Ghi vài chữ chuyện gì đã xảy ra."), field="note")
    leads_to = ParcelState.RETURNING if chosen is Reason.RECIPIENT_UNDERAGE else rule.leads_to
    return Step(leads_to, rule.flags, chosen, note)


def _chosen(act: Act, reason: str) -> Reason:
    if reason not in reasons_for(act):
        raise Refusal(say("Chọn một lý do trong danh sách."), field="reason")
    return Reason(reason)
