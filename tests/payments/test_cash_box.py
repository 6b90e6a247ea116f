"""Cash of the post's box into the bank: taken out, its slip, the bank's notice, differences; the books throughout."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from accounts.services import person_of
from kit.clock import StoppedClock
from kit.db import transaction
from kit.errors import Conflict, NotAllowed, NotFound, Refusal
from kit.roles import Role
from payments import ledger
from payments.models import Notice, PayIn, PayInState
from payments.services import PaymentView, Settled, assert_balanced, settle, settle_plain
from payments.services.auditing import wrong_box
from payments.services.cash_box.paying_in import (
    Explanation,
    cancel_pay_in,
    explain_difference,
    note_slip,
    prepare_pay_in,
)
from payments.services.cash_box.shown import box_day, pay_in_shown, strays_for
from payments.services.cash_box.told import find_cash_in
from tests.conftest import Queries
from tests.factories import bank_notice, payment, photo_bytes, recorded

SignIn = Callable[..., Awaitable[Any]]
PLATFORM = "0011001234567"
THAO, SON = 41, 42


class Undone(Exception):
    """Ends one history without a trace."""


@pytest.fixture(autouse=True)
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards, and the box is as its pay-ins say."""
    yield
    await assert_balanced()
    assert await wrong_box() == []


async def counted(dong: int, clock: StoppedClock, key: str = "1") -> None:
    """An evening's count has brought so much into the box."""
    sides = [(ledger.POST_BOX, dong), (ledger.post_cash(7), -dong)]
    async with transaction():
        await ledger.post("door_counted", f"debrief:{key}", sides, at=clock.now())


async def bank_tells(
    clock: StoppedClock,
    content: str,
    dong: int,
    key: int = 90,
    *,
    asked: PaymentView | None = None,
    **more: Any,
) -> Settled:
    """The bank tells of money that came into the market's own account."""
    asked = asked or await payment(now=clock.now())
    facts: dict[str, Any] = {"account_number": PLATFORM, "content": content, "amount_dong": dong, **more}
    number = await recorded(bank_notice(asked, key, at=clock.now(), **facts), now=clock.now())
    async with transaction():
        settled = await settle(number, now=clock.now())
    assert settled is not None
    return settled


async def sums() -> tuple[int, int, int, int]:
    """The box, the way, the bank, and what is not explained."""
    names = (ledger.POST_BOX, ledger.POST_ON_THE_WAY, ledger.PLATFORM_BANK, ledger.POST_BANK_DIFFERENCE)
    found = await ledger.balances_of(names)
    box, way, bank, difference = (found.get(one, 0) for one in names)
    return box, way, bank, difference


async def prepared(clock: StoppedClock, dong: int = 300_000, in_box: int = 500_000) -> str:
    await counted(in_box, clock)
    return await prepare_pay_in(dong, person_id=THAO, now=clock.now())


async def test_cash_goes_into_the_bank_and_the_notice_proves_it(clock: StoppedClock) -> None:
    code = await prepared(clock)
    assert await sums() == (200_000, 300_000, 0, 0)
    await note_slip(code, "GNT-20261", "slip/a", person_id=THAO, now=clock.now())
    assert (await PayIn.get()).state is PayInState.PAID_IN
    told = await bank_tells(clock, f"NGUYEN THI THAO NOP TIEN {code.lower()} 112233", 300_000)
    assert (told.verdict, told.payment_id) == ("pay_in", None)
    row = await PayIn.get()
    assert (row.state, row.told_dong, row.slip_number) == (PayInState.PROVED, 300_000, "GNT-20261")
    assert await sums() == (200_000, 0, 300_000, 0)
    acts = await AuditEntry.filter(subject_kind="pay_in").values_list("action", flat=True)
    assert sorted(acts) == ["pay_in_prepared", "pay_in_slip"]


async def test_the_bank_may_be_faster_than_the_slip(clock: StoppedClock) -> None:
    code = await prepared(clock)
    await bank_tells(clock, code, 300_000)
    await note_slip(code, "GNT20261", "slip/a", person_id=THAO, now=clock.now())
    row = await PayIn.get()
    assert (row.state, row.slip_number) == (PayInState.PROVED, "GNT20261")
    with pytest.raises(Conflict):
        await note_slip(code, "GNT20262", "", person_id=THAO, now=clock.now())
    with pytest.raises(Conflict):
        await cancel_pay_in(code, "Nhầm", person_id=THAO, now=clock.now())


async def test_no_more_than_lies_in_the_box_is_taken(clock: StoppedClock) -> None:
    await prepared(clock, 300_000, 500_000)
    for dong in (200_001, 500_000):
        with pytest.raises(Refusal, match="Trong két") as no:
            await prepare_pay_in(dong, person_id=SON, now=clock.now())
        assert no.value.field == "amount"
    await prepare_pay_in(200_000, person_id=SON, now=clock.now())
    assert await sums() == (0, 500_000, 0, 0)
    assert await PayIn.all().count() == 2


@pytest.mark.parametrize(
    ("told", "why", "box", "elsewhere"),
    [
        (250_000, Explanation.BOX, 250_000, ""),
        (289_000, Explanation.FEE, 200_000, ledger.POST_BANK_FEES),
        (250_000, Explanation.OWED, 200_000, ledger.post_difference(THAO)),
        (350_000, Explanation.BOX, 150_000, ""),
        (350_000, Explanation.OWED, 200_000, ledger.post_difference(THAO)),
    ],
)
async def test_a_difference_is_named_and_explained_by_somebody_else(
    clock: StoppedClock, told: int, why: Explanation, box: int, elsewhere: str
) -> None:
    code = await prepared(clock)
    await bank_tells(clock, code, told)
    assert (await PayIn.get()).state is PayInState.DIFFERS
    assert await sums() == (200_000, 0, told, 300_000 - told)
    with pytest.raises(Conflict, match="Người khác"):
        await explain_difference(code, why, "Tự xem", person_id=THAO, now=clock.now())
    await explain_difference(code, why, "Đã gọi ngân hàng", person_id=SON, now=clock.now())
    row = await pay_in_shown(code, now=clock.now())
    assert (row.state, row.explanation, row.lacking_dong) == (PayInState.EXPLAINED, why, 300_000 - told)
    assert await sums() == (box, 0, told, 0)
    if elsewhere:
        assert await ledger.balance(elsewhere) == 300_000 - told
    with pytest.raises(Conflict):
        await explain_difference(code, why, "Lần nữa", person_id=SON, now=clock.now())


async def test_a_fee_never_makes_more_and_a_box_gives_no_more_than_it_has(clock: StoppedClock) -> None:
    code = await prepared(clock, 500_000, 500_000)
    await bank_tells(clock, code, 600_000)
    for why, words in ((Explanation.FEE, "phí"), (Explanation.BOX, "Trong két")):
        with pytest.raises(Refusal, match=words) as no:
            await explain_difference(code, why, "Xem lại", person_id=SON, now=clock.now())
        assert no.value.field == "why"
    assert (await PayIn.get()).state is PayInState.DIFFERS


async def test_what_is_called_off_lies_in_the_box_again(clock: StoppedClock) -> None:
    code = await prepared(clock)
    await cancel_pay_in(f" {code.lower()} ", "Ngân hàng nghỉ", person_id=SON, now=clock.now())
    assert await sums() == (500_000, 0, 0, 0)
    for act in (cancel_pay_in(code, "Nữa", person_id=SON, now=clock.now()),
                note_slip(code, "GNT20261", "", person_id=THAO, now=clock.now())):  # fmt: skip
        with pytest.raises(Conflict):
            await act
    told = await bank_tells(clock, code, 300_000)
    assert told.verdict == "none", "money nobody waits for is put before a person"


async def test_only_who_went_to_the_bank_notes_the_slip(clock: StoppedClock) -> None:
    code = await prepared(clock)
    with pytest.raises(NotAllowed):
        await note_slip(code, "GNT20261", "", person_id=SON, now=clock.now())
    for act in (cancel_pay_in("NQ00000000", "Gì", person_id=SON, now=clock.now()),
                note_slip("", "GNT20261", "", person_id=SON, now=clock.now())):  # fmt: skip
        with pytest.raises(NotFound):
            await act


async def test_a_slip_number_with_the_very_sum_is_enough(clock: StoppedClock) -> None:
    """The teller left the code out; another sum, or a short number, proves nothing."""
    code = await prepared(clock)
    await note_slip(code, "GNT20261", "", person_id=THAO, now=clock.now())
    asked = await payment(now=clock.now())
    assert (await bank_tells(clock, "NOP TM GNT20261", 299_000, 91, asked=asked)).verdict == "none"
    assert (await bank_tells(clock, "NOP TM", 300_000, 92, asked=asked)).verdict == "none"
    assert (await bank_tells(clock, "NOP TM GNT20261", 300_000, 93, asked=asked)).verdict == "pay_in"
    assert (await PayIn.get()).state is PayInState.PROVED


async def test_money_into_a_sellers_account_proves_nothing(clock: StoppedClock) -> None:
    """Anybody may write the code into a transfer of their own."""
    code = await prepared(clock)
    asked = await payment(now=clock.now())
    told = await bank_tells(clock, code, 300_000, asked=asked, account_number=asked.account_number)
    assert told.verdict != "pay_in"
    assert (await PayIn.get()).state is PayInState.PREPARED


async def test_a_person_finds_the_notice_that_named_nothing(clock: StoppedClock, queries: Queries) -> None:
    code = await prepared(clock)
    asked = await payment(now=clock.now())
    await bank_tells(clock, "NOP TIEN MAT", 300_000, 91, asked=asked)
    await bank_tells(clock, "NOP TIEN MAT", 100_000, 92, asked=asked)
    row = await pay_in_shown(code, now=clock.now())
    with queries.at_most(1):
        [stray] = await strays_for(row, now=clock.now())
    await find_cash_in(code, stray.id, person_id=SON, now=clock.now())
    assert (await PayIn.get()).state is PayInState.PROVED
    assert await sums() == (200_000, 0, 300_000, 0)
    assert await ledger.balance(ledger.suspense(stray.id)) == 0
    assert (await Notice.get(id=stray.id)).verdict == "pay_in"
    assert await strays_for(await pay_in_shown(code, now=clock.now()), now=clock.now()) == []
    for notice_id in (stray.id, 999_999_999):
        with pytest.raises(Conflict):
            await find_cash_in(code, notice_id, person_id=SON, now=clock.now())


async def test_many_notices_together_leave_the_pay_in_to_be_looked_at(clock: StoppedClock) -> None:
    """Settled in one statement, a notice that names a pay-in, a refund or a payout would be nobody's."""
    code = await prepared(clock)
    asked = await payment(now=clock.now())
    facts: dict[str, Any] = {"account_number": PLATFORM, "content": f"NOP {code}", "amount_dong": 300_000}
    number = await recorded(bank_notice(asked, 91, at=clock.now(), **facts), now=clock.now())
    plain = await recorded(
        bank_notice(asked, 92, at=clock.now(), **{**facts, "content": "NOP"}), now=clock.now()
    )
    async with transaction():
        settled = await settle_plain([number, plain], ("order",), now=clock.now())
    assert settled.notices == {plain}


async def test_the_day_of_the_box(clock: StoppedClock, queries: Queries) -> None:
    made = await person_of("0912000333")
    await counted(500_000, clock)
    code = await prepare_pay_in(300_000, person_id=made.id, now=clock.now())
    clock.forward(days=3)
    await counted(50_000, clock, "2")
    with queries.at_most(4):
        found = await box_day(now=clock.now())
    assert (found.in_box_dong, found.on_the_way_dong, found.unexplained_dong) == (250_000, 300_000, 0)
    assert [(one.kind, one.times, one.dong) for one in found.lines] == [("door_counted", 1, 50_000)]
    assert [(one.code, one.is_late) for one in found.pay_ins] == [(code, True)]
    earlier = await box_day(now=clock.now() - timedelta(days=3))
    assert [(one.kind, one.dong) for one in earlier.lines] == [
        ("box_taken", -300_000),
        ("door_counted", 500_000),
    ]


async def test_the_cashiers_way_through_the_pages(
    client: Any, sign_in_as: SignIn, clock: StoppedClock
) -> None:
    await sign_in_as(client, "0912000111", Role.CLERK)
    assert "Chưa nộp lần nào" in (await client.get("/post/box")).text
    await counted(500_000, clock)
    for typed in ("", "nhiều", "0", "999000000"):
        wrong = await client.submit("/post/box/pay-ins", {"amount": typed})
        assert wrong.status_code == 422, typed
    assert await PayIn.all().count() == 0
    made = await client.submit("/post/box/pay-ins", {"amount": "300.000"})
    path = made.headers["location"]
    code = path.rpartition("/")[2]
    assert made.status_code == 303 and code in (await client.get(path)).text
    lacking = await client.submit(f"{path}/slip", {"slip_number": "GNT20261"})
    assert lacking.status_code == 422 and "Chụp giấy nộp tiền" in lacking.text
    bad = await client.submit(f"{path}/slip", {"slip_number": "!"}, files={"photo": ("a.jpg", photo_bytes())})
    assert bad.status_code == 422 and "Chép số trên giấy" in bad.text
    torn = await client.submit(f"{path}/slip", {"slip_number": "GNT20261"}, files={"photo": ("a.jpg", b"x")})
    assert torn.status_code == 422 and not (await PayIn.get()).slip_number
    sent = await client.submit(
        f"{path}/slip", {"slip_number": "GNT20261"}, files={"photo": ("a.jpg", photo_bytes())}
    )
    assert sent.status_code == 303, sent.text
    picture = await client.get(f"{path}/slip")
    assert (picture.headers["content-type"], picture.headers["cache-control"]) == ("image/webp", "no-store")
    asked = await payment(now=clock.now())
    await bank_tells(clock, f"NOP TIEN {code}", 290_000, asked=asked)
    assert "Ngân hàng báo ít hơn 10.000" in (await client.get(path)).text
    own = await client.submit(f"{path}/explanation", {"why": "fee", "words": "Phí nộp"})
    assert own.status_code == 409
    await sign_in_as(client, "0912000222", Role.CLERK)
    for form in (
        {"why": "", "words": "Phí nộp"},
        {"why": "fee", "words": ""},
        {"why": "lost", "words": "Phí nộp"},
    ):
        assert (await client.submit(f"{path}/explanation", form)).status_code == 422
    done = await client.submit(f"{path}/explanation", {"why": "fee", "words": "Phí nộp"})
    assert done.status_code == 303 and "Ngân hàng thu phí" in (await client.get(path)).text
    again = await client.submit(f"{path}/cancellation", {"words": "Thôi"})
    assert again.status_code == 409
    other = await client.submit("/post/box/pay-ins", {"amount": "50000"})
    path = other.headers["location"]
    await bank_tells(clock, "NOP TIEN", 50_000, 95, asked=asked)
    page = await client.get(path)
    assert "Là lần nộp này" in page.text
    stray = await Notice.get(amount_dong=50_000)
    assert (await client.submit(f"{path}/notice", {"notice": "x"})).status_code == 422
    assert (await client.submit(f"{path}/notice", {"notice": str(stray.id)})).status_code == 303
    third = (await client.submit("/post/box/pay-ins", {"amount": "50000"})).headers["location"]
    assert (await client.submit(f"{third}/cancellation", {"words": ""})).status_code == 422
    assert (await client.submit(f"{third}/cancellation", {"words": "Ngân hàng nghỉ"})).status_code == 303
    page = (await client.get("/post/box")).text
    assert "Đã bỏ" in page and "Lệch, đã giải thích" in page
    assert (await client.get("/post/box/pay-ins/NQ00000000")).status_code == 404
    await sign_in_as(client, "0912000444", Role.CARRIER)
    assert (await client.get("/post/box")).status_code == 403


ACTS = st.one_of(
    st.tuples(st.just("count"), st.integers(1, 900_000)),
    st.tuples(st.just("take"), st.integers(1, 900_000)),
    st.tuples(st.just("slip"), st.integers(0, 3)),
    st.tuples(st.just("tell"), st.sampled_from((0, 0, -5_000, 7_000))),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
    st.tuples(st.just("explain"), st.sampled_from(list(Explanation))),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, min_size=3, max_size=14))
async def test_any_history_keeps_every_dong(clock: StoppedClock, acts: list[tuple[str, Any]]) -> None:
    """What was counted lies in the box, is on its way, in the bank, a fee, or somebody answers for it."""
    try:
        async with transaction():
            asked, came_dong = await payment(now=clock.now()), 0
            for step, (what, how) in enumerate(acts):
                clock.forward(minutes=5)
                came_dong += how if what == "count" else 0
                await _played(clock, asked, step, what, how)
                assert await wrong_box() == []
            await assert_balanced()
            whole = await ledger.balances("post:")
            bank = await ledger.balance(ledger.PLATFORM_BANK)
            assert (
                sum(dong for name, dong in whole.items() if name != ledger.post_cash(7)) + bank == came_dong
            )
            assert whole.get(ledger.POST_BOX, 0) >= 0
            raise Undone
    except Undone:
        return


async def _played(clock: StoppedClock, asked: PaymentView, step: int, what: str, how: Any) -> None:
    rows = await PayIn.all().order_by("-id")
    now = clock.now()
    try:
        async with transaction():
            if what == "count":
                await counted(how, clock, f"h{step}")
            elif what == "take":
                await prepare_pay_in(how, person_id=THAO, now=now)
            elif rows and what == "slip":
                await note_slip(rows[how % len(rows)].code, f"GNT{step:05}", "", person_id=THAO, now=now)
            elif rows and what == "tell":
                dong = max(1, rows[0].amount_dong + how)
                await bank_tells(clock, rows[0].code, dong, 100 + step, asked=asked)
            elif rows and what == "cancel":
                await cancel_pay_in(rows[how % len(rows)].code, "Thôi", person_id=SON, now=now)
            elif rows and what == "explain":
                await explain_difference(rows[0].code, how, "Đã xem", person_id=SON, now=now)
    except Refusal:
        return
