"""Pictures from people: opened only when harmless, shown upright, made small, stripped of all they tell."""

import io
import struct
import zlib
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError

BYTES_MAX = 20_000_000
PIXELS_MAX = 40_000_000
SHRUNK_TYPE = "image/webp"

_KINDS = ("JPEG", "PNG", "WEBP")
_FAULTS = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
    zlib.error,
)
Reason = Literal["kind", "bytes", "pixels", "broken"]


class BadPicture(ValueError):
    """No picture we open. `reason`: not JPEG, PNG or WebP; too many bytes or pixels; or broken inside."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"bad picture: {reason}")
        self.reason: Reason = reason


def grey_picture(raw: bytes, pixels_max: int = PIXELS_MAX) -> Image.Image:
    """A JPEG, PNG or WebP as an upright picture in greys (mode L), see-through parts white.

    Size in bytes and pixels is checked before anything is decoded. Raises BadPicture. Computes: call it from
    a thread.
    """
    return _on_white(_upright(raw, pixels_max)).convert("L")


def shrink(raw: bytes, side_px: int, pixels_max: int = PIXELS_MAX) -> tuple[bytes, int, int]:
    """A new WebP (`SHRUNK_TYPE`) whose longer side is at most `side_px`, with its width and height in pixels.

    Only pixels are carried over: place, time, camera and everything else the file told is gone. A small
    picture is not enlarged. Raises BadPicture. Computes: call it from a thread.
    """
    picture = _on_white(_upright(raw, pixels_max))
    picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    written = io.BytesIO()
    bare.save(written, "WEBP", quality=80, method=4)
    return written.getvalue(), bare.width, bare.height


def _upright(raw: bytes, pixels_max: int) -> Image.Image:
    picture = _opened(raw, pixels_max)
    try:
        picture.load()
    except (*_FAULTS, Image.DecompressionBombError) as fault:
        raise BadPicture("broken") from fault
    try:
        return ImageOps.exif_transpose(picture)
    except _FAULTS:
        return picture


def _opened(raw: bytes, pixels_max: int) -> Image.Image:
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
    if picture.width * picture.height > pixels_max:
        raise BadPicture("pixels")
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")
