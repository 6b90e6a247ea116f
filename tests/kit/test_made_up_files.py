"""Damaged files of every kind that people send: opened all the same, or refused by the one fault of their door."""

import io
import random
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kit.archives import BadArchive, open_archive
from kit.pictures import BadPicture, grey_picture, variants, watermark
from kit.sheets import BadSheet, read_sheet
from kit.sheets_out import csv_of, xlsx_of
from orders.book_sheet import floor_sheet
from payments.qr_picture import qr_png, read_qr_texts
from postal.statement_sheet import stated
from postal.status_sheet import statuses_in

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
HEADS = ["Mã vận đơn", "Mã đơn", "Trạng thái", "Thời gian", "Tiền thu hộ", "Cước", "Số tiền chuyển", "Ngày"]
# What stands in cells that no person typed.
CELLS = [
    "GHN1",
    "DH7K2M9QXA",
    "đã giao",
    "22/11/2026",
    "35.000",
    "-5",
    "1e309",
    "=1+1",
    "\t@x",
    "٣",
    "",
    "x" * 300,
]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("change", "cut", "double", "end")),
        st.floats(0, 1),
        st.integers(1, 64),
        st.binary(max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def _picture(kind: str, mode: str) -> bytes:
    written = io.BytesIO()
    Image.new(mode, (90, 60), 90 if mode in "LP" else (31, 107, 67)).save(written, kind)
    return written.getvalue()


def _rows(seed: int) -> list[list[str]]:
    dice = random.Random(seed)
    return [[dice.choice(CELLS) for _ in HEADS] for _ in range(6)]


def _zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("ảnh 1.jpg", "b/c.png"):
            archive.writestr(name, _picture("PNG", "RGB"))
    return written.getvalue()


PICTURES = {"jpeg": _picture("JPEG", "RGB"), "png": _picture("PNG", "P"), "webp": _picture("WEBP", "RGB")}
PICTURES |= {"grey": _picture("JPEG", "L"), "qr": qr_png("00020101021138" * 4, 3)}
SHEETS = {"xlsx": xlsx_of(HEADS, _rows(1)), "csv": csv_of(HEADS, _rows(2))}


def damaged(raw: bytes, edits: list[tuple[str, float, int, bytes]]) -> bytes:
    """The file with some of its bytes changed, lost or doubled, or without its end."""
    for how, share, count, more in edits:
        at = int(share * len(raw))
        raw = {
            "change": raw[:at] + more + raw[at + len(more) :],
            "cut": raw[:at] + raw[at + count :],
            "double": raw[: at + count] + raw[at:],
            "end": raw[: max(at, 1)],
        }[how]
    return raw


def _all_of_a_picture(raw: bytes) -> None:
    for work in (
        lambda: variants(raw, (48,)),
        lambda: watermark(raw, "bản sao"),
        lambda: grey_picture(raw),
        lambda: read_qr_texts(raw),
    ):
        try:
            work()
        except BadPicture as refused:
            assert str(refused)


@pytest.mark.parametrize("kind", PICTURES)
@settings(max_examples=60, deadline=None)
@given(edits=EDITS)
def test_a_damaged_picture_is_opened_or_refused(
    kind: str, edits: list[tuple[str, float, int, bytes]]
) -> None:
    _all_of_a_picture(damaged(PICTURES[kind], edits))


def _all_of_a_sheet(raw: bytes) -> None:
    """The door itself, and whoever reads a sheet by its heads: these answer with a sentence."""
    try:
        read_sheet(raw)
    except BadSheet as refused:
        assert refused.reason
    for carrier in ("ghn", "ghtk", "viettel_post", "vnpost"):
        stated(raw, carrier)
    statuses_in(raw, NOW)
    floor_sheet(raw, date(2026, 11, 22))


@pytest.mark.parametrize("kind", SHEETS)
@settings(max_examples=60, deadline=None)
@given(edits=EDITS)
def test_a_damaged_sheet_is_read_or_refused(kind: str, edits: list[tuple[str, float, int, bytes]]) -> None:
    _all_of_a_sheet(damaged(SHEETS[kind], edits))


@settings(max_examples=60, deadline=None)
@given(
    heads=st.lists(st.sampled_from([*HEADS, "tracking code", "fee", "cod", ""]), min_size=1, max_size=9),
    rows=st.lists(st.lists(st.sampled_from(CELLS) | st.text(max_size=12), max_size=9), max_size=6),
)
def test_any_cells_under_any_heads_are_read(heads: list[str], rows: list[list[str]]) -> None:
    _all_of_a_sheet(
        "\n".join(";".join(row).replace("\n", " ") for row in (heads, *rows)).encode("utf-8", "replace")
    )


@settings(max_examples=80, deadline=None)
@given(edits=EDITS)
def test_a_damaged_archive_is_opened_or_refused(edits: list[tuple[str, float, int, bytes]]) -> None:
    """What it lists can be taken out, or is refused then."""
    try:
        archive = open_archive(damaged(_zip(), edits))
        for name in archive.entries:
            archive.content(name)
    except BadArchive as refused:
        assert refused.reason
