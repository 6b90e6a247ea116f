"""What runs and what does not: each part with its address, whether it answers, its version, and what waits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis

from kit import schema
from kit.clock import SystemClock
from kit.db import connect, disconnect, sql
from kit.embedded import MissingServer, find_running
from kit.embedded.postgres_home import find_programs
from kit.embedded.redis import find_redis
from kit.settings import Settings
from market.audit import GRACE, LOOKED_BACK, Audited, Span, audit
from market.parts import search_engine
from market.services import outbox_counts
from search.services import owed
from vendors.services import ids_on_sale

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    is_well: bool
    part: str
    text: str


async def report(settings: Settings, *, say: Callable[[str], None] = print) -> int:
    """Looks at every part and says what it finds; 0 when all is well, else 1.

    Nothing is changed, but an index folder that is missing is made, empty.
    """
    found = [Finding(True, "mode", settings.mode)]
    database_url = _address(settings, settings.database_url, "postgres")
    found += await _database(settings, database_url)
    found += await _replica(settings)
    found += await _redis(settings)
    if all(one.is_well for one in found if one.part in ("database", "schema")):
        found += await _contents(settings, database_url)
    else:
        found.append(
            Finding(False, "contents", "not looked at: the database must answer and be migrated first")
        )
    for one in found:
        say(f"{'ok  ' if one.is_well else 'BAD '} {one.part:<9} {one.text}")
    return 0 if all(one.is_well for one in found) else 1


async def audit_now(settings: Settings, *, grace: timedelta = GRACE) -> list[Audited]:
    """All auditors over the installation of these settings; what began within `grace` is left in peace."""
    now, engine = SystemClock().now(), search_engine(settings, writes=False)
    await connect(settings.database_url, pool_max=2)
    try:
        await engine.start()
        return await audit(Span(now - LOOKED_BACK, now - grace), engine)
    finally:
        await engine.close()
        await disconnect()


def shown_address(url: str) -> str:
    """An address for the screen: its password is left out."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    credentials, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{credentials.partition(':')[0]}@{host}"))


def _address(settings: Settings, given: str, name: str) -> str:
    """The address that was set, else that of the embedded server if it runs now, else ""."""
    if given:
        return given
    running = find_running(settings.var_path.resolve(), name)
    return running.url if running else ""


def _kind(given: str) -> str:
    return "set by address" if given else "embedded"


async def _database(settings: Settings, url: str) -> list[Finding]:
    kind = _kind(settings.database_url)
    if not url:
        return [Finding(False, "database", f"{kind}, does not run now; {_would_start_postgres()}")]
    where = f"{kind}, {shown_address(url)}"
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            revision = await schema.revision_of(url)
    except Exception as away:
        return [Finding(False, "database", f"{where}, does not answer: {_reason(away)}")]
    head = schema.head()
    text = f"at {revision or 'nothing'}, newest is {head}" + ("" if revision == head else "; run `migrate`")
    return [Finding(True, "database", f"{where}, answers"), Finding(revision == head, "schema", text)]


async def _replica(settings: Settings) -> list[Finding]:
    if not settings.database_replica_url:
        return []
    where = shown_address(settings.database_replica_url)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            follows = await schema.follows_another(settings.database_replica_url)
    except Exception as away:
        return [Finding(False, "replica", f"{where}, does not answer: {_reason(away)}")]
    return [
        Finding(
            follows, "replica", f"{where}, {'follows' if follows else 'follows nobody: it is never read'}"
        )
    ]


async def _redis(settings: Settings) -> list[Finding]:
    url, kind = _address(settings, settings.redis_url, "redis"), _kind(settings.redis_url)
    if not url:
        return [Finding(False, "redis", f"{kind}, does not run now; {_would_start_redis()}")]
    where = f"{kind}, {shown_address(url)}"
    client = Redis.from_url(url, socket_connect_timeout=ANSWER_SECONDS, socket_timeout=ANSWER_SECONDS)
    try:
        about = await client.info("server")
    except Exception as away:
        return [Finding(False, "redis", f"{where}, does not answer: {_reason(away)}")]
    finally:
        await client.aclose()
    return [Finding(True, "redis", f"{where}, answers, version {about.get('redis_version', 'unknown')}")]


async def _contents(settings: Settings, database_url: str) -> list[Finding]:
    await connect(database_url, pool_max=2)
    try:
        version = await sql("SHOW server_version")
        return [
            Finding(True, "database", f"PostgreSQL {version[0]['server_version']}"),
            await _search(settings),
            await _outbox(),
        ]
    finally:
        await disconnect()


async def _search(settings: Settings) -> Finding:
    engine, where = search_engine(settings), shown_address(settings.meili_url) or "embedded"
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            must_be_built = await engine.start()
            stats = await engine.stats()
    except Exception as away:
        return Finding(False, "search", f"{where}, does not answer: {_reason(away)}")
    finally:
        await engine.close()
    on_sale = len(await ids_on_sale())
    text = f"{where}, {stats.engine}, {stats.listings} listings, the database has {on_sale} on sale"
    waiting = await owed()
    text += f"; {waiting} owed to the index" if waiting else ""
    text += "".join(f"; failed: {trouble}" for trouble in stats.troubles)
    if stats.listings != on_sale or (must_be_built and on_sale):
        return Finding(False, "search", f"{text}; run `reindex`")
    return Finding(not (waiting or stats.troubles), "search", text)


async def _outbox() -> Finding:
    counts = await outbox_counts()
    text = (
        f"{counts.waiting} jobs wait, {counts.late} of them for over two minutes, {counts.dead} were given up"
    )
    return Finding(not (counts.late or counts.dead), "outbox", text)


def _would_start_postgres() -> str:
    try:
        programs = find_programs()
    except MissingServer as missing:
        return str(missing)
    return f"`run` would start PostgreSQL {programs.version}"


def _would_start_redis() -> str:
    try:
        return f"`run` would start {find_redis().name}"
    except MissingServer as missing:
        return str(missing)


def _reason(fault: Exception) -> str:
    return str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
