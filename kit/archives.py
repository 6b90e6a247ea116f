"""ZIP files from people: weighed by what they claim before anything is unpacked, and unpacked no further than that.

PKWARE's APPNOTE, 4.3: the directory at the end names every entry with its sizes. What it claims may be a lie, so each
entry is inflated up to its claimed size and refused when it is another.
"""

import io
import itertools
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import Literal

ARCHIVE_BYTES_MAX = 100 * 1024 * 1024
ENTRIES_MAX = 2_000
UNPACKED_MAX = 400 * 1024 * 1024
ENTRY_MAX = 40 * 1024 * 1024
RATIO_MAX = 50
SMALL = 64 * 1024  # what is this small may be packed as well as it likes
Reason = Literal["bytes", "entries", "bomb", "locked", "broken", "kind"]


class BadArchive(ValueError):
    """No ZIP file we open; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"bad archive: {reason}")
        self.reason: Reason = reason


@dataclass(frozen=True)
class Archive:
    """A ZIP file that was weighed: its bytes, and its files by their last names, small letters, NFC."""

    raw: bytes
    entries: dict[str, zipfile.ZipInfo]
    doubled: frozenset[str]

    def content(self, name: str) -> bytes:
        """A file's content by its name as `plain_name` gives it. KeyError, BadArchive. Computes."""
        entry = self.entries[name]
        content = inflated(self.raw, entry, min(entry.file_size, ENTRY_MAX))
        if zlib.crc32(content) != entry.CRC:
            raise BadArchive("broken")
        return content


def open_archive(raw: bytes) -> Archive:
    """Weighs a ZIP file and lists its files; unpacks nothing. Raises BadArchive. Computes a little."""
    if len(raw) > ARCHIVE_BYTES_MAX:
        raise BadArchive("bytes")
    if raw[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise BadArchive("kind")
    entries = entries_of(raw)
    if len(entries) > ENTRIES_MAX:
        raise BadArchive("entries")
    _refuse_bombs(entries)
    named: dict[str, zipfile.ZipInfo] = {}
    doubled: set[str] = set()
    for entry in entries:
        name = plain_name(_decoded(entry))
        if entry.is_dir() or not name or name.startswith(".") or "__macosx/" in entry.filename.lower():
            continue
        if name in named and named[name].CRC != entry.CRC:
            doubled.add(name)
        named.setdefault(name, entry)
    return Archive(raw, named, frozenset(doubled))


def entries_of(raw: bytes) -> list[zipfile.ZipInfo]:
    """The entries that a ZIP file's directory names. Raises BadArchive."""
    try:
        return zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, struct.error) as fault:
        raise BadArchive("broken") from fault


def inflated(raw: bytes, entry: zipfile.ZipInfo, left: int) -> bytes:
    """One entry, unpacked no further than `left` bytes, whatever its header claims. Raises BadArchive."""
    at = entry.header_offset
    if raw[at : at + 4] != b"PK\x03\x04" or len(raw) < at + 30:
        raise BadArchive("broken")
    name_length, extra_length = struct.unpack("<HH", raw[at + 26 : at + 30])
    start = at + 30 + name_length + extra_length
    packed = raw[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        content = packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, left + 1)
        except zlib.error as fault:
            raise BadArchive("broken") from fault
    else:
        raise BadArchive("kind")
    if len(content) > left or len(content) != entry.file_size:
        raise BadArchive("bomb")
    return content


def plain_name(path: str) -> str:
    """A file's name as names are compared: without folders, NFC, small letters, blanks squeezed."""
    last = path.replace("\\", "/").rsplit("/", 1)[-1]
    return " ".join(unicodedata.normalize("NFC", last).casefold().split())


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    """By claimed sizes: too much in all, an entry too large, or packed tighter than any photo; overlaps too."""
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadArchive("locked")
    if sum(entry.file_size for entry in entries) > UNPACKED_MAX:
        raise BadArchive("bomb")
    for entry in entries:
        tight = entry.file_size > SMALL and entry.file_size > RATIO_MAX * max(entry.compress_size, 1)
        if entry.file_size > ENTRY_MAX or tight:
            raise BadArchive("bomb")
    packed = sorted((entry.header_offset, entry.compress_size) for entry in entries if entry.compress_size)
    for (start, size), (following, _) in itertools.pairwise(packed):
        if start + 30 + size > following:
            raise BadArchive("bomb")


def _decoded(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: old programs write UTF-8 without saying so, which reads as code page 437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename
