"""The processes of a market under faults: PostgreSQL, Redis, two web, two workers and the twins, each kept alive.

python -m bench.chaos.parts web1=8001 web2=8002 twins=8003 [meili=8004]
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.market import PART, wait_for
from kit import schema
from kit.embedded import Command, run_all
from kit.embedded.processes import Child
from kit.settings import Settings, settings_from
from market.cli import environment_of, with_servers
from market.filling import fill_empty

WORKERS = ("worker1", "worker2")
POOL_OF_WEB, POOL_OF_WORKER = "6", "10"  # together with ours below PostgreSQL's sixty
NEVER, MEILI = 1_000_000, "meili"


def main(argv: Sequence[str]) -> int:
    """Runs everything until it is interrupted; the settings come from the environment."""
    ports = dict(one.split("=") for one in argv)
    meili_port = ports.pop(MEILI, "")
    with ExitStack() as servers:
        settings, embedded = with_servers(settings_from(), servers)
        beside = [servers.enter_context(_meilisearch(settings, meili_port))] if meili_port else []
        schema.upgrade(settings.database_url)
        asyncio.run(fill_empty(settings))
        around = environment_of(settings)
        commands = [
            _command("web", name, around | {"PORT": port, "DATABASE_POOL_MAX": POOL_OF_WEB})
            for name, port in ports.items()
        ] + [_command("worker", name, around | {"DATABASE_POOL_MAX": POOL_OF_WORKER}) for name in WORKERS]
        return run_all(commands, [*embedded, *beside], deaths_allowed=NEVER)


@dataclass(frozen=True)
class Kept:
    """A server that is started again when it dies."""

    child: Child


@contextmanager
def _meilisearch(settings: Settings, port: str) -> Iterator[Kept]:
    """The engine of the settings, over a folder beside the others'."""
    folder = settings.var_path / "search"
    folder.mkdir(parents=True, exist_ok=True)
    words = ["--no-analytics", "--log-level", "ERROR", "--master-key", settings.meili_key]
    places = ["--db-path", MEILI, "--dump-dir", "dumps", "--snapshot-dir", "snapshots"]
    argv = [MEILI + "search", *words, *places, "--http-addr", f"127.0.0.1:{port}"]
    child = Child(Command(MEILI, argv, {**os.environ, PART: MEILI}, folder))
    child.start()
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield Kept(child)
    finally:
        child.ask_to_stop()
        child.kill()


def _command(kind: str, name: str, around: dict[str, str]) -> Command:
    return Command(name, [sys.executable, "-m", "market.cli", kind], around | {PART: name})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
