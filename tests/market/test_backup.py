"""Backups: what they hold and leave out, what is refused, and which are kept."""

import json
import os
import subprocess
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.db import program_environment
from kit.media import open_media
from kit.settings import Settings
from market.backup import (
    DATABASE,
    MANIFEST,
    SETTINGS,
    BackupFailed,
    copy_media,
    drop_old,
    make_backup,
    open_settings,
    read_manifest,
    run_program,
)
from market.restoring import restore

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SECRETS = (
    "secret_key",
    "data_key",
    "sepay_secret",
    "metrics_token",
    "smtp_url",
    "database_url",
    "vnpost_user",
)


@pytest.fixture
def installed(settings: Settings, database: str) -> Settings:
    """Settings of the tests' own database."""
    return replace(settings, database_url=database)


async def test_a_backup_is_whole_and_only_for_its_owner(installed: Settings, tmp_path: Path) -> None:
    """Database, media and open settings under a name of its moment; nobody else may look inside."""
    media = open_media("", tmp_path)
    await media.put("listings/7/a-640.webp", b"a photo")
    folder = await make_backup(installed, tmp_path / "backups", now=NOON)
    assert folder.name.startswith("cho-20261122-050000-") and folder.stat().st_mode & 0o077 == 0
    manifest = read_manifest(folder)
    assert set(manifest.files) == {DATABASE, SETTINGS, "media/listings/7/a-640.webp"}
    assert (manifest.mode, manifest.files["media/listings/7/a-640.webp"].size) == ("demo", 7)
    assert not list((tmp_path / "backups").glob("*.part"))


def test_settings_that_are_secrets_stay_out() -> None:
    """Whatever they are called; what says how the market runs is there."""
    texts = {one.name: f"hidden-{one.name}" for one in fields(Settings) if isinstance(one.default, str)}
    told = open_settings(replace(Settings(), **{name: texts[name] for name in SECRETS}))
    assert "hidden-" not in json.dumps(told)
    assert told["payment_minutes"] == 15 and told["base_url"] == "http://127.0.0.1:8000"


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "no manifest", "format", "garbled"])
async def test_a_backup_that_is_not_as_written_is_refused(
    installed: Settings, tmp_path: Path, harm: str
) -> None:
    """Before anything is touched, with the file named."""
    folder = await make_backup(installed, tmp_path / "backups")
    if harm == "changed":
        raw = bytearray((folder / DATABASE).read_bytes())
        raw[len(raw) // 2] ^= 1
        (folder / DATABASE).write_bytes(raw)
    elif harm == "missing":
        (folder / SETTINGS).unlink()
    elif harm == "added":
        (folder / "media").mkdir(exist_ok=True)
        (folder / "media" / "stranger").write_bytes(b"x")
    elif harm == "no manifest":
        (folder / MANIFEST).unlink()
    elif harm == "format":
        said = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps({**said, "format": 2}))
    else:
        (folder / MANIFEST).write_text("{")
    with pytest.raises(BackupFailed, match=str(folder)):
        await restore(installed, folder, force=False)


async def test_a_database_that_holds_something_is_not_touched(installed: Settings, tmp_path: Path) -> None:
    """Without --force never; with it not while somebody is connected, such as these tests."""
    folder = await make_backup(installed, tmp_path / "backups")
    with pytest.raises(BackupFailed, match="not empty"):
        await restore(installed, folder, force=False)
    with pytest.raises(BackupFailed, match="Somebody is connected"):
        await restore(installed, folder, force=True)


async def test_a_backup_of_a_newer_version_is_refused(installed: Settings, tmp_path: Path) -> None:
    """This code could not read its tables."""
    folder = await make_backup(installed, tmp_path / "backups")
    said = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**said, "revision": "9999"}))
    with pytest.raises(BackupFailed, match="9999"):
        await restore(installed, folder, force=True)


async def test_a_dump_that_fails_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    """No half folder, and the reason in words."""
    nowhere = replace(settings, database_url="postgres://cho@127.0.0.1:1/cho")
    with pytest.raises((BackupFailed, OSError)):
        await make_backup(nowhere, tmp_path / "backups")
    assert not list((tmp_path / "backups").iterdir())


async def test_media_that_come_and_go_meanwhile(tmp_path: Path) -> None:
    """What came is copied in the second pass, what is there already is not copied again."""
    media = open_media("", tmp_path / "var")
    await media.put("a/1", b"one")
    assert await copy_media(media, tmp_path / "copy") == 1
    await media.put("a/2", b"two")
    await media.drop("a/1")
    assert await copy_media(media, tmp_path / "copy") == 1
    assert {path.name for path in (tmp_path / "copy").rglob("*") if path.is_file()} == {"1", "2"}


def test_only_the_newest_are_kept_and_nothing_of_others(tmp_path: Path) -> None:
    """Half ones, strangers' folders and names that only look alike stay."""
    made = []
    for day in range(5):
        folder = tmp_path / f"cho-{NOON + timedelta(days=day):%Y%m%d-%H%M%S}-00ff"
        folder.mkdir()
        (folder / MANIFEST).write_text("{}")
        made.append(folder)
    for other in ("cho-20200101-000000-00ff", "photos", "cho-20200101-000000-00ff.part"):
        (tmp_path / other).mkdir()
    assert drop_old(tmp_path, 0) == []
    assert drop_old(tmp_path, 2) == made[:3]
    assert sorted(path.name for path in tmp_path.iterdir() if path in made) == [one.name for one in made[3:]]
    assert len(list(tmp_path.iterdir())) == 5


def test_a_password_is_not_among_a_programs_words(monkeypatch: Any) -> None:
    """It goes by the environment, which only the same user can read."""
    asked: dict[str, Any] = {}

    def run(argv: list[str], **more: Any) -> Any:
        asked.update(more, argv=argv)
        return subprocess.CompletedProcess(argv, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    run_program("pg_dump", "postgres://cho:top%20secret@db:5433/cho", ["--format=custom"])
    assert "top secret" not in " ".join(asked["argv"])
    assert asked["env"]["PGPASSWORD"] == "top secret" and asked["env"]["PGPORT"] == "5433"
    assert "SECRET_KEY" not in asked["env"] and os.environ.get("HOME", "") not in asked["env"].values()
    assert program_environment("postgres:///cho?host=/run/pg&user=cho") == {
        "PGUSER": "cho",
        "PGHOST": "/run/pg",
        "PGPORT": "5432",
        "PGDATABASE": "cho",
    }
