"""Media and limits: what the ground keeps outside the database."""

from pathlib import Path

from kit.limits import CountedLimits
from kit.media import open_media


async def test_a_file_is_kept_given_back_and_dropped(tmp_path: Path) -> None:
    """Through the same interface as an object store."""
    media = open_media("", tmp_path)
    await media.put("photos/ab/cd.webp", b"picture")
    assert await media.get("photos/ab/cd.webp") == b"picture"
    await media.drop("photos/ab/cd.webp")
    assert await media.get("photos/ab/cd.webp") is None
    await media.drop("photos/ab/cd.webp")


async def test_limits_count_by_key() -> None:
    """The one too many is refused, and only for its key."""
    limits = CountedLimits()
    assert [await limits.allows("a", times=2, seconds=60) for _ in range(3)] == [True, True, False]
    assert await limits.allows("b", times=2, seconds=60)
