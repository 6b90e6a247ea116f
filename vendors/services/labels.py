"""The words on labels: kept with the listing, read for its page, its form and its review."""

from collections.abc import Mapping
from dataclasses import dataclass

from kit.db import select
from kit.i18n import Sentence
from vendors.labels import EXEMPT_LAW, LAW, PARTS, LabelPart, is_exempt, missing, names_of
from vendors.models import Listing, ListingLabel


@dataclass(frozen=True)
class LabelView:
    """A label as its page shows it: what it says, what law misses on it (None: nothing), and by which law."""

    rows: list[tuple[Sentence, str]]
    lacks: Sentence | None
    is_exempt: bool
    law: str


async def keep_label(listing: Listing, words: Mapping[str, str] | None) -> bool:
    """Keeps the label's words; whether they changed. None leaves them. Needs the act's transaction()."""
    if words is None:
        return False
    row = await ListingLabel.get_or_none(listing_id=listing.id)
    kept = {part: said for part, said in words.items() if said}
    if kept == (row.words if row else {}):
        return False
    if row is None:
        await ListingLabel.create(listing=listing, words=kept)
    else:
        row.words = kept
        await row.save(update_fields=["words", "changed_at"])
    return True


async def label_words(listing_ids: list[int]) -> dict[int, dict[str, str]]:
    """The labels of these listings by their ids; those without any are left out. One query."""
    rows = await select(ListingLabel, "WHERE listing_id = ANY($1)", [listing_ids])
    return {row.listing_id: row.words for row in rows}


async def label_of(listing_id: int) -> dict[str, str]:
    """One listing's label; empty when nothing was written."""
    return (await label_words([listing_id])).get(listing_id, {})


async def label_view(listing_id: int, kind: str) -> LabelView:
    """The label for the goods' page. One query."""
    words = await label_of(listing_id)
    lacking = missing(kind, words)
    return LabelView(
        rows=[(PARTS[part].name, words[part]) for part in LabelPart if words.get(part)],
        lacks=names_of(lacking) if lacking else None,
        is_exempt=is_exempt(kind),
        law=EXEMPT_LAW if is_exempt(kind) else LAW,
    )
