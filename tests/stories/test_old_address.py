"""Somebody orders with the address they have always written: three levels, and their ward was divided."""

from playwright.sync_api import expect

from tests.stories.town import MINH, Town, choose_commune, keep_picture

OLD = "Phường Gia Sàng, Thành phố Thái Nguyên, Thái Nguyên"
NEW = "Phường Phan Đình Phùng, Thái Nguyên"


def test_an_address_as_it_was_before_july_2025(town: Town) -> None:
    """Typed with its district, found with what it became, chosen, read back, and kept on the order."""
    page = town.person(MINH).new_page()
    page.goto("/search?q=mien+viet+cuong")
    page.get_by_role("link", name="Miến").first.click()
    page.get_by_role("button", name="Bỏ vào giỏ").click()
    page.goto("/checkout")
    page.get_by_label("Tên người nhận").fill("Trần Văn Minh")
    page.get_by_label("Số nhà, đường hoặc thôn, xóm").fill("Số 8, tổ 11")
    choose_commune(page, "gia sang, thai nguyen", f"{NEW} ({OLD})")
    keep_picture(page, "old-address-1", whole=True)
    page.get_by_role("button", name="Tính phí giao").click()
    expect(page.get_by_text(OLD)).to_be_visible()
    keep_picture(page, "old-address-2-review", whole=True)
    page.get_by_role("button", name="Đặt hàng").click()
    page.wait_for_url("**/orders/*")
    expect(page.get_by_text(f"Tên cũ: {OLD}")).to_be_visible()
    expect(page.get_by_text(NEW)).to_be_visible()
    keep_picture(page, "old-address-3-order", whole=True)
    assert town.complaints == []
