"""The processes of a market under faults: PostgreSQL, Redis, two web, two workers and the twins, each kept alive.

python -m bench.chaos.parts web1=8001 web2=8002 twins=8003
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from bench.market import PART
from kit import schema
from kit.embedded import Command, run_all
from kit.settings import settings_from
from market.cli import environment_of, with_servers
from market.filling import fill_empty

WORKERS = ("worker1", "worker2")
POOL_OF_WEB, POOL_OF_WORKER = "6", "10"  # together with ours below PostgreSQL's sixty
NEVER = 1_000_000


def main(argv: Sequence[str]) -> int:
    """Runs everything until it is interrupted; the settings come from the environment."""
    ports = dict(one.split("=") for one in argv)
    with ExitStack() as servers:
        settings, embedded = with_servers(settings_from(), servers)
        schema.upgrade(settings.database_url)
        asyncio.run(fill_empty(settings))
        around = environment_of(settings)
        commands = [
            _command("web", name, around | {"PORT": port, "DATABASE_POOL_MAX": POOL_OF_WEB})
            for name, port in ports.items()
        ] + [_command("worker", name, around | {"DATABASE_POOL_MAX": POOL_OF_WORKER}) for name in WORKERS]
        return run_all(commands, embedded, deaths_allowed=NEVER)


def _command(kind: str, name: str, around: dict[str, str]) -> Command:
    return Command(name, [sys.executable, "-m", "market.cli", kind], around | {PART: name})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
