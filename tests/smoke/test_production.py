"""Production for real: separate commands against servers given by address, nothing embedded, nothing pretended."""

import re
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx2
import pytest

from kit.embedded import start_postgres, start_redis
from tests.factories import LA_HIEN, photo_bytes
from tests.installation import (
    BEHIND_PROXY,
    MEILI_KEY,
    SEPAY_SECRET,
    Installation,
    SmsRelay,
    end_all,
    meilisearch,
    settings_for,
)
from tests.programs import signed_notice
from tests.running import (
    balanced,
    eventually,
    new_folder,
    order_something,
    read_order,
)

GROWER, BUYER, READER, ADMIN, WAITER = (f"091200020{number}" for number in range(1, 6))
STOP_SECONDS = 10


@pytest.fixture(scope="module", params=["meilisearch", "tantivy"])
def market(request: pytest.FixtureRequest) -> Iterator[Installation]:
    """Two web processes and two workers over outside servers, made ready as docs/production.md says."""
    if request.param == "meilisearch" and not shutil.which("meilisearch"):
        pytest.skip("there is no meilisearch on PATH: production was tried with tantivy only")
    folder = new_folder()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        relay = SmsRelay()
        stack.callback(relay.close)
        found = {
            "DATABASE_URL": stack.enter_context(start_postgres(folder / "outside", fast=True)).url,
            "REDIS_URL": stack.enter_context(start_redis(folder / "outside")).url,
        }
        if request.param == "meilisearch":
            found |= {"MEILI_URL": stack.enter_context(meilisearch(folder / "meili"))}
            found |= keys_made(Installation(settings_for(folder, relay.url) | found, relay, folder))
        made = Installation(settings_for(folder, relay.url) | found, relay, folder)
        stack.callback(end_all, made)
        made.succeed("migrate")
        made.succeed("fill")
        for name in ("web1", "web2", "worker1", "worker2"):
            made.start(name)
        made.wait_ready()
        yield made


def keys_made(bare: Installation) -> dict[str, str]:
    """The market's own keys, by the one command that is given the master key."""
    bare.settings["MEILI_MASTER_KEY"] = MEILI_KEY
    made = dict(line.split("=", 1) for line in bare.succeed("search-keys").splitlines() if "_KEY=" in line)
    assert set(made) == {"MEILI_SEARCH_KEY", "MEILI_KEY"} and MEILI_KEY not in made.values()
    return made


def test_nothing_is_pretended(market: Installation) -> None:
    """No twins, no demo strip, no demo goods; and all parts answer."""
    for url in market.urls.values():
        for path in ("/twins/texts", "/twins/bank"):
            assert httpx2.get(url + path).status_code == 404
        home = httpx2.get(url)
        assert home.status_code == 200 and "demo-strip" not in home.text
        assert home.headers["strict-transport-security"].startswith("max-age=")
        assert set(httpx2.get(f"{url}/health").json().values()) == {"ok"}
        assert httpx2.get(f"{url}/api/v1/search", params={"q": "na"}).json()["total"] == 0
    told = market.succeed("doctor")
    assert "production" in told and "BAD" not in told and "set by address" in told


def test_only_a_trusted_proxy_says_who_called(market: Installation) -> None:
    """Behind one, limits and logs go by the address it names; anybody else is who they are."""
    forwarded = {"x-forwarded-for": "198.51.100.7, 203.0.113.9"}
    for name, address in (("web1", "127.0.0.1"), (BEHIND_PROXY, "203.0.113.9")):
        path = f"{market.urls[name]}/payments/notices/sepay"
        assert httpx2.post(path, content=b"{}", headers=forwarded).status_code == 401
        assert f"notice from {address} refused" in market.said(name)


def test_what_cannot_start_says_so_in_words(tmp_path: Path) -> None:
    """Exit status 1 when a server is away, worth another try; 2 for what no restart mends, the demo's commands too."""
    nowhere = {"DATABASE_URL": "postgres://cho@127.0.0.1:1/cho", "REDIS_URL": "redis://127.0.0.1:1/0"}
    relay = SmsRelay()
    relay.close()
    made = Installation(settings_for(tmp_path, relay.url) | nowhere, relay, tmp_path)
    for words in ("migrate", "worker"):
        told = made.command(words)
        assert told.returncode == 1 and "A server does not answer" in told.stderr, told.stderr
    unsafe = replace(made, settings=made.settings | {"SECRET_KEY": "short"})
    for told in (made.command("run"), made.command("bank", "0002"), unsafe.command("web")):
        assert told.returncode == 2 and told.stderr, told.stderr
    assert "SECRET_KEY" in told.stderr and "Traceback" not in told.stderr


def test_a_person_signs_in_on_pages_with_cookies_of_the_host_alone(market: Installation) -> None:
    """Each cookie is __Host-, Secure and out of reach of scripts; a form needs its token; signing out ends it."""
    with market.program("web1") as browser:
        page = browser.get("/sign-in")
        cookies = kept(page)
        assert set(cookies) == {"__Host-device"}
        sent = {"csrf": token_in(page), "phone": READER}
        assert browser.post("/sign-in", data={"phone": READER}, headers=carried(cookies)).status_code == 403
        step = browser.post("/sign-in", data=sent, headers=carried(cookies))
        assert step.status_code == 303, step.text
        cookies |= kept(step)
        code = {"csrf": sent["csrf"], "code": market.relay.code_for(READER)}
        done = browser.post(step.headers["location"], data=code, headers=carried(cookies))
        assert done.status_code == 303, done.text
        cookies |= kept(done)
        assert "__Host-session" in cookies
    with market.program("web2") as other:
        assert other.get("/me", headers=carried(cookies)).status_code == 200, "sessions are no process's own"
        assert other.get("/me").status_code == 303
        out = other.post("/sign-out", data={"csrf": sent["csrf"]}, headers=carried(cookies))
        assert out.status_code == 303 and kept(out)["__Host-session"] in ("", '""')
        assert other.get("/me", headers=carried(cookies)).status_code == 303, "the old cookie opens nothing"


def test_from_aboard_to_an_order_paid_on_the_other_process(market: Installation) -> None:
    """Listed at one, approved and found at the other; the bank tells the second, the first tells the screen."""
    with ExitStack() as stack:
        code = list_and_approve(market, stack)
        for web in market.urls:
            anybody = stack.enter_context(market.program(web))
            eventually(partial(is_found, anybody, "na la hien", code), 20)
        buyer = stack.enter_context(market.program("web1", BUYER))
        order = order_something(buyer, "production-1")
        marks = Marks(buyer, f"/orders/{order['code']}/events")
        eventually(lambda: len(marks.seen) == 1, 20)
        asked = order["payment"]
        raw, headers = signed_notice(
            SEPAY_SECRET,
            number=92_704,
            account=asked["account_number"],
            amount_dong=asked["amount_dong"],
            content=asked["content"],
            at=datetime.now(UTC),
        )
        forged = httpx2.post(
            f"{market.urls['web2']}/payments/notices/sepay", content=raw + b" ", headers=headers
        )
        assert forged.status_code == 401
        for web in ("web2", "web1"):
            taken = httpx2.post(f"{market.urls[web]}/payments/notices/sepay", content=raw, headers=headers)
            assert (taken.status_code, taken.json()) == (200, {"success": True})
        eventually(lambda: len(marks.seen) >= 2, 30, lambda: market.said("worker1"))
        eventually(
            lambda: read_order(buyer, order["code"])["parcel_code"], 30, lambda: market.said("worker1")
        )
        assert read_order(buyer, order["code"])["state"] == "paid"
    balanced(market.settings["DATABASE_URL"])


def test_each_process_ends_soon_after_sigterm(market: Installation) -> None:
    """Also a web process with an open screen; what is left serves on, and the exit is a good one."""
    stopped = {}
    with market.program("web1", WAITER) as waiter:
        screen = Marks(waiter, f"/orders/{order_something(waiter, 'sigterm-1')['code']}/events")
        eventually(lambda: screen.seen, 20)
        for name in ("worker1", "web1", "worker2", "web2"):
            stopped[name] = market.stop(name)
            if name == "web1":
                assert httpx2.get(f"{market.urls['web2']}/ready").status_code == 200
    for name, (status, seconds) in stopped.items():
        assert seconds < STOP_SECONDS, f"{name} took {seconds:.1f} s\n{market.said(name)}"
        assert status in (0, -signal.SIGTERM), f"{name} ended with {status}\n{market.said(name)}"
        assert "Traceback" not in market.said(name), market.said(name)


def list_and_approve(market: Installation, stack: ExitStack) -> str:
    """A grower comes aboard at the first process; the first administrator approves at the second."""
    grower = stack.enter_context(market.program("web1", GROWER))
    made = grower.post("/api/v1/vendors", json=aboard(), headers={"idempotency-key": "aboard-1"})
    assert made.status_code == 201, made.text
    goods = {
        "name": "Na dai La Hiên",
        "kind": "custard_apple",
        "price_dong": 60_000,
        "unit": "kg",
        "stock": 9,
    }
    put_up = grower.post(
        "/api/v1/listings", json={**goods, "commune_code": LA_HIEN}, headers={"idempotency-key": "listing-1"}
    )
    assert put_up.status_code == 201, put_up.text
    code = str(put_up.json()["code"])
    photo = grower.post(f"/api/v1/listings/{code}/photos", content=photo_bytes())
    assert photo.status_code == 200, photo.text
    shown = httpx2.get(market.urls["web2"] + photo.json()["url"])
    assert shown.status_code == 200, "photos are no process's own"
    assert "admin" in market.succeed("grant", ADMIN, "admin")
    admin = stack.enter_context(market.program("web2", ADMIN))
    assert [one["code"] for one in admin.get("/api/v1/admin/listings").json()["items"]] == [code]
    approved = admin.post(f"/api/v1/listings/{code}/approval", headers={"idempotency-key": "approval-1"})
    assert approved.json()["state"] == "on_sale"
    return code


def aboard() -> dict[str, str]:
    """A grower of La Hiên, paid at Vietcombank."""
    return {
        "kind": "grower",
        "name": "Na nhà cô Hoa",
        "contact_name": "Nguyễn Thị Hoa",
        "commune_code": LA_HIEN,
        "line": "Xóm Hiên Bình",
        "place": "home",
        "bin": "970436",
        "account": "0123456789",
        "holder": "Nguyễn Thị Hoa",
    }


def codes_found(client: httpx2.Client, words: str) -> list[str]:
    """What a search finds."""
    found = client.get("/api/v1/search", params={"q": words}).json()
    return [one["code"] for one in found["items"]]


def is_found(client: httpx2.Client, words: str, code: str) -> bool:
    """Whether a search finds these goods and nothing else."""
    return codes_found(client, words) == [code]


class Marks:
    """A screen's line to the market: the marks of the states it was told, as they come."""

    def __init__(self, client: httpx2.Client, path: str) -> None:
        self.seen: list[str] = []
        self._url, self._headers = f"{client.base_url}".rstrip("/") + path, dict(client.headers)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with (
            suppress(httpx2.HTTPError),  # the market has ended
            httpx2.Client(timeout=60, headers=self._headers) as client,
            client.stream("GET", self._url) as answer,
        ):
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self.seen.append(line.removeprefix("data: "))


def kept(answer: httpx2.Response) -> dict[str, str]:
    """The cookies that an answer sets; each must be bound to the host and TLS and hidden from scripts."""
    found = {}
    for cookie in answer.headers.get_list("set-cookie"):
        name, value = cookie.partition(";")[0].split("=", 1)
        words = {word.strip().lower() for word in cookie.split(";")[1:]}
        assert name.startswith("__Host-") or name in ("language", "basket_count"), cookie
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= words, cookie
        assert not any(word.startswith("domain") for word in words), cookie
        found[name] = value
    return found


def carried(cookies: dict[str, str]) -> dict[str, str]:
    """The header with which a browser brings cookies back; over plain HTTP it has to be written by hand."""
    return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def token_in(page: httpx2.Response) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]
