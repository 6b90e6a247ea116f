"""The supervisor on real processes: signals, stubborn and crashing children, its own kill -9."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit.embedded import wait_ready
from kit.embedded.servers import is_ours

CHECKOUT = Path(__file__).parents[2]

# The supervisor runs in a Python of its own, so that the tests can send it signals.

SUPERVISOR = """
import json, sys
from kit.embedded import Command, run_all
codes = json.loads(sys.argv[1])
commands = [Command(name, [sys.executable, "-c", code], patience_s=1.5) for name, code in codes.items()]
sys.exit(run_all(commands))
"""
SLEEPER = "import os, time; print('pid', os.getpid(), 'token'); time.sleep(60)"
POLITE = """
import signal, sys, time
def leave(*_): print('goodbye'); sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print('here'); time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here'); time.sleep(60)"


def supervise(**codes: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", SUPERVISOR, json.dumps(codes)]
    return subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def next_line(supervisor: "subprocess.Popen[str]") -> str:
    assert supervisor.stdout
    return supervisor.stdout.readline().rstrip("\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_children_politely(number: int) -> None:
    supervisor = supervise(web=POLITE)
    assert next_line(supervisor) == "web      | here"
    supervisor.send_signal(number)
    out, errors = supervisor.communicate(timeout=10)
    assert (out, errors, supervisor.returncode) == ("web      | goodbye\n", "", 0)


def test_a_stubborn_child_is_killed_in_time() -> None:
    supervisor = supervise(web=STUBBORN)
    next_line(supervisor)
    asked_at = time.monotonic()
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate(timeout=10)
    assert supervisor.returncode == 0
    assert 1.4 < time.monotonic() - asked_at < 4


def test_a_second_signal_does_not_wait() -> None:
    supervisor = supervise(web=STUBBORN)
    next_line(supervisor)
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.3)
    asked_at = time.monotonic()
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=10)
    assert time.monotonic() - asked_at < 1


def test_kill_9_of_the_supervisor_leaves_no_orphan() -> None:
    supervisor = supervise(web=SLEEPER, worker=SLEEPER)
    pids = [int(next_line(supervisor).split()[3]) for _ in range(2)]
    assert all(is_ours(pid, SLEEPER) for pid in pids)
    supervisor.kill()
    supervisor.communicate()
    assert wait_ready(lambda: not any(is_ours(pid, SLEEPER) for pid in pids), 3)


def test_a_crashed_child_starts_again_with_growing_pauses() -> None:
    supervisor = supervise(worker="print('up'); print('half a line', end=''); raise SystemExit(1)")
    lines = [next_line(supervisor) for _ in range(6)]
    assert lines[:3] == [
        "worker   | up",
        "worker   | half a line",
        "worker   | ended with status 1; starting again in 0.5 s",
    ]
    assert lines[5] == "worker   | ended with status 1; starting again in 1 s"
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate(timeout=10)
    assert supervisor.returncode == 0


def test_what_cannot_be_kept_alive_stops_everything() -> None:
    # Pauses of 0.5, 1, 2, 4 and 8 s would be long to wait for; the sixth young death is near without them.
    quick = "import kit.embedded.processes as p; p.LONGEST_PAUSE_S = 0.05\n" + SUPERVISOR
    codes = json.dumps({"web": SLEEPER, "worker": "raise SystemExit(3)"})
    ended = subprocess.run(
        [sys.executable, "-c", quick, codes], cwd=CHECKOUT, capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[-1] == "worker   | ended with status 3; 6 times in a row, giving up"
