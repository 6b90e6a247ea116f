"""Pictures of identity papers: made small, sealed, kept apart from public photos, shown only with a watermark."""

from collections.abc import Sequence
from datetime import datetime

from anyio import to_thread

from accounts.services import record
from kit.codes import token
from kit.dates import show_moment
from kit.db import transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.media import Media
from kit.pictures import PIXELS_MAX, BadPicture, shrink, watermark
from kit.sealed import SealKeys
from kit.text import ascii_name
from vendors.models import IdentityDocument
from vendors.services.photos import PHOTO_BYTES_MAX, PHOTO_REASONS, picture_limiter

PAPERS_MAX = 4
SIDE_PX = 1600
DROPPED_AT_ONCE = 200


async def keep_papers(raws: Sequence[bytes], media: Media, keys: SealKeys) -> list[str]:
    """Seals and keeps pictures of papers, before any transaction; their keys. Refusal at `papers`."""
    if len(raws) > PAPERS_MAX:
        raise Refusal(say("Nhiều nhất {n} ảnh giấy tờ.", n=PAPERS_MAX), field="papers")
    small = [await _small(raw, number) for number, raw in enumerate(raws, 1)]
    kept = []
    for content in small:
        key = f"identity/{token()}"
        await media.put(key, keys.seal_file(content, key))
        kept.append(key)
    return kept


async def drop_papers(papers: Sequence[str], media: Media) -> None:
    """Deletes papers that were kept for an act that did not happen."""
    for key in papers:
        await media.drop(key)


async def shown_paper(
    paper_id: int,
    vendor_id: int,
    *,
    viewer_id: int,
    viewer: str,
    media: Media,
    keys: SealKeys,
    now: datetime,
) -> bytes:
    """A paper as WebP with the viewer's name and the moment drawn over it; the look goes into the trail. NotFound."""
    paper = await IdentityDocument.get_or_none(
        id=paper_id, identity__vendor_id=vendor_id, deleted_at__isnull=True
    )
    sealed = await media.get(paper.key) if paper else None
    if paper is None or sealed is None:
        raise NotFound()
    words = f"{ascii_name(viewer, 40) or viewer_id} {show_moment(now)}"
    async with transaction():
        await record(viewer_id, "identity_paper_seen", "vendor", vendor_id, paper=paper.id)
    content = keys.open_file(sealed, paper.key)
    return await to_thread.run_sync(watermark, content, words, limiter=picture_limiter())


async def drop_due_papers(media: Media, *, now: datetime) -> int:
    """Deletes papers whose time has come; the row stays and says when. Gives how many."""
    due = await IdentityDocument.filter(deleted_at__isnull=True, delete_at__lte=now).limit(DROPPED_AT_ONCE)
    for paper in due:
        await media.drop(paper.key)
        await IdentityDocument.filter(id=paper.id).update(deleted_at=now)
    return len(due)


async def _small(raw: bytes, number: int) -> bytes:
    try:
        if len(raw) > PHOTO_BYTES_MAX:
            raise BadPicture("bytes")
        content, _, _ = await to_thread.run_sync(shrink, raw, SIDE_PX, PIXELS_MAX, limiter=picture_limiter())
    except BadPicture as bad:
        why = PHOTO_REASONS[bad.reason]
        raise Refusal(say("Ảnh thứ {n}: {why}", n=number, why=why), field="papers") from None
    return content
