"""The order on paper and as JSON: both parties, prices as ordered, what was agreed; for its two sides alone."""

from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest

from kit.clock import StoppedClock
from kit.roles import Role
from orders.models import Order, OrderLine
from orders.order_pdf import OrderPaper, PaperLine, order_pdf
from orders.services.paper import order_as_pdf
from tests.conftest import Browser
from tests.factories import HOA, TUAN, listing, pay_order, person, placed, vendor
from vendors.models import IdentityState, Listing, Vendor, VendorIdentity

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def clock() -> StoppedClock:
    """Ten o'clock in Vietnam."""
    return StoppedClock(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


def text_of(content: bytes) -> str:
    """All words of a PDF, blanks as they come."""
    pages = pypdfium2.PdfDocument(content)
    return " ".join(" ".join(str(page.get_textpage().get_text_range()) for page in pages).split())


async def paid(clock: StoppedClock) -> Order:
    """Two goods of a cooperative whose identity the market has checked, bought by somebody who is known."""
    seller, buyer = await vendor(), await person()
    await Vendor.filter(id=seller.id).update(identity_state=IdentityState.VERIFIED)
    await VendorIdentity.create(
        vendor=seller,
        full_name="Đào Thanh Hảo",
        registered_name="Hợp tác xã Chè Hảo Đạt",
        tax_code="4600123456",
        registration_no="1906000012",
        address="Xóm Nam Đồng, xã Tân Cương",
        decided_at=clock.now(),
    )
    tea, honey = await listing(seller), await listing(seller, "Mật ong bạc hà", price_dong=310_000)
    [order] = await placed((tea, 2), (honey, 1), now=clock.now())
    await pay_order(order, now=clock.now())
    await Order.filter(id=order.id).update(
        person_id=buyer.id, old_place="Xã Cúc Đường, huyện Võ Nhai, tỉnh Thái Nguyên"
    )
    return await Order.get(id=order.id)


async def test_it_says_who_what_for_how_much_and_what_was_agreed(clock: StoppedClock) -> None:
    """A price that changes afterwards changes nothing here."""
    order = await paid(clock)
    await Listing.all().update(price_dong=999_000, name="Tên khác")
    words = text_of(await order_as_pdf(order, base_url="https://cho.example", now=clock.now()))
    for said in (
        order.code,
        "Hợp tác xã Chè Hảo Đạt",
        "Mã số thuế 4600123456",
        "Số đăng ký 1906000012",
        "Chợ đã xác minh",
        "Nguyễn Thị Hoa",
        "Xã La Hiên",
        "Tên cũ: Xã Cúc Đường",
        "Chè móc câu",
        "440.000",
        "Mật ong bạc hà",
        "310.000",
        "Tổng cộng",
        "19/2023/QH15",
        "trong 30 ngày",
        "tờ 1/1",
    ):
        assert said in words, said
    assert "999.000" not in words and "Tên khác" not in words


def test_many_lines_and_long_names_go_over_pages() -> None:
    """Nothing runs over the foot of a page or is lost."""
    lines = [
        PaperLine(f"Hàng số {n} " + "rất dài " * 20, ("Lô LABC", "chừng 2 kg"), "1 gói", "1.000 ₫", "1.000 ₫")
        for n in range(60)
    ]
    words = OrderPaper(
        "DH12345678", "lúc nào", "Tình trạng", ("Bên bán",) * 9, ("Bên mua",), lines,
        [("Tổng cộng", "60.000 ₫")], [("Trả hàng", "chữ " * 300)], [("hôm nay", "Đặt hàng")], "bây giờ", "https://a.vn",
    )  # fmt: skip
    content = order_pdf(words, made_at=datetime(2026, 11, 21, tzinfo=UTC))
    text = text_of(content)
    pages = len(pypdfium2.PdfDocument(content))
    assert all(f"Hàng số {n} " in text for n in range(60)) and f"tờ {pages}/{pages}" in text and pages > 3


async def test_both_sides_read_it_and_nobody_else(
    client: Browser, sign_in_as: Any, clock: StoppedClock
) -> None:
    order = await paid(clock)
    path = f"/orders/{order.code}/order.pdf"
    assert (await client.get(path)).status_code == 404
    await sign_in_as(client, HOA)
    got = await client.get(path)
    assert got.headers["content-type"] == "application/pdf" and got.content.startswith(b"%PDF")
    assert got.headers["cache-control"] == "no-store"
    assert path in (await client.get(f"/orders/{order.code}")).text
    await sign_in_as(client, TUAN, (Role.VENDOR, str(order.vendor_id)))
    assert (await client.get(path)).status_code == 200
    assert path in (await client.get(f"/sell/orders/{order.code}")).text
    await sign_in_as(client, "+84973111222", (Role.VENDOR, str(order.vendor_id + 1)))
    assert (await client.get(path)).status_code == 404


async def test_the_contract_as_json(client: Browser, sign_in_as: Any, clock: StoppedClock) -> None:
    order = await paid(clock)
    assert (await client.get(f"/api/v1/orders/{order.code}/contract")).status_code == 404
    await sign_in_as(client, HOA)
    said = (await client.get(f"/api/v1/orders/{order.code}/contract")).json()
    assert said["seller_tax_code"] == "4600123456" and said["pdf_url"] == f"/orders/{order.code}/order.pdf"
    assert [one["sum_dong"] for one in said["lines"]] == [440_000, 310_000]
    assert {one["about"] for one in said["terms"]} >= {"Giao hàng", "Trả tiền", "Trả hàng", "Khiếu nại"}


async def test_a_person_as_seller_keeps_their_number(clock: StoppedClock) -> None:
    """An unchecked seller is said to be so, and no number of theirs stands there."""
    [order] = await placed((await listing(), 1), now=clock.now())
    await OrderLine.all().update(
        estimate_g=2000, price_per_kg_dong=90_000, band_percent=10, final_weight_g=1900, less_dong=9000
    )
    words = text_of(await order_as_pdf(order, base_url="https://cho.example", now=clock.now()))
    assert "Chợ chưa xác minh" in words and "Mã số thuế" not in words
    assert "Cân lúc gói: 1,9 kg, trả lại 9.000" in words and "Bán theo cân" in words
