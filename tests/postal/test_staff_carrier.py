"""Own staff as a carrier: prices by the sheet, acts only where the state allows them, reasons asked for."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Conflict, Refusal
from kit.i18n import catalogue
from postal.carrier import Carrier, CarrierRejected, ParcelRequest, Party
from postal.gates.names import OUTSIDE
from postal.gates.statuses import reasons_of
from postal.shown import FLAG_WORDS
from postal.staff_carrier import (
    ACTS,
    MAX_WEIGHT_G,
    RATE_SHEETS,
    Act,
    Reason,
    StaffCarrier,
    act_words,
    acts_for,
    quote_on,
    reason_words,
    reasons_for,
    step,
)
from postal.states import FINAL, Flag, ParcelState, may_follow

S = ParcelState
SEND_DAY = date(2026, 3, 2)


def party(commune_code: str = "05443", province: str = "Thái Nguyên") -> Party:
    return Party("Nguyễn Thị Hoa", "0912345678", "Xóm 3", commune_code, "Xã Tân Cương", province)


def request(
    weight_g: int = 700, sender: Party | None = None, recipient: Party | None = None
) -> ParcelRequest:
    return ParcelRequest(
        "AB12CD34EF", sender or party(), recipient or party(), weight_g, 150_000, "Chè búp khô"
    )


def staff() -> Carrier:
    return StaffCarrier(now=lambda: datetime(2026, 3, 2, 1, tzinfo=UTC))


async def test_booking_twice_under_one_reference_is_one_parcel() -> None:
    first = await staff().create(request(), reference="C4TEST")
    again = await staff().create(request(), reference="C4TEST")
    assert first == again
    assert (first.tracking_code, first.state) == ("C4TEST", S.AWAITING_PICKUP)


async def test_too_heavy_is_rejected_when_asked_and_when_booked() -> None:
    for asked in (
        staff().quote(request(MAX_WEIGHT_G + 1)),
        staff().create(request(MAX_WEIGHT_G + 1), reference="x"),
    ):
        with pytest.raises(CarrierRejected) as refused:
            await asked
        assert (refused.value.field, refused.value.code) == ("weight_g", "too_heavy")
    assert await staff().quote(request(MAX_WEIGHT_G))


async def test_the_sheet_of_the_vietnamese_day_is_used() -> None:
    assert list(await staff().quote(request())) == [quote_on(request(), SEND_DAY)]


@pytest.mark.parametrize(
    ("recipient", "weight_g", "price_dong"),
    [
        (party(), 500, 8_000),
        (party(), 501, 10_000),
        (party("05500"), 2_000, 20_000),
        (party("05500"), 2_001, 22_500),
        (party("05500"), 2_500, 22_500),
        (party("05500"), 2_501, 25_000),
        (party(province="Tây Ninh"), 1, 22_000),
    ],
)
def test_prices_by_distance_and_weight(recipient: Party, weight_g: int, price_dong: int) -> None:
    assert quote_on(request(weight_g, recipient=recipient), SEND_DAY).price_dong == price_dong


@given(
    st.integers(1, MAX_WEIGHT_G - 1), st.sampled_from([party(), party("05500"), party(province="Tây Ninh")])
)
def test_more_weight_never_costs_less(weight_g: int, recipient: Party) -> None:
    lighter, heavier = (quote_on(request(g, recipient=recipient), SEND_DAY) for g in (weight_g, weight_g + 1))
    assert lighter.price_dong <= heavier.price_dong


def test_a_day_before_the_first_sheet_takes_the_first() -> None:
    assert quote_on(request(), date(2000, 1, 1)) == quote_on(request(), RATE_SHEETS[0][0])


@pytest.mark.parametrize(
    ("weight_g", "value_dong", "cod_dong"), [(0, 1, 0), (-5, 1, 0), (1, -1, 0), (1, 1, -1)]
)
def test_a_parcel_without_weight_or_with_less_than_no_money_is_an_error(
    weight_g: int, value_dong: int, cod_dong: int
) -> None:
    with pytest.raises(ValueError, match=r"not positive|negative"):
        ParcelRequest("AB12CD34EF", party(), party(), weight_g, value_dong, "Chè", cod_dong)


@pytest.mark.parametrize("act", Act)
def test_acts_go_only_where_the_table_of_states_allows(act: Act) -> None:
    rule = ACTS[act]
    assert all(may_follow(state, rule.leads_to) or state is rule.leads_to for state in rule.begins)


def test_a_parcel_can_be_accepted_handed_over_taken_out_and_delivered() -> None:
    state = S.AWAITING_PICKUP
    for act in (Act.ACCEPT, Act.HAND_OVER, Act.ARRIVE, Act.TAKE_OUT, Act.DELIVER):
        state = step(act, state).state
    assert state is S.DELIVERED


def test_a_parcel_that_nobody_takes_goes_back() -> None:
    failed = step(Act.FAIL, S.OUT_FOR_DELIVERY, reason="recipient_refused", note=" đổi ý ")
    assert (failed.state, failed.reason, failed.note) == (S.FAILED_ATTEMPT, Reason.RECIPIENT_REFUSED, "đổi ý")
    assert step(Act.GIVE_BACK, step(Act.SEND_BACK, failed.state).state).state is S.RETURNED


def test_a_failed_collection_stays_waiting_and_is_marked() -> None:
    outcome = step(Act.FAIL_PICKUP, S.AWAITING_PICKUP, reason="goods_not_ready")
    assert (outcome.state, outcome.flags) == (S.AWAITING_PICKUP, frozenset({Flag.PICKUP_FAILED}))


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_can_be_done_with_a_parcel_at_its_end(state: ParcelState) -> None:
    assert acts_for(state) == ()
    with pytest.raises(Conflict, match="Bưu gửi đang ở bước"):
        step(Act.DELIVER, state)


def test_every_parcel_on_its_way_has_something_to_be_done() -> None:
    assert all(acts_for(state) for state in ParcelState if state not in FINAL)


@pytest.mark.parametrize("reason", ["", "goods_not_ready", "no_such_reason"])
def test_a_failed_delivery_needs_a_reason_of_deliveries(reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        step(Act.FAIL, S.OUT_FOR_DELIVERY, reason=reason)
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("act", "state", "reason"),
    [(Act.FAIL, S.OUT_FOR_DELIVERY, "other"), (Act.LOSE, S.IN_TRANSIT, ""), (Act.CANCEL, S.CREATED, "")],
)
def test_what_nobody_could_guess_needs_a_note(act: Act, state: ParcelState, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        step(act, state, reason=reason, note="  ")
    assert refused.value.field == "note"
    assert step(act, state, reason=reason, note="rơi xuống suối").note == "rơi xuống suối"


def test_every_button_and_reason_has_english_words() -> None:
    english = catalogue("postal", "en")
    said = [act_words(act) for act in Act] + [reason_words(reason) for reason in Reason]
    for words in [*said, *FLAG_WORDS.values()]:
        message = english.get(words)
        assert message is not None and message.string


def test_every_reason_can_be_chosen_somewhere_or_is_told_by_a_carrier() -> None:
    chosen = {reason for act in Act for reason in reasons_for(act)}
    told = {reason for carrier in OUTSIDE for reason in reasons_of(carrier).values()}
    assert chosen | {Reason(one) for one in told} == set(Reason)
