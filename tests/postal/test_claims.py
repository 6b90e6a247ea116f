"""Compensation by carriers: what may be claimed and until when, its steps, and the money when it arrives."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.db import transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.models import DatedRule
from kit.roles import Role
from kit.rules import load_rules
from orders.services.door.following import follow_claim
from payments import ledger
from payments.services import assert_balanced
from postal.models import CarrierAlert, CarrierClaim, Parcel, ParcelEvent
from postal.services.claims.claiming import PaidTo, answer_claim, claimable, open_claim, take_compensation
from postal.services.claims.shown import claim_of, claims, remind_of_claims
from postal.services.promise import due_at
from postal.services.views import view_of
from postal.states import ClaimState
from tests.conftest import Queries
from tests.factories import booked_parcel

SignIn = Callable[..., Awaitable[Any]]
RunJobs = Callable[[], Awaitable[int]]
THAO, SELLER = 41, 7


class Undone(Exception):
    """Ends one history without a trace."""


@pytest.fixture(autouse=True)
async def books(db: None) -> AsyncIterator[None]:
    """The rules are there; whatever a test did, the books hold afterwards."""
    await load_rules()
    yield
    await assert_balanced()


async def gone(clock: StoppedClock, key: str = "1", **changes: Any) -> str:
    """A parcel worth 900,000 that GHN has lost."""
    code = (await booked_parcel(f"order:{key}", now=clock.now())).code
    facts = {
        "carrier": "ghn",
        "state": "lost",
        "vendor_id": SELLER,
        "value_dong": 900_000,
        "fee_dong": 30_000,
    }
    await Parcel.filter(code=code).update(**{**facts, **changes})
    return str(code)


async def opened(clock: StoppedClock, dong: int = 900_000, key: str = "1") -> str:
    code = await gone(clock, key)
    await open_claim(code, dong, "Công văn 12", person_id=THAO, now=clock.now())
    return code


@pytest.mark.parametrize(
    ("value", "fee", "ceiling", "claimed", "most"),
    [
        (900_000, 30_000, "5000000", 900_000, 5_000_000),
        (9_000_000, 30_000, "5000000", 5_000_000, 5_000_000),
        (9_000_000, 2_000_000, "5000000", 8_000_000, 8_000_000),
        (50_000, 30_000, "5000000", 120_000, 5_000_000),
        (9_000_000, 30_000, "0", 9_000_000, None),
        (900_000, None, "0", 900_000, None),
    ],
    ids=["worth", "ceiling", "law over contract", "law over worth", "no contract", "no fee"],
)
async def test_what_may_be_claimed(
    clock: StoppedClock, value: int, fee: int | None, ceiling: str, claimed: int, most: int | None
) -> None:
    code = await gone(clock, value_dong=value, fee_dong=fee)
    await DatedRule.filter(name="carrier_ceiling_ghn").update(value=ceiling)
    may = await claimable(await Parcel.get(code=code))
    assert (may.sum_dong, may.most_dong) == (claimed, most)


async def test_the_last_day_is_counted_from_the_promise_or_the_damage(clock: StoppedClock) -> None:
    parcel = await Parcel.get(code=await gone(clock))
    late = vietnam_date(due_at(view_of(parcel)))
    assert (await claimable(parcel)).claim_by == late + timedelta(days=180)
    await ParcelEvent.create(
        parcel=parcel, event_key="told", act="told", state="damaged",
        happened_at=clock.now() + timedelta(days=3), received_at=clock.now(),
    )  # fmt: skip
    parcel.state = "damaged"  # type: ignore[assignment]
    await parcel.save(update_fields=["state"])
    told = vietnam_date(clock.now() + timedelta(days=3))
    assert (await claimable(await Parcel.get(id=parcel.id))).claim_by == told + timedelta(days=30)


@pytest.mark.parametrize(
    "changes", [{"carrier": "staff"}, {"state": "in_transit"}, {"vendor_id": None}, {"state": "returned"}]
)
async def test_only_what_an_outside_carrier_lost_is_claimed(
    clock: StoppedClock, changes: dict[str, Any]
) -> None:
    code = await gone(clock, **changes)
    with pytest.raises(Conflict, match="Chỉ đòi"):
        await open_claim(code, 100_000, "", person_id=THAO, now=clock.now())
    assert (await claim_of(code, now=clock.now())).may is None


async def test_a_claim_is_opened_once_and_within_the_contract(clock: StoppedClock) -> None:
    code = await gone(clock)
    with pytest.raises(Refusal, match=r"5\.000\.000") as no:
        await open_claim(code, 5_000_001, "", person_id=THAO, now=clock.now())
    assert no.value.field == "dong"
    await open_claim(code, 900_000, "Công văn 12", person_id=THAO, now=clock.now())
    with pytest.raises(Conflict, match="rồi"):
        await open_claim(code, 900_000, "", person_id=THAO, now=clock.now())
    claim = await CarrierClaim.get()
    assert (claim.state, claim.answer_by) == (
        ClaimState.OPENED,
        vietnam_date(clock.now()) + timedelta(days=60),
    )
    assert await AuditEntry.filter(action="carrier_claim_opened", subject_id=code).count() == 1
    for code in ("C40000000000", ""):
        with pytest.raises(NotFound):
            await open_claim(code, 900_000, "", person_id=THAO, now=clock.now())


@pytest.mark.parametrize("to", list(PaidTo))
async def test_money_is_booked_when_it_arrives(clock: StoppedClock, run_jobs: RunJobs, to: PaidTo) -> None:
    code = await opened(clock)
    agreed = ClaimState.ANSWERED
    with pytest.raises(Refusal) as no:
        await answer_claim(code, agreed, None, "Đồng ý", person_id=THAO, now=clock.now())
    assert no.value.field == "dong"
    await answer_claim(code, agreed, 700_000, "Đồng ý một phần", person_id=THAO, now=clock.now())
    claim = await CarrierClaim.get()
    assert claim.pay_by == vietnam_date(clock.now()) + timedelta(days=30)
    with pytest.raises(Refusal, match="vì sao") as no:
        await take_compensation(code, 600_000, to, " ", person_id=THAO, now=clock.now())
    assert no.value.field == "words" and (await CarrierClaim.get()).state is ClaimState.ANSWERED
    await take_compensation(code, 700_000, to, "", person_id=THAO, now=clock.now())
    await run_jobs()
    await follow_claim(claim.id)
    seller = f"seller:{SELLER}"
    booked = {name: dong for name, dong in (await ledger.balances(seller)).items() if dong}
    if to is PaidTo.SELLER:
        assert booked == {f"{seller}:bank": 700_000, f"{seller}:compensation": -700_000}
    else:
        assert booked == {f"{seller}:payable": -700_000}
        assert await ledger.balance(ledger.PLATFORM_BANK) == 700_000
    with pytest.raises(Conflict):
        await take_compensation(code, 700_000, to, "", person_id=THAO, now=clock.now())


async def test_a_refusal_may_be_thought_better_of_and_a_find_ends_it(clock: StoppedClock) -> None:
    first, second = await opened(clock), await opened(clock, key="2")
    await answer_claim(first, ClaimState.REFUSED, None, "Đóng gói kém", person_id=THAO, now=clock.now())
    await answer_claim(first, ClaimState.ANSWERED, 100_000, "Xem lại", person_id=THAO, now=clock.now())
    await answer_claim(second, ClaimState.WITHDRAWN, None, "Đã tìm thấy", person_id=THAO, now=clock.now())
    with pytest.raises(Conflict):
        await answer_claim(second, ClaimState.ANSWERED, 1_000, "Muộn", person_id=THAO, now=clock.now())
    with pytest.raises(NotFound):
        third = await gone(clock, "3")
        await answer_claim(third, ClaimState.REFUSED, None, "Gì", person_id=THAO, now=clock.now())


async def test_the_supervisor_sees_what_is_due(clock: StoppedClock, queries: Queries) -> None:
    code, other = await opened(clock), await gone(clock, "2")
    found = await claims(now=clock.now())
    assert [(one.parcel.code, one.is_near) for one in found.unclaimed] == [(other, False)]
    assert [(one.parcel.code, one.is_overdue) for one in found.rows] == [(code, False)]
    assert await remind_of_claims(now=clock.now()) == 0
    clock.forward(days=61)
    with queries.at_most(6):
        [row] = (await claims(now=clock.now())).rows
    assert row.is_overdue and await remind_of_claims(now=clock.now()) == 1
    assert (await CarrierAlert.get(kind="claim")).detail == "1 · 900000 ₫"
    clock.forward(days=150)
    [late] = (await claims(now=clock.now())).unclaimed
    assert late.is_past and late.is_near


async def test_the_way_through_the_pages(client: Any, sign_in_as: SignIn, clock: StoppedClock) -> None:
    await sign_in_as(client, "0912000111", Role.CLERK)
    assert "Không có bưu gửi nào phải đòi" in (await client.get("/post/claims")).text
    code = await gone(clock)
    path = f"/post/parcels/{code}/claim"
    assert code in (await client.get("/post/claims")).text and path in (await client.get(path[:-6])).text
    page = (await client.get(path)).text
    assert "5.000.000" in page and 'value="900000"' in page
    for dong in ("", "nhiều", "5000001", "1"):
        assert (await client.submit(path, {"dong": dong})).status_code == 422, dong
    assert await CarrierClaim.all().count() == 0
    assert (await client.submit(path, {"dong": "900.000", "words": "Công văn 12"})).status_code == 303
    for form in (
        {"answer": "paid", "words": "x y z"},
        {"answer": "refused", "words": ""},
        {"answer": "answered", "words": "Được"},
    ):
        assert (await client.submit(f"{path}/answer", form)).status_code == 422, form
    agreed = await client.submit(f"{path}/answer", {"answer": "answered", "dong": "700000", "words": "Được"})
    assert agreed.status_code == 303 and "Hãng đồng ý, chờ tiền" in (await client.get("/post/claims")).text
    for form in (
        {"dong": "700000", "to": ""},
        {"dong": "600000", "to": "seller"},
        {"dong": "", "to": "seller"},
    ):
        assert (await client.submit(f"{path}/payment", form)).status_code == 422, form
    assert (await client.submit(f"{path}/payment", {"dong": "700000", "to": "market"})).status_code == 303
    assert (await client.submit(path, {"dong": "900000"})).status_code == 409
    assert "Tiền bồi thường đã về" in (await client.get(path)).text
    assert (await client.get("/post/parcels/C40000000000/claim")).status_code == 404
    await sign_in_as(client, "0912000222", Role.CARRIER)
    assert (await client.get("/post/claims")).status_code == 403


STEPS = st.one_of(
    st.tuples(st.just("open"), st.integers(1_000, 6_000_000)),
    st.tuples(st.just("answer"), st.sampled_from(list(ClaimState))),
    st.tuples(st.just("pay"), st.sampled_from(list(PaidTo))),
    st.tuples(st.just("book"), st.none()),
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, max_size=10), dong=st.integers(1_000, 6_000_000))
async def test_any_history_books_what_arrived_once(
    clock: StoppedClock, steps: list[tuple[str, Any]], dong: int
) -> None:
    try:
        async with transaction():
            code = await gone(clock)
            for what, how in steps:
                await _played(clock, code, what, how, dong)
            claim = await CarrierClaim.get_or_none(state=ClaimState.PAID)
            if claim:
                await follow_claim(claim.id)
            await assert_balanced()
            came = await ledger.balance(ledger.seller_bank(SELLER)) + await ledger.balance(
                ledger.PLATFORM_BANK
            )
            assert came == (dong if claim else 0)
            raise Undone
    except Undone:
        return


async def _played(clock: StoppedClock, code: str, what: str, how: Any, dong: int) -> None:
    now = clock.now()
    try:
        async with transaction():
            if what == "open":
                await open_claim(code, how, "Đòi", person_id=THAO, now=now)
            elif what == "answer":
                await answer_claim(code, how, dong, "Trả lời", person_id=THAO, now=now)
            elif what == "pay":
                await take_compensation(code, dong, how, "Về", person_id=THAO, now=now)
            elif claim := await CarrierClaim.get_or_none(state=ClaimState.PAID):
                await follow_claim(claim.id)
    except Refusal:
        return
