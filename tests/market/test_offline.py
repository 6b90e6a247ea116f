"""What the phone keeps: the service worker and its files, the offline page, whose page is whose."""

import re
from pathlib import Path
from typing import Any

from kit.roles import Role
from market.shell import shell_assets
from tests.conftest import Browser
from tests.factories import vendor

ROOT = Path(__file__).resolve().parents[2]
KEPT_PAGES = ("/offline", "/sell/listings/new", "/sell/waiting")
ROUND = "/post/round"


async def test_the_worker_is_served_for_the_whole_market_and_asked_for_anew(
    db: None, client: Browser
) -> None:
    answer = await client.get("/sw.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["service-worker-allowed"] == "/"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_the_worker_changes_with_its_files(db: None, client: Browser) -> None:
    script = (await client.get("/sw.js")).text
    for address in shell_assets():
        assert f'"{address}"' in script
    assert re.search(r'"version": "[0-9a-f]{12}"', script)


async def test_every_file_of_the_worker_is_there(db: None, client: Browser) -> None:
    for address in shell_assets():
        assert (await client.get(address)).status_code == 200, address


async def test_kept_pages_need_no_file_that_is_not_kept(db: None, client: Browser, sign_in_as: Any) -> None:
    """Neither in the page nor imported by a module of it."""
    made = await vendor()
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(made.id)))
    kept = set(shell_assets())
    for path in (*KEPT_PAGES, ROUND):
        if path == ROUND:
            await sign_in_as(client, "0912345679", Role.CARRIER)
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["x-kept-offline"]) == (200, "yes")
        assert set(re.findall(r'"(/static/[^"#]+)', answer.text)) <= kept, path
    names = {address.split("?")[0] for address in kept}
    for module in (ROOT / "static" / "js").glob("*.js"):
        if f"/static/js/{module.name}" not in names:
            continue
        for name in re.findall(r'^import .* from "\./([a-z_]+\.js)"', module.read_text(), re.M):
            assert f"/static/js/{name}" in names, f"{module.name} imports {name}"


async def test_only_pages_that_say_so_are_kept(db: None, client: Browser, sign_in_as: Any) -> None:
    """Lists, sums and orders are never left in a phone."""
    made = await vendor()
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(made.id)))
    for path in ("/", "/me", "/sell", "/sell/listings", "/sell/money", "/orders", "/basket"):
        assert "x-kept-offline" not in (await client.get(path)).headers, path
    refused = await client.submit("/sell/listings", {"name": ""})
    assert refused.status_code == 422 and "x-kept-offline" not in refused.headers


async def test_a_page_tells_whose_it_is_without_telling_who(db: None, browser: Any, sign_in_as: Any) -> None:
    owners = []
    for phone in ("0912345678", "0987654321", "0912345678"):
        async with browser() as one:
            person = await sign_in_as(one, phone)
            page = await one.get("/me")
            owners.append(page.headers["x-page-of"])
            assert f'data-page-of="{owners[-1]}"' in page.text
            assert str(person.id) != owners[-1] and phone not in owners[-1]
            assert (await one.get("/form-token")).json()["of"] == owners[-1]
    async with browser() as stranger:
        assert (await stranger.get("/")).headers["x-page-of"] == "nobody"
        told = await stranger.get("/form-token")
        assert told.json()["of"] == "nobody" and told.headers["cache-control"] == "no-store"
    assert owners[0] == owners[2] != owners[1]


async def test_a_fresh_token_is_good_for_a_form(db: None, client: Browser) -> None:
    token = (await client.get("/form-token")).json()["token"]
    answer = await client.post("/language", data={"csrf": token, "to": "en", "back": "/"})
    assert answer.status_code == 303


async def test_the_worker_starts_only_where_people_work(db: None, client: Browser, sign_in_as: Any) -> None:
    """A shopper's first page carries none of it."""
    assert "offline_shell" not in (await client.get("/")).text
    made = await vendor()
    await sign_in_as(client, "0912345678", (Role.VENDOR, str(made.id)))
    assert "offline_shell" not in (await client.get("/")).text
    page = (await client.get("/sell/listings")).text
    assert (
        "offline_shell" in page
        and 'data-keep-pages="/sell/listings/new /sell/waiting /sell/till/note"' in page
    )


async def test_the_offline_page_holds_no_form_and_nobody(db: None, client: Browser) -> None:
    page = (await client.get("/offline")).text
    assert "<form" not in page and "csrf" not in page and "Chưa có mạng" in page
