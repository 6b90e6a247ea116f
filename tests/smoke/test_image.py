"""What the container file copies is enough to run a market: without a checkout, without what developers install."""

import re
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from kit.embedded import start_postgres, start_redis
from kit.settings import ROOT
from tests.installation import Installation, SmsRelay, end_all, settings_for
from tests.running import new_folder

PHONE = "0912000409"
# Runs market.cli while nothing can be imported that is not in the image: names of distributions come as the first word.
WITHOUT = """
import importlib.metadata, re, runpy, sys
def plain(name): return re.sub("[-_.]+", "-", name).lower()
kept = set(sys.argv.pop(1).split(","))
gone = {module for module, names in importlib.metadata.packages_distributions().items()
        if not any(plain(name) in kept for name in names)}
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in gone:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)
sys.meta_path.insert(0, Gone())
sys.argv[0] = "market.cli"
sys.path.insert(0, "")
runpy.run_module("market.cli", run_name="__main__", alter_sys=True)
"""


def in_the_image() -> str:
    """The distributions of the lock file but those that the container file takes out again."""
    text = (ROOT / "deploy" / "Containerfile").read_text()
    dropped = re.search(r"uninstall --yes ([^\n]+)", text)
    assert dropped
    locked = re.findall(
        r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==", (ROOT / "requirements.lock").read_text(), re.M
    )
    plain = {re.sub("[-_.]+", "-", name).lower() for name in locked}
    return ",".join(sorted(plain - set(dropped[1].split())))


def copied_to(tree: Path) -> None:
    """What the container file copies out of the checkout, as it copies it."""
    text = (ROOT / "deploy" / "Containerfile").read_text()
    for source, to in re.findall(r"^COPY (?!--from)(\S+) /opt/cho/(\S+)$", text, re.M):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tree / to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, tree / to)


def files_of(tree: Path) -> dict[str, int]:
    """Every file with the time it was last written."""
    return {str(one.relative_to(tree)): one.stat().st_mtime_ns for one in tree.rglob("*") if one.is_file()}


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Installation]:
    """An installation whose code is the image's and nothing else."""
    tree, folder = tmp_path / "cho", new_folder()
    tree.mkdir()
    copied_to(tree)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        relay = SmsRelay()
        stack.callback(relay.close)
        servers = {
            "DATABASE_URL": stack.enter_context(start_postgres(folder / "outside", fast=True)).url,
            "REDIS_URL": stack.enter_context(start_redis(folder / "outside")).url,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        argv = (sys.executable, "-P", "-c", WITHOUT, in_the_image())
        made = Installation(settings_for(folder, relay.url) | servers, relay, folder, root=tree, argv=argv)
        stack.callback(end_all, made)
        yield made


def test_what_is_copied_is_enough_for_every_process_and_is_never_written_to(image: Installation) -> None:
    """Migrated, filled, served, a text sent by the worker; the folder of the code stays as it was."""
    before = files_of(image.root)
    image.succeed("migrate")
    image.succeed("fill")
    for name in ("web1", "worker1"):
        image.start(name)
    image.wait_ready()
    home = httpx2.get(image.urls["web1"] + "/")
    assert home.status_code == 200 and "Chợ" in home.text
    sheet = re.search(r'href="(/static/[^"]+\.css[^"]*)"', home.text)
    assert sheet and httpx2.get(image.urls["web1"] + sheet[1]).status_code == 200
    with image.program("web1", PHONE) as client:
        assert client.get("/me").status_code == 200
    image.succeed("audit")
    for name in ("web1", "worker1"):
        status, _ = image.stop(name)
        assert status in (0, -signal.SIGTERM), image.said(name)
    assert files_of(image.root) == before


def test_what_is_not_in_the_image_cannot_be_used_by_it(image: Installation) -> None:
    """Else the other test would prove nothing: where servers are not given by address, it says what is missing."""
    image.settings["REDIS_URL"] = ""
    image.settings["DATABASE_URL"] = ""
    done = image.command("migrate")
    assert done.returncode != 0 and "Traceback" not in done.stderr
