"""ZIP files from people: names however they are written, bombs and lies refused before or while unpacking."""

import io
import struct
import zipfile

import pytest

from kit.archives import ENTRIES_MAX, ENTRY_MAX, BadArchive, open_archive, plain_name


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", how) as book:
        for name, content in files:
            book.writestr(name, content)
    return written.getvalue()


def refused(raw: bytes) -> str:
    """Why a file is not opened."""
    with pytest.raises(BadArchive) as bad:
        open_archive(raw)
    return bad.value.reason


def test_files_are_found_by_their_last_names_whatever_their_letters() -> None:
    raw = zipped(
        ("Ảnh/Chè 1.JPG", b"one"), ("sub\\na.png", b"two"), ("__MACOSX/._x.jpg", b"x"), ("leer/", b"")
    )
    opened = open_archive(raw)
    assert set(opened.entries) == {"chè 1.jpg", "na.png"}
    assert opened.content(plain_name("CHE\u0300 1.jpg")) == b"one"


def test_names_of_old_programs_are_read_as_they_were_meant() -> None:
    name = "chè.jpg".encode()
    raw = zipped(("c" * len(name), b"x")).replace(b"c" * len(name), name)
    assert set(open_archive(raw).entries) == {"chè.jpg"}


def test_two_files_of_one_name_are_told() -> None:
    opened = open_archive(
        zipped(("a/x.jpg", b"one"), ("b/X.jpg", b"two"), ("c/y.jpg", b"y"), ("d/y.jpg", b"y"))
    )
    assert opened.doubled == {"x.jpg"}


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "kind"),
        (b"%PDF-1.4", "kind"),
        (b"PK\x03\x04 broken", "broken"),
        (zipped(("x.jpg", b"0" * 10_000_000)), "bomb"),
        (zipped(*((f"{n}.jpg", b"") for n in range(ENTRIES_MAX + 1))), "entries"),
    ],
    ids=["empty", "pdf", "broken", "packed too tight", "too many"],
)
def test_what_is_not_opened(raw: bytes, reason: str) -> None:
    assert refused(raw) == reason


def claiming(size: int, times: int = 1) -> bytes:
    """A ZIP whose directory claims this size for each of its files."""
    raw = bytearray(zipped(*((f"{n}.jpg", b"x" * 100) for n in range(times)), how=zipfile.ZIP_STORED))
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", raw, at + 24, size)
        at = raw.find(b"PK\x01\x02", at + 4)
    return bytes(raw)


def test_what_is_claimed_is_weighed_before_anything_is_unpacked() -> None:
    assert refused(claiming(ENTRY_MAX + 1)) == "bomb"
    assert refused(claiming(ENTRY_MAX - 1, times=12)) == "bomb", "too much in all"


def test_a_lie_about_the_size_is_found_while_unpacking() -> None:
    opened = open_archive(claiming(99))
    with pytest.raises(BadArchive, match="bomb"):
        opened.content("0.jpg")


def test_a_changed_byte_is_found() -> None:
    raw = bytearray(zipped(("x.jpg", b"hello hello"), how=zipfile.ZIP_STORED))
    raw[raw.find(b"hello")] = ord("j")
    with pytest.raises(BadArchive, match="broken"):
        open_archive(bytes(raw)).content("x.jpg")


def test_a_file_under_a_password_is_not_opened() -> None:
    raw = bytearray(zipped(("x.jpg", b"x")))
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(raw)) == "locked"


def test_files_that_lie_over_one_another_are_refused() -> None:
    """The trick of a small file that many entries point into."""
    raw = bytearray(zipped(("a.jpg", b"x" * 300), ("b.jpg", b"y" * 300), how=zipfile.ZIP_STORED))
    second = raw.find(b"PK\x01\x02", raw.find(b"PK\x01\x02") + 4)
    struct.pack_into("<I", raw, second + 42, 10)
    assert refused(bytes(raw)) == "bomb"
