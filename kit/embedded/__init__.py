"""The embedded PostgreSQL and Redis of one checkout, and the supervisor of `make run`."""

from kit.embedded.postgres import start_postgres
from kit.embedded.processes import Command, run_all
from kit.embedded.redis import start_redis
from kit.embedded.servers import (
    AlreadyRunning,
    MissingServer,
    Running,
    ServerFailed,
    claim,
    find_running,
    free_port,
    wait_ready,
)

__all__ = [
    "AlreadyRunning",
    "Command",
    "MissingServer",
    "Running",
    "ServerFailed",
    "claim",
    "find_running",
    "free_port",
    "run_all",
    "start_postgres",
    "start_redis",
    "wait_ready",
]
