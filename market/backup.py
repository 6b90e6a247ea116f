"""Backups: database, media and settings that are no secrets, in one folder with a manifest of sizes and digests.

The database is read as of one moment (pg_dump's snapshot) while people go on. Media are copied before and after it, so
that every file a row of that moment speaks of is there. The search index is no part: it is built anew.
"""

import asyncio
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from kit import schema
from kit.db import program_environment
from kit.embedded import MissingServer
from kit.embedded.postgres_home import find_programs
from kit.media import Media, open_media
from kit.settings import Settings

FORMAT = 1
MANIFEST, DATABASE, SETTINGS, MEDIA = "manifest.json", "database.dump", "settings.json", "media"
NAME = re.compile(r"cho-[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
PIECE_BYTES = 1024 * 1024
_SECRET = re.compile(r"secret|key|token|password|_url|user|phone", re.I)


class BackupFailed(Exception):
    """No backup was made, or none was read back; the text says why."""


@dataclass(frozen=True)
class FileNote:
    """A file's size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, by path within its folder."""

    format: int
    made_at: str
    revision: str
    mode: str
    files: Mapping[str, FileNote]


async def make_backup(settings: Settings, into: Path, *, now: datetime | None = None) -> Path:
    """A new folder below `into` with everything; it has its name only when it is whole. Raises BackupFailed."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    folder = into / f"cho-{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    half = folder.with_suffix(".part")
    half.mkdir(parents=True, mode=0o700)
    try:
        media = open_media(settings.media_url, settings.var_path)
        await copy_media(media, half / MEDIA)
        revision = await schema.revision_of(settings.database_url)
        await asyncio.to_thread(_dump, settings.database_url, half / DATABASE)
        await copy_media(media, half / MEDIA)
        (half / SETTINGS).write_text(json.dumps(open_settings(settings), indent=1, ensure_ascii=False))
        files = await asyncio.to_thread(notes_of, half)
        manifest = Manifest(FORMAT, moment.isoformat(), revision or "", settings.mode, files)
        (half / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        half.rename(folder)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return folder


async def copy_media(media: Media, folder: Path) -> int:
    """Copies what the folder lacks; gives how many files. One that is dropped meanwhile is left out."""
    copied = 0
    async for key in media.keys():
        place = folder / key
        if place.exists():
            continue
        content = await media.get(key)
        if content is not None:
            await asyncio.to_thread(_write, place, content)
            copied += 1
    return copied


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def open_settings(settings: Settings) -> dict[str, object]:
    """Settings that anybody may read: whose names sound like a secret, an address or a person stay out."""
    return {
        one.name: getattr(settings, one.name) for one in fields(Settings) if not _SECRET.search(one.name)
    } | {"base_url": settings.base_url}


def _dump(database_url: str, to: Path) -> None:
    run_program(
        "pg_dump", database_url, ["--format=custom", "--no-owner", "--no-privileges", "--file", str(to)]
    )


def run_program(name: str, database_url: str, words: list[str]) -> None:
    """One of PostgreSQL's own programs on a database. Raises BackupFailed with its last words."""
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"} | program_environment(
        database_url
    )
    done = subprocess.run([_program(name), *words], env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        last = " ".join(done.stderr.strip().splitlines()[-3:])
        raise BackupFailed(f"{name} ended with {done.returncode}: {last}")


def _program(name: str) -> str:
    try:
        folder: Path | None = find_programs().bin
    except MissingServer:
        folder = None
    found = (shutil.which(name, path=str(folder)) if folder else None) or shutil.which(name)
    if not found:
        raise BackupFailed(f"{name} is not here: install PostgreSQL's client programs (postgresql-client).")
    return found


def notes_of(folder: Path) -> dict[str, FileNote]:
    """Every file of a folder but the manifest, with size and digest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): note_of(path) for path in paths}


def note_of(path: Path) -> FileNote:
    """A file's size and digest, read piece by piece."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
    return FileNote(size, digest.hexdigest())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup, after every file was held against it. Raises BackupFailed naming what differs."""
    try:
        said = json.loads((folder / MANIFEST).read_text())
        files = {path: FileNote(int(one["size"]), str(one["sha256"])) for path, one in said["files"].items()}
        manifest = Manifest(int(said["format"]), said["made_at"], said["revision"], said["mode"], files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BackupFailed(f"{folder} is no whole backup: {type(fault).__name__} at {MANIFEST}") from fault
    if manifest.format != FORMAT:
        raise BackupFailed(f"{folder} has format {manifest.format}, this version reads {FORMAT}.")
    found = notes_of(folder)
    wrong = sorted(path for path in {*files, *found} if path not in found or files.get(path) != found[path])
    if wrong or DATABASE not in files:
        raise BackupFailed(f"{folder} is not as it was written: {', '.join(wrong[:5]) or DATABASE}")
    return manifest


def drop_old(into: Path, keep: int) -> list[Path]:
    """Deletes all but the newest `keep` backups of a folder, never one that is not ours or not whole."""
    ours = sorted(
        path for path in into.iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).is_file()
    )
    past = ours[:-keep] if keep > 0 else []
    for folder in past:
        shutil.rmtree(folder)
    return past
