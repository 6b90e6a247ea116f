"""The till's money: asked by QR, on the plate, in cash, noted without signal; right, short, over, twice, late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from orders.models import TillEvent, TillSale
from orders.services import settle_notice
from orders.services.names import till_reference
from orders.services.till.log import Happened, till_news
from orders.services.till.money import cancel_sale, confirm_sale, expire_sales, not_a_sale
from orders.services.till.selling import SaleTyped, make_sale
from orders.services.till.shown import day_sums
from orders.services.till.words import said_of
from orders.states import SaleState, SaleWay
from payments.models import Notice, Refund
from payments.services import PaymentView, balances, payment_for
from payments.services.refunds.extra import return_extra
from tests.factories import bank_notice, listing, recorded, vendor
from vendors.models import Listing, Vendor

pytestmark = pytest.mark.usefixtures("books")
ME = 7


def typed(dong: int = 200_000, way: SaleWay = SaleWay.QR, key: str = "sale-0001", **more: Any) -> SaleTyped:
    """What a seller keys in."""
    return SaleTyped(key, way, dong, **more)


async def asked(sale: TillSale) -> PaymentView:
    """The sale's payment."""
    found = await payment_for(till_reference(sale.id))
    assert found is not None
    return found


async def bank_tells(sale: TillSale, key: int, clock: StoppedClock, **changes: Any) -> None:
    """A transfer for a sale, all that is asked unless told otherwise."""
    notice = bank_notice(await asked(sale), key, **{"at": clock.now(), **changes})
    await settle_notice(await recorded(notice, now=clock.now()), now=clock.now())


async def plate_paid(seller: Vendor, key: int, clock: StoppedClock, dong: int, **changes: Any) -> None:
    """Somebody scans the plate and types the sum."""
    sale = await make_sale(seller.id, typed(key=f"any-{key:06}"), person_id=ME, now=clock.now())
    await cancel_sale(sale.id, person_id=ME, now=clock.now())
    told = bank_notice(await asked(sale), key, at=clock.now(), amount_dong=dong)
    notice = replace(told, **{"content": "NGUYEN THI HOA chuyen tien", **changes})
    await settle_notice(await recorded(notice, now=clock.now()), now=clock.now())


async def fresh(sale: TillSale) -> TillSale:
    """The sale as it is now."""
    return await TillSale.get(id=sale.id)


async def last_words(seller: Vendor, language: str = "vi") -> str:
    """What the till says last."""
    spoken = [said_of(one, language, "north") for one in await till_news(seller.id, 0)]
    return [one.words for one in spoken if one][-1]


async def test_the_right_sum_is_spoken_with_its_unit(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    assert sale.code and (await asked(sale)).rest_dong == 200_000
    await bank_tells(sale, 1, clock)
    now = await fresh(sale)
    assert (now.state, now.received_dong, now.extra_dong) == (SaleState.PAID, 200_000, 0)
    assert await last_words(seller) == "Đã nhận hai trăm nghìn đồng."
    assert await last_words(seller, "en") == "Received two hundred thousand dong."


async def test_a_part_is_named_and_made_up(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(35_000), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock, amount_dong=30_000)
    assert (await fresh(sale)).state is SaleState.WAITING
    short = "Thiếu tiền. Mới nhận ba mươi nghìn đồng, còn thiếu năm nghìn đồng."
    assert await last_words(seller) == short
    await bank_tells(sale, 2, clock)
    assert (await fresh(sale)).state is SaleState.PAID
    assert await last_words(seller) == "Đã nhận đủ ba mươi lăm nghìn đồng."


async def test_too_much_and_twice_are_named(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(35_000), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock, amount_dong=50_000)
    now = await fresh(sale)
    assert (now.state, now.received_dong, now.extra_dong) == (SaleState.PAID, 35_000, 15_000)
    assert await last_words(seller) == "Thừa tiền. Vừa nhận năm mươi nghìn đồng, thừa mười lăm nghìn đồng."
    await bank_tells(sale, 2, clock, amount_dong=35_000)
    again = "Khoản này đã trả rồi. Khách vừa trả thêm ba mươi lăm nghìn đồng."
    assert await last_words(seller) == again


async def test_what_goes_back_is_not_spoken_as_money_that_came(clock: StoppedClock) -> None:
    """Too much is given back by itself; the bank's word of that, and of its coming back, is no sale."""
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock, amount_dong=205_000)
    [refund] = await return_extra((await asked(sale)).id, now=clock.now())
    events = await TillEvent.all().count()
    code = (await Refund.get(id=refund)).code
    for key, is_incoming, extra_dong in ((2, False, 0), (3, True, 5_000)):
        told = {"content": f"HOAN {code}", "amount_dong": 5_000, "is_incoming": is_incoming}
        await bank_tells(sale, key, clock, **told)
        now = await fresh(sale)
        assert (now.state, now.received_dong, now.extra_dong) == (SaleState.PAID, 200_000, extra_dong)
    assert await TillEvent.all().count() == events


async def test_money_after_the_end_is_late(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(35_000), person_id=ME, now=clock.now())
    clock.at += timedelta(minutes=31)
    assert await expire_sales(now=clock.now()) == 1
    assert (await fresh(sale)).state is SaleState.EXPIRED
    await bank_tells(sale, 1, clock, amount_dong=35_000)
    assert (await fresh(sale)).state is SaleState.EXPIRED
    assert (await last_words(seller)).startswith("Tiền đến muộn. Vừa nhận ba mươi lăm nghìn đồng")


async def test_a_repeated_notice_is_one_event(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock)
    before = await TillEvent.all().count()
    await settle_notice((await Notice.get(event_key="1")).id, now=clock.now())
    assert await TillEvent.all().count() == before


async def test_tapped_goods_are_held_then_sold_or_given_back(clock: StoppedClock) -> None:
    seller = await vendor()
    tea = await listing(seller)
    bought = await make_sale(seller.id, typed(0, quantities={tea.id: 2}), person_id=ME, now=clock.now())
    assert bought.amount_dong == 440_000
    assert await shelf(tea) == (8, 2, 0)
    await bank_tells(bought, 1, clock)
    assert await shelf(tea) == (8, 0, 2)
    left = typed(0, key="sale-0002", quantities={tea.id: 3})
    gone = await make_sale(seller.id, left, person_id=ME, now=clock.now())
    await cancel_sale(gone.id, person_id=ME, now=clock.now())
    await cancel_sale(gone.id, person_id=ME, now=clock.now())
    assert await shelf(tea) == (8, 0, 2)
    cash = typed(0, SaleWay.CASH, "sale-0003", quantities={tea.id: 1})
    await make_sale(seller.id, cash, person_id=ME, now=clock.now())
    assert await shelf(tea) == (7, 0, 3)
    with pytest.raises(Refusal):
        many = typed(0, key="sale-0004", quantities={tea.id: 8})
        await make_sale(seller.id, many, person_id=ME, now=clock.now())
    assert not await TillSale.exists(client_key="sale-0004")


async def shelf(goods: Listing) -> tuple[int, int, int]:
    """Stock, reserved and sold pieces."""
    now = await Listing.get(id=goods.id)
    return now.stock, now.reserved, now.sold


async def test_the_sellers_word_pays_and_the_bank_proves_it(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(35_000), person_id=ME, now=clock.now())
    await confirm_sale(sale.id, person_id=ME, now=clock.now())
    await confirm_sale(sale.id, person_id=ME, now=clock.now())
    now = await fresh(sale)
    assert (now.state, now.confirmed_by, now.said_dong) == (SaleState.PAID, ME, 35_000)
    assert (await balances("till:"))[f"till:{sale.id}:said"] == 35_000
    await bank_tells(sale, 1, clock, amount_dong=35_000)
    now, payment = await fresh(sale), await asked(sale)
    assert (now.said_dong, now.received_dong, now.extra_dong) == (0, 35_000, 0)
    assert not payment.needs_review and payment.extra_dong == 0
    assert (await balances("till:"))[f"till:{sale.id}:said"] == 0
    assert (await balances("seller:"))[f"seller:{seller.id}:bank"] == 35_000
    await bank_tells(sale, 2, clock, amount_dong=35_000)
    assert (await asked(sale)).extra_dong == 35_000


async def test_what_lacks_may_come_in_cash(clock: StoppedClock) -> None:
    seller = await vendor()
    sale = await make_sale(seller.id, typed(35_000), person_id=ME, now=clock.now())
    await bank_tells(sale, 1, clock, amount_dong=30_000)
    with pytest.raises(Conflict):
        await cancel_sale(sale.id, person_id=ME, now=clock.now())
    await confirm_sale(sale.id, person_id=ME, now=clock.now(), in_cash=True)
    now = await fresh(sale)
    assert (now.state, now.received_dong, now.noted_dong) == (SaleState.PAID, 30_000, 5_000)
    sums = await day_sums(seller.id, now.day)
    assert (sums.seen_dong, sums.cash_dong, sums.said_dong) == (30_000, 5_000, 0)
    await bank_tells(sale, 2, clock, amount_dong=5_000)
    assert (await asked(sale)).extra_dong == 5_000


async def test_the_plates_money_is_a_sale_nobody_typed(clock: StoppedClock) -> None:
    seller = await vendor()
    await plate_paid(seller, 1, clock, 35_000)
    sale = await TillSale.get(way=SaleWay.PLATE)
    assert (sale.vendor_id, sale.state, sale.received_dong) == (seller.id, SaleState.PAID, 35_000)
    assert await last_words(seller) == "Có người vừa trả ba mươi lăm nghìn đồng."
    assert (await Notice.get(event_key="1")).verdict == "stall"
    assert (await balances("seller:"))[f"seller:{seller.id}:bank"] == 35_000
    assert not any((await balances("suspense:")).values())
    await not_a_sale(sale.id, person_id=ME, now=clock.now())
    assert (await fresh(sale)).state is SaleState.NOT_SALE
    assert not any((await balances("seller:")).values())
    assert (await Notice.get(event_key="1")).verdict == "none"
    assert (await day_sums(seller.id, sale.day)).all_dong == 0


async def test_money_into_an_unknown_or_shared_account_is_nobodys_sale(clock: StoppedClock) -> None:
    seller = await vendor()
    await plate_paid(seller, 1, clock, 35_000, account_number="555566667777")
    await vendor(slug="nguoi-khac")
    await plate_paid(seller, 2, clock, 36_000)
    assert not await TillSale.exists(way=SaleWay.PLATE)
    assert [one.verdict for one in await Notice.all()] == ["none", "none"]


async def test_qr_seen_without_signal_is_paid_by_the_plates_money_once(clock: StoppedClock) -> None:
    seller = await vendor()
    before = await make_sale(
        seller.id, typed(35_000, SaleWay.SEEN, "seen-0001"), person_id=ME, now=clock.now()
    )
    assert before.state is SaleState.TO_CONFIRM
    await plate_paid(seller, 1, clock, 35_000)
    assert (await fresh(before)).state is SaleState.PAID
    await plate_paid(seller, 2, clock, 40_000)
    after = await make_sale(
        seller.id, typed(40_000, SaleWay.SEEN, "seen-0002"), person_id=ME, now=clock.now()
    )
    assert after.state is SaleState.MATCHED
    sums = await day_sums(seller.id, before.day)
    assert (sums.seen_dong, sums.sales) == (75_000, 2)


async def test_a_seen_sale_confirmed_by_word_is_proved_not_doubled(clock: StoppedClock) -> None:
    seller = await vendor()
    note = typed(35_000, SaleWay.SEEN, "seen-0001")
    sale = await make_sale(seller.id, note, person_id=ME, now=clock.now())
    await confirm_sale(sale.id, person_id=ME, now=clock.now())
    assert (await day_sums(seller.id, sale.day)).said_dong == 35_000
    await plate_paid(seller, 1, clock, 35_000)
    sums = await day_sums(seller.id, sale.day)
    assert (sums.seen_dong, sums.said_dong, sums.sales) == (35_000, 0, 1)


async def test_a_key_is_one_sale_and_no_other(clock: StoppedClock) -> None:
    seller = await vendor()
    note = typed(20_000, SaleWay.CASH)
    once = await make_sale(seller.id, note, person_id=ME, now=clock.now())
    again = await make_sale(seller.id, note, person_id=ME, now=clock.now() + timedelta(minutes=5))
    assert once.id == again.id
    with pytest.raises(Conflict) as refused:
        await make_sale(seller.id, typed(25_000, SaleWay.CASH), person_id=ME, now=clock.now())
    assert refused.value.status == 409
    other = await vendor(slug="nguoi-khac")
    assert (await make_sale(other.id, note, person_id=ME, now=clock.now())).id != once.id


@pytest.mark.parametrize("dong", [0, 999, 500_000_000])
async def test_sums_that_no_sale_has_are_refused(clock: StoppedClock, dong: int) -> None:
    with pytest.raises(Refusal) as refused:
        await make_sale((await vendor()).id, typed(dong), person_id=ME, now=clock.now())
    assert refused.value.field == "amount" and not await TillSale.exists()


async def test_a_clock_far_off_is_refused(clock: StoppedClock) -> None:
    seller = await vendor()
    for made_at in (clock.now() - timedelta(days=31), clock.now() + timedelta(hours=1)):
        note = typed(20_000, SaleWay.CASH, made_at=made_at)
        with pytest.raises(Refusal):
            await make_sale(seller.id, note, person_id=ME, now=clock.now())


async def test_events_are_numbered_without_gaps(clock: StoppedClock) -> None:
    seller, other = await vendor(), await vendor(slug="nguoi-khac")
    for number in range(3):
        note = typed(20_000, SaleWay.CASH, f"cash-{number:04}")
        await make_sale(seller.id, note, person_id=ME, now=clock.now())
        await make_sale(other.id, note, person_id=ME, now=clock.now())
    assert [one.seq for one in await till_news(seller.id, 0)] == [1, 2, 3]
    assert [(one.seq, one.kind) for one in await till_news(seller.id, 2)] == [(3, Happened.NOTED)]
