"""Pictures of the bank's slips: sealed, shown to the post's desk with a watermark, each look in the trail."""

from datetime import datetime

from accounts.services import record
from kit.db import transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.media import Media
from kit.sealed import SealKeys
from kit.text import ascii_name
from payments.services.cash_box.shown import pay_in_with
from vendors.services.sealed_pictures import keep_sealed, opened_picture

FOLDER = "slip"


async def keep_slip(raw: bytes, media: Media, keys: SealKeys) -> str:
    """Keeps the picture of a slip, before any transaction; its name. Refusal at `photo`."""
    return await keep_sealed(raw, FOLDER, media, keys, field="photo")


async def refuse_lost(key: str, media: Media) -> None:
    """Raises Refusal at `photo` when no picture of this name was sent."""
    if await media.get(key) is None:
        raise Refusal(say("Chưa có ảnh này. Gửi ảnh trước rồi ghi giấy nộp tiền."), field="photo")


async def drop_slip(key: str, media: Media) -> None:
    """Deletes a picture that was kept for a slip which was not taken."""
    await media.drop(key)


async def shown_slip(
    code: str, *, viewer_id: int, viewer: str, media: Media, keys: SealKeys, now: datetime
) -> bytes:
    """The slip's picture as WebP. Raises NotFound."""
    row = await pay_in_with(code)
    sealed = await media.get(row.photo_key) if row.photo_key else None
    if sealed is None:
        raise NotFound()
    async with transaction():
        await record(viewer_id, "pay_in_slip_seen", "pay_in", row.code)
    name = ascii_name(viewer, 40) or str(viewer_id)
    return await opened_picture(sealed, row.photo_key, keys, viewer=name, now=now)
