"""One running market and one Chromium for all stories; people leave when their story ends."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.running import RunningMarket, end_market, new_market
from tests.stories.town import SignedIn, Town, keep_picture

NAMES = ("chromium", "chromium-browser", "google-chrome")
LIGHT = "chromium-headless-shell"  # the same engine without a desktop around it, for a third of the processor time
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """The browser of this machine: CHROMIUM, else one on PATH. Without one CI fails and others skip."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("No Chromium here, and browser tests are never silently skipped in CI.")
    pytest.skip("No Chromium here: install it, or say CHROMIUM=/path/to/it, to run the stories.")


@pytest.fixture(scope="package")
def running_market() -> Iterator[RunningMarket]:
    """The market as `make run` starts it, in a folder of its own, for all stories."""
    chromium_path()
    market = new_market()
    try:
        market.start()
        yield market
        market.assert_log_knows_nobody()
    finally:
        end_market(market)


@pytest.fixture(scope="package")
def signed_in() -> dict[str, SignedIn]:
    """The cookies of people who have signed in already: nobody gets codes without end."""
    return {}


# For one file only: while it is open its event loop runs, and the async tests of other files need their own.
@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium, as it is installed; the light one where a file does not ask for the whole (NEEDS_A_DESKTOP)."""
    path = chromium_path()
    if not (os.environ.get("CHROMIUM") or getattr(request.module, "NEEDS_A_DESKTOP", False)):
        path = shutil.which(LIGHT) or path
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def town(
    browser: Browser,
    running_market: RunningMarket,
    signed_in: dict[str, SignedIn],
    request: pytest.FixtureRequest,
) -> Iterator[Town]:
    """The town for one story; its people close their browsers afterwards."""
    yield Town(running_market, browser, signed_in)
    for number, context in enumerate(browser.contexts):
        if getattr(request.node, "failed_here", False):
            keep_failure(context, f"{request.node.name}-{number}")
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Notes for the fixture above that a story went wrong."""
    report = yield
    item.failed_here = getattr(item, "failed_here", False) or report.failed  # type: ignore[attr-defined]
    return report


def keep_failure(context: BrowserContext, name: str) -> None:
    """What everybody saw when the story went wrong."""
    for number, page in enumerate(context.pages):
        keep_picture(page, f"failed/{name.replace('/', '_')}-{number}")
