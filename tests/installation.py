"""A production installation: processes started as separate commands over servers given by address."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2

from kit.embedded import free_port
from tests.running import ROOT, code_in, eventually, sign_in, without_settings

SMS_KEY, SEPAY_SECRET, MEILI_KEY = (
    "a key of the relay",
    "a secret shared with SePay",
    "a master key of the test",
)
BEHIND_PROXY = "web2"


class SmsRelay:
    """An SMS provider's relay: takes {phone, text} with the right key and remembers it."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.seconds, self.begun = 0.0, 0  # how long it takes over a text, and how many it has begun
        texts, relay = self.texts, self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                is_ours = self.headers["authorization"] == f"Bearer {SMS_KEY}"
                relay.begun += 1
                time.sleep(relay.seconds)
                if is_ours:
                    texts.append((sent["phone"], sent["text"]))
                self.send_response(204 if is_ours else 401)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self._server.server_port}/texts"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def code_for(self, phone: str) -> str:
        """The newest code that came for a phone (0912…)."""
        mine = [f"+84{phone[1:]}"]
        return str(eventually(lambda: code_in([text for to, text in self.texts if to in mine]), 20))

    def close(self) -> None:
        """No more texts."""
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Installation:
    """One production installation: its settings, the relay of its texts, and its processes by name."""

    settings: dict[str, str]
    relay: SmsRelay
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    own: dict[str, dict[str, str]] = field(default_factory=dict)  # settings of single processes by name
    root: Path = ROOT  # where its code lies
    argv: tuple[str, ...] = (sys.executable, "-m", "market.cli")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return subprocess.run(
            self._argv(*words),
            cwd=self.root,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def succeed(self, *words: str) -> str:
        """What a command says that must go well."""
        done = self.command(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str) -> None:
        """A `web…` or `worker…` process of its own; a web process gets a port."""
        kind, more = name.rstrip("0123456789"), {}
        if kind == "web":
            port = int(self.own.get(name, {}).get("PORT", 0)) or free_port()
            self.urls[name], more = f"http://127.0.0.1:{port}", {"PORT": str(port)}
            more["TRUSTED_PROXIES"] = "127.0.0.1" if name == BEHIND_PROXY else ""
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                self._argv(kind),
                cwd=self.root,
                env=self._environment() | more | self.own.get(name, {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self) -> None:
        """Until every web process serves and every worker has begun."""
        for name in self.running:
            eventually(partial(self._is_ready, name), 150, partial(self.said, name))

    def _is_ready(self, name: str) -> bool:
        assert self.running[name].poll() is None, f"{name} ended: {self.said(name)}"
        if name in self.urls:
            return bool(httpx2.get(f"{self.urls[name]}/ready").status_code == 200)
        return "begun: " in self.said(name)

    def stop(self, name: str) -> tuple[int, float]:
        """SIGTERM, as service managers send it; gives the exit status and the seconds it took."""
        process, began = self.running.pop(name), time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(30), time.monotonic() - began
        finally:
            process.kill()

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.folder / f"{name}.log"

    def said(self, name: str) -> str:
        """The end of what a process wrote."""
        return self.log(name).read_text(errors="replace")[-3000:]

    @contextmanager
    def program(self, web: str, phone: str = "") -> Iterator[httpx2.Client]:
        """A program at one of the web processes, signed in if a phone is given."""
        with httpx2.Client(base_url=self.urls[web], timeout=30) as client:
            if phone:
                sign_in(client, phone, self.relay.code_for)
            yield client

    def _argv(self, *words: str) -> list[str]:
        return [*self.argv, *words]

    def _environment(self) -> dict[str, str]:
        return without_settings() | self.settings | {"PYTHONUNBUFFERED": "1"}


def settings_for(folder: Path, relay_url: str) -> dict[str, str]:
    """What docs/production.md asks to be set, without the servers."""
    return {
        "MODE": "production",
        "SECRET_KEY": "thirty-two characters or more, and of our own",
        "BASE_URL": "https://cho.example.vn",
        "SMS_GATE": "webhook",
        "SMS_WEBHOOK_URL": relay_url,
        "SMS_WEBHOOK_KEY": SMS_KEY,
        "NOTICE_TWINS": "0",
        "WEBHOOK_TWIN": "0",
        "BANK_TWIN": "0",
        "PAY_TWINS": "0",
        "CARRIERS": "",
        "CARRIER_TWINS": "0",
        "PAY_GATES": "",
        "SEPAY_SECRET": SEPAY_SECRET,
        "CASSO_SECRET": "",
        "PAYOS_CHECKSUM_KEY": "",
        "DATA_KEY": "a key for the tests of an installation, long enough",
        "VNEID_GATE": "off",
        "VAR": str(folder / "var"),
        "MEDIA_URL": (folder / "media").as_uri(),
        "FACTOR_REQUIRED": "none",  # programs act here; what a factor keeps out is tests/accounts/test_factors.py
    }


@contextmanager
def meilisearch(folder: Path) -> Iterator[str]:
    """A Meilisearch of this test."""
    folder.mkdir()
    port = free_port()
    words = ["--http-addr", f"127.0.0.1:{port}", "--db-path", str(folder / "db"), "--master-key", MEILI_KEY]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["meilisearch", *words, "--no-analytics", "--env", "production"],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: httpx2.get(f"{url}/health").status_code == 200, 30, (folder / "log").read_text)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def end_all(made: Installation) -> None:
    """Kills what a failed test left."""
    for process in made.running.values():
        process.kill()
        process.wait(10)
