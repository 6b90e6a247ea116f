"""Claims about what was delivered: whose act leads where, the clocks, the pages of three sides, the database's word."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.exceptions import IntegrityError

from accounts.models import PersonNotice
from accounts.notices import from_kept
from accounts.services import grant
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.parts import Parts
from kit.roles import Role
from orders import tasks
from orders.claims import (
    AT_THE_END,
    CLOCKS,
    LIVING,
    STEPS,
    ClaimAct,
    ClaimKind,
    ClaimParty,
    ClaimState,
    ClaimWish,
    acts_of,
    may_lead,
)
from orders.models import ClaimStep, Order, OrderClaim, OrderEvent
from orders.services.claims import act_on_claim, claim_rows, claim_view, open_claim, turn_claims
from orders.services.personal import forget_buyer, rows_of_buyer
from orders.states import OrderState
from tests.conftest import Browser, Queries
from tests.factories import HOA, TUAN, listing, pay_order, person, placed

pytestmark = pytest.mark.usefixtures("books")
TOLD = "Chè mốc, không đúng như ảnh."


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


async def delivered(clock: StoppedClock) -> Order:
    """A paid order that has arrived, of a buyer and a seller who are known."""
    buyer, seller = await person(), await person("Tuấn", TUAN)
    tea = await listing()
    await grant(seller.id, Role.VENDOR, str(tea.vendor_id))
    [order] = await placed((tea, 1), now=clock.now())
    await pay_order(order, now=clock.now())
    await Order.filter(id=order.id).update(
        person_id=buyer.id, state=OrderState.DELIVERED, delivered_at=clock.now()
    )
    return await Order.get(id=order.id)


async def opened(order: Order, clock: StoppedClock, kind: ClaimKind = ClaimKind.NOT_AS_DESCRIBED) -> None:
    await open_claim(order.id, kind, ClaimWish.REFUND, TOLD, person_id=order.person_id, now=clock.now())


async def act(order: Order, what: ClaimAct, clock: StoppedClock, **more: Any) -> None:
    said = {"words": "Vì như thế này.", "person_id": 1, **more}
    await act_on_claim(order.id, what, party=STEPS[what].party, now=clock.now(), **said)


async def states(order: Order) -> tuple[OrderState, ClaimState]:
    claim = await OrderClaim.filter(order_id=order.id).order_by("-id").first()
    assert claim
    return (await Order.get(id=order.id)).state, claim.state


# --- the table ---


def test_every_living_state_has_an_end_and_no_end_has_an_act() -> None:
    for state in ClaimState:
        acts = [one for party in ClaimParty for one in acts_of(party, state)]
        assert bool(acts) == (state in LIVING) == (state in CLOCKS)
        assert not may_lead(state, ClaimState.OPEN)
    assert set(AT_THE_END) == LIVING - {ClaimState.RAISED}
    assert not acts_of(ClaimParty.CLOCK, ClaimState.OPEN)


@given(st.lists(st.sampled_from(list(ClaimAct)), max_size=12))
def test_whatever_people_do_a_claim_ends_once(acts: list[ClaimAct]) -> None:
    state = ClaimState.OPEN
    for one in acts:
        if state in STEPS[one].old:
            assert state in LIVING and may_lead(state, STEPS[one].new)
            state = STEPS[one].new


# --- the roads ---


async def test_goods_go_back_and_the_money_too(clock: StoppedClock) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    assert await states(order) == (OrderState.DISPUTED, ClaimState.OPEN)
    await act(order, ClaimAct.ACCEPT, clock, takes_back=True, words="")
    await act(order, ClaimAct.SEND_BACK, clock)
    await act(order, ClaimAct.SETTLE, clock, refund_dong=order.total_dong)
    assert await states(order) == (OrderState.RETURNED, ClaimState.SETTLED)
    view = await claim_view(order.id, ClaimParty.BUYER)
    assert view and view.acts == [] and view.claim.refund_dong == order.total_dong
    assert [step.words for step in view.steps][:2] == [TOLD, ""]
    seller = await PersonNotice.filter(kind="sale", url__endswith="/claim").order_by("id")
    buyer = await PersonNotice.filter(kind="order", url__endswith="/claim").order_by("id")
    assert [str(from_kept(one.title)).partition(": ")[2] for one in seller] == ["", "Đã gửi hàng lại"]
    assert [str(from_kept(one.title)).partition(": ")[2] for one in buyer] == [
        "Người bán đồng ý",
        "Đã giải quyết",
    ]


async def test_a_denied_claim_is_decided_by_the_management(clock: StoppedClock) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    await act(order, ClaimAct.DENY, clock)
    await act(order, ClaimAct.RAISE, clock)
    assert [row.order_code for row in (await claim_rows()).rows] == [order.code]
    await act(order, ClaimAct.UPHOLD, clock)
    await act(order, ClaimAct.SETTLE, clock)
    assert await states(order) == (OrderState.CLOSED, ClaimState.SETTLED)
    assert (await claim_rows()).rows == [] and len((await claim_rows(is_open=False)).rows) == 1


async def test_a_dismissed_claim_closes_the_order_and_a_withdrawn_one_frees_it(clock: StoppedClock) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    await act(order, ClaimAct.WITHDRAW, clock, words="")
    assert await states(order) == (OrderState.DELIVERED, ClaimState.WITHDRAWN)
    assert (await Order.get(id=order.id)).delivered_at == clock.now()
    await opened(order, clock)
    await act(order, ClaimAct.DENY, clock)
    await act(order, ClaimAct.RAISE, clock)
    await act(order, ClaimAct.DISMISS, clock)
    assert await states(order) == (OrderState.CLOSED, ClaimState.CLOSED)
    with pytest.raises(Conflict):
        await opened(order, clock)


async def test_the_clock_raises_what_nobody_answers_and_closes_what_nobody_raises(
    clock: StoppedClock, parts: Parts
) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    clock.forward(days=3, seconds=-1)
    assert await turn_claims(now=clock.now()) == 0
    clock.forward(seconds=1)
    await tasks.turn_order_claims(parts)
    assert await states(order) == (OrderState.DISPUTED, ClaimState.RAISED)
    assert (await ClaimStep.all().order_by("-id").first()).party is ClaimParty.CLOCK  # type: ignore[union-attr]
    await act(order, ClaimAct.UPHOLD, clock)
    clock.forward(days=30)
    assert await turn_claims(now=clock.now()) == 1
    assert await states(order) == (OrderState.DISPUTED, ClaimState.RAISED), "the money did not come in time"


async def test_a_denied_claim_that_nobody_raises_is_closed_after_a_week(clock: StoppedClock) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    await act(order, ClaimAct.DENY, clock)
    clock.forward(days=7)
    assert await turn_claims(now=clock.now()) == 1
    assert await states(order) == (OrderState.CLOSED, ClaimState.CLOSED)
    assert await turn_claims(now=clock.now()) == 0


async def test_orders_close_thirty_days_after_the_delivery(clock: StoppedClock) -> None:
    order = await delivered(clock)
    clock.forward(days=30)
    await opened(order, clock)
    await act(order, ClaimAct.WITHDRAW, clock)
    clock.forward(seconds=1)
    with pytest.raises(Conflict):
        await opened(order, clock)
    assert await turn_claims(now=clock.now()) == 1
    assert (await Order.get(id=order.id)).state is OrderState.CLOSED
    assert (await OrderEvent.filter(order_id=order.id).order_by("-id").first()).state == "closed"  # type: ignore[union-attr]


# --- who may what ---


async def test_nobody_acts_for_another_or_out_of_turn(clock: StoppedClock) -> None:
    order = await delivered(clock)
    with pytest.raises(NotFound):
        await act(order, ClaimAct.ACCEPT, clock)
    await opened(order, clock)
    with pytest.raises(Conflict):
        await opened(order, clock)
    for what in (ClaimAct.SETTLE, ClaimAct.UPHOLD, ClaimAct.RAISE, ClaimAct.SEND_BACK):
        with pytest.raises(Conflict):
            await act(order, what, clock)
    with pytest.raises(Conflict):
        await act_on_claim(
            order.id, ClaimAct.ACCEPT, party=ClaimParty.BUYER, words="", person_id=1, now=clock.now()
        )
    with pytest.raises(Refusal) as short:
        await act(order, ClaimAct.DENY, clock, words="ơ")
    assert short.value.field == "words"
    await act(order, ClaimAct.ACCEPT, clock)
    with pytest.raises(Refusal) as much:
        await act(order, ClaimAct.SETTLE, clock, refund_dong=order.total_dong + 1)
    assert much.value.field == "refund_dong" and (await states(order))[1] is ClaimState.ACCEPTED


async def test_the_database_itself_keeps_arrived_orders_and_one_claim(clock: StoppedClock) -> None:
    order = await delivered(clock)
    for state in ("placed", "paid", "posted", "expired", "cancelled", "lost"):
        with pytest.raises(IntegrityError):
            async with transaction():
                await Order.filter(id=order.id).update(state=state)
    await opened(order, clock)
    with pytest.raises(IntegrityError):
        async with transaction():
            await OrderClaim.create(
                order=order, kind=ClaimKind.OTHER, wish=ClaimWish.ANSWER, opened_at=clock.now()
            )
    with pytest.raises(IntegrityError):
        async with transaction():
            await OrderClaim.filter(order_id=order.id).update(state=ClaimState.SETTLED)


async def test_an_order_that_has_not_arrived_is_not_claimed(clock: StoppedClock) -> None:
    [order] = await placed((await listing(), 1), now=clock.now())
    with pytest.raises(Conflict):
        await opened(order, clock)


async def test_a_buyers_words_go_with_the_buyer(clock: StoppedClock) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    await act(order, ClaimAct.DENY, clock, words="Chè mới sao.")
    rows = await rows_of_buyer(order.person_id or 0)
    assert len(rows["order_claims"]) == 1 and len(rows["claim_steps"]) == 2
    async with transaction():
        await forget_buyer(order.person_id or 0)
    assert await ClaimStep.all().order_by("id").values_list("words", flat=True) == ["", "Chè mới sao."]


# --- the pages and the API ---


async def test_three_sides_settle_it_on_their_pages(
    client: Browser, browser: Any, sign_in_as: Any, clock: StoppedClock, queries: Queries
) -> None:
    order = await delivered(clock)
    hoa = client
    await sign_in_as(hoa, HOA)
    async with browser() as tuan, browser() as son:
        await sign_in_as(tuan, TUAN)
        await sign_in_as(son, "+84912000004", Role.ADMIN)
        mine, theirs = f"/orders/{order.code}/claim", f"/sell/orders/{order.code}/claim"
        assert (await tuan.get(theirs)).status_code == 404, "nothing was claimed yet"
        assert "Khiếu nại, trả hàng" in (await hoa.get(f"/orders/{order.code}")).text
        assert "Gửi khiếu nại" in (await hoa.get(mine)).text
        short = await hoa.submit(mine, {"kind": "damaged", "wish": "refund", "words": "hỏng"})
        assert short.status_code == 422 and not await OrderClaim.exists()
        assert (
            await hoa.submit(mine, {"kind": "damaged", "wish": "refund", "words": TOLD})
        ).status_code == 303
        assert (
            await hoa.submit(mine, {"kind": "damaged", "wish": "refund", "words": TOLD})
        ).status_code == 409
        assert (
            "Không đồng ý" in (await tuan.get(theirs)).text
            and "Không đồng ý" not in (await hoa.get(mine)).text
        )
        assert (await hoa.submit(f"{mine}/deny", {"words": "tự từ chối"})).status_code == 409
        assert (await tuan.submit(f"{theirs}/deny", {"words": ""})).status_code == 422
        assert (await tuan.submit(f"{theirs}/deny", {"words": "Chè mới sao hôm qua."})).status_code == 303
        assert (await tuan.submit(f"{theirs}/eat", {"words": "Chè mới"})).status_code == 404
        assert "Chè mới sao hôm qua." in (await hoa.get(mine)).text
        assert (await hoa.submit(f"{mine}/raise", {"words": "Ảnh còn đây."})).status_code == 303
        with queries.at_most(5):
            assert order.code in (await son.get("/admin/claims")).text
        desk = f"/admin/claims/{order.code}/claim"
        assert "Người mua đúng" in (await son.get(desk)).text
        assert (await son.submit(f"{desk}/uphold", {"words": "Ảnh rõ."})).status_code == 303
        much = {"words": "Chuyển khoản lại", "refund_dong": "100.000.000"}
        assert (await tuan.submit(f"{theirs}/settle", much)).status_code == 422
        settled = {"words": "Chuyển khoản lại", "refund_dong": "100.000"}
        assert (await tuan.submit(f"{theirs}/settle", settled)).status_code == 303
        assert "Người bán hoàn 100.000" in (await hoa.get(mine)).text
        assert "Đã xong" in (await hoa.get(f"/orders/{order.code}")).text
        assert order.code in (await son.get("/admin/claims?show=ended")).text


async def test_strangers_and_judges_in_their_own_case_are_turned_away(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    order = await delivered(clock)
    await opened(order, clock)
    await act(order, ClaimAct.DENY, clock)
    await act(order, ClaimAct.RAISE, clock)
    await sign_in_as(client, "+84912000077", (Role.VENDOR, "999"))
    for path in (f"/orders/{order.code}/claim", f"/sell/orders/{order.code}/claim"):
        assert (await client.get(path)).status_code == 404
    assert (await client.submit(f"/orders/{order.code}/claim/withdraw")).status_code == 404
    await sign_in_as(client, TUAN, Role.ADMIN)
    own = await client.submit(f"/admin/claims/{order.code}/claim/dismiss", {"words": "Tôi đúng mà."})
    assert own.status_code == 403 and (await states(order))[1] is ClaimState.RAISED


async def test_a_program_claims_and_reads(client: Browser, sign_in_as: Any, clock: StoppedClock) -> None:
    order = await delivered(clock)
    await sign_in_as(client, HOA)
    path = f"/api/v1/orders/{order.code}/claim"
    headers = {"x-csrf-token": await client.token(), "idempotency-key": "claim-0001"}
    assert (await client.get(path)).status_code == 404
    sent = {"kind": "missing", "wish": "replace", "words": TOLD}
    made = await client.post(path, json=sent, headers=headers)
    assert made.status_code == 201 and made.json()["acts"] == ["withdraw"]
    assert (await client.post(f"{path}/accept", json={"words": ""}, headers=headers)).status_code == 409
    assert (await client.post(f"{path}/eat", json={"words": ""}, headers=headers)).status_code == 404
    gone = await client.post(f"{path}/withdraw", json={"words": ""}, headers=headers)
    assert (
        gone.json()["state"] == "withdrawn" and (await client.get(path)).json()["steps"][0]["words"] == TOLD
    )
    assert datetime.fromisoformat(made.json()["due_at"]) == clock.now() + timedelta(days=3)
