"""Pictures from people: opened only when harmless, shown upright, made small, stripped of all they tell."""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

BYTES_MAX = 20_000_000
PIXELS_MAX = 40_000_000
# A JPEG is read at a fraction of its size, so the 50-megapixel pictures of phones cost little; the rest is
# decoded whole (a WebP needs 18 bytes a pixel for a moment).
PHOTO_PIXELS_MAX: Mapping[str, int] = {"JPEG": 52_000_000, "MPO": 52_000_000}
OTHER_PHOTO_PIXELS_MAX = 25_000_000
SHRUNK_TYPE = "image/webp"
QUALITY = 80
EFFORT = 2  # 4 saves one byte in twenty and takes twice as long
BLUR_SIDE_PX = 16
BLANK_TONES = 24

_KINDS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
_MOVING_KINDS = ("PNG", "WEBP", "AVIF")
# Each scan of a progressive JPEG goes over the whole picture; cameras write about ten.
_SCANS_MAX = 64
_SCAN = b"\xff\xda"
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)
Reason = Literal["kind", "bytes", "pixels", "broken", "moving"]

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


class BadPicture(ValueError):
    """No picture we open. `reason`: kind (not JPEG, PNG, WebP, AVIF or HEIC), bytes or pixels (too many),
    moving (animated) or broken (damaged inside).
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"bad picture: {reason}")
        self.reason: Reason = reason


@dataclass(frozen=True)
class Variants:
    """One photo as WebP files by the longest side asked for, a blurred preview, and the size of the largest."""

    files: dict[int, bytes]
    blur: bytes
    width_px: int
    height_px: int


def variants(raw: bytes, sides_px: Sequence[int]) -> Variants:
    """A still photo in several sizes, none larger than it was; only its pixels are carried over, in sRGB.

    Size and kind are checked before anything is decoded. Raises BadPicture. Computes: call it from a thread.
    """
    picture = _opened(raw, None)
    if picture.format in _MOVING_KINDS and getattr(picture, "is_animated", False):
        raise BadPicture("moving")
    smaller = _small(picture, raw, max(sides_px))
    width_px, height_px = smaller.size
    files = {}
    for side_px in sorted(sides_px, reverse=True):
        smaller.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        files[side_px] = _written(smaller, QUALITY)
    smaller.thumbnail((BLUR_SIDE_PX, BLUR_SIDE_PX), Image.Resampling.BOX)
    return Variants(files, _written(smaller, 40), width_px, height_px)


def shrink(raw: bytes, side_px: int, pixels_max: int = PIXELS_MAX) -> tuple[bytes, int, int]:
    """A new WebP (`SHRUNK_TYPE`) whose longer side is at most `side_px`, with its width and height in pixels.

    Only pixels are carried over: place, time, camera and everything else the file told is gone. A small
    picture is not enlarged. Raises BadPicture. Computes: call it from a thread.
    """
    picture = _small(_opened(raw, pixels_max), raw, side_px)
    return _written(picture, QUALITY), picture.width, picture.height


def watermark(raw: bytes, words: str) -> bytes:
    """A new WebP with the words (ASCII: the built-in type has no accents) drawn over it again and again, slanting.

    Raises BadPicture. Computes: call it from a thread.
    """
    opened = _opened(raw, PIXELS_MAX)
    _load(opened, raw)
    picture = _on_white(_upright(opened)).convert("RGBA")
    size_px = max(14, picture.width // 28)
    font = ImageFont.load_default(size_px)
    reach = int((picture.width**2 + picture.height**2) ** 0.5)
    veil = Image.new("RGBA", (reach, reach), (0, 0, 0, 0))
    pen = ImageDraw.Draw(veil)
    line = f"{words}    " * (2 + reach // max(1, int(font.getlength(words))))
    for number, y_px in enumerate(range(0, reach, size_px * 4)):
        pen.text((-(number % 3) * size_px * 3, y_px), line, font=font, fill=(150, 20, 20, 120))
    veil = veil.rotate(25, Image.Resampling.BICUBIC)
    corner = ((reach - picture.width) // 2, (reach - picture.height) // 2)
    veil = veil.crop((*corner, corner[0] + picture.width, corner[1] + picture.height))
    written = io.BytesIO()
    Image.alpha_composite(picture, veil).convert("RGB").save(written, "WEBP", quality=75, method=4)
    return written.getvalue()


def is_blank(raw: bytes) -> bool:
    """Whether a picture shows nothing: all of it is nearly one tone, as a signing field nobody wrote in.

    Raises BadPicture. Computes: call it from a thread.
    """
    darkest, lightest = grey_picture(raw).getextrema()
    return int(lightest) - int(darkest) < BLANK_TONES  # type: ignore[arg-type]


def grey_picture(raw: bytes, pixels_max: int = PIXELS_MAX) -> Image.Image:
    """A picture of a kind we open, upright in greys (mode L), see-through parts white.

    Size in bytes and pixels is checked before anything is decoded. Raises BadPicture. Computes: call it from
    a thread.
    """
    picture = _opened(raw, pixels_max)
    _load(picture, raw)
    return _on_white(_upright(picture)).convert("L")


def _small(picture: Image.Image, raw: bytes, side_px: int) -> Image.Image:
    """The picture with its longer side at most `side_px`: bare RGB, upright, on white."""
    longer = max(picture.size)
    if longer > side_px:
        # JPEG decodes straight to 1/2, 1/4 or 1/8; other kinds take no notice
        picture.draft(None, tuple(max(1, size * side_px // longer) for size in picture.size))  # type: ignore[arg-type]
    _load(picture, raw)
    try:
        picture = _resizable(picture)
        picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return _bare(_in_srgb(_on_white(_upright(picture), keep_inks=True)))
    except _FAULTS as fault:
        raise BadPicture("broken") from fault


def _opened(raw: bytes, pixels_max: int | None) -> Image.Image:
    """A picture whose head was read and nothing else; None: the most pixels of a photo of its kind."""
    if len(raw) > BYTES_MAX:
        raise BadPicture("bytes")
    try:
        picture = Image.open(io.BytesIO(raw), formats=_KINDS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise BadPicture("pixels") from fault
    except UnidentifiedImageError as fault:
        raise BadPicture("kind") from fault
    except _FAULTS as fault:
        raise BadPicture("broken") from fault
    most = pixels_max or PHOTO_PIXELS_MAX.get(str(picture.format), OTHER_PHOTO_PIXELS_MAX)
    if picture.width * picture.height > most:
        raise BadPicture("pixels")
    return picture


def _load(picture: Image.Image, raw: bytes) -> None:
    if picture.format in ("JPEG", "MPO") and raw.count(_SCAN) > _SCANS_MAX:
        raise BadPicture("broken")
    try:
        picture.load()
    except (*_FAULTS, Image.DecompressionBombError) as fault:
        raise BadPicture("broken") from fault


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except _FAULTS:
        return picture


def _resizable(picture: Image.Image) -> Image.Image:
    """Palettes and odd depths cannot be resized smoothly: as full colours, with what is see-through kept."""
    if picture.mode in ("RGB", "RGBA", "CMYK"):
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _on_white(picture: Image.Image, *, keep_inks: bool = False) -> Image.Image:
    if keep_inks and picture.mode == "CMYK":
        return picture
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    flat = Image.alpha_composite(white, layered).convert("RGB")
    flat.info = picture.info
    return flat


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The colours as a screen without the file's profile shows them; inks and wide colours are reckoned over."""
    profile = picture.info.get("icc_profile")
    if profile:
        try:
            told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if picture.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(told):
                return picture
            reckoned = ImageCms.profileToProfile(picture, told, _srgb(), outputMode="RGB")
            return reckoned if reckoned is not None else picture.convert("RGB")
        except (ImageCms.PyCMSError, *_FAULTS):
            return picture.convert("RGB")
    return picture.convert("RGB")


def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels alone: whatever the file told besides is left behind."""
    return Image.frombytes("RGB", picture.size, picture.tobytes())


def _written(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=quality, method=EFFORT)
    return written.getvalue()
