"""Documents and sheets that people upload are looked at before anything reads them (ASVS 5.4.3)."""

import logging
from collections.abc import AsyncIterator

from starlette.datastructures import UploadFile
from starlette.requests import Request

from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.scanner import Scanner, ScannerAway
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of, without_files

PIECE_BYTES = 64 * 1024
log = logging.getLogger("scanner")


async def refuse_infected(request: Request) -> None:
    """Takes files in which something was found, or that nobody could look at, out of a form; who reads them is told.

    The latter are let through where SCAN_FAILS is open. Without a scanner nothing is looked at.
    """
    parts, refused = parts_of(request), dict[str, Refusal]()
    if not parts.has(Scanner):
        return
    for name, file in form_of(request).multi_items():
        if isinstance(file, UploadFile) and file.size and name not in refused:
            if (why := await _fault_in(request, file, parts[Scanner])) is not None:
                refused[name] = Refusal(why, field=name)
            await file.seek(0)
    if refused:
        without_files(request, refused)


async def _fault_in(request: Request, file: UploadFile, scanner: Scanner) -> Sentence | None:
    """Why a file is not taken; None for a clean one."""
    person_id = caller_of(request).person_id
    try:
        found = await scanner.found(_pieces(file))
    except ScannerAway as away:
        if parts_of(request)[Settings].scan_fails == "open":
            log.error("a file of person %s was let through unseen: %s", person_id, away)
            return None
        log.error("a file of person %s was refused unseen: %s", person_id, away)
        return say("Chợ chưa kiểm tra được tệp này có an toàn không. Bạn gửi lại sau ít phút.")
    if not found:
        return None
    log.warning("a file of person %s was refused: %s", person_id, found)
    return say("Tệp này có mã độc nên chợ không nhận. Hãy quét virus trên máy rồi gửi tệp khác.")


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while piece := await file.read(PIECE_BYTES):
        yield piece
