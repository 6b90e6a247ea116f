"""From the first page to an order with the Tab and Enter keys alone: nothing out of reach, focus always in sight."""

import pytest
from playwright.sync_api import Page, expect

from tests.stories.town import DESK, HIEN, MINH, PHONE, THAO, Town, keep_picture

STOPS_MAX = 150
# What has the focus: a number of its own, whether an outline shows it, and whether all of it is under something (of
# rows that scroll and are longer than the screen, the part that is on it).
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  window.stops ??= new Map();
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
  const ringed = one.closest(".product-card, .choice-card") ?? one;
  const has = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  };
  const whole = one.getClientRects()[0] ?? one.getBoundingClientRect();
  const high = Math.min(whole.bottom, innerHeight) - Math.max(whole.y, 0);
  const box = whole.height > innerHeight ? new DOMRect(whole.x, Math.max(whole.y, 0), whole.width, high) : whole;
  const places = [[.1, .2], [.9, .2], [.5, .5], [.1, .8], [.9, .8]];
  const over = places.map(([x, y]) => document.elementFromPoint(box.x + box.width * x, box.y + box.height * y));
  return {
    stop: window.stops.get(one),
    name: `${one.tagName} ${one.id} ${one.getAttribute("href")} ${one.textContent.trim().slice(0, 40)}`,
    is_ringed: has(one) || has(ringed),
    is_covered: !over.some((found) => found && (one.contains(found) || ringed.contains(found))),
  };
}"""


def next_stop(page: Page) -> dict[str, object] | None:
    """Presses Tab; whatever has the focus then is outlined and not covered."""
    page.keyboard.press("Tab")
    stop = page.evaluate(FOCUS)
    if stop:
        assert stop["is_ringed"], f"no focus to be seen on {stop['name']} of {page.url}"
        assert not stop["is_covered"], f"something covers {stop['name']} of {page.url}"
    return dict(stop) if stop else None


def tab_to(page: Page, wanted: str) -> None:
    """Tab by Tab to the element that fits a selector."""
    passed: list[object] = []
    for _ in range(STOPS_MAX):
        stop = next_stop(page)
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
        if stop:
            assert stop["stop"] not in passed, f"never came to {wanted} on {page.url}"
            passed.append(stop["stop"])
    raise AssertionError(f"{wanted} is too far away on {page.url}")


def press_at(page: Page, wanted: str, then: str) -> None:
    """Tab to it, Enter, and the page that follows."""
    tab_to(page, wanted)
    with page.expect_navigation(url=then):
        page.keyboard.press("Enter")


def type_into(page: Page, wanted: str, text: str) -> None:
    """Tab to a field and type."""
    tab_to(page, wanted)
    page.keyboard.type(text)


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_an_order_by_keys_alone(town: Town, screen: dict[str, int]) -> None:
    """Search, open, put into the basket, the address, the order."""
    page = town.guest(viewport=screen).new_page()
    page.goto("/")
    type_into(page, "#site-q", "na la hien")
    with page.expect_navigation(url="**/search?q=*"):
        page.keyboard.press("Enter")
    press_at(page, ".product-name a", "**/goods/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Na La Hiên")
    press_at(page, "form[action='/basket/lines'] button", "**/basket")
    press_at(page, "a[href='/checkout']", "**/checkout")
    type_into(page, "#f-name", "Ma Thị Lan")
    type_into(page, "#f-phone", "0977654321")
    type_into(page, "#f-commune", "Phường Phan Đình Phùng, Thái Nguyên")
    type_into(page, "#f-line", "Số 3, tổ 4")
    keep_picture(page, f"keyboard-address-{screen['width']}")
    press_at(page, "button[value=review]", "**/checkout")
    press_at(page, "form[action='/orders'] .button-main", "**/orders/*")
    expect(page.locator(".qr-code img")).to_be_visible()
    tab_to(page, ".pay-rows button")
    assert town.complaints == []


def test_the_skip_link_leads_past_the_header(town: Town) -> None:
    """The first Tab shows it, Enter goes to what the page is about."""
    page = town.guest().new_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    expect(page.locator(".skip-link")).to_be_in_viewport()
    keep_picture(page, "keyboard-skip-link")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    next_stop(page)
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["/", "/search?q=che", "/checkout", "/sign-in", "/markets", "/twins/bank"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_tab_walks_through_the_whole_page_and_out(town: Town, path: str, screen: dict[str, int]) -> None:
    """Every link, button and field is reached once, each is seen, and none holds the focus back."""
    walk_through(town.guest(viewport=screen).new_page(), path)


@pytest.mark.parametrize(
    ("phone", "path"),
    [
        (THAO, "/post"),
        (THAO, "/post/deliveries"),
        (THAO, "/post/book"),
        (THAO, "/post/watch"),
        (THAO, "/post/statements"),
        (HIEN, "/sell/orders"),
        (MINH, "/me/notices"),
    ],
)
def test_tab_walks_through_the_pages_of_work(town: Town, phone: str, path: str) -> None:
    """The same for those who work with a keyboard all day; rows that scroll bring what has the focus into sight."""
    walk_through(town.person(phone).new_page(), path)


def walk_through(page: Page, path: str) -> None:
    """Tab by Tab through a page; every stop is reached once."""
    page.goto(path)
    reachable = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility() && !one.disabled && one.type !== "hidden" && one.tabIndex >= 0).length"""
    )
    reached = set()
    for _ in range(STOPS_MAX):
        stop = next_stop(page)
        if not stop or stop["stop"] in reached:
            break
        reached.add(stop["stop"])
    assert len(reached) == reachable
