"""Every main page as the right person, on phones and at a desk, in both languages: nothing sticks out or complains."""

import gzip
import re
from dataclasses import dataclass
from html import unescape

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.stories.town import DESK, HIEN, MINH, PHONE, SMALL, SON, THAO, Town, keep_picture

FIRST_PAGE_BYTES, FORM_BYTES, KEPT_BYTES = 60_000, 66_000, 60_000
TARGET_PX = 44
NOBODY = ""


WAITING = r'/orders/[0-9A-Z]{10}(?="(?:(?!href=)[\s\S])*pill-waiting)'  # an order that waits, by its mark in the list
TO_PACK = r'/sell/orders/[0-9A-Z]{10}(?="(?:(?!href=)[\s\S])*pill-good)'  # one that is paid and not packed


@dataclass(frozen=True)
class Screen:
    """A page: who looks at it, its address, or the page (`path`) whose first link like `link` leads to it."""

    name: str
    who: str
    path: str
    link: str = ""


SCREENS = (
    Screen("home", NOBODY, "/"),
    Screen("search", NOBODY, "/search?q=che"),
    Screen("search-nothing", NOBODY, "/search?q=xe+tang"),
    Screen("goods", NOBODY, "/search?q=che+dinh", r"/goods/[^\"?#]+"),
    Screen("goods-for-adults", NOBODY, "/search?q=ruou+men+la", r"/goods/[^\"?#]+"),
    Screen("goods-ratings", NOBODY, r"/search?q=mang+luc+truc>/goods/[^\"?#]+", r"/goods/[^\"?#]+/ratings"),
    Screen("seller", NOBODY, "/markets/cho-thai", r"/sellers/[^\"?#]+"),
    Screen("markets", NOBODY, "/markets"),
    Screen("market", NOBODY, "/markets/cho-thai"),
    Screen("basket-empty", NOBODY, "/basket"),
    Screen("sign-in", NOBODY, "/sign-in"),
    Screen("orders-of-nobody", NOBODY, "/orders"),
    Screen("about", NOBODY, "/about"),
    Screen("about-demo", NOBODY, "/about/demo"),
    Screen("about-ranking", NOBODY, "/about/ranking"),
    Screen("about-privacy", NOBODY, "/about/privacy"),
    Screen("about-rules", NOBODY, "/about/rules"),
    Screen("twin-texts", NOBODY, "/twins/texts"),
    Screen("twin-bank", NOBODY, "/twins/bank"),
    Screen("twin-carriers", NOBODY, "/twins/carriers"),
    Screen("me", MINH, "/me"),
    Screen("me-notices", MINH, "/me/notices"),
    Screen("me-choices", MINH, "/me/notices/choices"),
    Screen("me-consents", MINH, "/me/consents"),
    Screen("me-data", MINH, "/me/data"),
    Screen("orders", MINH, "/orders"),
    Screen("order", MINH, "/orders", r"/orders/[0-9A-Z]{10}"),
    Screen("bank-transfer", MINH, f"/orders>{WAITING}", r"/twins/bank\?code=\w+"),
    Screen("aboard", MINH, "/sell/aboard"),
    Screen("sell-today", HIEN, "/sell"),
    Screen("sell-orders", HIEN, "/sell/orders"),
    Screen("sell-order", HIEN, "/sell/orders", r"/sell/orders/[0-9A-Z]{10}"),
    Screen("sell-short", HIEN, f"/sell>{TO_PACK}", r"/sell/orders/[0-9A-Z]{10}/shortage"),
    Screen("sell-collections", HIEN, "/sell/collections"),
    Screen("sell-ratings", HIEN, "/sell/ratings"),
    Screen("sell-fetching", HIEN, "/sell/fetching"),
    Screen("sell-till-days", HIEN, "/sell/till/days"),
    Screen("sell-till-day", HIEN, "/sell/till/days", r"/sell/till/days/[0-9-]{10}"),
    Screen("sell-refunds", HIEN, "/sell/refunds?all=1"),
    Screen("sell-refund", HIEN, "/sell/refunds?all=1", r"/sell/refunds/[0-9A-Z]{10}"),
    Screen("sell-goods", HIEN, "/sell/listings"),
    Screen("sell-new", HIEN, "/sell/listings/new"),
    Screen("sell-edit", HIEN, "/sell/listings", r"/sell/listings/\w+/edit"),
    Screen("sell-waiting", HIEN, "/sell/waiting"),
    Screen("sell-money", HIEN, "/sell/money"),
    Screen("sell-book", HIEN, "/sell/money/book"),
    Screen("sell-book-month", HIEN, "/sell/money/book/entries"),
    Screen("sell-book-line", HIEN, "/sell/money/book/entries", r"/sell/money/book/entries/\d+"),
    Screen("sell-book-floors", HIEN, "/sell/money/book/floors"),
    Screen("sell-book-print", HIEN, "/sell/money/book/s1a"),
    Screen("sell-book-accounts", HIEN, "/sell/money/book/accounts/print"),
    Screen("sell-post", HIEN, "/sell/post"),
    Screen("sell-post-prices", HIEN, "/sell/post/prices?commune=Phường+Cầu+Giấy,+Hà+Nội&weight_g=2300"),
    Screen("post", THAO, "/post"),
    Screen("post-deliveries", THAO, "/post/deliveries"),
    Screen("post-scan", THAO, "/post/scan?act=accept"),
    Screen("post-book", THAO, "/post/book"),
    Screen("post-kept", THAO, "/post/kept"),
    Screen("post-hand-over", THAO, "/post/hand-overs", r"/post/hand-overs/[0-9]+"),
    Screen("post-round", THAO, "/post/round"),
    Screen("post-hand-overs", THAO, "/post/hand-overs"),
    Screen("post-debriefs", THAO, "/post/debriefs"),
    Screen("post-debrief", THAO, "/post/debriefs", r"/post/debriefs/[0-9]+"),
    Screen("post-statements", THAO, "/post/statements"),
    Screen("post-batches", THAO, "/post/batches"),
    Screen("post-watch", THAO, "/post/watch"),
    Screen("post-problems", THAO, "/post/problems"),
    Screen("post-areas", THAO, "/post/areas"),
    Screen("post-offices", NOBODY, "/post-offices"),
    Screen("post-office", THAO, "/post-offices", r"/post/offices/[0-9]+"),
    Screen("post-parcel", THAO, "/post", r"/post/parcels/[0-9A-Z]{13}"),
    Screen(
        "post-correction", THAO, "/post>/post/parcels/[0-9A-Z]{13}", r"/post/parcels/[0-9A-Z]{13}/correction"
    ),
    Screen("post-label", THAO, "/post>/post/parcels/[0-9A-Z]{13}", r"/post/parcels/[0-9A-Z]{13}/label"),
    Screen(
        "post-not-delivered", THAO, "/post/deliveries", r"/post/parcels/[0-9A-Z]{13}/acts/new\?act=fail[^\"]*"
    ),
    Screen("admin", SON, "/admin"),
    Screen("admin-operations", SON, "/admin/operations"),
    Screen("admin-goods", SON, "/admin/listings"),
    Screen("admin-sellers", SON, "/admin/vendors"),
    Screen("admin-payments", SON, "/admin/payments"),
    Screen("admin-payment", SON, "/admin/payments", r"/admin/payments/[0-9A-Z]{10}"),
    Screen("admin-notice", SON, "/admin/payments", r"/admin/payments/notices/\d+"),
    Screen("admin-people", SON, "/admin/people?q=0912000001"),
    Screen("admin-person", SON, "/admin/people?q=0912000001", r"/admin/people/\d+"),
    Screen("admin-audit", SON, "/admin/audit"),
    Screen("admin-claims", SON, "/admin/claims?show=ended"),
    Screen("admin-refunds", SON, "/admin/refunds?all=1"),
    Screen("admin-requests", SON, "/admin/requests"),
    Screen("admin-market", SON, "/board/markets/cho-thai"),
    Screen("admin-dead-letters", SON, "/admin/dead-letters"),
)

FAULTS = f"""() => {{
  const found = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) {{
    const wide = [...document.body.querySelectorAll("*")]
      .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => `${{one.tagName}}.${{one.className}}`);
    found.push(`scrolls sideways: ${{page.scrollWidth}} px, ${{wide.slice(0, 3)}}`);
  }}
  const titles = document.querySelectorAll("h1").length;
  if (titles !== 1) found.push(`${{titles}} h1`);
  if (innerWidth < 600) {{
    const bars = ".bottom-bar a, .side-bar a, .action-bar a, .action-bar button, "
      + ".site-header a, .site-header button, .chip, .button, .demo-strip";
    for (const one of document.querySelectorAll(bars)) {{
      const height = one.getBoundingClientRect().height;
      if (one.checkVisibility() && height < {TARGET_PX}) found.push(`${{height}} px high: ${{one.textContent.trim()}}`);
    }}
  }}
  return found;
}}"""


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_page_fits_its_screen(town: Town, screen: Screen) -> None:
    """No sideways scroll, one h1, thumb-sized targets, an answer below 400, and no complaint of the browser."""
    faults = [fault for language in ("vi", "en") for fault in faults_of(town, screen, language)]
    assert faults + town.complaints == []


def faults_of(town: Town, screen: Screen, language: str) -> list[str]:
    """What is wrong with a page in one language, on a phone, on one of the smallest, and then at the desk."""
    context = town.person(screen.who) if screen.who else town.guest()
    context.add_cookies([{"name": "language", "value": language, "url": town.market.url}])
    page = context.new_page()
    answer = page.goto(address_of(context, screen))
    assert answer is not None and answer.status < 400, f"{answer and answer.status}"
    assert page.locator("html").get_attribute("lang") == language
    faults = []
    for where, size in (("phone", PHONE), ("small phone", SMALL), ("desk", DESK)):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        faults += [f"{language} {where}: {fault}" for fault in page.evaluate(FAULTS)]
        if language == "vi" and size is not SMALL:
            keep_picture(page, f"screens/{screen.name}-{where}", whole=where == "phone")
    return faults


def address_of(context: BrowserContext, screen: Screen) -> str:
    """The address of a page that is found by following links; each step is a pattern of the link to take."""
    address, *steps = screen.path.split(">")
    for pattern in [*steps, *([screen.link] if screen.link else [])]:
        found = re.search(f'href="({pattern})"', unescape(context.request.get(address).text()))
        assert found is not None, f"{address} links to no {pattern}"
        address = found.group(1)
    return address


def test_what_is_lost_is_told_in_the_look_of_the_market(town: Town) -> None:
    """A wrong address answers 404 with a page that fits too."""
    page = town.guest().new_page()
    answer = page.goto("/goods/NOTHING")
    assert answer is not None and answer.status == 404
    assert page.evaluate(FAULTS) == []
    keep_picture(page, "screens/lost-phone")
    assert all("404" in one for one in town.complaints)


def test_the_first_page_is_light(town: Town) -> None:
    """Its HTML, CSS and script weigh at most 60 kB as sent; photos and drawings not counted."""
    weights = sent_bytes(town.guest().new_page())
    counted = sum(weights.get(kind, 0) for kind in ("Document", "Stylesheet", "Script"))
    assert 5_000 < counted <= FIRST_PAGE_BYTES, weights


def test_the_form_of_goods_is_light_and_so_is_what_the_phone_keeps_of_it(town: Town) -> None:
    """The longest form with all its modules: 66 kB, 1.3 s at 400 kbit/s; then the files of the worker, once."""
    weights = sent_bytes(town.person(HIEN, service_workers="block").new_page(), "/sell/listings/new")
    counted = sum(weights.get(kind, 0) for kind in ("Document", "Stylesheet", "Script"))
    assert 5_000 < counted <= FORM_BYTES, weights
    client = town.guest().request
    script = client.get("/sw.js").text()
    kept = [client.get(address).body() for address in re.findall(r'"(/static/[^"]+)"', script)]
    assert len(kept) > 20 and sum(len(gzip.compress(one, 4)) for one in kept) <= KEPT_BYTES


def sent_bytes(page: Page, path: str = "/") -> dict[str, int]:
    """What came over the wire for a page, headers included, by kind of file."""
    kinds: dict[str, str] = {}
    weights: dict[str, int] = {}
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceived", lambda seen: kinds.update({seen["requestId"]: seen["type"]}))

    def came(seen: dict[str, object]) -> None:
        kind = kinds.get(str(seen["requestId"]), "Other")
        weights[kind] = weights.get(kind, 0) + int(float(str(seen["encodedDataLength"])))

    wire.on("Network.loadingFinished", came)
    page.goto(path, wait_until="networkidle")
    return weights
