"""Photos: made small and bare in a thread, kept under the hash of what they show."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread

from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.pictures import BadPicture, shrink

PHOTOS_MAX = 8
PHOTO_BYTES_MAX = 12 * 1024 * 1024
PHOTO_PIXELS_MAX = 40_000_000
SIDE_PX = 1280
SMALL_SIDE_PX = 480
_FILE_NAME = re.compile(r"[0-9a-f]{40}(-small)?\.webp")
_KEPT = re.compile(r"([0-9a-f]{40})\.([0-9]{1,4})\.([0-9]{1,4})")
REASONS: dict[str, Sentence] = {
    "kind": say("Ảnh cần là JPEG, PNG hoặc WebP. Hãy chụp lại bằng máy ảnh của điện thoại."),
    "bytes": say("Mỗi ảnh nhiều nhất 12 MB."),
    "pixels": say("Ảnh quá lớn, nhiều nhất 40 triệu điểm ảnh."),
    "broken": say("Ảnh bị hỏng, không mở được. Hãy chụp lại."),
}


@dataclass(frozen=True)
class ReadyPhoto:
    """A photo that lies in the media store, ready to be hung on a listing."""

    key: str
    width_px: int
    height_px: int

    @property
    def token(self) -> str:
        """How a form carries it when it has to be shown again."""
        return f"{self.key}.{self.width_px}.{self.height_px}"

    @property
    def small_url(self) -> str:
        """Where the small one is."""
        return photo_url(self.key, small=True)


async def ready_photos(raws: Sequence[bytes], media: Media) -> list[ReadyPhoto]:
    """Shrinks and keeps the photos; call it before any transaction. Refusal at `photos` naming the bad one."""
    if len(raws) > PHOTOS_MAX:
        raise too_many(len(raws))
    return [await ready_photo(raw, media, number=number) for number, raw in enumerate(raws, 1)]


async def ready_photo(raw: bytes, media: Media, *, number: int = 1) -> ReadyPhoto:
    """One photo in its two sizes. Whatever the file told besides its pixels (place, time, camera) is gone."""
    try:
        large, width_px, height_px, small = await to_thread.run_sync(_sizes, raw, limiter=_limiter())
    except BadPicture as bad:
        raise Refusal(say("Ảnh thứ {n}: {why}", n=number, why=REASONS[bad.reason]), field="photos") from None
    key = hashlib.sha256(large).hexdigest()[:40]
    await media.put(f"{key}.webp", large)
    await media.put(f"{key}-small.webp", small)
    return ReadyPhoto(key, width_px, height_px)


async def kept_photos(tokens: Sequence[str], media: Media) -> list[ReadyPhoto]:
    """Photos that came with an earlier try of the same form; unknown ones are left out."""
    found = []
    for token in tokens[:PHOTOS_MAX]:
        match = _KEPT.fullmatch(token)
        if match and await media.get(f"{match[1]}-small.webp") is not None:
            found.append(ReadyPhoto(match[1], int(match[2]), int(match[3])))
    return found


async def photo_file(file_name: str, media: Media) -> bytes | None:
    """A photo's WebP by the last part of its address, or None."""
    return await media.get(file_name) if _FILE_NAME.fullmatch(file_name) else None


def photo_url(key: str, *, small: bool = False) -> str:
    """Where a photo is shown from."""
    return f"/media/{key}{'-small' if small else ''}.webp"


def too_many(count: int) -> Refusal:
    """The refusal of more photos than a listing shows."""
    return Refusal(say("Nhiều nhất {n} ảnh. Bạn vừa gửi {typed}.", n=PHOTOS_MAX, typed=count), field="photos")


_limiters: dict[str, CapacityLimiter] = {}


def _limiter() -> CapacityLimiter:
    return _limiters.setdefault("photos", CapacityLimiter(2))


def _sizes(raw: bytes) -> tuple[bytes, int, int, bytes]:
    if len(raw) > PHOTO_BYTES_MAX:
        raise BadPicture("bytes")
    large, width_px, height_px = shrink(raw, SIDE_PX, PHOTO_PIXELS_MAX)
    small, _, _ = shrink(large, SMALL_SIDE_PX, PHOTO_PIXELS_MAX)
    return large, width_px, height_px, small
