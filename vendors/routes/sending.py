"""What came with the form of goods besides its fields: which sending it is, and its photos, however they were sent."""

import hashlib
import json
from collections.abc import Sequence

from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.media import Media
from kit.uploads import uploaded, use_uploads
from kit.web.asked import person_id_of
from kit.web.callers import parts_of
from kit.web.formdata import form_of, uploads_of
from vendors.services import ReadyPhoto, Sending, ready_photos
from vendors.services.photos import PHOTOS_MAX, too_many

UPLOADS_FIELD = "photos_upload"
_NOT_SAID = ("csrf", "sent_id")


async def sending_of(request: Request, sent_id: str | None) -> Sending | None:
    """This sending, known by its id and everything it says; None for a page that gave no id."""
    if not sent_id:
        return None
    said: list[tuple[str, str]] = []
    for name, value in form_of(request).multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.seek(0)
            said.append((name, await to_thread.run_sync(_sha256, content)))
        elif name not in _NOT_SAID:
            said.append((name, value))
    return Sending(sent_id, _sha256(json.dumps(sorted(said)).encode()))


async def sent_photos(request: Request) -> list[ReadyPhoto]:
    """Photos that came in the form itself and those sent in pieces before it, made small. Refusal at `photos`."""
    raws, upload_ids = await uploads_of(request, "photos"), upload_ids_of(request)
    if len(raws) + len(upload_ids) > PHOTOS_MAX:
        raise too_many(len(raws) + len(upload_ids))
    try:
        raws += await uploaded(person_id_of(request), upload_ids)
    except Refusal as refusal:
        raise Refusal(refusal.sentence, field="photos") from None
    return await ready_photos(raws, parts_of(request)[Media])


async def let_go_of_uploads(request: Request) -> None:
    """What was sent in pieces has found its place."""
    upload_ids = upload_ids_of(request)
    if upload_ids:
        await use_uploads(person_id_of(request), upload_ids, now=parts_of(request)[Clock].now())


def upload_ids_of(request: Request) -> Sequence[str]:
    """The ids of photos that were sent in pieces, each once."""
    return list(dict.fromkeys(str(one)[:40] for one in form_of(request).getlist(UPLOADS_FIELD)))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
