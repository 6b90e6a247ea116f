"""Pictures that few may see: made small, sealed, and shown with the viewer's name and the moment over them."""

from datetime import datetime

from anyio import to_thread

from kit.codes import token
from kit.dates import show_moment
from kit.errors import Refusal
from kit.i18n import Sentence
from kit.media import Media
from kit.pictures import PIXELS_MAX, BadPicture, is_blank, shrink, watermark
from kit.sealed import SealKeys
from vendors.services.photos import PHOTO_BYTES_MAX, PHOTO_REASONS, picture_limiter

SIDE_PX = 1280


async def keep_sealed(
    raw: bytes, folder: str, media: Media, keys: SealKeys, *, field: str, blank: Sentence | None = None
) -> str:
    """Seals and keeps a picture, before any transaction; its key in that folder.

    `blank` is said of a picture on which nothing was drawn, where that matters. Refusal at `field`.
    """
    limiter = picture_limiter()
    try:
        if len(raw) > PHOTO_BYTES_MAX:
            raise BadPicture("bytes")
        content, _, _ = await to_thread.run_sync(shrink, raw, SIDE_PX, PIXELS_MAX, limiter=limiter)
        if blank is not None and await to_thread.run_sync(is_blank, content, limiter=limiter):
            raise Refusal(blank, field=field)
    except BadPicture as bad:
        raise Refusal(PHOTO_REASONS[bad.reason], field=field) from None
    key = f"{folder}/{token()}"
    await media.put(key, keys.seal_file(content, key))
    return key


async def opened_picture(sealed: bytes, key: str, keys: SealKeys, *, viewer: str, now: datetime) -> bytes:
    """A sealed picture as WebP, the viewer's name (in ASCII) and the moment over it. Computes in a thread."""
    words = f"{viewer} {show_moment(now)}"
    return await to_thread.run_sync(watermark, keys.open_file(sealed, key), words, limiter=picture_limiter())
