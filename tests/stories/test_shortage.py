"""A seller lacks pieces of what was paid: the buyer takes the rest, or has all called off, and the money goes back."""

from playwright.sync_api import Page, expect

from tests.stories.test_fetching import fill_address, pay, place, put_in_basket
from tests.stories.town import HIEN, MINH, Town, assert_balanced, keep_picture

WHY = "Mưa lớn, hái không đủ."
TAKES = "Nhận phần còn lại"
CANCELS = "Hủy cả đơn"


def test_the_buyer_takes_the_rest_and_the_missing_pieces_money_goes_back(town: Town) -> None:
    """Said line by line with a why; the order is packed once it is answered; the refund waits for its account."""
    shopper, seller = town.person(MINH).new_page(), town.person(HIEN).new_page()
    order = bought(town, shopper, pieces=3)
    lacks(seller, order, there=1)
    expect(seller.get_by_text("Chưa gói vội.")).to_be_visible()
    expect(shopper.get_by_text("Người bán không đủ hàng")).to_be_visible()
    expect(shopper.locator("#short")).to_contain_text("còn 1 trên 3")
    keep_picture(shopper, "short-1-asked", whole=True)
    shopper.get_by_role("button", name=TAKES).click()
    expect(shopper.get_by_text("Bạn nhận phần còn lại;")).to_be_visible()
    expect(shopper.get_by_text("Tiền hoàn lại bạn").first).to_be_visible()
    keep_picture(shopper, "short-2-taken", whole=True)
    seller.goto(f"/sell/orders/{order}")
    expect(seller.get_by_text("Khách nhận phần còn lại").first).to_be_visible()
    seller.get_by_role("button", name="Gói xong").click()
    expect(seller.get_by_text("Gói xong lúc")).to_be_visible()
    assert_balanced(town.market)


def test_the_buyer_calls_all_off_and_gets_everything_back(town: Town) -> None:
    """The choice is made by keyboard; the seller reads not to pack, and what is there is on the shelf again."""
    shopper, seller = town.person(MINH).new_page(), town.person(HIEN).new_page()
    order = bought(town, shopper, pieces=2)
    lacks(seller, order, there=1)
    cancel = shopper.get_by_role("button", name=CANCELS)
    expect(cancel).to_be_visible()
    cancel.focus()
    shopper.keyboard.press("Enter")
    expect(shopper.get_by_text("Cả đơn đã hủy; bạn được hoàn đủ tiền.")).to_be_visible()
    expect(shopper.locator(".order-state")).to_have_text("Đã hủy")
    seller.goto(f"/sell/orders/{order}")
    expect(seller.get_by_text("Đơn thiếu hàng đã hủy")).to_be_visible()
    expect(seller.get_by_role("button", name="Gói xong")).to_have_count(0)
    keep_picture(seller, "short-3-called-off", whole=True)
    assert_balanced(town.market)


def bought(town: Town, shopper: Page, *, pieces: int) -> str:
    """A paid order of so many; its code."""
    put_in_basket(shopper, "na la hien", "Na La Hiên")
    shopper.goto("/basket")
    shopper.locator("input[name=quantity]").first.fill(str(pieces))
    shopper.locator("input[name=quantity]").first.press("Enter")
    fill_address(shopper)
    order = place(shopper)
    pay(town, shopper)
    return order


def lacks(seller: Page, order: str, *, there: int) -> None:
    """The seller says on the sale's page that only so many can be packed."""
    seller.goto(f"/sell/orders/{order}")
    seller.get_by_role("link", name="Không đủ hàng để gói?").click()
    seller.locator("input[name^=packed_]").first.fill(str(there))
    seller.get_by_role("button", name="Báo khách").click()
    expect(seller.locator("#f-reason")).to_be_visible()
    seller.locator("#f-reason").fill(WHY)
    seller.get_by_role("button", name="Báo khách").click()
    expect(seller.get_by_text("Đã báo khách: thiếu hàng")).to_be_visible()
