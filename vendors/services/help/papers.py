"""Pictures of signatures: made small, sealed like identity papers, shown with a watermark, deleted when due."""

from datetime import datetime

from accounts.services import record
from kit.db import transaction
from kit.errors import NotFound
from kit.i18n import say
from kit.media import Media
from kit.sealed import SealKeys
from kit.text import ascii_name
from vendors.models import HelpConsent
from vendors.services.sealed_pictures import keep_sealed, opened_picture

DROPPED_AT_ONCE = 200


async def keep_signature(raw: bytes, media: Media, keys: SealKeys) -> str:
    """Seals and keeps the picture of a signature, before any transaction; its key. Refusal at `signature`."""
    blank = say("Ô ký còn trống. Mời chủ hộ ký tên.")
    return await keep_sealed(raw, "consent", media, keys, field="signature", blank=blank)


async def drop_signature(key: str, media: Media) -> None:
    """Deletes a signature that was kept for an act that did not happen."""
    await media.drop(key)


async def shown_signature(
    consent_id: int,
    *,
    viewer_id: int,
    viewer: str,
    is_admin: bool,
    media: Media,
    keys: SealKeys,
    now: datetime,
) -> bytes:
    """A signature as WebP with the viewer's name and the moment over it, for who signed and for administrators.

    The look goes into the trail. NotFound for anybody else's, and once it was deleted.
    """
    row = await HelpConsent.get_or_none(id=consent_id)
    mine = row is not None and (is_admin or row.for_person_id == viewer_id)
    sealed = await media.get(row.picture_key) if row and mine and row.picture_key else None
    if row is None or sealed is None:
        raise NotFound()
    async with transaction():
        await record(viewer_id, "help_signature_seen", "household", row.household_id, consent=row.id)
    name = ascii_name(viewer, 40) or str(viewer_id)
    return await opened_picture(sealed, row.picture_key, keys, viewer=name, now=now)


async def drop_due_signatures(media: Media, *, now: datetime) -> int:
    """Deletes signatures whose time has come; the consent stays. Gives how many."""
    due = await HelpConsent.filter(delete_at__lte=now).limit(DROPPED_AT_ONCE)
    for row in due:
        await media.drop(row.picture_key)
        await HelpConsent.filter(id=row.id).update(picture_key="", delete_at=None)
    return len(due)
