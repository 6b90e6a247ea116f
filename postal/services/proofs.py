"""Pictures from the door: made small, sealed, shown to staff with a watermark, deleted after half a year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import record
from kit.db import transaction
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.media import Media
from kit.sealed import SealKeys
from kit.text import ascii_name
from postal.models import ParcelProof, ProofKind
from vendors.services.sealed_pictures import keep_sealed, opened_picture

KEPT = timedelta(days=180)
DROPPED_AT_ONCE = 200


@dataclass(frozen=True)
class KeptProof:
    """A picture that has found its place in the media store."""

    kind: ProofKind
    key: str


@dataclass(frozen=True)
class ProofLine:
    """A proof as a page lists it."""

    id: int
    words: Sentence
    at: datetime


PROOF_WORDS = {ProofKind.PHOTO: say("Ảnh lúc giao"), ProofKind.SIGNATURE: say("Chữ ký người nhận")}


async def keep_proof(raw: bytes, kind: ProofKind, media: Media, keys: SealKeys) -> KeptProof:
    """Seals and keeps a picture, before any transaction. Refusal at the field named by its kind."""
    blank = say("Ô ký còn trống. Mời người nhận ký tên.") if kind is ProofKind.SIGNATURE else None
    return KeptProof(kind, await keep_sealed(raw, "proof", media, keys, field=kind, blank=blank))


async def drop_proofs(proofs: Sequence[KeptProof], media: Media) -> None:
    """Deletes pictures that were kept for an act that did not happen."""
    for one in proofs:
        await media.drop(one.key)


async def proofs_of(parcel_id: int) -> list[ProofLine]:
    """The proofs of a parcel that are still there, oldest first."""
    rows = await ParcelProof.filter(parcel_id=parcel_id, deleted_at__isnull=True).order_by("id").limit(20)
    return [ProofLine(row.id, PROOF_WORDS[row.kind], row.made_at) for row in rows]


async def shown_proof(
    proof_id: int, parcel_id: int, *, viewer_id: int, viewer: str, media: Media, keys: SealKeys, now: datetime
) -> bytes:
    """A proof as WebP with the viewer's name and the moment over it; the look goes into the trail. NotFound."""
    row = await ParcelProof.get_or_none(id=proof_id, parcel_id=parcel_id, deleted_at__isnull=True)
    sealed = await media.get(row.key) if row else None
    if row is None or sealed is None:
        raise NotFound()
    async with transaction():
        await record(viewer_id, "proof_seen", "parcel", parcel_id, proof=row.id)
    name = ascii_name(viewer, 40) or str(viewer_id)
    return await opened_picture(sealed, row.key, keys, viewer=name, now=now)


async def drop_old_proofs(media: Media, *, now: datetime) -> int:
    """Deletes pictures whose time has come; the row stays and says when. Gives how many."""
    old = await ParcelProof.filter(deleted_at__isnull=True, delete_at__lte=now).limit(DROPPED_AT_ONCE)
    for row in old:
        await media.drop(row.key)
        await ParcelProof.filter(id=row.id).update(deleted_at=now)
    return len(old)
