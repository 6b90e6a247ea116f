"""Documents and sheets that people upload are looked at before anything reads them (ASVS 5.4.3)."""

import logging
from collections.abc import AsyncIterator

from starlette.datastructures import UploadFile
from starlette.requests import Request

from kit.errors import Refusal
from kit.i18n import say
from kit.scanner import Scanner, ScannerAway
from kit.settings import Settings
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of

PIECE_BYTES = 64 * 1024
log = logging.getLogger("scanner")


async def refuse_infected(request: Request) -> None:
    """Raises Refusal for a form with a file in which something was found, or that nobody could look at.

    The latter is let through where SCAN_FAILS is open. Without a scanner nothing is looked at.
    """
    parts = parts_of(request)
    if not parts.has(Scanner):
        return
    for _, file in form_of(request).multi_items():
        if isinstance(file, UploadFile) and file.size:
            await _looked_at(request, file, parts[Scanner])
            await file.seek(0)


async def _looked_at(request: Request, file: UploadFile, scanner: Scanner) -> None:
    person_id = caller_of(request).person_id
    try:
        found = await scanner.found(_pieces(file))
    except ScannerAway as away:
        if parts_of(request)[Settings].scan_fails == "open":
            log.error("a file of person %s was let through unseen: %s", person_id, away)
            return
        log.error("a file of person %s was refused unseen: %s", person_id, away)
        sentence = say("Chợ chưa kiểm tra được tệp này có an toàn không. Bạn gửi lại sau ít phút.")
        raise Refusal(sentence, status=503) from away
    if found:
        log.warning("a file of person %s was refused: %s", person_id, found)
        raise Refusal(say("Tệp này có mã độc nên chợ không nhận. Hãy quét virus trên máy rồi gửi tệp khác."))


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while piece := await file.read(PIECE_BYTES):
        yield piece
