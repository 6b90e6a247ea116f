"""Files are looked at before anybody reads them: a pretend clamd that finds EICAR, dawdles, is small, or is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kit.parts import Parts
from kit.roles import Role
from kit.scanner import Clamd, Scanner, ScannerAway
from kit.settings import BadSettings, Settings, settings_from
from kit.web.routing import PageRoute
from market.app import all_routes
from tests.conftest import Browser
from tests.factories import market, vendor
from vendors.models import TraderInvitation

# The harmless test file of EICAR, in two pieces so that no scanner of ours finds this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ORGANISATION = {
    "registered_name": "HTX chè Hảo Đạt",
    "tax_code": "0314409058-002",
    "registration_no": "4604000012",
    "address": "Xóm Nam Đồng, xã Tân Cương",
    "full_name": "Đào Thanh Hảo",
}
PICTURES_ONLY = {
    "vendors:listing_create",
    "vendors:listing_update",
    "vendors:helped_listing_create",
    "vendors:helped_listing_update",
    "vendors:signature_create",
    "orders:line_rating_create",
    "orders:plate_photo_create",
    "orders:plate_report_create",
    "orders:plate_scan_create",
    "payments:slip_create",
    "postal:door_create",
    "postal:scan_create",
}


class PretendClamd:
    """Speaks INSTREAM as clamd 1.4 does; `mood` is well, slow, small or broken."""

    def __init__(self, mood: str = "well") -> None:
        self.mood, self.seen = mood, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4)):
            content += await reader.readexactly(size)
            if self.mood == "small" and len(content) > 1000:
                break
        self.seen += 1
        if self.mood == "slow":
            await asyncio.sleep(5)
        answers = {"small": b"INSTREAM size limit exceeded. ERROR\0", "broken": b""}
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        writer.write(answers.get(self.mood, found))
        writer.close()


@asynccontextmanager
async def clamd(mood: str = "well", *, path: Path | None = None) -> AsyncIterator[tuple[PretendClamd, str]]:
    """A pretend clamd and its address, a port or a socket."""
    made = PretendClamd(mood)
    if path is not None:
        server, address = await asyncio.start_unix_server(made.serve, str(path)), f"unix://{path}"
    else:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made, address


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 7000):
        yield content[at : at + 7000]


@pytest.mark.parametrize("by_socket", [False, True])
async def test_what_is_found_is_named(by_socket: bool, tmp_path: Path) -> None:
    async with clamd(path=tmp_path / "c.ctl" if by_socket else None) as (_, address):
        scanner = Clamd(address)
        assert await scanner.found(pieces(b"name,price\n" * 9000)) == ""
        assert await scanner.found(pieces(b"")) == ""
        assert await scanner.found(pieces(b" " * 6990 + EICAR)) == "Eicar-Test-Signature", "over two pieces"


@pytest.mark.parametrize("mood", ["slow", "small", "broken"])
async def test_no_answer_is_no_clean_bill(mood: str) -> None:
    async with clamd(mood) as (_, address):
        with pytest.raises(ScannerAway):
            await Clamd(address, seconds=0.3).found(pieces(b"x" * 9000))


async def test_a_scanner_that_is_away_is_away(tmp_path: Path) -> None:
    for address in ("tcp://127.0.0.1:9", f"unix://{tmp_path}/nobody.ctl"):
        with pytest.raises(ScannerAway):
            await Clamd(address, seconds=2).found(pieces(b"x"))


@pytest.mark.parametrize(
    ("mood", "fails", "content", "status", "words"),
    [
        ("well", "closed", b"", 200, "Tệp"),
        ("well", "closed", EICAR, 422, "Tệp này có mã độc"),
        ("slow", "closed", b"", 422, "chưa kiểm tra được tệp"),
        ("slow", "open", b"", 200, "Tệp"),
        ("well", "open", EICAR, 422, "Tệp này có mã độc"),
    ],
)
async def test_a_sheet_is_looked_at_before_it_is_read(
    db: None,
    client: Browser,
    sign_in_as: Any,
    parts: Parts,
    settings: Settings,
    mood: str,
    fails: str,
    content: bytes,
    status: int,
    words: str,
) -> None:
    place = await market()
    await sign_in_as(client, "0912345678", (Role.BOARD, str(place.id)))
    parts.put(Settings, replace(settings, scan_fails=fails))
    async with clamd(mood) as (seen, address):
        parts.put(Scanner, Clamd(address, seconds=0.3))  # type: ignore[type-abstract]
        files = {"traders": ("t.csv", content or "tên,điện thoại,ô\nĐào Hiền,0912345678,A1\n".encode())}
        answer = await client.submit(f"/board/markets/{place.slug}/traders", files=files)
    assert answer.status_code in (status, 422 if status == 200 else status) and seen.seen == 1
    if status != 200:
        assert words in answer.text and not await TraderInvitation.exists()


@pytest.mark.parametrize(
    ("role", "place", "field", "typed", "kept"),
    [
        (Role.VENDOR, "/sell/certificates", "document", {"decision_no": "77/QĐ-UBND"}, 'value="77/QĐ-UBND"'),
        (Role.VENDOR, "/sell/names", "document", {"decision_no": "12/QĐ-SHTT"}, 'value="12/QĐ-SHTT"'),
        (Role.VENDOR, "/sell/imports", "sheet", {}, "f-sheet"),
        (Role.VENDOR, "/sell/identity", "papers", ORGANISATION, 'value="Đào Thanh Hảo"'),
        (Role.VENDOR, "/sell/money/book/floors/sheet", "sheet", {"floor": "postmart"}, "postmart"),
        (Role.ADMIN, "/admin/registries", "sheet", {}, "f-sheet"),
        (Role.CLERK, "/post/statements", "sheet", {"carrier": "ghn"}, '<option value="ghn" selected'),
        (Role.CLERK, "/post/batches/news", "sheet", {}, "f-sheet"),
    ],
)
async def test_a_refused_file_is_told_at_its_field(
    db: None,
    client: Browser,
    sign_in_as: Any,
    parts: Parts,
    role: Role,
    place: str,
    field: str,
    typed: dict[str, str],
    kept: str,
) -> None:
    """The form comes again with the sentence where the file was chosen, and with what was typed."""
    scope = str((await vendor()).id) if role is Role.VENDOR else ""
    await sign_in_as(client, "0912345678", (role, scope))
    async with clamd() as (_, address):
        parts.put(Scanner, Clamd(address))  # type: ignore[type-abstract]
        answer = await client.submit(place, typed, files={field: ("a.csv", EICAR)})
    assert answer.status_code == 422 and answer.text.count("<h1") == 1
    told = answer.text.partition(f'id="f-{field}-error"')[2]
    assert told.partition("</p>")[0].count("Tệp này có mã độc") == 1 and kept in answer.text


async def test_without_a_scanner_nothing_is_looked_at(db: None, parts: Parts) -> None:
    assert not parts.has(Scanner)


def test_every_form_with_a_document_or_a_sheet_is_looked_at() -> None:
    """Forms with files are scanned, or take pictures alone, which are decoded and written anew."""
    with_files = [
        one for one in all_routes(Settings()) if isinstance(one, PageRoute) and one.limits.files_max
    ]
    unseen = {str(one.name) for one in with_files if not one.limits.is_scanned and "/twins" not in one.path}
    assert unseen == PICTURES_ONLY
    assert sum(one.limits.is_scanned for one in with_files) >= 9


def test_settings_of_the_scanner() -> None:
    for wrong in ({"CLAMD_URL": "localhost:3310"}, {"SCAN_FAILS": "perhaps"}):
        with pytest.raises(BadSettings):
            settings_from(wrong)
    assert settings_from({"CLAMD_URL": "unix:///run/clamav/clamd.ctl"}).scan_fails == "closed"
