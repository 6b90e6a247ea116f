"""What every test stands on: a real PostgreSQL built by Alembic, the app, a client that checks each page, a clock."""

import asyncio
import logging
import os
import re
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import html5lib
import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from tortoise.exceptions import BaseORMException, IntegrityError
from tortoise.transactions import in_transaction

from accounts.services import grant, open_session, person_of
from accounts.sms_gate import SmsGate, TwinSms
from kit import schema
from kit.clock import Clock, StoppedClock
from kit.db import connect, disconnect, not_while_locking, sql
from kit.embedded import start_postgres
from kit.fanout import Fanout
from kit.limits import CountedLimits, Limits
from kit.media import Media, open_media
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from kit.web.callers import session_cookie_name
from market.app import make_app
from market.parts import notice_gates
from market.worker import work_all_due
from payments.gates.register import Gates, open_gates
from postal.gates.register import Carriers, open_carriers
from search.engine import Engine
from search.tally import CountedTally, Tally
from search.tantivy_engine import TantivyEngine
from vendors.identity_gate import IdentityGate, TwinVneid

SECRET = "a secret for tests, long enough to sign"
READ_ALREADY: set[int] = set()
CHALLENGE = re.compile(r"(?<=challenge&#34;: &#34;)[\w-]+")  # of a passkey, in an attribute
KEPT_TABLES = ("alembic_version", "admin_unit", "admin_unit_successor", "bank")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: TEST_DATABASE_URL, else an embedded one of this run."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield given
        return
    # Open to others: as root the server runs as another user, who must get to its own files.
    folder = Path(tempfile.mkdtemp(prefix="cho-test-"))
    folder.chmod(0o711)
    try:
        with start_postgres(folder, fast=True) as server:
            yield server.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def connected_database(server_url: str) -> AsyncIterator[str]:
    """An own database built by Alembic, with this process connected to it."""
    async with schema.scratch_database(server_url, prefix="test") as url:
        await asyncio.to_thread(schema.upgrade, url)
        await connect(url, pool_max=24)
        yield url
        await disconnect()


@pytest.fixture(scope="session")
async def database(server_url: str) -> AsyncIterator[str]:
    """The database of all tests of this process."""
    async with connected_database(server_url) as url:
        yield url


class _Undo(Exception):
    """Ends a test's transaction without a commit."""


@pytest.fixture
async def db(database: str) -> AsyncIterator[None]:
    """A transaction around one test, rolled back at its end after the deferred rules were checked."""
    broken: IntegrityError | None = None
    try:
        async with in_transaction("default"):
            yield
            try:
                await sql("SET CONSTRAINTS ALL IMMEDIATE")
            except IntegrityError as rule:
                broken = rule
            except BaseORMException:
                pass  # the test itself has failed in the database and says so
            raise _Undo
    except _Undo:
        pass
    if broken is not None:
        raise broken


@pytest.fixture
async def committed(database: str) -> AsyncIterator[None]:
    """For races: everything commits for real, and the tables are emptied afterwards."""
    yield
    tables = await sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = [f'"{row["tablename"]}"' for row in tables if row["tablename"] not in KEPT_TABLES]
    await sql(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")


@pytest.fixture
def clock() -> StoppedClock:
    """The market's clock, standing still until a test moves it."""
    return StoppedClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a demo installation with its files in a folder of the test."""
    return replace(Settings(), var=str(tmp_path), secret_key=SECRET, base_url="http://test")


@pytest.fixture(scope="session")
def authorities() -> ssl.SSLContext:
    """Whom clients of the outside believe, read once."""
    return ssl.create_default_context()


@pytest.fixture
def site(settings: Settings) -> ASGIApp:
    """The web application, without the parts."""
    return make_app(settings)


@pytest.fixture
async def parts(
    settings: Settings, clock: StoppedClock, tmp_path: Path, site: ASGIApp, authorities: ssl.SSLContext
) -> AsyncIterator[Parts]:
    """The outside parts as tests want them: twins, a stopped clock, a search index of one's own."""
    engine = TantivyEngine(tmp_path / "search")
    await engine.start()
    made = Parts(
        {
            Settings: settings,
            Clock: clock,
            Limits: CountedLimits(),
            Media: open_media("", tmp_path),
            SmsGate: TwinSms(tmp_path / "twins", lambda line: None),
            Engine: engine,
            Tally: CountedTally(),
            IdentityGate: TwinVneid(),
            Fanout: Fanout(None),  # type: ignore[arg-type]
            **notice_gates(settings, httpx2.AsyncClient(verify=authorities), clock),
        }
    )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=WithParts(site, made)),
        base_url="http://test",
        event_hooks={"request": [not_while_locking]},
    ) as outside:
        made.put(httpx2.AsyncClient, outside)
        made.put(Gates, open_gates(settings, outside))
        made.put(Carriers, open_carriers(settings, outside, clock.now))
        yield made
    await engine.close()


class WithParts:
    """Puts the parts into each request's state, as the lifespan of a server would."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app, self._parts = app, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        scope.setdefault("state", {})["parts"] = self._parts
        await self._app(scope, receive, send)


@pytest.fixture
def app(site: ASGIApp, parts: Parts) -> ASGIApp:
    """The whole web application over the test's parts."""
    return WithParts(site, parts)


@pytest.fixture
def browser(app: ASGIApp) -> Callable[[], "Browser"]:
    """Makes browsers, each with cookies of its own."""
    return lambda: Browser(app)


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator["Browser"]:
    """One browser."""
    async with Browser(app) as made:
        yield made


class Browser(httpx2.AsyncClient):
    """A browser that reads every page strictly and fills in forms with their token."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=True),
            base_url="http://test",
            event_hooks={"response": [check_answer]},
        )
        self._tokens: dict[str, str] = {}

    async def token(self) -> str:
        """A form token of this device, from a page."""
        token = token_in((await self.get("/sign-in")).text)
        assert token, "no form token on the sign-in page"
        if device := self.cookies.get("device", ""):
            self._tokens[device] = token
        return token

    async def submit(self, path: str, values: dict[str, Any] | None = None, **more: Any) -> httpx2.Response:
        """Sends a form to a path with the device's token: one that a page gave to the same device before will do."""
        token = self._tokens.get(self.cookies.get("device", "")) or await self.token()
        return await self.post(path, data={"csrf": token, **(values or {})}, **more)


async def check_answer(answer: httpx2.Response) -> None:
    """What every answer owes: a policy, a cache rule, and for pages well-formed HTML that anyone can use."""
    assert answer.headers.get("content-security-policy"), f"{answer.request.url} has no policy"
    assert answer.headers.get("cache-control"), f"{answer.request.url} says nothing about caching"
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return
    await answer.aread()
    # A page that differs from one that was read by nothing but what is drawn for each needs no second reading.
    page = CHALLENGE.sub("", answer.text.replace(token_in(answer.text), ""))
    if page.lstrip().lower().startswith("<!doctype") and hash(page) not in READ_ALREADY:
        check_page(answer.text, str(answer.request.url))
        READ_ALREADY.add(hash(page))


def token_in(html: str) -> str:
    """The form token of a page; nothing where it has no form."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    return found[1] if found else ""


def check_page(html: str, where: str) -> None:
    """Strict HTML, one h1, a label for each field, a text for each picture, a token in each form that acts."""
    reader = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = reader.parse(html)
    faults = [(place, code) for place, code, _ in reader.errors]
    assert not faults, f"{where}: HTML faults {faults[:5]}"
    assert len(tree.findall(".//h1")) == 1, f"{where}: {len(tree.findall('.//h1'))} h1"
    for picture in tree.iter("img"):
        assert picture.get("alt") is not None, f"{where}: a picture without alt"
    for form in tree.iter("form"):
        if form.get("method", "get").lower() == "post":
            assert form.find(".//input[@name='csrf']") is not None, (
                f"{where}: form {form.get('action')} has no token"
            )
    labelled = {label.get("for") for label in tree.iter("label")}
    inside = {id(field) for label in tree.iter("label") for field in label.iter()}
    for kind in ("input", "select", "textarea"):
        for field in tree.iter(kind):
            if field.get("type") in ("hidden", "submit", "button") or id(field) in inside:
                continue
            named = field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labelled
            assert named, f"{where}: field {field.get('name')} has no label"
    assert not re.search(r"<[^>]+ style=|<[^>]+ on[a-z]+=", html), f"{where}: inline style or script"


@pytest.fixture
def sign_in_as(settings: Settings, clock: StoppedClock) -> Callable[..., Any]:
    """Signs a browser in: `person = await sign_in_as(client, "0912345678", (Role.VENDOR, "1"))`."""

    async def sign_in(client: httpx2.AsyncClient, phone: str, *granted: Role | tuple[Role, str]) -> Any:
        person = await person_of(phone)
        for one in granted:
            role, scope = (one, "") if isinstance(one, Role) else one
            await grant(person.id, role, scope)
        token = await open_session(person.id, address="", browser="tests", now=clock.now())
        client.cookies.set(session_cookie_name(settings), token)
        return person

    return sign_in


@pytest.fixture
def run_jobs(parts: Parts) -> Callable[[], Any]:
    """Works all due jobs of the outbox in this process until none is left."""

    async def run() -> int:
        return await work_all_due(parts)

    return run


@dataclass
class Queries:
    """Counts what goes to the database."""

    count: int = 0

    @contextmanager
    def at_most(self, limit: int) -> Iterator[None]:
        """Fails when more queries than this are asked inside."""
        counter, logger = _Counter(), logging.getLogger("tortoise.db_client")
        level = logger.level
        logger.addHandler(counter)
        logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            logger.removeHandler(counter)
            logger.setLevel(level)
        self.count = len(counter.asked)
        assert self.count <= limit, f"{self.count} queries, {limit} allowed:\n" + "\n".join(counter.asked)


class _Counter(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "%s: %s":
            self.asked.append(record.getMessage()[:200])


@pytest.fixture
def queries() -> Queries:
    """`with queries.at_most(6): await client.get("/")`."""
    return Queries()
