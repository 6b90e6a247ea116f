"""A Meilisearch to measure and test against: the one of MEILI_URL, or one of our own from the binary on PATH."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

NONE_HERE = "no Meilisearch here: set MEILI_URL (and MEILI_KEY) or put `meilisearch` on PATH"


@contextmanager
def meilisearch() -> Iterator[tuple[str, str] | None]:
    """Address and key of a real Meilisearch, stopped afterwards if it was started here; None where there is none."""
    if url := os.environ.get("MEILI_URL"):
        yield url, os.environ.get("MEILI_KEY", "")
    elif binary := shutil.which("meilisearch"):
        with _started(binary) as running:
            yield running
    else:
        yield None


@contextmanager
def _started(binary: str) -> Iterator[tuple[str, str]]:
    """The binary on loopback, over a folder that goes with it; it is left to the caller to wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    places = ["--db-path", "db", "--dump-dir", "dumps", "--snapshot-dir", "snapshots", "--http-addr", address]
    key = uuid4().hex
    with tempfile.TemporaryDirectory(prefix="cho-meili-", ignore_cleanup_errors=True) as folder:
        server = subprocess.Popen(  # noqa: S603
            [binary, "--no-analytics", "--log-level", "ERROR", "--master-key", key, *places],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://{address}", key
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
