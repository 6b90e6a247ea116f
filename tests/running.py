"""A whole market of real processes, as `make run` starts it, for the tests that want nothing in process."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import httpx2

from accounts.services import RESEND_SECONDS
from kit.db import connect, disconnect
from kit.embedded import find_running
from kit.settings import Settings
from market.demo.people import PEOPLE
from payments.services import assert_balanced
from tests.programs import ADDRESS

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
SHOPPER = "0912000002"
FRESH = httpx2.Limits(keepalive_expiry=2)  # uvicorn hangs up on a connection that was idle for five seconds
TWINS_TEXT = re.compile(r"\w+ +\| --- tin nhắn giả .*?\n\w+ +\| ---\n", re.DOTALL)  # what a phone would show
PART_OF_IT = re.compile(r"(web|worker) +\| ")
PERSONAL = (
    r"(?<![\w.:-])(?:\+84|0)[35789]\d{8}(?!\w)|[\w.+-]+@[\w-]+\.\w|Bearer \S|csrf=|[?&](?:phone|code|token)="
)
BANNER = re.compile(r"Chợ 4\.0: (http://\S+)")


@dataclass
class RunningMarket:
    """One checkout's processes over a var folder of their own; can be stopped, killed and started again.

    Port 0 leaves the choice to the market; `url` is what its banner says.
    """

    var: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    log: Path = field(init=False)
    asked_at: dict[str, float] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.log = self.var / "run.log"

    def start(self) -> float:
        """Starts everything and waits until the banner stands in the log; gives the seconds it took."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            seen = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "market.cli", "run"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = self.process

        def greeted() -> re.Match[str] | None:
            assert process.poll() is None, f"it ended by itself\n{self.last_words()}"
            return BANNER.search(self.log.read_bytes()[seen:].decode(errors="replace"))

        self.url = str(eventually(greeted, START_SECONDS, self.last_words)[1])
        return time.monotonic() - began

    def environment(self) -> dict[str, str]:
        """Its own settings and none of ours."""
        where = {"PORT": str(self.port), "BASE_URL": f"http://127.0.0.1:{self.port}"} if self.port else {}
        return without_settings() | where | {"VAR": str(self.var)}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command beside the running market."""
        return subprocess.run(
            [sys.executable, "-m", "market.cli", *words],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def interrupt(self) -> int:
        """Ctrl-C; gives the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def kill(self) -> None:
        """kill -9 of the whole group, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def remains(self) -> list[str]:
        """Processes that still belong to this var folder."""
        return [f"{number} {' '.join(words)}"[:160] for number, words in self.processes().items()]

    def processes(self) -> dict[int, list[str]]:
        """The command line of each living process that knows this var folder, by number."""
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                words, around = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            except OSError:
                continue
            if words and str(self.var).encode() in words + around and folder.name != str(os.getpid()):
                found[int(folder.name)] = words.decode(errors="replace").strip("\0").split("\0")
        return found

    def pid_of(self, name: str) -> int:
        """The process number of its `web` or `worker`, or of its `postgres` or `redis`."""
        if name in ("postgres", "redis"):
            server = find_running(self.var, name)
            assert server is not None, f"no {name}\n{self.last_words()}"
            return server.pid
        for number, words in self.processes().items():
            if words[-2:] == ["market.cli", name]:
                return number
        raise AssertionError(f"no {name}\n{self.last_words()}")

    def assert_balanced(self) -> None:
        """The books of the running market sum to nothing and agree with the payments."""
        found = find_running(self.var, "postgres")
        assert found is not None
        balanced(found.url)

    def last_code(self, phone: str) -> str:
        """The newest one-time code texted to a phone (0912…), sent since it was last waited for."""
        return str(
            eventually(lambda: code_in(self._texts_to(phone)[self.read[phone] :]), 30, self.last_words)
        )

    def _texts_to(self, phone: str) -> list[str]:
        path = self.var / "twins" / "texts.jsonl"
        texts = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [one["words"] for one in texts if one["phone"] == f"+84{phone[1:]}"]

    def wait_for_a_new_code(self, phone: str) -> None:
        """Until the market texts this phone again: nobody gets two codes within half a minute."""
        time.sleep(max(0.0, self.asked_at.get(phone, 0.0) + RESEND_SECONDS + 1 - time.monotonic()))
        self.asked_at[phone], self.read[phone] = time.monotonic(), len(self._texts_to(phone))

    @contextmanager
    def program(self, phone: str = SHOPPER) -> Iterator[httpx2.Client]:
        """A program of one of the demo's people, signed in with a texted code."""
        with httpx2.Client(base_url=self.url, timeout=30, limits=FRESH) as client:
            self.wait_for_a_new_code(phone)
            sign_in(client, phone, self.last_code)
            yield client

    def pay(self, order: dict[str, Any], *options: str) -> None:
        """The bank command on the order's QR text, as the README says it."""
        done = self.command("bank", str(order["payment"]["qr_text"]), *options)
        assert done.returncode == 0, done.stdout + done.stderr

    def assert_log_knows_nobody(self) -> None:
        """No line of the log holds a phone number, an e-mail address, a name of the demo, an account or a token."""
        names = "|".join(re.escape(one.name) for one in PEOPLE)
        personal = re.compile(rf"{PERSONAL}|{names}")
        said = TWINS_TEXT.sub("", self.log.read_text(errors="replace"))
        found = [line for line in said.splitlines() if PART_OF_IT.match(line) and personal.search(line)]
        assert not found, "the log says more than it should:\n" + "\n".join(found[:20])

    def last_words(self) -> str:
        """The end of the log, for complaints."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


@contextmanager
def running_market() -> Iterator[RunningMarket]:
    """A market in a new folder that runs; afterwards nothing is left of it."""
    made = new_market()
    try:
        made.start()
        yield made
    finally:
        end_market(made)


def new_market(*, port: int | None = None) -> RunningMarket:
    """A market in a new folder on a free port (0: the market chooses), not started yet."""
    return RunningMarket(new_folder(), free_port() if port is None else port)


def end_market(market: RunningMarket) -> None:
    """Stops it, whatever state it is in, and removes its folder."""
    if market.process is not None and market.process.poll() is None:
        market.interrupt()
    shutil.rmtree(market.var, ignore_errors=True)


def new_folder() -> Path:
    """A folder that the database's own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="cho-run-"))
    folder.chmod(0o711)
    return folder


def without_settings() -> dict[str, str]:
    """Our environment without any setting of a market."""
    ours = {one.name.upper() for one in fields(Settings)}
    return {name: value for name, value in os.environ.items() if name not in ours}


def sign_in(client: httpx2.Client, phone: str, code_of: Callable[[str], str]) -> None:
    """Asks for a code, reads it, and keeps the token that it is traded for."""
    asked = client.post("/api/v1/sign-in/codes", json={"phone": phone})
    assert asked.status_code == 202, asked.text
    given = client.post("/api/v1/sign-in", json={"phone": phone, "code": code_of(phone)})
    assert given.status_code == 201, given.text
    client.headers["authorization"] = f"Bearer {given.json()['token']}"


def code_in(texts: list[str]) -> str:
    """The six digits in the last of these texts that has any; nothing when there is none."""
    found = [hit for words in texts if (hit := re.search(r"\b[0-9]{6}\b", words))]
    return found[-1][0] if found else ""


def order_something(client: httpx2.Client, key: str, words: str = "na la hien") -> dict[str, Any]:
    """An order, not paid yet, for the first thing that these words find."""
    found = on_sale(client, q=words)[0]
    line = {"listing": found["code"], "quantity": 1}
    kept = client.post("/api/v1/basket/lines", json=line, headers={"idempotency-key": f"line-{key}"})
    assert kept.status_code == 201, kept.text
    review = client.get("/api/v1/checkout", params={"commune_code": ADDRESS["commune_code"]}).json()
    sent = {**ADDRESS, "seen": review["seen"]}
    placed = client.post("/api/v1/orders", json=sent, headers={"idempotency-key": f"order-{key}"})
    assert placed.status_code == 201, placed.text
    [code] = placed.json()["codes"]
    return read_order(client, code)


def on_sale(client: httpx2.Client, **wanted: str) -> list[dict[str, Any]]:
    """What a search finds; when the engine took too long over it, people press the button again."""

    def answer() -> httpx2.Response | None:
        said = client.get("/api/v1/search", params=wanted)
        return None if said.status_code == 503 else said

    said = eventually(answer, 30)
    assert said.status_code == 200, said.text
    found: list[dict[str, Any]] = said.json()["items"]
    return found


def read_order(client: httpx2.Client, code: str) -> dict[str, Any]:
    """The order as it is now."""
    answer = client.get(f"/api/v1/orders/{code}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(check: Callable[[], Any], seconds: float, complaint: Callable[[], str] = str) -> Any:
    """The first true answer of a check, asked again and again; fails with the complaint."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            answer = check()
        except (OSError, httpx2.HTTPError):
            answer = None
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s\n{complaint()}")


def balanced(database_url: str) -> None:
    """The books in this database sum to nothing and agree with the payments."""
    asyncio.run(_balanced(database_url))


async def _balanced(database_url: str) -> None:
    await connect(database_url)
    try:
        await assert_balanced()
    finally:
        await disconnect()
