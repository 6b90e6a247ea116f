"""Refunds by transfer: asked out of what came, held, done by notice or word, put back, never more than came."""

from collections.abc import AsyncIterator

import pytest

from kit.clock import StoppedClock
from kit.db import locked, transaction
from kit.errors import Conflict, Refusal
from kit.sealed import seal_keys
from kit.settings import Settings
from payments.ledger import balances
from payments.models import Notice, Payment, Refund, RefundEvent, ReturnAccount
from payments.qr import parse
from payments.services import (
    PayerAccount,
    PaymentView,
    RefundSource,
    Settled,
    Wish,
    ask_refund,
    assert_balanced,
    cancel_refund,
    confirm_refund,
    decide_refund,
    doubt_refund,
    owe_part,
    return_to,
    returnable,
    say_return_account,
    settle,
)
from payments.services.refunds.accounts import find_return_account, opened_return, payer_of
from payments.services.refunds.extra import return_extra
from payments.services.refunds.shown import refund_shown
from tests.factories import after, bank, kinds, payment, recorded, told
from tests.factories import bank_notice as line
from vendors.services import load_banks

HOA = PayerAccount("970436", "1029384756", "NGUYEN THI HOA")
PAID, OWED = RefundSource.PAID, RefundSource.OWED


@pytest.fixture(autouse=True)
async def books(db: None) -> AsyncIterator[None]:
    """Whatever a test did, the books hold afterwards."""
    yield
    await assert_balanced()


async def paid(clock: StoppedClock, amount_dong: int = 35_000) -> PaymentView:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=amount_dong)
    return await after(asked)


async def asked_back(asked: PaymentView, dong: int | None, clock: StoppedClock, key: str = "k") -> Refund:
    [number] = await ask_refund(asked.id, Wish(key, PAID, dong, "hàng hỏng"), person_id=7, now=clock.now())
    return await Refund.get(id=number)


async def left(
    asked: PaymentView, refund: Refund, clock: StoppedClock, key: int = 90, **changes: object
) -> Settled:
    """The bank tells of money that left the seller's account with the refund's code."""
    facts = {"is_incoming": False, "content": f"CT DI {refund.code} hoan", "amount_dong": refund.amount_dong}
    number = await recorded(line(asked, key, at=clock.now(), **{**facts, **changes}), now=clock.now())
    async with transaction():
        settled = await settle(number, now=clock.now())
    assert settled is not None
    return settled


async def test_a_refund_holds_the_money_and_the_outgoing_notice_ends_it(
    clock: StoppedClock, settings: Settings
) -> None:
    await bank()
    asked, keys = await paid(clock), seal_keys(settings)
    refund = await asked_back(asked, 10_000, clock)
    assert (refund.state, refund.way, refund.code[:2]) == ("requested", "bank", "HT")
    assert (await balances("order:1:")) == {
        "order:1:paid": -35_000,
        "order:1:given_back": 10_000,
        "order:1:returning": -10_000,
    }
    await say_return_account(asked.id, HOA, person_id=None, now=clock.now(), keys=keys)
    await refund.refresh_from_db()
    assert refund.state == "manual"
    opened = await opened_return(refund, keys)
    assert opened is not None
    qr = parse(opened.qr_text)
    assert (qr.bin, qr.account, qr.amount_dong, qr.purpose) == ("970436", "1029384756", 10_000, refund.code)
    settled = await left(asked, refund, clock)
    assert (settled.verdict, settled.payment_id) == ("refund", asked.id)
    await refund.refresh_from_db()
    assert (refund.state, refund.confirmed_by.partition(":")[0]) == ("succeeded", "notice")
    assert await balances(f"seller:{asked.vendor_id}:") == {f"seller:{asked.vendor_id}:bank": 25_000}
    assert (await balances("order:1:"))["order:1:returning"] == 0
    assert (await kinds(asked))[-1] == "returned"
    assert (await after(asked)).state == "paid"


async def test_the_account_is_sealed_and_shown_by_its_end(clock: StoppedClock, settings: Settings) -> None:
    await bank()
    asked, keys = await paid(clock), seal_keys(settings)
    await say_return_account(asked.id, HOA, person_id=None, now=clock.now(), keys=keys)
    row = await ReturnAccount.get(payment_id=asked.id)
    assert HOA.number not in row.number and "HOA" not in row.holder
    shown = await return_to(asked.id)
    assert shown is not None and (shown.tail, shown.bank_name) == ("4756", "Vietcombank")
    refund = await asked_back(asked, 1_000, clock)
    assert refund.state == "manual", "known before it was asked"
    opened = await refund_shown(refund, keys, person_id=5)
    assert opened.opened is not None and opened.opened.number == HOA.number
    closed = await refund_shown(refund, None, person_id=5)
    assert closed.opened is None and closed.to is not None and closed.to.tail == "4756"


async def test_all_refunds_together_never_pass_what_came(clock: StoppedClock) -> None:
    asked = await paid(clock)
    await asked_back(asked, 20_000, clock, "a")
    with pytest.raises(Refusal) as refused:
        await asked_back(asked, 15_001, clock, "b")
    assert refused.value.field == "amount_dong"
    await asked_back(asked, None, clock, "c")
    assert (await returnable(asked.id)).paid_dong == 0
    with pytest.raises(Conflict):
        await asked_back(asked, 1, clock, "d")


async def test_the_same_key_is_the_same_refund_and_another_wish_is_refused(clock: StoppedClock) -> None:
    asked = await paid(clock)
    first = await asked_back(asked, 20_000, clock)
    assert (await asked_back(asked, 20_000, clock)).id == first.id
    with pytest.raises(Conflict):
        await asked_back(asked, 5_000, clock)


async def test_a_line_goes_back_once(clock: StoppedClock) -> None:
    asked = await paid(clock)
    goods = {"id": 3, "name": "Chè", "pieces": 1, "dong": 20_000, "most_dong": 20_000}
    wish = Wish("a", PAID, 20_000, "", (goods,))
    await ask_refund(asked.id, wish, person_id=7, now=clock.now())
    with pytest.raises(Refusal) as refused:
        wish = Wish("b", PAID, 15_000, "", ({**goods, "dong": 15_000},))
        await ask_refund(asked.id, wish, person_id=7, now=clock.now())
    assert refused.value.field == "lines"


async def test_a_refund_called_off_counts_again(clock: StoppedClock) -> None:
    asked = await paid(clock)
    refund = await asked_back(asked, None, clock)
    await cancel_refund(refund.id, person_id=7, reason="khách đổi ý", now=clock.now())
    assert (await returnable(asked.id)).paid_dong == 35_000
    assert {name: dong for name, dong in (await balances("order:1:")).items() if dong} == {
        "order:1:paid": -35_000
    }
    with pytest.raises(Conflict):
        await cancel_refund(refund.id, person_id=7, reason="lần nữa", now=clock.now())
    with pytest.raises(Conflict):
        await confirm_refund(refund.id, person_id=7, words="", now=clock.now())


async def test_the_sellers_word_ends_it_and_a_notice_proves_it(clock: StoppedClock) -> None:
    asked = await paid(clock)
    refund = await asked_back(asked, None, clock)
    for _ in range(2):
        await confirm_refund(refund.id, person_id=9, words="đưa tiền mặt", now=clock.now())
    await refund.refresh_from_db()
    assert (refund.state, refund.confirmed_by, refund.notice_id) == ("succeeded", "person:9", None)
    await left(asked, refund, clock)
    await refund.refresh_from_db()
    assert refund.notice_id is not None and not refund.needs_review
    assert await balances("seller:") == {f"seller:{asked.vendor_id}:bank": 0}
    kinds_of = await RefundEvent.filter(refund_id=refund.id).order_by("id").values_list("kind", flat=True)
    assert kinds_of == ["requested", "succeeded", "proved"]


async def test_a_buyer_doubts_a_word_but_not_a_bank(clock: StoppedClock) -> None:
    asked = await paid(clock)
    said, seen = await asked_back(asked, 10_000, clock, "a"), await asked_back(asked, 10_000, clock, "b")
    await confirm_refund(said.id, person_id=9, words="", now=clock.now())
    await left(asked, seen, clock)
    await doubt_refund(said.id, person_id=None, now=clock.now())
    with pytest.raises(Conflict):
        await doubt_refund(seen.id, person_id=None, now=clock.now())
    await said.refresh_from_db()
    assert said.needs_review
    await decide_refund(said.id, came=False, person_id=4, words="sao kê không có", now=clock.now())
    await said.refresh_from_db()
    assert (said.state, said.needs_review) == ("reversed", False)
    assert (await returnable(asked.id)).paid_dong == 25_000


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount_dong": 9_000}, "9000 đồng"),
        ({"account_number": "99999999"}, "from …9999"),
    ],
)
async def test_what_does_not_fit_goes_to_a_person(
    clock: StoppedClock, changes: dict[str, object], why: str
) -> None:
    asked = await paid(clock)
    refund = await asked_back(asked, 10_000, clock)
    await left(asked, refund, clock, **changes)
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("requested", True)
    assert (await RefundEvent.filter(refund_id=refund.id).order_by("-id").first()).note == why  # type: ignore[union-attr]
    await decide_refund(refund.id, came=True, person_id=4, words="đã hỏi ngân hàng", now=clock.now())
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("succeeded", False)


async def test_money_that_bounces_is_a_reverse_entry_and_may_be_asked_again(clock: StoppedClock) -> None:
    asked = await paid(clock)
    refund = await asked_back(asked, None, clock)
    await left(asked, refund, clock)
    back = line(asked, 91, at=clock.now(), content=f"HOAN TRA {refund.code}", amount_dong=35_000)
    number = await recorded(back, now=clock.now())
    async with transaction():
        settled = await settle(number, now=clock.now())
    assert settled is not None and settled.verdict == "refund_back"
    await refund.refresh_from_db()
    assert (refund.state, refund.needs_review) == ("reversed", True)
    assert (await after(asked)).needs_review
    assert await balances("seller:") == {f"seller:{asked.vendor_id}:bank": 35_000}
    assert (await returnable(asked.id)).paid_dong == 35_000


async def test_what_was_over_goes_back_by_itself_once(clock: StoppedClock) -> None:
    asked = await paid(clock, 50_000)
    assert asked.extra_dong == 15_000 and asked.needs_review
    [number] = await return_extra(asked.id, now=clock.now())
    assert await return_extra(asked.id, now=clock.now()) == [number]
    assert (await after(asked)).extra_dong == 0, "on its way"
    refund = await Refund.get(id=number)
    await left(asked, refund, clock)
    done = await after(asked)
    assert (done.needs_review, done.received_dong, done.state) == (False, 35_000, "paid")
    assert await kinds(asked) == ["asked", "over", "returned", "resolved"]


async def test_a_part_is_owed_back_and_lets_the_payment_end(clock: StoppedClock) -> None:
    asked = await payment(now=clock.now())
    await told(asked, now=clock.now(), amount_dong=20_000)
    async with transaction():
        assert await owe_part((await locked(Payment, [asked.id]))[asked.id], now=clock.now()) == 20_000
    assert (await returnable(asked.id)).owed_dong == 20_000
    assert (await after(asked)).received_dong == 0


async def test_the_payers_account_is_known_where_the_provider_tells_it(
    clock: StoppedClock, settings: Settings
) -> None:
    await load_banks()
    asked = await paid(clock)
    refund = await asked_back(asked, None, clock)
    keys = seal_keys(settings)
    assert not await find_return_account(refund.id, now=clock.now(), keys=keys), "SePay names nobody"
    body = (
        '{"data": {"counterAccountNumber": "1029384756", "counterAccountBankId": "970436",'
        ' "counterAccountName": "Nguyễn Thị Hoa"}}'
    )
    await Notice.filter(payment_id=asked.id).update(body=body)
    assert await find_return_account(refund.id, now=clock.now(), keys=keys)
    await refund.refresh_from_db()
    opened = await opened_return(refund, keys)
    assert refund.state == "manual" and opened is not None
    assert (opened.number, opened.holder) == ("1029384756", "NGUYEN THI HOA")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"data": {"counterAccountNumber": "1"}}', '{"data": 3}'])
def test_other_notices_name_nobody(body: str) -> None:
    assert payer_of(Notice(body=body)) is None
