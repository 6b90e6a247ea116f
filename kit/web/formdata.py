"""Forms as they come in over HTTP, with limits set before anything is decoded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class FormLimits:
    """How much one form may carry: files, and bytes in all.

    `is_scanned`: files are looked at for malware first; pictures need not be, they are decoded and written anew.
    """

    files_max: int = 0
    body_max_bytes: int = 256 * 1024
    is_scanned: bool = False


@asynccontextmanager
async def read_form(request: Request, limits: FormLimits) -> AsyncIterator[FormData]:
    """Reads the form within its limits; uploaded files are closed afterwards. Raises Refusal when too large."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > limits.body_max_bytes:
        raise Refusal(say("Dữ liệu gửi lên quá lớn, nhiều nhất {n} MB.", n=_megabytes(limits)), status=413)
    async with request.form(max_files=limits.files_max, max_fields=200, max_part_size=MEBIBYTE) as form:
        request.state.form = form
        yield form


def form_of(request: Request) -> FormData:
    """The form that came with this request."""
    return cast(FormData, request.state.form)


async def uploads_of(request: Request, name: str) -> list[bytes]:
    """The content of the files uploaded under a field name; empty ones are left out.

    Raises Refusal at the field when one was refused before anything read it (kit/web/scanning).
    """
    refused = cast(dict[str, Refusal], getattr(request.state, "refused_files", {}))
    if name in refused:
        raise refused[name]
    files = [one for one in form_of(request).getlist(name) if isinstance(one, UploadFile)]
    contents = [await one.read() for one in files]
    return [content for content in contents if content]


async def file_for(
    request: Request, form: Form, name: str, missing: Sentence | None = None
) -> tuple[str, bytes]:
    """The name and the content of the one file under a field; empty, with the sentence at it, when it was refused.

    `missing` is said at the field when no file came.
    """
    try:
        contents = await uploads_of(request, name)
    except Refusal as refusal:
        form.wrong(name, refusal.sentence)
        return "", b""
    if not contents:
        if missing is not None:
            form.wrong(name, missing)
        return "", b""
    files = [one for one in form_of(request).getlist(name) if isinstance(one, UploadFile) and one.size]
    return files[0].filename or "", contents[0]


def without_files(request: Request, refused: dict[str, Refusal]) -> None:
    """Takes the files under these fields out of the form that came: whoever asks for them is told why."""
    kept = [(name, value) for name, value in form_of(request).multi_items() if name not in refused]
    request.state.form, request.state.refused_files = FormData(kept), refused


def _megabytes(limits: FormLimits) -> str:
    return f"{limits.body_max_bytes / MEBIBYTE:.0f}" if limits.body_max_bytes >= MEBIBYTE else "0,25"
