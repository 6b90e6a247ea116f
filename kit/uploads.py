"""Uploads that survive a dropped connection: begun under the sender's own id, appended to by offset, used, swept.

The shape is that of the tus protocol (1.0, "Core": Upload-Offset), with a client-made id instead of a Location.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anyio import to_thread
from tortoise.exceptions import IntegrityError

from kit.clock import Clock
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import say
from kit.models import Upload, UploadChunk
from kit.parts import Parts

UPLOAD_BYTES_MAX = 12 * 1024 * 1024
CHUNK_BYTES_MAX = 512 * 1024
WAITING_BYTES_MAX = 128 * 1024 * 1024
UNFINISHED_KEPT = timedelta(days=1)
FINISHED_KEPT = timedelta(days=7)
SWEPT_AT_ONCE = 500


@dataclass(frozen=True)
class UploadView:
    """How far an upload has come, in bytes."""

    id: str
    size: int
    received: int


class WrongOffset(Conflict):
    """A piece that does not begin where the upload stands; `received` says where that is."""

    def __init__(self, received: int) -> None:
        super().__init__(
            say("Phần ảnh này không nối vào phần đã nhận. Hãy gửi tiếp từ byte {n}.", n=received)
        )
        self.received = received


async def begin_upload(
    person_id: int, upload_id: str, size: int, sha256: str, *, now: datetime
) -> UploadView:
    """Begins an upload, or says how far it is when the same was begun before.

    `size` in bytes, `sha256` in hex of the whole. Conflict when the id was begun with something else; Refusal when
    too much of the person's waits already.
    """
    there = await Upload.get_or_none(person_id=person_id, client_id=upload_id)
    if there is None:
        await _refuse_hoard(person_id, size)
        try:
            async with transaction():
                there = await Upload.create(
                    person_id=person_id, client_id=upload_id, size=size, sha256=sha256, touched_at=now
                )
        except IntegrityError:
            there = await _own(person_id, upload_id)
    if (there.size, there.sha256) != (size, sha256):
        raise Conflict(say("Mã của lần gửi này đã dùng cho một ảnh khác. Hãy chọn lại ảnh."))
    return _view(there)


async def upload_view(person_id: int, upload_id: str) -> UploadView:
    """How far one's own upload is. NotFound otherwise."""
    return _view(await _own(person_id, upload_id))


async def append_to_upload(
    person_id: int, upload_id: str, offset: int, content: bytes, *, now: datetime
) -> UploadView:
    """Adds a piece at `offset`. WrongOffset when it does not fit on; Refusal when the whole is not what was announced,
    and then the upload begins anew.
    """
    own = await _own(person_id, upload_id)
    async with transaction():
        upload = (await locked(Upload, [own.id])).get(own.id)
        if upload is None:
            raise NotFound()
        if offset != upload.received or offset + len(content) > upload.size:
            raise WrongOffset(upload.received)
        if content:
            await UploadChunk.create(upload=upload, starts_at=offset, content=content)
        upload.received, upload.touched_at = offset + len(content), now
        is_true = upload.received < upload.size or await _is_whole(upload)
        if not is_true:
            await UploadChunk.filter(upload_id=upload.id).delete()
            upload.received = 0
        await upload.save(update_fields=["received", "touched_at"])
    if not is_true:
        raise Refusal(say("Ảnh tới nơi không nguyên vẹn, chợ chưa nhận. Hãy gửi lại."))
    return _view(upload)


async def uploaded(person_id: int, upload_ids: Sequence[str]) -> list[bytes]:
    """The content of one's own finished uploads, in the order asked for. NotFound for any that is not (or no longer)
    whole.
    """
    contents = []
    for upload_id in upload_ids:
        upload = await _own(person_id, upload_id)
        if upload.used_at is not None or upload.received < upload.size:
            raise NotFound(say("Ảnh chưa gửi xong hoặc đã để quá lâu. Hãy gửi lại ảnh."))
        contents.append(await _content(upload))
    return contents


async def use_uploads(person_id: int, upload_ids: Sequence[str], *, now: datetime) -> None:
    """Lets go of the content of uploads that have found their place; their ids stay known for some days."""
    async with transaction():
        rows = Upload.filter(person_id=person_id, client_id__in=list(upload_ids))
        found = list(await rows.order_by("id").values_list("id", flat=True))
        await UploadChunk.filter(upload_id__in=found).delete()
        await Upload.filter(id__in=found).update(used_at=now, touched_at=now)


async def sweep_uploads(parts: Parts) -> None:
    """Forgets uploads that nobody finished for a day, and finished ones after a week."""
    now = parts[Clock].now()
    await sql(
        """
        DELETE FROM upload WHERE id IN (
            SELECT id FROM upload
            WHERE touched_at < $1 AND (received < size OR touched_at < $2)
            ORDER BY touched_at LIMIT $3 FOR UPDATE SKIP LOCKED
        )
        """,
        [now - UNFINISHED_KEPT, now - FINISHED_KEPT, SWEPT_AT_ONCE],
    )


async def _refuse_hoard(person_id: int, size: int) -> None:
    query = (
        "SELECT coalesce(sum(size), 0)::bigint AS bytes FROM upload WHERE person_id = $1 AND used_at IS NULL"
    )
    [row] = await sql(query, [person_id])
    if int(str(row["bytes"])) + size > WAITING_BYTES_MAX:
        raise Refusal(
            say("Đang có quá nhiều ảnh gửi dở. Hãy đăng những món đang chờ trước, hoặc đợi đến mai."),
            status=429,
        )


async def _own(person_id: int, upload_id: str) -> Upload:
    upload = await Upload.get_or_none(person_id=person_id, client_id=upload_id[:40])
    if upload is None:
        raise NotFound(say("Ảnh chưa gửi xong hoặc đã để quá lâu. Hãy gửi lại ảnh."))
    return upload


async def _is_whole(upload: Upload) -> bool:
    content = await _content(upload)
    found = await to_thread.run_sync(lambda: hashlib.sha256(content).hexdigest())
    return found == upload.sha256


async def _content(upload: Upload) -> bytes:
    pieces = (
        await UploadChunk.filter(upload_id=upload.id).order_by("starts_at").values_list("content", flat=True)
    )
    return b"".join(bytes(piece) for piece in pieces)


def _view(upload: Upload) -> UploadView:
    return UploadView(upload.client_id, upload.size, upload.received)
