"""The market's commands: run everything, run one part, migrate, fill, rebuild, look, pay at the pretend bank."""

import argparse
import asyncio
import os
import socket
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import uvloop
from redis.exceptions import ConnectionError as RedisConnectionError
from tortoise.exceptions import DBConnectionError

from accounts.services import grant, person_of
from kit import schema
from kit.db import connect, disconnect
from kit.embedded import (
    AlreadyRunning,
    Command,
    MissingServer,
    Running,
    ServerFailed,
    free_port,
    run_all,
    start_postgres,
    start_redis,
)
from kit.identifiers import BadIdentifier, normal_mobile
from kit.roles import Role
from kit.settings import BadSettings, Settings, settings_from
from market.audit import lines
from market.backup import BackupFailed
from market.cli_backup import add_backup_commands
from market.demo import banner
from market.doctor import audit_now, report
from market.filling import fill_empty, migrate_index, rebuild_index
from market.logs import set_up_logs
from market.serving import serve
from market.worker import make_worker
from payments.twins.command import pay_from_command
from search.engine import EngineAway, EngineBroken
from search.meili_engine import search_keys

READY_SECONDS = 60


def main(argv: list[str] | None = None) -> int:
    """Runs one command; what a person can mend comes out as a sentence, not as a traceback."""
    asked = parser().parse_args(argv)
    try:
        settings = settings_from()
        return int(asked.run(settings, asked) or 0)
    except BadIdentifier as wrong:
        print(f"That is no mobile number: {wrong}", file=sys.stderr)
        return 2
    except (BadSettings, MissingServer, AlreadyRunning, ServerFailed) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except BackupFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    except schema.LockWaited as waited:
        print(
            f"{waited}. Say `migrate` again; DATABASE_URL's sessions may show who holds it.", file=sys.stderr
        )
        return 1
    except (EngineAway, EngineBroken) as trouble:
        print(f"The search engine is in trouble: {trouble}. `doctor` says more.", file=sys.stderr)
        return 1
    except (ConnectionError, RedisConnectionError, DBConnectionError) as away:
        print(f"A server does not answer: {away}. `doctor` says which one.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The commands and their words."""
    made = argparse.ArgumentParser(prog="python -m market.cli", description=__doc__)
    commands = made.add_subparsers(required=True)
    for name, run, note in (
        ("run", run_everything, "start the embedded parts, migrate, fill an empty database, web and worker"),
        ("web", run_web, "one web process"),
        ("worker", run_worker, "one worker process"),
        ("migrate", run_migrate, "bring the database and the search index forward"),
        ("fill", run_fill, "load banks and administrative units; in demo mode the demo market too"),
        ("reindex", run_reindex, "build the search index anew and swap it"),
        (
            "search-keys",
            run_search_keys,
            "make the two keys of Meilisearch that this market needs, and show them",
        ),
        ("doctor", run_doctor, "say what runs, what answers, and whether it is migrated"),
    ):
        commands.add_parser(name, help=note).set_defaults(run=run)
    auditing = commands.add_parser("audit", help="ask all auditors: money, goods, parcels, jobs, the index")
    auditing.add_argument("--grace", type=float, default=10, help="minutes that work may be under way")
    auditing.set_defaults(run=run_audit)
    granting = commands.add_parser("grant", help="give a person a role, such as the first administrator")
    granting.add_argument("phone")
    granting.add_argument("role", choices=[str(role) for role in Role])
    granting.add_argument("scope", nargs="?", default="", help="what the role is over; empty: everything")
    granting.set_defaults(run=run_grant)
    add_backup_commands(commands, with_servers)
    bank = commands.add_parser("bank", help="transfer money at the pretend bank (demo only)")
    bank.add_argument("qr", help="the QR text, or the path of a picture of it")
    bank.add_argument("--amount", type=int, help="đồng; by default what the QR asks")
    bank.add_argument("--twice", action="store_true", help="send the notice twice")
    bank.add_argument("--forged", action="store_true", help="sign the notice with a wrong secret")
    bank.set_defaults(run=run_bank)
    return made


def run_everything(settings: Settings, _: argparse.Namespace) -> int:
    """make run: all parts of one checkout, until Ctrl-C."""
    if settings.is_production:
        raise BadSettings(
            "`run` is for the demo and development; in production start `web` and `worker` (see docs)."
        )
    started = time.monotonic()
    with ExitStack() as servers:
        settings, embedded = with_servers(settings, servers)
        schema.upgrade(settings.database_url)
        asyncio.run(fill_empty(settings))
        settings = with_port(settings)
        environment = environment_of(settings)
        threading.Thread(target=_announce, args=(settings, started), daemon=True).start()
        programs = [
            Command(name, [sys.executable, "-m", "market.cli", name], environment)
            for name in ("web", "worker")
        ]
        return run_all(programs, embedded)


def with_servers(settings: Settings, servers: ExitStack) -> tuple[Settings, list[Running]]:
    """Starts the embedded parts that no address was given for; the settings then name them."""
    embedded: list[Running] = []
    settings.var_path.mkdir(parents=True, exist_ok=True)
    if not settings.database_url:
        embedded.append(servers.enter_context(start_postgres(settings.var_path)))
        settings = replace(settings, database_url=embedded[-1].url)
    if not settings.redis_url:
        embedded.append(servers.enter_context(start_redis(settings.var_path)))
        settings = replace(settings, redis_url=embedded[-1].url)
    return settings, embedded


def with_port(settings: Settings) -> Settings:
    """The wanted port, or a free one when another checkout has it and nobody insisted; the address follows.

    Raises BadSettings when somebody insisted on a port that is taken.
    """
    port = settings.port
    if not _is_free(port):
        if "PORT" in os.environ:
            raise BadSettings(f"Port {port} is taken by another program; set another PORT.")
        port = free_port()
    base_url = settings.base_url if "BASE_URL" in os.environ else f"http://{settings.host}:{port}"
    return replace(settings, port=port, base_url=base_url)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment that makes a child process read these very settings."""
    changed = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "BASE_URL": settings.base_url,
        "PORT": str(settings.port),
        "VAR": str(Path(settings.var).resolve()),
    }
    return {**os.environ, **changed, "PYTHONUNBUFFERED": "1"}


def run_web(settings: Settings, _: argparse.Namespace) -> int:
    """One web process; start as many as there are cores behind one port balancer."""
    needs_addresses(settings)
    return serve(settings)


def run_worker(settings: Settings, _: argparse.Namespace) -> int:
    """One worker process; start as many as the work asks for."""
    needs_addresses(settings)
    uvloop.install()
    set_up_logs(settings.log_format)
    make_worker(settings).run()
    return 0


def run_migrate(settings: Settings, _: argparse.Namespace) -> int:
    """The schema to the newest revision, and the search index to this version's form, beside the one that serves."""
    with ExitStack() as servers:
        settings, _embedded = with_servers(settings, servers)
        waits = schema.MigrationWaits(settings.migrate_lock_ms, settings.migrate_statement_ms)
        schema.upgrade(settings.database_url, waits=waits)
        asyncio.run(migrate_index(settings))
    return 0


def run_fill(settings: Settings, _: argparse.Namespace) -> int:
    """Reference tables, and in demo mode the demo market when there is none."""
    with ExitStack() as servers:
        settings, _embedded = with_servers(settings, servers)
        asyncio.run(fill_empty(settings))
    return 0


def run_reindex(settings: Settings, _: argparse.Namespace) -> int:
    """The search index from the database."""
    needs_addresses(settings)
    print(f"{asyncio.run(rebuild_index(settings))} listings indexed")
    return 0


def run_search_keys(settings: Settings, _: argparse.Namespace) -> int:
    """Keys that can do no more than they must, made with the master key, which nothing else is ever given."""
    if not settings.meili_url or not settings.meili_master_key:
        raise BadSettings("MEILI_URL and MEILI_MASTER_KEY must be set, for this command alone.")
    searching, writing = asyncio.run(search_keys(settings.meili_url, settings.meili_master_key))
    print(f"MEILI_SEARCH_KEY={searching}\nMEILI_KEY={writing}")
    return 0


def run_doctor(settings: Settings, _: argparse.Namespace) -> int:
    """What runs and what does not."""
    return asyncio.run(report(settings))


def run_audit(settings: Settings, asked: argparse.Namespace) -> int:
    """What must hold of the whole market: 0 when all of it does, else 1 with the rows that break it."""
    needs_addresses(settings)
    found = asyncio.run(audit_now(settings, grace=timedelta(minutes=asked.grace)))
    print("\n".join(lines(found)))
    return int(any(one.rows for one in found))


def run_grant(settings: Settings, asked: argparse.Namespace) -> int:
    """A role from the command line, for the first administrator."""
    needs_addresses(settings)
    asyncio.run(_grant(settings, normal_mobile(asked.phone), Role(asked.role), asked.scope))
    print(f"{asked.phone} is now {asked.role} {asked.scope}".strip())
    return 0


def run_bank(settings: Settings, asked: argparse.Namespace) -> int:
    """The pretend bank from the command line."""
    if not settings.bank_twin:
        raise BadSettings("The pretend bank is off here.")
    return pay_from_command(
        settings, asked.qr, amount_dong=asked.amount, twice=asked.twice, forged=asked.forged
    )


def needs_addresses(settings: Settings) -> None:
    """A single process does not start servers: it is told where they are, and never given the master key."""
    if settings.meili_master_key:
        raise BadSettings("MEILI_MASTER_KEY is for `search-keys` alone; set MEILI_SEARCH_KEY and MEILI_KEY.")
    for name in ("database_url", "redis_url"):
        if not getattr(settings, name):
            raise BadSettings(
                f"{name.upper()} must be set for a single process; `make run` starts everything."
            )


async def _grant(settings: Settings, phone: str, role: Role, scope: str) -> None:
    await connect(settings.database_url)
    try:
        person = await person_of(phone)
        await grant(person.id, role, scope)
    finally:
        await disconnect()


def _announce(settings: Settings, started: float) -> None:
    while time.monotonic() - started < READY_SECONDS:
        try:
            with urllib.request.urlopen(f"http://{settings.host}:{settings.port}/health", timeout=2):
                print(banner(settings, seconds=time.monotonic() - started), flush=True)
                return
        except OSError:
            time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
