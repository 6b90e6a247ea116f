"""Photos: made small and bare in a thread, kept in three sizes under the hash of what they show."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread

from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.pictures import BadPicture, Variants, variants
from vendors.models import Photo

PHOTOS_MAX = 8
PHOTO_BYTES_MAX = 12 * 1024 * 1024
SIDES_PX = (320, 640, 1280)
CARD_SIDES_PX = (320, 640)
LARGE_PX, SMALL_PX = SIDES_PX[-1], SIDES_PX[0]
_FILE_NAME = re.compile(r"[0-9a-f]{40}-(320|640|1280|blur)\.webp")
_KEPT = re.compile(r"([0-9a-f]{40})\.([0-9]{1,4})\.([0-9]{1,4})")
PHOTO_REASONS: dict[str, Sentence] = {
    "kind": say("Ảnh cần là JPEG, PNG, WebP, AVIF hoặc HEIC. Hãy chụp lại bằng máy ảnh của điện thoại."),
    "bytes": say("Mỗi ảnh nhiều nhất 12 MB."),
    "pixels": say("Ảnh quá lớn, nhiều nhất 50 triệu điểm ảnh (JPEG) hoặc 25 triệu (loại khác)."),
    "moving": say("Đây là ảnh động. Hãy gửi ảnh đứng yên."),
    "broken": say("Ảnh bị hỏng, không mở được. Hãy chụp lại."),
}


@dataclass(frozen=True)
class ReadyPhoto:
    """A photo that lies in the media store, ready to be hung on a listing."""

    key: str
    width_px: int
    height_px: int
    blur_url: str = ""

    @property
    def token(self) -> str:
        """How a form carries it when it has to be shown again."""
        return f"{self.key}.{self.width_px}.{self.height_px}"

    @property
    def small_url(self) -> str:
        """Where the small one is."""
        return photo_url(self.key, SMALL_PX)


@dataclass(frozen=True)
class PhotoView:
    """A photo of goods: its largest and smallest file, all of them to choose from, the blurred preview inline."""

    id: int
    url: str
    small_url: str
    width_px: int
    height_px: int
    srcset: str
    blur_url: str


async def ready_photos(raws: Sequence[bytes], media: Media) -> list[ReadyPhoto]:
    """Shrinks the photos, then keeps them; nothing is kept when one is bad. Call it before any transaction.

    Refusal at `photos` naming the bad one.
    """
    if len(raws) > PHOTOS_MAX:
        raise too_many(len(raws))
    made = [await _made(raw, number) for number, raw in enumerate(raws, 1)]
    return [await _kept(one, media) for one in made]


async def ready_photo(raw: bytes, media: Media) -> ReadyPhoto:
    """One photo in its sizes. Whatever the file told besides its pixels (place, time, camera) is gone."""
    return await _kept(await _made(raw, 1), media)


async def kept_photos(tokens: Sequence[str], media: Media) -> list[ReadyPhoto]:
    """Photos that came with an earlier try of the same form; unknown ones are left out."""
    found = []
    for token in tokens[:PHOTOS_MAX]:
        match = _KEPT.fullmatch(token)
        blur = await media.get(f"{match[1]}-blur.webp") if match else None
        if match and blur is not None:
            found.append(ReadyPhoto(match[1], int(match[2]), int(match[3]), _inline(blur)))
    return found


async def photo_file(file_name: str, media: Media) -> bytes | None:
    """A photo's WebP by the last part of its address, or None."""
    return await media.get(file_name) if _FILE_NAME.fullmatch(file_name) else None


def photo_url(key: str, side_px: int = LARGE_PX) -> str:
    """Where a photo is shown from, its longer side at most this many pixels (one of SIDES_PX)."""
    return f"/media/{key}-{side_px}.webp"


def photo_srcset(key: str, width_px: int, height_px: int, sides_px: Sequence[int] = SIDES_PX) -> str:
    """The srcset of a photo (HTML, 4.8.4.2.1): its files with their true widths, each width once.

    `width_px` and `height_px` are those of the largest file.
    """
    longer = max(width_px, height_px)
    widths = {max(1, round(width_px * min(side, longer) / longer)): side for side in reversed(sides_px)}
    return ", ".join(f"{photo_url(key, side)} {width}w" for width, side in sorted(widths.items()))


def too_many(count: int) -> Refusal:
    """The refusal of more photos than a listing shows."""
    return Refusal(say("Nhiều nhất {n} ảnh. Bạn vừa gửi {typed}.", n=PHOTOS_MAX, typed=count), field="photos")


_limiters: dict[str, CapacityLimiter] = {}


def picture_limiter() -> CapacityLimiter:
    """How many threads work on pictures at once."""
    return _limiters.setdefault("photos", CapacityLimiter(2))


async def _made(raw: bytes, number: int) -> Variants:
    try:
        return await to_thread.run_sync(_variants, raw, limiter=picture_limiter())
    except BadPicture as bad:
        raise Refusal(
            say("Ảnh thứ {n}: {why}", n=number, why=PHOTO_REASONS[bad.reason]), field="photos"
        ) from None


def _variants(raw: bytes) -> Variants:
    if len(raw) > PHOTO_BYTES_MAX:
        raise BadPicture("bytes")
    return variants(raw, SIDES_PX)


async def _kept(made: Variants, media: Media) -> ReadyPhoto:
    """The blurred preview is written last: where it lies, the others lie too."""
    key = hashlib.sha256(made.files[LARGE_PX]).hexdigest()[:40]
    for side_px, content in made.files.items():
        await media.put(f"{key}-{side_px}.webp", content)
    await media.put(f"{key}-blur.webp", made.blur)
    return ReadyPhoto(key, made.width_px, made.height_px, _inline(made.blur))


def _inline(blur: bytes) -> str:
    """The preview as a data: address, so that it is there before the photo is even asked for."""
    return f"data:image/webp;base64,{base64.b64encode(blur).decode('ascii')}"


async def photos_of(listing_id: int) -> tuple[PhotoView, ...]:
    """The photos of a listing in their order."""
    return tuple(
        photo_view(one) for one in await Photo.filter(listing_id=listing_id).order_by("position", "id")
    )


def photo_view(photo: Photo) -> PhotoView:
    """A photo as pages show it."""
    return PhotoView(
        id=photo.id,
        url=photo_url(photo.key),
        small_url=photo_url(photo.key, SMALL_PX),
        width_px=photo.width_px,
        height_px=photo.height_px,
        srcset=photo_srcset(photo.key, photo.width_px, photo.height_px),
        blur_url=photo.blur_url,
    )
