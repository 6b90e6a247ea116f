"""The pages of buyers and sellers: what they show, whom they show it to, and what bad input gets."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest

from accounts.models import AuditEntry
from accounts.services import person_of
from kit.clock import StoppedClock
from kit.roles import Role
from kit.settings import Settings
from orders.models import BasketLine, Order
from orders.services import Buyer, reference_of
from payments.services import payment_for
from postal.services import delivery_code
from postal.staff_carrier import Act
from tests.conftest import Browser, Queries
from tests.factories import LA_HIEN, carried, listing, pay_order, placed, vendor
from vendors.models import Listing, Vendor

pytestmark = pytest.mark.usefixtures("books")
ADDRESS = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0912 345 678",
    "line": "Xóm Cây Bòng",
    "commune": "Xã La Hiên, Thái Nguyên",
    "commune_code": LA_HIEN,
}


def hidden(page: str, name: str) -> str:
    """The value of a hidden field, the last of that name."""
    found = re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"no {name}"
    return found[-1]


async def reviewed(client: Browser, **changes: str) -> dict[str, str]:
    """What the review page would send."""
    page = await client.submit("/checkout", {**ADDRESS, **changes})
    assert page.status_code == 200, page.text
    return {
        **ADDRESS,
        **changes,
        "order_key": hidden(page.text, "order_key"),
        "seen": hidden(page.text, "seen"),
    }


async def line_of(goods: Listing) -> int:
    """The number of the only line with these goods."""
    return int((await BasketLine.get(listing_id=goods.id)).id)


async def test_a_guest_buys_without_script_or_account(client: Browser) -> None:
    """Basket, address, review, order: four forms, and the order's page asks for the transfer."""
    tea = await listing()
    answer = await client.submit("/basket/lines", {"listing": tea.code, "quantity": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/basket")
    assert "basket_count=1" in answer.headers["set-cookie"]
    assert "Chè móc câu" in (await client.get("/basket")).text
    assert (await client.get("/checkout")).status_code == 200
    read = await client.submit("/checkout", ADDRESS)
    for words in ("Chè Hảo Đạt", "Xóm Nam Đồng", "440.000", "Phí giao", "30 ngày", "Đặt hàng"):
        assert words in read.text, words
    placed_now = await client.submit("/orders", await reviewed(client))
    assert placed_now.status_code == 303
    order = await Order.get()
    assert placed_now.headers["location"] == f"/orders/{order.code}"
    page = await client.get(f"/orders/{order.code}")
    for words in (
        order.code,
        "0123456789",
        "DAO THANH HAO",
        "Vietcombank",
        "15 phút",
        'http-equiv="refresh"',
    ):
        assert words in page.text, words
    contract = await client.get(f"/orders/{order.code}/contract")
    assert "attachment" in contract.headers["content-disposition"] and "Chè móc câu" in contract.text


async def test_a_double_tap_places_once(client: Browser) -> None:
    """The page's own key makes both answers the same."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    sent = await reviewed(client)
    first, second = await client.submit("/orders", sent), await client.submit("/orders", sent)
    assert first.headers["location"] == second.headers["location"]
    assert await Order.all().count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Cần tên người nhận"),
        ("name", "H", "ít nhất 2"),
        ("name", "H" * 121, "Nhiều nhất 120"),
        ("phone", "", "Cần số điện thoại"),
        ("phone", "12345", "10 chữ số"),
        ("line", "", "Cần số nhà"),
        ("commune", "", "Cần tên xã"),
        ("commune", "Atlantis", "Không có xã, phường nào"),
        ("commune_code", "Tân", "5 chữ số"),
        ("note", "x" * 301, "Nhiều nhất 300"),
    ],
)
async def test_a_wrong_address_is_told_at_its_field(
    client: Browser, field: str, typed: str, sentence: str
) -> None:
    """422, nothing ordered, everything typed is still there."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    sent = {**ADDRESS, "commune_code": "", field: typed}
    for path in ("/checkout", "/orders"):
        answer = await client.submit(path, {**sent, "order_key": "G123456789", "seen": "0" * 32})
        assert answer.status_code == 422
        assert sentence in answer.text
        kept = "Nguyễn Thị Hoa" if field == "line" else "Xóm Cây Bòng"
        assert kept in answer.text and typed in answer.text
    assert not await Order.exists()


async def test_a_commune_that_fits_twice_is_asked_for(client: Browser, places: None) -> None:
    """Without script the page comes back with choices, and the chosen one is taken."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    typed = {**ADDRESS, "commune": "tan", "commune_code": ""}
    asked = await client.submit("/checkout", typed)
    assert asked.status_code == 422 and asked.text.count('name="commune_code" value="') == 2
    assert "Xã Tân Cương" in asked.text and "Chọn một nơi" in asked.text
    chosen = await client.submit("/checkout", {**typed, "commune_code": "05503", "commune_asked": "tan"})
    assert chosen.status_code == 200 and "Xã Tân Cương, Thái Nguyên" in chosen.text
    retyped = {**typed, "commune": "la hien", "commune_code": "05503", "commune_asked": "tan"}
    assert "Xã La Hiên, Thái Nguyên" in (await client.submit("/checkout", retyped)).text


@pytest.mark.parametrize("sent", [{"order_key": "nonsense"}, {"seen": "x"}, {"order_key": "", "seen": ""}])
async def test_a_page_that_is_too_old_orders_nothing(client: Browser, sent: dict[str, str]) -> None:
    """The form's own fields are checked like any other."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    answer = await client.submit("/orders", {**await reviewed(client), **sent})
    assert answer.status_code == 422
    assert not await Order.exists()


async def test_a_price_that_rose_is_read_again(client: Browser) -> None:
    """409 with the new review, and that one may be ordered with the same key."""
    tea = await listing()
    await client.submit("/basket/lines", {"listing": tea.code})
    sent = await reviewed(client)
    await Listing.filter(id=tea.id).update(price_dong=300_000)
    again = await client.submit("/orders", sent)
    assert again.status_code == 409 and "300.000" in again.text and "đọc lại" in again.text
    agreed = {**sent, "seen": hidden(again.text, "seen"), "order_key": hidden(again.text, "order_key")}
    assert (await client.submit("/orders", agreed)).status_code == 303


async def test_goods_that_ran_out_lead_back_to_the_basket(client: Browser) -> None:
    """With the sentence, and the line marked."""
    tea = await listing()
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "2"})
    sent = await reviewed(client)
    await Listing.filter(id=tea.id).update(stock=1)
    answer = await client.submit("/orders", sent)
    assert answer.status_code == 409 and "Chỉ còn 1" in answer.text
    assert (await client.get("/checkout")).headers["location"] == "/basket"


async def test_alcohol_needs_the_tick(client: Browser) -> None:
    """Refused at the box, then ordered."""
    wine = await listing(name="Rượu men lá", kind="wine", is_adult_only=True)
    await client.submit("/basket/lines", {"listing": wine.code})
    refused = await client.submit("/checkout", ADDRESS)
    assert refused.status_code == 422 and "f-is_adult-error" in refused.text
    assert (await client.submit("/orders", await reviewed(client, is_adult="1"))).status_code == 303


@pytest.mark.parametrize("typed", ["", "-1", "100", "hai", "1.5"])
async def test_a_wrong_quantity_is_told_at_its_line(client: Browser, typed: str) -> None:
    """The line stays as it was."""
    tea = await listing(stock=500)
    await client.submit("/basket/lines", {"listing": tea.code, "quantity": "3"})
    answer = await client.submit(f"/basket/lines/{await line_of(tea)}", {"quantity": typed})
    assert answer.status_code == 422 and f"q-{await line_of(tea)}-error" in answer.text
    assert (await BasketLine.get()).quantity == 3


async def test_lines_are_changed_and_taken_out(client: Browser) -> None:
    """Nothing more than forms; 0 takes out as well."""
    tea, buds = await listing(), await listing(await Vendor.first(), name="Chè nõn tôm")
    for one in (tea, buds):
        await client.submit("/basket/lines", {"listing": one.code})
    assert (await client.submit(f"/basket/lines/{await line_of(tea)}", {"quantity": "4"})).status_code == 303
    assert (await BasketLine.get(listing_id=tea.id)).quantity == 4
    await client.submit(f"/basket/lines/{await line_of(tea)}", {"quantity": "0"})
    await client.submit(f"/basket/lines/{await line_of(buds)}/removal")
    assert "Giỏ còn trống" in (await client.get("/basket")).text


@pytest.mark.parametrize("values", [{}, {"listing": "H000000000"}, {"listing": "x" * 41}])
async def test_unknown_goods_go_into_no_basket(client: Browser, values: dict[str, str]) -> None:
    """A page with a sentence, no line."""
    answer = await client.submit("/basket/lines", values)
    assert answer.status_code in (404, 422)
    assert not await BasketLine.exists()


async def test_signing_in_keeps_the_basket_and_remembers_the_address(
    client: Browser, sign_in_as: Callable[..., Any]
) -> None:
    """What the device gathered is the person's; their next checkout proposes the last address."""
    tea = await listing()
    await client.submit("/basket/lines", {"listing": tea.code})
    person = await sign_in_as(client, "0912345678")
    assert "Chè móc câu" in (await client.get("/basket")).text
    await client.submit("/orders", await reviewed(client))
    assert (await Order.get()).person_id == person.id
    await client.submit("/basket/lines", {"listing": tea.code})
    page = (await client.get("/checkout")).text
    assert "Xóm Cây Bòng" in page and "Xã La Hiên, Thái Nguyên" in page


async def test_an_order_is_shown_to_its_own_people(
    client: Browser, browser: Callable[[], Browser], sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    """The buyer, the seller and (on record) an administrator; to others it does not exist."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    await client.submit("/orders", await reviewed(client))
    order = await Order.get()
    paths = [f"/orders/{order.code}{end}" for end in ("", "/state", "/contract")]
    for path in paths:
        assert (await client.get(path)).status_code == 200
    async with browser() as stranger, browser() as seller, browser() as admin, browser() as rival:
        await sign_in_as(seller, "0912000111", (Role.VENDOR, str(order.vendor_id)))
        await sign_in_as(rival, "0912000222", (Role.VENDOR, str(order.vendor_id + 1)))
        await sign_in_as(admin, "0912000333", Role.ADMIN)
        for path in [*paths, f"/orders/{order.code}/events"]:
            assert (await stranger.get(path)).status_code == 404
            assert (await rival.get(path)).status_code == 404
        assert (await stranger.submit(f"/orders/{order.code}/cancellation")).status_code == 404
        assert (await seller.submit(f"/orders/{order.code}/cancellation")).status_code == 404
        assert (await seller.get(paths[0])).status_code == 200
        assert (await admin.get(paths[0])).status_code == 200
    assert await AuditEntry.filter(action="order_read", subject_id=order.code).exists()


async def test_a_persons_order_is_not_the_devices(client: Browser, sign_in_as: Callable[..., Any]) -> None:
    """After signing out on a shared phone the order is not shown."""
    await sign_in_as(client, "0912345678")
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    await client.submit("/orders", await reviewed(client))
    order = await Order.get()
    assert (await client.get(f"/orders/{order.code}")).status_code == 200
    client.cookies.delete("session")
    assert (await client.get(f"/orders/{order.code}")).status_code == 404
    assert order.code not in (await client.get("/orders")).text


async def test_the_page_says_what_came_of_the_money(client: Browser, clock: StoppedClock) -> None:
    """Waiting, too little, paid."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    await client.submit("/orders", await reviewed(client))
    order = await Order.get()
    await pay_order(order, 1, now=clock.now(), amount_dong=order.total_dong - 20_000)
    half = (await client.get(f"/orders/{order.code}")).text
    assert "còn thiếu 20.000" in half.replace("\u00a0", " ") and "qr.svg" in half
    await pay_order(order, 2, now=clock.now(), amount_dong=20_000)
    paid = (await client.get(f"/orders/{order.code}")).text
    assert "Đã nhận tiền" in paid and "qr.svg" not in paid


async def test_the_buyer_takes_an_unpaid_order_back(client: Browser) -> None:
    """One button; the page says so afterwards."""
    await client.submit("/basket/lines", {"listing": (await listing()).code})
    await client.submit("/orders", await reviewed(client))
    order = await Order.get()
    answer = await client.submit(f"/orders/{order.code}/cancellation")
    assert answer.headers["location"] == f"/orders/{order.code}"
    page = (await client.get(f"/orders/{order.code}")).text
    assert "Đã hủy" in page and "qr.svg" not in page


async def test_my_orders_are_read_in_a_few_queries(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, queries: Queries
) -> None:
    """However many there are; pages of twenty."""
    person = await sign_in_as(client, "0912345678")
    tea = await listing(stock=100)
    for _ in range(21):
        await placed((tea, 1), now=clock.now(), buyer=Buyer(person.id, "d" * 22))
    with queries.at_most(6):
        first = await client.get("/orders")
    assert first.text.count('class="list-row"') == 20 and "?page=2" in first.text
    assert (await client.get("/orders?page=2")).text.count('class="list-row"') == 1
    for odd in ("0", "-3", "x", "999999999"):
        assert (await client.get(f"/orders?page={odd}")).status_code == 200


async def test_who_sells_nothing_is_led_aboard(client: Browser, sign_in_as: Callable[..., Any]) -> None:
    """Guests sign in first."""
    assert (await client.get("/sell")).headers["location"].startswith("/sign-in")
    await sign_in_as(client, "0912345678")
    assert (await client.get("/sell")).headers["location"] == "/sell/aboard"
    assert (await client.get("/sell/orders")).status_code == 403


async def test_the_sellers_day(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, queries: Queries
) -> None:
    """Money in, what to pack, what runs low, in a few queries; packing moves an order on, once."""
    seller = await vendor()
    await sign_in_as(client, "0912000111", (Role.VENDOR, str(seller.id)))
    tea = await listing(seller, stock=4)
    [order] = await placed((tea, 1), now=clock.now())
    [waiting] = await placed((tea, 1), now=clock.now())
    await pay_order(order, now=clock.now())
    with queries.at_most(25):
        page = (await client.get("/sell")).text
    assert order.code in page and waiting.code not in page and "Sắp hết hàng" in page
    sale = (await client.get(f"/sell/orders/{order.code}")).text
    assert "Gói xong" in sale and "Nguyễn Thị Hoa" in sale
    for _ in range(2):
        assert (await client.submit(f"/sell/orders/{order.code}/packing")).status_code == 303
    assert "chờ bưu tá" in (await client.get("/sell/state")).text
    unpaid = await client.submit(f"/sell/orders/{waiting.code}/packing")
    assert unpaid.status_code == 409
    assert order.code in (await client.get("/sell/orders")).text


async def test_the_seller_prints_the_copy_and_the_buyer_reads_the_code(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock, run_jobs: Any, settings: Settings
) -> None:
    """The copy at the stall masks phones; the code is the buyer's alone, while the parcel is on its way."""
    [order] = await placed((await listing(), 1), now=clock.now())
    await sign_in_as(client, "0912000111", (Role.VENDOR, str(order.vendor_id)))
    assert (await client.get(f"/sell/orders/{order.code}/label.pdf")).status_code == 404
    await pay_order(order, now=clock.now())
    await run_jobs()
    order = await Order.get(id=order.id)
    assert f"/sell/orders/{order.code}/label.pdf" in (await client.get(f"/sell/orders/{order.code}")).text
    paper = await client.get(f"/sell/orders/{order.code}/label.pdf")
    words = pypdfium2.PdfDocument(paper.content)[0].get_textpage().get_text_range()
    assert "Bản lưu tại quầy" in words and "***" in words
    code = delivery_code(order.parcel_code, settings.secret_key)
    await sign_in_as(client, order.recipient_phone)
    await Order.filter(id=order.id).update(person_id=(await person_of(order.recipient_phone)).id)
    assert code not in (await client.get(f"/orders/{order.code}")).text
    await carried(order.parcel_code, Act.ACCEPT, person_id=1, now=clock.now())
    await run_jobs()
    assert code in (await client.get(f"/orders/{order.code}")).text
    await sign_in_as(client, "0912000222", (Role.VENDOR, str(order.vendor_id + 1)))
    assert (await client.get(f"/sell/orders/{order.code}/label.pdf")).status_code == 404


async def test_a_sale_is_its_sellers_alone(
    client: Browser, sign_in_as: Callable[..., Any], clock: StoppedClock
) -> None:
    """Another seller finds nothing under the code."""
    [order] = await placed((await listing(), 1), now=clock.now())
    await sign_in_as(client, "0912000222", (Role.VENDOR, str(order.vendor_id + 1)))
    assert (await client.get(f"/sell/orders/{order.code}")).status_code == 404
    assert (await client.submit(f"/sell/orders/{order.code}/packing")).status_code == 404


async def test_two_sellers_are_paid_one_after_the_other(client: Browser, clock: StoppedClock) -> None:
    """The page shows how far the purchase is and leads on."""
    tea = await listing()
    noodles = await listing(await vendor("Miến Việt Cường", "mien"), name="Miến dong")
    for one in (tea, noodles):
        await client.submit("/basket/lines", {"listing": one.code})
    await client.submit("/orders", await reviewed(client))
    first, second = await Order.all().order_by("id")
    asked = await payment_for(reference_of(first.id))
    assert asked
    await pay_order(first, now=clock.now())
    page = (await client.get(f"/orders/{first.code}")).text
    assert "1/2" in page and f"/orders/{second.code}" in page and "Trả cho người bán tiếp theo" in page


@pytest.mark.parametrize(("path", "place"), [("/orders", "/me"), ("/basket", "/basket"), ("/", "/")])
async def test_the_bar_marks_where_one_is(client: Browser, path: str, place: str) -> None:
    """One's orders belong to oneself, whose page leads to them."""
    bar = (await client.get(path)).text.partition('class="bottom-bar"')[2].partition("</nav>")[0]
    assert bar.count("aria-current") == 1 and f'href="{place}" aria-current="page"' in bar


@pytest.mark.parametrize("path", ["/basket", "/orders"])
async def test_pages_speak_english_too(client: Browser, path: str) -> None:
    """Nothing Vietnamese is left in the words of the page."""
    client.cookies.set("language", "en")
    page = (await client.get(path)).text
    assert "Giỏ còn trống" not in page and "Chưa có đơn nào" not in page
