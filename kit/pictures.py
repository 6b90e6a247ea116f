"""Pictures from people: opened only when harmless, shown upright, made small, stripped of all they tell."""

import io
import struct
import zlib
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

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


def watermark(raw: bytes, words: str) -> bytes:
    """A new WebP with the words (ASCII: the built-in type has no accents) drawn over it again and again, slanting.

    Raises BadPicture. Computes: call it from a thread.
    """
    picture = _on_white(_upright(raw, PIXELS_MAX)).convert("RGBA")
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
